"""A remote system that plays answers, and holds both sides to the system's own document."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import stamina
from jsonschema import Draft202012Validator, FormatChecker

from crossdock.connectors import crm, erp
from crossdock.records import (
    Money,
    Order,
    OrderLine,
    PriceRequest,
    PriceRequestLine,
    Quote,
    QuoteLine,
    TradingAccount,
)
from crossdock.specifications import specification
from crossdock_mocks.engine.document import parse

CRM_SETTINGS = {
    "url": "http://crm.test",
    "client_id": "crossdock",
    "client_secret": "client-secret-8472",
}
ERP_SETTINGS = {"url": "http://erp.test", "api_key": "api-key-55120"}
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Document:
    """An OpenAPI document, asked for the operation behind a request."""

    def __init__(self, name: str) -> None:
        self.content = parse(specification(name).read_bytes(), name)
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self.content["paths"].items()
            for method, operation in item.items()
            if method in ("get", "post", "put", "patch", "delete")
        }
        self._patterns = [
            (method, re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))), name)
            for name, (method, path, _) in self.operations.items()
        ]

    def operation_of(self, request: httpx.Request) -> str:
        path = request.url.raw_path.decode().partition("?")[0]
        return next(
            name
            for method, pattern, name in self._patterns
            if method == request.method and pattern.fullmatch(path)
        )

    def check_request(self, name: str, request: httpx.Request) -> None:
        _, path, operation = self.operations[name]
        shared = self.content["paths"][path].get("parameters", [])
        known = {
            parameter["name"]: parameter
            for parameter in map(self.resolve, [*shared, *operation.get("parameters", [])])
            if parameter["in"] == "query"
        }
        for key, value in parse_qsl(request.url.query.decode(), keep_blank_values=True):
            assert key in known, f"{name} has no parameter {key}"
            schema = self.resolve(known[key]["schema"])
            decoded = json.loads(value) if schema.get("type") in ("integer", "boolean") else value
            self.check(known[key]["schema"], decoded)
        content = operation.get("requestBody", {}).get("content", {})
        if request.content and "application/json" in content:
            self.check(content["application/json"]["schema"], json.loads(request.content))

    def check_answer(self, name: str, response: httpx.Response) -> None:
        responses = self.operations[name][2]["responses"]
        told = self.resolve(responses.get(str(response.status_code)) or responses["default"])
        for media in told.get("content", {}).values():
            self.check(media["schema"], json.loads(response.content))

    def resolve(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in part:
            target: Any = self.content
            for name in part["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            part = target
        return part

    def check(self, schema: Mapping[str, Any], value: Any) -> None:
        whole = {"components": self.content["components"], "allOf": [schema]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


class Played(httpx.BaseTransport):
    """Answers each operation with what was laid out for it, the last answer again and again.

    Attributes:
        asked: every request, with its operation.
        checked: whether good answers must fit the document, as they do unless a test is about
            answers that do not.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.asked: list[tuple[str, httpx.Request]] = []
        self.checked = True
        self._answers: dict[str, list[Answer]] = {}

    def plays(self, operation: str, *answers: Any, status: int = 200) -> None:
        assert operation in self.document.operations, operation
        self._answers[operation] = [
            answer
            if isinstance(answer, httpx.Response | Exception) or callable(answer)
            else httpx.Response(status, json=answer)
            for answer in answers
        ]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        name = self.document.operation_of(request)
        self.document.check_request(name, request)
        self.asked.append((name, request))
        answers = self._answers[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, httpx.Response):
            answer = answer(request)
        if answer.is_success and self.checked:
            self.document.check_answer(name, answer)
        # A response is read once; the laid out one must serve again.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def requests(self, operation: str) -> list[httpx.Request]:
        return [request for name, request in self.asked if name == operation]

    def body(self, operation: str, index: int = -1) -> Any:
        return json.loads(self.requests(operation)[index].content)

    def query(self, operation: str, index: int = -1) -> dict[str, str]:
        return dict(self.requests(operation)[index].url.params)


@pytest.fixture(scope="session")
def crm_document() -> Document:
    return Document("crm.openapi.yaml")


@pytest.fixture(scope="session")
def erp_document() -> Document:
    return Document("erp.openapi.yaml")


