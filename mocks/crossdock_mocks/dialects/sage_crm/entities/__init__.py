"""Sage CRM's entities as data: their columns, links and collections."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.sage_crm.entities import (
    catalogue,
    documents,
    office,
    parties,
    work,
)
from crossdock_mocks.sdata import Resource

__all__ = ["ENTITIES", "TABLE_IDS"]

ENTITIES: Final[tuple[Resource, ...]] = (
    parties.COMPANY, parties.PERSON, parties.ADDRESS, parties.PHONE, parties.EMAIL,
    parties.ACCOUNT, work.OPPORTUNITY, documents.QUOTES, documents.QUOTE_ITEMS, documents.ORDERS,
    documents.ORDER_ITEMS, catalogue.PRODUCT, catalogue.FAMILY, catalogue.UNIT, catalogue.PRICE,
    work.CASES, work.COMMUNICATION, work.LEAD, office.USERS, work.NOTES, office.CURRENCY,
    office.CAPTIONS,
)  # fmt: skip
"""All of them, in the order in which `$prototypes` tells them."""

TABLE_IDS: Final = {
    "company": 5, "person": 13, "opportunity": 10, "cases": 3, "communication": 4, "lead": 88,
    "quotes": 86, "orders": 71, "account": 113,
}  # fmt: skip
"""The vendor's numbers of its tables, by which notes say what they are of."""
