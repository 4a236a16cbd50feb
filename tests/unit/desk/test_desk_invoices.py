"""Copies of invoices at the desk: downloaded, and sent again only when somebody says so twice."""

import pytest

INVOICE = "/documents/main/invoice/IN-100001"


@pytest.fixture
def ada(browser_of, sign_in):
    """Ada, a manager, who may send invoices."""
    return sign_in(browser_of(), "U-ada")


def test_an_invoice_is_downloaded_as_a_file(host, kim):
    html = kim.open(INVOICE)
    assert f'href="{INVOICE}/copy"' in html
    answer = kim.request("GET", f"{INVOICE}/copy")
    assert answer.content == b"%PDF-1.4 all of it"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="IN-100001.pdf"'


def test_sending_asks_first_and_is_kept_in_the_audit_trail(host, ada):
    html = ada.open(f"{INVOICE}/send")
    assert "Send invoice IN-100001 again?" in html
    assert host.erp.sent == []
    html = ada.send(f"{INVOICE}/send", to="ap@buyer.example")
    assert host.erp.sent == [("IN-100001", "ap@buyer.example")]
    assert "IN-100001 is on its way to ap@buyer.example." in html
    (line,) = host.store.audit.entries(action="invoice.sent")
    assert (line.subject, line.detail) == ("main:IN-100001", {"to": "ap@buyer.example"})


def test_a_lost_answer_is_said_and_kept_as_what_may_have_gone_out(host, ada):
    ada.open(f"{INVOICE}/send")
    invoice = host.erp.invoice("IN-100001")
    host.erp.invoice, host.erp.away = lambda _id: invoice, True
    ada.send(f"{INVOICE}/send", status=422, to="")
    assert "nobody knows whether the invoice went out" in ada.text()
    assert host.store.audit.entries(action="invoice.sent") == ()
    assert len(host.store.audit.entries(action="invoice.maybe_sent")) == 1


def test_what_the_erp_says_of_an_address_is_shown_with_what_was_typed(host, ada):
    ada.open(f"{INVOICE}/send")
    html = ada.send(f"{INVOICE}/send", status=422, to="nobody")
    assert "nobody is no address" in html
    assert 'value="nobody"' in html


def test_who_may_not_send_is_told_why_and_has_no_link_that_leads_there(host, kim):
    assert f"{INVOICE}/send" not in kim.open(INVOICE)
    assert "invoices:send" in kim.open(f"{INVOICE}/send")
    kim.send(f"{INVOICE}/send", status=403, to="")
    assert host.erp.sent == []
    assert [each.subject for each in host.store.audit.entries(action="access.refused")] == [
        "invoices:send"
    ]
