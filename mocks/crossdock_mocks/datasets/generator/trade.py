"""From orders to shipments, invoices, returns and credit notes, day by day as it would happen."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from attrs import define, field

from crossdock_mocks.datasets.generator.catalogue import Catalogue, Item
from crossdock_mocks.datasets.generator.customers import Customer
from crossdock_mocks.datasets.generator.documents import (
    Billed,
    BilledLine,
    Contract,
    Order,
    OrderLine,
    Return,
    Shipment,
)

__all__ = ["CARRIERS", "Trade", "play_trade", "working_day"]

CARRIERS = ("Alpenfracht", "Donau Cargo", "Kurier Blitzer", "Own lorry")

_SEASON = (0.92, 0.95, 1.12, 1.08, 1.04, 1.0, 0.82, 0.7, 1.1, 1.16, 1.12, 0.74)
"""Order volume by month of the year: quiet in August and at Christmas."""

_RETURN_REASONS = ("Wrong size ordered", "Damaged in transit", "Delivered twice", "Surplus")


@define
class Trade:
    """Everything that was traded."""

    orders: list[Order] = field(factory=list)
    shipments: list[Shipment] = field(factory=list)
    invoices: list[Billed] = field(factory=list)
    credit_notes: list[Billed] = field(factory=list)
    returns: list[Return] = field(factory=list)
    contracts: list[Contract] = field(factory=list)


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def play_trade(
    rng: Random, customers: list[Customer], catalogue: Catalogue, first_day: date
) -> Trade:
    """What was traded from the first day to the catalogue's as-of day."""
    trade = Trade()
    for customer in customers:
        for day in _order_days(rng, customer, first_day, catalogue.as_of):
            order = _order(rng, customer, catalogue, day)
            trade.orders.append(order)
            _fulfil(rng, trade, order, catalogue.as_of)
        _contract(rng, trade, customer, catalogue)
    return trade


def _order_days(rng: Random, customer: Customer, first_day: date, as_of: date) -> list[date]:
    days = []
    month = first_day.replace(day=1)
    while month <= as_of:
        age = (as_of - month).days / 365.25
        rate = customer.orders_a_month * _SEASON[month.month - 1] * 1.06 ** (-age)
        rate *= _habit(customer, age)
        for _ in range(_poisson(rng, rate)):
            day = working_day(month + timedelta(days=rng.randint(0, 27)))
            if first_day <= day <= as_of:
                days.append(day)
        month = (month + timedelta(days=32)).replace(day=1)
    if customer.part in ("healthy", "near limit", "over limit"):
        days += [working_day(as_of - timedelta(days=days_ago)) for days_ago in (38, 24, 12, 5)]
    return sorted(day for day in days if day <= as_of)


def _habit(customer: Customer, age: float) -> float:
    """How much a customer ordered so many years ago, against its usual rate."""
    if customer.part == "dormant":
        return 1.0 if age > 0.92 else 0.0
    if customer.part == "former":
        return 1.0 if age > 1.4 else 0.0
    if customer.part == "on hold":
        return 1.0 if age > 0.3 else 0.0
    if customer.part == "declining":
        return 1.25 if age > 1.5 else max(0.12, 1.25 - 0.75 * (1.5 - age))
    return float((1 + customer.trend) ** (-age))


def _order(rng: Random, customer: Customer, catalogue: Catalogue, day: date) -> Order:
    requested = working_day(day + timedelta(days=rng.randint(3, 16)))
    order = Order(
        customer=customer,
        ordered_on=day,
        requested_on=requested,
        reference=f"PO {rng.randint(10000, 99999)}",
        carrier=rng.choice(CARRIERS),
    )
    count = min(len(customer.favourites), 1 + _poisson(rng, 1.4))
    weights = [1 / (1 + place) for place in range(len(customer.favourites))]
    chosen: list[Item] = []
    while len(chosen) < count:
        item = rng.choices(customer.favourites, weights)[0]
        if item not in chosen:
            chosen.append(item)
    for item in chosen:
        quantity = Decimal(max(1, round(item.usual_quantity * customer.size * rng.uniform(0.4, 2))))
        _add_line(order, catalogue, item, quantity)
    heavy = sum(one.quantity * one.unit_price for one in order.lines) > 1500
    if rng.random() < 0.55:
        freight = "FRT-1002" if heavy else "FRT-1001"
        _add_line(order, catalogue, catalogue.items[freight], Decimal(1))
        if rng.random() < 0.12:
            _add_line(order, catalogue, catalogue.items["FRT-1003"], Decimal(1))
    return order


def _add_line(order: Order, catalogue: Catalogue, item: Item, quantity: Decimal) -> None:
    customer = order.customer
    price, discount = catalogue.price(
        item, customer.id, customer.price_list_id, customer.price_level, quantity, order.ordered_on
    )
    ready = working_day(order.ordered_on + timedelta(days=2))
    order.lines.append(
        OrderLine(
            number=len(order.lines) + 1,
            item=item,
            quantity=quantity,
            unit_price=price,
            discount=discount,
            promised_on=max(order.requested_on, ready),
        )
    )


