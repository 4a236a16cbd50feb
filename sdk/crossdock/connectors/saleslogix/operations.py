"""The operations of `specs/saleslogix.openapi.yaml` that this connector uses."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.sdata.kinds import READS, Kinds

DOCUMENT: Final = "saleslogix.openapi.yaml"
_KINDS: Final = Kinds("/sdata/{application}/dynamic/-")
_KEPT: Final = ("list", "read", "create", "change")
_WRITTEN: Final = ("list", "create", "change")

ACCOUNTS: Final = _KINDS.uses("accounts", "Account", does=_KEPT)
CONTACTS: Final = _KINDS.uses("contacts", "Contact", does=_KEPT)
OPPORTUNITIES: Final = _KINDS.uses("opportunities", "Opportunity", "Opportunities", does=_KEPT)
QUOTES: Final = _KINDS.uses("quotes", "Quote", does=_KEPT)
QUOTE_ITEMS: Final = _KINDS.uses(
    "quoteItems", "QuoteItem", does=("list", "create", "change", "delete")
)
SALES_ORDERS: Final = _KINDS.uses("salesOrders", "SalesOrder", does=_KEPT)
SALES_ORDER_ITEMS: Final = _KINDS.uses("salesOrderItems", "SalesOrderItem", does=("list", "change"))
ACTIVITIES: Final = _KINDS.uses(
    "activities", "Activity", "Activities", does=("list", "read", "create")
)
HISTORY: Final = _KINDS.uses("history", "History", "Histories", does=("list", "read", "create"))
PRODUCTS: Final = _KINDS.uses("products", "Product", does=_WRITTEN)
USERS: Final = _KINDS.uses("users", "User", does=READS)
TICKETS: Final = _KINDS.uses("tickets", "Ticket", does=READS)
ERP_BILL_TOS: Final = _KINDS.uses("erpBillTos", "ErpBillTo", does=_WRITTEN)
ERP_SHIP_TOS: Final = _KINDS.uses("erpShipTos", "ErpShipTo", does=_WRITTEN)
ERP_INVOICES: Final = _KINDS.uses("erpInvoices", "ErpInvoice", does=_WRITTEN)
ERP_SHIPMENTS: Final = _KINDS.uses("erpShipments", "ErpShipment", does=_WRITTEN)
ERP_RECEIVABLES: Final = _KINDS.uses("erpReceivables", "ErpReceivable", does=_WRITTEN)
TEMPLATE: Final = _KINDS.describes("readTemplate", "/{resource}/$template")

USED: Final = _KINDS.used
