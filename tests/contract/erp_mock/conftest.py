"""A small trading company in the reference ERP, and a client that speaks to it in process."""

from datetime import date
from decimal import Decimal

import httpx
import pytest

from crossdock_mocks.datasets import DataSet, Header, Rule
from crossdock_mocks.dialects.erp import dialect
from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.transport import MockTransport

AS_OF = date(2026, 11, 20)


def _item(item_id, name, price, **more):
    cost = None if price is None else Decimal(price) * Decimal("0.6")
    return {
        "id": item_id,
        "name": name,
        "product_line": "Bearings",
        "unit": "each",
        "list_price": None if price is None else Decimal(price),
        "cost": cost,
        "tax_code": "STD",
        "lead_time_days": 7,
        **more,
    }


def _customer(customer_id, name, **more):
    return {
        "id": customer_id,
        "name": name,
        "currency": "GBP",
        "terms_days": 30,
        "street": "1 Dock Road",
        "city": "Hull",
        "postcode": "HU1 1AA",
        "country": "GB",
        **more,
    }


def _price(item_id, price=None, at=1, **more):
    return {
        "item_id": item_id,
        "min_quantity": Decimal(at),
        "price": None if price is None else Decimal(price),
        **more,
    }


def _line(head, key, number, item_id, quantity, price, **more):
    return {
        f"{head}_id": key,
        "line": number,
        "item_id": item_id,
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
        "tax_code": "STD",
        **more,
    }


def _contract(contract_id, starts_on, ends_on):
    return {
        "id": contract_id,
        "customer_id": "C-10001",
        "kind": "maintenance",
        "name": f"Contract {contract_id}",
        "starts_on": starts_on,
        "ends_on": ends_on,
        "annual_value": Decimal("1200.00"),
        "currency": "GBP",
        "annual_cost": Decimal("900.00"),
    }


