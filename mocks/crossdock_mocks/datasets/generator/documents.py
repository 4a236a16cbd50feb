"""Documents while the generator makes them: linked to each other, numbered at the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from attrs import define, field

from crossdock_mocks.datasets.amounts import document_total, line_net
from crossdock_mocks.datasets.generator.catalogue import Item
from crossdock_mocks.datasets.generator.customers import Customer

__all__ = [
    "Application",
    "Billed",
    "BilledLine",
    "Contract",
    "Order",
    "OrderLine",
    "Payment",
    "Return",
    "Shipment",
]

RATES = {"STD": Decimal("0.20"), "RED": Decimal("0.10"), "ZERO": Decimal("0.00")}


@define(eq=False, kw_only=True)
class OrderLine:
    """A line of an order, with what became of it."""

    number: int
    item: Item
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    promised_on: date
    cancelled: Decimal = Decimal(0)
    shipped: Decimal = Decimal(0)

    @property
    def open(self) -> Decimal:
        """What is still to be shipped."""
        return self.quantity - self.cancelled - self.shipped

    def gross(self, quantity: Decimal) -> Decimal:
        """What a quantity of it comes to, tax included."""
        net = line_net(quantity, self.unit_price, self.discount)
        return document_total([(net, RATES[self.item.tax_code])], "line")


@define(eq=False, kw_only=True)
class Order:
    """A sales order."""

    id: str = ""
    customer: Customer
    ordered_on: date
    requested_on: date
    reference: str
    carrier: str
    status: str = "open"
    lines: list[OrderLine] = field(factory=list)
    quote_id: str = ""

    @property
    def net(self) -> Decimal:
        """Net value of what was ordered."""
        return sum(
            (line_net(one.quantity, one.unit_price, one.discount) for one in self.lines), Decimal(0)
        )


@define(eq=False, kw_only=True)
class Shipment:
    """Goods of one order that left on one day."""

    id: str = ""
    order: Order
    shipped_on: date
    tracking: str
    lines: list[tuple[OrderLine, Decimal]]


@define(eq=False, kw_only=True)
class BilledLine:
    """A line of an invoice or credit note."""

    item: Item
    order_line: int | None
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal

    @property
    def net(self) -> Decimal:
        """Its net amount."""
        return line_net(self.quantity, self.unit_price, self.discount)


@define(eq=False, kw_only=True)
class Billed:
    """An invoice, or a credit note for one."""

    id: str = ""
    customer: Customer
    order: Order | None
    issued_on: date
    due_on: date
    reference: str
    lines: list[BilledLine]
    credited: Billed | None = None
    reason: str = ""
    open: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """Gross amount."""
        return gross(self.lines)


@define(eq=False, kw_only=True)
class Payment:
    """Money that came in."""

    id: str = ""
    customer: Customer
    received_on: date
    amount: Decimal
    method: str
    reference: str


@define(eq=False, kw_only=True)
class Application:
    """Part of a payment or credit note, set against an invoice."""

    payment: Payment | None
    credit_note: Billed | None
    invoice: Billed
    applied_on: date
    amount: Decimal


@define(eq=False, kw_only=True)
class Return:
    """Goods that came back."""

    id: str = ""
    customer: Customer
    order: Order | None
    received_on: date
    reason: str
    lines: list[tuple[Item, Decimal]]


@define(eq=False, kw_only=True)
class Contract:
    """A service contract."""

    id: str = ""
    customer: Customer
    kind: str
    name: str
    starts_on: date
    ends_on: date
    annual_value: Decimal
    annual_cost: Decimal


def gross(lines: Iterable[BilledLine]) -> Decimal:
    """Gross amount of lines, tax rounded by line."""
    return document_total([(one.net, RATES[one.item.tax_code]) for one in lines], "line")
