"""The HubSpot connector against the mock of HubSpot: what the reference connector does, and what
differs by what HubSpot can do."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.connectors import hubspot
from crossdock.connectors.calling import calling_as
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
from crossdock_mocks.dialects.hubspot import dialect
from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP, PUBLIC_APP, READER, REFRESH_TOKEN
from crossdock_mocks.engine import App, Fault, MockTransport

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SETTINGS = {
    "url": "http://hubspot.test",
    "access_token": PRIVATE_APP.token,
    "searches_per_second": 10_000.0,
    "archived_every": 0.000_001,
    "roles": {"Sales": "manager", "Accounting": "accounting"},
    "default_role": "sales",
}


def eur(amount):
    return Money(amount, "EUR")


class Portal:
    """The mock, and what can be seen of it besides the connector."""

    def __init__(self, dataset):
        self.app = App(dialect())
        self.world = self.app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))

    def transport(self):
        return MockTransport(self.app, self.world)

    def connect(self, **over):
        return hubspot.connect("crm", SETTINGS | over, transport=self.transport())

    def later(self, seconds=15):
        """Let time go by, in which limits pass and searches catch up."""
        self.world.clock.advance(timedelta(seconds=seconds))

    def journal(self, operation=None):
        return [
            entry
            for entry in self.world.journal
            if operation is None or entry.operation_id == operation
        ]

    def count(self, kind):
        """How many objects of a kind there are, by the portal's own list."""
        client = httpx.Client(
            transport=self.transport(),
            base_url="http://hubspot.test",
            headers={"Authorization": f"Bearer {PRIVATE_APP.token}"},
        )
        number, after = 0, None
        while True:
            query = {"limit": 100} | ({"after": after} if after else {})
            body = client.get(f"/crm/v3/objects/{kind}", params=query).raise_for_status().json()
            number += len(body["results"])
            if "paging" not in body:
                return number
            after = body["paging"]["next"]["after"]


@pytest.fixture(scope="module")
def opened(dataset):
    portal = Portal(dataset)
    port = portal.connect()
    assert port.provisioning.provision()
    assert port.provisioning.lacking() == port.provisioning.provision() == ()
    port.close()
    portal.later()
    portal.world.seal()
    yield portal
    portal.world.close()


@pytest.fixture
def portal(opened):
    opened.world.reset()
    return opened


@pytest.fixture
def port(portal):
    port = portal.connect()
    yield port
    port.close()


@pytest.fixture
def accounts(port):
    """All accounts, by the number of the ERP's customer."""
    found, after = {}, None
    while True:
        page = port.accounts(after=after, limit=7)
        found |= {each.external_ids.get("main", each.name): each for each in page.items}
        after = page.next
        if after is None:
            return found


@pytest.fixture
def account(accounts, dataset):
    """The account with the most quotes."""
    ids = [row["account_id"] for row in dataset.rows("quotes")]
    most = max(sorted(set(ids)), key=ids.count)
    row = next(row for row in dataset.rows("accounts") if row["id"] == most)
    return accounts[row["customer_id"]].id


@pytest.fixture
def kim(port):
    return port.user("kim").id


@pytest.fixture
def draft(account, kim):
    """A quote with everything that a record can say of one."""
    return Quote(
        id="",
        account_id=account,
        currency="EUR",
        owner_id=kim,
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
                description="Seal",
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
def order(port, draft):
    """An order that was just made of a quote."""
    return port.order_from_quote(port.save_quote(draft).id)


def test_accounts_are_the_data_sets(port, dataset, accounts):
    expected = {row["customer_id"] or row["name"]: row for row in dataset.rows("accounts")}
    assert set(accounts) == set(expected)
    for number, row in expected.items():
        account = accounts[number]
        assert account == port.account(account.id)
        assert (account.name, account.kind, account.email) == (
            row["name"],
            row["kind"],
            row["email"],
        )
        assert account.address.city == (row["city"] or "")
        assert account.created_at == row["created_at"]


def test_accounts_are_searched_by_name_city_and_number(port, dataset):
    wanted = next(row for row in dataset.rows("accounts") if row["customer_id"])
    for search in (f"{wanted['name']} {wanted['city']}", wanted["customer_id"]):
        found = port.accounts(search)
        assert [account.name for account in found.items] == [wanted["name"]]
    assert port.accounts("nobody is called so").items == ()


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("contacts", "contacts"),
        ("opportunities", "opportunities"),
        ("activities", "activities"),
        ("quotes", "quotes"),
    ],
)
def test_everything_of_an_account_is_the_data_sets(portal, port, dataset, accounts, kind, method):
    for row in dataset.rows("accounts"):
        portal.later()
        account = accounts[row["customer_id"] or row["name"]]
        expected = [each for each in dataset.rows(kind) if each["account_id"] == row["id"]]
        found = getattr(port, method)(account.id)
        assert len(found) == len({each.id for each in found}) == len(expected)


