"""How a price came about, step by step: list price, price rule, discount, rounding, tax.

Each step is a whole number of the currency's smallest unit, and the steps add up to the gross
exactly. What they leave of a figure that contradicts its own factors is the residue, and is zero
for sound figures; `explain_difference` holds two prices against each other in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, Literal

from attrs import field, frozen

from crossdock.records import Money, PricedLine, Pricing, minor_units

PriceStepKind = Literal["list", "price_rule", "discount", "rounding", "tax", "tax_rounding"]
_ONE: Final = Decimal(1)
_HUNDRED: Final = Decimal(100)
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class PriceStep:
    """One step on the way from the list price to what is asked.

    Attributes:
        line: the line's number; `None` for the document as a whole.
        amount: what it adds, or takes off.
        text: a sentence with its factors.
        rule, source: what made the price, where the step is one of the ERP's price rules.
    """

    kind: PriceStepKind
    line: int | None
    amount: Money
    text: str
    rule: str = ""
    source: str = ""


@frozen(kw_only=True)
class PriceSteps:
    """The steps to a line's or a document's gross.

    Attributes:
        residue: what no step explains; `gross` is the sum of the steps and the residue.
    """

    steps: tuple[PriceStep, ...] = field(converter=tuple[PriceStep, ...])
    gross: Money
    residue: Money


def price_steps(line: PricedLine) -> PriceSteps:
    """Tell how a line came to its price.

    A line without a list price begins with the price that its rule gives. Steps that change
    nothing are left out, besides the first.
    """
    currency = line.unit_price.currency
    found = tuple(_steps(line))
    gross = line.net + line.tax
    explained = sum((step.amount for step in found), start=Money.zero(currency))
    return PriceSteps(steps=found, gross=gross, residue=gross - explained)


def document_steps(pricing: Pricing) -> PriceSteps:
    """Tell how a whole document came to its gross: the steps of its lines, then its own rounding.

    Rounding the tax by document leaves a difference to the lines' taxes, which the ERP names as
    its residue; here that is a step of the document.
    """
    of_lines = [price_steps(line) for line in pricing.lines]
    steps = [step for each in of_lines for step in each.steps]
    if pricing.residue:
        steps.append(
            PriceStep(
                kind="tax_rounding",
                line=None,
                amount=pricing.residue,
                text=f"tax is rounded by {pricing.rounding}",
            )
        )
    explained = _total(step.amount for step in steps)
    return PriceSteps(
        steps=steps,
        gross=pricing.gross,
        residue=Money(pricing.gross.amount - explained, pricing.currency),
    )


def _steps(line: PricedLine) -> Iterator[PriceStep]:
    net = list(_net_steps(line))
    yield from net
    currency = line.unit_price.currency
    half = _ONE.scaleb(-minor_units(currency)) / 2
    rounded = line.net.amount - _total(step.amount for step in net)
    # Each step is off by half a unit at most; where the discounted price of one was rounded first,
    # the line is off by as much for each unit sold.
    if rounded and abs(rounded) <= half * (len(net) + 1 + abs(line.quantity)):
        text = "rounded to the currency's smallest unit"
        yield _step(line, "rounding", rounded, text)
    due = (line.net * line.tax_rate).rounded().amount
    if due:
        rate = (line.tax_rate * _HUNDRED).normalize()
        yield _step(line, "tax", due, f"{rate:f} % tax on {line.net.amount:f}")
    beyond = line.tax.amount - due
    if beyond and abs(beyond) <= 2 * half:
        yield _step(line, "tax_rounding", beyond, "tax is rounded at another step")


def _net_steps(line: PricedLine) -> Iterator[PriceStep]:
    unit_price, quantity = line.unit_price.amount, line.quantity
    rule = line.rule.replace("_", " ")
    by_rule = f"{rule} ({line.source})" if line.source else rule

    if line.list_price is None or line.list_price.currency != line.unit_price.currency:
        text = f"{quantity:f} at {unit_price:f} by {by_rule}"
        yield _step(line, "price_rule", quantity * unit_price, text, ruled=True)
    else:
        listed = line.list_price.amount
        yield _step(line, "list", quantity * listed, f"{quantity:f} at the list price {listed:f}")
        if listed != unit_price:
            text = f"{unit_price:f} instead of {listed:f} by {by_rule}"
            yield _step(line, "price_rule", quantity * (unit_price - listed), text, ruled=True)
    if line.discount_percent:
        off = quantity * unit_price * line.discount_percent / _HUNDRED
        yield _step(line, "discount", -off, f"{line.discount_percent:f} % discount")


def _step(
    line: PricedLine, kind: PriceStepKind, amount: Decimal, text: str, *, ruled: bool = False
) -> PriceStep:
    return PriceStep(
        kind=kind,
        line=line.number,
        amount=Money(amount, line.unit_price.currency).rounded(),
        text=text,
        rule=line.rule if ruled else "",
        source=line.source if ruled else "",
    )


def _total(amounts: Iterable[Money]) -> Decimal:
    return sum((amount.amount for amount in amounts), start=_ZERO)
