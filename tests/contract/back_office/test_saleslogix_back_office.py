"""SalesLogix asks its back office, and the plugins answer: prices, totals, and what is in stock."""

import asyncio
import json
from datetime import UTC, datetime
from importlib.metadata import entry_points

import httpx
import pytest
from attrs import evolve

from crossdock.demo.crms import CRMS
from crossdock.records import Change, DocumentChanged
from crossdock.server.api import ApiSettings, create_api
from crossdock_mocks.dialects.saleslogix import connect_back_office
from crossdock_mocks.engine import Fault

KEY = "cdk_" + "b" * 40
PLUGINS = sorted(
    each.name
    for each in entry_points(group="crossdock.plugins")
    if each.value.startswith("crossdock_plugins.")
)


class Behind:
    """A SalesLogix with Crossdock behind it, and somebody who works in it."""

    def __init__(self, dock, **server):
        self.dock, self.host, self.world = dock, dock.host, dock.crm.world
        table = {"keys": {"slx": {"secret": KEY, "scopes": ["back-office:answer"]}}, **server}
        self.api = create_api(dock.host, ApiSettings.of(table, host="side-car.test"))
        connect_back_office(self.world, self.asked)
        self.person = httpx.Client(
            transport=dock.crm.transport(),
            base_url="http://saleslogix.test/sdata/slx/dynamic/-/",
            auth=("crossdock", "crossdock-secret"),
            params={"format": "json"},
        )
        self.answers = []

    def side_car(self, service, options, key=KEY):
        """Ask the side-car, as SalesLogix does."""
        body = {"$name": service, "request": {"options": options}}
        path = f"/v1/back-office/saleslogix/$service/{service}"

        async def post():
            transport = httpx.ASGITransport(app=self.api)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://side-car.test", headers={"X-Api-Key": key}
            ) as client:
                return await client.post(path, json=body)

        return asyncio.run(post())

    def asked(self, service, options):
        answer = self.side_car(service, json.dumps(options))
        self.answers.append(answer)
        return json.loads(answer.json()["response"]["Result"]) if answer.is_success else {}

    def quote(self, status="Draft"):
        """A quote of an account that the ERP knows, with its lines."""
        query = {"where": f"Status eq '{status}'", "include": "QuoteItems,Account", "count": 50}
        found = self.person.get("quotes", params=query).json()["$resources"]
        return next(each for each in found if each["Account"].get("ErpExtId"))

    def service(self, name, request, kind="quotes"):
        body = {"$name": name, "request": request}
        return self.person.post(f"{kind}/$service/{name}", json=body)

    def prices(self, quote, name, **more):
        options = {"entityName": "Quote", "entityId": quote["$key"], "serviceName": name, **more}
        answer = self.service("requestPricingAvailability", {"options": json.dumps(options)})
        assert answer.status_code == 200, answer.text
        return json.loads(answer.json()["response"]["Result"])


@pytest.fixture
def behind(open_dock):
    tables = CRMS["saleslogix"].tables("http://saleslogix.test")
    crm = {**tables["crm"], "roles": tables["crm.roles"]}
    dock = open_dock(*PLUGINS, crm="saleslogix", erp="erp", settings={"crm": crm})
    return Behind(dock, back_office_role="sales")


def test_the_plugins_price_what_stands_on_the_screen(behind):
    quote = behind.quote()
    lines = quote["QuoteItems"]["$resources"]
    before = len(behind.world.journal)

    result = behind.prices(quote, "QuoteOrderTotal")

    asked = [entry.operation_id for entry in list(behind.world.journal)[before:]]
    assert len(asked) == 1  # SalesLogix was asked nothing while it waited
    assert result["Status"] == "Ok", result
    total, *children = result["Children"]
    assert [each["EntityId"] for each in children] == [each["$key"] for each in lines]
    assert total["Properties"]["DocGrandTotal"] > total["Properties"]["DocTotal"] > 0
    net = sum(each["Properties"]["DocExtendedPrice"] for each in children)
    assert net == pytest.approx(total["Properties"]["DocTotal"])
    assert all(each["Properties"]["messageText"] for each in children)  # each price says why
    # It is what the same plugins say when they read the quote themselves.
    read = behind.host.crm.quote(quote["$key"])
    judged = behind.host.before_quote_save(read, user=behind.dock.user("sales")).record
    assert float(judged.gross.amount) == total["Properties"]["DocGrandTotal"]
    kept = behind.person.get(f"quotes('{quote['$key']}')").json()
    assert kept["DocGrandTotal"] == total["Properties"]["DocGrandTotal"]


