"""A draft priced from what QuickBooks knows: the sales price of each item, and its tax codes.

QuickBooks has no price service. Its rules (price rules, price levels) are applied in its own forms
only and no interface tells them; a price is therefore the item's sales price, and says so. Tax is
computed where the rates of a line's tax code are known, by rate over the document as QuickBooks
does; where QuickBooks finds the rates only when it makes the document (automated sales tax), the
pricing says that its tax is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.quickbooks.customers import Customer
from crossdock.connectors.quickbooks.items import Product, TaxCode
from crossdock.connectors.quickbooks.placing import amount_of
from crossdock.records import Money, PricedLine, PriceRequestLine, Pricing, TaxAmount

RULE: Final = "sales price"
NO_TAX: Final = "NON"
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Wanted:
    """A line that is asked for, with what was found of it."""

    line: PriceRequestLine
    product: Product
    price: Decimal


def code_of(product: Product, customer: Customer) -> str:
    """Say which tax code applies: none where nothing is taxed, the customer's, or the item's."""
    if not customer.taxable or not product.taxable:
        return NO_TAX if not product.tax_code else product.tax_code
    return customer.tax_code or product.tax_code


def pricing(
    wanted: Sequence[Wanted],
    customer: Customer,
    codes: Mapping[str, TaxCode],
    *,
    system: str,
    on: date,
) -> Pricing:
    """Price a draft.

    Args:
        wanted: its lines.
        customer: who asks; prices are in the company's currency, and so must the customer's be.
        codes: every tax code, by id.
        system: the configured name.
        on: the day.
    """
    unit = customer.currency
    lines: list[PricedLine] = []
    bases: dict[str, tuple[TaxCode, Decimal]] = {}
    known = True
    for each in wanted:
        discount = each.line.discount_percent or _ZERO
        net = amount_of(each.price, each.line.quantity, discount, unit)
        code = _code(each.product, customer, codes)
        if code.rate is None:
            known = False
        rate = code.rate or _ZERO
        bases[code.id] = (code, bases.get(code.id, (code, _ZERO))[1] + net)
        lines.append(
            PricedLine(
                number=each.line.number,
                item_id=each.product.code,
                quantity=each.line.quantity,
                list_price=of_unit(each.price, unit),
                unit_price=of_unit(each.price, unit),
                discount_percent=discount,
                net=Money(net, unit),
                tax_code=code.name,
                tax_rate=rate,
                tax=Money(net * rate, unit).rounded(),
                rule=RULE,
                source=f"item {each.product.name} in {system}",
                description=each.product.description or each.product.name,
                unit_cost=None if each.product.cost is None else of_unit(each.product.cost, unit),
            )
        )
    taxes = tuple(
        TaxAmount(
            code=code.name,
            rate=code.rate,
            base=Money(base, unit),
            tax=Money(base * code.rate, unit).rounded(),
        )
        for code, base in bases.values()
        if code.rate is not None
    )
    net_total = sum((line.net for line in lines), start=Money.zero(unit))
    tax_total = sum((each.tax for each in taxes), start=Money.zero(unit))
    return Pricing(
        customer_id=customer.number,
        system=system,
        currency=unit,
        on=on,
        lines=tuple(lines),
        taxes=taxes,
        net=net_total,
        tax=tax_total,
        gross=net_total + tax_total,
        rounding="document",
        residue=tax_total - sum((line.tax for line in lines), start=Money.zero(unit)),
        tax_known=known,
    )


def _code(product: Product, customer: Customer, codes: Mapping[str, TaxCode]) -> TaxCode:
    chosen = code_of(product, customer)
    if not customer.taxable or not product.taxable or chosen == NO_TAX:
        return TaxCode(id=NO_TAX, name=NO_TAX, rate=_ZERO)
    return codes.get(chosen) or TaxCode(id=chosen, name=chosen or "not told", rate=None)
