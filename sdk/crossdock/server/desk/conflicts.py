"""Conflicts between CRM and ERP: what stands against what, who changed it when, the decision."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final, Literal, cast

from attrs import frozen
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.errors import AccessDenied, ConflictChanged, ValueRefused
from crossdock.records import SyncConflict
from crossdock.records.synchronising import ConflictState
from crossdock.rules.ownership import RECORD
from crossdock.server.desk import findings
from crossdock.server.desk.deliveries import sentence
from crossdock.server.desk.findings import Messages
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_AT_ONCE: Final = 50
_WORDS: Final[dict[ConflictState, tuple[str, str]]] = {
    "open": ("Waits for a decision", "warning"),
    "decided": ("Decided, being carried out", "info"),
    "carried_out": ("Decided and carried out", "good"),
    "over": ("Settled by itself", "neutral"),
}
_VIEWS: Final[dict[str, tuple[str, tuple[ConflictState, ...]]]] = {
    "open": ("To be decided", ("open",)),
    "decided": ("Being carried out", ("decided",)),
    "history": ("Settled", ("carried_out", "over")),
}
_TAKES: Final = ("crm", "erp", "value")


@frozen(kw_only=True)
class Entry:
    """One conflict in words.

    Attributes:
        about: the field, as people call it.
        whole: whether it is about the record as a whole: one side of it is gone.
        agreed: what both had when they last agreed; empty where they never did or are hidden.
        decision: what was decided, in a sentence; empty before.
    """

    number: int
    name: str
    about: str
    whole: bool
    refused: bool
    account_id: str
    entity: str
    crm_id: str
    erp_id: str
    erp_system: str
    crm_value: str | None
    erp_value: str | None
    crm_by: str
    erp_by: str
    crm_at: datetime | None
    erp_at: datetime | None
    agreed: str
    reason: str
    state: str
    tone: str
    open: bool
    opened_at: datetime | None
    age: float
    decision: str
    comment: str
    decided_at: datetime | None


def listing(visit: Visit) -> Response:
    """List conflicts, newest first."""
    store = visit.desk.host.store
    show = visit.query("show", "open")
    if show not in _VIEWS:
        show = "open"
    start = visit.query("before")
    before = int(start) if start.isdecimal() and len(start) < 18 else None
    account = visit.query("account")[:100] or None
    found = store.sync_conflicts.list(
        states=_VIEWS[show][1], account_id=account, before=before, limit=_AT_ONCE + 1
    )
    shown = found[:_AT_ONCE]
    return visit.show(
        "conflicts.html",
        show=show,
        account=account,
        created=store.sync_creations.waiting(),
        views=[
            (key, label, store.sync_conflicts.waiting() if key == "open" else None)
            for key, (label, _states) in _VIEWS.items()
        ],
        entries=[_entry(visit, each) for each in shown],
        next=shown[-1].number if len(found) > _AT_ONCE else None,
        word=visit.word,
    )


def show(visit: Visit) -> Response:
    """Show one conflict with both values and their evidence."""
    return _page(visit, _asked_for(visit))


def decide(visit: Visit) -> Response:
    """Take the user's word."""
    conflict = _asked_for(visit)
    take, value = visit.sent("take"), visit.sent("value")[:500]
    comment = visit.sent("comment")[:2000]
    if take not in _TAKES:
        return _page(visit, conflict, {"take": "Say which value is right."}, value=value)
    if take == "value" and not value:
        return _page(visit, conflict, {"value": "Enter the value that is right."}, take=take)
    if visit.sent("seen") != _mark(conflict):
        changed = "One of the values was changed since you opened this page. Look at both again."
        return _page(visit, conflict, {"": changed}, value=value)
    try:
        visit.desk.host.synchronising.decide(
            conflict.number,
            cast(Literal["crm", "erp", "value"], take),
            visit.who,
            value=value if take == "value" else "",
            comment=comment,
            seen=(conflict.crm_value, conflict.erp_value),
        )
    except ValueRefused as refused:
        return _page(visit, conflict, {"value": sentence(str(refused))}, take=take, value=value)
    except (AccessDenied, ConflictChanged) as refused:
        again = visit.desk.host.synchronising.conflict(conflict.number)
        return _page(visit, again, {"": sentence(str(refused))}, take=take, value=value)
    text = f"You decided on {_about(conflict).lower()} of {conflict.name}. It is carried out now."
    return visit.go(f"/conflicts/{conflict.number}", word=Said(True, text))


