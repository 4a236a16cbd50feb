"""What the CRM knows of the relationship: deals, communication, tasks, service cases (A11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

from crossdock import (
    Badge,
    Column,
    Component,
    Metric,
    Metrics,
    Money,
    Table,
    Unknown,
    Value,
)
from crossdock.records import Account, Activity, Case, Opportunity, Stage

from .sources import Reader

_LAST: Final = 3  # communications that are shown
_TONES: Final[Mapping[str, Literal["bad", "warning"]]] = {"urgent": "bad", "high": "warning"}


def relationship(reader: Reader, account: Account) -> Iterator[Component]:
    """Show open deals, the last communications, what is overdue, and open service cases."""
    crm = reader.ctx.crm
    stages = reader.read_crm("the stages", crm.stages)
    deals = reader.read_crm("opportunities", lambda: crm.opportunities(account.id))
    activities = reader.read_crm("activities", lambda: crm.activities(account.id))
    metrics: list[Metric] = []
    if not isinstance(deals, Unknown) and not isinstance(stages, Unknown):
        metrics += _deals(deals, stages)
    cases = reader.read_crm("service cases", lambda: crm.cases(account.id), noted=False)
    if not isinstance(activities, Unknown):
        metrics += _activities(activities, reader.ctx.now)
    if metrics:
        metrics.append(_of_cases(cases))
        yield Metrics(title="Relationship", metrics=metrics, provenance=reader.crm_provenance())
    if not isinstance(activities, Unknown) and (done := _done(activities, reader.ctx.now)):
        yield Table(
            title="Last communications",
            columns=[
                Column(key="on", label="On"),
                Column(key="kind", label="By"),
                Column(key="subject", label="About"),
            ],
            rows=[
                {"on": when.date(), "kind": each.kind, "subject": each.subject}
                for when, each in done[:_LAST]
            ],
            provenance=reader.crm_provenance(),
        )
    if not isinstance(cases, Unknown) and (still := _open(cases)):
        yield Table(
            title="Open service cases",
            columns=[
                Column(key="case", label="Case"),
                Column(key="subject", label="About"),
                Column(key="state", label="State"),
                Column(key="priority", label="Priority"),
                Column(key="opened", label="Opened"),
            ],
            rows=[_case(each) for each in still],
            provenance=reader.crm_provenance(),
        )


def _deals(deals: Sequence[Opportunity], stages: Sequence[Stage]) -> Iterator[Metric]:
    still_open = {stage.id for stage in stages if stage.kind == "open"}
    mine = [deal for deal in deals if deal.stage_id in still_open]
    yield Metric(label="Open opportunities", value=len(mine))
    for currency in sorted({deal.amount.currency for deal in mine}):
        amounts = [deal.amount for deal in mine if deal.amount.currency == currency]
        yield Metric(label="Their value", value=sum(amounts, start=Money.zero(currency)))
    closing: list[date] = [deal.close_on for deal in mine if deal.close_on is not None]
    if closing:
        yield Metric(label="Next expected close", value=min(closing))


def _activities(activities: Sequence[Activity], now: datetime) -> Iterator[Metric]:
    if done := _done(activities, now):
        when, last = done[0]
        yield Metric(label="Last communication", value=when.date(), help=last.subject)
    else:
        yield Metric(label="Last communication", value="none on record")
    overdue = sum(
        activity.completed_at is None and activity.due_at is not None and activity.due_at < now
        for activity in activities
    )
    if overdue:
        yield Metric(label="Activities overdue", value=overdue, tone="warning")


def _done(activities: Sequence[Activity], now: datetime) -> list[tuple[datetime, Activity]]:
    """Give what was said and written so far, the last first."""
    done = [
        (when, activity)
        for activity in activities
        if activity.kind in ("call", "email", "meeting")
        and (when := activity.completed_at) is not None
        and when <= now
    ]
    return sorted(done, key=lambda pair: pair[0], reverse=True)


def _open(cases: Sequence[Case]) -> list[Case]:
    return [each for each in cases if each.status == "open"]


def _of_cases(cases: Sequence[Case] | Unknown) -> Metric:
    if isinstance(cases, Unknown):
        return Metric(label="Open service cases", value=cases)
    still = _open(cases)
    pressing = [each for each in still if each.priority in _TONES]
    return Metric(
        label="Open service cases",
        value=len(still),
        tone="warning" if pressing else "neutral",
        help=f"{len(pressing)} of high priority" if pressing else "",
    )


def _case(case: Case) -> dict[str, Value]:
    return {
        "case": case.id,
        "subject": case.subject,
        "state": case.state or case.status,
        "priority": Badge(case.priority, _TONES.get(case.priority, "neutral"))
        if case.priority
        else None,
        "opened": None if case.opened_at is None else case.opened_at.date(),
    }
