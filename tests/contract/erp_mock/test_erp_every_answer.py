"""Every operation reaches its good answer and each refusal that the document names."""

import pytest

from crossdock.specifications import specification
from crossdock_mocks.engine.document import parse

LINE = {"itemId": "BRG-1001", "quantity": "2"}


def shipped(erp):
    order = erp.order("C-10002", ("BRG-1001", 2))
    erp.post(f"/sales-orders/{order['id']}/shipments")
    return order["id"]


def pending(erp):
    return erp.order("C-10003", ("BRG-1001", 2))["id"]


def always(request):
    return lambda erp: request


def idle(erp):
    return erp.post("/customers", {"name": "Nobody"})["id"]


def contact(erp):
    return erp.post("/contacts", {"customerId": "C-10001", "lastName": "Adams"})["id"]


GOOD = {
    "getSession": always(("/session", None)),
    "deleteCustomer": lambda erp: (f"/customers/{idle(erp)}", None),
    "mergeCustomer": lambda erp: (f"/customers/{idle(erp)}/merge", {"into": "C-10001"}),
    "listContacts": always(("/contacts", None)),
    "createContact": always(("/contacts", {"customerId": "C-10001", "lastName": "Adams"})),
    "getContact": lambda erp: (f"/contacts/{contact(erp)}", None),
    "changeContact": lambda erp: (f"/contacts/{contact(erp)}", {"mobile": "1"}),
    "deleteContact": lambda erp: (f"/contacts/{contact(erp)}", None),
    "createItem": always(("/items", {"id": "NEW-1", "name": "New", "taxCode": "STD"})),
    "changeItem": always(("/items/BRG-1001", {"listPrice": "9.99"})),
    "setListPrice": always(("/price-lists/TRADE/items/BRG-1001", {"price": "9.90"})),
    "getCompany": always(("/company", None)),
    "changeCompany": always(("/company", {"contractNoticeDays": 30})),
    "listCustomers": always(("/customers", None)),
    "createCustomer": always(("/customers", {"name": "New"})),
    "getCustomer": always(("/customers/C-10001", None)),
    "changeCustomer": always(("/customers/C-10001", {"phone": "1"})),
    "getCreditStatus": always(("/customers/C-10001/credit", None)),
    "listCreditStatus": always(("/credit-status", None)),
    "listCustomerPrices": always(("/customers/C-10001/prices", None)),
    "listItems": always(("/items", None)),
    "getItem": always(("/items/BRG-1001", None)),
    "getItemStock": always(("/items/BRG-1001/stock?quantity=3", None)),
    "listReceipts": always(("/items/BRG-1002/receipts", None)),
    "createReceipt": always(("/items/BRG-1001/receipts", {"quantity": "5"})),
    "listStock": always(("/stock", None)),
    "listPriceLists": always(("/price-lists", None)),
    "getPriceList": always(("/price-lists/TRADE", None)),
    "listPrices": always(("/prices", None)),
    "listTaxCodes": always(("/tax-codes", None)),
    "simulatePrices": always(("/price-simulations", {"customerId": "C-10001", "lines": [LINE]})),
    "listSalesOrders": always(("/sales-orders", None)),
    "createSalesOrder": always(("/sales-orders", {"customerId": "C-10001", "lines": [LINE]})),
    "getSalesOrder": always(("/sales-orders/SO-100001", None)),
    "changeSalesOrder": always(("/sales-orders/SO-100001", {"carrier": "X"})),
    "approveSalesOrder": lambda erp: (f"/sales-orders/{pending(erp)}/approve", {}),
    "rejectSalesOrder": lambda erp: (f"/sales-orders/{pending(erp)}/reject", {}),
    "holdSalesOrder": always(("/sales-orders/SO-100001/hold", {"reason": "Wait"})),
    "releaseSalesOrder": always(("/sales-orders/SO-100004/release", {})),
    "cancelSalesOrder": always(("/sales-orders/SO-100001/cancel", {})),
    "pickSalesOrder": always(("/sales-orders/SO-100001/picks", {})),
    "createShipment": always(("/sales-orders/SO-100001/shipments", {})),
    "createInvoice": lambda erp: (f"/sales-orders/{shipped(erp)}/invoices", {}),
    "listShipments": always(("/shipments", None)),
    "getShipment": always(("/shipments/SH-200001", None)),
    "listInvoices": always(("/invoices", None)),
    "getInvoice": always(("/invoices/IN-300001", None)),
    "printInvoice": always(("/invoices/IN-300001/document", None)),
    "sendInvoice": always(("/invoices/IN-300001/sending", {})),
    "listExchangeRates": always(("/exchange-rates", None)),
    "listCreditNotes": always(("/credit-notes", None)),
    "createCreditNote": always(("/credit-notes", {"invoiceId": "IN-300002", "reason": "Price"})),
    "getCreditNote": always(("/credit-notes/CN-400001", None)),
    "applyCreditNote": always(
        ("/credit-notes/CN-400001/applications",
         {"applications": [{"invoiceId": "IN-300002", "amount": "1.00"}]})
    ),
    "listPayments": always(("/payments", None)),
    "createPayment": always(("/payments", {"customerId": "C-10001", "amount": "10.00"})),
    "getPayment": always(("/payments/PY-500001", None)),
    "applyPayment": always(
        ("/payments/PY-500001/applications",
         {"applications": [{"invoiceId": "IN-300002", "amount": "1.00"}]})
    ),
    "listReturns": always(("/returns", None)),
    "createReturn": always(
        ("/returns", {"orderId": "SO-100002", "lines": [{"orderLine": 1, "quantity": "1"}]})
    ),
    "getReturn": always(("/returns/RT-600001", None)),
    "listContracts": always(("/contracts", None)),
    "createContract": always(
        ("/contracts", {"customerId": "C-10001", "kind": "sla", "name": "Gold",
                        "startsOn": "2026-12-01", "annualValue": "100"})
    ),
    "getContract": always(("/contracts/CT-700001", None)),
    "listChanges": always(("/changes", None)),
}  # fmt: skip
"""A request for each operation that it takes: path and body."""

