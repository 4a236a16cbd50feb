"""Orders after promotion: changes, and whether the ERP has one whose answer was lost."""

from __future__ import annotations

from typing import Any

from crossdock.host.gateway import mask
from crossdock.host.placements.placement import Placement
from crossdock.records import OrderChange
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.deliveries import hidden_from
from crossdock.server.api.once import once
from crossdock.server.api.wire import document_of, record_of


def request_order_change(call: Call) -> Answer:
    """Ask for a change or cancellation; once for each idempotency key."""
    _ = call.user
    return once(call, _request)


def _request(call: Call) -> Answer:
    order_id = call.path("order_id")
    change = record_of(OrderChange, call.body, order_id=order_id)
    asked = call.api.host.change_order(order_id, change, user=call.user)
    return Answer(status=202, body=document_of(call.api.host.as_seen_by(call.user, asked)))


def list_order_changes(call: Call) -> Answer:
    """List the changes of an order, oldest first."""
    user, host = call.user, call.api.host
    order = host.crm.order(call.path("order_id"))
    changes = host.as_seen_by(user, tuple(host.order_changes.of_order(order.id)))
    return Answer(body={"data": [document_of(each) for each in changes]})


def list_placements(call: Call) -> Answer:
    """List orders on their way into the ERPs, the latest change first."""
    query, hidden = call.read.query, hidden_from(call)
    found = call.api.host.placements.list(
        states=tuple(query.get("state", ())), limit=query["limit"]
    )
    return Answer(body={"data": [_placement(each, hidden) for each in found]})


def confirm_placement(call: Call) -> Answer:
    """Say that the ERP has a possibly created order; it is read there first."""
    placement = call.api.host.exceptions.confirm(
        call.path("order_id"), call.body["erp_order_id"], call.acting
    )
    return Answer(body=_placement(placement, hidden_from(call)))


def deny_placement(call: Call) -> Answer:
    """Say that the ERP does not have a possibly created order, so that it is sent."""
    placement = call.api.host.exceptions.deny(
        call.path("order_id"), call.acting, reason=call.body["reason"]
    )
    return Answer(body=_placement(placement, hidden_from(call)))


def _placement(placement: Placement, hidden: frozenset[str]) -> dict[str, Any]:
    return {
        "order_id": placement.reference,
        "erp_system": placement.erp_system,
        "customer_id": placement.customer_id,
        "state": placement.state,
        "erp_order_id": placement.erp_order_id,
        "evidence": [document_of(each) for each in mask(placement.evidence, hidden)],
        "sent_at": document_of(placement.sent_at),
        "changed_at": document_of(placement.changed_at),
    }
