"""One delivery: why it is stuck, what happened so far, and everything that can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from starlette.responses import Response

from crossdock.errors import DeliveryChanged, EditRefused, FieldError, NotEditable
from crossdock.host.asking.disclosure import disclosed
from crossdock.host.deliveries import Attempt, Delivery
from crossdock.host.deliveries.explanations import KINDS
from crossdock.host.store import AuditEntry
from crossdock.server.desk import placing
from crossdock.server.desk.deliveries import assignees, entry, sentence
from crossdock.server.desk.findings import Message, Messages
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_OUTCOMES: Final = {
    "waiting": ("Did not get through, tried again later", "warning"),
    "held": ("The other system was away", "warning"),
    "dead": ("Did not get through", "bad"),
    "died": ("The worker died with it", "warning"),
    "done": ("Went through", "good"),
    "rehearsed": ("Went through as a rehearsal: nothing was written", "neutral"),
    "running": ("Under way", "info"),
}
_ACTIONS: Final = {
    "delivery.dead": ("Put into the exceptions queue", "bad"),
    "delivery.retried": ("Tried again by hand", "info"),
    "delivery.edited": ("Changed and tried again", "info"),
    "delivery.assigned": ("Handed on", "neutral"),
    "delivery.noted": ("Note", "neutral"),
    "delivery.given_up": ("Given up", "neutral"),
}
_LABELS: Final = {
    "trading_account": "Trading account",
    "requested_on": "Wanted on",
    "ship_to.name": "Ship to, name",
    "ship_to.street": "Street",
    "ship_to.postcode": "Postcode",
    "ship_to.city": "City",
    "ship_to.region": "Region",
    "ship_to.country": "Country",
    "reason": "Why",
}
_HINTS: Final = {
    "trading_account": "Such as main:C-10001; empty for the one that the account has.",
    "requested_on": "Such as 2026-12-24.",
    "ship_to.country": "Two letters.",
}
_MOST_LINES: Final = 200


@frozen(kw_only=True)
class Happening:
    """One line of the delivery's history.

    Attributes:
        evidence: request and answer of the exchange behind it, and what else was told.
    """

    at: datetime | None
    title: str
    tone: str
    text: str = ""
    who: str = ""
    evidence: Evidence | None = None


@frozen(kw_only=True)
class Evidence:
    """An exchange with a remote system as text.

    Attributes:
        withheld: whether the reader may not see what was sent and answered.
    """

    title: str
    request: str
    answer: str
    told: tuple[str, ...] = ()
    withheld: bool = False


def show(visit: Visit) -> Response:
    """Show a delivery."""
    return _page(visit, visit.desk.host.deliveries.get(visit.path("delivery")))


def edit(visit: Visit) -> Response:
    """Change what a delivery carries, and try it again."""
    queue = visit.desk.host.exceptions
    delivery = visit.desk.host.deliveries.get(visit.path("delivery"))
    fields = queue.editable(delivery.id, visit.actor)
    typed = {name: visit.sent(name) for name in _offered(fields, visit) if name in visit.form}
    if visit.sent("action") == "add-line":
        return _page(visit, delivery, typed=typed, more_lines=1)
    try:
        done = queue.edit(
            delivery.id,
            typed,
            visit.actor,
            reason=visit.sent("reason"),
            version=visit.sent("version") or None,
        )
    except EditRefused as refused:
        return _page(visit, delivery, typed=typed, refused=refused)
    except DeliveryChanged as changed:
        return _page(visit, delivery, typed=typed, refused=_faster(changed))
    return visit.go(
        f"/deliveries/{done.id}", word=Said(True, f"{done.id} was changed and is tried again now.")
    )


def assign(visit: Visit) -> Response:
    """Hand a delivery on."""
    queue = visit.desk.host.exceptions
    done = queue.assign(visit.path("delivery"), visit.sent("assignee"), visit.actor)
    whom = assignees(visit).get(done.assignee, done.assignee) or "nobody"
    return visit.go(f"/deliveries/{done.id}", word=Said(True, f"{done.id} is for {whom} now."))


def note(visit: Visit) -> Response:
    """Add a note."""
    deliveries = visit.desk.host.deliveries
    delivery = deliveries.get(visit.path("delivery"))
    try:
        visit.desk.host.exceptions.note(delivery.id, visit.sent("note"), visit.actor)
    except EditRefused as refused:
        return _page(visit, delivery, refused=refused)
    return visit.go(f"/deliveries/{delivery.id}", word=Said(True, "Your note was added."))


def give_up(visit: Visit) -> Response:
    """Give a delivery up."""
    host = visit.desk.host
    delivery = host.deliveries.get(visit.path("delivery"))
    version = visit.sent("version") or None
    try:
        done = host.exceptions.give_up(
            delivery.id, visit.actor, reason=visit.sent("give_up"), version=version
        )
    except EditRefused as refused:
        return _page(visit, delivery, refused=refused, places={"reason": "give_up"})
    except DeliveryChanged as changed:
        return _page(visit, delivery, refused=_faster(changed))
    return visit.go(f"/deliveries/{done.id}", word=Said(True, f"{done.id} was given up."))


def _faster(changed: DeliveryChanged) -> EditRefused:
    return EditRefused([FieldError("", str(changed))])


def _page(
    visit: Visit,
    delivery: Delivery,
    *,
    typed: Mapping[str, str] | None = None,
    more_lines: int = 0,
    refused: EditRefused | None = None,
    places: Mapping[str, str] | None = None,
) -> Response:
    host = visit.desk.host
    may_not = sentence(visit.may_not_repair)
    stuck = delivery.state in ("dead", "waiting")
    form: dict[str, str] | None = None
    why_not = ""
    delivery = host.as_seen_by(visit.who, delivery)
    if stuck and not may_not and delivery.failure != "possibly_created":
        try:
            form = dict(host.exceptions.editable(delivery.id, visit.actor))
        except (NotEditable, ValueError) as never:
            why_not = sentence(str(never))
    shown = entry(delivery, host.now())
    created = delivery.state == "dead" and delivery.failure == "possibly_created"
    messages = _messages(refused, places or {})
    lines = 0
    if form is not None:
        form |= dict(typed or {})
        lines = 1 + max((int(n.split(".")[1]) for n in form if n.startswith("lines.")), default=-1)
        lines = min(lines + more_lines, _MOST_LINES)
    return visit.show(
        "delivery.html",
        placement=placing.in_question(visit, delivery.subject) if created else None,
        said=Messages(),
        typed={},
        delivery=delivery,
        entry=shown,
        kind=KINDS[delivery.failure] if delivery.failure else None,
        form=form,
        lines=lines,
        why_not=why_not,
        labels=_LABELS,
        hints=_HINTS,
        messages=messages,
        reason=visit.sent("reason"),
        editing=bool(typed) or more_lines > 0,
        may_not=may_not,
        can_retry=stuck or delivery.state == "rehearsed",
        can_give_up=delivery.state in ("dead", "waiting", "behind"),
        traceback="" if host.hidden_from(visit.who) else delivery.traceback,
        people=assignees(visit),
        happenings=_happenings(visit, delivery),
        word=visit.word,
    )


def _offered(fields: Mapping[str, str], visit: Visit) -> list[str]:
    """Name the fields that a form may carry: those there are, and further lines."""
    parts = ("item_id", "quantity", "remove")
    further = [f"lines.{index}.{part}" for index in range(_MOST_LINES) for part in parts]
    sent = [name for name in further if name in visit.form]
    return list(dict.fromkeys([*fields, *sent]))


def _messages(refused: EditRefused | None, places: Mapping[str, str]) -> Messages:
    if refused is None:
        return Messages()
    return Messages(
        Message(
            level="error",
            text=sentence(each.message),
            place=places.get(each.field, each.field),
            about=_about(each.field),
        )
        for each in refused.fields
    )


def _about(field: str) -> str:
    parts = field.split(".")
    if parts[0] == "lines" and len(parts) == 3:
        what = {"item_id": "item", "quantity": "quantity"}.get(parts[2], "")
        return f"Line {int(parts[1]) + 1}, {what}".rstrip(", ")
    return _LABELS.get(field, "")


def _happenings(visit: Visit, delivery: Delivery) -> list[Happening]:
    deliveries = visit.desk.host.deliveries
    hidden = visit.desk.host.hidden_from(visit.who)
    told = [_attempted(each) for each in disclosed(deliveries.attempts(delivery.id), hidden)]
    # That it became dead is what its last attempt says.
    told += [
        _done(each, visit)
        for each in deliveries.history(delivery.id)
        if each.action != "delivery.dead"
    ]
    published = Happening(at=delivery.created_at, title="Published", tone="neutral")
    return [published, *sorted(told, key=lambda each: each.at or delivery.created_at)]


def _attempted(attempt: Attempt) -> Happening:
    title, tone = _OUTCOMES[attempt.outcome]
    took = "" if attempt.seconds is None else f"{attempt.seconds:.1f} s"
    return Happening(
        at=attempt.ended_at or attempt.began_at,
        title=title,
        tone=tone,
        text=sentence(attempt.cause),
        who=" · ".join(each for each in (f"worker {attempt.worker}", took) if each),
        evidence=_evidence(attempt.evidence),
    )


def _done(line: AuditEntry, visit: Visit) -> Happening:
    title, tone = _ACTIONS.get(line.action, (line.action, "neutral"))
    detail = line.detail
    texts = [str(detail.get("reason") or detail.get("note") or "")]
    if line.action == "delivery.assigned":
        names = assignees(visit)
        texts = [f"To {names.get(detail['to'], detail['to']) or 'nobody'}."]
    for name, (old, new) in detail.get("changed", {}).items():
        about = _about(name) or name
        texts.append(f"{about}: {old or 'nothing'} became {new or 'nothing'}.")
    user = visit.users.get(line.actor.removeprefix("user:"))
    return Happening(
        at=line.at,
        title=title,
        tone=tone,
        text=" ".join(sentence(each) for each in texts if each),
        who=user.name if user else line.actor,
    )


def _evidence(evidence: Mapping[str, Any] | None) -> Evidence | None:
    if evidence is None:
        return None
    exchange = evidence.get("exchange")
    told = tuple(map(str, evidence.get("told", ())))
    if not exchange:
        return Evidence(title="What is known", request="", answer="", told=told)
    request, answer = exchange["request"], exchange["answer"]
    status = f"answered {answer['status']}" if answer else "no answer"
    title = (
        f"{exchange['operation']} at {exchange['system']}: {status}, {exchange['seconds']:.2f} s"
    )
    if request is None:
        return Evidence(title=title, request="", answer="", told=told, withheld=True)
    return Evidence(
        title=title,
        request=_wire(f"{request['method']} {request['url']}", request),
        answer=_wire(str(answer["status"]), answer) if answer else str(exchange.get("lost", "")),
        told=told,
    )


def _wire(first: str, part: Mapping[str, Any]) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in part["headers"].items())
    return f"{first}\n{headers}\n\n{part['body']}".rstrip()
