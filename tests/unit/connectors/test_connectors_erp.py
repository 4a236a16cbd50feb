"""The ERP's wire and our records, both ways."""

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.errors import RemoteMisbehaved, RemoteRefused, RemoteRejectedData
from crossdock.ports import ErpPort
from crossdock.records import (
    Address,
    Application,
    Availability,
    Contract,
    CreditNote,
    CreditOutcome,
    CreditStatus,
    Invoice,
    InvoiceLine,
    Item,
    Money,
    Order,
    OrderLine,
    OrderStep,
    Payment,
    PricedLine,
    Pricing,
    Receipt,
    Return,
    Shipment,
    ShipmentLine,
    TaxAmount,
    TradingAccount,
)

QUAY = Address(street="1 Quay", city="Hull", postcode="HU1", country="GB")


def eur(amount):
    return Money(amount, "EUR")


def test_the_connector_is_an_erp_port(erp_port):
    assert isinstance(erp_port, ErpPort)
    assert erp_port.system == "main"
    assert erp_port.capabilities == {
        "approval",
        "contracts",
        "idempotency_key",
        "price_simulation",
        "returns",
        "shipments",
        "stock",
    }


def test_the_key_goes_with_every_call(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.customer())
    erp_port.customer("C-10001")
    assert erp_wire.asked[0][1].headers["x-api-key"] == "api-key-55120"


def test_a_customer_is_read(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.customer())
    assert erp_port.customer("C-10001") == TradingAccount(
        id="C-10001",
        system="main",
        name="Bolt & Bearing Ltd",
        currency="EUR",
        terms_days=30,
        tax_number="GB123",
        address=QUAY,
        credit_limit=eur("10000.00"),
        version="2",
    )


def test_customers_and_items_come_in_pages(erp_wire, erp_port, erp_rows):
    erp_wire.plays("listCustomers", erp_rows.page(erp_rows.customer(), after="abc"))
    erp_wire.plays("listItems", erp_rows.page(erp_rows.item()))
    customers = erp_port.customers("bolt", limit=900)
    assert (customers.next, customers.items[0].id) == ("abc", "C-10001")
    assert erp_wire.query("listCustomers") == {"search": "bolt", "limit": "200"}
    items = erp_port.items(after="xyz", limit=20)
    assert (items.next, items.items[0].id) == (None, "BRG-1001")
    assert erp_wire.query("listItems") == {"active": "true", "limit": "20", "after": "xyz"}


