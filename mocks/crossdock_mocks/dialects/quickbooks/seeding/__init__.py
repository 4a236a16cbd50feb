"""Filling a company from the shared data set.

Where QuickBooks' model has no place of its own, this is where things stand:

- a customer's number begins its `DisplayName` (`C-10001 Acme Ltd`); its bare name is `CompanyName`;
- an item's code is its `Sku`; goods with stock are inventory, all else is service or non-inventory;
- a discount of a line is in its `UnitPrice`, and told in its `Description`;
- the customer's own reference is the custom field "P.O. Number", the order's number is in
  `PrivateNote`;
- ship date, tracking number and carrier of an order's shipment stand on its invoice;
- a payment's number is its `PaymentRefNum`; a credit note is applied by a payment of 0 with a line
  for it and lines for the invoices, as QuickBooks does;
- tax is rounded as the data set says, and may be another cent than QuickBooks' own.

Credit limits, holds, price lists, orders, returns and contracts have no place at all.
"""

from __future__ import annotations

from typing import Any

from crossdock_mocks.dialects.quickbooks import authorization
from crossdock_mocks.dialects.quickbooks.seeding.documents import Documents
from crossdock_mocks.dialects.quickbooks.seeding.names import Names
from crossdock_mocks.dialects.quickbooks.seeding.opening import Opening
from crossdock_mocks.engine import World

__all__ = ["seed"]


def seed(world: World, dataset: Any) -> None:
    """Open a company, and fill it if there is a data set to fill it from."""
    authorization.begin(world)
    opening = Opening(world, dataset)
    opening.open_company()
    names = Names(opening)
    names.add_all()
    Documents(opening, names).add_all()
    opening.close()
