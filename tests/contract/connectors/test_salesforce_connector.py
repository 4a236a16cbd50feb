"""The Salesforce connector against the mock of Salesforce: what the reference connector does, and
what differs by what Salesforce can do."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import httpx
import pytest
from attrs import evolve
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crossdock.connectors import salesforce
from crossdock.connectors.calling import calling_as
from crossdock.connectors.salesforce import operations, soql
from crossdock.errors import (
    ConfigError,
    Conflict,
    NotFound,
    NotSupported,
    RemoteError,
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
from crossdock_mocks.dialects.salesforce import CLIENT, SECRET, dialect
from crossdock_mocks.dialects.salesforce.login import INTEGRATION, register_key
from crossdock_mocks.engine import App, Fault, MockTransport

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SETTINGS = {
    "url": "http://salesforce.test",
    "client_id": CLIENT,
    "client_secret": SECRET,
    "roles": {"manager": "manager", "accounting": "accounting"},
    "default_role": "sales",
    "feed_lag": 30,
}


def eur(amount):
    return Money(amount, "EUR")


class Organization:
    """The mock, and what can be seen of it besides the connector."""

    def __init__(self, dataset):
        self.app = App(dialect())
        self.world = self.app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))

    def transport(self):
        return MockTransport(self.app, self.world)

    def connect(self, **over):
        return salesforce.connect("crm", SETTINGS | over, transport=self.transport())

    def later(self, seconds=15):
        """Let time go by, so that a later change has a later stamp."""
        self.world.clock.advance(timedelta(seconds=seconds))

    def journal(self, operation=None):
        return [
            entry
            for entry in self.world.journal
            if operation is None or entry.operation_id == operation
        ]

    def count(self, kind):
        """How many records of an object there are, by the mock's own table."""
        return self.world.table(f"sf_{kind}").count()

    def client(self):
        """Enter as somebody else, who works in Salesforce itself."""
        client = httpx.Client(transport=self.transport(), base_url="http://salesforce.test")
        grant = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
        token = client.post("/services/oauth2/token", data=grant).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.base_url = "http://salesforce.test/services/data/v59.0"
        return client


@pytest.fixture(scope="module")
def opened(dataset):
    org = Organization(dataset)
    port = org.connect()
    assert port.provisioning.lacking() == port.provisioning.provision() == ()
    port.close()
    org.world.seal()
    yield org
    org.world.close()


@pytest.fixture
def org(opened):
    opened.world.reset()
    return opened


@pytest.fixture
def port(org):
    port = org.connect()
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


def test_accounts_are_searched_by_name_city_and_number(port, dataset):
    wanted = next(row for row in dataset.rows("accounts") if row["customer_id"])
    for search in (f"{wanted['name']} {wanted['city']}", wanted["customer_id"]):
        found = port.accounts(search)
        assert [account.name for account in found.items] == [wanted["name"]]
    assert port.accounts("nobody is called so").items == ()


def test_opportunities_carry_the_stages_probability(port, dataset, account):
    stages = {stage.id: stage for stage in port.stages()}
    assert [stage.name for stage in stages.values()] == [
        row["name"] for row in sorted(dataset.rows("stages"), key=lambda row: row["position"])
    ]
    for opportunity in port.opportunities(account):
        assert opportunity == port.opportunity(opportunity.id)
        assert opportunity.probability == stages[opportunity.stage_id].probability


@pytest.mark.parametrize("read", ["account", "contact", "opportunity", "quote", "order", "user"])
@pytest.mark.parametrize("wrong", ["X-404", "404"])
def test_what_does_not_exist_is_not_found(port, read, wrong):
    with pytest.raises(NotFound, match=r"The CRM at http://salesforce\.test"):
        getattr(port, read)(wrong)


def test_a_quote_keeps_everything_that_was_saved(port, draft):
    saved = port.save_quote(draft)
    kept = {"id": "", "version": None, "created_at": None, "modified_at": None}
    assert evolve(saved, **kept) == draft
    assert port.quote(saved.id) == saved


def test_a_stale_quote_is_not_overwritten(org, port, draft):
    first = port.save_quote(draft)
    org.later()
    port.save_quote(evolve(first, valid_until=date(2027, 1, 1)))
    with pytest.raises(Conflict) as caught:
        port.save_quote(evolve(first, valid_until=date(2028, 1, 1)))
    assert caught.value.code == "stale_version"
    assert port.quote(first.id).valid_until == date(2027, 1, 1)


