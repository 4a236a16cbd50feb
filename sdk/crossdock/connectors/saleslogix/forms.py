"""What SalesLogix calls things: its properties by our words.

`CrossdockKey` and `CrossdockData` are properties of ours, which an administrator adds to the
entities: see `docs/saleslogix.md`. What has no property at all is kept as JSON in the latter.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from crossdock.connectors.keeping import keeps
from crossdock.connectors.saleslogix import operations as use
from crossdock.connectors.sdata.cases import CaseForm
from crossdock.connectors.sdata.deals import DealForm
from crossdock.connectors.sdata.diary import DiaryForm
from crossdock.connectors.sdata.masters import MasterForm
from crossdock.connectors.sdata.ordering import OrderForm
from crossdock.connectors.sdata.provisioning import Described
from crossdock.connectors.sdata.quoting import QuoteForm
from crossdock.connectors.sdata.sheets import Form, Sheet, Uses
from crossdock.ports import Keeps

_MARK: Final = "CrossdockKey"
_DATA: Final = "CrossdockData"


def _form(
    kind: str,
    label: str,
    uses: Uses,
    *,
    fields: Mapping[str, str],
    references: Mapping[str, str] | None = None,
    bare: tuple[str, ...] = (),
    ours: bool = True,
    lines: str = "",
) -> Form:
    """Write a form; a condition names the key of what a reference leads to.

    `bare` names references that are texts with a key, and no references to SalesLogix.
    """
    leading = dict(references or {})
    return Form(
        kind=kind,
        label=label,
        uses=uses,
        id="Id",
        created="CreateDate",
        modified="ModifyDate",
        fields=dict(fields),
        references=leading,
        bare=frozenset(bare),
        paths={word: f"{name}.Id" for word, name in leading.items() if word not in bare},
        mark=_MARK if ours else "",
        data=_DATA if ours else "",
        lines=lines,
    )


ACCOUNT: Final = _form(
    "accounts", "account", use.ACCOUNTS,
    fields={
        "name": "AccountName", "kind": "Type", "industry": "Industry", "phone": "MainPhone",
        "website": "WebAddress", "email": "Email", "currency": "CurrencyCode",
        "number": "ErpExtId", "active": "Status",
    },
    references={"owner": "AccountManager", "parent": "ParentId"}, bare=("parent",),
)  # fmt: skip
CONTACT: Final = _form(
    "contacts", "contact", use.CONTACTS,
    fields={
        "first_name": "FirstName", "last_name": "LastName", "job_title": "Title",
        "email": "Email", "phone": "WorkPhone", "mobile": "Mobile", "active": "Status",
    },
    references={"account": "Account"},
)  # fmt: skip
OPPORTUNITY: Final = _form(
    "opportunities", "opportunity", use.OPPORTUNITIES,
    fields={
        "name": "Description", "stage": "Stage", "status": "Status", "amount": "SalesPotential",
        "probability": "CloseProbability", "close_on": "EstimatedClose",
        "closed_on": "ActualClose", "currency": "ExchangeRateCode",
    },
    references={"account": "Account", "owner": "AccountManager"},
)  # fmt: skip
_LINE: Final = {
    "number": "LineNumber", "quantity": "Quantity", "price": "Price", "discount": "Discount",
    "total": "ExtendedPrice", "description": "Description",
}  # fmt: skip
QUOTE: Final = _form(
    "quotes", "quote", use.QUOTES, lines="QuoteItems",
    fields={
        "number": "QuoteNumber", "status": "Status", "currency": "CurrencyCode",
        "valid_until": "EndDate", "shown_tax": "Tax", "guard": "ErpStatus",
        "guard_reasons": "CrossdockNote",
    },
    references={
        "account": "Account", "opportunity": "Opportunity", "contact": "RequestedBy",
        "owner": "AccountManager",
    },
)  # fmt: skip
QUOTE_LINE: Final = _form(
    "quoteItems", "line of a quote", use.QUOTE_ITEMS,
    fields=_LINE, references={"document": "Quote", "product": "Product"},
)  # fmt: skip
ORDER: Final = _form(
    "salesOrders", "sales order", use.SALES_ORDERS, lines="SalesOrderItems",
    fields={
        "number": "SalesOrderNumber", "currency": "CurrencyCode", "ordered_on": "OrderDate",
        "reference": "CustomerPurchaseOrderNumber", "status": "ErpStatus", "standing": "Status",
        "erp_order": "ErpExtId", "erp_system": "ErpLogicalId", "requested_on": "DueDate",
        "promised_on": "DatePromised", "hold_reason": "CrossdockNote", "shown_tax": "Tax",
    },
    references={
        "account": "Account", "opportunity": "Opportunity", "quote": "Quote",
        "owner": "AccountManager",
    },
)  # fmt: skip
ORDER_LINE: Final = _form(
    "salesOrderItems", "line of a sales order", use.SALES_ORDER_ITEMS,
    fields={"standing": "ErpStatus", "shipped": "ErpShippedQuantity", **_LINE},
    references={"document": "SalesOrder", "product": "Product"},
)  # fmt: skip
_TOLD: Final = {
    "kind": "Type", "subject": "Description", "text": "LongNotes", "due_at": "StartDate",
}  # fmt: skip
_ABOUT: Final = {
    "account": "AccountId", "contact": "ContactId", "opportunity": "OpportunityId",
    "owner": "UserId",
}  # fmt: skip
ACTIVITY: Final = _form(
    "activities", "activity", use.ACTIVITIES, fields=_TOLD, references=_ABOUT, bare=tuple(_ABOUT)
)
HISTORY: Final = _form(
    "history", "entry of the history", use.HISTORY,
    fields={"completed_at": "CompletedDate", **_TOLD}, references=_ABOUT, bare=tuple(_ABOUT),
)  # fmt: skip
TICKET: Final = _form(
    "tickets", "ticket", use.TICKETS, ours=False,
    fields={
        "subject": "Subject", "status": "StatusCode", "priority": "UrgencyCode",
        "opened_at": "ReceivedDate", "closed_at": "CompletedDate",
    },
    references={"account": "Account", "contact": "Contact"},
)  # fmt: skip
PRODUCT: Final = _form(
    "products", "product", use.PRODUCTS, ours=False,
    fields={
        "code": "ActualId", "name": "Name", "price": "Price", "description": "Description",
        "active": "Status",
    },
)  # fmt: skip
USER: Final = _form(
    "users", "user", use.USERS, ours=False,
    fields={"login": "UserName", "enabled": "Enabled"}, references={"manager": "Manager"},
)  # fmt: skip
_OF_ERP: Final = {"number": "ErpExtId", "system": "ErpLogicalId", "status": "ErpStatus"}
BILL_TO: Final = _form(
    "erpBillTos", "bill-to account", use.ERP_BILL_TOS,
    fields={"name": "Name", "currency": "CurrencyCode", "default": "IsDefault", **_OF_ERP},
    references={"account": "Account"},
)  # fmt: skip
SHIP_TO: Final = _form(
    "erpShipTos", "ship-to account", use.ERP_SHIP_TOS,
    fields={"name": "Name", "currency": "CurrencyCode", "default": "IsDefault", **_OF_ERP},
    references={"account": "Account"},
)  # fmt: skip
INVOICE: Final = _form(
    "erpInvoices", "invoice", use.ERP_INVOICES, lines="ErpInvoiceItems",
    fields={
        "invoice": "InvoiceNumber", "issued_on": "ErpDocumentDate", "currency": "CurrencyCode",
        "net": "ErpExtendedAmount", "gross": "GrandTotal", "due_on": "DueDate", **_OF_ERP,
    },
    references={"account": "Account"},
)  # fmt: skip
SHIPMENT: Final = _form(
    "erpShipments", "shipment", use.ERP_SHIPMENTS, lines="ErpShipmentItems",
    fields={
        "shipped_on": "ErpActualShipDate", "carrier": "ErpCarrierParty",
        "tracking": "TrackingNumber", "issued_on": "ErpDocumentDate", **_OF_ERP,
    },
    references={"account": "Account"},
)  # fmt: skip
RECEIVABLE: Final = _form(
    "erpReceivables", "receivable", use.ERP_RECEIVABLES,
    fields={
        "invoice": "ErpInvoiceNumber", "amount": "ReceivableAmount", "received": "ReceivedAmount",
        "issued_on": "ErpDocumentDate", "due_on": "DueDate", "currency": "CurrencyCode", **_OF_ERP,
    },
    references={"account": "Account", "of": "ErpInvoice"},
)  # fmt: skip

DESCRIBED: Final = Described(
    operation=use.TEMPLATE,
    names=lambda told: (name for name in told if not name.startswith("$")),
    ours=lambda name: name.startswith("Crossdock"),
    whose="by an administrator, as a property of the entity",
)
WITH_FIELDS_OF_OURS: Final = (
    ACCOUNT, CONTACT, OPPORTUNITY, QUOTE, QUOTE_LINE, ORDER, ORDER_LINE, ACTIVITY, HISTORY,
    BILL_TO, SHIP_TO, INVOICE, SHIPMENT, RECEIVABLE,
)  # fmt: skip
MASTERS: Final = MasterForm(
    account=ACCOUNT,
    contact=CONTACT,
    item=PRODUCT,
    active=lambda active: {"active": "Available" if active else "Discontinued"},
    sold=lambda sheet: sheet.text("active", "Available") == "Available",
)
KEEPS: Final[Keeps] = MappingProxyType(
    {
        "account": keeps(
            {
                "name": 128,
                "kind": None,
                "industry": 64,
                "owner_id": None,
                "parent_id": None,
                "email": 128,
                "phone": 32,
                "website": 128,
                "tax_number": None,
                "currency": None,
                "active": None,
            },
            {"street": 64, "city": 32, "region": 32, "postcode": 24, "country": 32},
        ),
        "contact": keeps(
            {
                "first_name": 32,
                "last_name": 32,
                "job_title": 64,
                "email": 128,
                "phone": 32,
                "mobile": 32,
                "active": None,
            }
        ),
        "item": keeps({"name": 128, "description": None, "list_price": None, "active": None}),
    }
)
DEALS: Final = DealForm(
    head=OPPORTUNITY,
    statuses={"open": "Open", "won": "Closed - Won", "lost": "Closed - Lost"},
)
QUOTES: Final = QuoteForm(
    head=QUOTE,
    orders=ORDER,
    statuses={
        "draft": "Draft", "sent": "Sent", "accepted": "Accepted", "declined": "Declined",
        "ordered": "Ordered",
    },
    read={"Rejected": "declined", "Expired": "declined"},
)  # fmt: skip
CASES: Final = CaseForm(
    head=TICKET,
    closed=frozenset({"Closed", "Completed"}),
    priorities={
        "low": "low", "medium": "normal", "normal": "normal", "high": "high", "urgent": "urgent",
    },
)  # fmt: skip


def _standing(status: str) -> Mapping[str, Any]:
    """Give the order's own status, in the words that SalesLogix shows."""
    closed = {"paid", "invoiced", "returned"}
    if status == "cancelled":
        return {"standing": "Cancelled Order"}
    return {"standing": "Closed Order" if status in closed else "Open Order"}


ORDERS: Final = OrderForm(head=ORDER, standing=_standing)


def _finished(sheet: Sheet) -> bool:
    return sheet.form is HISTORY


DIARY: Final = DiaryForm(
    to_do=ACTIVITY,
    done=HISTORY,
    kinds={
        "call": {"kind": "atPhoneCall"},
        "email": {"kind": "atEMail"},
        "meeting": {"kind": "atAppointment"},
        "task": {"kind": "atToDo"},
        "note": {"kind": "atNote"},
    },
    kinds_to_do={"email": {"kind": "atToDo"}, "note": {"kind": "atToDo"}},
    ours={
        "atPhoneCall": "call", "atEMail": "email", "atAppointment": "meeting", "atToDo": "task",
        "atNote": "note",
    },
    finished=_finished,
    timed=True,
    state=lambda done: {},  # noqa: ARG005 - where it is kept says it
)  # fmt: skip
