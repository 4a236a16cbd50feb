"""Orders: Tryton's sales, as plugins know them.

A sale becomes an order when it is confirmed. One that came from a CRM is an order from the
beginning: until it is confirmed it is `submitted`, or `on_hold` where Tryton did not confirm it.
Offers that people make in Tryton are no orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import evolve

from crossdock.connectors.tryton import wire
from crossdock.connectors.tryton.products import trimmed
from crossdock.connectors.tryton.sales import AN_OFFER, Line, Sale
from crossdock.records import Address, Money, Order, OrderLine

_ZERO: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)


def order(
    found: Sale,
    system: str,
    *,
    codes: Mapping[int, str],
    ship_to: Address,
    held: str = "",
) -> Order:
    """Give a sale as plugins know it.

    Args:
        found: the sale.
        system: the configured name.
        codes: of products, by id.
        ship_to: where it goes.
        held: why Tryton would not confirm it; empty where it would, or has.
    """
    row = found.row
    unit = wire.label(wire.inside(row, "currency"), "code")
    crm, crm_order = found.crm
    lines = _numbered(
        [
            order_line(each, unit, codes[each.product], cancelled=found.state == "cancelled")
            for each in found.lines
            if each.product is not None
        ]
    )
    number = wire.label(wire.inside(row, "party"), "code")
    return Order(
        id=found.name,
        system=system,
        currency=unit,
        customer_id=number,
        trading_account=f"{system}:{number}",
        reference=crm_order or found.reference,
        lines=lines,
        status=_status(found, lines, held),
        hold_reason=held,
        ordered_on=wire.day_or_none(row, "sale_date") or wire.day_or_none(row, "quotation_date"),
        requested_on=wire.day_or_none(row, "shipping_date"),
        promised_on=max(
            (each.promised_on for each in lines if each.promised_on is not None), default=None
        ),
        ship_to=ship_to,
        net=wire.money(row, "untaxed_amount", unit),
        tax=wire.money(row, "tax_amount", unit),
        gross=wire.money(row, "total_amount", unit),
        external_ids={crm: crm_order} if crm else {},
        created_at=wire.instant_or_none(row, "create_date"),
        version=found.version,
    )


def order_line(each: Line, unit: str, code: str, *, cancelled: bool) -> OrderLine:
    """Give a line as plugins know it."""
    shipped = each.shipped
    over = each.quantity - shipped if cancelled else each.given_up
    still = max(each.quantity - over - shipped, _ZERO)
    reserved = min(each.reserved, still)
    price, discount = _price(each)
    return OrderLine(
        number=each.number,
        item_id=code,
        quantity=each.quantity,
        unit=each.unit,
        description=each.words,
        unit_price=Money(trimmed(price), unit),
        discount_percent=discount,
        net=Money(each.amount, unit),
        reserved=reserved,
        back_ordered=still - reserved,
        shipped=shipped,
        invoiced=each.invoiced,
        returned=each.returned,
        cancelled=over,
        promised_on=wire.day_or_none(each.row, "shipping_date"),
    )


def _price(each: Line) -> tuple[Decimal, Decimal]:
    """Give the price and the discount; none, where a rate alone does not give the price again."""
    percent = (each.rate * _HUNDRED).normalize()
    if each.base is None or percent <= 0:
        return each.price, _ZERO
    again = (each.base * (1 - each.rate)).quantize(Decimal("0.0001"))
    return (each.base, percent) if again == each.price else (each.price, _ZERO)


def _numbered(lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    """Give each line a number of its own: people may give two the same place."""
    taken: set[int] = set()
    made = []
    for each in lines:
        number = each.number
        while number in taken:
            number += 1
        taken.add(number)
        made.append(evolve(each, number=number))
    return tuple(made)


def _status(found: Sale, lines: Sequence[OrderLine], held: str) -> str:
    if found.state == "cancelled":
        return "cancelled"
    if found.state in AN_OFFER:
        return "on_hold" if held else "submitted"
    wanted = sum((each.quantity - each.cancelled for each in lines), _ZERO)
    shipped = sum((each.shipped for each in lines), _ZERO)
    invoiced = sum((each.invoiced for each in lines), _ZERO)
    if wanted <= 0 and not invoiced:
        return "cancelled"
    if shipped and all(each.returned >= each.shipped for each in lines):
        return "returned"
    if invoiced > 0:
        if any(each.invoiced < each.quantity - each.cancelled - each.returned for each in lines):
            return "partly_invoiced"
        paid = bool(found.payable) and all(found.payable.values())
        return "paid" if paid else "invoiced"
    if shipped > 0:
        return "shipped" if shipped >= wanted else "partly_shipped"
    return "confirmed"
