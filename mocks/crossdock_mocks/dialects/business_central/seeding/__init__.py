"""Filling a new world from a data set: the books of the back office, told as Business Central does.

The back office computes a data set's documents (prices, tax, what settles what), so all ERPs that
are seeded from the same data agree to the cent. Customers keep their number, items their code,
documents their number; orders that are done are gone, as they are in Business Central. Each record
was changed last on its own day, and not when the world began.
"""

from __future__ import annotations

from typing import Any

from crossdock_mocks import backoffice
from crossdock_mocks.backoffice import kinds
from crossdock_mocks.backoffice.settings import new_company
from crossdock_mocks.dialects.business_central.ledger import catch_up
from crossdock_mocks.dialects.business_central.records import LEDGER
from crossdock_mocks.dialects.business_central.seeding.documents import (
    add_credit_memos,
    add_invoices,
    add_orders,
    add_shipments,
)
from crossdock_mocks.dialects.business_central.seeding.entries import (
    add_payments,
    reserve,
    show_settled,
)
from crossdock_mocks.dialects.business_central.seeding.masters import (
    add_contacts,
    add_customers,
    add_items,
)
from crossdock_mocks.dialects.business_central.seeding.setting import (
    Seeding,
    add_exchange_rates,
    setup,
)
from crossdock_mocks.engine import World


def seed(world: World, dataset: Any) -> None:
    """Fill a new world.

    Args:
        world: The world.
        dataset: The data set; None for a company with its setup and nothing else.
    """
    if dataset is None:
        company = new_company(
            name="CRONUS", country=None, currency="EUR", rounding="line",
            as_of=world.today.isoformat(),
        )  # fmt: skip
        world.table("company").insert({**company, "pricePolicy": "best_price"})
        setup(Seeding(world, World(), company), [], [], {}, {})
        return
    source = World(kinds.TABLES, now=world.now)
    try:
        backoffice.seed(source, dataset)
        world.clock.set(source.clock.now)
        company = source.table("company").find()[0]
        world.table("company").insert({**company, "pricePolicy": "best_price"})
        for name in (kinds.PRICES, kinds.PRICE_LISTS):
            world.table(name).insert_many(source.table(name).find())
        _sow(Seeding(world, source, company), dataset)
    finally:
        source.close()


def _sow(seeding: Seeding, dataset: Any) -> None:
    """All of a data set."""
    source = seeding.source
    customers = source.table("customers").find()
    items = source.table(kinds.ITEMS).find()
    orders = source.table("sales_orders").find()
    rates = {row["id"]: row for row in source.table(kinds.TAX_CODES).find()}
    stock = {row["itemId"]: row for row in source.table("stock").find()}
    seeding.on(min((row["orderedOn"] for row in orders), default=seeding.records.today))
    setup(seeding, customers, items, rates, stock)
    add_items(seeding, items, stock)
    add_customers(seeding, customers)
    add_contacts(seeding, dataset)
    add_orders(seeding, orders)
    add_shipments(seeding, {row["id"]: row for row in orders})
    add_invoices(seeding, orders)
    add_credit_memos(seeding)
    add_payments(seeding)
    for row in seeding.entries.values():
        seeding.records.table(LEDGER).insert(row)
    show_settled(seeding)
    add_exchange_rates(seeding)
    seeding.records.now = seeding.now
    reserve(seeding, orders)
    catch_up(seeding.records)
