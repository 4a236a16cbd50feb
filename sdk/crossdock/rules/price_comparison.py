"""One line of a quote beside the same line as the ERP prices it, one factor at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

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
class Side:
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
        """Give what the line comes to before tax, unrounded, with other factors where given."""
        q = self.quantity if quantity is None else quantity
        p = self.price if price is None else price
        d = self.discount if discount is None else discount
        return q * p * (_ONE - d / _HUNDRED)


@frozen
class Comparison:
    """Compares lines in the ERP's currency, and names what it finds.

    Attributes:
        pricing: what the ERP says.
        rate: units of its currency for one of the quote's.
        units: by line number, how many of the ERP's units one quoted unit holds.
    """

    pricing: Pricing
    rate: Decimal
    units: Mapping[int, Decimal]

    @property
    def step(self) -> Decimal:
        """The currency's minor unit."""
        return _ONE.scaleb(-minor_units(self.pricing.currency))

    def money(self, amount: Decimal) -> Money:
        """Give an amount in the ERP's currency."""
        return Money(amount, self.pricing.currency)

    def rounded(self, amount: Decimal) -> Decimal:
        """Round an amount to the currency's minor unit."""
        return self.money(amount).rounded().amount

    def cause(
        self, kind: CauseKind, line: int | None, net: Decimal, tax: Decimal, text: str
    ) -> Cause:
        """Name a cause with what it changes."""
        return Cause(kind=kind, line=line, net=self.money(net), tax=self.money(tax), text=text)

    def total(self, stated: Money | None, lines: Decimal) -> Decimal:
        """Give a quote's total as it was stated, converted; what its lines come to otherwise."""
        return lines if stated is None else self.rounded(stated.amount * self.rate)

    def conversion(self, quote: Quote) -> Cause:
        """Name the rate at which a quote of another currency is compared."""
        return self.cause(
            "currency",
            None,
            _ZERO,
            _ZERO,
            f"the quote's {quote.currency} are compared as {self.pricing.currency} at {self.rate}",
        )

    def quoted(self, line: QuoteLine) -> Side:
        """Give a quoted line's factors and figures, converted."""
        price = _ZERO if line.unit_price is None else line.unit_price.amount * self.rate
        tax_rate = line.tax_rate or _ZERO
        exact = line.quantity * price * (_ONE - line.discount_percent / _HUNDRED)
        net = self.rounded(exact if line.net is None else line.net.amount * self.rate)
        tax = self.rounded(net * tax_rate if line.tax is None else line.tax.amount * self.rate)
        return Side(
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
        self, quoted: QuoteLine, before: Side, priced: PricedLine, after: Side
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
        net_left = after.net - before.net - total_of(cause.net for cause in causes)
        tax_left = after.tax - before.tax - total_of(cause.tax for cause in causes)
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
        self, quoted: QuoteLine, before: Side, priced: PricedLine, after: Side
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


def _priced(line: PricedLine) -> Side:
    return Side(
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


def total_of(amounts: Iterator[Money]) -> Decimal:
    """Add up amounts of one currency."""
    return sum((amount.amount for amount in amounts), start=_ZERO)
