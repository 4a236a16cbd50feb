"""What may be made, changed and removed of each kind of record, and by which rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.business_central.errors import (
    dialog,
    field_invalid,
    key_taken,
    refusal,
)
from crossdock_mocks.dialects.business_central.model import EntityType, entity
from crossdock_mocks.dialects.business_central.names import NO_GUID, words
from crossdock_mocks.dialects.business_central.records import Records, Row, taken

Given = Mapping[str, Any]

_UNPLAYED: Final[Mapping[str, tuple[str, str]]] = {
    "balancingAccountId": ("G/L Account", NO_GUID),
    "customerReturnReasonId": ("Return Reason", NO_GUID),
    "disputeStatusId": ("Dispute Status", NO_GUID),
    "disputeStatus": ("Dispute Status", ""),
    "itemVariantId": ("Item Variant", NO_GUID),
    "salesperson": ("Salesperson/Purchaser", ""),
    "salespersonCode": ("Salesperson/Purchaser", ""),
    "shortcutDimension1Code": ("Dimension Value", ""),
    "shortcutDimension2Code": ("Dimension Value", ""),
}
"""Properties that name records of kinds that are not played here, and what they hold instead."""


class Writer:
    """Makes, changes and removes records of one kind: those that have a code and little else.

    Attributes:
        set: Name of the entity set.
        table: What the record is called in messages.
        used: Sets and their properties that may hold the id of such a record; one that is used is
            not removed.
    """

    def __init__(self, set_name: str, table: str, *used: tuple[str, str]) -> None:
        self.set = set_name
        self.table = table
        self.used = used

    @property
    def type(self) -> EntityType:
        """The entity."""
        return entity(self.set)

    def taken(self, given: Given) -> Row:
        """What a caller gave, as it is kept.

        Raises:
            Problem: It names a record of a kind that is not played here, so there is none.
        """
        values = taken(self.type, given)
        for name, (kind, none) in _UNPLAYED.items():
            if values.get(name, none) != none:
                raise refusal(
                    400, "Internal_InvalidTableRelation",
                    f"The field {words(name)} of table {self.table} contains a value "
                    f"({values[name]}) that cannot be found in the related table ({kind})",
                )  # fmt: skip
        return values

    def make(self, records: Records, given: Given, within: Given) -> Row:
        """Make a record of what a caller gave.

        Args:
            records: The world's records.
            given: The body.
            within: What the path says, such as the document of a line.

        Raises:
            Problem: It breaks a rule.
        """
        values = {**self.taken(given), **within}
        self.check_code(records, values, None)
        self.complete(records, values, None)
        return records.insert(self.set, values)

    def change(self, records: Records, row: Row, given: Given) -> Row:
        """Change a record.

        Raises:
            Problem: It breaks a rule.
        """
        values = self.taken(given)
        self.check_code(records, values, row)
        self.complete(records, values, row)
        row.update(values)
        return records.replace(self.set, row)

    def remove(self, records: Records, row: Row) -> None:
        """Remove a record.

        Raises:
            Problem: It is still used.
        """
        for set_name, name in self.used:
            if records.first(set_name, {name: row["id"]}) is not None:
                raise dialog(
                    f"You cannot delete {self.table} {row.get('code') or row.get('number')} "
                    f"because {entity(set_name).name} records use it"
                )
        records.delete(self.set, row)

    # Rules

    def check_code(self, records: Records, values: Row, row: Row | None) -> None:
        """See that the code is there and nobody else's."""
        code = values.get("code", None if row is None else row["code"])
        if not code:
            raise field_invalid(f"Code must have a value in {self.table}. It cannot be empty")
        renamed = row is None or code != row["code"]
        if renamed and records.by_code(self.set, code) is not None:
            raise key_taken(self.table, "Code", code)

    def complete(self, records: Records, values: Row, row: Row | None) -> None:
        """Fill in and check what belongs to this kind of record."""


def link(
    records: Records,
    values: Row,
    target: str,
    id_name: str,
    code_name: str,
    told: str,
    key: str = "code",
) -> Row | None:
    """See that an id and a code name the same record, and fill in the one that is missing.

    Args:
        records: The world's records.
        values: What was given; grows by what was found.
        target: Entity set of the record that is named.
        id_name: Property of its id.
        code_name: Property of its code; empty where there is none.
        told: What it is called in messages.
        key: Its property that is the code.

    Returns:
        The record that is named; None where none is, or nothing was given.

    Raises:
        Problem: There is no such record, or the two name different ones.
    """
    by_id = values.get(id_name)
    by_code = values.get(code_name) if code_name else None
    if by_id is None and by_code is None:
        return None
    found = None
    if by_id not in (None, NO_GUID):
        found = records.get(target, by_id)
        if found is None:
            raise dialog(f'The "{id_name}" does not match to a {told}')
        if by_code and found[key] != by_code:
            raise dialog(f"The {told} values do not match to a specific {told}")
    elif by_code:
        found = records.first(target, {key: by_code})
        if found is None:
            raise dialog(f'The "{code_name}" does not match to a {told}')
    values[id_name] = NO_GUID if found is None else found["id"]
    if code_name:
        values[code_name] = "" if found is None else found[key]
    return found


SIMPLE: Final = (
    Writer("itemCategories", "Item Category", ("items", "itemCategoryId")),
    Writer("unitsOfMeasure", "Unit of Measure", ("items", "baseUnitOfMeasureId")),
    Writer("paymentTerms", "Payment Terms", ("customers", "paymentTermsId")),
    Writer("paymentMethods", "Payment Method", ("customers", "paymentMethodId")),
    Writer("shipmentMethods", "Shipment Method", ("customers", "shipmentMethodId")),
    Writer("currencies", "Currency", ("customers", "currencyId")),
    Writer("taxGroups", "Tax Group", ("items", "taxGroupId")),
    Writer("taxAreas", "Tax Area", ("customers", "taxAreaId")),
    Writer("locations", "Location"),
)
"""Kinds of records that have a code and no rules of their own."""
