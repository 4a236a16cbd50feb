"""Rounding: where it is done, what it leaves over, and on which line that stands.

The same three lines come to 36.03 or 36.04 by where the tax is rounded, so each function says which
way it goes and keeps what is left over (the residue) in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Final, Literal

from attrs import field, frozen

from crossdock.records import Money, minor_units

RoundAt = Literal["net", "unit_price", "end"]
_HUNDRED: Final = Decimal(100)


@frozen(kw_only=True)
class TaxedLine:
    """A line's net and the rate on it; `rate` is a fraction, 0.20 is 20 %."""

    number: int
    net: Money
    rate: Decimal


@frozen(kw_only=True)
class TaxedDocument:
    """A document's tax, by line.

    Attributes:
        taxes: the tax of each line by its number, residue included.
        residue: what rounding by document added to the sum of the lines' own taxes; zero by line.
        residue_line: the line that carries it, `None` where there is none.
    """

    net: Money
    tax: Money
    gross: Money
    taxes: tuple[tuple[int, Money], ...] = field(converter=tuple[tuple[int, Money], ...])
    residue: Money
    residue_line: int | None = None


def line_net(
    quantity: Decimal,
    unit_price: Money,
    discount_percent: Decimal = Decimal(0),
    *,
    round_at: RoundAt = "net",
) -> Money:
    """Compute what a line comes to before tax.

    Args:
        quantity: in the unit of the price.
        unit_price: before discount; may carry more digits than the currency has.
        discount_percent: 5 means 5 %.
        round_at: `net` rounds once, the line's net (the usual way); `unit_price` rounds the
            discounted price of one unit first; `end` does not round at all.
    """
    discounted = unit_price * (1 - discount_percent / _HUNDRED)
    if round_at == "unit_price":
        discounted = discounted.rounded()
    net = discounted * quantity
    return net if round_at == "end" else net.rounded()


def tax_by_line(lines: Iterable[TaxedLine]) -> TaxedDocument:
    """Compute tax with each line rounded on its own.

    Raises:
        ValueError: there is no line, or the lines are in several currencies.
    """
    given = tuple(lines)
    taxes = tuple((line.number, (line.net * line.rate).rounded()) for line in given)
    net = _sum(line.net for line in given)
    tax = _sum(amount for _, amount in taxes)
    return TaxedDocument(
        net=net, tax=tax, gross=net + tax, taxes=taxes, residue=Money.zero(net.currency)
    )


def tax_by_document(lines: Iterable[TaxedLine]) -> TaxedDocument:
    """Compute tax rounded once for each rate over the document.

    What the sum of the lines' own rounded taxes lacks stands on the largest line of that rate, the
    last of them where several are as large.

    Raises:
        ValueError: there is no line, or the lines are in several currencies.
    """
    given = tuple(lines)
    net = _sum(line.net for line in given)
    taxes = {line.number: (line.net * line.rate).rounded() for line in given}
    residue = Money.zero(net.currency)
    carrier: int | None = None
    for rate in dict.fromkeys(line.rate for line in given):
        of_rate = [line for line in given if line.rate == rate]
        due = (_sum(line.net for line in of_rate) * rate).rounded()
        left = due - _sum(taxes[line.number] for line in of_rate)
        if left:
            largest = max(of_rate, key=lambda line: (abs(line.net.amount), line.number))
            taxes[largest.number] += left
            residue += left
            carrier = largest.number
    tax = _sum(taxes.values())
    return TaxedDocument(
        net=net,
        tax=tax,
        gross=net + tax,
        taxes=tuple(taxes.items()),
        residue=residue,
        residue_line=carrier,
    )


def spread(total: Money, weights: Sequence[Decimal | int]) -> tuple[Money, ...]:
    """Share an amount out over lines so that the parts add up to it exactly.

    Each part is the exact share cut off at the currency's minor unit; the units that are left over
    go one each to the lines that lost most, the last of them where several lost the same:
    10.00 over three equal lines is 3.33 + 3.33 + 3.34. A line of weight zero gets nothing.

    Args:
        total: what to share out, in whole minor units; may be negative.
        weights: one for each line, such as its net; none negative. All zero counts as all equal.

    Raises:
        ValueError: there is no line, a weight is negative, or the total has digits beyond the
            currency's minor unit.
    """
    if not weights:
        raise ValueError("there is no line to spread an amount over")
    if any(weight < 0 for weight in weights):
        raise ValueError("a line cannot take a negative share")
    if total != total.rounded():
        raise ValueError(f"{total} cannot be spread: it has digits beyond the minor unit")
    unit = Decimal(1).scaleb(-minor_units(total.currency))
    parts = [Fraction(weight) for weight in weights]
    if not any(parts):
        parts = [Fraction(1)] * len(parts)
    units = int((abs(total.amount) / unit).to_integral_value(rounding=ROUND_DOWN))
    exact = [part * units / sum(parts) for part in parts]
    shares = [int(share) for share in exact]
    lost = sorted(
        (index for index, part in enumerate(parts) if part),
        key=lambda index: (exact[index] - shares[index], index),
        reverse=True,
    )
    for index in lost[: units - sum(shares)]:
        shares[index] += 1
    sign = -1 if total.amount < 0 else 1
    return tuple(Money(sign * share * unit, total.currency) for share in shares)


def discount_document(
    lines: Iterable[TaxedLine], discount: Money, *, base: Literal["net", "gross"] = "net"
) -> tuple[tuple[TaxedLine, ...], TaxedDocument]:
    """Take a discount of the whole document off its lines, as a total on each of them.

    Systems differ by what they take it off: 20 off 100 at 10 % tax is 88 where it is taken off the
    net, and 90 where it is taken off what tax was added to.

    Args:
        lines: before the discount, none below zero; in whole minor units.
        discount: in whole minor units; with tax where `base` is `gross`.
        base: what it is taken off, and shared out by.

    Returns:
        The lines with what is left of their nets, and the document with its tax; what `base` names
        is less by exactly the discount.

    Raises:
        ValueError: it is negative or more than there is, a line is negative, or see `spread`.
    """
    given = tuple(lines)
    before = tax_by_line(given)
    if discount.amount < 0:
        raise ValueError("a discount is taken off; what is added to a document is a surcharge")
    if discount > getattr(before, base):
        raise ValueError(f"a discount of {discount} is more than the document's {base}")
    taxes = dict(before.taxes)
    bases = [line.net if base == "net" else line.net + taxes[line.number] for line in given]
    left = [
        whole - part
        for whole, part in zip(
            bases, spread(discount, [whole.amount for whole in bases]), strict=True
        )
    ]
    if base == "net":
        reduced = tuple(
            TaxedLine(number=line.number, net=net, rate=line.rate)
            for line, net in zip(given, left, strict=True)
        )
        return reduced, tax_by_line(reduced)
    reduced = tuple(
        TaxedLine(
            number=line.number,
            net=Money(gross.amount / (1 + line.rate), gross.currency).rounded(),
            rate=line.rate,
        )
        for line, gross in zip(given, left, strict=True)
    )
    net, gross = _sum(line.net for line in reduced), _sum(left)
    return reduced, TaxedDocument(
        net=net,
        tax=gross - net,
        gross=gross,
        # What the line has with tax is what was agreed on, so its tax is what its net leaves.
        taxes=tuple(
            (line.number, whole - line.net) for line, whole in zip(reduced, left, strict=True)
        ),
        residue=Money.zero(net.currency),
    )


def _sum(amounts: Iterable[Money]) -> Money:
    given = tuple(amounts)
    if not given:
        raise ValueError("a document without lines has no currency to add up in")
    return sum(given[1:], start=given[0])