def test_a_change_of_a_line_makes_a_quote_stale_too(org, port, draft):
    first = port.save_quote(draft)
    org.later()
    lines = (evolve(first.lines[0], quantity=Decimal(4)), *first.lines[1:])
    port.save_quote(evolve(first, lines=lines))
    with pytest.raises(Conflict):
        port.save_quote(evolve(first, trading_account="main:C-10003"))


def test_totals_that_do_not_add_up_are_refused(port, draft):
    with pytest.raises(RemoteRejectedData):
        port.save_quote(evolve(draft, gross=eur("99.00")))


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


def test_many_who_order_one_quote_at_the_same_time_get_one_order(org, port, draft):
    quote = port.save_quote(draft)
    before, lines = org.count("Order"), org.count("OrderItem")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(port.order_from_quote, [quote.id] * 4))
    assert len({order.id for order in found}) == 1
    assert org.count("Order") == before + 1
    assert org.count("OrderItem") == lines + len(quote.lines)


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


def test_two_orders_cannot_have_one_erp_order(org, port, draft, order):
    port.update_order(progress(order))
    org.later()
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


def test_an_account_is_created_and_replaced(org, port, kim):
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
    org.later()
    emptied = evolve(made, phone=None, industry="", address=Address(), external_ids={"uk": "7"})
    saved = port.save_account(emptied)
    assert (saved.phone, saved.industry, saved.address) == (None, "", Address())
    assert saved.external_ids == {"main": "C-777", "uk": "7"}  # an id that was not named stays
    with pytest.raises(Conflict):
        port.save_account(made)


def test_a_contact_is_created_and_replaced(org, port, account):
    wanted = Contact(
        id="", account_id=account, first_name="Ada", last_name="Wolf", email="ada@wolf.example"
    )
    made = port.save_contact(wanted)
    assert made == port.contact(made.id) == evolve(wanted, id=made.id, version=made.version)
    assert made in port.contacts(account)
    org.later()
    saved = port.save_contact(evolve(made, job_title="Buyer", email=None))
    assert (saved.job_title, saved.email) == ("Buyer", None)
    with pytest.raises(Conflict):
        port.save_contact(made)


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


def test_a_draft_of_an_order_counts_nowhere_until_it_is_submitted(org, port, entered):
    unpriced = evolve(entered, status="draft", pricing_status="unchecked", priced_at=None)
    made = port.save_order(unpriced)
    assert (made.status, made.pricing_status, made.priced_at) == ("draft", "unchecked", None)
    with pytest.raises(Conflict, match="draft"):
        port.update_order(evolve(made, status="confirmed"))
    org.later()
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


def test_a_draft_keeps_its_lines_and_a_stale_one_is_refused(org, port, entered):
    made = port.save_order(evolve(entered, status="draft"))
    with pytest.raises(RemoteRejectedData, match="keeps the lines"):
        port.save_order(evolve(made, lines=()))
    org.later()
    port.save_order(evolve(made, requested_on=None))
    with pytest.raises(Conflict):
        port.save_order(made)


# What goes wrong on the way.


LOST = ("status_after_commit", "drop_after_commit", "half_body")


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("operation", ["createTree", "changeRecord"])
def test_a_lost_answer_never_makes_a_second_order(org, port, draft, operation, kind):
    quote = port.save_quote(draft)
    before, lines = org.count("Order"), org.count("OrderItem")
    org.world.faults.add(Fault(kind=kind, operation=operation, times=1))
    order = port.order_from_quote(quote.id)
    assert org.count("Order") == before + 1
    assert org.count("OrderItem") == lines + 2
    assert (order.status, len(order.lines)) == ("submitted", 2)
    assert port.quote(quote.id).order_id == order.id


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_to_a_new_quote_never_makes_a_second_quote(org, port, draft, kind):
    before, lines = org.count("Quote"), org.count("QuoteLineItem")
    for operation in ("createRecord", "createTree"):
        org.world.faults.add(Fault(kind=kind, operation=operation, times=1))
    port.save_quote(draft)
    assert org.count("Quote") == before + 1
    assert org.count("QuoteLineItem") == lines + 2


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_never_writes_progress_twice(org, port, order, kind):
    for operation in ("composite", "createRecord"):
        org.world.faults.add(Fault(kind=kind, operation=operation, times=1))
    event = OrderEvent(key="a", at=NOON, kind="note", title="Told")
    assert port.update_order(progress(order)).status == "partly_shipped"
    port.add_order_event(order.id, event)
    assert port.order_events(order.id) == (event,)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_an_order_is_entered_once_under_its_reference(org, port, entered, kind):
    org.world.faults.add(Fault(kind=kind, operation="createTree", times=1))
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
def test_an_activity_comes_once_for_its_key(org, port, account, kim):
    org.world.faults.add(Fault(kind="drop_after_commit", operation="createRecord", times=1))
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


