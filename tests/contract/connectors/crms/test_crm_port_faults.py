"""Whatever goes wrong on the way to a CRM, nothing is lost and nothing is there twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from attrs import evolve

from crossdock.connectors.calling import calling_as
from crossdock.errors import Conflict, RemoteError, RemoteUnauthorized
from crossdock.records import (
    Account,
    Activity,
    Contact,
    Item,
    ListPrice,
    Money,
    OrderEvent,
    PriceList,
)
from crossdock_mocks.engine import Fault

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOST = ("status_after_commit", "drop_after_commit", "half_body")


def loses(house, method, kind):
    """Lose the answer to each operation that a method writes with, once."""
    for operation in house.makes[method]:
        house.world.faults.add(Fault(kind=kind, operation=operation, times=1))


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_never_makes_a_second_order(house, port, draft, kind):
    for operation in house.makes["order_from_quote"]:
        quote = port.save_quote(draft)
        before, lines = house.orders()
        house.world.faults.add(Fault(kind=kind, operation=operation, times=1))
        order = port.order_from_quote(quote.id)
        assert house.orders() == (before + 1, lines + 2)
        assert (order.status, len(order.lines)) == ("submitted", 2)
        assert port.quote(quote.id).order_id == order.id


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize(
    "house", ["hubspot", "salesforce", "sage-crm", "saleslogix"], indirect=True
)
def test_a_lost_answer_to_a_new_quote_never_makes_a_second_quote(house, port, draft, kind):
    before = house.quotes()
    loses(house, "save_quote", kind)
    saved = port.save_quote(draft)
    assert house.quotes() == before + 1
    assert len(saved.lines) == 2


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_never_writes_progress_twice(house, port, order, progress, kind):
    loses(house, "update_order", kind)
    event = OrderEvent(key="a", at=NOON, kind="note", title="Told")
    assert port.update_order(progress(order)).status == "partly_shipped"
    port.add_order_event(order.id, event)
    assert port.order_events(order.id) == (event,)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_an_order_is_entered_once_under_its_reference(house, port, entered, kind):
    loses(house, "save_order", kind)
    made = port.save_order(entered)
    assert made == port.save_order(entered) == port.order(made.id)
    assert (made.status, made.pricing_status, made.priced_at) == ("submitted", "priced", NOON)
    assert (made.checks, made.gross, made.ship_to) == (
        entered.checks,
        entered.gross,
        entered.ship_to,
    )
    other = evolve(entered, lines=(evolve(entered.lines[0], quantity=4, net=None),))
    with pytest.raises(Conflict, match="has the reference"):
        port.save_order(evolve(other, net=None, tax=None, gross=None))


@pytest.mark.usefixtures("no_waiting")
def test_an_activity_comes_once_for_its_key(house, port, account, kim):
    loses(house, "add_activity", "drop_after_commit")
    task = Activity(
        id="",
        account_id=account,
        kind="task",
        subject="Call about what is overdue",
        text="Nothing was paid for 30 days.",
        owner_id=kim,
        due_at=NOON,
    )
    added = port.add_activity(task, key="overdue:1")
    assert port.add_activity(evolve(task, subject="Again"), key="overdue:1") == added
    assert evolve(added, id="", created_at=None) == task
    assert [each.id for each in port.activities(account)].count(added.id) == 1


def insisting(do, house, attempts=60):
    """Do something until it is done, as a worker does; time goes by between two attempts."""
    for _ in range(attempts):
        try:
            return do()
        except RemoteError:
            house.later(11)
    raise AssertionError("it was never done")


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.full) for n in (2, 3))])
def test_quotes_become_orders_once_through_a_storm(house, draft, seed):
    port = house.connect(**house.renewed)
    drafts = [port.save_quote(draft) for _ in range(3)]
    before, _ = house.orders()
    lost = ("drop_after_commit", "status_after_commit", "half_body", "drop_before", "status")
    house.world.faults.arm(
        [
            *(Fault(kind=kind, probability=0.06) for kind in lost),
            *(
                Fault(kind="expired_token", probability=0.02)
                for _ in range("issueToken" in house.app.operations)
            ),
            Fault(kind="malformed_json", probability=0.03),
            Fault(kind="status", status=429, retry_after=1, probability=0.03),
        ],
        seed,
    )
    event = OrderEvent(key="acknowledged", at=NOON, kind="acknowledged", title="Acknowledged")
    done = []
    for quote in drafts:
        order = insisting(lambda q=quote: port.order_from_quote(q.id), house)
        number = f"SO-{len(done)}"
        wanted = evolve(order, status="confirmed", erp_system="main", erp_order_id=number)
        insisting(lambda w=wanted: port.update_order(w), house)
        insisting(lambda o=order: port.add_order_event(o.id, event), house)
        done.append(order)
    struck = len([entry for entry in house.journal() if entry.fault])
    house.world.faults.clear()
    assert struck > 3
    assert house.orders()[0] == before + 3
    for quote, order in zip(drafts, done, strict=True):
        assert port.quote(quote.id).order_id == order.id
        kept = port.order(order.id)
        assert (kept.status, len(kept.lines)) == ("confirmed", 2)
        assert len(port.order_events(order.id)) == 1
    port.close()


# How it is entered.


@pytest.mark.parametrize("house", ["crm", "hubspot", "salesforce"], indirect=True)
def test_a_session_is_shared_and_renewed_when_it_ends(house):
    port = house.connect(**house.renewed)
    for times in (1, 2):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(port.user, ["kim"] * 16))
        assert len(house.journal("issueToken")) == times
        house.later(3 * 3600)
    port.close()


def test_what_opens_nothing_is_told_and_not_shown(house):
    with pytest.raises(RemoteUnauthorized) as caught:
        house.connect(**house.wrong).users()
    (secret,) = house.wrong.values()
    assert secret not in str(caught.value)


@pytest.mark.parametrize("house", ["crm", "hubspot", "sage-crm", "saleslogix"], indirect=True)
def test_who_may_only_read_is_told_so(house, draft):
    port = house.connect(**house.reader)
    assert port.users()
    with pytest.raises(RemoteUnauthorized) as caught:
        port.save_quote(draft)
    assert caught.value.status == 403
    port.close()


def test_the_journal_tells_who_called_and_no_secret(house, draft):
    identity = "crossdock/0.1.0 desk pid=1 plugin=straight-through"
    port = house.connect(**house.renewed)
    with calling_as(identity, correlation_id="click-1"):
        port.save_quote(draft)
    made = [entry for op in house.makes["save_quote"] for entry in house.journal(op)]
    assert made
    for entry in made:
        headers = entry.raw_request_headers
        assert headers["user-agent"] == identity
        assert headers["x-correlation-id"] == "click-1"
        assert house.secret not in json.dumps(entry.as_dict(), default=str)
    port.close()


def test_a_connector_uses_the_operations_that_it_declares(
    house, draft, entered, progress, drained, account
):
    port = house.connect(**house.renewed)
    made = port.save_account(Account(id="", name="New"))
    contact = port.save_contact(Contact(id="", account_id=made.id, last_name="Wolf"))
    house.later()
    port.save_account(evolve(made, name="Newer"))
    port.save_contact(evolve(port.contact(contact.id), account_id=account))
    port.accounts("Newer")
    port.accounts()
    for method in ("contacts", "activities", "quotes", "orders"):
        getattr(port, method)(account)
    if house.cases:
        port.cases(account)
    port.account(account)
    port.users()
    port.user("kim")
    port.stages()
    deal = port.opportunities(account)[0]
    new = port.save_opportunity(evolve(deal, id="", name="Deal", version=None))
    house.later()
    port.save_opportunity(evolve(port.opportunity(new.id), name="Deal 2"))
    saved = port.quote(port.save_quote(draft).id)
    house.later()
    saved = port.save_quote(evolve(saved, lines=saved.lines[:1], net=None, tax=None, gross=None))
    order = port.order_from_quote(saved.id)
    port.update_order(progress(order))
    port.add_order_event(order.id, OrderEvent(key="a", at=NOON, kind="note", title="Told"))
    port.order_events(order.id)
    port.add_activity(Activity(id="", account_id=account, kind="note", subject="Hi"), key="hi")
    port.save_order(entered)
    if "item" in port.keeps:
        item = port.save_item(Item(id="NEW-1", name="New", system=port.system))
        house.later()
        port.save_item(evolve(port.item(item.id), name="Newer"))
        port.all_items()
    if "price_list" in port.keeps:
        trade = PriceList(id="", name="Trade", system=port.system, currency=saved.currency)
        trade = port.save_price_list(trade)
        amount = Money("9", saved.currency)
        port.save_item(evolve(port.item(item.id), list_price=amount))
        port.save_price(
            ListPrice(price_list_id=trade.id, item_id=item.id, system=port.system, price=amount)
        )
        port.prices(trade.id)
        house.later()
        known = next(each for each in port.price_lists() if each.id == trade.id)
        port.save_price_list(evolve(known, active=False))
    port.writes_as()
    drained(port)
    used = {entry.operation_id for entry in house.journal()} - house.within
    assert used | house.furnished | house.beyond == port.used_operations
    for entry in house.journal():
        assert entry.verdict in ("answered", "refused"), entry.reason
    port.close()