def test_one_line_is_priced_and_promised_with_what_is_in_stock(behind):
    quote = behind.quote()
    line = quote["QuoteItems"]["$resources"][0]
    asked = {"childEntityName": "QuoteItem", "childEntityIds": line["$key"], "quantity": 7}

    (priced,) = behind.prices(quote, "QuoteOrderLineTotal", **asked)["Children"]
    assert priced["EntityId"] == line["$key"]
    unit = priced["Properties"]["DocCalculatedPrice"]
    assert priced["Properties"]["DocExtendedPrice"] == pytest.approx(7 * unit, abs=0.04)

    (promised,) = behind.prices(quote, "QuoteAvailableToPromise", **asked)["Children"]
    stock = behind.host.erp.using("main").stock(line["ActualID"])
    assert promised["Properties"]["ProductCode"] == line["ActualID"]
    assert promised["Properties"]["AvailableQuantity"] == float(stock.available)
    assert promised["Properties"]["ATPDate"] >= "2026-11-20"


def test_an_order_that_the_plugins_object_to_is_refused_in_their_words(behind):
    quote = behind.quote()
    line = quote["QuoteItems"]["$resources"][0]["$key"]
    behind.person.put(f"quoteItems('{line}')", json={"Quantity": 900_000}).raise_for_status()

    answer = behind.service("validateOrderTotal", {"QuoteId": quote["$key"]})

    assert answer.status_code == 400
    assert "credit" in answer.text.lower() or "limit" in answer.text.lower()


def test_what_the_erp_tells_stands_in_the_extensions_records_once(behind):
    dock, host = behind.dock, behind.host
    account, customer = next(
        (account, found[0])
        for account in host.crm.accounts(limit=100).items
        if (found := host.trading_accounts(account)) and host.erp.invoices(found[0])
    )
    invoice = host.erp.invoice(host.erp.invoices(customer)[0].id)
    shipment = host.erp.shipments(customer)[0]
    for _ in range(2):  # the same again changes nothing
        for document in (invoice, shipment):
            event = DocumentChanged(change=_told(document), document=document)
            dock.deliver(event, to="erp-records")

    def rows(kind, **more):
        query = {"where": f"Account.Id eq '{account.id}'", **more}
        return behind.person.get(kind, params=query).json()["$resources"]

    (shown,) = rows("erpInvoices", include="ErpInvoiceItems")
    assert (shown["ErpExtId"], shown["ErpLogicalId"]) == (invoice.id, "main")
    assert shown["GrandTotal"] == float(invoice.gross.amount)
    assert len(shown["ErpInvoiceItems"]["$resources"]) == len(invoice.lines)
    (owed,) = rows("erpReceivables")
    left = owed["ReceivableAmount"] - owed["ReceivedAmount"]
    assert left == pytest.approx(float(invoice.open.amount))
    (sent,) = rows("erpShipments", include="ErpShipmentItems")
    assert sent["TrackingNumber"] == (shipment.tracking or None)
    assert len(sent["ErpShipmentItems"]["$resources"]) == len(shipment.lines)

    host.crm.show_erp_record(account.id, evolve(customer, name="Renamed", on_hold=True))
    (bill_to,), (ship_to,) = rows("erpBillTos"), rows("erpShipTos")
    assert {bill_to["Name"], ship_to["Name"]} == {"Renamed"}
    assert (bill_to["ErpExtId"], bill_to["ErpStatus"]) == (customer.id, "On hold")
    host.crm.show_erp_record(account.id, evolve(invoice, open=invoice.gross * 0))
    assert rows("erpReceivables")[0]["ErpStatus"] == rows("erpInvoices")[0]["ErpStatus"] == "Paid"


def _told(document):
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    entity = type(document).__name__.lower()
    return Change(
        cursor="1", system="main", entity=entity, id=document.id, action="updated", at=at
    )  # fmt: skip


def test_what_cannot_be_answered_is_said(behind):
    quote = behind.quote()
    behind.dock.erp.world.faults.add(Fault(kind="status", status=503, probability=1.0))
    options = {"entityName": "Quote", "entityId": quote["$key"], "serviceName": "QuoteOrderTotal"}
    answer = behind.service("requestPricingAvailability", {"options": json.dumps(options)})
    assert answer.status_code == 400
    assert behind.answers[-1].status_code == 200  # the side-car told why, in the result


def test_who_has_not_switched_it_on_answers_nobody(behind):
    stranger = behind.side_car("validateOrderTotal", "{}", key="cdk_" + "x" * 40)
    assert stranger.status_code == 401
    told = behind.side_car("validateOrderTotal", "{}")
    assert (told.status_code, told.json()["code"]) == (422, "options_unreadable")
    off = Behind(behind.dock).side_car("validateOrderTotal", "{}")
    assert (off.status_code, off.json()["code"]) == (403, "back_office_off")