# Changes.


def drained(port, cursor=None):
    found = []
    while True:
        piece = port.changes(cursor)
        found += piece.changes
        cursor = piece.cursor
        if not piece.more:
            return found, cursor


def test_the_journal_tells_who_called(org, port, draft):
    identity = "crossdock/0.1.0 desk pid=1 plugin=straight-through"
    with calling_as(identity, correlation_id="click-1"):
        port.save_quote(draft)
    entries = org.journal("createTree")
    assert entries
    for entry in entries:
        assert entry.raw_request_headers["user-agent"] == identity
        assert SECRET not in json.dumps(entry.as_dict(), default=str)


def test_accounts_are_the_data_sets(port, dataset, accounts):
    expected = {row["customer_id"] or row["name"]: row for row in dataset.rows("accounts")}
    assert set(accounts) == set(expected)
    for number, row in expected.items():
        account = accounts[number]
        assert account == port.account(account.id)
        assert (account.name, account.kind) == (row["name"], row["kind"])
        assert account.address.city == (row["city"] or "")
        assert account.created_at == row["created_at"]


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("contacts", "contacts"),
        ("opportunities", "opportunities"),
        ("activities", "activities"),
        ("quotes", "quotes"),
    ],
)
def test_everything_of_an_account_is_the_data_sets(port, dataset, accounts, kind, method):
    for row in dataset.rows("accounts"):
        account = accounts[row["customer_id"] or row["name"]]
        expected = [
            each
            for each in dataset.rows(kind)
            # The mock has no quote without an opportunity, as Salesforce has none.
            if each["account_id"] == row["id"] and (kind != "quotes" or each["opportunity_id"])
        ]
        found = getattr(port, method)(account.id)
        assert len(found) == len({each.id for each in found}) == len(expected)


@pytest.mark.parametrize("method", ["opportunities", "activities", "quotes", "orders"])
def test_lists_come_newest_first_in_few_calls(org, port, account, method):
    port.stages()
    before = len(org.journal())
    stamps = [each.created_at for each in getattr(port, method)(account)]
    assert len(stamps) > 1
    assert stamps == sorted(stamps, reverse=True)
    assert len(org.journal()) - before <= 2  # however many there are


def test_long_lists_are_read_to_their_end(org, port):
    everything = port._org.select(["Id"], "OrderItem")
    assert len(everything) == org.count("OrderItem")
    paged = port._org._pages(
        port._org.call(
            operations.QUERY,
            query={"q": "SELECT Id FROM Task"},
            headers={"Sforce-Query-Options": "batchSize=200"},
        )
    )
    assert len({row["Id"] for row in paged}) == org.count("Task") > 200
    assert org.journal("readQueryPage")


def test_quotes_have_their_lines(port, dataset, account):
    wanted = {row["id"]: [] for row in dataset.rows("quotes")}
    for row in dataset.rows("quote_lines"):
        wanted[row["quote_id"]].append((row["item_id"], row["quantity"]))
    for quote in port.quotes(account):
        assert [(line.item_id, line.quantity) for line in quote.lines] in list(wanted.values())
        assert quote == port.quote(quote.id)


def test_users_are_found_by_id_address_and_login_name(port, dataset, kim):
    emails = {row["email"] for row in dataset.rows("users")}
    assert {user.email for user in port.users()} >= emails
    user = port.user(kim)
    assert user == port.user("kim") == port.user(user.email)
    assert (user.roles, user.team) == (("sales",), "Sales North")
    assert port.user("mara").roles == ("manager",)
    assert not port.user("rolf").active
    for wrong in ("nobody", "%", "k_m"):
        with pytest.raises(NotFound):
            port.user(wrong)


def test_saving_what_was_read_writes_nothing(org, port, draft):
    saved = port.save_quote(draft)
    account = port.account(draft.account_id)
    before = len(org.journal())
    assert port.save_quote(saved) == saved
    assert port.save_account(account) == account
    assert {entry.operation_id for entry in org.journal()[before:]} == {"runQuery"}


