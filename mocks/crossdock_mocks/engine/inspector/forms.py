"""What the inspector's forms do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from crossdock_mocks.engine.clock import Clock
from crossdock_mocks.engine.faults import FaultPlan, PlanError
from crossdock_mocks.engine.world import World

if TYPE_CHECKING:
    from crossdock_mocks.engine.app import App

_TEXTS: Final = ("kind", "operation")
_WHOLE: Final = ("nth", "every", "times", "status", "retry_after", "limit")
_STEPS: Final = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
}


class Wrong(Exception):  # noqa: N818 - what somebody is told
    """A form cannot be carried out; the message says why."""


def add_fault(app: App, world: World, form: Mapping[str, str]) -> None:
    """Add a rule.

    Raises:
        Wrong: It is no rule.
    """
    rule: dict[str, Any] = {name: form[name] for name in _TEXTS if name in form}
    for name in (*_WHOLE, "seconds"):
        if name in form:
            try:
                rule[name] = int(form[name]) if name in _WHOLE else float(form[name])
            except ValueError:
                raise Wrong(f"{name.replace('_', ' ')} is a number, not {form[name]}.") from None
    try:
        plan = FaultPlan.of([rule])
        plan.check(app.operations)
    except PlanError as error:
        raise Wrong("; ".join(error.problems)) from error
    plan.arm(world)


def remove_faults(world: World, position: str | None) -> None:
    """Remove one rule by its position, or all of them."""
    if position is None:
        world.faults.clear()
    elif position.isdecimal():
        world.faults.remove(int(position))


def set_clock(clock: Clock, form: Mapping[str, str]) -> None:
    """Set, advance, freeze or start a clock.

    Raises:
        Wrong: The instant cannot be read, or lies beyond the calendar.
    """
    wanted = form.get("do")
    try:
        if wanted == "freeze":
            clock.freeze()
        elif wanted == "tick":
            clock.tick()
        elif wanted in _STEPS:
            clock.advance(_STEPS[wanted])
        else:
            at = datetime.fromisoformat(form.get("now", ""))
            clock.set(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise Wrong(f"The clock cannot be set so: {error}.") from error
