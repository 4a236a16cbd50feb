"""What Sage CRM calls things: its columns by our words.

Columns that begin with `cd` behind the letters of their entity are custom fields of ours: see
`fields`. What has no column at all is kept as JSON in `..._cddata`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from crossdock.connectors.keeping import keeps
from crossdock.connectors.reading import part
from crossdock.connectors.sage_crm import operations as use
from crossdock.connectors.sdata.cases import CaseForm
from crossdock.connectors.sdata.deals import DealForm
from crossdock.connectors.sdata.diary import DiaryForm
from crossdock.connectors.sdata.masters import MasterForm
from crossdock.connectors.sdata.ordering import OrderForm
from crossdock.connectors.sdata.provisioning import Described
from crossdock.connectors.sdata.quoting import QuoteForm
from crossdock.connectors.sdata.sheets import Form, Sheet, Uses
from crossdock.ports import Keeps


def _form(
    kind: str,
    label: str,
    uses: Uses,
    prefix: str,
    *,
    key: str,
    fields: Mapping[str, str],
    references: Mapping[str, str] | None = None,
    ours: bool = True,
    lines: str = "",
) -> Form:
    """Write a form; the names of columns without the letters of their entity."""

    def named(names: Mapping[str, str]) -> dict[str, str]:
        return {word: f"{prefix}_{name}" for word, name in names.items()}

    return Form(
        kind=kind,
        label=label,
        uses=uses,
        id=f"{prefix}_{key}",
        created=f"{prefix}_createddate",
        modified=f"{prefix}_updateddate",
        fields=named(fields),
        references=named(references or {}),
        mark=f"{prefix}_cdkey" if ours else "",
        data=f"{prefix}_cddata" if ours else "",
        lines=lines,
    )


COMPANY: Final = _form(
    "company", "company", use.COMPANY, "comp", key="companyid",
    fields={
        "name": "name", "kind": "type", "industry": "sector", "email": "emailaddress",
        "phone": "phonenumber", "website": "website", "tax_number": "vatnumber",
        "active": "status",
    },
    references={
        "owner": "primaryuserid", "parent": "parentid", "currency": "currencyid",
        "address": "primaryaddressid",
    },
)  # fmt: skip
ADDRESS: Final = _form(
    "address", "address", use.ADDRESS, "addr", key="addressid", ours=False,
    fields={
        "street": "address1", "city": "city", "region": "state", "postcode": "postcode",
        "country": "country", "kind": "type",
    },
    references={"account": "companyid"},
)  # fmt: skip
TRADING_ACCOUNT: Final = _form(
    "account", "trading account", use.ACCOUNT, "acc", key="accountid", ours=False,
    fields={
        "name": "name", "system": "erpsystem", "number": "customernumber", "default": "default",
        "status": "status",
    },
    references={"account": "companyid", "currency": "currencyid"},
)  # fmt: skip
PERSON: Final = _form(
    "person", "person", use.PERSON, "pers", key="personid",
    fields={
        "first_name": "firstname", "last_name": "lastname", "job_title": "title",
        "email": "emailaddress", "phone": "phonenumber",
    },
    references={"account": "companyid"},
)  # fmt: skip
OPPORTUNITY: Final = _form(
    "opportunity", "opportunity", use.OPPORTUNITY, "oppo", key="opportunityid",
    fields={
        "name": "description", "stage": "stage", "status": "status", "amount": "forecast",
        "probability": "certainty", "close_on": "targetclose", "closed_on": "closed",
        "contract_starts_on": "cdcontractstartson", "probability_override": "cdprobability",
    },
    references={
        "account": "primarycompanyid", "owner": "assigneduserid", "currency": "currency",
    },
)  # fmt: skip
_PRICED: Final = {
    "pricing_status": "cdpricingstatus", "priced_at": "cdpricedat",
    "price_source": "cdpricesource", "net": "cdnet", "tax": "cdtax", "gross": "cdgross",
}  # fmt: skip
_HEAD: Final = {
    "account": "companyid", "opportunity": "opportunityid", "owner": "assigneduserid",
    "currency": "currency",
}  # fmt: skip
_LINE: Final = {
    "number": "linenumber", "quantity": "quantity", "price": "quotedprice",
    "total": "quotedpricetotal", "description": "description", "unit": "cdunit",
    "unit_price": "cdunitprice", "list_price": "cdlistprice", "discount": "cddiscountpc",
    "net": "cdnet", "promised_on": "cdpromisedon",
}  # fmt: skip
_OF_DOCUMENT: Final = {"document": "orderquoteid", "product": "productid"}
QUOTE: Final = _form(
    "quotes", "quote", use.QUOTES, "quot", key="orderquoteid", lines="QuoteItems",
    fields={
        "number": "reference", "status": "status", "valid_until": "expirationdate",
        "guard": "cdguard", "guard_reasons": "cdguardreasons", **_PRICED,
    },
    references={"contact": "personid", **_HEAD},
)  # fmt: skip
QUOTE_LINE: Final = _form(
    "quoteitems", "line of a quote", use.QUOTE_ITEMS, "quit", key="lineitemid",
    fields={
        "tax_rate": "cdtaxrate", "tax": "cdtax", "price_rule": "cdpricerule",
        "price_source": "cdpricesource", **_LINE,
    },
    references=_OF_DOCUMENT,
)  # fmt: skip
ORDER: Final = _form(
    "orders", "order", use.ORDERS, "orde", key="orderquoteid", lines="OrderItems",
    fields={
        "number": "reference", "standing": "status", "ordered_on": "opened",
        "status": "cdstatus", "hold_reason": "cdstatusreason", "reference": "cdreference",
        "erp_order": "cderporder", "requested_on": "cdrequestedon",
        "promised_on": "cdpromisedon", "ship_to_name": "cdshiptoname", **_PRICED,
    },
    references={"quote": "quoteid", **_HEAD},
)  # fmt: skip
ORDER_LINE: Final = _form(
    "orderitems", "line of an order", use.ORDER_ITEMS, "orit", key="lineitemid",
    fields={
        "standing": "cdlinestatus", "quote_line": "cdquoteline", "reserved": "cdreserved",
        "back_ordered": "cdbackordered", "shipped": "cdshipped", "invoiced": "cdinvoiced",
        "returned": "cdreturned", "cancelled": "cdcancelled", **_LINE,
    },
    references=_OF_DOCUMENT,
)  # fmt: skip
COMMUNICATION: Final = _form(
    "communication", "communication", use.COMMUNICATION, "comm", key="communicationid",
    fields={
        "kind": "action", "type": "type", "status": "status", "subject": "subject",
        "text": "note", "due_at": "datetime", "completed_at": "completedtime",
        "our_kind": "cdkind", "document_id": "cddocumentid", "actor": "cdactor",
    },
    references={
        "account": "companyid", "contact": "personid", "owner": "userid",
        "opportunity": "opportunityid",
    },
)  # fmt: skip
CASE: Final = _form(
    "cases", "case", use.CASES, "case", key="caseid", ours=False,
    fields={
        "subject": "description", "status": "status", "state": "stage", "priority": "priority",
        "opened_at": "opened", "closed_at": "closed",
    },
    references={
        "account": "primarycompanyid", "contact": "primarypersonid", "owner": "assigneduserid",
    },
)  # fmt: skip
PRODUCT: Final = _form(
    "newproduct", "product", use.PRODUCT, "prod", key="productid", ours=False,
    fields={"code": "code", "name": "name", "description": "description", "active": "active"},
)  # fmt: skip
PRICE: Final = _form(
    "pricing", "price", use.PRICING, "pric", key="pricingid", ours=False,
    fields={"price": "price"}, references={"product": "productid"},
)  # fmt: skip
CURRENCY: Final = _form(
    "currency", "currency", use.CURRENCY, "curr", key="currencyid", ours=False,
    fields={"code": "symbol"},
)  # fmt: skip
USER: Final = _form(
    "users", "user", use.USERS, "user", key="userid", ours=False,
    fields={
        "login": "logon", "first_name": "firstname", "last_name": "lastname",
        "email": "emailaddress", "title": "title", "team": "department", "disabled": "disabled",
    },
)  # fmt: skip

DESCRIBED: Final = Described(
    operation=use.PROTOTYPE,
    names=lambda told: part(told, "$properties", list),
    ours=lambda name: name.partition("_")[2].startswith("cd"),
    whose="by an administrator, as a custom field of the entity",
)
WITH_FIELDS_OF_OURS: Final = (
    COMPANY, PERSON, OPPORTUNITY, QUOTE, QUOTE_LINE, ORDER, ORDER_LINE, COMMUNICATION,
)  # fmt: skip
CASES: Final = CaseForm(
    head=CASE,
    closed=frozenset({"Closed"}),
    priorities={"low": "low", "normal": "normal", "high": "high"},
)
MASTERS: Final = MasterForm(
    account=COMPANY,
    contact=PERSON,
    item=PRODUCT,
    prices=PRICE,
    active=lambda active: {"active": active},
    sold=lambda sheet: sheet.flag("active"),
)
KEEPS: Final[Keeps] = MappingProxyType(
    {
        "account": keeps(
            {
                "name": 60,
                "kind": None,
                "industry": 40,
                "owner_id": None,
                "parent_id": None,
                "email": 255,
                "phone": 40,
                "website": 100,
                "tax_number": 20,
                "currency": None,
                "active": None,
            },
            {"street": 80, "city": 60, "region": 60, "postcode": 20, "country": 2},
        ),
        "contact": keeps(
            {"first_name": 30, "last_name": 40, "job_title": 60, "email": 255, "phone": 40}
        ),
        "item": keeps({"name": 100, "description": 32_000, "list_price": None, "active": None}),
    }
)
DEALS: Final = DealForm(
    head=OPPORTUNITY, statuses={"open": "In Progress", "won": "Won", "lost": "Lost"}
)
QUOTES: Final = QuoteForm(
    head=QUOTE,
    orders=ORDER,
    statuses={
        "draft": "Active", "sent": "Sent", "accepted": "Accepted", "declined": "Declined",
        "ordered": "Converted",
    },
    read={"Expired": "declined"},
)  # fmt: skip


def _standing(status: str) -> Mapping[str, Any]:
    """Give the order's own status, of which there are three."""
    done = {"paid": "Completed", "invoiced": "Completed", "returned": "Completed"}
    return {"standing": "Cancelled" if status == "cancelled" else done.get(status, "Active")}


ORDERS: Final = OrderForm(head=ORDER, standing=_standing)


def _finished(sheet: Sheet) -> bool:
    return sheet.text("status") == "Complete"


def _state(done: bool) -> Mapping[str, Any]:
    return {"status": "Complete" if done else "Pending"}


DIARY: Final = DiaryForm(
    to_do=COMMUNICATION,
    done=COMMUNICATION,
    kinds={
        "call": {"type": "Task", "kind": "PhoneOut"},
        "email": {"type": "Task", "kind": "EmailOut"},
        "meeting": {"type": "Appointment", "kind": "Meeting"},
        "task": {"type": "Task", "kind": "ToDo"},
        "note": {"type": "Task", "kind": "Note"},
    },
    ours={
        "PhoneOut": "call", "PhoneIn": "call", "EmailOut": "email", "EmailIn": "email",
        "Meeting": "meeting", "ToDo": "task", "Note": "note",
    },
    finished=_finished,
    state=_state,
)  # fmt: skip