def _asked_for(visit: Visit) -> SyncConflict:
    number = visit.path("conflict")
    if not number.isdecimal() or len(number) > 17:
        raise HTTPException(404)
    try:
        return visit.desk.host.synchronising.conflict(int(number))
    except ConflictChanged:
        raise HTTPException(404) from None


def _page(
    visit: Visit,
    conflict: SyncConflict,
    problems: dict[str, str] | None = None,
    *,
    take: str = "",
    value: str = "",
) -> Response:
    host = visit.desk.host
    why_not = host.synchronising.objection(conflict, visit.who)
    hidden = "personal" in host.hidden_from(visit.who)
    going_on = conflict.state == "decided"
    return visit.show(
        "conflict.html",
        entry=_entry(visit, conflict),
        mark=_mark(conflict),
        why_not=sentence(why_not) if why_not else "",
        hidden=hidden,
        take=take,
        value=value,
        messages=Messages(findings.of_form(problems or {})),
        refresh=visit.desk.settings.refresh_seconds if going_on else 0,
        word=visit.word,
    )


def _mark(conflict: SyncConflict) -> str:
    """Name both values without telling them, so that a form knows which it was shown."""
    both = f"{conflict.crm_value!r}|{conflict.erp_value!r}"
    return hashlib.sha256(both.encode()).hexdigest()[:24]


def _entry(visit: Visit, conflict: SyncConflict) -> Entry:
    seen: SyncConflict = visit.desk.host.as_seen_by(visit.who, conflict)
    state, tone = _WORDS[conflict.state]
    now = visit.desk.host.now()
    return Entry(
        number=conflict.number,
        name=conflict.name or conflict.crm_id or conflict.erp_id,
        about=_about(conflict),
        whole=conflict.field == RECORD,
        refused=conflict.refused,
        account_id=conflict.account_id,
        entity=conflict.entity.replace("_", " "),
        crm_id=conflict.crm_id,
        erp_id=conflict.erp_id,
        erp_system=conflict.erp_system,
        crm_value=seen.crm_value,
        erp_value=seen.erp_value,
        crm_by=_name(visit, conflict.crm_by),
        erp_by=conflict.erp_by,
        crm_at=conflict.crm_at,
        erp_at=conflict.erp_at,
        agreed=seen.agreed_crm or seen.agreed_erp or "",
        reason=sentence(conflict.reason),
        state=state,
        tone=tone,
        open=conflict.state == "open",
        opened_at=conflict.opened_at,
        age=(now - (conflict.opened_at or now)).total_seconds(),
        decision=_decision(visit, conflict, seen),
        comment=conflict.comment,
        decided_at=conflict.decided_at,
    )


def _decision(visit: Visit, conflict: SyncConflict, seen: SyncConflict) -> str:
    if not conflict.take:
        return ""
    who = _name(visit, conflict.decided_by.removeprefix("user:"))
    if conflict.field == RECORD:
        kept = (conflict.take == "crm") == (conflict.crm_value is not None)
        return f"{who}: {'keep the one that is left' if kept else 'put it out of use, too'}"
    if conflict.take == "value":
        return f"{who}: {seen.value}" if seen.value else f"{who}: another value"
    return f"{who}: the value of the {conflict.take.upper()}"


def _about(conflict: SyncConflict) -> str:
    if conflict.field == RECORD:
        gone = "ERP" if conflict.crm_value is not None else "CRM"
        return f"Gone from the {gone}"
    part, _, inner = conflict.field.partition(".")
    words = f"{part} {inner}".replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _name(visit: Visit, user_id: str) -> str:
    user = visit.users.get(user_id)
    return user.name if user else user_id
