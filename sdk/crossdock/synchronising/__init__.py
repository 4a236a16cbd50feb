"""Keeping records the same in the CRM and the ERPs, over ports alone.

The plugin `account-sync` works with it behind the gateway, the initial load with the host's own
ports; both follow one policy and keep one agreed state.
"""

from crossdock.synchronising.accounts import Accounts
from crossdock.synchronising.contacts import Contacts
from crossdock.synchronising.items import Items
from crossdock.synchronising.keeping import there
from crossdock.synchronising.port import SyncPort
from crossdock.synchronising.price_lists import PriceLists
from crossdock.synchronising.settling import Settled, Settling

__all__ = [
    "Accounts", "Contacts", "Items", "PriceLists", "Settled", "Settling", "SyncPort", "there",
]  # fmt: skip
