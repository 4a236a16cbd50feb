"""The hooks: deals are guarded and scored, and a quote that was sent is followed up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from crossdock import Context, Decision, EventContext, Score, Veto, hookimpl
from crossdock.records import Activity, Opportunity, Quote, Stage
from crossdock_plugins.opportunity_discipline import guarding, scoring

_MORNING = time(8, tzinfo=UTC)


@hookimpl
def before_opportunity_save(
    ctx: Context, opportunity: Opportunity, before: Opportunity | None
) -> Sequence[Decision]:
    """Ask for what a deal in its stage must show."""
    if not opportunity.stage_id:
        return []  # a new one begins in the first stage, which asks for nothing yet
    stage = _stage(ctx, opportunity)
    if stage is None:
        return [
            Veto(f"There is no stage {opportunity.stage_id}.", code="deal.stage", field="stage_id")
        ]
    return list(guarding.judge(ctx, opportunity, before, stage))


@hookimpl
def score_opportunity(ctx: Context, opportunity: Opportunity) -> Score | None:
    """Score a deal; one in a stage that is gone is for the next provider."""
    stage = _stage(ctx, opportunity)
    return None if stage is None else scoring.score(ctx, opportunity, stage)


@hookimpl
def quote_saved(ctx: EventContext, quote: Quote, before: Quote | None) -> None:
    """Remind the owner of a quote that was sent, before it runs out."""
    if quote.status != "sent" or (before is not None and before.status == "sent"):
        return
    ctx.step("remind", _remind, ctx, quote)


def _remind(ctx: EventContext, quote: Quote) -> str:
    day = ctx.now.date() + timedelta(days=ctx.config["follow_up_days"])
    if quote.valid_until is not None:
        day = max(ctx.now.date(), min(day, quote.valid_until - timedelta(days=1)))
    task = Activity(
        id="",
        account_id=quote.account_id,
        kind="task",
        subject=f"Ask what became of quote {quote.id}",
        text=f"It is good until {quote.valid_until:%d %b %Y}." if quote.valid_until else "",
        contact_id=quote.contact_id,
        opportunity_id=quote.opportunity_id,
        owner_id=quote.owner_id,
        due_at=datetime.combine(day, _MORNING),
    )
    return ctx.crm.add_activity(task, key=f"follow-up:{quote.id}").id


def _stage(ctx: Context, opportunity: Opportunity) -> Stage | None:
    return next((each for each in ctx.crm.stages() if each.id == opportunity.stage_id), None)
