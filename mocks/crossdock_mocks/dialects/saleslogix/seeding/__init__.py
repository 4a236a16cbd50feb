"""Filling an installation from a data set: the same companies as all other mocks tell of.

The number of the ERP's customer is the `ErpExtId` of its account. What a back office would tell
(`erp...`) is not there: Crossdock brings it.
"""

from __future__ import annotations

from typing import Any

from crossdock_mocks.dialects.saleslogix.seeding import (
    activities,
    companies,
    documents,
    opportunities,
    people,
)
from crossdock_mocks.dialects.saleslogix.settings import keep_base_currency
from crossdock_mocks.engine import World
from crossdock_mocks.sdata import Contract, Filling


def seed(world: World, source: Any, contract: Contract) -> None:
    """Fill the tables of a world; without a data set only with what every installation has."""
    keep_base_currency(world, "USD" if source is None else source.currency)
    to = Filling(world, contract)
    people.users(to, source)
    if source is None:
        return
    companies.products(to, source)
    companies.parties(to, source)
    opportunities.opportunities(to, source)
    documents.quotes_and_orders(to, source)
    opportunities.campaigns(to, source)
    activities.activities(to, source)
    activities.tickets(to, source)
