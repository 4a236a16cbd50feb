"""A policy out of the document that was written of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock.rules.ownership.policy import (
    ACTIVE,
    EntityPolicy,
    FieldPolicy,
    Limit,
    Owner,
    OwnershipPolicy,
)

_ADDRESSES: Final = ("address", "shipping_address")
_OWN: Final = (
    "entered_in", "kinds", "deleted_in_crm", "deleted_in_erp", "merged", "inactivated",
    "clock_tolerance_seconds",
)  # fmt: skip
_OWNER_OF_ACTIVE: Final[Mapping[str, Owner]] = {
    "both": "newest", "crm": "crm", "erp": "erp", "ask": "ask",
}  # fmt: skip


def policy_from(document: Mapping[str, Any], source: str = "") -> OwnershipPolicy:
    """Build a policy from a document that fits `ownership.schema.json`.

    Args:
        document: what was read.
        source: where from, for people.
    """
    defaults = document.get("defaults", {})
    entities = {
        name: _entity(name, document, defaults)
        for name in ("account", "contact", "item", "price_list", "price")
        if name in document
    }
    return OwnershipPolicy(entities=entities, source=source, document=document)


def _entity(name: str, document: Mapping[str, Any], defaults: Mapping[str, Any]) -> EntityPolicy:
    table = {**defaults, **document[name]}
    own: dict[str, Any] = {key: table[key] for key in _OWN if key in table}
    if "kinds" in own:
        own["kinds"] = tuple(own["kinds"])
    if name != "account":
        own["kinds"] = ()
    fields = _fields("", table)
    if name == "account":
        for address in _ADDRESSES:
            if address in document:
                fields |= _fields(f"{address}.", {**defaults, **document[address]})
    meaning = table.get("inactivated", "ask")
    if meaning in _OWNER_OF_ACTIVE:
        owner = _OWNER_OF_ACTIVE[meaning]
        fields[ACTIVE] = FieldPolicy(name=ACTIVE, owner=owner, form="exact")
    return EntityPolicy(entity=name, fields=fields, **own)


def _fields(prefix: str, table: Mapping[str, Any]) -> dict[str, FieldPolicy]:
    return {
        prefix + name: _field(prefix + name, table, field)
        for name, field in table["fields"].items()
    }


def _field(name: str, table: Mapping[str, Any], given: Mapping[str, Any] | str) -> FieldPolicy:
    field: Mapping[str, Any] = {"owner": given} if isinstance(given, str) else given
    in_crm = field.get("in_crm", table.get("in_crm", "refuse"))
    others = field.get("others", table.get("others", "overwrite"))
    if in_crm == "route" and field["owner"] == "erp":
        others = "ask"  # what the CRM let through is for a person
    return FieldPolicy(
        name=name,
        owner=field["owner"],
        form=field.get("form", FORMS.get(name.rpartition(".")[2], "text")),
        others=others,
        in_crm=in_crm,
        may_change=tuple(field.get("may_change", table.get("may_change", ()))),
        decides=tuple(field.get("decides", table.get("decides", ()))),
        crm=_limit(field.get("crm", {})),
        erp=_limit(field.get("erp", {})),
    )


def _limit(table: Mapping[str, Any]) -> Limit:
    return Limit(longest=table.get("longest"), cut=table.get("cut", "refuse"))


FORMS: Final[Mapping[str, Any]] = {
    "country": "country",
    "currency": "currency",
    "discount_percent": "amount",
    "email": "email",
    "list_price": "amount",
    "mobile": "phone",
    "phone": "phone",
    "price": "amount",
    "tax_number": "tax_number",
    "website": "website",
}
"""How a field is written where the policy does not say."""