@pytest.fixture
def crm_wire(crm_document):
    played = Played(crm_document)
    played.plays(
        "issueToken",
        httpx.Response(
            200,
            json={
                "access_token": "token-0001",
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": "crm.read crm.write",
            },
        ),
    )
    return played


@pytest.fixture
def erp_wire(erp_document):
    return Played(erp_document)


@pytest.fixture
def crm_port(crm_wire):
    port = crm.connect("crm", CRM_SETTINGS, transport=crm_wire)
    yield port
    port.close()


@pytest.fixture
def erp_port(erp_wire):
    port = erp.connect("main", ERP_SETTINGS, transport=erp_wire)
    yield port
    port.close()


@pytest.fixture
def no_waiting():
    """Retries happen at once, as many as the connector makes."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


_STAMP = {
    "version": 3,
    "created_at": "2026-01-05T08:00:00Z",
    "created_by": None,
    "updated_at": "2026-02-01T10:30:00Z",
    "updated_by": "U-kim",
}


class CrmRows:
    """Rows as the CRM's document describes them; a test names what matters to it."""

    def page(self, *rows, page=1, total=None, page_size=200):
        return {
            "data": list(rows),
            "page": page,
            "page_size": page_size,
            "total": len(rows) if total is None else total,
        }

    def account(self, **over):
        return {
            "id": "A-1001",
            "name": "Bolt & Bearing Ltd",
            "kind": "customer",
            "industry": None,
            "owner_id": "U-kim",
            "parent_id": None,
            "email": "office@bolt.example",
            "phone": None,
            "website": "https://bolt.example",
            "tax_number": None,
            "address": {"street": "1 Quay", "city": "Hull", "postcode": "HU1", "country": "GB"},
            "currency": "EUR",
            "external_ids": {"main": "C-10001"},
            **_STAMP,
            **over,
        }

    def contact(self, **over):
        return {
            "id": "P-1",
            "account_id": "A-1001",
            "first_name": None,
            "last_name": "Okoro",
            "job_title": "Buyer",
            "email": None,
            "phone": "+44 1482",
            "external_ids": {},
            **_STAMP,
            **over,
        }

    def user(self, **over):
        return {
            "id": "U-kim",
            "name": "Kim Larsen",
            "email": "kim@crossdock.example",
            "role": "sales",
            "team": "North",
            "manager_id": "U-max",
            "active": True,
            "login": "kim",
            **_STAMP,
            **over,
        }

    def activity(self, **over):
        return {
            "id": "T-1",
            "account_id": "A-1001",
            "contact_id": "P-1",
            "opportunity_id": None,
            "order_id": None,
            "quote_id": None,
            "kind": "call",
            "subject": "Ask for the drawings",
            "body": None,
            "owner_id": "U-kim",
            "due_at": "2026-02-03T09:00:00Z",
            "key": None,
            "completed_at": None,
            "completed_by": None,
            **_STAMP,
            **over,
        }

    def stage(self, **over):
        return {
            "id": "prove",
            "name": "Prove",
            "position": 3,
            "kind": "open",
            "probability": "0.50",
            "forecast_category": "best_case",
            **_STAMP,
            **over,
        }

    def opportunity(self, **over):
        return {
            "id": "O-1",
            "account_id": "A-1001",
            "name": "Conveyor refit",
            "owner_id": "U-kim",
            "contact_id": None,
            "campaign_id": "CA-1",
            "stage_id": "prove",
            "amount": "2000000.00",
            "currency": "EUR",
            "revenue_kind": "sales",
            "probability_override": None,
            "forecast_category_override": None,
            "close_on": "2026-06-30",
            "contract_starts_on": None,
            "lost_reason": None,
            "external_ids": {},
            "stage_kind": "open",
            "probability": "0.50",
            "forecast_category": "best_case",
            "expected": "1000000.00",
            "stage_entered_at": "2026-01-20T08:00:00Z",
            "closed_at": None,
            "lead_id": None,
            "quoted_net": "0.00",
            "ordered_net": "0.00",
            **_STAMP,
            **over,
        }

    def quote_line(self, **over):
        return {
            "line": 1,
            "item_code": "BRG-1001",
            "description": "Ball bearing",
            "unit": "pcs",
            "quantity": "3",
            "list_price": "12.5000",
            "unit_price": "11.0000",
            "discount_percent": "5",
            "net_amount": "31.35",
            "tax_rate": "0.20",
            "tax_amount": "6.27",
            "price_rule": "customer contract",
            "price_source": "Contract 2026",
            "promised_on": "2026-02-10",
            **over,
        }

    def quote(self, **over):
        return {
            "id": "Q-1",
            "account_id": "A-1001",
            "opportunity_id": "O-1",
            "contact_id": None,
            "owner_id": "U-kim",
            "status": "draft",
            "currency": "EUR",
            "valid_until": "2026-03-01",
            "requested_on": None,
            "trading_account": None,
            "customer_reference": None,
            "ship_to": None,
            "notes": "ring before noon",
            "lines": [self.quote_line()],
            "net_total": "31.35",
            "tax_total": "6.27",
            "gross_total": "37.62",
            "pricing_status": "priced",
            "priced_at": "2026-02-01T10:30:00Z",
            "price_source": "main",
            "checks": [
                {"level": "warning", "code": "stock.short", "message": "Short", "field": None}
            ],
            "external_ids": {},
            "order_id": None,
            **_STAMP,
            **over,
        }

    def order_line(self, **over):
        return {
            "line": 1,
            "quote_id": "Q-1",
            "quote_line": 1,
            "opportunity_id": "O-1",
            "erp_line": None,
            "item_code": "BRG-1001",
            "description": "Ball bearing",
            "unit": "pcs",
            "quantity": "3",
            "list_price": "12.5000",
            "unit_price": "11.0000",
            "discount_percent": "5",
            "net_amount": "31.35",
            "tax_rate": "0.20",
            "tax_amount": "6.27",
            "price_rule": None,
            "price_source": None,
            "promised_on": None,
            "status": "open",
            "ordered_quantity": "3",
            "reserved_quantity": "0",
            "shipped_quantity": "0",
            "invoiced_quantity": "0",
            "cancelled_quantity": "0",
            "returned_quantity": "0",
            "backordered_quantity": "0",
            **over,
        }

    def order(self, **over):
        return {
            "id": "R-1",
            "reference": "Q-1",
            "account_id": "A-1001",
            "opportunity_id": "O-1",
            "quote_id": "Q-1",
            "contact_id": None,
            "owner_id": "U-kim",
            "status": "submitted",
            "status_reason": None,
            "erp_system": None,
            "erp_order_id": None,
            "currency": "EUR",
            "placed_at": "2026-02-02T23:30:00Z",
            "requested_on": "2026-02-20",
            "promised_on": None,
            "trading_account": "main:C-10001",
            "customer_reference": None,
            "ship_to": {"street": "1 Quay", "city": "Hull"},
            "notes": None,
            "lines": [self.order_line()],
            "net_total": "31.35",
            "tax_total": "6.27",
            "gross_total": "37.62",
            "pricing_status": "priced",
            "priced_at": None,
            "price_source": None,
            "checks": [],
            "external_ids": {},
            **_STAMP,
            **over,
        }

    def timeline_entry(self, **over):
        return {
            "id": "E-1",
            "order_id": "R-1",
            "key": "acknowledged:main:SO-100001",
            "kind": "acknowledged",
            "at": "2026-02-03T08:00:00Z",
            "title": "Acknowledged by main",
            "text": None,
            "actor": "straight-through",
            "source": None,
            "document_kind": None,
            "document_id": "SO-100001",
            "details": {},
            "recorded_at": "2026-02-03T08:00:01Z",
            "user_id": None,
            **over,
        }

    def error(self, status, code, message="No.", fields=()):
        body = {"error": {"code": code, "message": message, "fields": list(fields)}}
        return httpx.Response(status, json=body)


