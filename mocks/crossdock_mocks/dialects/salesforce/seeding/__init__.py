"""Filling an organization from a data set: the same companies as all other mocks tell of.

The custom fields say where records come from: the number of the ERP's customer stands on the
account, and the data set's own id on whatever has no number of its own.
"""

from __future__ import annotations

from crossdock_mocks.dialects.salesforce.organization import define_field
from crossdock_mocks.dialects.salesforce.package import deployed
from crossdock_mocks.dialects.salesforce.seeding import (
    activities,
    companies,
    documents,
    people,
    sales,
    service,
)
from crossdock_mocks.dialects.salesforce.seeding.fields import FIELDS
from crossdock_mocks.dialects.salesforce.seeding.filling import Filling, Source
from crossdock_mocks.engine import World

__all__ = ["Source", "seed"]


def seed(world: World, source: Source | None) -> None:
    """Fill the tables of a world; without a data set only with what every organization has."""
    for owner, field in (*FIELDS, *deployed()):
        define_field(world, owner, field, indexed=field.external)
    to = Filling(world, source)
    people.organization(to)
    people.users(to)
    sales.stages(to)
    book = {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True}
    to.put("Pricebook2", [book])
    if source is None:
        return
    companies.products(to)
    companies.companies(to)
    companies.campaigns(to)
    documents.quotes_and_orders(to, sales.deals(to))
    activities.activities(to)
    service.cases(to)
    people.logins(to)