def test_an_item_is_read(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getItem", erp_rows.item())
    assert erp_port.item("BRG-1001") == Item(
        id="BRG-1001",
        name="Ball bearing",
        system="main",
        product_line="Bearings",
        unit="pcs",
        list_price=eur("12.50"),
        cost=eur("7.25"),
        tax_code="S",
    )


def test_an_item_without_price_or_cost_has_none(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getItem", erp_rows.item(listPrice=None, cost=None))
    item = erp_port.item("BRG-1001")
    assert (item.list_price, item.cost) == (None, None)


def test_stock_is_read_with_the_promise_for_a_quantity(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getItemStock", erp_rows.stock())
    assert erp_port.stock("BRG-1001", Decimal("8.0")) == Availability(
        item_id="BRG-1001",
        asked=Decimal(8),
        on_hand=Decimal(10),
        reserved=Decimal(4),
        available=Decimal(6),
        incoming=(
            Receipt(due_on=date(2026, 2, 10), quantity=Decimal(5)),
            Receipt(due_on=date(2026, 3, 1), quantity=Decimal(20)),
        ),
        promised_on=date(2026, 2, 10),
        lead_time_days=14,
    )
    assert erp_wire.query("getItemStock") == {"quantity": "8"}


def test_credit_is_read(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays("getCreditStatus", erp_rows.credit())
    credit = erp_port.credit(customer)
    assert credit == CreditStatus(
        customer_id="C-10001",
        system="main",
        currency="EUR",
        on_hold=False,
        bill_to_id="C-10001",
        limit=eur("1000.00"),
        balance=eur("600.00"),
        shipped_not_invoiced=eur("50.00"),
        open_orders=eur("200.00"),
        returns_not_credited=eur("30.00"),
        exposure=eur("820.00"),
        available=eur("180.00"),
        past_due=eur("120.00"),
        past_due_since=date(2026, 1, 10),
        last_invoiced_on=date(2026, 1, 28),
    )


def test_the_credit_of_every_customer_is_read_by_the_page(erp_wire, erp_port, erp_rows):
    rows = [erp_rows.credit(), erp_rows.credit(customerId="C-10002", lastInvoicedOn=None)]
    erp_wire.plays("listCreditStatus", erp_rows.page(*rows, after="p2"))
    page = erp_port.credit_list(limit=2)
    assert [(each.customer_id, each.bill_to_id) for each in page.items] == [
        ("C-10001", "C-10001"),
        ("C-10002", "C-10001"),
    ]
    assert (page.next, page.items[1].last_invoiced_on) == ("p2", None)
    assert erp_wire.query("listCreditStatus") == {"limit": "2"}


def test_no_limit_is_unlimited_and_a_limit_of_nothing_is_not(
    erp_wire, erp_port, erp_rows, customer
):
    erp_wire.plays(
        "getCreditStatus",
        erp_rows.credit(creditLimit=None, available=None),
        erp_rows.credit(creditLimit="0.00", available="-820.00"),
    )
    unlimited, nothing = erp_port.credit(customer), erp_port.credit(customer)
    assert (unlimited.unlimited, unlimited.limit, unlimited.available) == (True, None, None)
    assert (nothing.unlimited, nothing.limit) == (False, eur("0.00"))


def test_a_draft_is_priced(erp_wire, erp_port, erp_rows, customer, draft):
    erp_wire.plays("simulatePrices", erp_rows.simulation())
    assert erp_port.price(customer, draft) == Pricing(
        customer_id="C-10001",
        system="main",
        currency="EUR",
        on=date(2026, 2, 1),
        lines=(
            PricedLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                description="Ball bearing",
                list_price=eur("12.50"),
                unit_price=eur("11.00"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                tax_code="S",
                tax_rate=Decimal("0.20"),
                tax=eur("6.27"),
                rule="customer contract",
                source="Contract 2026, from 3",
                unit_cost=eur("7.25"),
                availability=Availability(
                    item_id="BRG-1001",
                    asked=Decimal(3),
                    on_hand=Decimal(10),
                    reserved=Decimal(4),
                    available=Decimal(6),
                    promised_on=date(2026, 2, 1),
                ),
            ),
        ),
        taxes=(TaxAmount(code="S", rate=Decimal("0.20"), base=eur("31.35"), tax=eur("6.27")),),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        rounding="line",
        residue=eur("0.00"),
        credit=CreditOutcome(
            result="ok", exposure_after=eur("857.62"), limit=eur("1000.00"), over_by=None
        ),
    )
    assert erp_wire.body("simulatePrices") == {
        "customerId": "C-10001",
        "lines": [{"line": 1, "itemId": "BRG-1001", "quantity": "3"}],
    }


def test_a_discount_that_was_asked_for_is_sent_even_when_it_is_none(
    erp_wire, erp_port, erp_rows, customer, draft
):
    erp_wire.plays("simulatePrices", erp_rows.simulation())
    line = evolve(draft.lines[0], discount_percent=Decimal(0))
    erp_port.price(customer, evolve(draft, lines=(line,), on=date(2026, 1, 31)))
    sent = erp_wire.body("simulatePrices")
    assert (sent["lines"][0]["discountPercent"], sent["priceOn"]) == ("0", "2026-01-31")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("promotion", "promotion"),
        ("price_list", "price list"),
        ("price_level", "price level"),
        ("list_price", "list price"),
        ("agreed", "agreed price"),
        ("imported", "imported price"),
    ],
)
def test_a_price_rule_is_told_in_words(erp_wire, erp_port, erp_rows, customer, draft, rule, words):
    line = erp_rows.simulated_line(priceRule=rule, listPrice=None, unitCost=None)
    erp_wire.plays("simulatePrices", erp_rows.simulation(lines=[line]))
    (priced,) = erp_port.price(customer, draft).lines
    assert (priced.rule, priced.list_price, priced.unit_cost) == (words, None, None)


def test_what_is_not_kept_in_stock_has_no_availability(
    erp_wire, erp_port, erp_rows, customer, draft
):
    line = erp_rows.simulated_line()
    line["stock"] |= {"basis": "not_stocked"}
    erp_wire.plays("simulatePrices", erp_rows.simulation(lines=[line]))
    assert erp_port.price(customer, draft).lines[0].availability is None


LIMIT = {"code": "credit_limit_exceeded", "message": "Over the limit."}
HOLD = {"code": "customer_on_hold", "message": "On hold: unpaid."}
PAST_DUE = {"code": "past_due", "message": "120.00 past due."}


@pytest.mark.parametrize(
    ("outcome", "reasons", "result", "reason"),
    [
        ("passed", [], "ok", ""),
        ("hold", [LIMIT], "over_limit", "Over the limit."),
        ("refuse", [LIMIT, PAST_DUE], "over_limit", "Over the limit. 120.00 past due."),
        ("hold", [HOLD], "on_hold", "On hold: unpaid."),
        ("refuse", [LIMIT, HOLD], "on_hold", "Over the limit. On hold: unpaid."),
        ("hold", [PAST_DUE], "on_hold", "120.00 past due."),
    ],
)
def test_the_credit_check_says_what_is_wrong(
    erp_wire, erp_port, erp_rows, customer, draft, outcome, reasons, result, reason
):
    told = erp_rows.credit_outcome(outcome=outcome, reasons=reasons, availableAfter="-57.62")
    erp_wire.plays("simulatePrices", erp_rows.simulation(credit=told))
    credit = erp_port.price(customer, draft).credit
    assert (credit.result, credit.reason, credit.over_by) == (result, reason, eur("57.62"))


def test_a_draft_in_another_currency_than_the_customers_is_refused(
    erp_wire, erp_port, erp_rows, customer, draft
):
    erp_wire.plays("simulatePrices", erp_rows.simulation())
    with pytest.raises(RemoteRefused, match="prices C-10001 in EUR, not in USD"):
        erp_port.price(customer, evolve(draft, currency="USD"))


def test_an_order_is_read_with_lines_and_history(erp_wire, erp_port, erp_rows):
    step = {
        "sequence": 1,
        "at": "2026-02-04T08:00:00Z",
        "actor": "warehouse",
        "event": "shipped",
        "status": "partly_shipped",
        "documentId": "SH-1",
        "note": None,
        "changes": [],
    }
    erp_wire.plays("getSalesOrder", erp_rows.order(history=[step]))
    assert erp_port.order("SO-100001") == Order(
        id="SO-100001",
        system="main",
        currency="EUR",
        customer_id="C-10001",
        trading_account="main:C-10001",
        reference="R-1",
        lines=(
            OrderLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                description="Ball bearing",
                unit_price=eur("11.00"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                reserved=Decimal(1),
                back_ordered=Decimal(1),
                shipped=Decimal(1),
                promised_on=date(2026, 2, 10),
                quote_line=1,
            ),
        ),
        status="partly_shipped",
        ordered_on=date(2026, 2, 2),
        promised_on=date(2026, 2, 10),
        ship_to=evolve(QUAY, name="Gate 4"),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        quote_id="Q-1",
        opportunity_id="O-1",
        external_ids={"crm": "R-1"},
        history=(
            OrderStep(
                at=datetime(2026, 2, 4, 8, tzinfo=UTC),
                event="shipped",
                status="partly_shipped",
                actor="warehouse",
                document_id="SH-1",
            ),
        ),
        created_at=datetime(2026, 2, 2, 8, tzinfo=UTC),
        version="2",
    )


def test_an_order_on_hold_says_why(erp_wire, erp_port, erp_rows):
    hold = {"code": "credit", "placedAt": "2026-02-02T08:00:00Z", "placedBy": "crossdock"}
    holds = [{**hold, "reason": "Over the limit."}, {**hold, "reason": "Called in."}]
    erp_wire.plays("getSalesOrder", erp_rows.order(status="on_hold", holds=holds))
    assert erp_port.order("SO-1").hold_reason == "Over the limit. Called in."


def test_a_rejected_order_says_why(erp_wire, erp_port, erp_rows):
    approval = {
        "status": "rejected",
        "requestedAt": "2026-02-02T08:00:00Z",
        "reasons": [LIMIT],
        "decidedAt": "2026-02-03T08:00:00Z",
        "decidedBy": "alex",
        "note": "Pay first.",
    }
    erp_wire.plays("getSalesOrder", erp_rows.order(status="rejected", approval=approval))
    assert erp_port.order("SO-1").hold_reason == "Pay first. Over the limit."


def test_documents_of_a_customer_are_read_to_the_last_page(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays(
        "listSalesOrders",
        erp_rows.page(erp_rows.order(id="SO-2"), after="p2"),
        erp_rows.page(erp_rows.order(id="SO-1")),
    )
    orders = erp_port.orders(customer, since=date(2026, 1, 1))
    assert [order.id for order in orders] == ["SO-2", "SO-1"]
    first = {
        "customerId": "C-10001",
        "sort": "-date",
        "orderedFrom": "2026-01-01",
        "include": "lines",
        "limit": "500",
    }
    assert erp_wire.query("listSalesOrders", 0) == first
    assert erp_wire.query("listSalesOrders", 1) == first | {"after": "p2"}


def test_a_cursor_that_stands_still_is_misbehaviour_and_not_a_loop(
    erp_wire, erp_port, erp_rows, customer
):
    erp_wire.plays("listPayments", erp_rows.page(after="p1"))
    with pytest.raises(RemoteMisbehaved, match="/next: expected a cursor that moves on"):
        erp_port.payments(customer)


def test_an_order_is_found_by_the_callers_reference(erp_wire, erp_port, erp_rows):
    erp_wire.plays("listSalesOrders", erp_rows.page(erp_rows.order()))
    assert [order.id for order in erp_port.orders_by_reference("R-1")] == ["SO-100001"]
    assert erp_wire.query("listSalesOrders")["externalReference"] == "R-1"


def test_no_order_carries_a_new_reference(erp_wire, erp_port, erp_rows):
    erp_wire.plays("listSalesOrders", erp_rows.page())
    assert erp_port.orders_by_reference("R-1") == ()


def test_every_order_with_a_reference_is_told_and_none_is_guessed(erp_wire, erp_port, erp_rows):
    rows = [erp_rows.order(id="SO-1"), erp_rows.order(id="SO-2")]
    erp_wire.plays("listSalesOrders", erp_rows.page(*rows))
    assert [order.id for order in erp_port.orders_by_reference("R-1")] == ["SO-1", "SO-2"]


def test_an_order_is_placed(erp_wire, erp_port, erp_rows, crm_order, customer):
    erp_wire.plays("createSalesOrder", httpx.Response(201, json=erp_rows.order()))
    order = evolve(
        crm_order, requested_on=date(2026, 2, 20), ship_to=Address(street="1 Quay", city="Hull")
    )
    acknowledgement = erp_port.place_order(customer, order, idempotency_key="key-1")
    assert acknowledgement.order.id == "SO-100001"
    assert (acknowledgement.reference, acknowledgement.replayed) == ("R-1", False)
    source = {"system": "crm", "opportunityId": "O-1", "quoteId": "Q-1", "orderId": "R-1"}
    assert erp_wire.body("createSalesOrder") == {
        "customerId": "C-10001",
        "externalReference": "R-1",
        "source": source,
        "currency": "EUR",
        "requestedOn": "2026-02-20",
        "shipTo": {
            "name": None,
            "street": "1 Quay",
            "city": "Hull",
            "region": None,
            "postcode": None,
            "country": None,
        },
        "lines": [
            {
                "line": 1,
                "itemId": "BRG-1001",
                "description": "Ball bearing",
                "quantity": "3",
                "unitPrice": "11.0000",
                "discountPercent": "5",
                "source": {**source, "quoteLine": 1, "orderLine": 1},
            }
        ],
    }
    assert erp_wire.asked[0][1].headers["idempotency-key"] == "key-1"


def test_an_order_that_the_erp_had_already_is_acknowledged_as_such(
    erp_wire, erp_port, erp_rows, crm_order, customer
):
    again = httpx.Response(
        201,
        json=erp_rows.order(externalReference="R-9"),
        headers={"Idempotency-Replayed": "true"},
    )
    erp_wire.plays("createSalesOrder", again)
    acknowledgement = erp_port.place_order(customer, crm_order, idempotency_key="key-1")
    assert (acknowledgement.reference, acknowledgement.replayed) == ("R-9", True)


def test_a_line_without_a_price_leaves_it_to_the_erp(
    erp_wire, erp_port, erp_rows, crm_order, customer
):
    erp_wire.plays("createSalesOrder", httpx.Response(201, json=erp_rows.order()))
    bare = evolve(crm_order.lines[0], unit_price=None, discount_percent=Decimal(0), description="")
    asked = evolve(bare, number=2, discount_percent=Decimal("2.50"))
    erp_port.place_order(customer, evolve(crm_order, lines=(bare, asked)), idempotency_key="k")
    first, second = erp_wire.body("createSalesOrder")["lines"]
    assert set(first) == {"line", "itemId", "quantity", "source"}
    assert second["discountPercent"] == "2.5"


def test_a_line_in_another_currency_is_refused_before_anything_is_sent(
    erp_wire, erp_port, crm_order, customer
):
    line = evolve(crm_order.lines[0], unit_price=Money(9, "USD"))
    with pytest.raises(RemoteRejectedData, match=r"lines\.0\.unit_price: is in USD"):
        erp_port.place_order(customer, evolve(crm_order, lines=(line,)), idempotency_key="k")
    assert erp_wire.asked == []


def test_shipments_are_read_with_their_lines(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays("listShipments", erp_rows.page(erp_rows.shipment()))
    erp_wire.plays("getShipment", erp_rows.shipment())
    expected = Shipment(
        id="SH-1",
        system="main",
        customer_id="C-10001",
        shipped_on=date(2026, 2, 4),
        order_id="SO-100001",
        carrier="Swift",
        ship_to=QUAY,
        lines=(
            ShipmentLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(1),
                description="Ball bearing",
                order_line=1,
            ),
        ),
    )
    assert erp_port.shipments(customer, since=date(2026, 2, 1)) == (expected,)
    assert erp_port.shipment("SH-1") == expected
    assert erp_wire.query("listShipments")["shippedFrom"] == "2026-02-01"


INVOICE = Invoice(
    id="IN-1",
    system="main",
    customer_id="C-10001",
    issued_on=date(2026, 2, 5),
    posted_on=date(2026, 2, 6),
    due_on=date(2026, 3, 7),
    currency="EUR",
    net=eur("10.45"),
    tax=eur("2.09"),
    gross=eur("12.54"),
    open=eur("0.00"),
    status="paid",
    order_id="SO-100001",
    reference="PO 77",
    line_count=1,
    applications=(
        Application(
            source_id="PY-1",
            invoice_id="IN-1",
            applied_on=date(2026, 3, 1),
            amount=eur("12.54"),
        ),
    ),
)


def test_invoice_heads_are_read_with_their_applications(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays("listInvoices", erp_rows.page(erp_rows.invoice()))
    assert erp_port.invoices(customer, since=date(2026, 1, 1)) == (INVOICE,)
    assert erp_wire.query("listInvoices") == {
        "customerId": "C-10001",
        "sort": "-date",
        "issuedFrom": "2026-01-01",
        "limit": "500",
    }


def test_an_invoice_is_read_with_its_lines(erp_wire, erp_port, erp_rows, customer):
    row = erp_rows.invoice(lines=[erp_rows.invoice_line()])
    erp_wire.plays("getInvoice", row)
    erp_wire.plays("listInvoices", erp_rows.page(row))
    line = InvoiceLine(
        number=1,
        item_id="BRG-1001",
        quantity=Decimal(1),
        unit_price=eur("11.00"),
        net=eur("10.45"),
        description="Ball bearing",
        discount_percent=Decimal(5),
        tax_rate=Decimal("0.20"),
        order_id="SO-100001",
        order_line=1,
        shipment_id="SH-1",
        shipment_line=1,
    )
    assert erp_port.invoice("IN-1") == evolve(INVOICE, lines=(line,))
    assert erp_port.invoices(customer, lines=True) == (evolve(INVOICE, lines=(line,)),)
    assert erp_wire.query("listInvoices")["include"] == "lines"


def test_lines_that_were_asked_for_and_are_missing_are_misbehaviour(
    erp_wire, erp_port, erp_rows, customer
):
    erp_wire.plays("listInvoices", erp_rows.page(erp_rows.invoice()))
    with pytest.raises(RemoteMisbehaved, match="/items/0/lines: is missing"):
        erp_port.invoices(customer, lines=True)


def test_a_credit_note_may_have_settled_an_invoice(erp_wire, erp_port, erp_rows, customer):
    applied = erp_rows.application(creditNoteId="CN-1", amount="12.00")
    row = erp_rows.invoice(applications=[applied], customerReference=None, dueOn=None)
    erp_wire.plays("listInvoices", erp_rows.page(row))
    (invoice,) = erp_port.invoices(customer)
    assert invoice.applications[0].source_id == "CN-1"
    assert (invoice.due_on, invoice.reference) == (None, "")


def test_an_application_without_a_source_is_misbehaviour(erp_wire, erp_port, erp_rows, customer):
    row = erp_rows.invoice(applications=[erp_rows.application()])
    erp_wire.plays("listInvoices", erp_rows.page(row))
    with pytest.raises(RemoteMisbehaved, match="/items/0/applications/0: expected paymentId or"):
        erp_port.invoices(customer)


def test_credit_notes_are_read(erp_wire, erp_port, erp_rows, customer):
    line = {
        "invoiceId": "IN-1",
        "invoiceLine": 1,
        **{
            name: value
            for name, value in erp_rows.invoice_line().items()
            if name not in ("shipmentId", "shipmentLine", "creditedQuantity")
        },
    }
    erp_wire.plays("listCreditNotes", erp_rows.page(erp_rows.credit_note()))
    erp_wire.plays("getCreditNote", erp_rows.credit_note(lines=[line]))
    (head,) = erp_port.credit_notes(customer, since=date(2026, 1, 1))
    assert head == CreditNote(
        id="CN-1",
        system="main",
        customer_id="C-10001",
        issued_on=date(2026, 2, 15),
        posted_on=date(2026, 2, 15),
        currency="EUR",
        net=eur("10.45"),
        tax=eur("2.09"),
        gross=eur("12.54"),
        open=eur("0.54"),
        invoice_id="IN-1",
        reason="damaged",
        line_count=1,
        applications=(
            Application(
                source_id="CN-1",
                invoice_id="IN-1",
                applied_on=date(2026, 3, 1),
                amount=eur("12.00"),
            ),
        ),
    )
    whole = erp_port.credit_note("CN-1")
    assert (whole.lines[0].invoice_id, whole.lines[0].invoice_line) == ("IN-1", 1)
    assert erp_wire.query("listCreditNotes")["issuedFrom"] == "2026-01-01"


def test_payments_are_read_with_their_applications(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays("listPayments", erp_rows.page(erp_rows.payment()))
    erp_wire.plays("getPayment", erp_rows.payment())
    expected = Payment(
        id="PY-1",
        system="main",
        customer_id="C-10001",
        received_on=date(2026, 3, 1),
        amount=eur("20.00"),
        unapplied=eur("7.46"),
        method="transfer",
        applications=INVOICE.applications,
    )
    assert erp_port.payments(customer, since=date(2026, 1, 1)) == (expected,)
    assert erp_port.payment("PY-1") == expected
    assert erp_wire.query("listPayments")["receivedFrom"] == "2026-01-01"


def test_returns_are_read_up_to_the_first_that_is_too_old(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays(
        "listReturns",
        erp_rows.page(
            erp_rows.returned(), erp_rows.returned(id="RT-0", receivedOn="2025-12-31"), after="p2"
        ),
    )
    assert erp_port.returns(customer, since=date(2026, 1, 1)) == (
        Return(
            id="RT-1",
            system="main",
            customer_id="C-10001",
            received_on=date(2026, 2, 14),
            order_id="SO-100001",
            reason="damaged",
            lines=(
                ShipmentLine(
                    number=1,
                    item_id="BRG-1001",
                    quantity=Decimal(1),
                    description="Ball bearing",
                    order_line=1,
                ),
            ),
        ),
    )
    assert len(erp_wire.asked) == 1


def test_all_returns_are_read_without_a_day(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays(
        "listReturns",
        erp_rows.page(erp_rows.returned(), after="p2"),
        erp_rows.page(erp_rows.returned(id="RT-0")),
    )
    assert [each.id for each in erp_port.returns(customer)] == ["RT-1", "RT-0"]


def test_one_return_is_read(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getReturn", erp_rows.returned())
    assert erp_port.goods_return("RT-1").lines[0].order_line == 1


@pytest.mark.parametrize(
    ("wire", "ours"),
    [
        ("upcoming", "future"),
        ("current", "current"),
        ("expiring", "expiring"),
        ("lapsed", "lapsed"),
    ],
)
def test_contracts_are_read(erp_wire, erp_port, erp_rows, customer, wire, ours):
    erp_wire.plays("listContracts", erp_rows.page(erp_rows.contract(status=wire)))
    assert erp_port.contracts(customer) == (
        Contract(
            id="CT-1",
            system="main",
            customer_id="C-10001",
            kind="sla",
            name="Conveyor care",
            starts_on=date(2026, 1, 1),
            ends_on=None,
            annual_value=eur("1200.00"),
            annual_cost=eur("700.00"),
            status=ours,
        ),
    )


@pytest.mark.parametrize(
    ("wire", "ours"),
    [("customer", "trading_account"), ("sales_order", "order"), ("return", "return")],
)
def test_changes_are_told_in_our_words(erp_wire, erp_port, wire, ours):
    change = {
        "sequence": 4,
        "entity": wire,
        "id": "X-1",
        "action": "created",
        "at": "2026-02-03T08:00:00Z",
        "version": 1,
    }
    erp_wire.plays("listChanges", {"items": [change], "next": "opaque-5"})
    changes = erp_port.changes("opaque-4", limit=9000)
    assert erp_wire.query("listChanges") == {"since": "opaque-4", "limit": "500"}
    (told,) = changes.changes
    assert (told.entity, told.id, told.action, told.system) == (ours, "X-1", "created", "main")
    assert (told.cursor, told.at) == ("opaque-5", datetime(2026, 2, 3, 8, tzinfo=UTC))
    assert (changes.cursor, changes.more) == ("opaque-5", False)
