"""The operations of `specs/business-central.openapi.yaml` that this connector uses."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.operations import Operation, ids, read_only

DOCUMENT: Final = "business-central.openapi.yaml"
_COMPANY: Final = "/companies({companyId})"

# Under another host than the rest.
ISSUE_TOKEN: Final = Operation("issueToken", "POST", "/{tenantId}/oauth2/v2.0/token")

LIST_COMPANIES: Final = read_only("listCompanies", "/companies")
COMPANY_INFORMATION: Final = read_only("listCompanyInformation", f"{_COMPANY}/companyInformation")
PAYMENT_TERMS: Final = read_only("listPaymentTerms", f"{_COMPANY}/paymentTerms")
CURRENCIES: Final = read_only("listCurrencies", f"{_COMPANY}/currencies")
EXCHANGE_RATES: Final = read_only("listCurrencyExchangeRates", f"{_COMPANY}/currencyExchangeRates")
CATEGORIES: Final = read_only("listItemCategories", f"{_COMPANY}/itemCategories")

CUSTOMERS: Final = read_only("listCustomers", f"{_COMPANY}/customers")
# Repeated only by who looks for it first: by its number.
CREATE_CUSTOMER: Final = Operation("createCustomer", "POST", f"{_COMPANY}/customers")
# After a lost answer a second try would meet its own first as somebody else's change.
UPDATE_CUSTOMER: Final = Operation("updateCustomer", "PATCH", f"{_COMPANY}/customers({{id}})")
ITEMS: Final = read_only("listItems", f"{_COMPANY}/items")
# A number is there once, so a second try makes no second item; it would meet the first, though.
CREATE_ITEM: Final = Operation("createItem", "POST", f"{_COMPANY}/items")
UPDATE_ITEM: Final = Operation("updateItem", "PATCH", f"{_COMPANY}/items({{id}})")
ORDERS: Final = read_only("listSalesOrders", f"{_COMPANY}/salesOrders")
QUOTES: Final = read_only("listSalesQuotes", f"{_COMPANY}/salesQuotes")
INVOICES: Final = read_only("listSalesInvoices", f"{_COMPANY}/salesInvoices")
# Each call sends it once more.
SEND_INVOICE: Final = Operation(
    "sendSalesInvoice", "POST", f"{_COMPANY}/salesInvoices({{id}})/Microsoft.NAV.send"
)
CREDIT_MEMOS: Final = read_only("listSalesCreditMemos", f"{_COMPANY}/salesCreditMemos")
SHIPMENTS: Final = read_only("listSalesShipments", f"{_COMPANY}/salesShipments")

READ_QUOTE: Final = read_only("getSalesQuote", f"{_COMPANY}/salesQuotes({{id}})")
CREATE_QUOTE: Final = Operation("createSalesQuote", "POST", f"{_COMPANY}/salesQuotes")
# What is gone stays gone, and whoever asks again is told that it is not there.
DELETE_QUOTE: Final = Operation(
    "deleteSalesQuote", "DELETE", f"{_COMPANY}/salesQuotes({{id}})", repeatable=True
)
# A quote goes when an order is made of it, so no quote becomes two.
MAKE_ORDER: Final = Operation(
    "makeOrderSalesQuote",
    "POST",
    f"{_COMPANY}/salesQuotes({{id}})/Microsoft.NAV.makeOrder",
    repeatable=True,
)
# It sets what it sets.
UPDATE_ORDER: Final = Operation(
    "updateSalesOrder", "PATCH", f"{_COMPANY}/salesOrders({{id}})", repeatable=True
)

SUBSCRIPTIONS: Final = read_only("listSubscriptions", "/subscriptions")
SUBSCRIBE: Final = Operation("createSubscription", "POST", "/subscriptions")
RENEW_SUBSCRIPTION: Final = Operation(
    "renewSubscription", "PATCH", "/subscriptions('{subscriptionId}')", repeatable=True
)

# Of reads, or of changes in one transaction; the call says which.
BATCH: Final = Operation("runBatch", "POST", "/$batch")
# Within a batch only.
UPDATE_LINE: Final = Operation(
    "updateSalesOrderLine", "PATCH", f"{_COMPANY}/salesOrderLines({{id}})"
)
DELETE_LINE: Final = Operation(
    "deleteSalesOrderLine", "DELETE", f"{_COMPANY}/salesOrderLines({{id}})"
)
CREATE_LINE: Final = Operation(
    "createSalesOrderSalesOrderLine", "POST", f"{_COMPANY}/salesOrders({{id}})/salesOrderLines"
)

USED: Final = ids(tuple(globals().values()))