@pytest.mark.parametrize("method", ["opportunities", "activities", "quotes", "orders"])
def test_lists_come_newest_first_in_few_calls(portal, port, account, method):
    before = len(portal.journal())
    stamps = [each.created_at for each in getattr(port, method)(account)]
    assert len(stamps) > 1
    assert stamps == sorted(stamps, reverse=True)
    assert len(portal.journal()) - before <= 17  # however many there are


def test_opportunities_carry_the_stages_probability(port, dataset, account):
    stages = {stage.id: stage for stage in port.stages()}
    assert [stage.name for stage in stages.values()] == [
        row["name"] for row in sorted(dataset.rows("stages"), key=lambda row: row["position"])
    ]
    for opportunity in port.opportunities(account):
        assert opportunity == port.opportunity(opportunity.id)
        assert opportunity.probability == stages[opportunity.stage_id].probability


def test_quotes_have_their_lines(port, dataset, account):
    rows = {row["id"]: [] for row in dataset.rows("quotes")}
    for row in dataset.rows("quote_lines"):
        rows[row["quote_id"]].append((row["line"], row["item_id"], row["quantity"]))
    for quote in port.quotes(account):
        assert [(line.number, line.item_id, line.quantity) for line in quote.lines] in list(
            rows.values()
        )
        assert quote == port.quote(quote.id)


def test_users_are_found_by_id_address_and_login_name(port, dataset, kim):
    users = port.users()
    assert {user.email for user in users} == {row["email"] for row in dataset.rows("users")}
    user = port.user(kim)
    assert user == port.user("kim") == port.user(user.email)
    assert (user.roles, user.team) == (("sales",), "Sales North")
    assert port.user("mara").roles == ("manager",)
    assert not port.user("rolf").active
    with pytest.raises(NotFound):
        port.user("nobody")


@pytest.mark.parametrize("read", ["account", "contact", "opportunity", "quote", "order", "user"])
@pytest.mark.parametrize("wrong", ["X-404", "404"])
def test_what_does_not_exist_is_not_found(port, read, wrong):
    with pytest.raises(NotFound, match=r"The CRM at http://hubspot\.test"):
        getattr(port, read)(wrong)


def test_a_quote_keeps_everything_that_was_saved(port, draft):
    saved = port.save_quote(draft)
    kept = {"id": "", "version": None, "created_at": None, "modified_at": None}
    assert evolve(saved, **kept) == draft
    assert port.quote(saved.id) == saved


def test_saving_what_was_read_writes_nothing(portal, port, draft):
    saved = port.save_quote(draft)
    before = len(portal.journal())
    assert port.save_quote(saved) == saved
    writes = {
        entry.operation_id
        for entry in portal.journal()[before:]
        if entry.operation_id not in ("getObject", "batchReadObjects")
    }
    assert writes == set()


def test_a_quote_is_replaced_and_emptied_fields_are_cleared(portal, port, draft):
    saved = port.save_quote(draft)
    emptied = evolve(
        saved,
        trading_account="",
        lines=saved.lines[:1],
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        checks=(),
    )
    portal.later()
    changed = port.save_quote(emptied)
    assert evolve(changed, version=saved.version, modified_at=saved.modified_at) == emptied
    portal.later()
    # A line that comes again under its old number is a new line.
    again = port.save_quote(evolve(changed, lines=saved.lines, net=None, tax=None, gross=None))
    assert [line.number for line in again.lines] == [1, 4]


