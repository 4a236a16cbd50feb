"""The connectors against the mocks of the reference systems, in process."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import httpx
import pytest
import stamina

from crossdock.connectors import business_central, crm, erp, quickbooks
from crossdock.records import Address, Money, Order, OrderLine
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects import business_central as bc
from crossdock_mocks.dialects import quickbooks as qbo
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, MockTransport

CRM_SETTINGS = {
    "url": "http://crm.test",
    "client_id": "crossdock",
    "client_secret": "crossdock-secret",
}
ERP_SETTINGS = {"url": "http://erp.test", "api_key": "erp-demo-key"}
BC_SETTINGS = {
    "url": "http://bc.test:7048/v2.0/production/api/v2.0",
    "auth_url": "http://bc.test:7048",
    "tenant": "contoso.example",
    "client_id": bc.CLIENT_ID,
    "client_secret": bc.CLIENT_SECRET,
}
QBO_SETTINGS = {
    "url": "http://books.test",
    "auth_url": "http://books.test",
    "realm": qbo.REALM_ID,
    "client_id": qbo.CLIENT_ID,
    "client_secret": qbo.CLIENT_SECRET,
    "refresh_token": qbo.REFRESH_TOKEN,
}


class Mock:
    """One mock with its world, and what can be seen of it besides the connector."""

    def __init__(self, dialect, dataset):
        self.app = App(dialect)
        self.world = self.app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))

    def transport(self):
        return MockTransport(self.app, self.world)

    def journal(self, operation=None):
        return [
            entry
            for entry in self.world.journal
            if operation is None or entry.operation_id == operation
        ]


@pytest.fixture(scope="session")
def dataset():
    return generate(seed=20, scale=0.05)


@pytest.fixture(scope="session")
def opened(dataset):
    mocks = {
        "crm": Mock(crm_dialect(), dataset),
        "erp": Mock(erp_dialect(), dataset),
        "quickbooks": Mock(qbo.dialect(), dataset),
    }
    yield mocks
    for mock in mocks.values():
        mock.world.close()


@pytest.fixture
def crm_mock(opened):
    opened["crm"].world.reset()
    return opened["crm"]


@pytest.fixture
def crm_order():
    """Make a CRM order on its way to an ERP, of two items by their codes."""

    def make(first, second):
        return Order(
            id="R-1",
            system="crm",
            currency="EUR",
            reference="R-1",
            quote_id="Q-1",
            opportunity_id="O-1",
            requested_on=date(2026, 12, 1),
            ship_to=Address(name="Gate 4", street="1 Quay", city="Hull", country="GB"),
            lines=(
                OrderLine(
                    number=1,
                    item_id=first,
                    quantity=Decimal(2),
                    unit_price=Money("3.25", "EUR"),
                    discount_percent=Decimal("2.5"),
                ),
                OrderLine(number=5, item_id=second, quantity=Decimal(4)),
            ),
        )

    return make


@pytest.fixture
def erp_mock(opened):
    opened["erp"].world.reset()
    return opened["erp"]


@pytest.fixture
def crm_port(crm_mock):
    port = crm.connect("crm", CRM_SETTINGS, transport=crm_mock.transport())
    yield port
    port.close()


@pytest.fixture
def erp_port(erp_mock):
    port = erp.connect("main", ERP_SETTINGS, transport=erp_mock.transport())
    yield port
    port.close()


@pytest.fixture
def connect_erp(erp_mock):
    """Make further connectors to the same ERP, as other processes would."""
    return lambda **over: erp.connect("main", ERP_SETTINGS | over, transport=erp_mock.transport())


@pytest.fixture
def back_office(erp_mock):
    """Ship, invoice and take payments in the ERP, as its own people do."""
    client = httpx.Client(
        transport=erp_mock.transport(),
        base_url="http://erp.test",
        headers={"X-Api-Key": "erp-warehouse-key"},
    )

    def do(path, body):
        response = client.post(path, json=body)
        assert response.is_success, response.text
        return response.json()

    yield do
    client.close()


@pytest.fixture
def no_waiting():
    """Retries happen at once, as many as the connector makes."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def qbo_mock(opened):
    """QuickBooks, whose clock stands still: what is counted by the minute is not limited here."""
    mock = opened["quickbooks"]
    mock.world.reset()
    for name in ("requests_per_minute", "batches_per_minute"):
        mock.world.table("qbo_settings").replace({"name": name, "value": 100_000})
    return mock


