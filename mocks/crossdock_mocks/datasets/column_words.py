"""Words for columns, so that the kinds of records read like their tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock_mocks.datasets.columns import Column, LineReference


def column(type_: str, name: str, **more: Any) -> Column:
    """A column of a type."""
    return Column(name=name, type=type_, **more)


def text(name: str, **more: Any) -> Column:
    """A text."""
    return column("text", name, **more)


def id_(name: str = "id") -> Column:
    """The id of a record."""
    return column("text", name, required=True)


def ref(name: str, kind: str, *, required: bool = False) -> Column:
    """The id of a record of another kind."""
    return column("text", name, references=kind, required=required)


def decimal(name: str, **more: Any) -> Column:
    """A decimal number."""
    return column("decimal", name, **more)


def quantity(name: str = "quantity") -> Column:
    """A quantity of more than nothing."""
    return decimal(name, required=True, positive=True)


def price(name: str = "unit_price") -> Column:
    """A price for each, without tax."""
    return decimal(name, required=True, minimum=0, note="per unit, without tax")


def percent(name: str = "discount_percent", default: Decimal | None = Decimal(0)) -> Column:
    """A part of a hundred."""
    return decimal(name, minimum=0, default=default, note="per cent: 10 = 10 %")


def whole(name: str, **more: Any) -> Column:
    """A whole number."""
    return column("integer", name, **more)


def day(name: str, **more: Any) -> Column:
    """A day."""
    return column("date", name, **more)


def instant(name: str, **more: Any) -> Column:
    """An instant."""
    return column("instant", name, **more)


def flag(name: str, *, default: bool) -> Column:
    """Yes or no."""
    return column("boolean", name, default=default)


def currency(*, required: bool = True) -> Column:
    """A currency (ISO 4217)."""
    return column("currency", "currency", required=required)


def choice(name: str, *choices: str, **more: Any) -> Column:
    """One of several words."""
    return column("text", name, choices=choices, **more)


def line_number() -> Column:
    """The number of a line, from 1."""
    return whole("line", required=True, minimum=1)


def order_line(through: str = "order_id") -> Column:
    """The number of a line of the order that `through` leads to."""
    return whole("order_line", line_reference=LineReference(through=through, lines="order_lines"))


def address(prefix: str = "") -> tuple[Column, ...]:
    """The columns of an address."""
    return (
        text(f"{prefix}street"),
        text(f"{prefix}city"),
        text(f"{prefix}region"),
        text(f"{prefix}postcode"),
        column("country", f"{prefix}country"),
    )


def billed_line(head: str) -> tuple[Column, ...]:
    """The columns of a line of an invoice or a credit note."""
    return (
        ref(f"{head}_id", f"{head}s", required=True),
        line_number(),
        order_line(),
        ref("item_id", "items", required=True),
        text("description"),
        quantity(),
        price(),
        percent(),
        ref("tax_code", "tax_codes", required=True),
    )


def billing_head(*more: Column) -> tuple[Column, ...]:
    """The columns of an invoice or a credit note."""
    return (
        id_(),
        ref("customer_id", "customers", required=True),
        ref("order_id", "orders"),
        *more,
        day("issued_on", required=True, note="document date"),
        day("posted_on", required=True, note="posting date"),
        day("due_on", note="blank: the posting date"),
        currency(),
        text("reference", note="the customer's own reference"),
    )
