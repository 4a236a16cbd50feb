"""Every CRM that there is a connector for, each with its mock.

A new CRM is one class here and one line in `HOUSES`; `test_crm_port_contract.py` then tries on it
what every `CrmPort` promises. A test of one CRM alone names it:
`pytestmark = pytest.mark.parametrize("house", ["hubspot"], indirect=True)`.
"""

# ruff: noqa: RUF012 - a house is a table of what its CRM is like, and nobody writes into it

from datetime import UTC, datetime, time, timedelta

import httpx
import pytest

from crossdock.connectors import crm, hubspot, sage_crm, salesforce, saleslogix
from crossdock_mocks.dialects import crm as reference_mock
from crossdock_mocks.dialects import hubspot as hubspot_mock
from crossdock_mocks.dialects import sage_crm as sage_crm_mock
from crossdock_mocks.dialects import salesforce as salesforce_mock
from crossdock_mocks.dialects import saleslogix as saleslogix_mock
from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP, PUBLIC_APP, READER, REFRESH_TOKEN
from crossdock_mocks.engine import App, MockTransport

CLIENT = {"client_id": "crossdock", "client_secret": "crossdock-secret"}


class House:
    """One CRM, and what can be seen of it besides the connector.

    Attributes:
        name: of connector and mock, and so of its host.
        settings: what the connector is told.
        renewed: settings by which a session is opened that ends.
        secret: what nobody may ever see of `renewed`.
        wrong: settings that do not open anything.
        reader: settings of somebody who may only read; none where the mock has nobody such.
        guards: when quotes are guarded.
        cases: whether its connector tells service cases.
        quiet: operations that may be called although nothing is to be written.
        makes: the operations that write what is made or changed, by the port's method.
        override: what a probability is written as that is not the stage's, and by which operation.
        calls_for_a_list: how many calls a list of an account takes at most, however long it is.
        beyond: declared operations that no test of moderate size reaches.
        within: operations that the mock does as parts of others.
        furnished: operations that gave the CRM what it lacked.
    """

    connector = crm
    mock = reference_mock
    name = "crm"
    settings = CLIENT
    renewed = CLIENT
    secret = CLIENT["client_secret"]
    wrong = {"client_secret": "wrong-secret"}
    reader = {"client_id": "reader", "client_secret": "reader-secret"}
    guards = "before"
    cases = True
    quiet = frozenset({"changeQuote", "getOrder"})
    makes = {
        "save_quote": ("createQuote",),
        "order_from_quote": ("orderQuote",),
        "update_order": ("changeOrder", "addTimelineEntry"),
        "save_order": ("createOrder",),
        "add_activity": ("createActivity",),
    }
    override = ("changeOpportunity", "probability_override")
    calls_for_a_list = 1
    beyond = within = frozenset()

    def __init__(self, dataset):
        self.app = App(self.mock.dialect())
        self.world = self.app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))
        port = self.connect()
        self.furnish(port)
        self.furnished = {entry.operation_id for entry in self.world.journal}
        self.world.seal()
        found, after = [], None
        while True:
            page = port.accounts(after=after)
            found += page.items
            after = page.next
            if after is None:
                break
        self.accounts = {each.external_ids.get("main", each.name): each for each in found}
        self.kim = port.user("kim").id
        port.close()

    def furnish(self, port):
        """Give the CRM what it lacks, once."""

    def transport(self):
        return MockTransport(self.app, self.world)

    def connect(self, **over):
        given = {"url": f"http://{self.name}.test"} | self.settings | over
        return self.connector.connect("crm", given, transport=self.transport())

    def later(self, seconds=15):
        """Let time go by, so that a later change has a later stamp and searches catch up."""
        self.world.clock.advance(timedelta(seconds=seconds))

    def journal(self, operation=None):
        return [
            entry
            for entry in self.world.journal
            if operation is None or entry.operation_id == operation
        ]

    def has(self, kind, row):
        """Whether the CRM can keep what a data set has."""
        return True

    def orders(self):
        """How many orders there are, and how many lines of theirs, by the mock's own tables."""
        rows = self.world.table("crm_orders").find(limit=10_000)
        return len(rows), sum(len(row["lines"]) for row in rows)

    def quotes(self):
        """How many quotes there are, by the mock's own tables."""
        return self.world.table("crm_quotes").count()


