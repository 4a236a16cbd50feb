"""Approvals: what waits for whose answer, the answer, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import frozen
from starlette.responses import Response

from crossdock.errors import ApprovalRefused, NotFound
from crossdock.host.approvals.approval import Approval, ApprovalState, fingerprint_of
from crossdock.records import Quote
from crossdock.server.desk import findings
from crossdock.server.desk.deliveries import sentence
from crossdock.server.desk.findings import Messages
from crossdock.server.desk.totals import totals
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_MOST: Final = 100
_WORDS: Final[dict[ApprovalState, tuple[str, str]]] = {
    "pending": ("Waits for an answer", "warning"),
    "approved": ("Approved", "good"),
    "declined": ("Declined", "bad"),
    "expired": ("Lapsed without an answer", "neutral"),
    "superseded": ("The quote was changed", "neutral"),
}
_OVER: Final[tuple[ApprovalState, ...]] = ("approved", "declined", "expired", "superseded")
_WAITING: Final = "waiting"
_VIEWS: Final = {_WAITING: "For you to answer", "asked": "Asked by you", "history": "Answered"}


@frozen(kw_only=True)
class Entry:
    """One approval in words.

    Attributes:
        roles: who may answer.
        age: seconds since it was asked for.
        due: when it lapses.
        escalates: when another role may answer too; `None` once it may, or where none will.
        decider: who answered.
        going_on: whether a worker is still to go on with the promotion.
    """

    id: str
    quote_id: str
    account_id: str
    reason: str
    about: str
    roles: str
    state: str
    tone: str
    pending: bool
    declined: bool
    lapsed: bool
    approved: bool
    requester: str
    asked_at: datetime
    age: float
    due: datetime | None
    escalates: datetime | None
    decider: str
    decided_at: datetime | None
    comment: str
    outcome: str
    going_on: bool


def entry(visit: Visit, approval: Approval) -> Entry:
    """Put an approval into words."""
    now = visit.desk.host.now()
    approval = visit.desk.host.as_seen_by(visit.who, approval)
    lapsed = approval.state == "expired" or (
        approval.state == "pending"
        and approval.expires_at is not None
        and now >= approval.expires_at
    )
    state, tone = _WORDS["expired" if lapsed else approval.state]
    escalates = approval.escalate_at if not approval.escalated_to else None
    return Entry(
        id=approval.id,
        quote_id=approval.quote_id,
        account_id=approval.account_id,
        reason=approval.reason,
        about=findings.about(approval.field),
        roles=" or ".join(dict.fromkeys(filter(None, (approval.role, approval.escalated_to)))),
        state=state,
        tone=tone,
        pending=approval.state == "pending" and not lapsed,
        declined=approval.state == "declined",
        lapsed=lapsed,
        approved=approval.state == "approved",
        requester=_name(visit, approval.requested_by),
        asked_at=approval.requested_at,
        age=(now - approval.requested_at).total_seconds(),
        due=approval.expires_at,
        escalates=escalates,
        decider=_name(visit, approval.decided_by),
        decided_at=approval.decided_at,
        comment=sentence(approval.comment),
        outcome=sentence(approval.outcome),
        going_on=approval.state == "approved" and not approval.outcome,
    )


def of_quote(visit: Visit, quote: Quote) -> list[Entry]:
    """Give the approvals of a quote as it stands, in the order in which they were asked for."""
    if not quote.id:
        return []
    fingerprint = fingerprint_of(quote)
    found = visit.desk.host.approvals.list(quote_id=quote.id, limit=_MOST)
    return [entry(visit, each) for each in reversed(found) if each.fingerprint == fingerprint]


def listing(visit: Visit) -> Response:
    """List approvals: those for the user to answer, those that he asked for, and the history."""
    approvals = visit.desk.host.approvals
    user = visit.who
    show = visit.query("show", _WAITING)
    if show not in _VIEWS:
        show = _WAITING
    match show:
        case "asked":
            found = approvals.list(requested_by=user.id, limit=_MOST)
        case "history":
            found = approvals.list(states=_OVER, roles=user.roles, limit=_MOST)
        case _:
            found = approvals.list(states=("pending",), roles=user.roles, limit=_MOST)
    if show != "asked" and not user.roles:
        found = ()
    waiting = visit.approvals_waiting
    return visit.show(
        "approvals.html",
        show=show,
        views=[(key, label, waiting if key == _WAITING else None) for key, label in _VIEWS.items()],
        entries=[entry(visit, each) for each in found],
        accounts=_accounts(visit, found),
        word=visit.word,
    )


def show(visit: Visit) -> Response:
    """Show one approval with the quote that it is about."""
    return _page(visit, visit.desk.host.approvals.get(visit.path("approval")))


def answer(visit: Visit) -> Response:
    """Approve or decline."""
    approvals = visit.desk.host.approvals
    approval = approvals.get(visit.path("approval"))
    approve = visit.sent("action") == "approve"
    comment = visit.sent("comment")[:2000]
    if not approve and not comment:
        return _page(visit, approval, {"comment": "Say why, so that the salesperson knows."})
    try:
        done = approvals.decide(approval.id, approve=approve, user=visit.who, comment=comment)
    except ApprovalRefused as refused:
        again = approvals.get(approval.id)
        return _page(visit, again, {"": sentence(str(refused))}, comment=comment)
    text = (
        f"You approved {done.id}. What it waited for goes on by itself."
        if approve
        else f"You declined {done.id}. The quote says so, with your comment."
    )
    return visit.go(f"/approvals/{done.id}", word=Said(True, text))


def _page(
    visit: Visit, approval: Approval, problems: dict[str, str] | None = None, *, comment: str = ""
) -> Response:
    host = visit.desk.host
    try:
        quote = host.crm.quote(approval.quote_id)
    except NotFound:
        quote = None
    user = visit.who
    may_decline = not host.approvals.objection(approval, user, approve=False, comment="-")
    why_not = host.approvals.objection(approval, user, approve=True)
    shown = entry(visit, approval)
    history = host.store.audit.entries(subject=approval.quote_id, action="approval.", newest=True)
    return visit.show(
        "approval.html",
        entry=shown,
        account=host.crm.account(approval.account_id),
        quote=quote,
        totals=totals(quote) if quote else None,
        changed=quote is not None and fingerprint_of(quote) != approval.fingerprint,
        may_approve=not why_not,
        may_decline=may_decline,
        why_not=sentence(why_not) if shown.pending else "",
        comment=comment,
        messages=Messages(findings.of_form(problems or {})),
        happenings=[
            (each, _name(visit, each.actor.removeprefix("user:")), _HAPPENED[each.action])
            for each in history
            if each.action in _HAPPENED and each.detail.get("approval") == approval.id
        ],
        refresh=visit.desk.settings.refresh_seconds if shown.going_on else 0,
        word=visit.word,
    )


_HAPPENED: Final = {
    "approval.requested": ("Asked for", "info"),
    "approval.escalated": ("Others may answer too", "warning"),
    "approval.approved": ("Approved", "good"),
    "approval.declined": ("Declined", "bad"),
    "approval.expired": ("Lapsed without an answer", "neutral"),
}


def _accounts(visit: Visit, found: tuple[Approval, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for each in found:
        if each.account_id not in names:
            try:
                names[each.account_id] = visit.desk.host.crm.account(each.account_id).name
            except NotFound:
                names[each.account_id] = each.account_id
    return names


def _name(visit: Visit, user_id: str) -> str:
    user = visit.users.get(user_id)
    return user.name if user else user_id
