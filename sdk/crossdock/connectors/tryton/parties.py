"""Customers: Tryton's parties, known by their code."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import wire
from crossdock.records import Address, Money, TradingAccount

FIELDS: Final = (
    "name", "code", "email", "phone", "tax_identifier.code", "addresses",
    "customer_payment_term", "customer_currency.code", "sale_price_list.name",
    "receivable", "credit_amount", "credit_limit_amount", "last_modified_at", "website",
    "active", "create_date", "_timestamp",
)  # fmt: skip
ADDRESS_FIELDS: Final = (
    "party", "street", "city", "postal_code", "country.code", "subdivision.name", "party_name",
    "invoice", "delivery",
)  # fmt: skip


@frozen(kw_only=True)
class Party:
    """A party as Tryton keeps it.

    Attributes:
        id: Tryton's own.
        code: what people, and plugins, know it by.
        currency: what it buys in, if that is told.
        receivable: what it owes, in the company's currency.
        used: what counts against the limit: what it owes, and its orders that are not invoiced,
            without tax. `None` where no limits are kept (module `account_credit_limit`).
        limit: `None` where there is none; nothing at all blocks it.
        limited: whether limits are kept.
        stamp: what Tryton's own lock compares.
    """

    id: int
    code: str
    name: str
    email: str
    phone: str
    tax_number: str
    addresses: tuple[int, ...]
    term: int | None
    currency: str
    price_list: str
    receivable: Decimal
    used: Decimal | None
    limit: Decimal | None
    website: str
    active: bool
    created_at: datetime | None
    modified_at: datetime | None
    stamp: str
    version: str

    @property
    def limited(self) -> bool:
        """Whether there is a limit."""
        return self.limit is not None

    @property
    def blocked(self) -> bool:
        """Whether nothing is sold to it: a limit of nothing."""
        return self.limit is not None and self.limit <= 0


def party(row: Row) -> Party:
    """Read a party."""
    return Party(
        id=wire.key(row),
        code=wire.label(row, "code"),
        name=wire.label(row, "name"),
        email=wire.label(row, "email"),
        phone=wire.label(row, "phone"),
        tax_number=wire.label(wire.inside(row, "tax_identifier"), "code"),
        addresses=tuple(wire.keys(row, "addresses")),
        term=wire.key_or_none(row, "customer_payment_term"),
        currency=wire.label(wire.inside(row, "customer_currency"), "code"),
        price_list=wire.label(wire.inside(row, "sale_price_list"), "name"),
        receivable=wire.amount(row, "receivable"),
        used=wire.amount_or_none(row, "credit_amount"),
        limit=wire.amount_or_none(row, "credit_limit_amount"),
        website=wire.label(row, "website"),
        active=wire.flag(row, "active"),
        created_at=wire.instant_or_none(row, "create_date"),
        modified_at=wire.instant_or_none(row, "last_modified_at"),
        stamp=str(row.get("_timestamp") or ""),
        version=str(wire.instant_or_none(row, "last_modified_at") or ""),
    )


def address(row: Row) -> Address:
    """Read an address."""
    return Address(
        street=", ".join(filter(None, wire.label(row, "street").splitlines())),
        city=wire.label(row, "city"),
        region=wire.label(wire.inside(row, "subdivision"), "name"),
        postcode=wire.label(row, "postal_code"),
        country=wire.label(wire.inside(row, "country"), "code"),
        name=wire.label(row, "party_name"),
    )


def trading_account(
    found: Party, system: str, home: str, *, terms_days: int | None, at: Address
) -> TradingAccount:
    """Give a party as plugins know it; limits are in the company's currency, `home`."""
    return TradingAccount(
        id=found.code,
        system=system,
        name=found.name,
        currency=found.currency or home,
        terms_days=terms_days,
        email=found.email or None,
        phone=found.phone or None,
        website=found.website,
        active=found.active,
        created_at=found.created_at,
        modified_at=found.modified_at,
        tax_number=found.tax_number,
        address=at,
        credit_limit=None if found.limit is None else Money(found.limit, home),
        on_hold=found.blocked,
        hold_reason="Its credit limit is 0, which blocks it." if found.blocked else "",
        version=found.version or None,
    )