def test_a_stale_quote_is_not_overwritten(portal, port, draft):
    first = port.save_quote(draft)
    portal.later()
    port.save_quote(evolve(first, valid_until=date(2027, 1, 1)))
    with pytest.raises(Conflict) as caught:
        port.save_quote(evolve(first, valid_until=date(2028, 1, 1)))
    assert caught.value.code == "stale_version"
    assert port.quote(first.id).valid_until == date(2027, 1, 1)


def test_a_change_of_a_line_makes_a_quote_stale_too(portal, port, draft):
    first = port.save_quote(draft)
    portal.later()
    lines = (evolve(first.lines[0], quantity=Decimal(4)), *first.lines[1:])
    port.save_quote(evolve(first, lines=lines))
    with pytest.raises(Conflict):
        port.save_quote(evolve(first, trading_account="main:C-10003"))


@pytest.fixture
def sent(port, dataset, accounts):
    """A quote that a customer can see."""
    return next(
        quote
        for account in accounts.values()
        for quote in port.quotes(account.id)
        if quote.status == "sent"
    )


def test_a_published_quote_is_taken_back_while_it_is_changed(portal, port, sent):
    portal.later()
    later = port.save_quote(evolve(sent, valid_until=date(2027, 3, 1)))
    assert (later.status, later.valid_until) == ("sent", date(2027, 3, 1))
    portal.later()
    before = len(portal.journal("updateObject"))
    priced = port.save_quote(evolve(later, pricing_status="priced", price_source="main"))
    assert (priced.status, priced.pricing_status) == ("sent", "priced")
    assert len(portal.journal("updateObject")) == before + 1  # ours are never locked
    portal.later()
    draft = port.save_quote(evolve(priced, status="draft"))
    assert draft.status == "draft"
    portal.later()
    assert port.save_quote(evolve(draft, status="sent")).status == "sent"
    portal.later()
    declined = port.save_quote(evolve(port.quote(sent.id), status="declined"))
    assert declined.status == "declined"


def test_a_quote_that_hubspot_does_not_publish_stays_a_draft(port, draft):
    before = {quote.id for quote in port.quotes(draft.account_id)}
    with pytest.raises(RemoteRejectedData, match="cannot be published"):
        port.save_quote(evolve(draft, status="sent"))
    (made,) = (q for q in port.quotes(draft.account_id) if q.id not in before)
    assert (made.gross, len(made.lines)) == (draft.gross, 2)


def test_totals_that_do_not_add_up_are_refused(port, draft):
    with pytest.raises(RemoteRejectedData):
        port.save_quote(evolve(draft, gross=eur("99.00")))


def test_a_line_that_a_person_added_in_hubspot_gets_the_next_number(portal, port, draft):
    saved = port.save_quote(draft)
    client = httpx.Client(
        transport=portal.transport(),
        base_url="http://hubspot.test",
        headers={"Authorization": f"Bearer {PRIVATE_APP.token}"},
    )
    portal.later()
    added = client.post(
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
    portal.later()
    again = port.save_quote(evolve(now, net=None, tax=None, gross=None))
    assert again.lines[1].number == 2


def test_a_quote_has_one_order(port, draft):
    quote = port.save_quote(draft)
    order = port.order_from_quote(quote.id)
    assert port.order_from_quote(quote.id) == order == port.order(order.id)
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
    ordered = port.quote(quote.id)
    assert (ordered.status, ordered.order_id) == ("ordered", order.id)
    assert order in port.orders(quote.account_id)


def test_many_who_order_one_quote_at_the_same_time_get_one_order(portal, port, draft):
    quote = port.save_quote(draft)
    before, lines = portal.count("orders"), portal.count("line_items")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(port.order_from_quote, [quote.id] * 4))
    assert len({order.id for order in found}) == 1
    assert portal.count("orders") == before + 1
    assert portal.count("line_items") == lines + len(quote.lines)


