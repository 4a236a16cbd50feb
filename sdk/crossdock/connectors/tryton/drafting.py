"""A sale as Tryton itself fills it in before it is saved: what its own form does as one types.

Nothing is stored. Source: `on_change` of `sale.sale` and `sale.line` in 8.2, which the forms call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.reading import Row, unfit
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import wire
from crossdock.connectors.tryton.database import Database
from crossdock.connectors.tryton.products import Product

#: Digits of a price (`price_decimal`, 4 unless the server is configured otherwise).
PRICE_STEP: Final = Decimal("0.0001")
_HUNDRED: Final = Decimal(100)


@frozen(kw_only=True)
class Head:
    """What a sale to a party begins with.

    Attributes:
        values: of the fields, by Tryton's names.
        price_list: the name of the list that gives prices; empty where there is none.
    """

    values: Row
    price_list: str

    @property
    def currency(self) -> int:
        """Its currency's id."""
        return wire.key(self.values, "currency")


@frozen(kw_only=True)
class Filled:
    """A line as Tryton fills it in.

    Attributes:
        price: of one unit, after the price list and before `discount`.
        net_price: after `discount`, with as many digits as Tryton keeps.
        amount: of the line, rounded as Tryton does.
        taxes: ids.
    """

    unit: int | None
    price: Decimal
    net_price: Decimal
    amount: Decimal
    taxes: tuple[int, ...]


@frozen(kw_only=True)
class Totals:
    """What a sale comes to."""

    untaxed: Decimal
    tax: Decimal
    total: Decimal


def less(price: Decimal, discount_percent: Decimal) -> Decimal:
    """Give a price after discount, as `round_price` rounds it: half to even."""
    exact = price * (_HUNDRED - discount_percent) / _HUNDRED
    return exact.quantize(PRICE_STEP, rounding=ROUND_HALF_EVEN)


class Drafting:
    """Lets Tryton fill in sales that are not saved."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self, party: int, currency: int | None, on: date | None) -> Head:
        """Choose a party: gives terms, addresses, price list, currency."""
        values: dict[str, Any] = {
            "company": self._database.company.id,
            "currency": currency or self._database.company.currency_id,
            "party": party,
            "sale_date": on,
            "lines": [],
        }

        def read(result: Any) -> Head:
            told = _changed(result)
            merged = {**values, **{name: each for name, each in told.items() if name[-1] != "."}}
            if currency is not None:
                merged["currency"] = currency
            chosen = merged.get("price_list")
            name = wire.label(wire.inside(told, "price_list"), "rec_name") if chosen else ""
            return Head(values=merged, price_list=name)

        return self._database.read(use.SALE_ON_CHANGE, [values, ["party"]], read)

    def line(
        self,
        head: Head,
        product: Product,
        quantity: Decimal,
        *,
        price: Decimal | None = None,
        discount_percent: Decimal = Decimal(0),
    ) -> Filled:
        """Choose a product and a quantity: gives unit, price, taxes and amount.

        Args:
            head: of the sale.
            product: which.
            quantity: how much.
            price: takes the place of the price that Tryton finds.
            discount_percent: comes off the price.
        """
        values: dict[str, Any] = {
            "type": "line",
            "product": product.id,
            "quantity": float(quantity),
            "unit": None,
            "unit_price": None,
            "taxes": [],
            "company": self._database.company.id,
            **{
                f"_parent_sale.{name}": head.values.get(name)
                for name in ("party", "currency", "price_list", "company", "sale_date", "warehouse")
            },
        }
        told = self._changed_line(values, ["product", "quantity"])
        found = wire.amount_or_none(told, "unit_price")
        chosen = price if price is not None else found
        if chosen is None:
            chosen = Decimal(0)
        net_price = less(chosen, discount_percent)
        unit, taxes = told.get("unit"), _added(told.get("taxes"))
        if net_price != found:
            given = {**values, "unit": unit, "unit_price": net_price}
            told = self._database.read(use.LINE_AMOUNT, [given, ["amount"]], _changed)
        return Filled(
            unit=unit,
            price=chosen,
            net_price=net_price,
            amount=wire.amount(told, "amount"),
            taxes=taxes,
        )

    def totals(self, head: Head, lines: Sequence[Filled]) -> Totals:
        """Add up: gives net, tax and total, rounded as the company has it."""
        values = {
            **{name: head.values.get(name) for name in ("company", "currency", "party")},
            "lines": [
                {
                    "id": -place,
                    "type": "line",
                    "quantity": 1.0,
                    "unit_price": each.amount,
                    "amount": each.amount,
                    "taxes": list(each.taxes),
                }
                for place, each in enumerate(lines, start=1)
            ],
        }

        def read(result: Any) -> Totals:
            told = _changed(result)
            return Totals(
                untaxed=wire.amount(told, "untaxed_amount"),
                tax=wire.amount(told, "tax_amount"),
                total=wire.amount(told, "total_amount"),
            )

        return self._database.read(use.SALE_ON_CHANGE, [values, ["lines"]], read)

    def _changed_line(self, values: Row, names: Sequence[str]) -> Row:
        return self._database.read(use.LINE_ON_CHANGE, [values, list(names)], _changed)


def _changed(result: Any) -> Row:
    if isinstance(result, dict):
        return result
    raise unfit("", "the fields that changed", result)


def _added(told: Any) -> tuple[int, ...]:
    """Read which records a field gains: `{"add": [[place, {"id": ...}], ...]}`, or plain ids."""
    if isinstance(told, dict):
        return tuple(wire.key(each[1]) for each in told.get("add", []))
    return tuple(told or ())
