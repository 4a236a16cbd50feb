"""Why the ERP's price of a quote differs from what the quote had, to the penny.

The quote's figures are turned into the ERP's one factor at a time: quantity, unit, price, discount,
tax rate. What each step changes is that cause's amount; what rounding leaves is the cause
`rounding`, as long as it is no more than rounding can leave. The causes and the residue add up to
the difference exactly, and the residue is zero unless a figure contradicts its own factors.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from crossdock.records import Money, Pricing, Quote
from crossdock.rules.price_comparison import Cause, Comparison, total_of

_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class PriceDifference:
    """A quote's figures beside the ERP's, in the ERP's currency, with every cause.

    Attributes:
        quoted_net, quoted_tax, quoted_gross: what the quote had, converted where it must be.
        residue: what no cause explains, tax included; zero when all figures are sound.
    """

    currency: str
    quoted_net: Money
    quoted_tax: Money
    net: Money
    tax: Money
    causes: tuple[Cause, ...] = field(converter=tuple[Cause, ...])
    residue: Money

    @property
    def quoted_gross(self) -> Money:
        """What the quote had, tax included."""
        return self.quoted_net + self.quoted_tax

    @property
    def gross(self) -> Money:
        """What the ERP says, tax included."""
        return self.net + self.tax

    @property
    def difference(self) -> Money:
        """What the ERP asks more, or less, than the quote had, tax included."""
        return self.gross - self.quoted_gross

    def of_line(self, number: int) -> tuple[Cause, ...]:
        """Give the causes on one line."""
        return tuple(cause for cause in self.causes if cause.line == number)


def explain_difference(
    quote: Quote,
    pricing: Pricing,
    *,
    rate: Decimal | None = None,
    units: Mapping[int, Decimal] | None = None,
) -> PriceDifference:
    """Explain the difference between a quote and the ERP's pricing of it.

    Args:
        quote: what the CRM had; a line without a price counts as zero, and so does a line without
            tax.
        pricing: what the ERP says.
        rate: units of the ERP's currency for one of the quote's; needed where they differ.
        units: by line number, how many of the ERP's units one quoted unit holds (12 to a box).

    Raises:
        ValueError: the currencies differ and no rate is given.
    """
    if quote.currency != pricing.currency and rate is None:
        raise ValueError(
            f"the quote is in {quote.currency} and the ERP's price in {pricing.currency}: "
            "state the rate at which to compare them"
        )
    applied = rate if rate is not None and quote.currency != pricing.currency else _ONE
    comparison = Comparison(pricing, applied, units or {})
    quoted = {line.number: line for line in quote.lines}
    priced = {line.number: line for line in pricing.lines}
    causes: list[Cause] = []
    residue = _ZERO
    for number in sorted({*quoted, *priced}):
        found, left = comparison.line(quoted.get(number), priced.get(number))
        causes += found
        residue += left
    if applied != _ONE:
        causes.insert(0, comparison.conversion(quote))

    lines_net = sum((comparison.quoted(line).net for line in quote.lines), start=_ZERO)
    lines_tax = sum((comparison.quoted(line).tax for line in quote.lines), start=_ZERO)
    quoted_net = comparison.total(quote.net, lines_net)
    quoted_tax = comparison.total(quote.tax, lines_tax)
    # What the totals have beyond their lines: the residue of rounding by document, on either side.
    net_beyond = (pricing.net.amount - total_of(line.net for line in pricing.lines)) - (
        quoted_net - lines_net
    )
    tax_beyond = (pricing.tax.amount - total_of(line.tax for line in pricing.lines)) - (
        quoted_tax - lines_tax
    )
    if net_beyond or tax_beyond:
        allowed = comparison.step * (len(quoted) + len(priced) + 1) / 2
        if abs(net_beyond) <= allowed and abs(tax_beyond) <= allowed:
            causes.append(
                comparison.cause(
                    "rounding",
                    None,
                    net_beyond,
                    tax_beyond,
                    f"the totals are rounded by {pricing.rounding} in the ERP",
                )
            )
        else:
            residue += net_beyond + tax_beyond
    return PriceDifference(
        currency=pricing.currency,
        quoted_net=comparison.money(quoted_net),
        quoted_tax=comparison.money(quoted_tax),
        net=pricing.net,
        tax=pricing.tax,
        causes=tuple(cause for cause in causes if cause.gross or cause.kind == "currency"),
        residue=comparison.money(residue),
    )
