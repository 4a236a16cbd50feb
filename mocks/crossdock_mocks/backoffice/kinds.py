"""The kinds of document that the back office keeps, and the tables that hold them.

A document with lines is kept in two rows: its header, and its lines under the same id, so that a
list of headers never decodes a line. Orders keep their history in a third place.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from crossdock_mocks.engine import TableSpec


@frozen
class Kind:
    """One kind of document.

    Attributes:
        name: As it is called in the change feed.
        table: Table of the headers.
        prefix: What its ids begin with; empty where ids are given.
        first: First number ever given.
        key: Field that identifies it.
        lines_table: Table of the lines, where it has lines of its own row.
    """

    name: str
    table: str
    prefix: str = ""
    first: int = 1
    key: str = "id"
    lines_table: str | None = None


COMPANY: Final = Kind("company", "company")
CUSTOMER: Final = Kind("customer", "customers", "C-", 10001)
CONTACT: Final = Kind("contact", "customer_contacts", "CP-", 50001)
ITEM: Final = Kind("item", "items")
PRICE_LIST: Final = Kind("price_list", "price_lists", "PL-", 101)
STOCK: Final = Kind("stock", "stock", key="itemId")
ORDER: Final = Kind("sales_order", "sales_orders", "SO-", 100001, lines_table="sales_order_lines")
SHIPMENT: Final = Kind("shipment", "shipments", "SH-", 200001, lines_table="shipment_lines")
INVOICE: Final = Kind("invoice", "invoices", "IN-", 300001, lines_table="invoice_lines")
CREDIT_NOTE: Final = Kind(
    "credit_note", "credit_notes", "CN-", 400001, lines_table="credit_note_lines"
)
PAYMENT: Final = Kind("payment", "payments", "PY-", 500001)
RETURN: Final = Kind("return", "returns", "RT-", 600001)
CONTRACT: Final = Kind("contract", "contracts", "CT-", 700001)

KINDS: Final = (
    COMPANY, CUSTOMER, CONTACT, ITEM, PRICE_LIST, STOCK, ORDER, SHIPMENT, INVOICE, CREDIT_NOTE,
    PAYMENT, RETURN, CONTRACT,
)  # fmt: skip

ITEMS: Final = ITEM.table
TAX_CODES: Final = "tax_codes"
PRICE_LISTS: Final = PRICE_LIST.table
PRICES: Final = "prices"
RECEIPTS: Final = "receipts"
DEMAND: Final = "demand"
ORDER_EVENTS: Final = "sales_order_events"
CHANGES: Final = "erp_changes"
RATES: Final = "exchange_rates"
MAILS: Final = "mails"

TABLES: Final = (
    TableSpec("company"),
    TableSpec("tax_codes"),
    TableSpec(ITEMS, indexes=("productLine", "active")),
    TableSpec(PRICE_LISTS),
    TableSpec(PRICES, indexes=("itemId", "customerId", "priceListId", "priceLevel", "promotion")),
    TableSpec("customers", indexes=("billToId", "externalReference", "taxNumber", "onHold")),
    TableSpec("customer_contacts", indexes=("customerId", "externalReference")),
    TableSpec("stock", key="itemId"),
    TableSpec(RECEIPTS, indexes=("itemId", ("status", "dueOn"))),
    TableSpec(DEMAND, indexes=("orderId", ("itemId", "waiting", "position"))),
    TableSpec(
        "sales_orders",
        indexes=(
            ("customerId", "orderedOn"),
            ("billToId", "exposed"),
            "orderedOn",
            "status",
            "open",
            "externalReference",
            "customerReference",
        ),
    ),
    TableSpec("sales_order_lines"),
    TableSpec(ORDER_EVENTS, key=("orderId", "sequence"), indexes=(("orderId", "sequence"),)),
    TableSpec("shipments", indexes=(("customerId", "shippedOn"), "orderId", "shippedOn")),
    TableSpec("shipment_lines"),
    TableSpec(
        "invoices",
        indexes=(("customerId", "issuedOn"), ("billToId", "open"), "orderId", "issuedOn", "open"),
    ),
    TableSpec("invoice_lines"),
    TableSpec(
        "credit_notes",
        indexes=(
            ("customerId", "issuedOn"), ("billToId", "open"), "orderId", "invoiceId", "issuedOn",
            "open",
        ),
    ),
    TableSpec("credit_note_lines"),
    TableSpec(
        "payments",
        indexes=(("customerId", "receivedOn"), ("billToId", "open"), "receivedOn", "open"),
    ),
    TableSpec("returns", indexes=(("customerId", "receivedOn"), "orderId", "receivedOn")),
    TableSpec("contracts", indexes=("customerId", "endsOn")),
    TableSpec(RATES, key=("of", "validFrom")),
    TableSpec(MAILS, indexes=("invoiceId",)),
    TableSpec(CHANGES, key="sequence", indexes=("sequence", "entity")),
)  # fmt: skip
