"""What a portal keeps of companies, contacts and products; a text may have 65,536 characters."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from crossdock.connectors.keeping import keeps
from crossdock.ports import Keeps

_LONGEST: Final = 65_536
_ADDRESS: Final = dict.fromkeys(("street", "city", "region", "postcode", "country"), _LONGEST)
KEEPS: Final[Keeps] = MappingProxyType(
    {
        "account": keeps(
            {
                "name": _LONGEST, "kind": None, "industry": None, "owner_id": None,
                "email": _LONGEST, "phone": _LONGEST, "website": _LONGEST, "tax_number": _LONGEST,
                "currency": None,
            },
            _ADDRESS,
        ),
        "contact": keeps(
            {
                "first_name": _LONGEST, "last_name": _LONGEST, "job_title": _LONGEST,
                "email": _LONGEST, "phone": _LONGEST, "mobile": _LONGEST,
            }
        ),
        "item": keeps({"name": _LONGEST, "description": _LONGEST, "list_price": None}),
    }
)  # fmt: skip
#: Whose daughter a company is, is refused by HubSpot itself, and told so.
OF_ACCOUNT: Final = MappingProxyType({**KEEPS["account"], "parent_id": None})
