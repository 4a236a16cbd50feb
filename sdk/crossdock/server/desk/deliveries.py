"""Deliveries as people see them: what waits, what is stuck and why, and trying again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import frozen
from starlette.responses import Response

from crossdock.host.deliveries import Delivery
from crossdock.host.deliveries.delivery import DeliveryState
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
    "dead": ("Needs somebody", "bad"),
    "given_up": ("Given up", "neutral"),
}
_UNFINISHED: Final[tuple[DeliveryState, ...]] = ("queued", "running", "waiting", "behind")
_VIEWS: Final[dict[str, tuple[str, tuple[DeliveryState, ...]]]] = {
    "exceptions": ("Exceptions", ("dead",)),
    "waiting": ("Waiting", _UNFINISHED),
    "all": ("All", ()),
}
_EVENTS: Final = {
    "order_promoted": "Order {} promoted",
    "quote_saved": "Quote {} saved",
    "document_changed": "{} changed in the ERP",
    "record_changed": "{} changed",
}
_LINKS: Final = {"order_promoted": "/orders/{}", "quote_saved": "/quotes/{}"}


@frozen(kw_only=True)
class Entry:
    """One delivery in words.

    Attributes:
        since: when it came, or when it was over.
        age: the same in seconds from now.
        stuck: whether it needs a person.
        over: whether nothing more will happen to it by itself.
    """

    id: str
    title: str
    link: str
    plugin_id: str
    state: str
    tone: str
    cause: str
    attempts: int
    since: datetime
    age: float
    stuck: bool
    over: bool


def entry(delivery: Delivery, now: datetime) -> Entry:
    """Put a delivery into words."""
    state, tone = _WORDS[delivery.state]
    over = delivery.state == "done"
    since = (delivery.finished_at if over else None) or delivery.created_at
    link = _LINKS.get(delivery.event_type, "")
    return Entry(
        id=delivery.id,
        title=_EVENTS.get(delivery.event_type, "{}").format(delivery.subject),
        link=link.format(delivery.subject),
        plugin_id=delivery.plugin_id,
        state=state,
        tone=tone,
        cause="" if over else _sentence(delivery.cause),
        attempts=delivery.attempts,
        since=since,
        age=(now - since).total_seconds(),
        stuck=delivery.state == "dead",
        over=over,
    )


def listing(visit: Visit) -> Response:
    """List deliveries: the exceptions queue, what waits, or all."""
    host = visit.desk.host
    show = visit.query("show", "exceptions")
    if show not in _VIEWS:
        show = "exceptions"
    states = _VIEWS[show][1]
    counts = host.deliveries.counts()
    waiting = sum(counts.get(state, 0) for state in _UNFINISHED)
    paused = visit.query("pause") == "1"
    now = host.now()
    return visit.show(
        "deliveries.html",
        show=show,
        views=(
            ("exceptions", "Exceptions", counts.get("dead", 0)),
            ("waiting", "Waiting", waiting),
            ("all", "All", None),
        ),
        deliveries=[entry(each, now) for each in host.deliveries.list(states=states, limit=_MOST)],
        refresh=visit.desk.settings.refresh_seconds if waiting and not paused else 0,
        paused=paused,
        word=visit.word,
    )


def retry(visit: Visit) -> Response:
    """Try a delivery again that needed somebody."""
    delivery = visit.desk.host.deliveries.retry(
        visit.path("delivery"), actor=f"user:{visit.who.id}"
    )
    back = session.local_path(visit.sent("back") or "/deliveries")
    return visit.go(back, word=Said(done=True, text=f"{delivery.id} is tried again now."))


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
    return [entry(each, now) for each in sorted(found, key=lambda each: -each.number)]


def _sentence(cause: str) -> str:
    text = cause.strip()
    if not text:
        return ""
    return text[:1].upper() + text[1:] + ("" if text[-1] in ".!?)" else ".")