def test_a_clone_of_an_ordered_quote_is_not_ordered(portal, port, draft, order):
    client = httpx.Client(
        transport=portal.transport(),
        base_url="http://hubspot.test",
        headers={"Authorization": f"Bearer {PRIVATE_APP.token}"},
    )
    read = client.get(
        f"/crm/v3/objects/quotes/{order.quote_id}",
        params={"properties": "hs_title,hs_expiration_date,crossdock_order,hs_currency"},
    ).json()["properties"]
    copied = {
        name: read[name]
        for name in ("hs_title", "hs_expiration_date", "crossdock_order", "hs_currency")
    }
    clone = client.post("/crm/v3/objects/quotes", json={"properties": copied, "associations": []})
    assert clone.is_success, clone.text
    quote = port.quote(clone.json()["id"])
    assert (quote.status, quote.order_id) == ("draft", None)


def test_a_quote_without_lines_is_refused_as_business(port, draft):
    empty = evolve(draft, lines=(), net=None, tax=None, gross=None)
    quote = port.save_quote(empty)
    with pytest.raises(RemoteRefused) as caught:
        port.order_from_quote(quote.id)
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


def test_an_order_is_told_how_far_it_has_come(port, order):
    wanted = progress(order)
    updated = port.update_order(wanted)
    assert updated == evolve(wanted, customer_id="C-10002", version=updated.version)
    assert port.order(order.id) == updated


def test_telling_an_order_the_same_again_writes_nothing(portal, port, order):
    updated = port.update_order(progress(order))
    before = len(portal.journal())
    assert port.update_order(progress(order)) == updated
    assert {each.operation_id for each in portal.journal()[before:]} == {
        "getObject",
        "batchReadObjects",
    }


def test_an_order_gets_a_line_that_the_erp_added(port, order):
    line = OrderLine(
        number=9, item_id="FRT-1001", quantity=Decimal(1), description="Freight", net=eur("8.00")
    )
    updated = port.update_order(evolve(order, lines=(*order.lines, line)))
    assert updated.lines == (*order.lines, line)


def test_two_orders_cannot_have_one_erp_order(portal, port, draft, order):
    port.update_order(progress(order))
    portal.later()
    other = port.order_from_quote(port.save_quote(draft).id)
    with pytest.raises(Conflict) as caught:
        port.update_order(progress(other))
    assert caught.value.code == "erp_order_taken"


def test_a_timeline_keeps_each_key_once(port, order):
    first = OrderEvent(key="a", at=NOON - timedelta(days=1), kind="note", title="First")
    second = OrderEvent(
        key="b:1",
        at=NOON - timedelta(hours=5),
        kind="acknowledged",
        title="Acknowledged <as> a & b",
        text="By the ERP\nat noon",
        document_id="SO-1",
        actor="straight-through",
    )
    for event in (second, first, second, evolve(first, title="Told again")):
        port.add_order_event(order.id, event)
    assert port.order_events(order.id) == (first, second)
    assert order.id not in {each.id for each in port.activities(order.account_id)}


def test_an_account_is_created_and_replaced(portal, port, kim):
    wanted = Account(
        id="",
        name="Kraft & Sohn",
        kind="prospect",
        industry="Machinery",
        owner_id=kim,
        email="office@kraft.example",
        phone="+49 30 1",
        website="https://kraft.example",
        tax_number="DE1",
        address=Address(street="Hafen 1", city="Kiel", postcode="24103", country="DE"),
        currency="EUR",
        external_ids={"main": "C-777"},
    )
    made = port.save_account(wanted)
    assert made == port.account(made.id)
    assert wanted == evolve(made, id="", created_at=None, modified_at=None, version=None)
    portal.later()
    emptied = evolve(made, phone=None, industry="", address=Address(), external_ids={"uk": "7"})
    saved = port.save_account(emptied)
    assert (saved.phone, saved.industry, saved.address) == (None, "", Address())
    assert saved.external_ids == {"main": "C-777", "uk": "7"}  # an id that was not named stays
    with pytest.raises(Conflict):
        port.save_account(made)


def test_a_contact_is_created_and_replaced(portal, port, account):
    wanted = Contact(
        id="", account_id=account, first_name="Ada", last_name="Wolf", email="ada@wolf.example"
    )
    made = port.save_contact(wanted)
    assert made == port.contact(made.id) == evolve(wanted, id=made.id, version=made.version)
    assert made in port.contacts(account)
    portal.later()
    saved = port.save_contact(evolve(made, job_title="Buyer", email=None))
    assert (saved.job_title, saved.email) == ("Buyer", None)
    with pytest.raises(Conflict):
        port.save_contact(made)