@pytest.fixture
def crm_rows():
    return CrmRows()


_ADDRESS = {"street": "1 Quay", "city": "Hull", "region": None, "postcode": "HU1", "country": "GB"}
_ROUNDING = {"mode": "line", "residue": "0.00", "residueLine": None, "residues": []}
_SOURCE = {"kind": "customer", "id": "7", "name": "Contract 2026, from 3", "minQuantity": "3"}
_SOURCE |= {"validFrom": "2026-01-01", "validTo": None}


class ErpRows:
    """Rows as the ERP's document describes them; a test names what matters to it."""

    def page(self, *rows, after=None):
        return {"items": list(rows), "next": after}

    def customer(self, **over):
        return {
            "id": "C-10001",
            "name": "Bolt & Bearing Ltd",
            "taxNumber": "GB123",
            "email": None,
            "phone": None,
            "address": _ADDRESS,
            "currency": "EUR",
            "termsDays": 30,
            "creditLimit": "10000.00",
            "onHold": False,
            "holdReason": None,
            "priceLevel": None,
            "priceListId": None,
            "billToId": None,
            "externalReference": None,
            "createdAt": None,
            "updatedAt": None,
            "version": 2,
            **over,
        }

    def credit(self, **over):
        return {
            "customerId": "C-10001",
            "billToId": "C-10001",
            "asOf": "2026-02-01T10:00:00Z",
            "currency": "EUR",
            "creditLimit": "1000.00",
            "openInvoices": "700.00",
            "unappliedCredits": "0.00",
            "unappliedPayments": "100.00",
            "balance": "600.00",
            "shippedNotInvoiced": "50.00",
            "openOrders": "200.00",
            "returnsNotCredited": "30.00",
            "exposure": "820.00",
            "available": "180.00",
            "overLimit": False,
            "pastDue": "120.00",
            "oldestPastDueOn": "2026-01-10",
            "lastInvoicedOn": "2026-01-28",
            "termsDays": None,
            "onHold": False,
            "holdReason": None,
            "otherCurrencies": [],
            **over,
        }

    def contract(self, **over):
        return {
            "id": "CT-1",
            "customerId": "C-10001",
            "externalReference": None,
            "kind": "sla",
            "name": "Conveyor care",
            "startsOn": "2026-01-01",
            "endsOn": None,
            "annualValue": "1200.00",
            "annualCost": "700.00",
            "currency": "EUR",
            "status": "upcoming",
            "daysLeft": None,
            "version": 1,
            **over,
        }

    def item(self, **over):
        return {
            "id": "BRG-1001",
            "name": "Ball bearing",
            "description": None,
            "productLine": "Bearings",
            "unit": "pcs",
            "listPrice": "12.50",
            "currency": "EUR",
            "cost": "7.25",
            "taxCode": "S",
            "kind": "goods",
            "leadTimeDays": None,
            "active": True,
            "version": 1,
            **over,
        }

    def stock(self, **over):
        return {
            "itemId": "BRG-1001",
            "name": "Ball bearing",
            "unit": "pcs",
            "asOf": "2026-02-01",
            "onHand": "10",
            "reserved": "4",
            "backordered": "0",
            "available": "6",
            "incoming": [
                {"receiptId": "RC-2", "dueOn": "2026-03-01", "quantity": "20"},
                {"receiptId": "RC-1", "dueOn": "2026-02-10", "quantity": "5"},
            ],
            "availableToPromise": [],
            "leadTimeDays": 14,
            "locations": [{"location": "main", "onHand": "10"}],
            "promise": {
                "quantity": "8",
                "fromStock": "6",
                "promisedOn": "2026-02-10",
                "basis": "incoming",
            },
            **over,
        }

    def priced_line(self, **over):
        return {
            "line": 1,
            "itemId": "BRG-1001",
            "description": "Ball bearing",
            "unit": "pcs",
            "quantity": "3",
            "listPrice": "12.50",
            "unitPrice": "11.00",
            "discountPercent": "5",
            "ruleDiscountPercent": "5",
            "discountSource": "rule",
            "discount": "1.65",
            "net": "31.35",
            "taxCode": "S",
            "taxRate": "0.20",
            "tax": "6.27",
            "priceRule": "contract",
            "priceSource": _SOURCE,
            **over,
        }

    def simulated_line(self, **over):
        stock = {
            "onHand": "10",
            "reserved": "4",
            "available": "6",
            "backordered": "0",
            "promisedOn": "2026-02-01",
            "basis": "stock",
        }
        return {**self.priced_line(), "unitCost": "7.25", "stock": stock, **over}

    def credit_outcome(self, **over):
        return {
            "billToId": "C-10001",
            "currency": "EUR",
            "creditLimit": "1000.00",
            "exposureBefore": "820.00",
            "documentAmount": "37.62",
            "exposureAfter": "857.62",
            "availableAfter": "142.38",
            "outcome": "passed",
            "reasons": [],
            **over,
        }

    def simulation(self, **over):
        return {
            "customerId": "C-10001",
            "currency": "EUR",
            "priceOn": "2026-02-01",
            "pricePolicy": "hierarchy",
            "lines": [self.simulated_line()],
            "taxes": [{"taxCode": "S", "taxRate": "0.20", "base": "31.35", "tax": "6.27"}],
            "rounding": _ROUNDING,
            "net": "31.35",
            "tax": "6.27",
            "total": "37.62",
            "credit": self.credit_outcome(),
            **over,
        }

    def quantities(self, **over):
        return {
            "ordered": "3",
            "cancelled": "0",
            "open": "2",
            "reserved": "1",
            "picked": "0",
            "backordered": "1",
            "shipped": "1",
            "returned": "0",
            "invoiced": "0",
            "credited": "0",
            "returnsCredited": "0",
            "toInvoice": "1",
            **over,
        }

    def order_line(self, **over):
        return {
            **self.priced_line(),
            "requestedOn": None,
            "promisedOn": "2026-02-10",
            "quantities": self.quantities(),
            "source": {"system": "crm", "orderId": "R-1", "orderLine": 1, "quoteLine": 1},
            **over,
        }

    def order(self, **over):
        return {
            "id": "SO-100001",
            "customerId": "C-10001",
            "billToId": "C-10001",
            "externalReference": "R-1",
            "customerReference": None,
            "source": {
                "system": "crm",
                "opportunityId": "O-1",
                "quoteId": "Q-1",
                "quoteLine": None,
                "orderId": "R-1",
                "orderLine": None,
            },
            "currency": "EUR",
            "orderedOn": "2026-02-02",
            "requestedOn": None,
            "promisedOn": "2026-02-10",
            "status": "partly_shipped",
            "open": True,
            "approval": {
                "status": "not_required",
                "requestedAt": None,
                "reasons": [],
                "decidedAt": None,
                "decidedBy": None,
                "note": None,
            },
            "holds": [],
            "shippingStatus": "partly",
            "invoicingStatus": "none",
            "paymentStatus": "none",
            "shipTo": {**_ADDRESS, "name": "Gate 4"},
            "carrier": None,
            "net": "31.35",
            "tax": "6.27",
            "total": "37.62",
            "taxes": [],
            "rounding": _ROUNDING,
            "openAmount": "25.08",
            "toInvoiceAmount": "12.54",
            "toCreditAmount": "0.00",
            "exposed": True,
            "lineCount": 1,
            "createdBy": "crossdock",
            "createdAt": "2026-02-02T08:00:00Z",
            "updatedAt": "2026-02-02T09:00:00Z",
            "version": 2,
            "lines": [self.order_line()],
            **over,
        }

    def application(self, **over):
        return {"appliedOn": "2026-03-01", "amount": "12.54", **over}

    def invoice_line(self, **over):
        return {
            "line": 1,
            "orderId": "SO-100001",
            "orderLine": 1,
            "shipmentId": "SH-1",
            "shipmentLine": 1,
            "itemId": "BRG-1001",
            "description": "Ball bearing",
            "unit": "pcs",
            "quantity": "1",
            "unitPrice": "11.00",
            "discountPercent": "5",
            "net": "10.45",
            "taxCode": "S",
            "taxRate": "0.20",
            "tax": "2.09",
            "creditedQuantity": "0",
            **over,
        }

    def invoice(self, **over):
        return {
            "id": "IN-1",
            "customerId": "C-10001",
            "billToId": "C-10001",
            "orderId": "SO-100001",
            "externalReference": None,
            "customerReference": "PO 77",
            "source": {},
            "currency": "EUR",
            "issuedOn": "2026-02-05",
            "postedOn": "2026-02-06",
            "dueOn": "2026-03-07",
            "net": "10.45",
            "tax": "2.09",
            "total": "12.54",
            "taxes": [],
            "rounding": _ROUNDING,
            "paidAmount": "12.54",
            "creditedAmount": "0.00",
            "openAmount": "0.00",
            "open": False,
            "status": "paid",
            "applications": [self.application(paymentId="PY-1", creditNoteId=None)],
            "lineCount": 1,
            "createdAt": "2026-02-05T08:00:00Z",
            "version": 2,
            **over,
        }

    def credit_note(self, **over):
        return {
            "id": "CN-1",
            "customerId": "C-10001",
            "billToId": "C-10001",
            "invoiceId": "IN-1",
            "orderId": None,
            "returnId": None,
            "externalReference": None,
            "customerReference": None,
            "reason": "damaged",
            "currency": "EUR",
            "issuedOn": "2026-02-15",
            "postedOn": "2026-02-15",
            "net": "10.45",
            "tax": "2.09",
            "total": "12.54",
            "taxes": [],
            "rounding": _ROUNDING,
            "appliedAmount": "12.00",
            "unappliedAmount": "0.54",
            "open": True,
            "applications": [self.application(invoiceId="IN-1", amount="12.00")],
            "lineCount": 1,
            "createdAt": "2026-02-15T08:00:00Z",
            "version": 1,
            **over,
        }

    def payment(self, **over):
        return {
            "id": "PY-1",
            "customerId": "C-10001",
            "billToId": "C-10001",
            "externalReference": None,
            "receivedOn": "2026-03-01",
            "currency": "EUR",
            "amount": "20.00",
            "appliedAmount": "12.54",
            "unappliedAmount": "7.46",
            "open": True,
            "method": "transfer",
            "reference": None,
            "applications": [self.application(invoiceId="IN-1")],
            "createdAt": "2026-03-01T08:00:00Z",
            "version": 1,
            **over,
        }

    def moved_line(self, quantity_done, **over):
        return {
            "line": 1,
            "orderId": "SO-100001",
            "orderLine": 1,
            "itemId": "BRG-1001",
            "description": "Ball bearing",
            "unit": "pcs",
            "quantity": "1",
            quantity_done: "0",
            **over,
        }

    def shipment(self, **over):
        return {
            "id": "SH-1",
            "orderId": "SO-100001",
            "customerId": "C-10001",
            "externalReference": None,
            "shippedOn": "2026-02-04",
            "carrier": "Swift",
            "tracking": None,
            "shipTo": _ADDRESS,
            "lineCount": 1,
            "createdAt": "2026-02-04T08:00:00Z",
            "version": 1,
            "lines": [self.moved_line("invoicedQuantity")],
            **over,
        }

    def returned(self, **over):
        return {
            "id": "RT-1",
            "customerId": "C-10001",
            "orderId": "SO-100001",
            "externalReference": None,
            "receivedOn": "2026-02-14",
            "reason": "damaged",
            "restocked": False,
            "lineCount": 1,
            "createdAt": "2026-02-14T08:00:00Z",
            "version": 1,
            "lines": [self.moved_line("creditedQuantity")],
            **over,
        }

    def problem(self, status, code, detail="No.", errors=()):
        body = {
            "type": "about:blank",
            "title": "Refused",
            "status": status,
            "detail": detail,
            "code": code,
            "errors": list(errors),
        }
        headers = {"content-type": "application/problem+json"}
        return httpx.Response(status, content=json.dumps(body), headers=headers)


