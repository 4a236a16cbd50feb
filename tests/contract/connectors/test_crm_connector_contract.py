"""The CRM connector against the reference CRM's mock."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.connectors import crm
from crossdock.connectors.calling import acting_for, calling_as
from crossdock.errors import (
    Conflict,
    NotFound,
    NotSupported,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.records import (
    Account,
    Activity,
    Address,
    Check,
    Contact,
    Money,
    Opportunity,
    Order,
    OrderEvent,
    OrderLine,
    Quote,
    QuoteLine,
)
from crossdock_mocks.engine import Fault

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def eur(amount):
    return Money(amount, "EUR")


@pytest.fixture
def account(dataset):
    """The account with the most quotes."""
    ids = [row["account_id"] for row in dataset.rows("quotes")]
    return max(sorted(set(ids)), key=ids.count)


@pytest.fixture
def draft(account):
    """A quote with everything that a record can say of one."""
    return Quote(
        id="",
        account_id=account,
        currency="EUR",
        owner_id="U-kim",
        trading_account="main:C-10002",
        valid_until=date(2026, 12, 31),
        lines=(
            QuoteLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="each",
                description="Bearing",
                list_price=eur("12.50"),
                unit_price=eur("11.00"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                tax_rate=Decimal("0.2"),
                tax=eur("6.27"),
                price_rule="customer contract",
                price_source="Contract 2026",
                promised_on=date(2026, 11, 24),
            ),
            QuoteLine(
                number=4,
                item_id="SEA-1001",
                quantity=Decimal("2.5"),
                unit="m",
                unit_price=eur("4.00"),
                net=eur("10.00"),
                tax_rate=Decimal("0.2"),
                tax=eur("2.00"),
            ),
        ),
        net=eur("41.35"),
        tax=eur("8.27"),
        gross=eur("49.62"),
        pricing_status="priced",
        priced_at=NOON,
        price_source="main",
        checks=(Check(level="warning", message="Short", code="stock.short", field="lines.0"),),
    )


@pytest.fixture
def order(crm_port, draft):
    """An order that was just made of a quote."""
    return crm_port.order_from_quote(crm_port.save_quote(draft).id)


def test_accounts_are_the_data_sets(crm_port, dataset):
    expected = {row["id"]: row for row in dataset.rows("accounts")}
    accounts = {}
    cursor = None
    while True:
        page = crm_port.accounts(after=cursor, limit=7)
        accounts |= {account.id: account for account in page.items}
        cursor = page.next
        if cursor is None:
            break
    assert page.total == len(expected)
    assert set(accounts) == set(expected)
    for account_id, row in expected.items():
        account = accounts[account_id]
        assert account == crm_port.account(account_id)
        assert (account.name, account.kind, account.email) == (
            row["name"],
            row["kind"],
            row["email"],
        )
        assert account.address.city == (row["city"] or "")
        assert account.created_at == row["created_at"]
        known = {"main": row["customer_id"]} if row["customer_id"] else {}
        assert dict(account.external_ids) == known


def test_accounts_are_searched(crm_port, dataset):
    wanted = next(dataset.rows("accounts"))
    found = crm_port.accounts(f"{wanted['name']} {wanted['city']}")
    assert [account.id for account in found.items] == [wanted["id"]]
    assert crm_port.accounts("nobody is called so").items == ()


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("contacts", "contacts"),
        ("opportunities", "opportunities"),
        ("activities", "activities"),
        ("quotes", "quotes"),
    ],
)
def test_everything_of_an_account_is_the_data_sets(crm_port, dataset, kind, method):
    for row in dataset.rows("accounts"):
        expected = {each["id"] for each in dataset.rows(kind) if each["account_id"] == row["id"]}
        assert {each.id for each in getattr(crm_port, method)(row["id"])} == expected


@pytest.mark.parametrize("method", ["opportunities", "activities", "quotes", "orders"])
def test_lists_come_newest_first(crm_port, account, method):
    stamps = [each.created_at for each in getattr(crm_port, method)(account)]
    assert len(stamps) > 1
    assert stamps == sorted(stamps, reverse=True)


def test_opportunities_carry_the_stages_probability(crm_port, dataset, account):
    stages = {stage.id: stage for stage in crm_port.stages()}
    assert [stage.position for stage in stages.values()] == sorted(
        row["position"] for row in dataset.rows("stages")
    )
    for opportunity in crm_port.opportunities(account):
        assert opportunity == crm_port.opportunity(opportunity.id)
        assert opportunity.probability == stages[opportunity.stage_id].probability


def test_quotes_have_their_lines(crm_port, dataset, account):
    for quote in crm_port.quotes(account):
        lines = [row for row in dataset.rows("quote_lines") if row["quote_id"] == quote.id]
        assert [(line.number, line.item_id, line.quantity) for line in quote.lines] == [
            (row["line"], row["item_id"], row["quantity"]) for row in lines
        ]


def test_users_are_found_by_id_and_by_login_name(crm_port, dataset):
    expected = {row["id"]: row for row in dataset.rows("users")}
    assert {user.id for user in crm_port.users()} == set(expected)
    kim = crm_port.user("U-kim")
    assert kim == crm_port.user("kim")
    assert (kim.name, kim.roles) == (expected["U-kim"]["name"], (expected["U-kim"]["role"],))
    with pytest.raises(NotFound):
        crm_port.user("nobody")


@pytest.mark.parametrize("read", ["account", "opportunity", "quote", "order", "user"])
def test_what_does_not_exist_is_not_found(crm_port, read):
    with pytest.raises(NotFound, match=r"The CRM at http://crm\.test"):
        getattr(crm_port, read)("X-404")


def test_a_quote_keeps_everything_that_was_saved(crm_port, draft):
    saved = crm_port.save_quote(draft)
    assert saved.id.startswith("Q-")
    kept = {"id": "", "version": None, "created_at": None, "modified_at": None}
    assert evolve(saved, **kept) == draft
    assert crm_port.quote(saved.id) == saved


def test_saving_what_was_read_changes_nothing(crm_port, crm_mock, draft):
    saved = crm_port.save_quote(draft)
    again = crm_port.save_quote(saved)
    assert evolve(again, modified_at=saved.modified_at) == saved
    assert len(crm_port.changes(None).changes) == 1


def test_a_quote_is_replaced_and_emptied_fields_are_cleared(crm_port, draft):
    saved = crm_port.save_quote(draft)
    emptied = evolve(
        saved,
        valid_until=None,
        trading_account="",
        lines=saved.lines[:1],
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        checks=(),
    )
    changed = crm_port.save_quote(emptied)
    assert evolve(changed, version=saved.version, modified_at=saved.modified_at) == emptied


def test_a_stale_quote_is_not_overwritten(crm_port, draft):
    first = crm_port.save_quote(draft)
    crm_port.save_quote(evolve(first, valid_until=date(2027, 1, 1)))
    with pytest.raises(Conflict) as caught:
        crm_port.save_quote(evolve(first, valid_until=date(2028, 1, 1)))
    assert caught.value.code == "stale_version"
    assert crm_port.quote(first.id).valid_until == date(2027, 1, 1)


def test_an_unknown_account_is_told_beside_its_field(crm_port, draft):
    with pytest.raises(RemoteRejectedData) as caught:
        crm_port.save_quote(evolve(draft, account_id="A-404"))
    assert [error.field for error in caught.value.fields] == ["account_id"]


def test_totals_that_do_not_add_up_are_refused(crm_port, draft):
    with pytest.raises((RemoteRejectedData, RemoteRefused)) as caught:
        crm_port.save_quote(evolve(draft, gross=eur("99.00")))
    assert caught.value.status == 422


def test_a_quote_has_one_order(crm_port, draft):
    quote = crm_port.save_quote(draft)
    order = crm_port.order_from_quote(quote.id)
    assert crm_port.order_from_quote(quote.id) == order == crm_port.order(order.id)
    assert (order.quote_id, order.status, order.account_id) == (
        quote.id,
        "submitted",
        quote.account_id,
    )
    assert [
        (line.number, line.item_id, line.quantity, line.unit, line.unit_price, line.quote_line)
        for line in order.lines
    ] == [
        (line.number, line.item_id, line.quantity, line.unit, line.unit_price, line.number)
        for line in quote.lines
    ]
    assert (order.net, order.tax, order.gross) == (quote.net, quote.tax, quote.gross)
    ordered = crm_port.quote(quote.id)
    assert (ordered.status, ordered.order_id) == ("ordered", order.id)
    assert order in crm_port.orders(quote.account_id)


def test_a_quote_without_lines_is_refused_as_business(crm_port, draft):
    empty = evolve(draft, lines=(), net=None, tax=None, gross=None)
    quote = crm_port.save_quote(empty)
    with pytest.raises(RemoteRefused) as caught:
        crm_port.order_from_quote(quote.id)
    assert caught.value.code == "quote_without_lines"


def progress(order):
    line = evolve(
        order.lines[0],
        shipped=Decimal(1),
        reserved=Decimal(1),
        back_ordered=Decimal(1),
        promised_on=date(2026, 12, 1),
    )
    return evolve(
        order,
        status="partly_shipped",
        erp_system="main",
        erp_order_id="SO-900001",
        promised_on=date(2026, 12, 1),
        lines=(line, *order.lines[1:]),
    )


def test_an_order_is_told_how_far_it_has_come(crm_port, order):
    wanted = progress(order)
    updated = crm_port.update_order(wanted)
    assert updated == evolve(wanted, customer_id="C-10002", version="2")
    assert crm_port.order(order.id) == updated


def test_telling_an_order_the_same_again_changes_nothing(crm_port, crm_mock, order):
    updated = crm_port.update_order(progress(order))
    seen = len(crm_port.changes(None).changes)
    assert crm_port.update_order(progress(order)) == updated
    assert len(crm_port.changes(None).changes) == seen


def test_an_order_goes_through_all_its_stages(crm_port, order):
    def line(order, **quantities):
        numbers = {name: Decimal(value) for name, value in quantities.items()}
        return (evolve(order.lines[0], **numbers), *order.lines[1:])

    current = crm_port.update_order(progress(order))
    for status, quantities in [
        ("shipped", {"shipped": 3, "reserved": 0, "back_ordered": 0}),
        ("partly_invoiced", {"invoiced": 1}),
        ("invoiced", {"invoiced": 3}),
        ("paid", {}),
        ("returned", {"returned": 3}),
    ]:
        wanted = evolve(current, status=status, lines=line(current, **quantities))
        current = crm_port.update_order(wanted)
        assert current == evolve(wanted, version=current.version)


def test_two_orders_cannot_have_one_erp_order(crm_port, draft, order):
    crm_port.update_order(progress(order))
    other = crm_port.order_from_quote(crm_port.save_quote(draft).id)
    with pytest.raises(Conflict) as caught:
        crm_port.update_order(progress(other))
    assert caught.value.code == "erp_order_taken"


def test_many_writers_of_one_order_all_come_through(crm_port, order):
    def note(number):
        event = OrderEvent(key=f"k{number}", at=NOON, kind="note", title=f"Note {number}")
        crm_port.add_order_event(order.id, event)
        return crm_port.update_order(evolve(order, external_ids={f"system{number}": f"X-{number}"}))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(note, range(3)))
    assert dict(crm_port.order(order.id).external_ids) == {
        f"system{number}": f"X-{number}" for number in range(3)
    }
    assert len(crm_port.order_events(order.id)) == 3


def test_a_timeline_keeps_each_key_once(crm_port, order):
    first = OrderEvent(key="a", at=NOON - timedelta(days=1), kind="note", title="First")
    second = OrderEvent(
        key="b",
        at=NOON - timedelta(hours=5),
        kind="acknowledged",
        title="Acknowledged",
        text="By the ERP",
        document_id="SO-1",
        actor="straight-through",
    )
    for event in (second, first, second, evolve(first, title="Told again")):
        crm_port.add_order_event(order.id, event)
    assert crm_port.order_events(order.id) == (first, second)


def test_the_change_feed_is_read_to_its_end(crm_port, order):
    cursor, found = None, []
    while True:
        piece = crm_port.changes(cursor, limit=2)
        found += piece.changes
        cursor = piece.cursor
        if not piece.more:
            break
    assert {(change.entity, change.action) for change in found} == {
        ("quote", "created"),
        ("order", "created"),
        ("quote", "updated"),
    }
    assert len(found) == 3
    assert crm_port.changes(cursor).changes == ()


def test_an_expired_token_is_renewed_without_anybody_noticing(crm_port, crm_mock):
    crm_port.users()
    crm_mock.world.clock.advance(timedelta(hours=2))
    assert crm_port.user("U-kim").id == "U-kim"
    assert len(crm_mock.journal("issueToken")) == 2


def test_many_threads_share_one_token(crm_port, crm_mock):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(crm_port.user, ["U-kim"] * 40))
    assert len(crm_mock.journal("issueToken")) == 1


def test_a_wrong_secret_is_told(crm_mock):
    port = crm.connect(
        "crm",
        {"url": "http://crm.test", "client_id": "crossdock", "client_secret": "wrong-secret"},
        transport=crm_mock.transport(),
    )
    with pytest.raises(RemoteUnauthorized, match="invalid_client") as caught:
        port.users()
    assert "wrong-secret" not in str(caught.value)


def test_a_token_without_the_right_to_write_is_told(crm_mock, draft):
    port = crm.connect(
        "crm",
        {"url": "http://crm.test", "client_id": "reader", "client_secret": "reader-secret"},
        transport=crm_mock.transport(),
    )
    assert port.users()
    with pytest.raises(RemoteUnauthorized) as caught:
        port.save_quote(draft)
    assert caught.value.status == 403


def test_the_journal_tells_who_called_and_for_whom(crm_port, crm_mock, draft):
    identity = "crossdock/0.1.0 desk pid=1 plugin=straight-through"
    with calling_as(identity, correlation_id="click-1"), acting_for("U-kim"):
        saved = crm_port.save_quote(draft)
    (entry,) = crm_mock.journal("createQuote")
    headers = entry.raw_request_headers
    assert headers["user-agent"] == identity
    assert headers["x-correlation-id"] == "click-1"
    assert crm_mock.world.table("crm_quotes").get(saved.id)["created_by"] == "U-kim"


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", ["status_after_commit", "drop_after_commit", "half_body"])
def test_a_lost_answer_never_makes_a_second_order(crm_port, crm_mock, draft, kind):
    quote = crm_port.save_quote(draft)
    before = crm_mock.world.table("crm_orders").count()
    crm_mock.world.faults.add(Fault(kind=kind, operation="orderQuote", times=1))
    order = crm_port.order_from_quote(quote.id)
    assert crm_mock.world.table("crm_orders").count() == before + 1
    assert crm_port.quote(quote.id).order_id == order.id


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", ["status_after_commit", "drop_after_commit", "half_body"])
def test_a_lost_answer_never_writes_progress_twice(crm_port, crm_mock, order, kind):
    crm_mock.world.faults.add(Fault(kind=kind, operation="changeOrder", times=1))
    event = OrderEvent(key="a", at=NOON, kind="note", title="Told")
    crm_mock.world.faults.add(Fault(kind=kind, operation="addTimelineEntry", times=1))
    assert crm_port.update_order(progress(order)).version == "2"
    crm_port.add_order_event(order.id, event)
    assert crm_port.order_events(order.id) == (event,)


@pytest.mark.usefixtures("no_waiting")
def test_a_lost_answer_to_a_new_quote_is_told_and_not_tried_again(crm_port, crm_mock, draft):
    crm_mock.world.faults.add(Fault(kind="drop_after_commit", operation="createQuote"))
    with pytest.raises(RemoteUnavailable, match="Whether the call took effect is not known"):
        crm_port.save_quote(draft)
    assert len(crm_mock.journal("createQuote")) == 1


def test_an_account_is_created_and_replaced(crm_port):
    wanted = Account(
        id="",
        name="Kraft & Sohn",
        kind="prospect",
        industry="Machinery",
        owner_id="U-kim",
        email="office@kraft.example",
        phone="+49 30 1",
        website="https://kraft.example",
        tax_number="DE1",
        address=Address(street="Hafen 1", city="Kiel", postcode="24103", country="DE"),
        currency="EUR",
        external_ids={"main": "C-777"},
    )
    made = crm_port.save_account(wanted)
    assert made == crm_port.account(made.id)
    assert wanted == evolve(
        made, id="", created_at=None, modified_at=None, version=None
    )  # all that was said was kept
    emptied = evolve(made, phone=None, industry="", address=Address(), external_ids={"uk": "7"})
    saved = crm_port.save_account(emptied)
    assert (saved.phone, saved.industry, saved.address, saved.version) == (None, "", Address(), "2")
    assert saved.external_ids == {"main": "C-777", "uk": "7"}  # an id that was not named stays
    with pytest.raises(Conflict):
        crm_port.save_account(made)


def test_a_contact_is_created_and_replaced(crm_port, account):
    wanted = Contact(
        id="", account_id=account, first_name="Ada", last_name="Wolf", email="ada@wolf.example"
    )
    made = crm_port.save_contact(wanted)
    assert made == crm_port.contact(made.id) == evolve(wanted, id=made.id, version="1")
    saved = crm_port.save_contact(evolve(made, job_title="Buyer", email=None))
    assert (saved.job_title, saved.email, saved.version) == ("Buyer", None, "2")
    with pytest.raises(Conflict):
        crm_port.save_contact(made)


def test_a_probability_is_an_override_only_where_it_differs(crm_port, crm_mock, account):
    first, second = [stage for stage in crm_port.stages() if stage.kind == "open"][:2]
    wanted = Opportunity(
        id="",
        account_id=account,
        name="Spare parts",
        stage_id="",
        amount=eur("1200.00"),
        close_on=date(2026, 12, 31),
    )
    made = crm_port.save_opportunity(wanted)
    assert (made.stage_id, made.probability) == (first.id, first.probability)
    moved = crm_port.save_opportunity(evolve(made, stage_id=second.id, amount=eur("900.00")))
    assert (moved.stage_id, moved.probability) == (second.id, second.probability)
    sure = crm_port.save_opportunity(evolve(moved, probability=Decimal("0.85")))
    assert (sure.probability, sure.amount) == (Decimal("0.85"), eur("900.00"))
    overrides = [
        "probability_override" in json.loads(entry.request_body or "{}")
        for entry in crm_mock.journal("changeOpportunity")
    ]
    assert overrides == [False, True]
    with pytest.raises(Conflict):
        crm_port.save_opportunity(moved)


@pytest.fixture
def entered(draft):
    """An order as somebody enters it without a quote."""
    return Order(
        id="",
        system="crm",
        currency="EUR",
        account_id=draft.account_id,
        reference="desk-1",
        trading_account="main:C-10002",
        requested_on=date(2026, 12, 1),
        ship_to=Address(street="Hafen 1", city="Kiel"),
        lines=(
            OrderLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit_price=eur("11.00"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
            ),
        ),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        pricing_status="priced",
        priced_at=NOON,
        price_source="main",
        checks=(Check(level="warning", message="Short", code="stock.short", field="lines.0"),),
        external_ids={"crossdock": "desk-1"},
    )


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", ["status_after_commit", "drop_after_commit"])
def test_an_order_is_entered_once_under_its_reference(crm_port, crm_mock, entered, kind):
    crm_mock.world.faults.add(Fault(kind=kind, operation="createOrder", times=1))
    made = crm_port.save_order(entered)
    assert made == crm_port.save_order(entered) == crm_port.order(made.id)
    assert (made.status, made.pricing_status, made.priced_at) == ("submitted", "priced", NOON)
    assert (made.checks, made.gross, made.ship_to) == (
        entered.checks,
        entered.gross,
        entered.ship_to,
    )
    other = evolve(entered, lines=(evolve(entered.lines[0], quantity=Decimal(4), net=None),))
    with pytest.raises(Conflict, match="has the reference"):
        crm_port.save_order(evolve(other, net=None, tax=None, gross=None))


def test_a_draft_of_an_order_counts_nowhere_until_it_is_submitted(crm_port, crm_mock, entered):
    unpriced = evolve(entered, status="draft", pricing_status="unchecked", priced_at=None)
    made = crm_port.save_order(unpriced)
    assert (made.status, made.pricing_status, made.priced_at) == ("draft", "unchecked", None)
    with pytest.raises(Conflict, match="draft"):
        crm_port.update_order(evolve(made, status="confirmed"))
    with pytest.raises(Conflict, match="draft"):
        crm_port.update_order(evolve(made, erp_system="main", erp_order_id="SO-1"))
    priced = evolve(made, status="submitted", pricing_status="priced", priced_at=NOON, checks=())
    saved = crm_port.save_order(priced)
    assert (saved.status, saved.pricing_status, saved.priced_at, saved.checks) == (
        "submitted",
        "priced",
        NOON,
        (),
    )
    with pytest.raises(NotSupported, match="has given the order"):
        crm_port.save_order(evolve(saved, requested_on=None))


def test_a_draft_keeps_its_lines_and_a_stale_one_is_refused(crm_port, entered):
    made = crm_port.save_order(evolve(entered, status="draft"))
    with pytest.raises(RemoteRejectedData, match="keeps the lines"):
        crm_port.save_order(evolve(made, lines=()))
    crm_port.save_order(evolve(made, requested_on=None))
    with pytest.raises(Conflict):
        crm_port.save_order(made)


@pytest.mark.usefixtures("no_waiting")
def test_an_activity_comes_once_for_its_key(crm_port, crm_mock, account):
    crm_mock.world.faults.add(Fault(kind="drop_after_commit", operation="createActivity", times=1))
    task = Activity(
        id="",
        account_id=account,
        kind="task",
        subject="Call about what is overdue",
        text="Nothing was paid for 30 days.",
        owner_id="U-kim",
        due_at=NOON,
    )
    added = crm_port.add_activity(task, key="overdue:1")
    assert crm_port.add_activity(evolve(task, subject="Again"), key="overdue:1") == added
    assert evolve(added, id="", created_at=None) == task
    assert [each.id for each in crm_port.activities(account)].count(added.id) == 1


def test_the_connector_uses_the_operations_that_it_declares(
    crm_port, crm_mock, dataset, draft, entered
):
    account_id = draft.account_id
    account = crm_port.save_account(Account(id="", name="New"))
    crm_port.save_account(evolve(account, name="Newer"))
    contact = crm_port.save_contact(Contact(id="", account_id=account.id, last_name="Wolf"))
    crm_port.save_contact(evolve(crm_port.contact(contact.id), last_name="Fuchs"))
    deal = Opportunity(id="", account_id=account.id, name="Deal", stage_id="", amount=eur("1.00"))
    deal = crm_port.save_opportunity(evolve(deal, close_on=NOON.date()))
    crm_port.save_opportunity(evolve(deal, name="Deal 2"))
    crm_port.save_order(entered)
    note = Activity(id="", account_id=account.id, kind="note", subject="Hello")
    crm_port.add_activity(note, key="hello")
    crm_port.account(account_id)
    crm_port.accounts()
    crm_port.contacts(account_id)
    crm_port.activities(account_id)
    crm_port.users()
    crm_port.user("kim")
    crm_port.stages()
    opportunity = crm_port.opportunities(account_id)[0]
    crm_port.opportunity(opportunity.id)
    crm_port.quotes(account_id)
    saved = crm_port.save_quote(evolve(draft, opportunity_id=opportunity.id))
    saved = crm_port.save_quote(evolve(saved, valid_until=None))
    crm_port.quote(saved.id)
    order = crm_port.order_from_quote(saved.id)
    crm_port.orders(account_id)
    crm_port.update_order(progress(order))
    crm_port.add_order_event(order.id, OrderEvent(key="a", at=NOON, kind="note", title="Told"))
    crm_port.order_events(order.id)
    crm_port.changes(None)
    assert {entry.operation_id for entry in crm_mock.journal()} == crm_port.used_operations
    for entry in crm_mock.journal():
        assert entry.verdict in ("answered", "refused"), entry.reason
        if entry.operation_id != "issueToken":
            assert "crossdock-secret" not in json.dumps(entry.as_dict(), default=str)
