"""Rules for gold: a plugin stands whatever comes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from crossdock.demo.crms import CRMS
from crossdock.demo.erps import ERPS
from crossdock.errors import CrossdockError
from crossdock.records import DocumentChanged, RecordChanged
from crossdock.testing.certification import asking
from crossdock.testing.certification.cast import events, huge, ordinary, shipped_order
from crossdock.testing.certification.reliable import bugs, states, systems
from crossdock.testing.certification.trial import ALL, Trial, rule
from crossdock.testing.deliveries import Crash
from crossdock.testing.dock import Dock
from crossdock.testing.rule import Finding, NotAsked, Skipped
from crossdock_mocks import installed

_LINES: Final = 300
_MORE_CALLS: Final = 4
#: What differs by the order in which rows are made, and says nothing of what they are about.
_OF_ORDER: Final = re.compile(r"^(id|version|sequence|cursor|.*_at|at|number)$")


@rule("gold")
def bears_size(plugin: Trial) -> Iterator[Finding]:
    """A quote of 300 lines costs hardly more calls than one of two, and is judged in time.

    A call for each line is what makes an integration slow: 300 lines at 50 ms are a quarter of a
    minute, and a day's quota of the vendor. The ports give whole lists and whole prices in one
    call.
    """
    with plugin.dock() as dock:
        asked = []
        for cast in (ordinary(dock), huge(dock, _LINES)):
            dock.forget_calls()
            for said in (*asking.guards(dock, cast, ALL), *asking.screens(dock, cast, ALL)):
                yield from bugs(said, f"with {_LINES} lines", "bound what is done for each line")
            asked.append(sum(len(mock.calls()) for mock in systems(dock).values()))
        few, many = asked
        if many > few + _MORE_CALLS:
            yield Finding(
                what=f"{_LINES} lines make {many} calls where two make {few}",
                do="ask once for the whole record (ctx.erp.price takes all lines), or for a list",
            )


@rule("gold")
def is_gone_on_with_after_a_crash(plugin: Trial) -> Iterator[Finding]:
    """A worker that dies after any step leaves, once another goes on, what no crash leaves.

    Each event is delivered with a worker that dies right after its first recorded step, then its
    second, and so on.
    """
    plugin.needs("event", "job")
    undisturbed, steps = _left(plugin)
    if not steps:
        raise NotAsked("no event that it was told of made it record a step")
    for step in steps:
        left, _ = _left(plugin, crash_after=step)
        changed = [name for name in undisturbed if left.get(name) != undisturbed[name]]
        if changed:
            yield Finding(
                what=f"after a crash behind the step {step!r}, {', '.join(changed[:3])} differ",
                do="do in a step what must not be done twice, name steps the same each time, and "
                "let what follows depend on their results alone",
            )


@rule("gold")
def hears_things_out_of_order(plugin: Trial) -> Iterator[Finding]:
    """Told of older news after newer ones, it leaves what the right order leaves.

    Feeds overlap, and webhooks overtake each other. An event tells that something changed; how it
    is now stands in the system, or in the document that came with it. A plugin that places orders
    is told of one of its own as it was before it was shipped, after it was told of the shipment.
    """
    plugin.needs("event")
    left = []
    for backwards in (False, True):
        with plugin.dock() as dock:
            cast = ordinary(dock)
            news = [
                event
                for _, event in events(dock, cast, asking.happenings(dock))
                if isinstance(event, DocumentChanged | RecordChanged)
            ]
            news += shipped_order(dock, cast, plugin.manifest.points)
            if len(news) < 2:
                raise NotAsked("it hears of no changes")
            for number, event in enumerate(reversed(news) if backwards else news):
                said = asking.tell(dock, "news", event, key=f"certify-{number}")
                yield from bugs(said, "out of order", "expect news in any order")
            left.append(_essence(dock))
    changed = [name for name, rows in left[0].items() if left[1].get(name) != rows]
    if changed:
        yield Finding(
            what=f"older news after newer ones leave another {', '.join(changed[:3])}",
            do="compare with what is there (a version, an instant, quantities), or read anew",
        )


@rule("gold")
def speaks_with_other_systems(plugin: Trial) -> Iterator[Finding]:
    """With every other CRM and ERP that has a mock, it does what that system allows.

    What a system lacks is told by its port (`NotSupported`, `erp.capabilities`); a plugin says so,
    or does without.
    """
    known = set(installed.names())
    others = [("erp", name) for name in ERPS if name in known - {"erp"}]
    others += [("crm", name) for name in CRMS if name in known - {"crm"}]
    if not others:
        raise Skipped("no other system has a mock here")
    for side, name in others:
        with plugin.dock(**{side: name}) as dock:
            try:
                cast = ordinary(dock)
            except CrossdockError as lacking:
                raise Skipped(f"{name} could not be asked: {lacking}") from lacking
            for said in (*asking.guards(dock, cast, ALL), *asking.screens(dock, cast, ALL)):
                yield from bugs(
                    said,
                    f"with {name}",
                    "catch NotSupported, or ask ctx.erp.using(system).capabilities before",
                )


def _left(plugin: Trial, *, crash_after: str = "") -> tuple[Mapping[str, str], list[str]]:
    """Deliver every event, with a crash after a step; give what is left, and the steps' names."""
    recorded: dict[str, None] = {}
    ahead = [crash_after] if crash_after else []
    with plugin.dock() as dock:
        for what, event in events(dock, ordinary(dock), asking.happenings(dock)):
            done: dict[str, Any] = {}

            def do(name: str, fn: Any, *args: Any, done: dict[str, Any] = done) -> Any:
                if name not in done:
                    done[name] = fn(*args)
                    recorded[name] = None
                    if name in ahead:
                        ahead.remove(name)
                        raise Crash(name)
                return done[name]

            # What it raises is judged by other rules; here only what is left counts.
            deliver = partial(
                dock.host.deliver, dock.plugin_id, event, step=do, idempotency_key=what
            )
            try:
                with suppress(Exception):
                    deliver()
            except Crash:
                with suppress(Exception):
                    deliver()
        return states(dock), list(recorded)


def _essence(dock: Dock) -> Mapping[str, list[str]]:
    """Give what rows say, without what differs by the order in which they were made."""
    return {
        f"{name}: {table}": sorted(
            json.dumps(_bare(row), sort_keys=True, default=str) for row in mock.rows(table)
        )
        for name, mock in systems(dock).items()
        for table in mock.world.tables
        if not re.search("token|session|change|version", table)
    }


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items() if not _OF_ORDER.match(key)}
    return [_bare(each) for each in value] if isinstance(value, list) else value