@pytest.fixture
def connect_qbo(qbo_mock):
    """Make connectors to one QuickBooks company, as several processes would."""
    opened = []

    def make(*, transport=None, tokens=None, **over):
        port = quickbooks.connect(
            "main",
            QBO_SETTINGS | over,
            transport=transport or qbo_mock.transport(),
            tokens=tokens,
        )
        opened.append(port)
        return port

    yield make
    for port in opened:
        port.close()


@pytest.fixture
def qbo_port(connect_qbo):
    return connect_qbo()


@pytest.fixture
def books(qbo_mock):
    """Press QuickBooks' own buttons, as the people who keep the books do."""
    company = f"http://books.test/v3/company/{qbo.REALM_ID}"
    with httpx.Client(transport=qbo_mock.transport()) as client:
        app = httpx.BasicAuth(qbo.CLIENT_ID, qbo.CLIENT_SECRET)
        grant = {"grant_type": "refresh_token", "refresh_token": qbo.REFRESH_TOKEN}
        token = client.post("http://books.test/oauth2/v1/tokens/bearer", data=grant, auth=app)
        client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

        class Books:
            def read(self, entity, entity_id):
                url = f"{company}/{entity.lower()}/{entity_id}"
                answer = client.get(url, params={"minorversion": 75})
                assert answer.is_success, answer.text
                return answer.json()[entity]

            def write(self, entity, body, **query):
                url = f"{company}/{entity.lower()}"
                answer = client.post(url, json=body, params={"minorversion": 75, **query})
                assert answer.is_success, answer.text
                return answer.json()[entity]

            def touch(self, entity, entity_id, **values):
                """Change a little of something, as a second writer does."""
                token = self.read(entity, entity_id)["SyncToken"]
                head = {"Id": entity_id, "SyncToken": token, "sparse": True}
                return self.write(entity, {**head, **values})

            def invoice(self, estimate_id, quantities=None):
                """Invoice an estimate: all of it, or so many of each line by its place."""
                estimate = self.read("Estimate", estimate_id)
                lines = [
                    line for line in estimate["Line"] if line["DetailType"] == "SalesItemLineDetail"
                ]
                sold = []
                for place, line in enumerate(lines, start=1):
                    detail = line["SalesItemLineDetail"]
                    count = detail["Qty"] if quantities is None else quantities.get(place, 0)
                    if count:
                        link = {
                            "TxnId": estimate_id, "TxnType": "Estimate", "TxnLineId": line["Id"]
                        }  # fmt: skip
                        sold.append(
                            {
                                "DetailType": "SalesItemLineDetail",
                                "Amount": round(detail["UnitPrice"] * count, 2),
                                "LinkedTxn": [link],
                                "SalesItemLineDetail": {**detail, "Qty": count},
                            }
                        )
                return self.write(
                    "Invoice",
                    {
                        "CustomerRef": estimate["CustomerRef"],
                        "LinkedTxn": [{"TxnId": estimate_id, "TxnType": "Estimate"}],
                        "Line": sold,
                    },
                )

            def pay(self, invoice, amount=None):
                """Receive a payment for an invoice, all of it or a part."""
                amount = invoice["Balance"] if amount is None else amount
                link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
                return self.write(
                    "Payment",
                    {
                        "CustomerRef": invoice["CustomerRef"],
                        "TotalAmt": amount,
                        "Line": [{"Amount": amount, "LinkedTxn": [link]}],
                    },
                )

        yield Books()


@pytest.fixture(scope="session")
def opened_bc(dataset):
    mock = Mock(bc.dialect(), dataset)
    yield mock
    mock.world.close()