def test_a_quote_is_made_in_one_transaction_and_replaced_in_one(org, port, draft):
    saved = port.save_quote(draft)
    assert len(org.journal("createTree")) == 1
    emptied = evolve(
        saved,
        trading_account="",
        valid_until=None,
        lines=(saved.lines[0], evolve(saved.lines[1], item_id="BRG-1002")),
        checks=(),
    )
    org.later()
    changed = port.save_quote(emptied)
    assert evolve(changed, version=saved.version, modified_at=saved.modified_at) == emptied
    assert len(org.journal("composite")) == 1
    org.later()
    assert port.save_quote(evolve(changed, status="sent")).status == "sent"


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_to_a_changed_quote_is_looked_up(org, port, draft, kind):
    saved = port.save_quote(draft)
    org.later()
    org.world.faults.add(Fault(kind=kind, operation="composite", times=1))
    more = evolve(saved.lines[1], number=5)
    changed = port.save_quote(evolve(saved, lines=(*saved.lines, more)))
    assert [line.number for line in changed.lines] == [1, 4, 5]
    assert len(org.journal("composite")) == 1


@pytest.mark.usefixtures("no_waiting")
def test_a_change_that_was_not_made_is_told(org, port, draft):
    saved = port.save_quote(draft)
    org.later()
    org.world.faults.add(Fault(kind="drop_before", operation="composite", times=1))
    with pytest.raises(RemoteUnavailable):
        port.save_quote(evolve(saved, valid_until=date(2027, 1, 1)))
    assert port.quote(saved.id) == saved


def test_prices_are_read_with_the_digits_that_people_expect(port, draft):
    line = evolve(draft.lines[0], unit_price=eur("0.50"))
    saved = port.save_quote(evolve(draft, lines=(line,)))
    assert str(saved.lines[0].unit_price) == "0.50 EUR"
    assert str(saved.lines[0].list_price) == "12.50 EUR"


def test_a_write_that_is_refused_takes_all_of_its_transaction_with_it(org, port, draft):
    saved = port.save_quote(draft)
    org.later()
    org.client().patch(
        f"/sobjects/PricebookEntry/{_entry(org, 'BRG-1002')}", json={"IsActive": True}
    ).raise_for_status()
    too_long = evolve(saved.lines[1], unit="u" * 300)
    wanted = evolve(saved, valid_until=date(2027, 1, 1), lines=(saved.lines[0], too_long))
    with pytest.raises(RemoteRejectedData, match="STRING_TOO_LONG") as caught:
        port.save_quote(wanted)
    assert [each.field for each in caught.value.fields] == ["Crossdock_Unit__c"]
    assert port.quote(saved.id) == saved


def _entry(org, code):
    answer = org.client().get(
        "/query", params={"q": f"SELECT Id FROM PricebookEntry WHERE ProductCode = '{code}'"}
    )
    return answer.json()["records"][0]["Id"]


def test_a_quote_without_an_opportunity_is_in_none_that_anybody_sees(org, port, draft):
    before = port.opportunities(draft.account_id)
    saved = port.save_quote(draft)
    assert saved.opportunity_id is None
    assert port.opportunities(draft.account_id) == before
    rows = org.client().get(
        "/query",
        params={
            "q": "SELECT ForecastCategoryName FROM Opportunity WHERE Crossdock_For_Quote__c = true"
        },
    )
    assert [row["ForecastCategoryName"] for row in rows.json()["records"]] == ["Omitted"]
    with pytest.raises(RemoteRejectedData, match="stays in the opportunity"):
        port.save_quote(evolve(saved, opportunity_id=before[0].id))
    of_one = port.save_quote(evolve(draft, opportunity_id=before[0].id))
    assert of_one.opportunity_id == before[0].id


def test_an_item_that_is_in_no_price_book_is_refused_by_its_place(port, draft):
    lines = (draft.lines[0], evolve(draft.lines[1], item_id="NOT-THERE"))
    with pytest.raises(RemoteRejectedData) as caught:
        port.save_quote(evolve(draft, lines=lines))
    assert [each.field for each in caught.value.fields] == ["lines.1.item_id"]


def test_amounts_of_another_currency_are_refused(port, draft):
    with pytest.raises(RemoteRejectedData, match="keeps its amounts in EUR"):
        port.save_quote(evolve(draft, currency="USD"))