IN_THE_WRONG_STATE = {
    "deleteCustomer": ("/customers/C-10001", None, "customer_in_use"),
    "createItem": (
        "/items", {"id": "BRG-1001", "name": "Again", "taxCode": "STD"}, "item_exists",
    ),
    "changeSalesOrder": ("/sales-orders/SO-100002", {"carrier": "X"}, "order_closed"),
    "approveSalesOrder": ("/sales-orders/SO-100001/approve", {}, "not_awaiting_approval"),
    "rejectSalesOrder": ("/sales-orders/SO-100001/reject", {}, "not_awaiting_approval"),
    "holdSalesOrder": ("/sales-orders/SO-100002/hold", {"reason": "Wait"}, "order_closed"),
    "releaseSalesOrder": ("/sales-orders/SO-100001/release", {}, "not_on_hold"),
    "cancelSalesOrder": ("/sales-orders/SO-100002/cancel", {}, "order_closed"),
    "pickSalesOrder": ("/sales-orders/SO-100004/picks", {}, "order_on_hold"),
    "createShipment": ("/sales-orders/SO-100004/shipments", {}, "order_on_hold"),
    "createInvoice": ("/sales-orders/SO-100001/invoices", {}, "nothing_to_invoice"),
    "sendInvoice": ("/invoices/IN-300003/sending", {}, "no_address"),
    "createCreditNote": (
        "/credit-notes", {"returnId": "RT-600001", "reason": "Again"}, "nothing_to_credit",
    ),
}  # fmt: skip
"""A request for each operation that the state of a document forbids, and the code it is told."""


def documented():
    document = parse(specification("erp.openapi.yaml").read_bytes(), "erp")
    return {
        operation["operationId"]: (method.upper(), {int(code) for code in operation["responses"]})
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    }


OPERATIONS = documented()


def request_for(erp, operation):
    method, _ = OPERATIONS[operation]
    path, body = GOOD[operation](erp)
    headers = {"If-Match": "*"} if method in ("PATCH", "DELETE") else {}
    return method, path, body, headers


def unknown_of(path):
    """The same path, of a document that does not exist."""
    parts = path.split("?")[0].split("/")
    return "/".join([*parts[:2], "NOT-THERE", *parts[3:]])


def unreadable(erp, method, path, body, headers):
    if method == "GET":
        joint = "&" if "?" in path else "?"
        return erp.http.request(method, f"{path}{joint}nonsense=1", headers=headers)
    if method == "DELETE":  # it has no body to be unreadable
        return erp.http.request(method, path, headers={"If-Match": "x" * 101})
    typed = {**headers, "Content-Type": "application/json"}
    return erp.http.request(method, path, content=b'{"half":', headers=typed)


def provoke(erp, operation, status):
    """Ask in such a way that the operation answers with this status."""
    method, path, body, headers = request_for(erp, operation)
    if status == 400:
        return unreadable(erp, method, path, body, headers)
    if status == 401:
        headers["X-Api-Key"] = "wrong"
    elif status == 404:
        path = unknown_of(path)
    elif status == 409:
        path, body, _ = IN_THE_WRONG_STATE[operation]
    elif status == 412:
        headers["If-Match"] = '"999"'
    elif status == 422:
        body = {**body, "nonsense": 1}
    elif status == 428:
        del headers["If-Match"]
    return erp.http.request(method, path, json=body, headers=headers)


def test_each_operation_of_the_document_is_asked_here():
    assert GOOD.keys() == OPERATIONS.keys()
    assert IN_THE_WRONG_STATE.keys() == {
        name for name, (_, codes) in OPERATIONS.items() if 409 in codes
    }


@pytest.mark.parametrize(
    ("operation", "status"),
    [(name, status) for name, (_, codes) in OPERATIONS.items() for status in sorted(codes)],
)
def test_the_operation_answers(erp, operation, status):
    response = provoke(erp, operation, status)

    assert response.status_code == status, response.text
    assert erp.world.journal.find()[-1].operation_id == operation
    if status >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"]
    if status == 409:
        assert response.json()["code"] == IN_THE_WRONG_STATE[operation][2]
    if status == 201:
        assert erp.get("/changes")["items"]


@pytest.mark.parametrize(
    "operation", [name for name, (method, _) in OPERATIONS.items() if method == "POST"]
)
def test_a_body_may_be_left_out_where_everything_in_it_may(erp, operation):
    method, path, body, headers = request_for(erp, operation)

    response = erp.http.request(method, path, headers=headers)

    assert response.status_code in ((200, 201, 202) if body == {} else (400,)), response.text
