"""Copies of invoices over HTTP: downloaded by who may see all of it, sent again by who may."""

from __future__ import annotations

import pytest

from crossdock.specifications import specification
from crossdock_mocks.engine.document import load_plan


@pytest.fixture
def invoice(sidecar):
    host = sidecar.host
    (customer, *_) = host.trading_accounts(host.crm.account("A-1001"))
    return host.erp.using("main").invoices(customer)[0].id


@pytest.fixture
def accountant(sidecar):
    """Headers of somebody who may do everything with invoices."""
    users = sidecar.host.crm.users()
    who = next(each.id for each in users if each.active and "accounting" in each.roles)
    return {"X-Crossdock-User": who}


def test_a_copy_is_the_file_that_the_erp_prints(sidecar, invoice, accountant):
    where = f"/v1/erps/main/invoices/{invoice}/copy"
    answer = sidecar.get(where, headers=accountant)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content == sidecar.host.erp.using("main").invoice_document(invoice).content
    assert answer.headers["content-disposition"] == f'attachment; filename="{invoice}.pdf"'

    for unknown in (where.replace("main", "other"), where.replace(invoice, "IN-NONE")):
        assert sidecar.get(unknown, headers=accountant).status_code == 404


def test_an_invoice_is_sent_once_for_each_key_and_the_audit_trail_keeps_it(
    sidecar, invoice, accountant
):
    where = f"/v1/erps/main/invoices/{invoice}/sendings"
    keyed = {**accountant, "Idempotency-Key": "send-1"}
    first = sidecar.post(where, json={"to": "ap@buyer.example"}, headers=keyed)
    again = sidecar.post(where, json={"to": "ap@buyer.example"}, headers=keyed)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == {"system": "main", "invoice_id": invoice, "to": "ap@buyer.example"}
    assert again.headers["idempotency-replayed"] == "true"
    lines = sidecar.host.store.audit.entries(action="invoice.sent")
    assert [(line.subject, line.detail["to"]) for line in lines] == [
        (f"main:{invoice}", "ap@buyer.example")
    ]
    assert lines[0].actor == f"user:{accountant['X-Crossdock-User']}"
    assert sidecar.post(where, json={"to": "nobody"}, headers=accountant).status_code == 422


def test_who_has_no_right_sends_nothing_and_the_attempt_is_kept(sidecar, invoice):
    where = f"/v1/erps/main/invoices/{invoice}/sendings"
    refused = sidecar.post(where, json={}, headers={"X-Crossdock-User": "U-kim"})
    assert (refused.status_code, refused.json()["code"]) == (403, "access_denied")
    assert "invoices:send" in refused.json()["detail"]
    assert sidecar.host.store.audit.entries(action="invoice.sent") == ()
    (kept,) = sidecar.host.store.audit.entries(action="access.refused")
    assert kept.subject == "invoices:send"


def test_no_address_opens_a_document_of_an_erp_but_an_invoices_copy():
    """Documents are read by tabs, with the rights of their readers; see docs/rights.md."""
    rules = load_plan(specification("host.openapi.yaml"))["operations"]
    assert {rule["id"] for rule in rules if "/erps/" in rule["path"]} == {
        "getInvoiceCopy", "sendInvoice",
    }  # fmt: skip