def test_an_address_that_another_contact_has_is_refused(port, account):
    wanted = Contact(id="", account_id=account, last_name="Wolf", email="ada@wolf.example")
    port.save_contact(wanted)
    with pytest.raises(Conflict, match="already exists"):
        port.save_contact(evolve(wanted, last_name="Fuchs"))


def test_a_probability_is_an_override_only_where_it_differs(portal, port, account):
    first, second = [stage for stage in port.stages() if stage.kind == "open"][:2]
    wanted = Opportunity(
        id="",
        account_id=account,
        name="Spare parts",
        stage_id="",
        amount=eur("1200.00"),
        close_on=date(2026, 12, 31),
    )
    made = port.save_opportunity(wanted)
    assert (made.stage_id, made.probability) == (first.id, first.probability)
    assert (made.close_on, made.account_id) == (date(2026, 12, 31), account)
    portal.later()
    moved = port.save_opportunity(evolve(made, stage_id=second.id, amount=eur("900.00")))
    assert (moved.stage_id, moved.probability) == (second.id, second.probability)
    portal.later()
    sure = port.save_opportunity(evolve(moved, probability=Decimal("0.85")))
    assert (sure.probability, sure.amount) == (Decimal("0.85"), eur("900.00"))
    overrides = ["crossdock_probability" in e.request_body for e in portal.journal("updateObject")]
    assert overrides == [False, True]
    with pytest.raises(Conflict):
        port.save_opportunity(moved)


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
                description="Bearing",
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


def test_a_draft_of_an_order_counts_nowhere_until_it_is_submitted(portal, port, entered):
    unpriced = evolve(entered, status="draft", pricing_status="unchecked", priced_at=None)
    made = port.save_order(unpriced)
    assert (made.status, made.pricing_status, made.priced_at) == ("draft", "unchecked", None)
    with pytest.raises(Conflict, match="draft"):
        port.update_order(evolve(made, status="confirmed"))
    portal.later()
    priced = evolve(made, status="submitted", pricing_status="priced", priced_at=NOON, checks=())
    saved = port.save_order(priced)
    assert (saved.status, saved.pricing_status, saved.priced_at, saved.checks) == (
        "submitted",
        "priced",
        NOON,
        (),
    )
    with pytest.raises(NotSupported, match="has given the order"):
        port.save_order(evolve(saved, requested_on=None))


def test_a_draft_keeps_its_lines_and_a_stale_one_is_refused(portal, port, entered):
    made = port.save_order(evolve(entered, status="draft"))
    with pytest.raises(RemoteRejectedData, match="keeps the lines"):
        port.save_order(evolve(made, lines=()))
    portal.later()
    port.save_order(evolve(made, requested_on=None))
    with pytest.raises(Conflict):
        port.save_order(made)


# What goes wrong on the way.


