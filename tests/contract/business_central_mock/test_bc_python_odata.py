"""python-odata, unmodified: the model is reflected, and a whole business story is done with it.

Its extra headers do not reach the request for the model, so the token travels in its session; it
never sends an ETag of its own, so it changes records with `If-Match: *`.
"""

import pytest
import requests
from odata import ODataService
from odata.exceptions import ODataError
from odata.flags import ODataServerFlags


@pytest.fixture
def bc(bc_served):
    """The world that is on a socket."""
    return bc_served


@pytest.fixture
def service(bc, bc_address):
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {bc.token}"
    yield ODataService(
        f"{bc_address}/v2.0/sandbox/api/v2.0/companies({bc.company_id})",
        session=session,
        reflect_entities=True,
        quiet_progress=True,
        extra_headers={"If-Match": "*"},
        server_flags=ODataServerFlags(
            skip_null_properties=True, provide_odata_type_annotation=False
        ),
    )
    session.close()


def _made(service, name, **values):
    entity = service.entities[name]()
    for key, value in values.items():
        setattr(entity, key, value)
    service.save(entity)
    return entity


def test_it_reads_what_there_is(service, bc):
    customers = service.entities["customers"]
    query = service.query(customers).filter(customers.displayName.startswith("T"))
    found = query.filter(customers.balanceDue > 0).order_by(customers.number.asc()).all()
    assert [each.number for each in found] == ["C-10001"]
    assert found[0].blocked == "_x0020_"
    assert len(service.query(customers).all()) == len(bc.rows("/customers"))
    assert len(service.query(customers).limit(3).offset(2).all()) == 3
    rows = service.query(customers).select(customers.number).limit(2).all()
    assert [row["number"] for row in rows] == ["C-10001", "C-10002"]
    one = service.query(customers).get(found[0].id)
    assert one.number == "C-10001"
    orders = service.entities["salesOrders"]
    order = service.query(orders).expand(orders.salesOrderLines).first()
    assert order.salesOrderLines[0].quantity > 0


def test_from_a_customer_to_a_paid_invoice(service, bc):
    customer = _made(service, "customers", displayName="By python-odata", email="p@odata.example")
    assert customer.number == "C-10017"
    customer.city = "Hull"
    service.save(customer)
    assert bc.get(f"/customers({customer.id})")["city"] == "Hull"
    items = service.entities["items"]
    item = service.query(items).filter(items.number == "BRG-1001").one()

    quote = _made(service, "salesQuotes", customerId=customer.id, externalDocumentNumber="PO-1")
    line = _made(service, "salesQuoteLines", documentId=quote.id, itemId=item.id,
                 lineType="Item", quantity=10)  # fmt: skip
    assert line.unitPrice == item.unitPrice
    quotes = service.entities["salesQuotes"]
    quote = service.query(quotes).filter(quotes.externalDocumentNumber == "PO-1").one()
    assert quote.totalAmountExcludingTax == line.netAmount
    quote.makeOrder()

    orders = service.entities["salesOrders"]
    order = service.query(orders).filter(orders.externalDocumentNumber == "PO-1").one()
    assert float(order.totalAmountIncludingTax) == float(quote.totalAmountIncludingTax)
    lines = service.entities["salesOrderLines"]
    (line,) = service.query(lines).filter(lines.documentId == order.id).all()
    line.shipQuantity = 4
    service.save(line)
    order.shipAndInvoice()
    (line,) = service.query(lines).filter(lines.documentId == order.id).all()
    assert (line.shippedQuantity, line.invoicedQuantity, line.shipQuantity) == (4, 4, 6)
    order.shipAndInvoice()
    assert service.query(orders).filter(orders.externalDocumentNumber == "PO-1").all() == []

    invoices = service.entities["salesInvoices"]
    posted = service.query(invoices).filter(invoices.orderNumber == order.number).all()
    assert [each.status for each in posted] == ["Open", "Open"]
    shipments = service.entities["salesShipments"]
    assert len(service.query(shipments).filter(shipments.orderNumber == order.number).all()) == 2

    journal = service.query(service.entities["customerPaymentJournals"]).first()
    for invoice in posted:
        _made(service, "customerPayments", journalId=journal.id, customerId=customer.id,
              amount=-invoice.totalAmountIncludingTax,
              appliesToInvoiceNumber=invoice.number)  # fmt: skip
    bc.act(f"/journals({journal.id})", "post")
    paid = service.query(invoices).filter(invoices.orderNumber == order.number).all()
    assert [each.status for each in paid] == ["Paid", "Paid"]
    details = service.entities["customerFinancialDetails"]
    detail = service.query(details).filter(details.number == customer.number).one()
    assert float(detail.balance) == 0


def test_wrong_use_raises_with_the_services_code(service):
    customers = service.entities["customers"]
    with pytest.raises(ODataError) as caught:
        service.query(customers).filter(
            (customers.number == "x") | (customers.displayName == "y")
        ).all()
    assert caught.value.code == "BadRequest_MethodNotImplemented"
    with pytest.raises(ODataError) as caught:
        _made(service, "customers", displayName="x" * 101)
    assert caught.value.code == "Application_StringExceededLength"
    with pytest.raises(ODataError) as caught:
        _made(service, "salesQuotes", externalDocumentNumber="nobody's")
    assert caught.value.code == "Application_DialogException"
    assert "CorrelationId" in caught.value.message
    lines = service.entities["salesOrderLines"]
    with pytest.raises(ODataError) as caught:
        service.query(lines).all()
    assert caught.value.code == "Application_DialogException"
    gone = service.query(customers).first()
    with pytest.raises(ODataError) as caught:
        service.delete(gone)
    assert "cannot delete" in caught.value.message
