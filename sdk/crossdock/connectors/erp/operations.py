"""The operations of `specs/erp.openapi.yaml` that this connector uses."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.operations import Operation, a_file, ids, read_only

DOCUMENT: Final = "erp.openapi.yaml"

GET_CUSTOMER: Final = read_only("getCustomer", "/customers/{customerId}")
LIST_CUSTOMERS: Final = read_only("listCustomers", "/customers")
# Repeatable only with an idempotency key, which the call says.
CREATE_CUSTOMER: Final = Operation("createCustomer", "POST", "/customers")
# After a lost answer a second try would meet its own first as somebody else's change.
CHANGE_CUSTOMER: Final = Operation("changeCustomer", "PATCH", "/customers/{customerId}")
GET_CONTACT: Final = read_only("getContact", "/contacts/{contactId}")
LIST_CONTACTS: Final = read_only("listContacts", "/contacts")
CREATE_CONTACT: Final = Operation("createContact", "POST", "/contacts")
CHANGE_CONTACT: Final = Operation("changeContact", "PATCH", "/contacts/{contactId}")
LIST_PRICE_LISTS: Final = read_only("listPriceLists", "/price-lists")
LIST_PRICES: Final = read_only("listPrices", "/prices")
# The row is there once for each item and quantity.
SET_PRICE: Final = Operation(
    "setListPrice", "PUT", "/price-lists/{priceListId}/items/{itemId}", repeatable=True
)
GET_SESSION: Final = read_only("getSession", "/session")
GET_CREDIT: Final = read_only("getCreditStatus", "/customers/{customerId}/credit")
LIST_CREDIT: Final = read_only("listCreditStatus", "/credit-status")

GET_ITEM: Final = read_only("getItem", "/items/{itemId}")
LIST_ITEMS: Final = read_only("listItems", "/items")
# A code is there once, so a second try makes no second item; it would meet the first, though.
CREATE_ITEM: Final = Operation("createItem", "POST", "/items")
CHANGE_ITEM: Final = Operation("changeItem", "PATCH", "/items/{itemId}")
GET_STOCK: Final = read_only("getItemStock", "/items/{itemId}/stock")
# Nothing is stored by it.
SIMULATE: Final = Operation("simulatePrices", "POST", "/price-simulations", repeatable=True)

GET_ORDER: Final = read_only("getSalesOrder", "/sales-orders/{orderId}")
LIST_ORDERS: Final = read_only("listSalesOrders", "/sales-orders")
# Repeatable only with an idempotency key, which the call says.
CREATE_ORDER: Final = Operation("createSalesOrder", "POST", "/sales-orders")
# Not repeatable by itself: a new line would be added twice. What is repeated is checked against
# the order's version and history first.
CHANGE_ORDER: Final = Operation("changeSalesOrder", "PATCH", "/sales-orders/{orderId}")
CANCEL_ORDER: Final = Operation("cancelSalesOrder", "POST", "/sales-orders/{orderId}/cancel")

GET_SHIPMENT: Final = read_only("getShipment", "/shipments/{shipmentId}")
LIST_SHIPMENTS: Final = read_only("listShipments", "/shipments")
LIST_RETURNS: Final = read_only("listReturns", "/returns")
GET_RETURN: Final = read_only("getReturn", "/returns/{returnId}")
LIST_CONTRACTS: Final = read_only("listContracts", "/contracts")

GET_INVOICE: Final = read_only("getInvoice", "/invoices/{invoiceId}")
LIST_INVOICES: Final = read_only("listInvoices", "/invoices")
GET_CREDIT_NOTE: Final = read_only("getCreditNote", "/credit-notes/{creditNoteId}")
PRINT_INVOICE: Final = a_file("printInvoice", "/invoices/{invoiceId}/document", "application/pdf")
# Each call sends it once more.
SEND_INVOICE: Final = Operation("sendInvoice", "POST", "/invoices/{invoiceId}/sending")
LIST_RATES: Final = read_only("listExchangeRates", "/exchange-rates")
LIST_CREDIT_NOTES: Final = read_only("listCreditNotes", "/credit-notes")
GET_PAYMENT: Final = read_only("getPayment", "/payments/{paymentId}")
LIST_PAYMENTS: Final = read_only("listPayments", "/payments")

LIST_CHANGES: Final = read_only("listChanges", "/changes")

USED: Final = ids(tuple(globals().values()))
