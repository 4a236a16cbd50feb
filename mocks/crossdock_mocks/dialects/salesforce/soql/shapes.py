"""From rows of SQL to records as the API shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import attrs
import orjson

from crossdock_mocks.dialects.salesforce.soql.schema import Field, Row

Record: TypeAlias = dict[str, Any]
Read: TypeAlias = Callable[[Any], Any]
Attributes: TypeAlias = Callable[[str, str], dict[str, str]]
"""Object name and id to the `attributes` of a record."""


def _as_it_is(value: Any) -> Any:
    return value


def _truth(value: Any) -> Any:
    return None if value is None else bool(value)


def _real(value: Any) -> Any:
    return None if value is None else float(value)


def _whole(value: Any) -> Any:
    return None if value is None else int(value)


def _compound(value: Any) -> Any:
    members = orjson.loads(value)
    return members if any(each is not None for each in members.values()) else None


_READ: Final[dict[str, Read]] = {
    "boolean": _truth, "int": _whole, "double": _real, "currency": _real, "percent": _real,
    "address": _compound,
}  # fmt: skip


def reader(field: Field) -> Read:
    """What makes JSON of a stored value of a field."""
    return _READ.get(field.kind, _as_it_is)


@attrs.define
class Node:
    """A record to be made: the object itself, or a parent within it.

    Attributes:
        entity: Name of its object; of a polymorphic parent, the column with it is in `kind`.
        key: Column that holds its id.
        kind: Column that holds the name of its object, if rows differ in it.
        fields: Name, column and reader of each field, in the order of the statement.
        parents: Records within it, by name.
    """

    entity: str
    key: int
    kind: int | None = None
    fields: list[tuple[str, int, Read]] = attrs.field(factory=list)
    parents: dict[str, Node] = attrs.field(factory=dict)

    def record(self, row: Row, attributes: Attributes) -> Record | None:
        """The record of a row, or nothing where there is no such parent."""
        key = row[self.key]
        if key is None:
            return None
        entity = self.entity if self.kind is None else row[self.kind]
        made: Record = {"attributes": attributes(entity, key)}
        for name, column, read in self.fields:
            made[name] = read(row[column])
        for name, parent in self.parents.items():
            made[name] = parent.record(row, attributes)
        return made


@attrs.define
class Group:
    """A record of an aggregate query: name, column and reader of each expression."""

    fields: list[tuple[str, int, Read]] = attrs.field(factory=list)

    def record(self, row: Row) -> Record:
        """The record of a row."""
        made: Record = {"attributes": {"type": "AggregateResult"}}
        for name, column, read in self.fields:
            made[name] = read(row[column])
        return made
