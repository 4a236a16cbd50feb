"""What people do about deliveries that are stuck, and about systems that are away."""

from __future__ import annotations

from typing import Any

from crossdock.errors import EditRefused
from crossdock.host.deliveries import Circuit, Delivery
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.deliveries import delivery_document, etag_of, hidden_from
from crossdock.server.api.preconditions import named, precondition_missing, stale
from crossdock.server.api.problems import Problem, Wrong, pointer_of
from crossdock.server.api.wire import document_of


def retry_delivery(call: Call) -> Answer:
    """Try a delivery again."""
    done = call.api.host.exceptions.retry(
        call.path("delivery_id"), call.acting, version=_version(call)
    )
    return _told(call, done, status=202)


def edit_delivery(call: Call) -> Answer:
    """Change what a delivery carries, and try it again."""
    if call.read.headers.get("if-match") is None:
        raise precondition_missing()
    try:
        done = call.api.host.exceptions.edit(
            call.path("delivery_id"),
            call.body["changes"],
            call.acting,
            reason=call.body["reason"],
            version=_version(call),
        )
    except EditRefused as refused:
        raise _edit_refused(refused) from refused
    return _told(call, done, status=202)


def assign_delivery(call: Call) -> Answer:
    """Say who is to look after a delivery."""
    done = call.api.host.exceptions.assign(
        call.path("delivery_id"), call.body["assignee"], call.acting, version=_version(call)
    )
    return _told(call, done)


def note_delivery(call: Call) -> Answer:
    """Add a note to a delivery."""
    queue = call.api.host.exceptions
    return _told(call, queue.note(call.path("delivery_id"), call.body["text"], call.acting))


def give_up_delivery(call: Call) -> Answer:
    """Decide that a delivery is not to be done."""
    done = call.api.host.exceptions.give_up(
        call.path("delivery_id"), call.acting, reason=call.body["reason"], version=_version(call)
    )
    return _told(call, done)


def list_circuits(call: Call) -> Answer:
    """List the systems that are away."""
    found = call.api.host.deliveries.circuits.list()
    return Answer(body={"data": [_circuit(each) for each in found]})


def try_circuit(call: Call) -> Answer:
    """Let a system that is away be tried at once."""
    circuit = call.api.host.exceptions.try_now(call.path("system"), call.acting)
    return Answer(status=202, body=_circuit(circuit))


def _version(call: Call) -> str | None:
    """Give the version that a change is made from, where the request names any.

    Raises:
        Problem: 412, the delivery has another one.
    """
    wanted = call.read.headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return None
    now = call.api.host.deliveries.get(call.path("delivery_id"))
    if not named(wanted, etag_of(now)):
        raise stale("The delivery")
    return now.version


def _told(call: Call, delivery: Delivery, *, status: int = 200) -> Answer:
    return Answer(
        status=status,
        body=delivery_document(delivery, hidden_from(call)),
        headers={"etag": etag_of(delivery)},
    )


def _edit_refused(refused: EditRefused) -> Problem:
    """Say which field makes no sense; the names of the changes have dots and stay whole."""
    return Problem(
        422, "edit_refused", "The changes do not make sense", str(refused),
        errors=tuple(
            Wrong(
                pointer="/reason"
                if each.field == "reason"
                else f"/changes/{each.field}"
                if each.field
                else pointer_of("changes"),
                message=each.message,
            )
            for each in refused.fields
        ),
    )  # fmt: skip


def _circuit(circuit: Circuit) -> dict[str, Any]:
    return {
        "system": circuit.system,
        "state": circuit.state,
        "cause": circuit.cause,
        "opened_at": document_of(circuit.opened_at),
        "probe_at": document_of(circuit.probe_at),
        "probes": circuit.probes,
        "held": circuit.held,
    }
