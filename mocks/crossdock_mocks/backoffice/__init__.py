"""How an ERP behaves: price, tax, stock, credit, orders, shipments, invoices, payments.

Independent of any wire. Documents are plain dicts in the house form (camelCase names, decimal
strings, ISO dates), as they are stored; a dialect says them as they are or translates them.
"""

from crossdock_mocks.backoffice.kinds import TABLES
from crossdock_mocks.backoffice.seeding import Source, seed

__all__ = ["TABLES", "Source", "seed"]
