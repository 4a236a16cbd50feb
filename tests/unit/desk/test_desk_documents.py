"""ERP documents as the desk lays them out: what they say, where they lead, nothing made up."""

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import (
    Address,
    Application,
    CreditNote,
    InvoiceLine,
    Money,
    Order,
    OrderLine,
    Payment,
    Return,
    Shipment,
    ShipmentLine,
)

DAY = date(2026, 11, 20)
TEN = Money("10.00", "EUR")
HEAD = {"system": "main", "customer_id": "C-10001"}
APPLIED = Application(source_id="PY-1", invoice_id="IN-1", applied_on=DAY, amount=TEN)
LINE = InvoiceLine(
    number=1,
    item_id="BRG-1001",
    quantity=Decimal(2),
    unit_price=Money("5.00", "EUR"),
    net=TEN,
    discount_percent=Decimal("2.5"),
)
DOCUMENTS = {
    "order": Order(
        **HEAD,
        id="SO-1",
        currency="EUR",
        status="on_hold",
        hold_reason="Over the limit",
        ordered_on=DAY,
        gross=TEN,
        lines=(
            OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(3), back_ordered=Decimal(1)),
        ),
    ),
    "shipment": Shipment(
        **HEAD,
        id="SH-1",
        shipped_on=DAY,
        order_id="SO-1",
        carrier="DHL",
        ship_to=Address(name="Gate 4", city="Linz"),
        lines=(ShipmentLine(number=1, item_id="BRG-1001", quantity=Decimal(2)),),
    ),
    "return": Return(
        **HEAD,
        id="RT-1",
        received_on=DAY,
        order_id="SO-1",
        reason="Too long",
        lines=(ShipmentLine(number=1, item_id="BRG-1001", quantity=Decimal(1)),),
    ),
    "credit_note": CreditNote(
        **HEAD,
        id="CN-1",
        issued_on=DAY,
        posted_on=DAY,
        currency="EUR",
        net=TEN,
        tax=TEN,
        gross=TEN,
        open=Money("0", "EUR"),
        invoice_id="IN-1",
        reason="Damaged",
        lines=(LINE,),
        applications=(APPLIED,),
    ),
    "payment": Payment(
        **HEAD,
        id="PY-1",
        received_on=DAY,
        amount=TEN,
        unapplied=Money("0", "EUR"),
        method="transfer",
        applications=(APPLIED,),
    ),
}
SAYS = {
    "order": ("On hold", "Over the limit", "20 Nov 2026", "€10.00"),
    "shipment": ("DHL", "Gate 4, Linz", "BRG-1001"),
    "return": ("Too long", "BRG-1001", "20 Nov 2026"),
    "credit_note": ("Damaged", "2.5%", "€5.00"),
    "payment": ("transfer", "20 Nov 2026", "€10.00"),
}
READ_BY = {"return": "goods_return"}
LEADS_TO = {
    "order": (),
    "shipment": ("order/SO-1",),
    "return": ("order/SO-1",),
    "credit_note": ("invoice/IN-1",),
    "payment": ("invoice/IN-1",),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_says_what_it_holds_and_leads_on(kim, host, kind):
    document = DOCUMENTS[kind]
    setattr(host.erp, READ_BY.get(kind, kind), lambda document_id: document)
    html = kim.open(f"/documents/main/{kind}/{document.id}")
    text = kim.text()
    for words in (document.id, "C-10001", *SAYS[kind]):
        assert words in text
    for target in LEADS_TO[kind]:
        assert f'href="/documents/main/{target}"' in html
    assert "read 21 Nov 2026, 09:30 UTC" in text


def test_what_settled_an_invoice_is_told_by_its_kind_whatever_its_number_looks_like(kim, host):
    invoice = host.erp.invoice("IN-100001")
    parts = (
        evolve(APPLIED, source_id="145", by="credit_note"),
        evolve(APPLIED, source_id="CN-7", by="payment"),
        evolve(APPLIED, source_id="9", by=""),
    )
    host.erp.invoice = lambda document_id: evolve(invoice, applications=parts)
    html = kim.open("/documents/main/invoice/IN-100001")
    assert 'href="/documents/main/credit_note/145"' in html
    assert 'href="/documents/main/payment/CN-7"' in html
    assert "/9" not in html


def test_where_an_erp_does_not_say_what_settled_a_document_there_is_no_link(kim, host):
    silent = evolve(DOCUMENTS["payment"], applications=(evolve(APPLIED, invoice_id=""),))
    host.erp.payment = lambda document_id: silent
    html = kim.open("/documents/main/payment/PY-1")
    assert "the ERP does not tell" in kim.text()
    assert 'href="/documents/main/invoice/"' not in html


def test_what_a_document_does_not_say_is_left_out(kim, host):
    host.erp.payment = lambda document_id: DOCUMENTS["payment"]
    kim.open("/documents/main/payment/PY-1")
    assert "Reference" not in kim.text()


@pytest.mark.parametrize(
    "path", ["/documents/main/secret/1", "/documents/elsewhere/order/SO-1", "/documents/main/order"]
)
def test_there_are_no_other_documents(kim, path):
    kim.open(path, status=404)


def test_an_unknown_document_is_said(kim):
    kim.open("/documents/main/invoice/IN-9", status=404)
    assert "has no such record" in kim.text()


def test_an_erp_that_is_away_is_a_sentence(kim, host):
    host.erp.away = True
    kim.open("/documents/main/invoice/IN-100001", status=503)
    assert "does not answer" in kim.text()