TABLES = {
    "tax_codes": [
        {"id": "STD", "name": "Standard", "rate": Decimal("0.20")},
        {"id": "RED", "name": "Reduced", "rate": Decimal("0.05")},
    ],
    "items": [
        _item("BRG-1001", "Ball bearing 6204", "10.00"),
        _item("BRG-1002", "Ball bearing 6205", "10.01", lead_time_days=14),
        _item("BLT-2001", "Drive belt", "4.50", tax_code="RED", lead_time_days=None),
        _item("SRV-1", "Fitting, per hour", "80.00", kind="service"),
        _item("OLD-1", "Discontinued", "3.00", active=False),
        _item("EUR-ONLY", "Priced in lists only", None),
    ],
    "price_lists": [{"id": "TRADE", "name": "Trade 2026", "currency": "GBP"}],
    "customers": [
        _customer(
            "C-10001", "Acme Works", price_list_id="TRADE", credit_limit=Decimal(1000),
            email="Buying@acme.example", tax_number="GB123",
        ),
        _customer("C-10002", "Borough Mills"),
        _customer("C-10003", "Crown Motors", on_hold=True, hold_reason="Disputed invoice"),
        _customer("C-10004", "Acme Works, plant 2", bill_to_id="C-10001"),
        _customer("C-10005", "Delta GmbH", currency="EUR", country="DE"),
        _customer("C-10006", "Empty Pockets", credit_limit=Decimal(0), price_level="B"),
    ],
    "prices": [
        _price("BRG-1001", "9.00", price_list_id="TRADE"),
        _price("BRG-1001", "8.50", 10, price_list_id="TRADE"),
        _price("BRG-1001", "8.00", 100, price_list_id="TRADE", discount_percent=Decimal(5)),
        _price("BRG-1001", "7.90", customer_id="C-10002"),
        _price("BLT-2001", None, price_level="B", discount_percent=Decimal(10)),
        _price("BRG-1002", "9.50", promotion=True, valid_to=date(2026, 11, 30), at=5),
        _price("BRG-1001", "9.20", customer_id="C-10005"),
    ],
    "exchange_rates": [
        {"currency": "EUR", "rate": Decimal("0.86"), "valid_from": date(2026, 7, 1)},
        {"currency": "EUR", "rate": Decimal("0.875"), "valid_from": date(2026, 10, 1)},
        {"currency": "EUR", "rate": Decimal("0.9"), "valid_from": date(2026, 12, 1)},
        {"currency": "USD", "rate": Decimal("0.79"), "valid_from": date(2026, 11, 1)},
    ],
    "stock": [
        {"item_id": "BRG-1001", "location": "MAIN", "on_hand": Decimal(50)},
        {"item_id": "BRG-1001", "location": "SHOP", "on_hand": Decimal(5)},
        {"item_id": "BRG-1002", "location": "MAIN", "on_hand": Decimal(5)},
    ],
    "receipts": [
        {"item_id": "BRG-1002", "due_date": date(2026, 12, 1), "quantity": Decimal(20)},
        {"item_id": "BRG-1002", "due_date": date(2026, 12, 10), "quantity": Decimal(25)},
    ],
    "orders": [
        {
            "id": "SO-100001", "customer_id": "C-10002", "ordered_on": date(2026, 11, 17),
            "status": "open", "currency": "GBP",
        },
        {
            "id": "SO-100002", "customer_id": "C-10001", "ordered_on": date(2026, 10, 1),
            "status": "closed", "currency": "GBP", "reference": "PO-77",
        },
        {
            "id": "SO-100003", "customer_id": "C-10004", "ordered_on": date(2026, 11, 18),
            "status": "open", "currency": "GBP",
        },
        {
            "id": "SO-100004", "customer_id": "C-10002", "ordered_on": date(2026, 11, 19),
            "status": "hold", "currency": "GBP",
        },
    ],
    "order_lines": [
        _line("order", "SO-100001", 1, "BRG-1001", 10, "7.90"),
        _line("order", "SO-100002", 1, "BRG-1001", 20, "9.00"),
        _line("order", "SO-100003", 1, "BRG-1002", 8, "10.01"),
        _line("order", "SO-100004", 1, "SRV-1", 2, "80.00"),
    ],
    "shipments": [
        {
            "id": "SH-200001", "order_id": "SO-100002", "customer_id": "C-10001",
            "shipped_on": date(2026, 10, 5), "carrier": "Northline", "tracking": "NL-1",
        }
    ],
    "shipment_lines": [
        {
            "shipment_id": "SH-200001", "line": 1, "order_line": 1, "item_id": "BRG-1001",
            "quantity": Decimal(20),
        }
    ],
    "invoices": [
        {
            "id": "IN-300001", "customer_id": "C-10001", "order_id": "SO-100002",
            "issued_on": date(2026, 10, 6), "posted_on": date(2026, 10, 6),
            "due_on": date(2026, 11, 5), "currency": "GBP", "reference": "PO-77",
        },
        {
            "id": "IN-300002", "customer_id": "C-10001", "issued_on": date(2026, 11, 10),
            "posted_on": date(2026, 11, 10), "due_on": date(2026, 12, 10), "currency": "GBP",
        },
        {
            "id": "IN-300003", "customer_id": "C-10005", "issued_on": date(2026, 11, 12),
            "posted_on": date(2026, 11, 12), "due_on": date(2026, 12, 12), "currency": "EUR",
        },
    ],
    "invoice_lines": [
        _line("invoice", "IN-300001", 1, "BRG-1001", 20, "9.00", order_line=1),
        _line("invoice", "IN-300002", 1, "BLT-2001", 10, "4.50", tax_code="RED"),
        _line("invoice", "IN-300003", 1, "BRG-1001", 3, "9.20", discount_percent=Decimal("2.5")),
    ],
    "credit_notes": [
        {
            "id": "CN-400001", "customer_id": "C-10001", "order_id": "SO-100002",
            "invoice_id": "IN-300001", "reason": "Damaged", "issued_on": date(2026, 11, 15),
            "posted_on": date(2026, 11, 15), "currency": "GBP",
        }
    ],
    "credit_note_lines": [
        _line("credit_note", "CN-400001", 1, "BRG-1001", 1, "9.00", order_line=1)
    ],
    "payments": [
        {
            "id": "PY-500001", "customer_id": "C-10001", "received_on": date(2026, 11, 1),
            "currency": "GBP", "amount": Decimal(150), "method": "transfer",
        }
    ],
    "payment_applications": [
        {
            "payment_id": "PY-500001", "invoice_id": "IN-300001",
            "applied_on": date(2026, 11, 1), "amount": Decimal(100),
        }
    ],
    "returns": [
        {
            "id": "RT-600001", "customer_id": "C-10001", "order_id": "SO-100002",
            "received_on": date(2026, 11, 14), "reason": "Damaged",
        }
    ],
    "return_lines": [
        {"return_id": "RT-600001", "line": 1, "item_id": "BRG-1001", "quantity": Decimal(1)}
    ],
    "contracts": [
        _contract("CT-700001", date(2026, 1, 1), date(2027, 12, 31)),
        _contract("CT-700002", date(2026, 1, 1), date(2026, 12, 31)),
        _contract("CT-700003", date(2025, 1, 1), date(2025, 12, 31)),
        _contract("CT-700004", date(2027, 1, 1), date(2027, 12, 31)),
    ],
}  # fmt: skip


