"""What a deal must show when it is saved: a close date ahead, an amount, a reason to be moved."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from crossdock import Context, Decision, Veto, Warn
from crossdock.records import Opportunity, Stage
from crossdock_plugins.opportunity_discipline.contacts import last_contact


def judge(
    ctx: Context, opportunity: Opportunity, before: Opportunity | None, stage: Stage
) -> Iterator[Decision]:
    """Judge a deal in its stage."""
    if stage.kind == "open":
        yield from _close_date(ctx, opportunity, before)
        yield from _amount(ctx, opportunity, stage)
        yield from _padding(ctx, opportunity, before)
    moved = before is None or before.stage_id != opportunity.stage_id
    if stage.kind == "won" and moved:
        yield from _without_order(ctx, opportunity)


def _close_date(
    ctx: Context, opportunity: Opportunity, before: Opportunity | None
) -> Iterator[Decision]:
    if opportunity.close_on is None:
        yield Veto(
            "Say by when this deal should be decided; the forecast counts it in that month.",
            code="deal.close_date",
            field="close_on",
        )
    elif opportunity.close_on < ctx.now.date():
        # Who only corrects the amount of a deal that is late need not decide on it now.
        kind = Warn if before and before.close_on == opportunity.close_on else Veto
        yield kind(
            f"{opportunity.close_on:%d %b %Y} has passed: name another day, or close the deal.",
            code="deal.close_date",
            field="close_on",
        )


def _amount(ctx: Context, opportunity: Opportunity, stage: Stage) -> Iterator[Decision]:
    if not opportunity.amount.amount and stage.probability >= Decimal(ctx.config["amount_from"]):
        yield Veto(
            f"A deal that stands at {stage.name} needs an amount, an estimate will do.",
            code="deal.amount",
            field="amount",
        )


def _padding(
    ctx: Context, opportunity: Opportunity, before: Opportunity | None
) -> Iterator[Decision]:
    """Flag a close date that is pushed ahead although nobody spoke with the customer (H3)."""
    if before is None or before.close_on is None or opportunity.close_on is None:
        return
    pushed = (opportunity.close_on - before.close_on).days
    if pushed <= 0:
        return
    quiet_days = ctx.config["quiet_days"]
    last = last_contact(ctx.crm.activities(opportunity.account_id), opportunity, ctx.now)
    if last is not None and (ctx.now - last).days < quiet_days:
        return
    since = f"since {last:%d %b %Y}" if last else "at all"
    yield Warn(
        f"This deal is pushed by {pushed} days, and nobody spoke with the customer {since}.",
        code="deal.padded",
        field="close_on",
    )


def _without_order(ctx: Context, opportunity: Opportunity) -> Iterator[Decision]:
    account_id = opportunity.account_id
    ordered = any(
        order.opportunity_id == opportunity.id and order.status not in ("rejected", "cancelled")
        for order in ctx.crm.orders(account_id)
    )
    accepted = any(
        quote.opportunity_id == opportunity.id and quote.status in ("accepted", "ordered")
        for quote in ctx.crm.quotes(account_id)
    )
    if not ordered and not accepted:
        yield Warn(
            "This deal is called won, but it has neither an order nor an accepted quote.",
            code="deal.no_order",
            field="stage_id",
        )
