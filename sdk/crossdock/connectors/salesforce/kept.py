"""What an organization keeps of accounts, contacts and products, and how long it may be."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from crossdock.connectors.keeping import keeps
from crossdock.ports import Keeps

KEEPS: Final[Keeps] = MappingProxyType(
    {
        "account": keeps(
            {
                "name": 255, "kind": None, "industry": 255, "owner_id": None, "parent_id": None,
                "email": 255, "phone": 40, "website": 255, "tax_number": 255, "currency": 255,
            },
            {"street": 255, "city": 40, "region": 80, "postcode": 20, "country": 80},
            shipping=True,
        ),
        "contact": keeps(
            {
                "first_name": 40, "last_name": 80, "job_title": 128, "email": 80, "phone": 40,
                "mobile": 40,
            }
        ),
        "item": keeps({"name": 255, "description": 4000, "list_price": None, "active": None}),
        "price_list": keeps({"name": 255, "currency": None, "active": None}),
        "price": keeps({"price": None, "active": None}),
    }
)  # fmt: skip
