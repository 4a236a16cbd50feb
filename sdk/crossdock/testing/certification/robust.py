"""Rules for silver: a plugin is at home in a real house."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.errors import PluginNotLoaded
from crossdock.testing.certification import asking
from crossdock.testing.certification.cast import empty, events, ordinary
from crossdock.testing.certification.reliable import AWAY, bugs, states, systems, while_away
from crossdock.testing.certification.trial import ALL, BLIND, Trial, rule, without
from crossdock.testing.rule import Finding

_REPEATS: Final = (
    "give each write a key that stays the same (ctx.idempotency_key, add_activity(key=...), "
    "OrderEvent.key), or read first whether it is there"
)


@rule("silver")
def survives_systems_that_are_slow(plugin: Trial) -> Iterator[Finding]:
    """A CRM or ERP that does not answer in time is never a bug of the plugin.

    Each system in turn takes every call and answers none until the caller gives up, before and
    after the work was done. Nobody waits for it: the clock passes instead.
    """
    from crossdock_mocks.engine import Fault

    for kind in ("timeout_before", "timeout_after_commit"):
        with plugin.dock() as dock:
            cast = ordinary(dock)
            for name, mock in systems(dock).items():
                mock.faults.add(Fault(kind))
                for said in while_away(dock, cast, mock):
                    yield from bugs(said, f"while {name} does not answer ({kind})", AWAY)
                mock.faults.clear()


@rule("silver")
def does_without_a_permission(plugin: Trial) -> Iterator[Finding]:
    """A user who lacks one of the plugin's scopes is told so, and no more goes wrong.

    What a plugin may do is cut down to what its user may. It is asked on behalf of users each of
    whom lacks one scope; `AccessDenied` may come through, a bug may not.
    """
    with plugin.dock() as dock:
        cast = ordinary(dock)
        for scope in plugin.scopes:
            user = f"{without(scope)}"
            for said in (*asking.guards(dock, cast, user), *asking.screens(dock, cast, user)):
                yield from bugs(
                    said,
                    f"for a user without {scope}",
                    "let AccessDenied through, or catch it and show what can be shown",
                )


@rule("silver")
def does_without_sensitive_fields(plugin: Trial) -> Iterator[Finding]:
    """For a user who may see no costs, credit or personal data, it answers all the same.

    Every sensitive field arrives as `None` then, whether or not it has a value; `ctx.hidden` names
    what is hidden.
    """
    with plugin.dock() as dock:
        cast = ordinary(dock)
        for said in (*asking.guards(dock, cast, BLIND), *asking.screens(dock, cast, BLIND)):
            yield from bugs(
                said,
                "for a user who may see no sensitive field",
                "look whether the field is None before it is used, or ask ctx.hidden",
            )


@rule("silver")
def copes_with_nothing(plugin: Trial) -> Iterator[Finding]:
    """An account that no ERP knows, and records with nothing in them, are no trouble.

    A prospect without a customer, a quote without lines, a contact without an address, a deal worth
    nothing.
    """
    with plugin.dock() as dock:
        for said in asking.everything(dock, empty(dock), ALL):
            yield from bugs(
                said,
                "with an empty record of an account that no ERP knows",
                "expect empty sequences and None, and say that there is nothing",
            )


@rule("silver")
def answers_the_same_twice(plugin: Trial) -> Iterator[Finding]:
    """Asked the same again, guards, views and scores answer the same.

    The host may ask again at any time; where the answer differs, users see a save refused that was
    allowed a moment before.
    """
    plugin.needs("guard", "view", "provider")
    with plugin.dock() as dock:
        cast = ordinary(dock)
        rounds = [
            [*asking.guards(dock, cast, ALL), *asking.screens(dock, cast, ALL)] for _ in range(2)
        ]
        for what, otherwise in asking.differences(*rounds):
            yield Finding(
                what=f"{what} {otherwise} when it is asked again",
                do="keep nothing between calls, take the time from ctx.now, and sort what comes "
                "without an order",
            )


@rule("silver")
def hears_things_twice(plugin: Trial) -> Iterator[Finding]:
    """An event that is delivered twice leaves what one delivery leaves.

    A worker may die between the last write and the note that it was done; then the event comes
    again, under the same idempotency key, and none of its steps is known.
    """
    plugin.needs("event", "job")
    with plugin.dock() as dock:
        for what, event in events(dock, ordinary(dock), asking.happenings(dock)):
            asking.tell(dock, what, event, key=f"certify-{what}")
            once = states(dock)
            said = asking.tell(dock, what, event, key=f"certify-{what}")
            yield from bugs(said, "delivered a second time", _REPEATS)
            changed = [name for name, digest in states(dock).items() if once.get(name) != digest]
            if changed:
                yield Finding(
                    what=f"{what}, delivered a second time, changed {', '.join(changed[:3])}",
                    do=_REPEATS,
                )


@rule("silver")
def is_exchanged_while_it_works(plugin: Trial) -> Iterator[Finding]:
    """A call that is under way when the plugin is taken out finishes, and the next finds it gone.

    The plugin is disabled in the midst of its first call of a port, and enabled again: what began
    on the old code ends on it.
    """
    from crossdock_mocks.engine import Fault

    with plugin.dock() as dock:
        cast = ordinary(dock)
        usual = [said.what for said in asking.guards(dock, cast, ALL) if not said.bugs]
        taken_out: list[str] = []

        def take_out() -> None:
            if not taken_out:
                taken_out.append(dock.plugin_id)
                dock.host.disable(dock.plugin_id)

        for mock in systems(dock).values():
            mock.while_waiting = take_out
            mock.faults.add(Fault("latency_before", seconds=0.001))
        for said in (*asking.guards(dock, cast, ALL), *asking.screens(dock, cast, ALL)):
            if said.what in usual or said.what not in plugin.manifest.points:
                yield from bugs(
                    said,
                    "taken out while it was asked",
                    "import what is needed at the top of a module, not in the midst of a call",
                )
        if taken_out:
            try:
                dock.host.enable(dock.plugin_id)
            except PluginNotLoaded as wrong:
                yield Finding(
                    what=f"it was taken out, and cannot be put in again: {wrong}",
                    do="leave nothing behind at import that a second import trips over",
                )
                return
        if any(not dock.host.explain(point) for point in plugin.manifest.points):
            yield Finding(
                what="it is not asked any more after it was taken out and put in again",
                do="implement the same points each time that the code is imported",
            )


@rule("silver")
def is_the_same_in_a_process(plugin: Trial) -> Iterator[Finding]:
    """In a process of its own it answers what it answers in the host's.

    That is where a host runs plugins that it does not know: without network, forks or more memory
    than it is given, and everything that it answers is copied.
    """
    answers = []
    for inline in (True, False):
        with plugin.dock(inline=inline) as dock:
            cast = ordinary(dock)
            answers.append([*asking.guards(dock, cast, ALL), *asking.screens(dock, cast, ALL)])
            heard = list(asking.told(dock, cast)) if not inline else []
    faults = {said.what: said.faults for said in answers[1]}
    for what, otherwise in asking.differences(*answers):
        yield Finding(
            what=f"{what} {otherwise} in a process of its own"
            + "".join(f": {fault}" for fault in faults.get(what, ())),
            do="answer records, plain data and views; keep nothing in globals that a process of "
            "its own would lack",
        )
    for said in heard:
        yield from bugs(said, "in a process of its own", "see docs/isolation.md for what differs")
