"""Sage CRM's entities as data: their columns, links and collections."""

from __future__ import annotations

from typing import Final

import attrs

from crossdock_mocks.dialects.sage_crm.entities import (
    catalogue,
    documents,
    office,
    parties,
    work,
)
from crossdock_mocks.sdata import Resource

__all__ = ["ENTITIES", "TABLE_IDS"]

TABLE_IDS: Final = {
    "company": 5, "person": 13, "address": 1, "phone": 14, "email": 7, "account": 113,
    "opportunity": 10, "quotes": 86, "quoteitems": 87, "orders": 71, "orderitems": 72,
    "newproduct": 73, "productfamily": 76, "uom": 75, "pricing": 74, "cases": 3,
    "communication": 4, "lead": 88, "users": 21, "notes": 9, "currency": 89,
    "custom_captions": 33,
}  # fmt: skip
"""The vendor's numbers of its tables, by which notes say what they are of; mostly assumed."""

_LISTED: Final = (
    parties.COMPANY, parties.PERSON, parties.ADDRESS, parties.PHONE, parties.EMAIL,
    parties.ACCOUNT, work.OPPORTUNITY, documents.QUOTES, documents.QUOTE_ITEMS, documents.ORDERS,
    documents.ORDER_ITEMS, catalogue.PRODUCT, catalogue.FAMILY, catalogue.UNIT, catalogue.PRICE,
    work.CASES, work.COMMUNICATION, work.LEAD, office.USERS, work.NOTES, office.CURRENCY,
    office.CAPTIONS,
)  # fmt: skip

ENTITIES: Final[tuple[Resource, ...]] = tuple(
    attrs.evolve(each, number=TABLE_IDS[each.name]) for each in _LISTED
)
"""All of them, in the order in which `$prototypes` tells them."""