def test_a_line_that_a_person_changed_in_salesforce_counts(org, port, draft):
    saved = port.save_quote(draft)
    client = org.client()
    answer = client.get(
        "/query", params={"q": f"SELECT Id FROM QuoteLineItem WHERE QuoteId = '{saved.id}'"}
    )
    first = min(row["Id"] for row in answer.json()["records"])
    org.later()
    client.patch(f"/sobjects/QuoteLineItem/{first}", json={"UnitPrice": 9.5}).raise_for_status()
    client.post(
        "/sobjects/QuoteLineItem",
        json={"QuoteId": saved.id, "PricebookEntryId": _entry(org, "BRG-1002"), "Quantity": 2},
    ).raise_for_status()
    now = port.quote(saved.id)
    assert [(line.number, line.item_id) for line in now.lines] == [
        (1, "BRG-1001"), (2, "BRG-1002"), (4, "SEA-1001"),
    ]  # fmt: skip
    assert now.lines[0].unit_price == eur("9.50")
    with pytest.raises(Conflict):
        port.save_quote(evolve(saved, valid_until=None))
    org.later()
    again = port.save_quote(evolve(now, net=None, tax=None, gross=None))
    assert [line.number for line in again.lines] == [1, 2, 4]


def test_an_order_is_activated_and_changed_all_the_same(org, port, order):
    table = org.world.table("sf_Order")
    assert table.get(order.id)["Status"] == "Activated"
    org.later()
    more = evolve(order.lines[0], quantity=Decimal(5), unit_price=eur("10.125"))
    added = OrderLine(number=9, item_id="BRG-1003", quantity=Decimal(1), net=eur("8.00"))
    updated = port.update_order(evolve(order, lines=(more, order.lines[1], added)))
    assert updated.lines == (more, order.lines[1], added)
    assert table.get(order.id)["Status"] == "Activated"


def test_telling_an_order_the_same_again_writes_nothing(org, port, order):
    updated = port.update_order(progress(order))
    before = len(org.journal())
    assert port.update_order(progress(order)) == updated
    assert {each.operation_id for each in org.journal()[before:]} == {"runQuery"}


def test_a_probability_is_an_override_only_where_it_differs(org, port, account):
    first, second = [stage for stage in port.stages() if stage.kind == "open"][:2]
    wanted = Opportunity(
        id="", account_id=account, name="Spare parts", stage_id="", amount=eur("1200.00"),
        close_on=date(2026, 12, 31),
    )  # fmt: skip
    made = port.save_opportunity(wanted)
    assert (made.stage_id, made.probability) == (first.id, first.probability)
    assert (made.close_on, made.account_id) == (date(2026, 12, 31), account)
    org.later()
    moved = port.save_opportunity(evolve(made, stage_id=second.id, amount=eur("900.00")))
    assert (moved.stage_id, moved.probability) == (second.id, second.probability)
    org.later()
    sure = port.save_opportunity(evolve(moved, probability=Decimal("0.85")))
    assert (sure.probability, sure.amount) == (Decimal("0.85"), eur("900.00"))
    overrides = ["Probability" in e.request_body for e in org.journal("changeRecord")]
    assert overrides == [False, True]
    with pytest.raises(Conflict):
        port.save_opportunity(moved)


@pytest.mark.parametrize("kind", ["call", "email", "meeting", "task", "note"])
def test_an_activity_keeps_what_it_is(port, account, kim, kind):
    wanted = Activity(
        id="", account_id=account, kind=kind, subject="About prices", text="They rise.",
        owner_id=kim, due_at=NOON, completed_at=NOON + timedelta(hours=1),
    )  # fmt: skip
    added = port.add_activity(wanted, key=f"about:{kind}")
    assert evolve(added, id="", created_at=None) == wanted
    assert added in port.activities(account)


# How it is entered.


def test_a_session_is_shared_and_renewed_when_it_ends(org):
    port = org.connect()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(port.user, ["kim"] * 16))
    assert len(org.journal("issueToken")) == 1
    org.later(3 * 3600)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(port.user, ["kim"] * 16))
    assert len(org.journal("issueToken")) == 2
    port.close()


