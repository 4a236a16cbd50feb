"""Rules for bronze: a plugin does what it says, and harms nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from crossdock.testing.builders import a_user
from crossdock.testing.certification import asking
from crossdock.testing.certification.asking import Said
from crossdock.testing.certification.cast import Cast, ordinary
from crossdock.testing.certification.trial import ALL, Trial, rule
from crossdock.testing.dock import Dock
from crossdock.testing.mock import Mock
from crossdock.testing.rule import Finding

_MEND: Final = "run it in a test (docs/testing.md), where plugins run inline and a debugger reaches"
AWAY: Final = (
    "let the errors of crossdock.errors through, or catch those that the plugin has an answer to; "
    "what a port gives is complete or an error, never half"
)


@rule("bronze")
def answers_ordinary_questions(plugin: Trial) -> Iterator[Finding]:
    """Asked what it is for, it answers, at every point that it has.

    Guards are asked about an account, contact, deal, quote and order as the reference systems have
    them, every tab, card and list is opened, and it is told of every event that it wants to hear
    of, on behalf of somebody who may do and see everything.
    """
    with plugin.dock() as dock:
        for said in asking.everything(dock, ordinary(dock), ALL):
            yield from bugs(said, "an ordinary record", _MEND)


@rule("bronze")
def leaves_everything_as_it_is(plugin: Trial) -> Iterator[Finding]:
    """Guards, views and scores leave CRM and ERP as they were.

    What is compared is all that the mock systems hold, so a write behind the ports' backs counts,
    too.
    """
    plugin.needs("guard", "view", "provider")
    with plugin.dock() as dock:
        cast = ordinary(dock)
        before = states(dock)
        for _ in asking.guards(dock, cast, ALL):
            if changed := _changed(before, states(dock)):
                yield _wrote("a guard", changed)
                return
        for said in asking.screens(dock, cast, ALL):
            if changed := _changed(before, states(dock)):
                yield _wrote(said.what, changed)
                return


@rule("bronze")
def survives_systems_that_fail(plugin: Trial) -> Iterator[Finding]:
    """A CRM or ERP that fails is never a bug of the plugin.

    Each system in turn answers nothing but errors, cuts the line, or answers text that is no JSON.
    The host keeps a draft, tries an event again and shows a card that says so, as long as it sees
    what happened; a plugin that falls over it with a `TypeError` hides that.
    """
    from crossdock_mocks.engine import Fault

    for kind in ("status", "drop_before", "malformed_json"):
        with plugin.dock() as dock:
            cast = ordinary(dock)
            for name, mock in systems(dock).items():
                mock.faults.add(Fault(kind))
                for said in while_away(dock, cast, mock):
                    yield from bugs(said, f"while {name} fails ({kind})", AWAY)
                mock.faults.clear()


def while_away(dock: Dock, cast: Cast, away: Mock) -> Iterator[Said]:
    """Ask a plugin while a system is away, as far as the host itself can do without it."""
    visitor = a_user("visitor", ALL)  # nobody whom the host would look up
    yield from asking.guards(dock, cast, visitor)
    if away is not dock.crm:  # the host reads the account itself, and it makes the order
        yield from asking.screens(dock, cast, visitor)
        yield from asking.told(dock, cast)


def systems(dock: Dock) -> Mapping[str, Mock]:
    """Give the mocks of a dock by what people call them."""
    return {"the CRM": dock.crm, **{f"the ERP {name}": each for name, each in dock.erps.items()}}


def states(dock: Dock) -> Mapping[str, str]:
    """Give a digest of each table of each system; what signing in leaves behind is left out."""
    return {
        f"{name}: {table}": digest
        for name, mock in systems(dock).items()
        for table, digest in mock.state().items()
        if "token" not in table and "session" not in table
    }


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[str]:
    return [name for name, digest in after.items() if before.get(name) != digest]


def _wrote(what: str, changed: Sequence[str]) -> Finding:
    return Finding(
        what=f"{what} changed {', '.join(changed[:3])}",
        do="write in an event or a job, which come after the save and only once; a guard changes "
        "what is saved by answering Amend",
    )


def bugs(said: Said, when: str, do: str) -> Iterator[Finding]:
    """Give a finding for each bug that came to light."""
    for bug in said.bugs:
        yield Finding(what=f"{said.what}, {when}: {bug}", do=do)
