"""pybusinesscentral, unmodified: what it covers of the API, in a story and in wrong use."""

import pybusinesscentral
import pytest
from pybusinesscentral import models
from pybusinesscentral.api.company_api import CompanyApi
from pybusinesscentral.api.customer_api import CustomerApi
from pybusinesscentral.api.journal_api import JournalApi
from pybusinesscentral.api.payment_term_api import PaymentTermApi
from pybusinesscentral.api.sales_invoice_api import SalesInvoiceApi
from pybusinesscentral.api.sales_invoice_line_api import SalesInvoiceLineApi
from pybusinesscentral.exceptions import ApiException

JSON = "application/json"


@pytest.fixture
def bc(bc_served):
    """The world that is on a socket."""
    return bc_served


@pytest.fixture
def client(bc, bc_address):
    configuration = pybusinesscentral.Configuration(
        host=f"{bc_address}/v2.0/contoso.example/sandbox/api/v2.0", access_token=bc.token
    )
    with pybusinesscentral.ApiClient(configuration) as made:
        yield made


def test_it_finds_its_company_and_reads_lists(client, bc):
    (company,) = CompanyApi(client).list_companies().value
    assert str(company.id) == bc.company_id
    api = CustomerApi(client)
    found = api.list_customers(
        bc.company_id, top=5, skip=2,
        filter="startswith(displayName,'A') or startswith(displayName,'B')",
    ).value  # fmt: skip
    assert all(each.display_name[0] in "AB" for each in found)
    assert len(api.list_customers(bc.company_id).value) == len(bc.rows("/customers"))
    terms = PaymentTermApi(client).list_payment_terms(bc.company_id, filter="code eq '30 DAYS'")
    assert terms.value[0].due_date_calculation == "30D"


def test_from_a_customer_to_a_posted_invoice_that_is_paid(client, bc):
    api = CustomerApi(client)
    customer = api.post_customer(
        bc.company_id, JSON,
        models.PostCustomerRequest(displayName="By pybusinesscentral", email="p@bc.example"),
    )  # fmt: skip
    assert customer.number == "C-10017"
    etag = bc.get(f"/customers({customer.id})")["@odata.etag"]
    changed = api.patch_customer(
        bc.company_id,
        str(customer.id),
        JSON,
        etag,
        models.PostCustomerRequest(email="q@bc.example"),
    )
    assert changed.email == "q@bc.example"
    invoices = SalesInvoiceApi(client)
    invoice = invoices.post_sales_invoice(
        bc.company_id, JSON,
        models.PostSalesInvoiceRequest(
            customerNumber=customer.number, externalDocumentNumber="PO-9"
        ),
    )  # fmt: skip
    assert invoice.status == "Draft"
    lines = SalesInvoiceLineApi(client)
    line = lines.post_sales_invoice_line_for_sales_invoice(
        bc.company_id, str(invoice.id), JSON,
        models.PostSalesInvoiceLineForSalesInvoiceRequest(
            itemId=bc.item("BRG-1001")["id"], lineType="Item", quantity=3
        ),
    )  # fmt: skip
    assert line.net_amount == 3 * line.unit_price
    assert (
        len(lines.list_sales_invoice_lines_for_sales_invoice(bc.company_id, str(invoice.id)).value)
        == 1
    )
    invoices.post_action_sales_invoices(bc.company_id, str(invoice.id))
    posted = invoices.get_sales_invoice(bc.company_id, str(invoice.id))
    assert (posted.status, posted.number[:3]) == ("Open", "IN-")
    journal = bc.rows("/customerPaymentJournals")[0]
    bc.post(
        f"/customerPaymentJournals({journal['id']})/customerPayments",
        {"amount": -posted.total_amount_including_tax, "appliesToInvoiceNumber": posted.number},
    )
    JournalApi(client).post_action_journals(bc.company_id, journal["id"])
    assert invoices.get_sales_invoice(bc.company_id, str(invoice.id)).status == "Paid"
    assert bc.get(f"/customers({customer.id})")["balanceDue"] == 0


def _refused(call, *given, **named):
    with pytest.raises(ApiException) as caught:
        call(*given, **named)
    return caught.value.status, caught.value.body


def test_wrong_use_raises_with_the_services_code(client, bc):
    api = CustomerApi(client)
    status, body = _refused(
        api.list_customers, bc.company_id, filter="number eq 'a' or displayName eq 'b'"
    )
    assert (status, "BadRequest_MethodNotImplemented" in body) == (501, True)
    status, body = _refused(api.post_customer, bc.company_id, JSON, models.PostCustomerRequest())
    assert (status, "Application_DialogException" in body) == (400, True)
    customer = bc.customer()
    change = models.PostCustomerRequest(email="x@y.example")
    api.patch_customer(bc.company_id, customer["id"], JSON, customer["@odata.etag"], change)
    status, body = _refused(
        api.patch_customer, bc.company_id, customer["id"], JSON, customer["@odata.etag"], change
    )
    assert (status, "Request_EntityChanged" in body) == (409, True)
    api.delete_customer(bc.company_id, customer["id"])
    status, body = _refused(api.get_customer, bc.company_id, customer["id"])
    assert (status, "Internal_RecordNotFound" in body) == (404, True)