class HubSpotHouse(House):
    """HubSpot: no hook before a save, no locking, several objects to a document."""

    connector = hubspot
    mock = hubspot_mock
    name = "hubspot"
    settings = {
        "access_token": PRIVATE_APP.token,
        "searches_per_second": 10_000.0,
        "archived_every": 0.000_001,
        "roles": {"Sales": "manager", "Accounting": "accounting"},
        "default_role": "sales",
    }
    renewed = {
        "access_token": None,
        "client_id": PUBLIC_APP.client_id,
        "client_secret": PUBLIC_APP.secret,
        "refresh_token": REFRESH_TOKEN,
    }
    secret = PUBLIC_APP.secret
    wrong = {"access_token": "pat-wrong-secret"}
    reader = {"access_token": READER.token}
    guards = "after"
    quiet = frozenset({"getObject", "batchReadObjects"})
    makes = {
        "save_quote": ("createObject", "batchUpsertObjects"),
        "order_from_quote": (
            "createObject", "batchUpsertObjects", "batchCreateAssociations", "updateObject",
        ),
        "update_order": ("updateObject", "batchUpdateObjects", "createObject"),
        "save_order": ("createObject",),
        "add_activity": ("createObject",),
    }  # fmt: skip
    override = ("updateObject", "crossdock_probability")
    calls_for_a_list = 17

    def furnish(self, port):
        assert port.provisioning.provision()
        assert port.provisioning.lacking() == port.provisioning.provision() == ()
        self.later()

    def orders(self):
        return self.count("0-123"), self.count("0-8")

    def quotes(self):
        return self.count("0-14")

    def count(self, kind):
        return self.world.table("hubspot_records").count({"type": kind, "archived": False})

    def person(self):
        """Enter as somebody who works in HubSpot itself."""
        return httpx.Client(
            transport=self.transport(),
            base_url="http://hubspot.test",
            headers={"Authorization": f"Bearer {PRIVATE_APP.token}"},
        )

    def changes_a_line(self, quote):
        """A person changes the first line of a quote."""
        person = self.person()
        path, query = f"/crm/v3/objects/quotes/{quote.id}", {"associations": "line_items"}
        (lines,) = person.get(path, params=query).json()["associations"].values()
        line = f"/crm/v3/objects/line_items/{lines['results'][0]['id']}"
        person.patch(line, json={"properties": {"quantity": "4"}}).raise_for_status()

    def deletes(self, account):
        self.person().delete(f"/crm/v3/objects/companies/{account.id}").raise_for_status()


class SalesforceHouse(House):
    """Salesforce: documents in one transaction, lines by a price book, an opportunity for each."""

    connector = salesforce
    mock = salesforce_mock
    name = "salesforce"
    settings = {
        **CLIENT,
        "roles": {"manager": "manager", "accounting": "accounting"},
        "default_role": "sales",
        "feed_lag": 30,
    }
    reader = None
    guards = "after"
    quiet = frozenset({"runQuery"})
    makes = {
        "save_quote": ("createRecord", "createTree"),
        "order_from_quote": ("createTree", "changeRecord"),
        "update_order": ("composite", "createRecord"),
        "save_order": ("createTree",),
        "add_activity": ("createRecord",),
    }
    override = ("changeRecord", "Probability")
    calls_for_a_list = 3
    beyond = frozenset({"readQueryPage"})
    within = frozenset({"deleteRecord"})

    def furnish(self, port):
        assert port.provisioning.lacking() == port.provisioning.provision() == ()

    def has(self, kind, row):
        """The mock has no quote without an opportunity, as Salesforce has none."""
        return kind != "quotes" or row["opportunity_id"]

    def orders(self):
        return self.count("Order"), self.count("OrderItem")

    def quotes(self):
        return self.count("Quote")

    def count(self, kind):
        return self.world.table(f"sf_{kind}").count()

    def person(self):
        """Enter as somebody who works in Salesforce itself."""
        client = httpx.Client(transport=self.transport(), base_url="http://salesforce.test")
        grant = {"grant_type": "client_credentials", **CLIENT}
        token = client.post("/services/oauth2/token", data=grant).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.base_url = "http://salesforce.test/services/data/v59.0"
        return client

    def rows(self, statement):
        """What somebody who works in Salesforce reads by a query."""
        return self.person().get("/query", params={"q": statement}).json()["records"]

    def changes_a_line(self, quote):
        found = self.rows(f"SELECT Id FROM QuoteLineItem WHERE QuoteId = '{quote.id}' ORDER BY Id")
        line = f"/sobjects/QuoteLineItem/{found[0]['Id']}"
        self.person().patch(line, json={"Quantity": 4}).raise_for_status()

    def deletes(self, account):
        self.person().delete(f"/sobjects/Account/{account.id}").raise_for_status()


