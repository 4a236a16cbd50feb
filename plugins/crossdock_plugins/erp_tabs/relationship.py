"""What the CRM knows of the relationship: deals, communication, tasks (A11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from crossdock import Component, Metric, Metrics, Money, Unknown
from crossdock.records import Account, Activity, Opportunity, Stage

from .sources import Reader


def relationship(reader: Reader, account: Account) -> Iterator[Component]:
    """Show open deals, the last communication and what is overdue."""
    crm = reader.ctx.crm
    stages = reader.read_crm("the stages", crm.stages)
    deals = reader.read_crm("opportunities", lambda: crm.opportunities(account.id))
    activities = reader.read_crm("activities", lambda: crm.activities(account.id))
    metrics: list[Metric] = []
    if not isinstance(deals, Unknown) and not isinstance(stages, Unknown):
        metrics += _deals(deals, stages)
    if not isinstance(activities, Unknown):
        metrics += _activities(activities, reader.ctx.now)
    if metrics:
        yield Metrics(title="Relationship", metrics=metrics, provenance=reader.crm_provenance())


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
    done = [
        (when, activity)
        for activity in activities
        if activity.kind in ("call", "email", "meeting")
        and (when := activity.completed_at) is not None
        and when <= now
    ]
    if done:
        when, last = max(done, key=lambda pair: pair[0])
        yield Metric(label="Last communication", value=when.date(), help=last.subject)
    else:
        yield Metric(label="Last communication", value="none on record")
    overdue = sum(
        activity.completed_at is None and activity.due_at is not None and activity.due_at < now
        for activity in activities
    )
    if overdue:
        yield Metric(label="Activities overdue", value=overdue, tone="warning")
