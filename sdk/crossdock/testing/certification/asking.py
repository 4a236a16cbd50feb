"""A plugin asked at every point that it has, and what came of each call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from attrs import evolve, frozen

from crossdock import errors
from crossdock.errors import ConfigError, CrossdockError
from crossdock.points import POINTS
from crossdock.records import Event, User
from crossdock.testing.certification.cast import Cast, events
from crossdock.testing.dock import Dock

SUBJECTS: Final[Mapping[str, str]] = {
    "before_account_save": "account",
    "before_contact_save": "contact",
    "before_opportunity_save": "opportunity",
    "before_quote_save": "quote",
    "before_order_save": "order",
    "before_order_promote": "quote",
}
_RAISED: Final = re.compile(r"[Tt]he plugin \S+ failed: (\w+)")


@frozen(kw_only=True)
class Said:
    """What came of one call.

    Attributes:
        what: was asked, such as `before_quote_save` or `tab aging`.
        answer: as the host gave it on, without what differs each time.
        faults: sentences on what went wrong, whosesoever fault it is.
    """

    what: str
    answer: Any = None
    faults: tuple[str, ...] = ()

    @property
    def bugs(self) -> tuple[str, ...]:
        """The faults that are the plugin's own: what it raised is none of Crossdock's errors."""
        return tuple(each for each in self.faults if is_bug(each))


def is_bug(fault: str) -> bool:
    """Whether a sentence tells of an exception that no part of Crossdock raises."""
    found = _RAISED.match(fault)
    if found is None:
        return False
    known = getattr(errors, found.group(1), None)
    return not (isinstance(known, type) and issubclass(known, CrossdockError))


def differences(first: Sequence[Said], second: Sequence[Said]) -> Iterator[tuple[str, str]]:
    """Say of what was asked twice what came out otherwise, such as `tab aging`, `is missing`.

    A plugin may show another number of tabs each time, so calls are compared by their names.
    """
    before, after = ({said.what: said for said in round_} for round_ in (first, second))
    for what in [*before, *(new for new in after if new not in before)]:
        if what not in after:
            yield what, "is missing"
        elif what not in before:
            yield what, "is new"
        elif before[what] != after[what]:
            yield what, "answers otherwise"


def guards(dock: Dock, cast: Cast, by: str | User) -> Iterator[Said]:
    """Ask every guard about a record as it is, and as a new one."""
    for point in _points(dock, "guard"):
        record = cast.of(SUBJECTS[point])
        before = record if record.id and point != "before_order_promote" else None
        verdict = dock.judge(record, by=by, before=before, point=point)
        yield Said(
            what=point,
            answer=evolve(verdict, timings=(), faults=()),
            faults=tuple(each.message for each in verdict.faults),
        )


def screens(dock: Dock, cast: Cast, by: str | User) -> Iterator[Said]:
    """Open every tab, card and list."""
    host, user = dock.host, dock.user(by)
    if "account_tabs" in _points(dock, "view"):
        for tab in host.account_tabs(cast.account.id, user=user):
            yield _shown(
                f"tab {tab.tab.id}",
                tab.fault,
                partial(host.render_tab, tab.address, cast.account.id, user=user),
            )
    if "contact_tabs" in _points(dock, "view") and cast.contact.id:
        for tab in host.contact_tabs(cast.contact.id, user=user):
            yield _shown(
                f"contact's tab {tab.tab.id}",
                tab.fault,
                partial(host.render_contact_tab, tab.address, cast.contact.id, user=user),
            )
    if "dashboard_cards" in _points(dock, "view"):
        for card in host.dashboard_cards(user=user):
            yield _shown(
                f"card {card.card.id}",
                card.fault,
                partial(host.render_card, card.address, user=user),
            )
    if "account_segments" in _points(dock, "view"):
        listed = host.segments(user=user)
        for missing in listed.missing:
            yield Said(what="account_segments", faults=(missing.reason,))
        for segment in listed.segments:
            opened = host.segment_accounts(segment.address, user=user)
            faults = (opened.fault,) if opened.fault else ()
            yield Said(what=f"list {segment.segment.id}", answer=opened.account_ids, faults=faults)
    if _points(dock, "provider"):
        scored = host.score_opportunity(cast.opportunity, user=user)
        yield Said(
            what="score_opportunity",
            answer=scored.score,
            faults=tuple(each.message for each in scored.faults),
        )


def told(dock: Dock, cast: Cast) -> Iterator[Said]:
    """Tell it of every event that it wants to hear of, and run each of its jobs."""
    for what, event in events(dock, cast, happenings(dock)):
        yield tell(dock, what, event)


def tell(dock: Dock, what: str, event: Event, key: str = "certify") -> Said:
    """Tell it of one event."""
    try:
        dock.deliver(event, key=key)
    except CrossdockError as error:
        return Said(what=what, faults=(f"the plugin failed: {error}",))
    except Exception as error:  # noqa: BLE001 - the boundary to the plugin's code
        fault = f"the plugin {dock.plugin_id} failed: {type(error).__name__}: {error}"
        return Said(what=what, faults=(fault,))
    return Said(what=what)


def everything(dock: Dock, cast: Cast, by: str | User) -> list[Said]:
    """Ask all there is: guards, screens, then events and jobs."""
    return [*guards(dock, cast, by), *screens(dock, cast, by), *told(dock, cast)]


def happenings(dock: Dock) -> Sequence[str]:
    """Name the plugin's events, and jobs."""
    return [*_points(dock, "event"), *_points(dock, "job")]


def _points(dock: Dock, kind: str) -> Sequence[str]:
    return [
        name for name, point in POINTS.items() if point.kind == kind and dock.host.explain(name)
    ]


def _shown(what: str, fault: str | None, open_: Callable[[], Any]) -> Said:
    if fault is not None:
        return Said(what=what, faults=(fault,))
    try:
        shown = open_()
    except ConfigError as gone:
        return Said(what=what, faults=(f"it was offered a moment ago: {gone}",))
    return Said(what=what, answer=shown.view, faults=(shown.fault,) if shown.fault else ())
