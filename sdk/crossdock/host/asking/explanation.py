"""What one call of a guard point did: who was asked, who changed what and why, how long it took."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

from crossdock.host.asking.verdict import Amendment, Fault, Finding, Verdict

Outcome: TypeAlias = Literal[
    "agreed", "amended", "warned", "wants approval", "vetoed", "failed", "was not asked"
]


@frozen(kw_only=True)
class Step:
    """One plugin's part in a call.

    Attributes:
        seconds: how long it took; `None` where it was not asked.
        outcome: the weightiest thing that it did.
        amendments: what it changed, each with its reason.
        findings: its vetoes, wanted approvals, warnings and notes, in this order.
        fault: how it failed, if it did.
    """

    plugin_id: str
    seconds: float | None
    outcome: Outcome
    amendments: tuple[Amendment, ...] = ()
    findings: tuple[Finding, ...] = ()
    fault: Fault | None = None


@frozen(kw_only=True)
class Explanation:
    """One call, step by step, in the order in which the plugins were asked.

    Attributes:
        seconds: how long all plugins took together.
    """

    point: str
    allowed: bool
    seconds: float
    steps: tuple[Step, ...]


def explain(verdict: Verdict) -> Explanation:
    """Tell a verdict plugin by plugin."""
    asked = dict(verdict.timings)
    names = [*asked, *(f.plugin_id for f in verdict.faults if f.plugin_id not in asked)]
    steps = tuple(_step(verdict, name, asked.get(name)) for name in dict.fromkeys(names))
    return Explanation(
        point=verdict.point,
        allowed=verdict.allowed,
        seconds=sum(asked.values()),
        steps=steps,
    )


def _step(verdict: Verdict, plugin_id: str, seconds: float | None) -> Step:
    def own(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return tuple(each for each in findings if each.plugin_id == plugin_id)

    vetoes, approvals, warnings = map(own, (verdict.vetoes, verdict.approvals, verdict.warnings))
    amendments = tuple(each for each in verdict.amendments if each.plugin_id == plugin_id)
    fault = next((each for each in verdict.faults if each.plugin_id == plugin_id), None)
    outcomes: tuple[tuple[object, Outcome], ...] = (
        (seconds is None, "was not asked"),
        (fault, "failed"),
        (vetoes, "vetoed"),
        (approvals, "wants approval"),
        (amendments, "amended"),
        (warnings, "warned"),
    )
    return Step(
        plugin_id=plugin_id,
        seconds=seconds,
        outcome=next((outcome for holds, outcome in outcomes if holds), "agreed"),
        amendments=amendments,
        findings=vetoes + approvals + warnings + own(verdict.notes),
        fault=fault,
    )
