"""What HubSpot does in its own way, and its connector with it."""

from datetime import date
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.connectors import hubspot
from crossdock.errors import Conflict, RemoteRejectedData, RemoteUnavailable
from crossdock.records import Account, Contact, Money, OrderLine
from crossdock_mocks.engine import Fault

pytestmark = pytest.mark.parametrize("house", ["hubspot"], indirect=True)


def test_users_are_found_by_their_address_too(port, kim):
    user = port.user(kim)
    assert user == port.user(user.email)


@pytest.fixture
def sent(house, port):
    """A quote that a customer can see."""
    return next(
        quote
        for account in house.accounts.values()
        for quote in port.quotes(account.id)
        if quote.status == "sent"
    )


def test_a_published_quote_is_taken_back_while_it_is_changed(house, port, sent):
    house.later()
    later = port.save_quote(evolve(sent, valid_until=date(2027, 3, 1)))
    assert (later.status, later.valid_until) == ("sent", date(2027, 3, 1))
    house.later()
    before = len(house.journal("updateObject"))
    priced = port.save_quote(evolve(later, pricing_status="priced", price_source="main"))
    assert (priced.status, priced.pricing_status) == ("sent", "priced")
    assert len(house.journal("updateObject")) == before + 1  # ours are never locked
    house.later()
    draft = port.save_quote(evolve(priced, status="draft"))
    assert draft.status == "draft"
    house.later()
    assert port.save_quote(evolve(draft, status="sent")).status == "sent"
    house.later()
    declined = port.save_quote(evolve(port.quote(sent.id), status="declined"))
    assert declined.status == "declined"


def test_a_quote_that_hubspot_does_not_publish_stays_a_draft(port, draft):
    before = {quote.id for quote in port.quotes(draft.account_id)}
    with pytest.raises(RemoteRejectedData, match="cannot be published"):
        port.save_quote(evolve(draft, status="sent"))
    (made,) = (q for q in port.quotes(draft.account_id) if q.id not in before)
    assert (made.gross, len(made.lines)) == (draft.gross, 2)


def test_a_line_that_a_person_added_in_hubspot_gets_the_next_number(house, port, draft):
    saved = port.save_quote(draft)
    house.later()
    added = house.person().post(
        "/crm/v3/objects/line_items",
        json={
            "properties": {"name": "By hand", "hs_sku": "BRG-1002", "quantity": "2", "price": "8"},
            "associations": [
                {
                    "to": {"id": saved.id},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 68}],
                }
            ],
        },
    )
    assert added.is_success, added.text
    now = port.quote(saved.id)
    assert [(line.number, line.item_id) for line in now.lines] == [
        (1, "BRG-1001"),
        (2, "BRG-1002"),
        (4, "SEA-1001"),
    ]
    house.later()
    again = port.save_quote(evolve(now, net=None, tax=None, gross=None))
    assert again.lines[1].number == 2


def test_a_clone_of_an_ordered_quote_is_not_ordered(house, port, order):
    names = ("hs_title", "hs_expiration_date", "crossdock_order", "hs_currency")
    person = house.person()
    read = person.get(
        f"/crm/v3/objects/quotes/{order.quote_id}", params={"properties": ",".join(names)}
    ).json()["properties"]
    copied = {name: read[name] for name in names}
    clone = person.post("/crm/v3/objects/quotes", json={"properties": copied, "associations": []})
    assert clone.is_success, clone.text
    quote = port.quote(clone.json()["id"])
    assert (quote.status, quote.order_id) == ("draft", None)


def test_an_address_that_another_contact_has_is_refused(port, account):
    wanted = Contact(id="", account_id=account, last_name="Wolf", email="ada@wolf.example")
    port.save_contact(wanted)
    with pytest.raises(Conflict, match="already exists"):
        port.save_contact(evolve(wanted, last_name="Fuchs"))


def test_an_order_gets_a_line_that_the_erp_added(port, order):
    line = OrderLine(
        number=9, item_id="FRT-1001", quantity=Decimal(1), description="Freight",
        net=Money("8.00", "EUR"),
    )  # fmt: skip
    updated = port.update_order(evolve(order, lines=(*order.lines, line)))
    assert updated.lines == (*order.lines, line)


def test_an_account_that_was_merged_is_told_with_the_one_that_goes_on(house, port, drained):
    one, other = (port.save_account(Account(id="", name=name)).id for name in ("One", "Other"))
    house.later(60)
    _, cursor = drained(port)
    body = {"primaryObjectId": one, "objectIdToMerge": other}
    house.person().post("/crm/v3/objects/companies/merge", json=body).raise_for_status()
    house.later(10)
    news, _ = drained(port, cursor)
    assert {(each.id, each.action, each.successor) for each in news} == {
        (one, "updated", ""),
        (other, "deleted", one),
    }
    assert port.account(other).id == one


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("operation", ["batchUpsertObjects", "updateObject"])
def test_an_order_that_was_broken_off_is_finished_by_whoever_asks_next(
    house, port, draft, operation
):
    quote = port.save_quote(draft)
    before, _ = house.orders()
    house.world.faults.add(Fault(kind="status", status=503, operation=operation, times=3))
    with pytest.raises(RemoteUnavailable):
        port.order_from_quote(quote.id)
    house.later()
    assert port.quote(quote.id).status != "ordered"
    order = port.order_from_quote(quote.id)
    assert (order.status, len(order.lines)) == ("submitted", 2)
    assert house.orders()[0] == before + 1


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("policy", "wait"), [("SECONDLY", 1.0), ("TEN_SECONDLY_ROLLING", 10.0), ("DAILY", 3600.0)]
)
def test_a_limit_says_how_long_to_wait_and_that_nothing_was_done(house, policy, wait):
    body = {
        "status": "error",
        "message": "You have reached your limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf",
        "policyName": policy,
        "requestId": "1",
    }
    answers = [httpx.Response(429, json=body)] * 3
    limited = hubspot.connect(
        "crm",
        {"url": "http://hubspot.test", **house.settings},
        transport=httpx.MockTransport(lambda _request: answers.pop()),
    )
    with pytest.raises(RemoteUnavailable) as caught:
        limited.account("1")
    assert (caught.value.retry_after, caught.value.maybe_done) == (wait, False)
    assert caught.value.code == f"RATE_LIMIT.{policy}"
    assert len(answers) == (0 if wait <= 2 else 2)  # what is short is waited out here
