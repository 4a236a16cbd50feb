"""Changing or cancelling an order that the ERP has, and what became of such changes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import frozen
from starlette.responses import Response

from crossdock.errors import PlacementConflict
from crossdock.records import Order, OrderChange, OrderChangeState
from crossdock.server.desk import findings
from crossdock.server.desk.deliveries import sentence
from crossdock.server.desk.findings import Message, Messages
from crossdock.server.desk.order_form import ChangeForm, read
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_STATES: Final[dict[OrderChangeState, tuple[str, str]]] = {
    "requested": ("On its way to the ERP", "info"),
    "accepted": ("Done", "good"),
    "refused": ("The ERP said no", "bad"),
}
_OVER: Final = ("cancelled", "rejected", "returned", "paid", "draft")
_LABELS: Final = {
    "requested_on": "Wanted on",
    "reason": "Why",
    "added.item_id": "New line, item",
    "added.quantity": "New line, quantity",
    "cancel_reason": "Why it is cancelled",
}


@frozen(kw_only=True)
class ChangeEntry:
    """One change document in words."""

    id: str
    state: str
    tone: str
    what: tuple[str, ...]
    reason: str
    answer: str
    requester: str
    asked_at: datetime | None
    under_way: bool


def changeable(order: Order) -> bool:
    """Whether there is something that can be changed in the ERP."""
    return bool(order.erp_order_id) and order.status not in _OVER


def of_order(visit: Visit, order: Order) -> list[ChangeEntry]:
    """Give the changes that were asked for, the newest first."""
    found = visit.desk.host.order_changes.of_order(order.id)
    return [_entry(visit, order, each) for each in reversed(found)]


def show(visit: Visit) -> Response:
    """Show the form."""
    order = visit.desk.host.crm.order(visit.path("order"))
    return _page(visit, order, ChangeForm.of(order))


def ask(visit: Visit) -> Response:
    """Ask for what was typed; the ERP's answer comes by itself."""
    host = visit.desk.host
    order = host.crm.order(visit.path("order"))
    form = ChangeForm.submitted(visit.form, order)
    if visit.sent("action") == "cancel":
        reason = visit.sent("cancel_reason")[:400]
        change = OrderChange(order_id=order.id, kind="cancel", reason=reason)
        problems = {} if reason else {"cancel_reason": "Say why, so that the ERP's people know."}
        form = ChangeForm.of(order)
    else:
        change, problems = read(form, order)
    if not problems:
        try:
            asked = host.change_order(order.id, change, user=visit.who)
        except PlacementConflict as refused:
            problems[""] = sentence(str(refused))
        else:
            visit.desk.watches.start(order.id)
            text = f"{asked.id} is on its way to the ERP. Its answer shows below."
            return visit.go(f"/orders/{order.id}", word=Said(True, text))
    return _page(visit, order, form, problems)


def _page(
    visit: Visit, order: Order, form: ChangeForm, problems: dict[str, str] | None = None
) -> Response:
    return visit.show(
        "order_change.html",
        order=order,
        account=visit.desk.host.crm.account(order.account_id),
        form=form,
        changeable=changeable(order),
        messages=Messages(
            Message(level="error", text=text, place=place, about=_about(order, place))
            for place, text in (problems or {}).items()
        ),
    )


def _about(order: Order, place: str) -> str:
    parts = place.split(".")
    if parts[0] == "lines":
        item = next(x.item_id for x in order.lines if x.number == int(parts[1]))
        return f"Line {parts[1]} ({item}), quantity"
    return _LABELS.get(place, findings.about(place))


def _entry(visit: Visit, order: Order, change: OrderChange) -> ChangeEntry:
    change = visit.desk.host.as_seen_by(visit.who, change)
    state, tone = _STATES[change.state]
    user = visit.users.get(change.requested_by)
    return ChangeEntry(
        id=change.id,
        state=state,
        tone=tone,
        what=tuple(_what(visit, order, change)),
        reason=sentence(change.reason),
        answer=sentence(change.answer),
        requester=user.name if user else change.requested_by,
        asked_at=change.requested_at,
        under_way=change.state == "requested",
    )


def _what(visit: Visit, order: Order, change: OrderChange) -> list[str]:
    words = visit.desk.wording
    if change.kind == "cancel":
        return ["Cancel all that is still open."]
    items = {line.number: line.item_id for line in order.lines}
    told = []
    for line in change.lines:
        item = items.get(line.number, f"line {line.number}")
        if line.cancel:
            told.append(f"Cancel {item}.")
        elif line.quantity is not None:
            told.append(f"{item}: {words.number(line.quantity)} in all.")
    told += [f"Add {words.number(line.quantity)} of {line.item_id}." for line in change.added]
    if change.requested_on:
        told.append(f"Wanted on {words.day(change.requested_on)}.")
    return told
