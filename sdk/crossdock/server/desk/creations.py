"""New records of which nobody knows whether they were made: looked at, and said what is there."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import frozen
from starlette.responses import Response

from crossdock.errors import AccessDenied, ConflictChanged
from crossdock.host.store.sync_creations import Creation
from crossdock.server.desk import findings
from crossdock.server.desk.deliveries import sentence
from crossdock.server.desk.findings import Messages
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_AT_ONCE: Final = 100
_PLACE: Final = ("entity", "from_system", "from_id", "to_system")


@frozen(kw_only=True)
class Entry:
    """One new record in question, in words.

    Attributes:
        key: names it among all.
        kind: what is made: a customer, an account, a contact or a price list.
        account_id: of the account that it is made of, where it is one.
        age: seconds since it was sent.
        evidence: instants and what came of each attempt.
    """

    key: str
    kind: str
    entity: str
    from_system: str
    from_id: str
    to_system: str
    account_id: str
    sent_at: datetime
    age: float
    evidence: tuple[tuple[datetime, str], ...]


def listing(visit: Visit) -> Response:
    """List them, the latest first, with what a person has to say of each."""
    return _page(visit)


def decide(visit: Visit) -> Response:
    """Take the user's word on one."""
    said, there = visit.sent("said"), visit.sent("there").strip()[:200]
    reason = visit.sent("reason").strip()[:2000]
    place = {name: visit.sent(name)[:200] for name in _PLACE}
    key = ":".join(place.values())
    if said not in ("there", "missing"):
        return _page(visit, key, {"said": "Say whether it is there."}, there=there)
    if said == "there" and not there:
        return _page(visit, key, {"there": "Enter its number there."}, said=said)
    question = visit.desk.host.synchronising.in_question
    try:
        creation = question.find(**place)
        question.decide(creation, visit.who, there=there if said == "there" else "", reason=reason)
    except (AccessDenied, ConflictChanged) as refused:
        problem = {"": sentence(str(refused))}
        return _page(visit, key, problem, said=said, there=there)
    text = f"{there} is taken as the one that was made." if said == "there" else "It is made now."
    return visit.go("/conflicts/created", word=Said(True, text))


def _page(
    visit: Visit, key: str = "", problems: dict[str, str] | None = None, **entered: str
) -> Response:
    question = visit.desk.host.synchronising.in_question
    why_not = question.objection(visit.who)
    found = question.list(limit=_AT_ONCE)
    return visit.show(
        "creations.html",
        entries=[_entry(visit, each) for each in found],
        conflicts=visit.desk.host.store.sync_conflicts.waiting(),
        why_not=sentence(why_not) if why_not else "",
        wrong=key,
        entered={"said": "", "there": "", **entered},
        messages=Messages(findings.of_form(problems or {})),
        word=visit.word,
    )


def _entry(visit: Visit, creation: Creation) -> Entry:
    crm = visit.desk.host.crm.system
    from_crm = creation.from_system == crm
    kind = creation.entity.replace("_", " ")
    if creation.entity == "account" and from_crm:
        kind = "customer"
    return Entry(
        key=":".join(getattr(creation, name) for name in _PLACE),
        kind=kind,
        entity=creation.entity,
        from_system=creation.from_system,
        from_id=creation.from_id,
        to_system=creation.to_system,
        account_id=creation.from_id if creation.entity == "account" and from_crm else "",
        sent_at=creation.sent_at,
        age=(visit.desk.host.now() - creation.sent_at).total_seconds(),
        evidence=creation.evidence,
    )
