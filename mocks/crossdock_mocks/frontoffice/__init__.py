"""How a CRM behaves, whatever its wire: records, history, quotes, orders, forecasts, the feed."""

from crossdock_mocks.frontoffice.office import Office
from crossdock_mocks.frontoffice.resources import RESOURCES, Resource
from crossdock_mocks.frontoffice.seeding import Source, seed
from crossdock_mocks.frontoffice.tables import TABLES

__all__ = ["RESOURCES", "TABLES", "Office", "Resource", "Source", "seed"]
