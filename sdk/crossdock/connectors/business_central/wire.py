"""What Business Central's entities have in common on the wire.

Nothing is ever null: a blank text, the year 1 and a GUID of zeros stand for no value. Values of
enumerations are written with `_x0020_` for what is no letter. Amounts are JSON numbers.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.reading import Row, day, number, optional_text, text
from crossdock.records import Address, Money

ETAG: Final = "@odata.etag"
_NO_DAY: Final = date(1, 1, 1)
_ENCODED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def decoded(value: str) -> str:
    """Give a value of an enumeration in plain words; nothing for a blank."""
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), value).strip()


def kind(row: Row, name: str) -> str:
    """Read a value of an enumeration, in plain words."""
    return decoded(text(row, name))


def day_or_none(row: Row, name: str) -> date | None:
    """Read a calendar day that may be none."""
    found = day(row, name)
    return None if found == _NO_DAY else found


def money(row: Row, name: str, unit: str) -> Money:
    """Read an amount."""
    return of_unit(number(row, name), unit)


def plain(value: Decimal) -> Decimal:
    """Give a quantity or percentage without zeros behind its last digit."""
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()


def quantity(row: Row, name: str) -> Decimal:
    """Read a quantity or percentage."""
    return plain(number(row, name))


def address(row: Row, prefix: str) -> Address:
    """Read an address of a document; `prefix` is `shipTo`, say. A customer's has none."""

    def part(name: str) -> str:
        named = f"{prefix}{name}" if prefix else f"{name[:1].lower()}{name[1:]}"
        return optional_text(row, named)

    lines = (part("AddressLine1"), part("AddressLine2"))
    return Address(
        name=optional_text(row, f"{prefix}Name") if prefix else "",
        street=", ".join(filter(None, lines)),
        city=part("City"),
        region=part("State"),
        postcode=part("PostCode") if prefix else optional_text(row, "postalCode"),
        country=part("Country"),
    )
