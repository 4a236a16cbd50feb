"""Why the ERP's price of a quote differs from what the quote had, to the penny.

The quote's figures are turned into the ERP's one factor at a time: quantity, unit, price, discount,
tax rate. What each step changes is that cause's amount; what rounding leaves is the cause
`rounding`, as long as it is no more than rounding can leave. The causes and the residue add up to
the difference exactly, and the residue is zero unless a figure contradicts its own factors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, Literal

from attrs import field, frozen

from crossdock.records import Money, PricedLine, Pricing, Quote, QuoteLine, minor_units

CauseKind = Literal[
    "line_added",
    "line_removed",
    "unit",
    "quantity",
    "tax_base",
    "price_rule",
    "discount",
    "tax_rate",
    "currency",
    "rounding",
]
_ONE: Final = Decimal(1)
_HUNDRED: Final = Decimal(100)
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Cause:
    """One reason for a difference.

    Attributes:
        line: the line's number; `None` for the document as a whole.
        net: what it changes before tax.
        tax: what it changes of the tax.
        text: a sentence with both values.
    """

    kind: CauseKind
    line: int | None
    net: Money
    tax: Money
    text: str

    @property
    def gross(self) -> Money:
        """What it changes, tax included."""
        return self.net + self.tax


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


@frozen(kw_only=True)
class _Side:
    """A line's factors and figures, in the ERP's currency."""

    quantity: Decimal
    price: Decimal
    discount: Decimal
    rate: Decimal
    net: Decimal
    tax: Decimal

    def exact(
        self,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
        discount: Decimal | None = None,
    ) -> Decimal:
        q = self.quantity if quantity is None else quantity
        p = self.price if price is None else price
        d = self.discount if discount is None else discount
        return q * p * (_ONE - d / _HUNDRED)


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
    comparison = _Comparison(pricing, applied, units or {})
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
    net_beyond = (pricing.net.amount - _total(line.net for line in pricing.lines)) - (
        quoted_net - lines_net
    )
    tax_beyond = (pricing.tax.amount - _total(line.tax for line in pricing.lines)) - (
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


@frozen
class _Comparison:
    pricing: Pricing
    rate: Decimal
    units: Mapping[int, Decimal]

    @property
    def step(self) -> Decimal:
        """The currency's minor unit."""
        return _ONE.scaleb(-minor_units(self.pricing.currency))

    def money(self, amount: Decimal) -> Money:
        return Money(amount, self.pricing.currency)

    def rounded(self, amount: Decimal) -> Decimal:
        return self.money(amount).rounded().amount

    def cause(
        self, kind: CauseKind, line: int | None, net: Decimal, tax: Decimal, text: str
    ) -> Cause:
        return Cause(kind=kind, line=line, net=self.money(net), tax=self.money(tax), text=text)

    def total(self, stated: Money | None, lines: Decimal) -> Decimal:
        return lines if stated is None else self.rounded(stated.amount * self.rate)

    def conversion(self, quote: Quote) -> Cause:
        return self.cause(
            "currency",
            None,
            _ZERO,
            _ZERO,
            f"the quote's {quote.currency} are compared as {self.pricing.currency} at {self.rate}",
        )

    def quoted(self, line: QuoteLine) -> _Side:
        price = _ZERO if line.unit_price is None else line.unit_price.amount * self.rate
        tax_rate = line.tax_rate or _ZERO
        exact = line.quantity * price * (_ONE - line.discount_percent / _HUNDRED)
        net = self.rounded(exact if line.net is None else line.net.amount * self.rate)
        tax = self.rounded(net * tax_rate if line.tax is None else line.tax.amount * self.rate)
        return _Side(
            quantity=line.quantity,
            price=price,
            discount=line.discount_percent,
            rate=tax_rate,
            net=net,
            tax=tax,
        )

    def line(
        self, quoted: QuoteLine | None, priced: PricedLine | None
    ) -> tuple[list[Cause], Decimal]:
        """Give the causes on one line, and what they leave unexplained."""
        if priced is None:
            assert quoted is not None
            side = self.quoted(quoted)
            text = f"the ERP does not price {quoted.item_id}"
            return [self.cause("line_removed", quoted.number, -side.net, -side.tax, text)], _ZERO
        after = _priced(priced)
        if quoted is None:
            text = f"the ERP adds {priced.item_id}"
            return [self.cause("line_added", priced.number, after.net, after.tax, text)], _ZERO
        return self._compare(quoted, self.quoted(quoted), priced, after)

    def _compare(
        self, quoted: QuoteLine, before: _Side, priced: PricedLine, after: _Side
    ) -> tuple[list[Cause], Decimal]:
        causes: list[Cause] = []
        for kind, exact, text in self._steps(quoted, before, priced, after):
            net = self.rounded(exact)
            # Tax follows the net at the quote's own rate; a change of the rate is its own cause.
            tax = self.rounded(net * before.rate)
            causes.append(self.cause(kind, priced.number, net, tax, text))
        if after.rate != before.rate:
            text = f"tax at {_percent(after.rate)} instead of {_percent(before.rate)}"
            tax = self.rounded(after.net * (after.rate - before.rate))
            causes.append(self.cause("tax_rate", priced.number, _ZERO, tax, text))
        net_left = after.net - before.net - _total(cause.net for cause in causes)
        tax_left = after.tax - before.tax - _total(cause.tax for cause in causes)
        if not net_left and not tax_left:
            return causes, _ZERO
        # Each rounded figure is off by half a unit at most; a unit price that was rounded first is
        # off by as much for each unit sold.
        roundings = len(causes) + 3
        if abs(net_left) <= self.step / 2 * (roundings + abs(after.quantity)) and (
            abs(tax_left)
            <= self.step / 2 * roundings + abs(net_left * max(before.rate, after.rate))
        ):
            text = "both sides round at other steps"
            causes.append(self.cause("rounding", priced.number, net_left, tax_left, text))
            return causes, _ZERO
        return causes, net_left + tax_left

    def _steps(
        self, quoted: QuoteLine, before: _Side, priced: PricedLine, after: _Side
    ) -> Iterator[tuple[CauseKind, Decimal, str]]:
        """Change one factor after the other; give what each changes before tax, unrounded."""
        quantity, price = before.quantity, before.price
        factor = self.units.get(priced.number, _ONE)
        if factor != _ONE:
            # The price stays a price for one, so that 2 boxes taken for 2 pieces stand out; where
            # the quote's price was per box already, it is the same price said in another unit.
            per_unit = after.price * factor
            same = self.rounded(per_unit) == self.rounded(price)
            moved = quantity * factor
            old = before.exact()
            quantity, price = moved, (after.price if same else price)
            text = f"{before.quantity:f} quoted are {moved:f} of the ERP's units"
            yield "unit", before.exact(quantity, price) - old, text
        elif quoted.unit and priced.unit and quoted.unit != priced.unit:
            # Nobody told how one unit is made of the other: both factors move together.
            old = before.exact()
            quantity, price = after.quantity, after.price
            text = (
                f"{before.quantity:f} {quoted.unit} at {before.price:f} quoted, "
                f"{quantity:f} {priced.unit} at {price:f} in the ERP"
            )
            yield "unit", before.exact(quantity, price) - old, text
        if after.quantity != quantity:
            old = before.exact(quantity, price)
            text = f"quantity {after.quantity:f} instead of {quantity:f}"
            quantity = after.quantity
            yield "quantity", before.exact(quantity, price) - old, text
        if after.price != price:
            old = before.exact(quantity, price)
            new = before.exact(quantity, after.price)
            gross_taken_for_net = (
                after.rate and price and self.rounded(after.price * (1 + after.rate)) == price
            )
            if gross_taken_for_net:
                text = (
                    f"the quoted price {price:f} had {_percent(after.rate)} tax in it; "
                    f"before tax it is {after.price:f}"
                )
                yield "tax_base", new - old, text
            else:
                had = f"{price:f}" if quoted.unit_price is not None else "none"
                text = f"price {after.price:f} by {_rule(priced)}; the quote had {had}"
                yield "price_rule", new - old, text
        if after.discount != before.discount:
            old = before.exact(quantity, after.price)
            new = before.exact(quantity, after.price, after.discount)
            text = f"discount {after.discount:f} % instead of {before.discount:f} %"
            yield "discount", new - old, text


def _priced(line: PricedLine) -> _Side:
    return _Side(
        quantity=line.quantity,
        price=line.unit_price.amount,
        discount=line.discount_percent,
        rate=line.tax_rate,
        net=line.net.amount,
        tax=line.tax.amount,
    )


def _rule(line: PricedLine) -> str:
    rule = line.rule.replace("_", " ")
    return f"{rule} ({line.source})" if line.source else rule


def _percent(rate: Decimal) -> str:
    return f"{(rate * _HUNDRED).normalize():f} %"


def _total(amounts: Iterator[Money]) -> Decimal:
    return sum((amount.amount for amount in amounts), start=_ZERO)
