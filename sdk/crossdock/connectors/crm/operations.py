"""The operations of `specs/crm.openapi.yaml` that this connector uses."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.operations import Operation, ids, read_only

DOCUMENT: Final = "crm.openapi.yaml"

ISSUE_TOKEN: Final = Operation("issueToken", "POST", "/oauth/token", repeatable=True)

GET_ACCOUNT: Final = read_only("getAccount", "/accounts/{id}")
LIST_ACCOUNTS: Final = read_only("listAccounts", "/accounts")
# Accounts, contacts and opportunities have no key of the caller's, so a second try could make a
# second one; after a lost answer a second change would meet its own first as somebody else's.
CREATE_ACCOUNT: Final = Operation("createAccount", "POST", "/accounts")
CHANGE_ACCOUNT: Final = Operation("changeAccount", "PATCH", "/accounts/{id}")
GET_CONTACT: Final = read_only("getContact", "/contacts/{id}")
LIST_CONTACTS: Final = read_only("listContacts", "/contacts")
CREATE_CONTACT: Final = Operation("createContact", "POST", "/contacts")
CHANGE_CONTACT: Final = Operation("changeContact", "PATCH", "/contacts/{id}")
GET_PRODUCT: Final = read_only("getProduct", "/products/{id}")
LIST_PRODUCTS: Final = read_only("listProducts", "/products")
# A code is there once, so a second try makes no second product; it would meet the first, though.
CREATE_PRODUCT: Final = Operation("createProduct", "POST", "/products")
CHANGE_PRODUCT: Final = Operation("changeProduct", "PATCH", "/products/{id}")
GET_PRICE_LIST: Final = read_only("getPriceList", "/price-lists/{id}")
LIST_PRICE_LISTS: Final = read_only("listPriceLists", "/price-lists")
# Names need not be unique, so a second try could make a second list.
CREATE_PRICE_LIST: Final = Operation("createPriceList", "POST", "/price-lists")
CHANGE_PRICE_LIST: Final = Operation("changePriceList", "PATCH", "/price-lists/{id}")
LIST_PRICES: Final = read_only("listPrices", "/price-lists/{id}/prices")
# There is one price for each product and quantity.
SET_PRICE: Final = Operation("setPrice", "PUT", "/price-lists/{id}/prices", repeatable=True)
LIST_ACTIVITIES: Final = read_only("listActivities", "/activities")
# An activity's key is unique.
CREATE_ACTIVITY: Final = Operation("createActivity", "POST", "/activities", repeatable=True)
LIST_CASES: Final = read_only("listCases", "/cases")
GET_USER: Final = read_only("getUser", "/users/{id}")
LIST_USERS: Final = read_only("listUsers", "/users")

LIST_STAGES: Final = read_only("listStages", "/stages")
GET_OPPORTUNITY: Final = read_only("getOpportunity", "/opportunities/{id}")
LIST_OPPORTUNITIES: Final = read_only("listOpportunities", "/opportunities")
CREATE_OPPORTUNITY: Final = Operation("createOpportunity", "POST", "/opportunities")
CHANGE_OPPORTUNITY: Final = Operation("changeOpportunity", "PATCH", "/opportunities/{id}")

GET_QUOTE: Final = read_only("getQuote", "/quotes/{id}")
LIST_QUOTES: Final = read_only("listQuotes", "/quotes")
# A quote has no key of the caller's, so a second try could make a second quote.
CREATE_QUOTE: Final = Operation("createQuote", "POST", "/quotes")
# After a lost answer a second try would meet its own first as somebody else's change.
CHANGE_QUOTE: Final = Operation("changeQuote", "PATCH", "/quotes/{id}")
# However often it is asked, a quote has one order.
ORDER_QUOTE: Final = Operation("orderQuote", "POST", "/quotes/{id}/order", repeatable=True)

GET_ORDER: Final = read_only("getOrder", "/orders/{id}")
LIST_ORDERS: Final = read_only("listOrders", "/orders")
# Its reference is unique: a second try is told which order has it.
CREATE_ORDER: Final = Operation("createOrder", "POST", "/orders", repeatable=True)
# The version lets a change happen once; the connector reads again when it meets its own.
CHANGE_ORDER: Final = Operation("changeOrder", "PATCH", "/orders/{id}", repeatable=True)
LIST_TIMELINE: Final = read_only("listOrderTimeline", "/orders/{id}/timeline")
# An entry's key is unique on the order.
ADD_TIMELINE_ENTRY: Final = Operation(
    "addTimelineEntry", "POST", "/orders/{id}/timeline", repeatable=True
)

LIST_CHANGES: Final = read_only("listChanges", "/changes")

USED: Final = ids(tuple(globals().values()))
