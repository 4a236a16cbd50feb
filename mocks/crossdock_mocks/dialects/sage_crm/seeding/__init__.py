"""Filling Sage CRM from a data set: the same companies, items and story accounts as everywhere.

Keys are the numbers of the data set's ids (`A-1001` is company 1001), so they are the same in each
run. Seeded records are the beginning: they were last changed when they were made.
"""

from __future__ import annotations

from crossdock_mocks.dialects.sage_crm.seeding.filling import Filling
from crossdock_mocks.dialects.sage_crm.seeding.office import put_catalogue, put_office
from crossdock_mocks.dialects.sage_crm.seeding.parties import put_parties
from crossdock_mocks.dialects.sage_crm.seeding.sales import put_sales
from crossdock_mocks.dialects.sage_crm.seeding.work import put_work
from crossdock_mocks.engine import World
from crossdock_mocks.frontoffice.seeding import Source

__all__ = ["seed"]


def seed(world: World, source: Source | None) -> None:
    """Fill a world: users, currencies and captions that each one has, and what a data set tells."""
    to = Filling(world)
    put_office(to, source)
    if source is not None:
        put_catalogue(to, source)
        put_parties(to, source)
        put_sales(to, source)
        put_work(to, source)
    to.done()
