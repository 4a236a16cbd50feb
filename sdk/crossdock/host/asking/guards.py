"""Ask the guards of a point, one after the other.

Amendments chain: the next guard sees the amended record. A veto hides nobody else's reasons, and a
guard that fails is a fault of its plugin, never an answer.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final

from crossdock.connectors.calling import at_depth, depth
from crossdock.decisions import Amend, Inform, Proceed, RequireApproval, Veto, Warn
from crossdock.errors import AccessDenied, RemoteUnavailable
from crossdock.host.asking.context import CallContext, Contexts, amended_by, given_to
from crossdock.host.asking.differences import differences
from crossdock.host.asking.verdict import Amendment, Fault, Finding, Verdict
from crossdock.host.gateway import Arguments
from crossdock.host.loading.plan import Implementation, Plan
from crossdock.host.watching.faults import told
from crossdock.points import POINTS

DEPTH_LIMIT: Final = 8
"""How many guards may stand inside each other; Dynamics 365 stops its plug-ins at 8 as well."""

_clock = time.monotonic
asking: Final[ContextVar[str]] = ContextVar("crossdock_guard_asking", default="")
"""The plugin whose guard is being asked in this thread or task."""

# Plugins that were found to save in circles, for the outer calls that led there.
_circles: ContextVar[list[str] | None] = ContextVar("crossdock_guard_circles", default=None)


def ask_guards(
    plan: Plan,
    point: str,
    subject: str,
    arguments: Mapping[str, Any],
    contexts: Contexts,
    policy: Mapping[str, str],
    ends: float = float("inf"),
) -> Verdict:
    """Call the guards of a point and gather what they say.

    Args:
        plan: who is called, and in which order.
        point: the extension point.
        subject: the name of the argument that guards judge and may amend.
        arguments: every argument of the point but `ctx`, by name.
        contexts: makes the context of each plugin.
        policy: `open` or `closed` by point, where it differs from the point's default.
        ends: when the time of all of them together is up, on the scale of `time.monotonic`.
    """
    hearing = _Hearing(point, subject, arguments, policy)
    implementations = plan.of(point)
    level = depth() + 1
    outer = _circles.get()
    circles: list[str] = [] if outer is None else outer
    if implementations and level > DEPTH_LIMIT:
        circles.append(asking.get() or implementations[0].plugin.id)
        hearing.goes_in_circles(circles)
        return hearing.verdict()
    noting = _circles.set(circles)
    try:
        with at_depth(level):
            hearing.ask(implementations, contexts, ends)
    finally:
        _circles.reset(noting)
    hearing.goes_in_circles(circles)
    return hearing.verdict()


class _Hearing:
    """One record before all guards of one point."""

    def __init__(
        self, point: str, subject: str, arguments: Mapping[str, Any], policy: Mapping[str, str]
    ) -> None:
        self._point = point
        self._subject = subject
        self._policy = policy
        self._arguments = Arguments(arguments)
        self._vetoes: list[Finding] = []
        self._approvals: list[Finding] = []
        self._warnings: list[Finding] = []
        self._notes: list[Finding] = []
        self._amendments: list[Amendment] = []
        self._faults: list[Fault] = []
        self._timings: list[tuple[str, float]] = []
        self._unchecked = False

    def verdict(self) -> Verdict:
        """Give everything that was said."""
        return Verdict(
            record=self._arguments.whole[self._subject],
            point=self._point,
            vetoes=tuple(self._vetoes),
            approvals=tuple(self._approvals),
            warnings=tuple(self._warnings),
            notes=tuple(self._notes),
            amendments=tuple(self._amendments),
            faults=tuple(self._faults),
            timings=tuple(self._timings),
            unchecked=self._unchecked,
        )

    def ask(
        self,
        implementations: Sequence[Implementation],
        contexts: Contexts,
        ends: float,
    ) -> None:
        """Call the guards one after the other and note what each says.

        Saving passes here with every guard, so the loop holds what it needs in local names, and
        one reading of the clock ends a guard and begins the next.
        """
        arguments, timings = self._arguments, self._timings
        outer = asking.set("")
        try:
            ended = _clock()
            for implementation in implementations:
                plugin = implementation.plugin
                plugin_id = plugin.id
                if ended >= ends:
                    self._no_time_for(plugin_id)
                    continue
                asking.set(plugin_id)
                ctx = contexts(plugin)
                began = ended
                try:
                    given = contexts.given(ctx, plugin, arguments)
                    answer = implementation.function(*implementation.pick(given))
                except RemoteUnavailable as away:
                    self._away(plugin_id, str(away))
                    continue
                except Exception as raised:  # noqa: BLE001 - the boundary to foreign code
                    self._raised(plugin_id, raised)
                    continue
                finally:
                    ended = _clock()
                    timings.append((plugin_id, ended - began))
                    ctx.close()
                if answer is None or type(answer) is Proceed:
                    continue
                for decision in answer if isinstance(answer, list | tuple) else (answer,):
                    self._note(plugin_id, ctx, decision)
                ended = _clock()
        finally:
            asking.reset(outer)

    def goes_in_circles(self, plugin_ids: Sequence[str]) -> None:
        """Note each plugin that causes itself to be asked again; no policy lets that pass."""
        for plugin_id in dict.fromkeys(plugin_ids):
            message = (
                f"guards were asked {DEPTH_LIMIT + 1} deep, so saving goes round in circles: the "
                f"plugin {plugin_id} saves a record while it judges a save"
            )
            self._faults.append(Fault(plugin_id=plugin_id, message=message, closes=True))

    def _no_time_for(self, plugin_id: str) -> None:
        """Note that a guard was not asked, as those before it used up the time."""
        slowest, seconds = max(self._timings, key=lambda timing: timing[1], default=("", 0.0))
        spent = f"; the slowest was {slowest} with {seconds:.1f} s" if slowest else ""
        self._fault(
            plugin_id,
            f"the plugin {plugin_id} was not asked, as the time of {self._point} was up{spent}",
        )

    def _note(self, plugin_id: str, ctx: CallContext, decision: object) -> None:
        record = self._arguments.whole[self._subject]
        match decision:
            case Proceed():
                pass
            case Veto(message, code=code, field=field):
                self._vetoes.append(
                    Finding(plugin_id=plugin_id, message=message, code=code, field=field)
                )
            case RequireApproval(role, reason, code=code, field=field):
                self._approvals.append(
                    Finding(plugin_id=plugin_id, message=reason, code=code, field=field, role=role)
                )
            case Warn(message, code=code, field=field):
                self._warnings.append(
                    Finding(plugin_id=plugin_id, message=message, code=code, field=field)
                )
            case Inform(message, code=code, field=field):
                self._notes.append(
                    Finding(plugin_id=plugin_id, message=message, code=code, field=field)
                )
            case Amend(amended) if type(amended) is type(record):
                self._amend(plugin_id, ctx, decision)
            case _:
                wrong = TypeError(
                    f"{self._point} answered {_described(decision)}; a guard answers Proceed, "
                    f"Amend (with a {type(record).__name__}), Inform, Warn, RequireApproval or Veto"
                )
                self._raised(plugin_id, wrong)

    def _amend(self, plugin_id: str, ctx: CallContext, decision: Amend) -> None:
        seen = given_to(ctx, self._arguments)[self._subject]
        try:
            whole = amended_by(ctx, self._subject, decision.record)
        except AccessDenied as denied:
            self._raised(plugin_id, denied)
            return
        # Told as its author sees it: a line that was taken out has a cost, for one.
        if changes := tuple(differences(seen, decision.record)):
            self._amendments.append(
                Amendment(plugin_id=plugin_id, reason=decision.reason, changes=changes)
            )
        if whole != self._arguments.whole[self._subject]:
            self._arguments.replace(self._subject, whole)

    def _raised(self, plugin_id: str, raised: Exception) -> None:
        told(plugin_id, self._point, raised)
        self._fault(
            plugin_id,
            f"the plugin {plugin_id} failed: {type(raised).__name__}: {raised}",
            detail="".join(traceback.format_exception(raised)),
        )

    def _fault(self, plugin_id: str, message: str, *, detail: str = "") -> None:
        self._faults.append(
            Fault(plugin_id=plugin_id, message=message, closes=self._closed(), detail=detail)
        )

    def _away(self, plugin_id: str, message: str) -> None:
        """Note that a remote system is away, so that the guard could not judge."""
        rule = POINTS[self._point].away
        self._unchecked = self._unchecked or rule == "draft"  # a draft is kept (C7)
        closes = rule == "closed" or (rule == "failure" and self._closed())
        self._faults.append(Fault(plugin_id=plugin_id, message=message, closes=closes, remote=True))

    def _closed(self) -> bool:
        """Whether a guard that fails stops what it was asked about."""
        return self._policy.get(self._point, POINTS[self._point].fails) == "closed"


def _described(decision: object) -> str:
    if isinstance(decision, Amend):
        return f"Amend with a {type(decision.record).__name__}"
    return repr(decision)[:200]
