"""Why each line costs what it costs, and what that differs from the price that was there (C1).

Every difference is explained to the penny: its causes and what they leave add up to it exactly, and
what they leave is zero unless a figure contradicts its own factors, which is told as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from crossdock import Context, Inform, Money, Warn
from crossdock.errors import AccessDenied
from crossdock.records import Pricing, Quote
from crossdock.rules import Cause, PriceDifference, explain_difference, price_steps
from crossdock_plugins.straight_through.pricing import in_words, signed


def difference(
    ctx: Context, quote: Quote, before: Quote | None, pricing: Pricing
) -> PriceDifference | None:
    """Hold the ERP's prices against what the CRM had.

    What it had is the quote as it was saved last, or, of a new one, the prices that it came with.
    `None` where it had none, or where they are in a currency that nobody states a rate for.
    """
    had = before if before is not None and before.gross is not None else quote
    if all(line.unit_price is None and line.net is None for line in had.lines):
        return None
    return _held_against(ctx, had, pricing)


def _held_against(ctx: Context, had: Quote, pricing: Pricing) -> PriceDifference | None:
    if had.currency == pricing.currency:
        return explain_difference(had, pricing)
    rate = _rate(ctx, had.currency, pricing.currency)
    return None if rate is None else explain_difference(had, pricing, rate=rate)


def _rate(ctx: Context, of: str, to: str) -> Decimal | None:
    try:
        rates = ctx.exchange_rates(to, on=ctx.now.date())
    except AccessDenied:  # the user's role knows no rates; then the currencies are not compared
        return None
    return next((each.rate for each in rates if each.of == of), None)


def reason(pricing: Pricing, found: PriceDifference | None) -> str:
    """Say in a sentence what the ERP asks, and how much that is more or less than before."""
    now = in_words(pricing)
    if found is None:
        return f"{now}."
    if not found.difference and not found.causes:
        return f"{now}, as before."
    moved = found.difference
    direction = "more" if moved > Money.zero(moved.currency) else "less"
    changed = f"{abs(moved)} {direction} than before" if moved else "as much as before"
    head = [_words(cause) for cause in found.causes if cause.line is None]
    because = f": {'; '.join(head)}" if head else ""
    return f"{now}, {changed}{because}."


def told(quote: Quote, pricing: Pricing, found: PriceDifference | None) -> Sequence[Inform | Warn]:
    """Tell beside each line how its price came about, and what changed it."""
    places = {line.number: place for place, line in enumerate(quote.lines)}
    return [*_steps(pricing, places), *_causes(found, places), *_residue(found)]


def _steps(pricing: Pricing, places: dict[int, int]) -> Iterator[Inform]:
    for line in pricing.lines:
        if line.number not in places:
            continue
        made = price_steps(line)
        steps = [f"{step.text} = {step.amount}" for step in made.steps[:1]]
        steps += [f"{step.text} {signed(step.amount)}" for step in made.steps[1:]]
        if made.residue:
            steps.append(f"not explained {signed(made.residue)}")
        yield Inform(
            f"{'; '.join(steps)}: {made.gross} in all.",
            code="price.steps",
            field=f"lines.{places[line.number]}.unit_price",
        )


def _causes(found: PriceDifference | None, places: dict[int, int]) -> Iterator[Inform]:
    if found is None:
        return
    for number, place in places.items():
        causes = found.of_line(number)
        if causes:
            moved = sum((cause.gross for cause in causes), start=Money.zero(found.currency))
            yield Inform(
                f"{signed(moved)} against before: {'; '.join(map(_words, causes))}.",
                code="price.explained",
                field=f"lines.{place}.unit_price",
            )
    gone = [cause for cause in found.causes if cause.line is not None and cause.line not in places]
    if gone:
        text = "; ".join(f"line {cause.line}: {_words(cause)}" for cause in gone)
        yield Inform(f"{text}.", code="price.explained", field="lines")


def _residue(found: PriceDifference | None) -> Iterator[Warn]:
    if found is not None and found.residue:
        text = (
            f"{signed(found.residue)} of the difference is not explained: a figure that the CRM or "
            "the ERP told does not follow from its own factors."
        )
        yield Warn(text, code="price.unexplained", field="gross")


def _words(cause: Cause) -> str:
    return f"{cause.text} ({signed(cause.gross)})"
