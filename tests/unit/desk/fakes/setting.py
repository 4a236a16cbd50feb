"""What the desk's tests take for granted: the day, the goods and the credit that a customer has."""

from __future__ import annotations

from datetime import UTC, date, datetime

from crossdock import Money
from crossdock.records import Item

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


ITEMS = {
    item.id: item
    for item in (
        Item(
            id=code,
            name=name,
            system="main",
            unit=unit,
            list_price=eur(price),
            product_line=line,
        )
        for code, name, unit, price, line in (
            ("BRG-1001", "Deep groove ball bearing 6204", "pcs", "12.50", "Bearings"),
            ("BRG-1002", "Deep groove ball bearing 6205", "pcs", "14.20", "Bearings"),
            ("BRG-2040", "Spherical roller bearing 22210, brass cage", "pcs", "189.00", "Bearings"),
            ("LUB-0100", "Lithium grease cartridge 400 g", "pcs", "6.9050", "Lubricants"),
            ("SRV-0001", "Alignment service on site", "h", "95.00", "Services"),
        )
    )
}

LIMIT = eur("20000")