class SDataHouse(House):
    """A CRM that speaks SData: Basic authentication, no session that ends, lists for everything.

    Attributes:
        path: of its contract.
        line, quantity: a quote's line and its quantity, in the CRM's words.
    """

    settings = renewed = {
        "user": "crossdock",
        "password": "crossdock-secret",
        "roles": {"manager": "manager", "accounting": "accounting"},
        "default_role": "sales",
        "feed_lag": 30,
        "deletions_every": 0.000_000_1,
    }
    secret = "crossdock-secret"
    wrong = {"password": "wrong-secret"}
    reader = {"user": "reader", "password": "reader-secret"}
    guards = "after"

    def furnish(self, port):
        assert port.provisioning.lacking() == port.provisioning.provision() == ()

    def person(self):
        """Enter as somebody who works in the CRM itself."""
        return httpx.Client(
            transport=self.transport(),
            base_url=f"http://{self.name}.test{self.path}",
            auth=("crossdock", "crossdock-secret"),
            params={"format": "json"},
        )

    def asks(self, method, path, **more):
        with self.person() as person:
            answer = person.request(method, path, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def count(self, kind):
        return self.world.table(f"sdata_{kind}").count()


class SageCrmHouse(SDataHouse):
    """Sage CRM: no locking at all, a trading account for each customer number."""

    connector = sage_crm
    mock = sage_crm_mock
    name = "sage-crm"
    path = "/sdata/crmj/sagecrm2/-/"
    quiet = frozenset(
        {"readQuote", "readOrder", "readCompany", "listOrders", "listProducts", "listPrices",
         "listCurrencies"}
    )  # fmt: skip
    makes = {
        "save_quote": ("createQuote",),
        "order_from_quote": ("createOrder", "updateQuote"),
        "update_order": ("updateOrder", "updateOrderItem", "createCommunication"),
        "save_order": ("createOrder",),
        "add_activity": ("createCommunication",),
    }
    override = ("updateOpportunity", "oppo_cdprobability")
    calls_for_a_list = 5
    beyond = frozenset(
        {"createQuoteItem", "updateQuoteItem", "createAccount", "updateAccount", "createAddress",
         "updateAddress", "createProduct", "updateProduct", "createPrice", "updatePrice"}
    )  # fmt: skip

    def orders(self):
        return self.count("orders"), self.count("orderitems")

    def quotes(self):
        return self.count("quotes")

    def changes_a_line(self, quote):
        where = f"quit_orderquoteid eq {quote.id}"
        found = self.asks(
            "GET", "quoteitems", params={"where": where, "orderby": "quit_linenumber"}
        )
        line = found["$resources"][0]["$key"]
        self.asks("PUT", f"quoteitems('{line}')", json={"quit_quantity": 4})

    def deletes(self, account):
        self.asks("DELETE", f"company('{account.id}')")


class SalesLogixHouse(SDataHouse):
    """SalesLogix: entity tags, references as objects, activities apart from the history."""

    connector = saleslogix
    mock = saleslogix_mock
    name = "saleslogix"
    path = "/sdata/slx/dynamic/-/"
    quiet = frozenset({"readQuote", "readSalesOrder", "readAccount", "listSalesOrders",
                       "listProducts"})  # fmt: skip
    makes = {
        "save_quote": ("createQuote",),
        "order_from_quote": ("createSalesOrder", "updateQuote"),
        "update_order": ("updateSalesOrder", "updateSalesOrderItem", "createHistory"),
        "save_order": ("createSalesOrder",),
        "add_activity": ("createActivity",),
    }
    override = ("updateOpportunity", "probability_override")
    calls_for_a_list = 5
    beyond = (
        frozenset(
            {"createQuoteItem", "updateQuoteItem", "readHistory", "createProduct", "updateProduct"}
        )
        | {
            f"{does}{kind}"
            for kind in ("ErpBillTo", "ErpShipTo", "ErpInvoice", "ErpShipment", "ErpReceivable")
            for does in ("create", "update")
        }
        | {
            f"list{kind}s"
            for kind in ("ErpBillTo", "ErpShipTo", "ErpInvoice", "ErpShipment", "ErpReceivable")
        }
    )

    def orders(self):
        return self.count("salesOrders"), self.count("salesOrderItems")

    def quotes(self):
        return self.count("quotes")

    def changes_a_line(self, quote):
        query = {"where": f"Quote.Id eq '{quote.id}'", "orderby": "LineNumber"}
        found = self.asks("GET", "quoteItems", params=query)
        line = found["$resources"][0]["$key"]
        self.asks("PUT", f"quoteItems('{line}')", json={"Quantity": 4})

    def deletes(self, account):
        self.asks("DELETE", f"accounts('{account.id}')")


HOUSES = {
    each.name: each
    for each in (House, HubSpotHouse, SalesforceHouse, SageCrmHouse, SalesLogixHouse)
}


@pytest.fixture(scope="session")
def houses(dataset):
    """Each CRM, opened when a test first asks for it."""
    opened = {}

    def house(name):
        if name not in opened:
            opened[name] = HOUSES[name](dataset)
        return opened[name]

    yield house
    for each in opened.values():
        each.world.close()


@pytest.fixture(params=HOUSES)
def house(request, houses):
    found = houses(request.param)
    found.world.reset()
    return found


@pytest.fixture
def port(house):
    port = house.connect()
    yield port
    port.close()


@pytest.fixture
def kim(house):
    return house.kim


@pytest.fixture
def account(house, dataset):
    """The id of the account with the most quotes."""
    ids = [row["account_id"] for row in dataset.rows("quotes")]
    most = max(sorted(set(ids)), key=ids.count)
    row = next(row for row in dataset.rows("accounts") if row["id"] == most)
    return house.accounts[row["customer_id"]].id
