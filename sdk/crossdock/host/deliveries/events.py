"""What the room needs to know of an event: its id, its type, what it is about, its lane."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Final

from crossdock.records import (
    DocumentChanged,
    Event,
    JobDue,
    OrderChangeRequested,
    OrderPromoted,
    QuoteApproved,
    QuoteSaved,
    QuoteWritten,
    RecordChanged,
)
from crossdock.records.plain import from_plain, to_plain

_TYPES: Final[dict[type, str]] = {
    QuoteSaved: "quote_saved",
    QuoteWritten: "quote_written",
    QuoteApproved: "quote_approved",
    OrderPromoted: "order_promoted",
    OrderChangeRequested: "order_change_requested",
    DocumentChanged: "document_changed",
    RecordChanged: "record_changed",
    JobDue: "scheduled_jobs",
}

#: Gives the CRM account behind an ERP's customer (system, id), where it is known.
AccountOf = Callable[[str, str], str | None]


def event_type(event: Event) -> str:
    """Name an event's type, which is also the extension point that handles it."""
    return _TYPES[type(event)]


def event_id_of(event: Event) -> str:
    """Give the id of an event: the same for the same fact, however often it is published."""
    match event:
        case QuoteSaved(quote=quote):
            return f"quote_saved:{quote.id}:{quote.version or _digest(event)}"
        case QuoteApproved():
            return f"quote_approved:{event.approval_id}"
        case OrderPromoted(order=order):
            return f"order_promoted:{order.system}:{order.id}"
        case OrderChangeRequested(change=wanted):
            return f"order_change_requested:{wanted.id}"
        case JobDue():
            at = event.due_at.strftime("%Y-%m-%dT%H:%MZ")
            return f"job:{event.plugin_id}:{event.job_id}:{at}"
        case (
            DocumentChanged(change=change)
            | RecordChanged(change=change)
            | QuoteWritten(change=change)
        ):
            # Not by the cursor alone: it stands behind a whole answer, so changes may share one.
            state = change.version or f"{change.at.isoformat()}@{change.cursor}"
            record = f"{change.system}:{change.entity}:{change.id}"
            return f"{event_type(event)}:{record}:{change.action}:{state}"


def subject_of(event: Event) -> str:
    """Give the id of the record that an event is about."""
    match event:
        case QuoteSaved(quote=quote):
            return quote.id
        case QuoteApproved():
            return event.quote_id
        case OrderPromoted(order=order) | OrderChangeRequested(order=order):
            return order.id
        case JobDue():
            return f"{event.plugin_id}/{event.job_id}"
        case (
            DocumentChanged(change=change)
            | RecordChanged(change=change)
            | QuoteWritten(change=change)
        ):
            return change.id


def lane_of(event: Event, account_of: AccountOf) -> str:
    """Name the lane of an event: what concerns one account is delivered in order.

    An ERP document goes with the account that its customer is linked to, so that news of an order
    never overtakes the promotion that made it; while no account is known, with the customer.
    """
    match event:
        case QuoteSaved(quote=quote):
            return f"account:{quote.account_id}"
        case QuoteApproved():
            return f"account:{event.account_id}"
        case OrderPromoted(order=order) | OrderChangeRequested(order=order):
            return f"account:{order.account_id}" if order.account_id else f"order:{order.id}"
        case JobDue():
            return job_lane(event)
        case DocumentChanged(document=document):
            return _customer_lane(document.system, document.customer_id, account_of)
        case RecordChanged(change=change) if change.entity == "trading_account":
            return _customer_lane(change.system, change.id, account_of)
        case RecordChanged(change=change) if change.entity == "account":
            return f"account:{change.id}"
        case RecordChanged(change=change) | QuoteWritten(change=change):
            return f"{change.entity}:{change.system}:{change.id}"


def job_lane(event: JobDue) -> str:
    """Name the lane of a job: its occurrences never overlap."""
    return f"job:{event.job_id}"


def _customer_lane(system: str, customer_id: str, account_of: AccountOf) -> str:
    account = account_of(system, customer_id)
    return f"account:{account}" if account else f"customer:{system}:{customer_id}"


#: What news of items and prices are about, as they are no one customer's.
ITEMS: Final = "#items"
_OF_ITEMS: Final = frozenset({"item", "price"})


def concerns(event: Event) -> tuple[str, str] | None:
    """Name whose records an event of a remote system tells of: the system, and the customer.

    `None` for an event that tells of nothing that was read from an ERP.
    """
    match event:
        case DocumentChanged(document=document):
            return document.system, document.customer_id
        case RecordChanged(change=change) if change.entity == "trading_account":
            return change.system, change.id
        case RecordChanged(change=change) if change.entity in _OF_ITEMS:
            return change.system, ITEMS
    return None


#: Gives the ERP that new orders of a CRM's account go to (system, account), where it is known.
ErpOf = Callable[[str, str], str | None]


def systems_of(payload: str, type_of_event: str, erp_of: ErpOf) -> frozenset[str]:
    """Name the remote systems that the delivery of a stored event is known to need.

    An order needs the CRM that it is of, and the ERP that its trading account is in; news of a
    document need the ERP that it is in. What a plugin needs besides is found out by its failing.
    """
    ((_, values),) = json.loads(payload).items()
    match type_of_event:
        case "order_promoted":
            order = values["order"]
            erp = order.get("trading_account", "").partition(":")[0]
            if not erp and order.get("account_id"):
                erp = erp_of(order["system"], order["account_id"])
            return frozenset(filter(None, (order["system"], erp)))
        case "document_changed" | "record_changed" | "quote_written":
            return frozenset({values["change"]["system"]})
    return frozenset()


def write_event(event: Event) -> str:
    """Write an event as JSON text."""
    return json.dumps(to_plain(event), ensure_ascii=False, separators=(",", ":"))


def read_event(text: str) -> Event:
    """Read an event back; raises `ValueError` where this version cannot."""
    event: Event = from_plain(json.loads(text))
    return event


def _digest(event: Event) -> str:
    return hashlib.sha256(write_event(event).encode()).hexdigest()[:16]