class Erp:
    """A client of one world, with a few words to keep tests short."""

    def __init__(self, app, world):
        self.app = app
        self.world = world
        self.http = httpx.Client(
            transport=MockTransport(app, world),
            base_url="http://erp",
            headers={"X-Api-Key": "erp-demo-key"},
        )

    def call(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, path, json=body, headers=named)

    def get(self, path, **query):
        """The body of a good answer."""
        response = self.http.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path, body=None, **headers):
        """The body of a good answer."""
        response = self.call("POST", path, body, **headers)
        assert response.status_code in (200, 201), response.text
        return response.json()

    def patch(self, path, body):
        """The body of a good answer, based on the present version."""
        etag = self.http.get(path).headers["etag"]
        response = self.call("PATCH", path, body, If_Match=etag)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, method, path, body=None, **headers):
        """Status and code of a refusal."""
        response = self.call(method, path, body, **headers)
        assert response.headers["content-type"] == "application/problem+json", response.text
        problem = response.json()
        assert problem["detail"]
        return response.status_code, problem["code"]

    def order(self, customer, *lines, **more):
        """Enter an order of (item, quantity) pairs or of whole lines."""
        wanted = [
            line if isinstance(line, dict) else {"itemId": line[0], "quantity": str(line[1])}
            for line in lines
        ]
        return self.post("/sales-orders", {"customerId": customer, "lines": wanted, **more})

    def all(self, path, **query):
        """All rows of a list, over its pages."""
        rows, after = [], {}
        while True:
            page = self.get(path, **query, **after)
            rows += page["items"]
            if page["next"] is None:
                return rows
            after = {"after": page["next"]}

    def check_invariants(self):
        """What holds of every document at every moment."""
        for order in self.all("/sales-orders", include="lines"):
            for line in order["lines"]:
                q = {name: Decimal(value) for name, value in line["quantities"].items()}
                assert q["ordered"] == q["cancelled"] + q["shipped"] + q["open"]
                assert q["open"] == q["reserved"] + q["backordered"]
                assert q["picked"] <= q["reserved"]
                assert q["returned"] <= q["shipped"]
                assert q["credited"] <= q["invoiced"] <= q["shipped"]
        invoices = self.all("/invoices")
        notes = self.all("/credit-notes")
        payments = self.all("/payments")
        for customer in ("C-10001", "C-10002", "C-10006"):
            credit = self.get(f"/customers/{customer}/credit")
            owed = [
                sum(Decimal(each[field]) for each in documents if each["billToId"] == customer)
                for documents, field in (
                    (invoices, "total"), (notes, "total"), (payments, "amount"),
                )
            ]  # fmt: skip
            assert Decimal(credit["balance"]) == owed[0] - owed[1] - owed[2]
        reserved = {}
        for order in self.all("/sales-orders", include="lines"):
            for line in order["lines"]:
                both = reserved.setdefault(line["itemId"], [Decimal(0), Decimal(0)])
                both[0] += Decimal(line["quantities"]["reserved"])
                both[1] += Decimal(line["quantities"]["backordered"])
        for stock in self.all("/stock"):
            kept = Decimal(stock["reserved"]), Decimal(stock["backordered"])
            assert kept == tuple(reserved.get(stock["itemId"], (0, 0)))
            assert kept[0] <= Decimal(stock["onHand"])
            assert not (kept[1] and Decimal(stock["available"]))
            assert Decimal(stock["onHand"]) == sum(
                Decimal(each["onHand"]) for each in stock["locations"]
            )


@pytest.fixture(scope="session")
def app():
    return App(dialect())


@pytest.fixture(scope="session")
def dataset():
    header = Header(
        name="Small",
        company="Harbour Bearings",
        currency="GBP",
        country="GB",
        as_of=AS_OF,
        rules=(Rule(id="terms", applies_to="customers.terms_days", text="30 days."),),
    )
    return DataSet.of(header, TABLES)


@pytest.fixture
def new_erp(app, dataset):
    """Opens worlds of their own, as many as are asked for."""
    worlds = []

    def new():
        worlds.append(app.open_world(dataset))
        return Erp(app, worlds[-1])

    yield new
    for world in worlds:
        world.close()


@pytest.fixture
def erp(new_erp):
    return new_erp()