def test_a_signed_assertion_opens_a_session(org):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    register_key(
        org.world,
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )
    # The assertion tells this machine's time, and the organization compares it with its own.
    org.world.clock.set(datetime.now(UTC))
    port = org.connect(client_secret=None, private_key=pem, username=INTEGRATION)
    assert port.user("kim").name
    (entry,) = org.journal("issueToken")
    assert "PRIVATE KEY" not in json.dumps(entry.as_dict(), default=str)
    port.close()


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"client_secret": None}, "client_secret"),
        ({"private_key": "x", "username": "u"}, "keep one of them"),
        ({"client_secret": None, "private_key": "x", "username": "u"}, "RSA key"),
        ({"guards": {"order": "after"}}, "guards"),
        ({"guards": {"quote": "always"}}, "guards"),
    ],
)
def test_settings_that_do_not_go_together_are_told(org, over, said):
    with pytest.raises(ConfigError, match=said):
        org.connect(**over)


def test_a_wrong_secret_is_told_and_not_shown(org):
    with pytest.raises(RemoteUnauthorized, match="invalid_client") as caught:
        org.connect(client_secret="wrong-secret").stages()
    assert "wrong-secret" not in str(caught.value)


def test_the_days_limit_says_that_nothing_was_done_and_the_feed_waits(port):
    body = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    token = {"access_token": "t", "instance_url": "x"}
    asked = []

    def answer(request):
        asked.append(request.url.path)
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json=token)
        if len(asked) == 2:
            headers = {"Sforce-Limit-Info": "api-usage=85/100"}
            found = {"totalSize": 0, "done": True, "records": []}
            return httpx.Response(200, json=found, headers=headers)
        return httpx.Response(403, json=body)

    limited = salesforce.connect("crm", SETTINGS, transport=httpx.MockTransport(answer))
    first = limited.changes(None)
    assert limited.changes(first.cursor).cursor == first.cursor
    assert len(asked) == 2
    with pytest.raises(RemoteUnavailable) as caught:
        limited.account("001000000000001AAA")
    assert (caught.value.retry_after, caught.value.maybe_done) == (900.0, False)
    assert caught.value.code == "REQUEST_LIMIT_EXCEEDED"


def test_a_field_may_have_the_organizations_own_name(org):
    port = org.connect(fields={"Crossdock_Tax_Number__c": "Tax_Number__c"})
    (first, *_) = port.accounts(limit=1).items
    org.later()
    saved = port.save_account(evolve(first, tax_number="DE 77"))
    assert port.account(first.id).tax_number == saved.tax_number == "DE 77"
    assert org.world.table("sf_Account").get(first.id)["Tax_Number__c"] == "DE 77"
    port.close()


def test_guards_are_after_the_save_until_the_organization_asks_before_it(org, port):
    assert (port.guards.quote, port.guards.account) == ("after", "none")
    asking = org.connect(guards={"quote": "before", "account": "before"})
    assert (asking.guards.quote, asking.guards.account) == ("before", "before")


def test_fields_that_are_missing_or_unfit_are_named_and_left_to_a_person(org):
    port = org.connect(
        customer_numbers={"main": "Not_There__c", "uk": "Crossdock_Email__c"},
        fields={"Crossdock_Promised_On__c": "Crossdock_Status__c"},
    )
    lacking = {each.name: each for each in port.provisioning.lacking()}
    assert not any(each.makeable for each in lacking.values())
    assert "Text(255), unique, external id" in lacking["Account.Not_There__c"].problem
    assert "unique" in lacking["Account.Crossdock_Email__c"].problem
    assert lacking["Order.Crossdock_Status__c"].problem == "is of type string, not Date"
    port.close()


# SOQL.


@pytest.mark.parametrize(
    "name",
    ["O'Brien", "back\\slash", "100% pure", "under_score", 'say "hi"', "a\nb", "x' OR Id != '"],
)
def test_no_value_becomes_a_part_of_a_statement(port, name):
    made = port.save_account(Account(id="", name=f"Firm {name} End"))
    found = port._org.select(["Id"], "Account", where=soql.equal("Name", made.name))
    assert [row["Id"] for row in found] == [made.id]
    assert made.id in {each.id for each in port.accounts(name.split()[0]).items}
    assert port.accounts("%").items == tuple(a for a in port.accounts("%").items if "%" in a.name)


# Changes.


