"""What QuickBooks' entities have in common on the wire; fields without a value are left out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.reading import (
    Row,
    day,
    instant,
    number_or_none,
    optional_text,
    part,
    text,
)
from crossdock.records import Address, Money

_ZERO: Final = Decimal(0)


@frozen
class Ref:
    """A pointer to another entity, with what it is called where that was told."""

    id: str
    name: str = ""


def ref(row: Row, name: str) -> Ref:
    """Read a pointer that must be there."""
    return part(row, name, lambda told: Ref(text(told, "value"), optional_text(told, "name")))


def optional_ref(row: Row, name: str) -> Ref | None:
    """Read a pointer that may be left out, or be empty."""
    told = row.get(name)
    if told is None or (isinstance(told, dict) and not told.get("value")):
        return None
    return ref(row, name)


def currency(row: Row, home: str) -> str:
    """Read the currency of an entity; a company with one currency names none."""
    named = optional_ref(row, "CurrencyRef")
    return named.id if named else home


def money(row: Row, name: str, unit: str) -> Money:
    """Read an amount, zero where it is left out."""
    return of_unit(number_or_none(row, name) or _ZERO, unit)


def quantity(row: Row, name: str) -> Decimal:
    """Read a number, zero where it is left out."""
    return number_or_none(row, name) or _ZERO


def optional_day(row: Row, name: str) -> date | None:
    """Read a calendar day that may be left out."""
    return day(row, name) if row.get(name) else None


def created_at(row: Row) -> datetime:
    """Read when an entity was made."""
    return part(row, "MetaData", lambda told: instant(told, "CreateTime"))


def updated_at(row: Row) -> datetime:
    """Read when an entity was changed last."""
    return part(row, "MetaData", lambda told: instant(told, "LastUpdatedTime"))


def address(row: Row, name: str) -> Address:
    """Read an address; its lines hold the street, and in documents the addressee too."""
    if row.get(name) is None:
        return Address()

    def read(told: Row) -> Address:
        lines = [optional_text(told, f"Line{number}") for number in range(1, 6)]
        return Address(
            street=", ".join(filter(None, lines)),
            city=optional_text(told, "City"),
            region=optional_text(told, "CountrySubDivisionCode"),
            postcode=optional_text(told, "PostalCode"),
            country=optional_text(told, "Country"),
        )

    return part(row, name, read)
