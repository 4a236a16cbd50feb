"""How likely a deal is won: what its stage says, moved by what happened and what did not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from crossdock import Context, Score
from crossdock.records import Opportunity, Quote, Stage
from crossdock.rules import Evidence, likelihood
from crossdock_plugins.opportunity_discipline.contacts import last_contact

# What each piece of evidence does to the odds. They are set by hand and stand in the README; they
# are not measured on this company's own deals.
_SPOKEN: Final = Decimal("1.5")
_QUIET: Final = Decimal("0.5")
_NEVER: Final = Decimal("0.4")
_LATE: Final = Decimal("0.5")
_QUOTED: Final = Decimal("1.5")
_ACCEPTED: Final = Decimal(6)


def score(ctx: Context, opportunity: Opportunity, stage: Stage) -> Score:
    """Score a deal that stands in a stage."""
    if stage.kind != "open":
        won = stage.kind == "won"
        return Score(probability=Decimal(int(won)), evidence=(f"It is {stage.kind}.",))
    base = f"{stage.name} stands at {_percent(stage.probability)}."
    found = [
        *_contact(ctx, opportunity),
        *_lateness(opportunity, ctx.now.date()),
        *_quotes(ctx, opportunity),
    ]
    return Score(
        probability=likelihood(stage.probability, found),
        evidence=(base, *(f"{each.text} (odds times {each.odds})" for each in found)),
    )


def _contact(ctx: Context, opportunity: Opportunity) -> Iterator[Evidence]:
    now: datetime = ctx.now
    last = last_contact(ctx.crm.activities(opportunity.account_id), opportunity, now)
    if last is None:
        yield Evidence("Nobody has spoken with the customer yet.", _NEVER)
        return
    days = (now - last).days
    spoke = f"Somebody last spoke with the customer {days} days ago."
    if days >= ctx.config["quiet_days"]:
        yield Evidence(spoke, _QUIET)
    elif days <= ctx.config["quiet_days"] // 2:
        yield Evidence(spoke, _SPOKEN)


def _lateness(opportunity: Opportunity, today: date) -> Iterator[Evidence]:
    if opportunity.close_on is not None and opportunity.close_on < today:
        days = (today - opportunity.close_on).days
        yield Evidence(f"It should have been decided {days} days ago.", _LATE)


def _quotes(ctx: Context, opportunity: Opportunity) -> Iterator[Evidence]:
    mine: list[Quote] = [
        quote
        for quote in ctx.crm.quotes(opportunity.account_id)
        if quote.opportunity_id == opportunity.id
    ]
    if any(quote.status in ("accepted", "ordered") for quote in mine):
        yield Evidence("The customer accepted a quote.", _ACCEPTED)
    elif any(quote.status == "sent" for quote in mine):
        yield Evidence("The customer has a quote.", _QUOTED)


def _percent(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f} %"