@pytest.fixture
def bc_mock(opened_bc):
    """Business Central, whose clock stands still: what is counted by minutes is not limited."""
    mock = opened_bc
    mock.world.reset()
    mock.world.journal.clear()
    bc.allow(mock.world, 1_000_000)
    yield mock
    assert [each.reason for each in mock.world.journal if each.verdict == "defect"] == []


@pytest.fixture
def connect_bc(bc_mock):
    """Make connectors to one company, as several processes would."""
    opened = []

    def make(*, transport=None, **over):
        port = business_central.connect(
            "main", BC_SETTINGS | over, transport=transport or bc_mock.transport()
        )
        opened.append(port)
        return port

    yield make
    for port in opened:
        port.close()


@pytest.fixture
def bc_port(connect_bc):
    return connect_bc()


@pytest.fixture
def bc_house(bc_mock):
    """Press Business Central's own buttons, as the people who work there do."""
    root = BC_SETTINGS["url"]
    with httpx.Client(transport=bc_mock.transport()) as client:
        grant = {
            "grant_type": "client_credentials",
            "client_id": bc.CLIENT_ID,
            "client_secret": bc.CLIENT_SECRET,
            "scope": bc.SCOPE,
        }
        token = client.post("http://bc.test:7048/contoso.example/oauth2/v2.0/token", data=grant)
        client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        company = client.get(f"{root}/companies").json()["value"][0]["id"]

        class House:
            def ask(self, method, path, body=None, **query):
                url = f"{root}/companies({company})/{path}"
                params = {f"${name}": value for name, value in query.items()}
                headers = {"If-Match": "*"} if method == "PATCH" else {}
                answer = client.request(
                    method, url, json=body, params=params or None, headers=headers
                )
                assert answer.is_success, answer.text
                return answer

            def rows(self, name, condition="", **query):
                if condition:
                    query["filter"] = condition
                return self.ask("GET", name, **query).json()["value"]

            def one(self, name, number, **query):
                (row,) = self.rows(name, f"number eq '{number}'", **query)
                return row

            def change(self, name, number, **values):
                row = self.one(name, number)
                return self.ask("PATCH", f"{name}({row['id']})", values).json()

            def post(self, number, quantities=None):
                """Ship and invoice an order: all of it, or so many of each line by its number."""
                order = self.one("salesOrders", number, expand="salesOrderLines")
                if quantities is not None:
                    for line in order["salesOrderLines"]:
                        if line["lineType"] == "Item":
                            much = quantities.get(line["sequence"] // 10_000, 0)
                            body = {"shipQuantity": much, "invoiceQuantity": much}
                            self.ask("PATCH", f"salesOrderLines({line['id']})", body)
                path = f"salesOrders({order['id']})/Microsoft.NAV.shipAndInvoice"
                made = self.ask("POST", path).headers["location"].rpartition("(")[2].rstrip(")")
                return self.ask("GET", f"salesInvoices({made})").json()

            def pay(self, invoice, amount=None):
                """Receive a payment for a posted invoice, all of it or a part."""
                journal = self.rows("customerPaymentJournals")[0]["id"]
                body = {
                    "customerNumber": invoice["billToCustomerNumber"],
                    "amount": -(invoice["remainingAmount"] if amount is None else amount),
                    "appliesToInvoiceNumber": invoice["number"],
                }
                self.ask("POST", f"customerPaymentJournals({journal})/customerPayments", body)
                self.ask("POST", f"journals({journal})/Microsoft.NAV.post")

            def quotes(self):
                return list(bc_mock.world.table("salesQuotes").find())

            def orders(self, reference):
                """All orders with a number, in the mock's own state; gone ones by invoice."""
                there = bc_mock.world.table("salesOrders").find()
                gone = bc_mock.world.table("salesInvoices").find()
                return {
                    *(r["number"] for r in there if r["externalDocumentNumber"] == reference),
                    *(r["orderNumber"] for r in gone if r["externalDocumentNumber"] == reference),
                }

        yield House()
