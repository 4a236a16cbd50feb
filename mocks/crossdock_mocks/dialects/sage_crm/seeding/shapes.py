"""What a row of a data set is as a record of Sage CRM."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.dialects.sage_crm.entities.columns import NO, YES
from crossdock_mocks.dialects.sage_crm.entities.documents import PROGRESS
from crossdock_mocks.sdata.model import Row
from crossdock_mocks.sdata.values import rounded

_TYPES: Final = {
    "customer": "Customer", "prospect": "Prospect", "partner": "Partner", "former": "Former"
}  # fmt: skip
_SOURCES: Final = {
    "website": "Web", "telephone": "Telephone", "email": "Email", "referral": "Referral",
    "fair": "Exhibition",
}  # fmt: skip
_LEADS: Final = {"converted": "Opportunity", "disqualified": "Disqualified"}
_QUOTES: Final = {
    "draft": "Active", "sent": "Sent", "accepted": "Accepted", "declined": "Declined",
    "ordered": "Converted",
}  # fmt: skip
_ACTIONS: Final = {"call": "PhoneOut", "email": "EmailOut", "meeting": "Meeting", "note": "Note"}
_PRIORITIES: Final = {"low": "Low", "high": "High", "urgent": "High"}
_STAGES: Final = {
    "new": "Logged", "working": "Investigating", "waiting": "Waiting", "escalated": "Queued",
    "closed": "Solved",
}  # fmt: skip
_HUNDRED: Final = Decimal(100)


def number(value: Any, scale: int = 6) -> float | None:
    """A number as rows hold it."""
    return None if value is None else rounded(Decimal(value), scale)


def short(text: str | None, length: int) -> str | None:
    """A text, cut to what a column takes; nothing for an empty one."""
    return text[:length] if text else None


def flag(truth: object) -> str:
    """Yes or no as a character."""
    return YES if truth else NO


def company(row: Row) -> Row:
    """The columns of an account that lead nowhere else."""
    return {
        "comp_name": short(row["name"], 60), "comp_type": _TYPES.get(row["kind"] or ""),
        "comp_status": "Active", "comp_sector": short(row["industry"], 40),
        "comp_website": short(row["website"], 100), "comp_phonenumber": short(row["phone"], 40),
        "comp_emailaddress": row["email"], "comp_vatnumber": short(row["tax_number"], 20),
    }  # fmt: skip


def address(row: Row) -> Row:
    """The columns of where an account is."""
    return {
        "addr_address1": short(row["street"], 80), "addr_city": short(row["city"], 60),
        "addr_state": short(row["region"], 60), "addr_postcode": short(row["postcode"], 20),
        "addr_country": short(row["country"], 2), "addr_type": "Business",
    }  # fmt: skip


def person(row: Row) -> Row:
    """The columns of a contact that lead nowhere else."""
    return {
        "pers_firstname": short(row["first_name"], 30),
        "pers_lastname": short(row["last_name"] or row["first_name"] or row["id"], 40),
        "pers_title": short(row["job_title"], 60), "pers_status": "Active",
        "pers_emailaddress": row["email"], "pers_phonenumber": short(row["phone"], 40),
    }  # fmt: skip


def user(row: Row) -> Row:
    """The columns of somebody who works here; the title is what rights go by."""
    first, _, last = row["name"].partition(" ")
    return {
        "user_logon": row["id"].removeprefix("U-"), "user_firstname": short(first, 30),
        "user_lastname": short(last, 40), "user_emailaddress": row["email"],
        "user_title": row["role"], "user_department": row["team"],
        "user_disabled": flag(row["active"] is False),
    }  # fmt: skip


def product(row: Row) -> Row:
    """The columns of an item that lead nowhere else."""
    return {
        "prod_name": short(row["name"], 100), "prod_code": row["id"],
        "prod_description": row["description"], "prod_active": flag(row["active"] is not False),
    }  # fmt: skip


def lead(row: Row) -> Row:
    """The columns of a lead that lead nowhere else."""
    first, _, last = (row["contact_name"] or "").rpartition(" ")
    return {
        "lead_description": short(row["company"] or row["contact_name"] or row["id"], 100),
        "lead_companyname": short(row["company"], 60), "lead_personfirstname": short(first, 30),
        "lead_personlastname": short(last, 40), "lead_personemail": row["email"],
        "lead_source": _SOURCES.get(row["source"] or "", "Other"),
        "lead_status": _LEADS.get(row["status"] or "", "In Progress"),
    }  # fmt: skip


def quote_status(row: Row) -> str:
    """How far a quote has come."""
    return _QUOTES.get(row["status"] or "", "Active")


def line(row: Mapping[str, Any], prefix: str, list_price: Any) -> Row:
    """The columns of a line that quotes and orders have; prices for one, after its discount."""
    price, off = row["unit_price"], Decimal(row["discount_percent"] or 0)
    quoted = None
    if price is not None:
        quoted = Decimal(price) * (_HUNDRED - off) / _HUNDRED
    values = {
        "linenumber": row["line"], "linetype": "i", "description": short(row["description"], 255),
        "quantity": number(row["quantity"]), "listprice": number(list_price),
        "quotedprice": number(quoted), "cdunitprice": number(price),
        "cdlistprice": number(row.get("list_price")), "cddiscountpc": number(off),
        "cdunit": short(row.get("unit"), 40), "cdnet": number(row.get("net_amount")),
    }  # fmt: skip
    return {f"{prefix}_{name}": value for name, value in values.items()}


def progress(row: Mapping[str, Any]) -> Row:
    """How far a line of an order has come."""
    return {
        f"orit_cd{name}": number(row.get(f"{name}_quantity"))
        for name in PROGRESS
        if row.get(f"{name}_quantity") is not None
    }


def communication(row: Row) -> Row:
    """An activity: a meeting is an appointment, whatever else is a task, done or to be done."""
    done = row["completed_at"] is not None
    kind = row["kind"] or ""
    return {
        "comm_type": "Appointment" if kind == "meeting" else "Task",
        "comm_action": _ACTIONS.get(kind, "ToDo"), "comm_subject": short(row["subject"], 255),
        "comm_status": "Complete" if done else "Pending",
    }  # fmt: skip


def case(row: Row) -> Row:
    """The columns of a case that lead nowhere else."""
    status = row["status"] or ""
    return {
        "case_description": short(row["subject"], 100),
        "case_status": "Closed" if status == "closed" else "In Progress",
        "case_stage": _STAGES.get(status, "Logged"),
        "case_priority": _PRIORITIES.get(row["priority"] or "", "Normal"),
    }
