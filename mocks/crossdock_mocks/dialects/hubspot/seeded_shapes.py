"""What a row of a data set is as a HubSpot record: its kind, its properties, its types of link."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from crossdock_mocks.dialects.hubspot.instants import stamp
from crossdock_mocks.dialects.hubspot.kinds import CALL, EMAIL, MEETING, NOTE, TASK, Kind
from crossdock_mocks.dialects.hubspot.pipelines import SUPPORT
from crossdock_mocks.dialects.hubspot.portal import Row

_PRIORITY: Final = {"low": "LOW", "normal": "MEDIUM", "high": "HIGH", "urgent": "URGENT"}
_TICKET_STAGE: Final = {"new": "1", "waiting": "2", "working": "3", "escalated": "3", "closed": "4"}
_LIFE: Final = {
    "customer": "customer", "prospect": "opportunity", "partner": "other", "former": "other"
}  # fmt: skip


def company(row: Row) -> dict[str, Any]:
    """The properties of an account."""
    kind = row["kind"] or ""
    return {
        "name": row["name"], "website": row["website"], "phone": row["phone"],
        "domain": urlsplit(row["website"] or "").netloc.removeprefix("www."),
        "address": row["street"], "city": row["city"], "state": row["region"],
        "zip": row["postcode"], "country": row["country"], "industry": row["industry"],
        "lifecyclestage": _LIFE.get(kind), "crossdock_kind": row["kind"],
        "type": {"partner": "PARTNER", "prospect": "PROSPECT"}.get(kind),
        "erp_customer_number": row["customer_id"], "crossdock_email": row["email"],
        "crossdock_tax_number": row["tax_number"], "crossdock_currency": row["currency"],
    }  # fmt: skip


def product(row: Row) -> dict[str, Any]:
    """The properties of an item."""
    return {
        "name": row["name"], "description": row["description"], "hs_sku": row["id"],
        "price": row["list_price"], "hs_cost_of_goods_sold": row["cost"],
        "hs_product_type": "service" if row["kind"] == "service" else "inventory",
        "hs_status": "inactive" if row["active"] is False else "active",
    }  # fmt: skip


def line_item(line: Row, currency: str) -> dict[str, Any]:
    """The properties of a line of a quote or an order, with how far it has come."""
    quantities = {
        f"crossdock_{name}": line[f"{name}_quantity"]
        for name in ("shipped", "invoiced", "cancelled")
        if line.get(f"{name}_quantity") is not None
    }
    return {
        "name": line["description"] or line["item_code"], "hs_sku": line["item_code"],
        "description": line["description"], "quantity": line["quantity"],
        "price": line["unit_price"], "hs_discount_percentage": line["discount_percent"],
        "hs_line_item_currency_code": currency, "hs_position_on_quote": line["line"] - 1,
        "crossdock_line": line["line"], "crossdock_quote_line": line.get("quote_line"),
        "crossdock_promised_on": line["promised_on"], **quantities,
    }  # fmt: skip


def activity(row: Row, now: datetime) -> tuple[Kind, dict[str, Any], tuple[int, int, int]]:
    """An activity: its kind, its properties, and its links to company, contact and deal.

    What is still to be done is a task, also a call or an e-mail.
    """
    done, word = row["completed_at"] is not None, row["kind"] or ""
    at = stamp(row["completed_at"] or row["due_at"] or row["created_at"] or now)
    subject, common = row["subject"], {"hs_timestamp": at}
    if word == "note":
        return NOTE, {**common, "hs_note_body": subject}, (190, 202, 214)
    if word == "meeting":
        meeting = {
            "hs_meeting_title": subject, "hs_meeting_start_time": at, "hs_meeting_end_time": at,
            "hs_meeting_outcome": "COMPLETED" if done else "SCHEDULED",
        }  # fmt: skip
        return MEETING, {**common, **meeting}, (188, 200, 212)
    if word == "call" and done:
        call = {"hs_call_status": "COMPLETED", "hs_call_direction": "OUTBOUND"}
        return CALL, {**common, "hs_call_title": subject, **call}, (182, 194, 206)
    if word == "email" and done:
        email = {"hs_email_status": "SENT", "hs_email_direction": "EMAIL"}
        return EMAIL, {**common, "hs_email_subject": subject, **email}, (186, 198, 210)
    task = {
        "hs_task_subject": subject, "hs_task_priority": "NONE",
        "hs_task_status": "COMPLETED" if done else "NOT_STARTED",
        "hs_task_type": {"call": "CALL", "email": "EMAIL"}.get(word, "TODO"),
    }  # fmt: skip
    return TASK, {**common, **task}, (192, 204, 216)


def ticket(row: Row) -> dict[str, Any]:
    """The properties of a service case."""
    return {
        "subject": row["subject"], "hs_pipeline": SUPPORT,
        "hs_pipeline_stage": _TICKET_STAGE[row["status"] or "new"],
        "hs_ticket_priority": _PRIORITY.get(row["priority"] or ""), "source_type": "EMAIL",
        "closed_date": row["closed_at"],
    }  # fmt: skip


def instant(value: date | datetime) -> datetime:
    """A day as the instant at which it begins."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def text(value: Any) -> str | None:
    """A typed value of a data set as a property keeps it."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