LOST = ("status_after_commit", "drop_after_commit", "half_body")


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize(
    "operation",
    ["createObject", "batchUpsertObjects", "batchCreateAssociations", "updateObject"],
)
def test_a_lost_answer_never_makes_a_second_order(portal, port, draft, operation, kind):
    quote = port.save_quote(draft)
    before, lines = portal.count("orders"), portal.count("line_items")
    portal.world.faults.add(Fault(kind=kind, operation=operation, times=1))
    order = port.order_from_quote(quote.id)
    assert portal.count("orders") == before + 1
    assert portal.count("line_items") == lines + 2
    assert (order.status, len(order.lines)) == ("submitted", 2)
    assert port.quote(quote.id).order_id == order.id


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("operation", ["batchUpsertObjects", "updateObject"])
def test_an_order_that_was_broken_off_is_finished_by_whoever_asks_next(
    portal, port, draft, operation
):
    quote = port.save_quote(draft)
    before = portal.count("orders")
    portal.world.faults.add(Fault(kind="status", status=503, operation=operation, times=3))
    with pytest.raises(RemoteUnavailable):
        port.order_from_quote(quote.id)
    portal.later()
    assert port.quote(quote.id).status != "ordered"
    order = port.order_from_quote(quote.id)
    assert (order.status, len(order.lines)) == ("submitted", 2)
    assert portal.count("orders") == before + 1


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_to_a_new_quote_never_makes_a_second_quote(portal, port, draft, kind):
    before, lines = portal.count("quotes"), portal.count("line_items")
    for operation in ("createObject", "batchUpsertObjects"):
        portal.world.faults.add(Fault(kind=kind, operation=operation, times=1))
    port.save_quote(draft)
    assert portal.count("quotes") == before + 1
    assert portal.count("line_items") == lines + 2


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_never_writes_progress_twice(portal, port, order, kind):
    for operation in ("updateObject", "batchUpdateObjects", "createObject"):
        portal.world.faults.add(Fault(kind=kind, operation=operation, times=1))
    event = OrderEvent(key="a", at=NOON, kind="note", title="Told")
    assert port.update_order(progress(order)).status == "partly_shipped"
    port.add_order_event(order.id, event)
    assert port.order_events(order.id) == (event,)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_an_order_is_entered_once_under_its_reference(portal, port, entered, kind):
    portal.world.faults.add(Fault(kind=kind, operation="createObject", times=1))
    made = port.save_order(entered)
    assert made == port.save_order(entered) == port.order(made.id)
    assert (made.status, made.pricing_status, made.priced_at) == ("submitted", "priced", NOON)
    assert (made.checks, made.gross, made.ship_to) == (
        entered.checks,
        entered.gross,
        entered.ship_to,
    )
    other = evolve(entered, lines=(evolve(entered.lines[0], quantity=Decimal(4), net=None),))
    with pytest.raises(Conflict, match="has the reference"):
        port.save_order(evolve(other, net=None, tax=None, gross=None))


@pytest.mark.usefixtures("no_waiting")
def test_an_activity_comes_once_for_its_key(portal, port, account, kim):
    portal.world.faults.add(Fault(kind="drop_after_commit", operation="createObject", times=1))
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


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("policy", "wait"), [("SECONDLY", 1.0), ("TEN_SECONDLY_ROLLING", 10.0), ("DAILY", 3600.0)]
)
def test_a_limit_says_how_long_to_wait_and_that_nothing_was_done(portal, port, policy, wait):
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
        "crm", SETTINGS, transport=httpx.MockTransport(lambda _request: answers.pop())
    )
    with pytest.raises(RemoteUnavailable) as caught:
        limited.account("1")
    assert (caught.value.retry_after, caught.value.maybe_done) == (wait, False)
    assert caught.value.code == f"RATE_LIMIT.{policy}"
    assert len(answers) == (0 if wait <= 2 else 2)  # what is short is waited out here


def test_a_refreshed_token_is_shared_and_renewed_when_it_expires(portal):
    port = portal.connect(
        access_token=None,
        client_id=PUBLIC_APP.client_id,
        client_secret=PUBLIC_APP.secret,
        refresh_token=REFRESH_TOKEN,
    )
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(port.user, ["kim"] * 16))
    assert len(portal.journal("issueToken")) == 1
    portal.later(3600)
    assert port.user("kim").name
    assert len(portal.journal("issueToken")) == 2
    port.close()


def test_a_wrong_token_is_told_and_not_shown(portal):
    with pytest.raises(RemoteUnauthorized) as caught:
        portal.connect(access_token="pat-wrong-token").stages()
    assert "pat-wrong-token" not in str(caught.value)


def test_a_token_without_the_right_to_write_is_told(portal, draft):
    port = portal.connect(access_token=READER.token)
    assert port.users()
    with pytest.raises(RemoteUnauthorized) as caught:
        port.save_quote(draft)
    assert caught.value.status == 403


# Changes.


def drained(port, cursor=None):
    found = []
    while True:
        piece = port.changes(cursor)
        found += piece.changes
        cursor = piece.cursor
        if not piece.more:
            return found, cursor


def test_the_change_feed_tells_what_came_after_its_cursor_once(portal, port, draft):
    everything, cursor = drained(port)
    assert {change.entity for change in everything} == {
        "account", "contact", "opportunity", "quote", "order",
    }  # fmt: skip
    portal.later(60)
    assert drained(port, cursor)[0] == []

    quote = port.save_quote(draft)
    order = port.order_from_quote(quote.id)
    portal.later(10)  # the search catches up
    news, cursor = drained(port, cursor)
    assert {(change.entity, change.id) for change in news} == {
        ("quote", quote.id),
        ("order", order.id),
    }
    portal.later(10)
    assert drained(port, cursor)[0] == []


