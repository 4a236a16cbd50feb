"""Who may open a document of an ERP by its address: whoever may read such by his role."""

import pytest
from attrs import evolve

from crossdock.host.erp_documents import KINDS, ErpDocuments
from crossdock.host.gateway import RightsByRole
from crossdock.host.settings.config import RoleConfig
from crossdock.records import Order

INVOICE = "/documents/main/invoice/IN-100001"


@pytest.fixture
def narrow(host):
    """Lets the desk's salespeople read and see no more than is said."""

    def to(*scopes, fields=("*",)):
        rights = RightsByRole({"sales": RoleConfig(scopes=scopes, fields=fields)})
        host.documents = ErpDocuments(
            host.erp, identity="desk", rights=rights, refusals=host.refusals
        )

    return to


def refused(host):
    """What was refused, by scope."""
    return [each.subject for each in host.store.audit.entries(action="access.refused")]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_document_is_not_opened_by_its_address_without_the_scope(host, kim, narrow, kind):
    narrow("crm.*:*", "erp.customers:read")
    host.erp.away = True  # nothing is asked of the ERP, so nobody notices
    kim.open(f"/documents/main/{kind}/X-1", status=403)
    assert "Your role does not allow this" in kim.text()
    (subject,) = refused(host)
    assert subject.startswith("erp.")
    assert subject.endswith(":read")


def test_one_kind_of_documents_may_be_open_and_another_not(host, kim, narrow):
    narrow("crm.*:*", "erp.invoices:read")
    kim.open(INVOICE)
    kim.open("/documents/main/order/SO-100001", status=403)


def test_a_link_to_a_document_that_is_closed_is_no_link(host, kim, narrow):
    assert 'href="/documents/main/order/' in kim.open(INVOICE)
    narrow("erp.invoices:read")
    html = kim.open(INVOICE)
    assert "SO-" in html
    assert 'href="/documents/main/order/' not in html


def test_whoever_may_not_read_invoices_is_not_asked_to_send_one(host, kim, narrow):
    narrow("crm.*:*")
    kim.open(f"{INVOICE}/send", status=403)
    assert "IN-100001 again" not in kim.text()


def test_what_a_role_hides_is_hidden_in_a_document_too(host, kim, narrow):
    order = Order(
        id="SO-1", customer_id="C-10001", system="main", currency="EUR", status="on_hold",
        hold_reason="Over the limit by 4,200.00 EUR",
    )  # fmt: skip
    host.erp.order = lambda order_id: evolve(order, id=order_id)
    assert "4,200.00" in kim.open("/documents/main/order/SO-1")
    narrow("*", fields=())
    html = kim.open("/documents/main/order/SO-1")
    assert "4,200.00" not in html
    assert "Over the limit" in html
