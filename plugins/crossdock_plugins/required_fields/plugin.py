"""The hooks: each record is held against the rules of its stage."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock import Context, Decision, hookimpl
from crossdock.records import Opportunity, Order, Quote
from crossdock_plugins.required_fields.rules import judge, rules_for

PROMOTED = "ordered"


@hookimpl
def before_quote_save(ctx: Context, quote: Quote) -> Sequence[Decision]:
    """Ask for what a quote of this status needs."""
    return judge(quote, {quote.status}, rules_for(ctx.config, "quote"), ahead=ctx.config["ahead"])


@hookimpl
def before_order_promote(ctx: Context, quote: Quote) -> Sequence[Decision]:
    """Ask for what a quote needs to become an order."""
    return judge(quote, {PROMOTED}, rules_for(ctx.config, "quote"), ahead=False)


@hookimpl
def before_order_save(ctx: Context, order: Order) -> Sequence[Decision]:
    """Ask for what an order of this status needs."""
    return judge(order, {order.status}, rules_for(ctx.config, "order"), ahead=ctx.config["ahead"])


@hookimpl
def before_opportunity_save(ctx: Context, opportunity: Opportunity) -> Sequence[Decision]:
    """Ask for what a deal in this stage needs; the stage counts by its id and by its name."""
    rules = rules_for(ctx.config, "opportunity")
    if not rules:
        return []
    names = {opportunity.stage_id}
    names |= {each.name for each in ctx.crm.stages() if each.id == opportunity.stage_id}
    return judge(opportunity, names, rules, ahead=False)
