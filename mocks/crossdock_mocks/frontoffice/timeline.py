"""The timeline of an order: what happened to it, each step once by the caller's own key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock_mocks.frontoffice.instants import kept, parsed
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.resources import ORDER, TIMELINE


def add_entry(office: Office, order_id: str, values: Mapping[str, Any]) -> tuple[Row, bool]:
    """Add a step, unless its key is there; tells whether it was added by this call.

    Raises:
        Problem: 404; 422, `at` is no instant.
    """
    office.read(ORDER, order_id)
    known = office.table(TIMELINE).first({"order_id": order_id, "key": values["key"]})
    if known is not None:
        return known, False
    now = kept(office.now)
    at = values.get("at")
    entry = {
        "order_id": order_id,
        "key": values["key"],
        "kind": values["kind"],
        # Another system's clock may be ahead of ours, so an instant to come is taken as it is.
        "at": now if at is None else kept(parsed(at, "/at")),
        "title": values["title"],
        **{
            field: values.get(field)
            for field in ("text", "actor", "source", "document_kind", "document_id")
        },
        "details": values.get("details", {}),
        "recorded_at": now,
        "user_id": office.user_id,
    }
    return office.append(TIMELINE, entry), True
