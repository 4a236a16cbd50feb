"""Calls of plugins as they are watched: timed, as spans where somebody traces, and named in logs.

A plan is watched as a whole, so that no room that calls plugins has to think of it. Guards are the
exception: they are many and quick, time themselves, and are watched by `traced` only while somebody
traces.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
from attrs import evolve, frozen

from crossdock import tracing
from crossdock.decisions import Amend, Inform, RequireApproval, Veto, Warn
from crossdock.errors import RemoteError
from crossdock.host.loading.plan import Implementation, Plan
from crossdock.host.watching.telemetry import Outcome, Telemetry
from crossdock.views import Tab

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

    from crossdock.host.asking.verdict import Verdict
    from crossdock.host.settings.config import Deadlines

_T = TypeVar("_T")
_VIEWS: Final = frozenset(
    {"account_tabs", "contact_tabs", "dashboard_cards", "account_segments", "score_opportunity"}
)
_GUARD: Final = "before_"

whose: Final[ContextVar[tuple[str, str, str] | None]] = ContextVar("crossdock_whose", default=None)
"""Plugin, point and user id of the call that is under way, for log records. The plugin is empty
where it is a guard, as `guards.asking` names that."""


@frozen
class DeliveryUnderWay:
    """The delivery that a worker is doing in this thread.

    Attributes:
        name: such as `D-17`.
        trace: what `tracing.carried` gave to whoever published the event.
    """

    name: str
    event_id: str
    attempts: int
    trace: str


under_way: Final[ContextVar[DeliveryUnderWay | None]] = ContextVar(
    "crossdock_delivery_under_way", default=None
)


def allowed_seconds(point: str, deadlines: Deadlines) -> float:
    """Give how long one call at a point may take."""
    if point.startswith(_GUARD):
        return deadlines.guard
    return deadlines.view if point in _VIEWS else deadlines.event


def watched(plan: Plan, telemetry: Telemetry, deadlines: Deadlines) -> Plan:
    """Give a plan whose calls are timed, traced and named; guards are left as they are."""
    return evolve(
        plan,
        points={
            point: implementations
            if point.startswith(_GUARD)
            else tuple(
                evolve(
                    each,
                    function=_watched(each, point, telemetry, deadlines),
                )
                for each in implementations
            )
            for point, implementations in plan.points.items()
        },
    )


def traced(plan: Plan, point: str, on: Tracer) -> Plan:
    """Give the plan of one point with a span around each call, while somebody traces."""
    return Plan(
        {point: tuple(evolve(each, function=_traced(each, point, on)) for each in plan.of(point))}
    )


def _traced(implementation: Implementation, point: str, on: Tracer) -> Callable[..., Any]:
    function, plugin = implementation.function, implementation.plugin

    def call(*args: Any) -> Any:
        with tracing.span(on, f"{point} {plugin.id}", attributes=_about(plugin, point)) as span:
            answer = function(*args)
            _note_answer(span, answer)
            return answer

    return call


def _watched(
    implementation: Implementation, point: str, telemetry: Telemetry, deadlines: Deadlines
) -> Callable[..., Any]:
    allowed = allowed_seconds(point, deadlines)
    function, plugin = implementation.function, implementation.plugin
    names = implementation.argument_names
    place = names.index("ctx") if "ctx" in names else None

    def call(*args: Any) -> Any:
        user = getattr(args[place], "user", None) if place is not None else None
        with watching(telemetry, plugin, point, user=user, allowed=allowed):
            answer = function(*args)
        if isinstance(answer, list | tuple):
            # Consumed here anyway; what each item does later is watched as well.
            return [_item(each, plugin, telemetry, allowed) for each in answer]
        return answer

    return call


def _item(item: Any, plugin: Any, telemetry: Telemetry, allowed: float) -> Any:
    """Watch what a tab renders, later and perhaps never."""
    if not isinstance(item, Tab):
        return item
    render = item.render

    def call(ctx: Any, record: Any, params: Any) -> Any:
        point = f"tab {plugin.id}/{item.id}"
        user = getattr(ctx, "user", None)
        with watching(telemetry, plugin, point, user=user, allowed=allowed):
            return render(ctx, record, params)

    return attrs.evolve(item, render=call)


@contextmanager
def watching(
    telemetry: Telemetry, plugin: Any, point: str, *, user: Any, allowed: float
) -> Iterator[None]:
    """Time what is done inside, make it a span where somebody traces, and name it in logs.

    Args:
        telemetry: takes the time.
        plugin: whose code it is.
        point: the extension point, or `tab <plugin>/<tab>`.
        user: on whose behalf, or `None`.
        allowed: seconds that it may take.
    """
    naming = whose.set((plugin.id, point, user.id if user is not None else ""))
    on = tracing.tracer()
    outcome: Outcome = "ok"
    began = time.perf_counter()
    try:
        if on is None:
            yield
        else:
            with tracing.span(on, f"{point} {plugin.id}", attributes=_about(plugin, point, user)):
                yield
    except RemoteError:
        outcome = "away"
        raise
    except BaseException:
        outcome = "fault"
        raise
    finally:
        telemetry.observe(point, plugin.id, time.perf_counter() - began, outcome, allowed=allowed)
        whose.reset(naming)


@contextmanager
def guarding(on: Tracer, point: str, user_id: str) -> Iterator[Callable[[Verdict], None]]:
    """Make a span around all guards of a point; gives what takes their verdict."""
    about = {"crossdock.point": point, "user.id": user_id or None}
    with tracing.span(on, f"guard {point}", attributes=about) as span:

        def judged(verdict: Verdict) -> None:
            span.set_attribute("crossdock.allowed", verdict.allowed)
            for name in ("vetoes", "approvals", "warnings", "notes", "amendments", "faults"):
                span.set_attribute(f"crossdock.{name}", len(getattr(verdict, name)))

        yield judged


@contextmanager
def delivering(work: DeliveryUnderWay, point: str, plugin_id: str) -> Iterator[None]:
    """Do a delivery: named in logs, and a span that goes on from whoever published the event."""
    naming = under_way.set(work)
    on = tracing.tracer()
    try:
        if on is None:
            yield
            return
        parent = tracing.continued({"traceparent": work.trace}) if work.trace else None
        about = {
            "messaging.system": "crossdock",
            "messaging.operation.type": "process",
            "messaging.destination.name": point,
            "messaging.message.id": work.event_id,
            "messaging.consumer.group.name": plugin_id,
            "crossdock.delivery": work.name,
            "crossdock.attempts": work.attempts,
        }
        with tracing.span(on, f"process {point}", kind="consumer", attributes=about, parent=parent):
            yield
    finally:
        under_way.reset(naming)


@contextmanager
def publishing(point: str, event_id: str) -> Iterator[None]:
    """Publish an event inside a span, which its deliveries go on from."""
    on = tracing.tracer()
    if on is None:
        yield
        return
    about = {
        "messaging.system": "crossdock",
        "messaging.operation.type": "send",
        "messaging.destination.name": point,
        "messaging.message.id": event_id,
    }
    with tracing.span(on, f"send {point}", kind="producer", attributes=about):
        yield


def _about(plugin: Any, point: str, user: Any = None) -> dict[str, Any]:
    return {
        "crossdock.plugin.id": plugin.id,
        "crossdock.plugin.version": plugin.manifest.version,
        "crossdock.point": point,
        "user.id": user.id if user is not None else None,
    }


def _note_answer(span: Span, answer: Any) -> None:
    """Say in a span what a guard decided; never its words, which may speak of a customer."""
    words = {
        Veto: "veto",
        RequireApproval: "approval",
        Warn: "warning",
        Inform: "note",
        Amend: "amendment",
    }
    decisions = answer if isinstance(answer, list | tuple) else (answer,)
    said = sorted({words[type(each)] for each in decisions if type(each) in words})
    span.set_attribute("crossdock.decision", said or ["proceed"])
