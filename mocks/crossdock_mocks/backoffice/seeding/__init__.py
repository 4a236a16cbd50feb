"""Filling a new world's books from a data set."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.backoffice.books import Books, Row
from crossdock_mocks.backoffice.decimals import ZERO, amount_text, minor_units
from crossdock_mocks.backoffice.kinds import COMPANY, KINDS, PAYMENT
from crossdock_mocks.backoffice.receivables import settle_means
from crossdock_mocks.backoffice.seeding.billed import Billing
from crossdock_mocks.backoffice.seeding.masters import (
    read_stock,
    seed_company,
    seed_masters,
    seed_receipts,
    seed_stock,
)
from crossdock_mocks.backoffice.seeding.movements import Movements
from crossdock_mocks.backoffice.seeding.order_lines import OrderLines
from crossdock_mocks.backoffice.seeding.orders import Orders
from crossdock_mocks.backoffice.seeding.source import Source, begun
from crossdock_mocks.backoffice.settings import new_company
from crossdock_mocks.engine import World

__all__ = ["Source", "seed"]

_MORNING: Final = time(8, tzinfo=UTC)


def seed(world: World, source: Source | None) -> None:
    """Fill a new world: masters, invoices with what settles them, orders with what became of them.

    The world's clock is set to the data set's day, unless it stands on it already. Without a data
    set there is a company and nothing else.

    Args:
        world: The world.
        source: The data set.

    Raises:
        ValueError: The data contradict themselves: more was applied, shipped, invoiced, credited
            or returned than there is.
    """
    if source is None:
        today = world.today.isoformat()
        company = new_company(
            name="Reference ERP", country=None, currency="EUR", rounding="line", as_of=today
        )
        world.table(COMPANY.table).insert(company)
        return
    if world.today != source.as_of:
        world.clock.set(datetime.combine(source.as_of, _MORNING))
    seed_company(world, source)
    seed_masters(world, source)
    stock = read_stock(source)
    supplies = seed_receipts(world, source)
    billers = {
        row["id"]: row["bill_to_id"]
        for row in source.rows("customers")
        if row["bill_to_id"] is not None
    }
    order_lines = OrderLines.read(source)
    billing = Billing(world, source, order_lines, billers)
    _seed_billed(world, source, billing, billers)
    movements = Movements(world, source, order_lines)
    movements.seed_shipments()
    movements.seed_returns()
    orders = Orders(Books(world), source, order_lines, billers, stock, supplies)
    orders.seed_orders()
    orders.reserve_numbers()
    seed_stock(world, stock)
    _reserve_ids(world)


def _seed_billed(world: World, source: Source, billing: Billing, billers: dict[str, str]) -> None:
    currencies = {
        row["id"]: row["currency"] for kind in ("payments", "credit_notes")
        for row in source.rows(kind)
    }  # fmt: skip
    billing.read_applications(lambda means: minor_units(currencies[means]))
    billing.seed_invoices()
    billing.seed_credit_notes()
    world.table(PAYMENT.table).insert_many(
        _payment(row, billing.applications_of(row["id"]), billers)
        for row in source.rows("payments")
    )


def _payment(row: dict[str, Any], applications: list[Row], billers: dict[str, str]) -> Row:
    places = minor_units(row["currency"])
    payment: Row = {
        "id": row["id"],
        "customerId": row["customer_id"],
        "billToId": billers.get(row["customer_id"], row["customer_id"]),
        "externalReference": None,
        "receivedOn": row["received_on"].isoformat(),
        "currency": row["currency"],
        "amount": amount_text(row["amount"], places),
        "method": row["method"],
        "reference": row["reference"],
        "applications": applications,
        "createdAt": begun(row["received_on"]),
        "version": 1,
    }
    settle_means(payment, "amount", places)
    if Decimal(payment["unappliedAmount"]) < ZERO:
        raise ValueError(f"data set: more of payment {row['id']} is applied than it has")
    return payment


def _reserve_ids(world: World) -> None:
    """Let numbers go on behind the highest that the data set uses."""
    for kind in KINDS:
        if not kind.prefix:
            continue
        highest = world.query(
            f"SELECT max(CAST(substr(_key, ?) AS INTEGER)) FROM {kind.table}"  # noqa: S608 - ours
            " WHERE _key GLOB ?",
            (len(kind.prefix) + 1, f"{kind.prefix}[0-9]*"),
        )[0][0]
        if highest is not None and highest >= kind.first:
            world.reserve(kind.table, highest)
