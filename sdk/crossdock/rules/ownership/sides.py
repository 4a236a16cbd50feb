"""Records in the words of a policy, and what a plan writes put back into records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar

from attrs import evolve, fields, has

from crossdock.records import (
    Account,
    Address,
    Contact,
    Item,
    ListPrice,
    Money,
    PriceList,
    TradingAccount,
)
from crossdock.rules.ownership.planned import Side
from crossdock.rules.ownership.policy import ACTIVE

Synchronised: TypeAlias = Account | TradingAccount | Contact | Item | PriceList | ListPrice
Keeps: TypeAlias = Mapping[str, int | None]
"""By field that a system keeps, the characters that it takes; `None` where that is not known."""

_Record = TypeVar("_Record", Account, TradingAccount, Contact, Item, PriceList, ListPrice)

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "account": (
        "name", "legal_name", "email", "phone", "website", "tax_number", "currency",
        "address.street", "address.city", "address.region", "address.postcode", "address.country",
        "shipping_address.street", "shipping_address.city", "shipping_address.region",
        "shipping_address.postcode", "shipping_address.country", ACTIVE,
    ),
    "contact": ("first_name", "last_name", "job_title", "email", "phone", "mobile", ACTIVE),
    "item": ("name", "description", "product_line", "unit", "list_price", ACTIVE),
    "price_list": ("name", "valid_from", "valid_to", ACTIVE),
    "price": ("price", "discount_percent", "valid_from", "valid_to", ACTIVE),
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


def price_list_side(price_list: PriceList, system: str, keeps: Keeps | None = None) -> Side:
    """Give a price list in the words of a policy; as `account_side`."""
    return _side(price_list, "price_list", system, keeps)


def price_side(price: ListPrice, system: str, keeps: Keeps | None = None) -> Side:
    """Give what an item costs in a price list in the words of a policy; as `account_side`."""
    return _side(price, "price", system, keeps)


def price_id(price: ListPrice) -> str:
    """Name a price among all of its system: by its list, its item and the quantity from which on.

    The same quantity has one name, however a system writes it.
    """
    quantity = f"{price.minimum_quantity.normalize():f}"
    return f"{price.price_list_id}/{price.item_id}/{quantity}"


def unreadable(name: str, value: str) -> str:
    """Say why what a person entered cannot stand in a field; empty where it can.

    Args:
        name: of the field.
        value: as it was entered.
    """
    written = " ".join(value.split())
    if name == ACTIVE and written not in ("yes", "no"):
        return f"{name} is yes or no, not {value!r}"
    try:
        _READ.get(name, _text)(written, "")
    except (ArithmeticError, ValueError):
        return f"{name.replace('_', ' ')} is {_SUCH_AS[name]}, not {value!r}"
    return ""


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
    names, longest = _kept(type(record), entity, keeps)
    return Side(
        system=system,
        id=price_id(record) if isinstance(record, ListPrice) else record.id,
        values={name: _written(record, part, inner) for name, part, inner in names},
        longest=longest,
        kind=kind,
        changed_at=_instant(record),
        changed_by=getattr(record, "modified_by", ""),
        version=getattr(record, "version", "") or "",
    )


_Kept: TypeAlias = tuple[tuple[tuple[str, str, str], ...], Mapping[str, int]]
_KEPT: Final[dict[tuple[type, str, int], tuple[Keeps | None, _Kept]]] = {}
_MOST_KEPT: Final = 64


def _kept(record: type, entity: str, keeps: Keeps | None) -> _Kept:
    """Give the fields that are kept, with both parts of their names, and how long they may be.

    A load asks it a million times of the same few systems. What a connector keeps is told by the
    very same mapping each time, which is held on to here, so no other can take its place.
    """
    key = (record, entity, id(keeps))
    known = _KEPT.get(key)
    if known is None:
        names = tuple(
            (name, *name.partition(".")[::2])
            for name in FIELDS[entity]
            if (keeps is None or name in keeps) and name.partition(".")[0] in _fields(record)
        )
        longest = {name: most for name, most in (keeps or {}).items() if most is not None}
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        known = _KEPT[key] = (keeps, (names, longest))
    return known[1]


def _fields(record: type) -> frozenset[str]:
    return frozenset(each.name for each in fields(record))


def _instant(record: Synchronised) -> datetime | None:
    found: datetime | None = getattr(record, "modified_at", None)
    return found


def _written(record: Any, part: str, inner: str) -> str:
    value = getattr(record, part)
    if inner and value is not None:
        value = getattr(value, inner)
    if isinstance(value, str):
        return value
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
    amount, _, currency = value.partition(" ")
    return Money(amount=_number(amount), currency=currency) if amount else None


def _number(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number that can be counted with")
    return number


def _day(value: str, _before: Any) -> Any:
    return date.fromisoformat(value) if value else None


_READ: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    ACTIVE: lambda value, _before: value != "no",
    "discount_percent": lambda value, _before: _number(value or "0"),
    "list_price": _money,
    "price": _money,
    "valid_from": _day,
    "valid_to": _day,
}

_AMOUNT: Final = "an amount with its currency, such as 12.50 EUR"
_DAY: Final = "a day such as 2026-12-31"
_SUCH_AS: Final[Mapping[str, str]] = {
    "discount_percent": "a number such as 2.5",
    "list_price": _AMOUNT,
    "price": _AMOUNT,
    "valid_from": _DAY,
    "valid_to": _DAY,
}
