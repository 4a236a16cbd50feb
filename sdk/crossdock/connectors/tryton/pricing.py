"""A draft as Tryton would sell it: its own prices, taxes and rounding, and what it does to credit.

Tryton tells the tax of the whole. What is said of each line and rate is worked out here as Tryton
does it (half to even, by line or by document as the company has it); what its total is above their
sum is the residue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal, cast

from attrs import frozen

from crossdock.connectors.tryton.directory import Tax
from crossdock.connectors.tryton.drafting import Filled, Head, Totals
from crossdock.connectors.tryton.parties import Party
from crossdock.connectors.tryton.products import Product, trimmed
from crossdock.records import (
    Availability,
    CreditOutcome,
    Money,
    PricedLine,
    PriceRequestLine,
    Pricing,
    TaxAmount,
    minor_units,
)

_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Wanted:
    """A line that is asked for, with what was found of it."""

    line: PriceRequestLine
    product: Product
    filled: Filled
    availability: Availability | None


def pricing(
    wanted: Sequence[Wanted],
    customer: Party,
    head: Head,
    totals: Totals,
    taxes: Mapping[int, Tax],
    *,
    system: str,
    unit: str,
    home: str,
    on: date,
    rounding: str,
) -> Pricing:
    """Put together what Tryton said of a draft.

    Args:
        wanted: its lines.
        customer: who asks.
        head: of the sale that was not saved.
        totals: of it.
        taxes: every tax, by id.
        system: the configured name.
        unit: its currency.
        home: the company's currency, in which credit is.
        on: the day.
        rounding: of tax: `line` or `document`.
    """
    lines: list[PricedLine] = []
    bases: dict[tuple[int, ...], Decimal] = {}
    by_line: dict[tuple[int, ...], Decimal] = {}
    for each in wanted:
        rate = _rate(each.filled.taxes, taxes)
        tax = rounded(each.filled.amount * rate, unit)
        bases[each.filled.taxes] = bases.get(each.filled.taxes, _ZERO) + each.filled.amount
        by_line[each.filled.taxes] = by_line.get(each.filled.taxes, _ZERO) + tax
        in_list = bool(head.price_list)
        lines.append(
            PricedLine(
                number=each.line.number,
                item_id=each.product.code,
                quantity=each.line.quantity,
                list_price=(
                    Money(trimmed(each.product.price), unit)
                    if each.product.price is not None and unit == home
                    else None
                ),
                unit_price=Money(trimmed(each.filled.price), unit),
                discount_percent=each.line.discount_percent or _ZERO,
                net=Money(each.filled.amount, unit),
                tax_code=_names(each.filled.taxes, taxes),
                tax_rate=rate,
                tax=Money(tax, unit),
                rule="price list" if in_list else "list price",
                source=(
                    f"price list {head.price_list} in {system}"
                    if in_list
                    else f"product {each.product.name} in {system}"
                ),
                description=each.product.name,
                unit=each.product.unit,
                unit_cost=(
                    Money(trimmed(each.product.cost), unit)
                    if each.product.cost is not None and unit == home
                    else None
                ),
                availability=each.availability,
            )
        )
    amounts = tuple(
        TaxAmount(
            code=_names(key, taxes),
            rate=_rate(key, taxes),
            base=Money(base, unit),
            tax=Money(
                by_line[key] if rounding == "line" else rounded(base * _rate(key, taxes), unit),
                unit,
            ),
        )
        for key, base in bases.items()
        if key
    )
    told = sum((line.tax.amount for line in lines), _ZERO)
    return Pricing(
        customer_id=customer.code,
        system=system,
        currency=unit,
        on=on,
        lines=tuple(lines),
        taxes=amounts,
        net=Money(totals.untaxed, unit),
        tax=Money(totals.tax, unit),
        gross=Money(totals.total, unit),
        rounding=cast(Literal["line", "document"], rounding),
        residue=Money(totals.tax - told, unit),
        credit=outcome(customer, totals.untaxed, home) if unit == home else None,
    )


def outcome(customer: Party, untaxed: Decimal, home: str) -> CreditOutcome | None:
    """Say whether Tryton would confirm a sale of so much; `None` where it keeps no limits.

    It compares what is owed, and ordered without tax, with the limit. Source: `check_credit_limit`
    of the module `account_credit_limit`, and `sale_credit_limit`.
    """
    if customer.used is None:
        return None
    after = customer.used + untaxed
    exposure = Money(after, home)
    if customer.limit is None:
        return CreditOutcome(result="ok", exposure_after=exposure)
    limit = Money(customer.limit, home)
    over = after - customer.limit
    if untaxed <= _ZERO or over <= _ZERO:
        return CreditOutcome(result="ok", exposure_after=exposure, limit=limit)
    if customer.blocked:
        reason = f"The credit limit of {customer.code} is {limit}, which blocks it."
    else:
        reason = (
            f"{customer.code} would owe {exposure} without tax of what is not invoiced, "
            f"{Money(over, home)} above its limit of {limit}."
        )
    return CreditOutcome(
        result="on_hold" if customer.blocked else "over_limit",
        exposure_after=exposure,
        limit=limit,
        over_by=Money(over, home),
        reason=reason,
    )


def rounded(value: Decimal, unit: str) -> Decimal:
    """Round as `currency.round` does: half to even."""
    return value.quantize(Decimal(1).scaleb(-minor_units(unit)), rounding=ROUND_HALF_EVEN)


def _rate(tax_ids: Sequence[int], taxes: Mapping[int, Tax]) -> Decimal:
    rates = (taxes[each].rate for each in tax_ids if each in taxes)
    return sum((rate for rate in rates if rate is not None), _ZERO)


def _names(tax_ids: Sequence[int], taxes: Mapping[int, Tax]) -> str:
    return "+".join(taxes[each].name for each in tax_ids if each in taxes)
