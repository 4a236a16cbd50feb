"""What became of events: lists, counts, and one of them with all that is known of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crossdock.errors import NotEditable
from crossdock.host.asking.disclosure import disclosed
from crossdock.host.deliveries import Attempt, Delivery
from crossdock.host.deliveries.delivery import STATES, delivery_number
from crossdock.host.deliveries.explanations import KINDS
from crossdock.host.gateway import mask
from crossdock.host.gateway.redaction import redact
from crossdock.host.store import AuditEntry
from crossdock.records import SENSITIVITIES
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.wire import document_of

_TOLD = (
    "id", "event_id", "event_type", "subject", "plugin_id", "plugin_version", "state", "attempts",
    "worker", "created_at", "due_at", "started_at", "finished_at", "failure", "cause", "system",
    "held_by", "assignee", "revision", "version",
)  # fmt: skip
_ATTEMPT = (
    "outcome", "worker", "began_at", "ended_at", "revision", "failure", "system", "cause",
)  # fmt: skip
_REPAIRS = "deliveries:write"
_PERSON = "ship_to.name"


def list_deliveries(call: Call) -> Answer:
    """List deliveries, newest first."""
    query, hidden = call.read.query, hidden_from(call)
    limit, before, assignee = query["limit"], query.get("before"), query.get("assignee")
    until = query.get("published_before")
    found = call.api.host.deliveries.list(
        states=tuple(query.get("state", ())),
        failures=tuple(query.get("failure", ())),
        plugin_id=query.get("plugin_id"),
        event_id=query.get("event_id"),
        subject=query.get("subject"),
        system=query.get("system"),
        assignee="" if assignee == "nobody" else assignee,
        published_before=datetime.fromisoformat(until.upper()) if until else None,
        before=delivery_number(before) if before else None,
        limit=limit + 1,
    )
    more = len(found) > limit
    page = found[:limit]
    return Answer(
        body={
            "data": [delivery_document(each, hidden) for each in page],
            "next": page[-1].id if more else None,
        }
    )


def count_deliveries(call: Call) -> Answer:
    """Count deliveries by state, and say how much is under way."""
    deliveries = call.api.host.deliveries
    counts, backlog = deliveries.counts(), deliveries.backlog()
    return Answer(
        body={
            "states": {state: counts.get(state, 0) for state in STATES},
            "under_way": backlog.count,
            "oldest": document_of(backlog.oldest),
            "long": backlog.long,
        }
    )


def get_delivery(call: Call) -> Answer:
    """Read a delivery: its cause, its attempts, what people did with it, what may be changed."""
    host, hidden = call.api.host, hidden_from(call)
    delivery = host.deliveries.get(call.path("delivery_id"))
    editable, why_not = _editable(call, delivery)
    title, text = KINDS[delivery.failure] if delivery.failure else ("", "")
    body = {
        **delivery_document(delivery, hidden),
        "explanation": {"title": title, "text": text} if title else None,
        "may_not": host.exceptions.objection(call.acting.user) if call.acting.user else "",
        "editable": editable,
        "not_editable": redact(why_not, hidden),
        "tries": [
            _attempt(each) for each in disclosed(host.deliveries.attempts(delivery.id), hidden)
        ],
        "history": [_line(each, hidden) for each in host.deliveries.history(delivery.id)],
    }
    return Answer(body=body, headers={"etag": etag_of(delivery)})


def etag_of(delivery: Delivery) -> str:
    """Give the ETag of a delivery: what people did with it, and how it goes."""
    return f'"{delivery.version}"'


def hidden_from(call: Call) -> frozenset[str]:
    """Name what is hidden from whoever reads.

    A user's roles decide; a program that names nobody sees all where it may also put it right.
    """
    if (user := call.acting.user) is not None:
        return call.api.host.hidden_from(user)
    return frozenset() if _REPAIRS in call.who.scopes else frozenset(SENSITIVITIES)


def delivery_document(delivery: Delivery, hidden: frozenset[str]) -> dict[str, Any]:
    """Write a delivery as somebody may see it."""
    # Without the traceback: that is for the plugin's author, on the host's own machine.
    seen = mask(delivery, hidden)
    return {name: document_of(getattr(seen, name)) for name in _TOLD}


def _editable(call: Call, delivery: Delivery) -> tuple[dict[str, str] | None, str]:
    if delivery.state not in ("dead", "waiting"):
        return None, "only what is dead or waits can be changed"
    if delivery.failure == "possibly_created":
        return None, "it may have become an order already; say first what is in the ERP"
    try:
        return dict(call.api.host.exceptions.editable(delivery.id, call.acting)), ""
    except (NotEditable, ValueError) as never:  # the latter: an event of another version
        return None, str(never)


def _attempt(attempt: Attempt) -> dict[str, Any]:
    evidence = attempt.evidence or {}
    exchange = evidence.get("exchange")
    return {
        **{name: document_of(getattr(attempt, name)) for name in _ATTEMPT},
        "exchange": exchange and {"lost": "", **exchange},
        "told": [str(each) for each in evidence.get("told", ())],
    }


def _line(line: AuditEntry, hidden: frozenset[str]) -> dict[str, Any]:
    detail = line.detail
    return {
        "at": document_of(line.at),
        "actor": line.actor,
        "action": line.action.removeprefix("delivery."),
        "text": redact(str(detail.get("reason") or detail.get("note") or ""), hidden),
        "assignee": str(detail.get("to", "")),
        "changed": [
            {"field": name, "old": str(old or ""), "new": str(new or "")}
            for name, (old, new) in detail.get("changed", {}).items()
            if not (name == _PERSON and "personal" in hidden)
        ],
    }
