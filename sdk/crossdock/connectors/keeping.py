"""What a system keeps of a record, and what happens to a field that it does not.

A synchronisation that writes a delivery address into a system without any would be told "saved",
and find it missing next time. So each connector names what can be written (`Keeps`), and a value
for anything else is refused here, by the field's name, before a call is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from crossdock.connectors.http import Remote
from crossdock.connectors.operations import Operation
from crossdock.errors import NotSupported
from crossdock.records import (
    Account,
    Address,
    Contact,
    Item,
    ListPrice,
    PriceList,
    TradingAccount,
)

_PARTY: Final = (
    "name", "legal_name", "email", "phone", "website", "tax_number", "address",
    "shipping_address", "active",
)  # fmt: skip
#: What one side of a synchronisation may want to write, by kind of record.
FIELDS: Final[Mapping[type, tuple[str, ...]]] = MappingProxyType(
    {
        Account: (*_PARTY, "kind", "industry", "owner_id", "parent_id", "currency"),
        TradingAccount: (*_PARTY, "terms_days", "reference"),
        Contact: (
            "first_name", "last_name", "job_title", "email", "phone", "mobile", "active",
            "reference",
        ),
        Item: (
            "name", "description", "product_line", "unit", "kind", "list_price", "active",
        ),
        PriceList: ("name", "currency", "valid_from", "valid_to", "active"),
        ListPrice: (
            "price", "discount_percent", "minimum_quantity", "valid_from", "valid_to", "active",
        ),
    }
)  # fmt: skip
_DEFAULTS: Final = MappingProxyType(
    {(ListPrice, "discount_percent"): Decimal(0), (ListPrice, "minimum_quantity"): Decimal(1)}
)
ADDRESS: Final = ("street", "city", "region", "postcode", "country", "name")


def keeps(
    plain: Mapping[str, int | None],
    address: Mapping[str, int | None] | None = None,
    *,
    shipping: bool = False,
) -> Mapping[str, int | None]:
    """Put together what is kept of a kind of record.

    Args:
        plain: fields and their greatest lengths.
        address: parts of an address and theirs.
        shipping: whether there is a delivery address of the same form.
    """
    kept = dict(plain)
    for name in ("address", "shipping_address") if shipping else ("address",):
        kept |= {f"{name}.{part}": most for part, most in (address or {}).items()}
    return MappingProxyType(kept)


def written(record: Any) -> Iterator[tuple[str, Any]]:
    """Give each field of a record that one may want to write, addresses part by part.

    What stands there by default, such as an empty text or `active`, says nothing and is left out.
    """
    kind = type(record)
    for name in FIELDS[kind]:
        value = getattr(record, name)
        if isinstance(value, Address):
            for part in ADDRESS:
                if getattr(value, part):
                    yield f"{name}.{part}", getattr(value, part)
        elif value not in (None, "", True) and value != _DEFAULTS.get((kind, name)):
            yield name, value


def refuse_unkept(record: Any, kept: Mapping[str, int | None], label: str) -> None:
    """Refuse a record with a value that would be lost.

    Args:
        record: about to be written.
        kept: what the system keeps of such records.
        label: what the system is called in a sentence.

    Raises:
        NotSupported: the system keeps no such field; the message names it.
    """
    what = _WORDS[type(record)]
    for name, value in written(record):
        if name not in kept and not (name == "kind" and value == _DEFAULT_KINDS.get(type(record))):
            raise NotSupported(f"{label} keeps no {name} of {what}, so {value!r} would be lost")


def fit(record: Any, kept: Mapping[str, int | None], remote: Remote, operation: Operation) -> None:
    """Let a record be written only where all of it arrives.

    Args:
        record: about to be written.
        kept: what the system keeps of such records.
        remote: the system.
        operation: that writes it.

    Raises:
        NotSupported: the system keeps no such field.
        RemoteRejectedData: a value is longer than the system keeps; it is named, nothing was sent.
    """
    refuse_unkept(record, kept, remote.address.label)
    for name, value in written(record):
        most = kept.get(name)
        if most is not None and isinstance(value, str) and len(value) > most:
            raise remote.rejected(
                operation, name, f"is {len(value)} characters long, and {most} are kept"
            )


_WORDS: Final = {
    Account: "an account",
    TradingAccount: "a customer",
    Contact: "a contact",
    Item: "an item",
    PriceList: "a price list",
    ListPrice: "a price",
}
_DEFAULT_KINDS: Final = {Account: "customer", Item: "goods"}