@pytest.fixture
def erp_rows():
    return ErpRows()


@pytest.fixture
def now():
    return datetime(2026, 2, 3, 9, 30, tzinfo=UTC)


@pytest.fixture
def customer():
    return TradingAccount(id="C-10001", system="main", name="Bolt & Bearing Ltd", currency="EUR")


@pytest.fixture
def draft():
    line = PriceRequestLine(number=1, item_id="BRG-1001", quantity=Decimal(3))
    return PriceRequest(lines=(line,))


@pytest.fixture
def quote():
    """A quote as it was read from the CRM."""
    return Quote(
        id="Q-1",
        account_id="A-1001",
        currency="EUR",
        owner_id="U-kim",
        lines=(
            QuoteLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                unit_price=Money("11.0000", "EUR"),
                discount_percent=Decimal(5),
                net=Money("31.35", "EUR"),
                tax_rate=Decimal("0.20"),
                tax=Money("6.27", "EUR"),
                unit_cost=Money("7.25", "EUR"),
            ),
        ),
        net=Money("31.35", "EUR"),
        tax=Money("6.27", "EUR"),
        gross=Money("37.62", "EUR"),
        pricing_status="priced",
        version="3",
    )


@pytest.fixture
def crm_order():
    """A CRM order on its way to the ERP."""
    return Order(
        id="R-1",
        system="crm",
        currency="EUR",
        account_id="A-1001",
        reference="R-1",
        lines=(
            OrderLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                description="Ball bearing",
                unit_price=Money("11.0000", "EUR"),
                discount_percent=Decimal(5),
                quote_line=1,
            ),
        ),
        quote_id="Q-1",
        opportunity_id="O-1",
    )