def test_the_change_feed_tells_what_came_after_its_cursor_once(org, port, draft):
    everything, cursor = drained(port)
    assert {change.entity for change in everything} == {
        "account", "contact", "opportunity", "quote", "order",
    }  # fmt: skip
    org.later(60)
    assert drained(port, cursor)[0] == []
    quote = port.save_quote(draft)
    order = port.order_from_quote(quote.id)
    org.later(10)
    news, cursor = drained(port, cursor)
    assert {(c.entity, c.id) for c in news if c.entity != "opportunity"} == {
        ("quote", quote.id),
        ("order", order.id),
    }
    org.later(10)
    assert drained(port, cursor)[0] == []


def test_a_change_of_a_line_is_told_as_one_of_its_quote(org, port, draft):
    quote = port.save_quote(draft)
    org.later(60)
    _, cursor = drained(port)
    client = org.client()
    answer = client.get(
        "/query", params={"q": f"SELECT Id FROM QuoteLineItem WHERE QuoteId = '{quote.id}'"}
    )
    line = answer.json()["records"][0]["Id"]
    client.patch(f"/sobjects/QuoteLineItem/{line}", json={"Description": "Other"})
    org.later(10)
    news, cursor = drained(port, cursor)
    assert {(change.entity, change.id) for change in news} == {("quote", quote.id)}
    client.delete(f"/sobjects/QuoteLineItem/{line}").raise_for_status()
    org.later(10)
    news, _ = drained(port, cursor)
    assert {(change.entity, change.id) for change in news} == {("quote", quote.id)}


def test_what_is_deleted_is_told(org, port):
    made = port.save_account(Account(id="", name="Soon gone"))
    org.later(60)
    _, cursor = drained(port)
    org.client().delete(f"/sobjects/Account/{made.id}").raise_for_status()
    org.later(10)
    news, cursor = drained(port, cursor)
    assert [(c.entity, c.id, c.action) for c in news] == [("account", made.id, "deleted")]
    assert drained(port, cursor)[0] == []


# A storm.


def insisting(do, org, attempts=60):
    """Do something until it is done, as a worker does; time goes by between two attempts."""
    for _ in range(attempts):
        try:
            return do()
        except RemoteError:
            org.later(11)
    raise AssertionError("it was never done")


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", [1, 2])
def test_quotes_become_orders_once_through_a_storm(org, port, draft, seed):
    before, lines = org.count("Order"), org.count("OrderItem")
    drafts = [port.save_quote(draft) for _ in range(3)]
    lost = ("drop_after_commit", "status_after_commit", "half_body", "drop_before", "status")
    org.world.faults.arm(
        [
            *(Fault(kind=kind, probability=0.06) for kind in lost),
            Fault(kind="expired_token", probability=0.02),
            Fault(kind="malformed_json", probability=0.03),
        ],
        seed,
    )
    event = OrderEvent(key="acknowledged", at=NOON, kind="acknowledged", title="Acknowledged")
    done = []
    for quote in drafts:
        order = insisting(lambda q=quote: port.order_from_quote(q.id), org)
        number = f"SO-{len(done)}"
        wanted = evolve(order, status="confirmed", erp_system="main", erp_order_id=number)
        insisting(lambda w=wanted: port.update_order(w), org)
        insisting(lambda o=order: port.add_order_event(o.id, event), org)
        done.append(order)
    struck = len([entry for entry in org.journal() if entry.fault])
    org.world.faults.clear()
    assert struck > 3
    assert org.count("Order") == before + 3
    assert org.count("OrderItem") == lines + 3 * len(draft.lines)
    for quote, order in zip(drafts, done, strict=True):
        assert port.quote(quote.id).order_id == order.id
        assert port.order(order.id).status == "confirmed"
        assert len(port.order_events(order.id)) == 1


def test_the_connector_uses_the_operations_that_it_declares(org, port, draft, entered):
    account = port.save_account(Account(id="", name="New"))
    org.later()
    port.save_account(evolve(account, name="Newer"))
    saved = port.save_quote(draft)
    org.later()
    port.save_quote(evolve(saved, lines=saved.lines[:1], net=None, tax=None, gross=None))
    port.save_order(entered)
    drained(port)
    port.provisioning.lacking()
    used = {entry.operation_id for entry in org.journal()} | {
        "readQueryPage",
        "deleteRecord",  # sent by the composite
    }
    assert used == port.used_operations | {"deleteRecord"}
    for entry in org.journal():
        assert entry.verdict in ("answered", "refused"), entry.reason
        assert SECRET not in json.dumps(entry.as_dict(), default=str)