def test_a_change_of_a_line_is_told_as_one_of_its_quote(portal, port, draft):
    quote = port.save_quote(draft)
    portal.later(60)
    _, cursor = drained(port)
    lines = (evolve(quote.lines[0], quantity=Decimal(4)), *quote.lines[1:])
    client = httpx.Client(
        transport=portal.transport(),
        base_url="http://hubspot.test",
        headers={"Authorization": f"Bearer {PRIVATE_APP.token}"},
    )
    head = client.get(
        f"/crm/v3/objects/quotes/{quote.id}", params={"associations": "line_items"}
    ).json()
    (kind,) = head["associations"].values()
    patched = client.patch(
        f"/crm/v3/objects/line_items/{kind['results'][0]['id']}",
        json={"properties": {"quantity": "4"}},
    )
    assert patched.is_success, patched.text
    portal.later(10)
    news, _ = drained(port, cursor)
    assert {(change.entity, change.id) for change in news} == {("quote", quote.id)}
    assert {line.quantity for line in port.quote(quote.id).lines} == {
        line.quantity for line in lines
    }


def test_what_is_archived_is_told_as_deleted(portal, port):
    made = port.save_account(Account(id="", name="Soon gone"))
    portal.later(60)
    _, cursor = drained(port)
    httpx.Client(
        transport=portal.transport(),
        base_url="http://hubspot.test",
        headers={"Authorization": f"Bearer {PRIVATE_APP.token}"},
    ).delete(f"/crm/v3/objects/companies/{made.id}").raise_for_status()
    portal.later(10)
    news, cursor = drained(port, cursor)
    assert [(c.entity, c.id, c.action) for c in news] == [("account", made.id, "deleted")]
    assert drained(port, cursor)[0] == []


def test_the_journal_tells_who_called(portal, port, draft):
    identity = "crossdock/0.1.0 desk pid=1 plugin=straight-through"
    with calling_as(identity, correlation_id="click-1"):
        port.save_quote(draft)
    for entry in portal.journal("createObject"):
        assert entry.raw_request_headers["user-agent"] == identity
        assert PRIVATE_APP.token not in json.dumps(entry.as_dict(), default=str)


def test_hubspot_is_guarded_after_a_save(port):
    assert port.guards.quote == "after"


def test_the_connector_uses_the_operations_that_it_declares(dataset, draft, entered, accounts):
    portal = Portal(dataset)
    port = portal.connect(
        access_token=None,
        client_id=PUBLIC_APP.client_id,
        client_secret=PUBLIC_APP.secret,
        refresh_token=REFRESH_TOKEN,
    )
    port.provisioning.provision()
    account_id = draft.account_id
    account = port.save_account(Account(id="", name="New"))
    port.save_account(evolve(account, name="Newer"))
    contact = port.save_contact(Contact(id="", account_id=account.id, last_name="Wolf"))
    port.save_contact(evolve(contact, account_id=account_id))
    portal.later()
    port.accounts("Newer")
    port.accounts()
    port.contacts(account_id)
    port.activities(account_id)
    port.users()
    deal = port.opportunities(account_id)[0]
    port.opportunity(deal.id)
    port.quotes(account_id)
    saved = port.save_quote(draft)
    portal.later()
    saved = port.save_quote(evolve(saved, lines=saved.lines[:1], net=None, tax=None, gross=None))
    order = port.order_from_quote(saved.id)
    port.update_order(progress(order))
    port.add_order_event(order.id, OrderEvent(key="a", at=NOON, kind="note", title="Told"))
    port.order_events(order.id)
    port.save_order(entered)
    drained(port)
    assert {entry.operation_id for entry in portal.journal()} == port.used_operations
    for entry in portal.journal():
        assert entry.verdict in ("answered", "refused"), entry.reason
        if entry.operation_id != "issueToken":
            assert PUBLIC_APP.secret not in json.dumps(entry.as_dict(), default=str)
    port.close()
    portal.world.close()
