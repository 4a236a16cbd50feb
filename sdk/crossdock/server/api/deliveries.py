"""What became of events."""

from __future__ import annotations

from typing import Any

from crossdock.host.deliveries import Delivery
from crossdock.host.deliveries.delivery import delivery_number
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.wire import document_of

_TOLD = (
    "id", "event_id", "event_type", "subject", "plugin_id", "plugin_version", "state", "attempts",
    "worker", "created_at", "due_at", "started_at", "finished_at", "failure", "cause",
)  # fmt: skip


def list_deliveries(call: Call) -> Answer:
    """List deliveries, newest first."""
    query = call.read.query
    limit = query["limit"]
    before = query.get("before")
    found = call.api.host.deliveries.list(
        states=tuple(query.get("state", ())),
        plugin_id=query.get("plugin_id"),
        event_id=query.get("event_id"),
        subject=query.get("subject"),
        before=delivery_number(before) if before else None,
        limit=limit + 1,
    )
    more = len(found) > limit
    page = found[:limit]
    return Answer(
        body={"data": [_document(each) for each in page], "next": page[-1].id if more else None}
    )


def get_delivery(call: Call) -> Answer:
    """Read a delivery."""
    return Answer(body=_document(call.api.host.deliveries.get(call.path("delivery_id"))))


def retry_delivery(call: Call) -> Answer:
    """Try a delivery again."""
    delivery = call.api.host.deliveries.retry(call.path("delivery_id"), actor=call.actor)
    return Answer(status=202, body=_document(delivery))


def _document(delivery: Delivery) -> dict[str, Any]:
    # Without the traceback: that is for the plugin's author, on the host's own machine.
    return {name: document_of(getattr(delivery, name)) for name in _TOLD}
