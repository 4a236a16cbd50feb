"""Deliveries as people see them: what waits, what is stuck and why, and who has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen
from starlette.responses import Response

from crossdock.host.deliveries import Delivery
from crossdock.host.deliveries.delivery import DeliveryState
from crossdock.host.deliveries.explanations import KINDS
from crossdock.server.desk import session
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_MOST: Final = 100
_WORDS: Final[dict[DeliveryState, tuple[str, str]]] = {
    "queued": ("Waiting for a worker", "info"),
    "running": ("Under way", "info"),
    "waiting": ("Tried again soon", "warning"),
    "behind": ("Waiting for an earlier one", "warning"),
    "done": ("Done", "good"),
    "rehearsed": ("Rehearsed, not done", "neutral"),
    "dead": ("Needs somebody", "bad"),
    "given_up": ("Given up", "neutral"),
}
_UNFINISHED: Final[tuple[DeliveryState, ...]] = ("queued", "running", "waiting", "behind")
_VIEWS: Final[dict[str, tuple[str, tuple[DeliveryState, ...]]]] = {
    "exceptions": ("Exceptions", ("dead",)),
    "waiting": ("Waiting", _UNFINISHED),
    "given_up": ("Given up", ("given_up",)),
    "rehearsed": ("Rehearsed", ("rehearsed",)),
    "all": ("All", ()),
}
_AGES: Final = {"": "Any", "1": "Over an hour", "24": "Over a day", "168": "Over a week"}
_EVENTS: Final = {
    "order_promoted": "Order {} promoted",
    "quote_saved": "Quote {} saved",
    "quote_written": "Quote {} to be checked",
    "document_changed": "{} changed in the ERP",
    "record_changed": "{} changed",
    "scheduled_jobs": "Job {} due",
}
_WHO: Final = {"nobody": ""}
_LINKS: Final = {
    "order_promoted": "/orders/{}",
    "quote_saved": "/quotes/{}",
    "quote_written": "/quotes/{}",
}


@frozen(kw_only=True)
class Entry:
    """One delivery in words.

    Attributes:
        since: when it came, or when it was over.
        age: the same in seconds from now.
        kind: what sort of failure it is, in words; empty where it did not fail.
        assignee: who is to look after it, as `user:U-kim`; empty for nobody.
        stuck: whether it needs a person.
        created: whether the other system may have done it.
        over: whether nothing more will happen to it by itself.
    """

    id: str
    title: str
    link: str
    plugin_id: str
    state: str
    tone: str
    kind: str
    system: str
    assignee: str
    cause: str
    attempts: int
    since: datetime
    age: float
    stuck: bool
    created: bool
    over: bool


def entry(delivery: Delivery, now: datetime) -> Entry:
    """Put a delivery into words."""
    state, tone = _WORDS[delivery.state]
    over = delivery.state in ("done", "rehearsed", "given_up")
    since = (delivery.finished_at if over else None) or delivery.created_at
    link = _LINKS.get(delivery.event_type, "")
    return Entry(
        id=delivery.id,
        title=_EVENTS.get(delivery.event_type, "{}").format(delivery.subject),
        link=link.format(delivery.subject),
        plugin_id=delivery.plugin_id,
        state=state,
        tone=tone,
        kind=KINDS[delivery.failure][0] if delivery.failure else "",
        system=delivery.system,
        assignee=delivery.assignee,
        cause="" if delivery.state in ("done", "rehearsed") else sentence(delivery.cause),
        attempts=delivery.attempts,
        since=since,
        age=(now - since).total_seconds(),
        stuck=delivery.state == "dead",
        created=delivery.failure == "possibly_created",
        over=over,
    )


def listing(visit: Visit) -> Response:
    """List deliveries: the exceptions queue, what waits, or all."""
    host = visit.desk.host
    show = visit.query("show", "exceptions")
    if show not in _VIEWS:
        show = "exceptions"
    states = _VIEWS[show][1]
    chosen = {name: visit.query(name) for name in ("kind", "system", "who", "age")}
    age = chosen["age"] if chosen["age"] in _AGES else ""
    counts = host.deliveries.counts()
    rehearsed = counts.get("rehearsed", 0)
    waiting = sum(counts.get(state, 0) for state in _UNFINISHED)
    paused = visit.query("pause") == "1"
    now = host.now()
    return visit.show(
        "deliveries.html",
        show=show,
        views=(
            ("exceptions", "Exceptions", counts.get("dead", 0)),
            ("waiting", "Waiting", waiting),
            ("given_up", "Given up", counts.get("given_up", 0)),
            *([("rehearsed", "Rehearsed", rehearsed)] if rehearsed or show == "rehearsed" else []),
            ("all", "All", None),
        ),
        deliveries=[
            entry(host.as_seen_by(visit.who, each), now)
            for each in host.deliveries.list(
                states=states,
                failures=tuple(kind for kind in KINDS if kind == chosen["kind"]),
                system=chosen["system"] or None,
                assignee=_WHO.get(chosen["who"], chosen["who"] or None),
                published_before=now - timedelta(hours=int(age)) if age else None,
                limit=_MOST,
            )
        ],
        may_not=sentence(visit.may_not_repair),
        away=host.deliveries.circuits.list(),
        backlog=host.deliveries.backlog(),
        chosen=chosen,
        filtered=any(chosen.values()),
        kinds={kind: words[0] for kind, words in KINDS.items()},
        systems=("crm", *host.erp.systems),
        people=assignees(visit),
        ages=_AGES,
        refresh=visit.desk.settings.refresh_seconds if waiting and not paused else 0,
        paused=paused,
        word=visit.word,
    )


def retry(visit: Visit) -> Response:
    """Try a delivery again that needed somebody."""
    delivery = visit.desk.host.exceptions.retry(visit.path("delivery"), visit.actor)
    back = session.local_path(visit.sent("back") or "/deliveries")
    return visit.go(back, word=Said(done=True, text=f"{delivery.id} is tried again now."))


def try_now(visit: Visit) -> Response:
    """Let a system that is away be tried at once."""
    system = visit.desk.host.exceptions.try_now(visit.path("system"), visit.actor).system
    word = Said(done=True, text=f"{system} is tried now. If it answers, all that waits goes on.")
    return visit.go("/deliveries?show=waiting", word=word)


def assignees(visit: Visit) -> dict[str, str]:
    """Name everybody who may be given a delivery: the roles, then the people."""
    active = [user for user in visit.users.values() if user.active]
    roles = sorted({role for user in active for role in user.roles})
    named = {f"role:{role}": f"Everybody in {role}" for role in roles}
    people = sorted(active, key=lambda user: user.name)
    return named | {f"user:{user.id}": user.name for user in people}


def of_subjects(visit: Visit, subjects: Sequence[str]) -> list[Entry]:
    """Give the deliveries about some records, newest first."""
    host = visit.desk.host
    now = host.now()
    found = [
        each
        for subject in subjects
        if subject
        for each in host.deliveries.list(subject=subject, limit=_MOST)
    ]
    seen = host.as_seen_by(visit.who, tuple(sorted(found, key=lambda each: -each.number)))
    return [entry(each, now) for each in seen]


def sentence(cause: str) -> str:
    """Make a sentence of a cause."""
    text = cause.strip()
    if not text:
        return ""
    return text[:1].upper() + text[1:] + ("" if text[-1] in ".!?)" else ".")
