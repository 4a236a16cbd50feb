"""Records in the words of a policy, and what a plan writes put back into records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from attrs import evolve, has

from crossdock.records import Account, Address, Contact, Item, TradingAccount
from crossdock.rules.ownership.planned import Side
from crossdock.rules.ownership.policy import ACTIVE

Synchronised: TypeAlias = Account | TradingAccount | Contact | Item
Keeps: TypeAlias = Mapping[str, int | None]
"""By field that a system keeps, the characters that it takes; `None` where that is not known."""

_Record = TypeVar("_Record", Account, TradingAccount, Contact, Item)

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "account": (
        "name", "legal_name", "email", "phone", "website", "tax_number", "currency",
        "address.street", "address.city", "address.region", "address.postcode", "address.country",
        "shipping_address.street", "shipping_address.city", "shipping_address.region",
        "shipping_address.postcode", "shipping_address.country", ACTIVE,
    ),
    "contact": ("first_name", "last_name", "job_title", "email", "phone", "mobile", ACTIVE),
    "item": ("name", "description", "product_line", "unit", "list_price", ACTIVE),
}  # fmt: skip
"""The fields of each kind of record that a policy may speak of."""


def account_side(account: Account, system: str, keeps: Keeps | None = None) -> Side:
    """Give a CRM's account in the words of a policy.

    Args:
        account: as it was read.
        system: the CRM's configured name.
        keeps: what the CRM keeps of accounts; `None` for everything.
    """
    return _side(account, "account", system, keeps, kind=account.kind)


def customer_side(customer: TradingAccount, keeps: Keeps | None = None) -> Side:
    """Give an ERP's customer in the words of a policy; as `account_side`."""
    return _side(customer, "account", customer.system, keeps)


def contact_side(contact: Contact, system: str, keeps: Keeps | None = None) -> Side:
    """Give a contact in the words of a policy; as `account_side`."""
    return _side(contact, "contact", system, keeps)


def item_side(item: Item, system: str, keeps: Keeps | None = None) -> Side:
    """Give an item in the words of a policy; as `account_side`."""
    return _side(item, "item", system, keeps)


def with_values(record: _Record, values: Mapping[str, str]) -> _Record:
    """Give a record with the values that a plan writes to it."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        part, _, inner = name.partition(".")
        if inner:
            address = changes.get(part) or getattr(record, part) or Address()
            changes[part] = evolve(address, **{inner: value})
        else:
            changes[part] = _READ.get(part, _text)(value, getattr(record, part))
    changed: _Record = evolve(record, **changes)
    return changed


def _side(
    record: Synchronised, entity: str, system: str, keeps: Keeps | None, kind: str = ""
) -> Side:
    values = {
        name: _written(record, name)
        for name in FIELDS[entity]
        if (keeps is None or name in keeps) and hasattr(record, name.partition(".")[0])
    }
    return Side(
        system=system,
        id=record.id,
        values=values,
        longest={name: most for name, most in (keeps or {}).items() if most is not None},
        kind=kind,
        changed_at=_instant(record),
        changed_by=getattr(record, "modified_by", "") or "",
        version=getattr(record, "version", "") or "",
    )


def _instant(record: Synchronised) -> datetime | None:
    found: datetime | None = getattr(record, "modified_at", None)
    return found


def _written(record: Any, name: str) -> str:
    part, _, inner = name.partition(".")
    value = getattr(record, part)
    if inner:
        return "" if value is None else str(getattr(value, inner) or "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if has(type(value)):  # money
        return f"{value.amount} {value.currency}"
    return str(value)


def _text(value: str, before: Any) -> Any:
    return None if before is None and not value else value


def _money(value: str, _before: Any) -> Any:
    from decimal import Decimal

    from crossdock.records import Money

    amount, _, currency = value.partition(" ")
    return Money(amount=Decimal(amount), currency=currency) if amount else None


_READ: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    ACTIVE: lambda value, _before: value != "no",
    "list_price": _money,
}
