"""The operations of `specs/sage-crm.openapi.yaml` that this connector uses."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.sdata.kinds import READS, Kinds

DOCUMENT: Final = "sage-crm.openapi.yaml"
_KINDS: Final = Kinds("/sdata/{install}j/sagecrm2/-")
_KEPT: Final = ("list", "read", "create", "change")
_WRITTEN: Final = ("list", "create", "change")

COMPANY: Final = _KINDS.uses("company", "Company", "Companies", does=_KEPT)
ADDRESS: Final = _KINDS.uses("address", "Address", "Addresses", does=("create", "change"))
ACCOUNT: Final = _KINDS.uses("account", "Account", does=_WRITTEN)
PERSON: Final = _KINDS.uses("person", "Person", "People", does=_KEPT)
OPPORTUNITY: Final = _KINDS.uses("opportunity", "Opportunity", "Opportunities", does=_KEPT)
QUOTES: Final = _KINDS.uses("quotes", "Quote", does=_KEPT)
QUOTE_ITEMS: Final = _KINDS.uses(
    "quoteitems", "QuoteItem", does=("list", "create", "change", "delete")
)
ORDERS: Final = _KINDS.uses("orders", "Order", does=_KEPT)
ORDER_ITEMS: Final = _KINDS.uses("orderitems", "OrderItem", does=("list", "change"))
COMMUNICATION: Final = _KINDS.uses(
    "communication", "Communication", does=("list", "read", "create")
)
CASES: Final = _KINDS.uses("cases", "Case", does=READS)
PRODUCT: Final = _KINDS.uses("newproduct", "Product", does=_WRITTEN)
PRICING: Final = _KINDS.uses("pricing", "Price", does=_WRITTEN)
USERS: Final = _KINDS.uses("users", "User", does=READS)
CURRENCY: Final = _KINDS.uses("currency", "Currency", "Currencies", does=READS)
PROTOTYPE: Final = _KINDS.describes("readPrototype", "/$prototypes/{resource}")

USED: Final = _KINDS.used