def _fulfil(rng: Random, trade: Trade, order: Order, as_of: date) -> None:
    """Ship, invoice and sometimes take back; what lies after the as-of day stays open."""
    fate = rng.random()
    if fate < 0.02 and order.ordered_on < as_of - timedelta(days=30):
        order.status = "cancelled"
        for line in order.lines:
            line.cancelled = line.quantity
        return
    if order.customer.part in ("over limit", "on hold") and order.ordered_on > as_of - timedelta(
        days=10
    ):
        order.status = "hold"
        return
    promised = max(line.promised_on for line in order.lines)
    day = working_day(promised + timedelta(days=rng.choice((0, 0, 0, -1, 1, 6, 13))))
    now, later = _split(rng, order) if fate < 0.2 else (_whole(order.lines), [])
    _ship(rng, trade, order, now, day, as_of)
    for line, renewed in later:
        rest = line.open
        if rng.random() < 0.12 and day < as_of - timedelta(days=60):
            line.cancelled = rest
            continue
        late = working_day(day + timedelta(days=rng.randint(7, 40)))
        line.promised_on = late if renewed else line.promised_on
        _ship(rng, trade, order, [(line, rest)], late, as_of)
    if not any(line.open for line in order.lines):
        order.status = "closed"


def _whole(lines: list[OrderLine]) -> list[tuple[OrderLine, Decimal]]:
    return [(line, line.quantity) for line in lines]


def _split(
    rng: Random, order: Order
) -> tuple[list[tuple[OrderLine, Decimal]], list[tuple[OrderLine, bool]]]:
    """What ships at once, and which lines follow (true: with a new promised date)."""
    goods = [line for line in order.lines if line.item.kind == "goods"]
    if not goods:
        return _whole(order.lines), []
    late = goods[-1]
    now = _whole([line for line in order.lines if line is not late])
    half = late.quantity // 2
    if half and (not now or rng.random() < 0.4):
        now.append((late, half))
    return now, [(late, rng.random() < 0.4)]


def _ship(
    rng: Random,
    trade: Trade,
    order: Order,
    lines: list[tuple[OrderLine, Decimal]],
    day: date,
    as_of: date,
) -> None:
    day = max(day, order.ordered_on)
    if day > as_of or not lines:
        return
    shipment = Shipment(
        order=order, shipped_on=day, tracking=f"{rng.randint(10**9, 10**10 - 1)}", lines=lines
    )
    for line, quantity in lines:
        line.shipped += quantity
    trade.shipments.append(shipment)
    issued = working_day(day + timedelta(days=rng.choice((0, 0, 1, 2))))
    if issued > as_of:
        return
    invoice = Billed(
        customer=order.customer,
        order=order,
        issued_on=issued,
        due_on=issued + timedelta(days=order.customer.terms_days),
        reference=order.reference,
        lines=[
            BilledLine(
                item=line.item,
                order_line=line.number,
                quantity=quantity,
                unit_price=line.unit_price,
                discount=line.discount,
            )
            for line, quantity in lines
        ],
    )
    trade.invoices.append(invoice)
    if rng.random() < 0.035:
        _take_back(rng, trade, invoice, as_of)


def _take_back(rng: Random, trade: Trade, invoice: Billed, as_of: date) -> None:
    goods = [line for line in invoice.lines if line.item.kind == "goods"]
    received = working_day(invoice.issued_on + timedelta(days=rng.randint(4, 25)))
    credited = working_day(received + timedelta(days=rng.randint(1, 5)))
    if not goods or received > as_of:
        return
    line = rng.choice(goods)
    quantity = Decimal(max(1, int(line.quantity * Decimal(rng.choice((25, 50, 100))) / 100)))
    reason = rng.choice(_RETURN_REASONS)
    trade.returns.append(
        Return(
            customer=invoice.customer,
            order=invoice.order,
            received_on=received,
            reason=reason,
            lines=[(line.item, quantity)],
        )
    )
    if credited > as_of:
        return
    trade.credit_notes.append(
        Billed(
            customer=invoice.customer,
            order=invoice.order,
            issued_on=credited,
            due_on=credited,
            reference=invoice.reference,
            credited=invoice,
            reason=reason,
            lines=[
                BilledLine(
                    item=line.item,
                    order_line=line.order_line,
                    quantity=quantity,
                    unit_price=line.unit_price,
                    discount=line.discount,
                )
            ],
        )
    )


def _contract(rng: Random, trade: Trade, customer: Customer, catalogue: Catalogue) -> None:
    """A service contract now and then, invoiced each year in advance."""
    number = len(trade.contracts)
    if customer.part in ("former", "on hold") or (number > 2 and rng.random() > 0.22):
        return
    as_of = catalogue.as_of
    kind, name = (
        ("maintenance", "Preventive maintenance of conveyor drives"),
        ("sla", "Spare parts within 24 hours"),
        ("support", "Condition monitoring of bearings"),
    )[number % 3]
    ends = as_of + timedelta(days=(190, 21, -45, 330, 75)[number % 5] + rng.randint(0, 8))
    years = rng.choice((1, 2))
    starts = ends - timedelta(days=365 * years - 1)
    value = Decimal(rng.randint(12, 90) * 100)
    cost = (value * Decimal(rng.choice((48, 61, 70, 118))) / 100).quantize(Decimal("0.01"))
    trade.contracts.append(
        Contract(
            customer=customer,
            kind=kind,
            name=name,
            starts_on=starts,
            ends_on=ends,
            annual_value=value,
            annual_cost=cost,
        )
    )
    fee = catalogue.items["SRV-1004"]
    for year in range(years):
        issued = working_day(starts + timedelta(days=365 * year))
        if issued <= as_of:
            trade.invoices.append(
                Billed(
                    customer=customer,
                    order=None,
                    issued_on=issued,
                    due_on=issued + timedelta(days=customer.terms_days),
                    reference=name,
                    lines=[
                        BilledLine(
                            item=fee,
                            order_line=None,
                            quantity=Decimal(1),
                            unit_price=value,
                            discount=Decimal(0),
                        )
                    ],
                )
            )


def _poisson(rng: Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
