"""Shipments, invoices, payments, returns: the ERP's wire and our records, both ways."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import RemoteMisbehaved
from crossdock.records import (
    Address,
    Application,
    Contract,
    CreditNote,
    Invoice,
    InvoiceLine,
    Money,
    Payment,
    Return,
    Shipment,
    ShipmentLine,
)

QUAY = Address(street="1 Quay", city="Hull", postcode="HU1", country="GB")


def eur(amount):
    return Money(amount, "EUR")


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
            by="payment",
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
                by="credit_note",
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
        "by": "integration",
        "successor": "X-2",
    }
    erp_wire.plays("listChanges", {"items": [change], "next": "opaque-5"})
    changes = erp_port.changes("opaque-4", limit=9000)
    assert erp_wire.query("listChanges") == {"since": "opaque-4", "limit": "500"}
    (told,) = changes.changes
    assert (told.entity, told.id, told.action, told.system) == (ours, "X-1", "created", "main")
    assert (told.by, told.successor) == ("integration", "X-2")
    assert (told.cursor, told.at) == ("opaque-5", datetime(2026, 2, 3, 8, tzinfo=UTC))
    assert (changes.cursor, changes.more) == ("opaque-5", False)
