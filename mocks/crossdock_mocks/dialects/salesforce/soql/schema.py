"""What SOQL has to know of an organization: its objects, their fields, and where these are kept.

Rows are JSON text in the tables of a world. A field's value is read from the text, or from a
column of its own where the table has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import attrs

from crossdock_mocks.engine.tables import folded_column

Kind: TypeAlias = Literal[
    "id", "reference", "string", "textarea", "longtextarea", "picklist", "multipicklist",
    "email", "phone", "url", "combobox", "boolean", "int", "double", "currency", "percent",
    "date", "datetime", "time", "address", "anyType",
]  # fmt: skip

TEXTS: Final = frozenset(
    {"string", "textarea", "longtextarea", "picklist", "multipicklist", "email", "phone", "url",
     "combobox", "anyType"}
)  # fmt: skip
NUMBERS: Final = frozenset({"int", "double", "currency", "percent"})
IDS: Final = frozenset({"id", "reference"})

_WORDS: Final[Mapping[str, str]] = {
    "datetime": "dateTime", "longtextarea": "string", "textarea": "string", "phone": "string",
    "email": "string", "url": "string", "picklist": "string", "combobox": "string",
    "anyType": "string",
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Field:
    """A field of an object.

    Attributes:
        name: Its API name, which is also its name in the row.
        kind: Its type.
        references: Objects that a reference may lead to; several make it polymorphic.
        relationship: Name by which paths go over the reference.
        scale: Digits behind the decimal point, for sums.
        indexed: Whether the table has a column for it.
        folded: Whether the table has a column with its text without case.
        parts: Members of a compound field, with the fields that they come from.
        filterable: Whether conditions may use it; long texts may not.
        groupable: Whether one may group by it.
        custom: Whether it was added by the organization.
    """

    name: str
    kind: Kind = "string"
    references: tuple[str, ...] = ()
    relationship: str | None = None
    scale: int | None = None
    indexed: bool = False
    folded: bool = False
    parts: tuple[tuple[str, str], ...] = ()
    filterable: bool = True
    groupable: bool = True
    custom: bool = False

    @property
    def word(self) -> str:
        """The kind as refusals name it."""
        return _WORDS.get(self.kind, self.kind)

    @property
    def searchable(self) -> bool:
        """Whether a condition can be made with it at all."""
        return self.filterable and self.kind not in ("longtextarea", "address")

    def sql(self, alias: str) -> str:
        """The SQL expression of its value."""
        if self.kind == "id":
            return f"{alias}._key"
        if self.parts:
            members = ", ".join(f"'{key}', {_text(alias, name)}" for key, name in self.parts)
            return f"json_object({members})"
        return f'{alias}."{self.name}"' if self.indexed else _text(alias, self.name)

    def folded_sql(self, alias: str) -> str:
        """The SQL expression of its text without case."""
        if self.folded:
            return f'{alias}."{folded_column(self.name)}"'
        return f"casefold({self.sql(alias)})"


def _text(alias: str, name: str) -> str:
    return f"json_extract({alias}._body, '$.\"{name}\"')"


@attrs.frozen(kw_only=True)
class Child:
    """Records that refer to one of an object."""

    relationship: str
    object: str
    field: str


def _by_name(fields: Iterable[Field]) -> dict[str, Field]:
    return {each.name.lower(): each for each in fields}


def _by_relationship(fields: Iterable[Field]) -> dict[str, Field]:
    return {each.relationship.lower(): each for each in fields if each.relationship}


@attrs.frozen(kw_only=True, eq=False)
class Entity:
    """An object.

    Attributes:
        name: Its API name.
        fields: Its fields, in the order of their description.
        source: SQL of its living records: a table, or a query in parentheses.
        everything: SQL of its records, those that were deleted included.
        children: Relationships from the other side.
    """

    name: str
    fields: tuple[Field, ...]
    source: str
    everything: str
    children: tuple[Child, ...] = ()
    _fields: dict[str, Field] = attrs.field(init=False)
    _parents: dict[str, Field] = attrs.field(init=False)
    _children: dict[str, Child] = attrs.field(init=False)

    @_fields.default
    def _index_fields(self) -> dict[str, Field]:
        return _by_name(self.fields)

    @_parents.default
    def _index_parents(self) -> dict[str, Field]:
        return _by_relationship(self.fields)

    @_children.default
    def _index_children(self) -> dict[str, Child]:
        return {each.relationship.lower(): each for each in self.children}

    def field(self, name: str) -> Field | None:
        """The field of a name, whatever its case."""
        return self._fields.get(name.lower())

    def parent(self, relationship: str) -> Field | None:
        """The reference that a relationship goes over."""
        return self._parents.get(relationship.lower())

    def child(self, relationship: str) -> Child | None:
        """The children of a relationship."""
        return self._children.get(relationship.lower())


@attrs.frozen(eq=False)
class Schema:
    """All objects of an organization.

    Attributes:
        entities: The objects, by lower-case name.
        polymorphic: What paths see of a reference that may lead to several objects.
    """

    entities: Mapping[str, Entity]
    polymorphic: Entity | None = None

    def entity(self, name: str) -> Entity | None:
        """The object of a name, whatever its case."""
        return self.entities.get(name.lower())

    def parent(self, field: Field) -> Entity | None:
        """What a reference leads to, as paths see it."""
        if len(field.references) == 1:
            return self.entity(field.references[0])
        return self.polymorphic


@attrs.frozen
class Context:
    """For whom and when a statement is run.

    Attributes:
        now: The instant, aware, in UTC, which is the time zone of the organization too.
        user_id: Who asks; `USING SCOPE mine` needs it.
        deleted: Whether records in the recycle bin count (`queryAll`).
        read_id: Gives the 18 characters of an id, or nothing where it is none.
        fiscal_start: Month in which the fiscal year begins.
    """

    now: datetime
    user_id: str = ""
    deleted: bool = False
    read_id: Callable[[str], str | None] = lambda text: text
    fiscal_start: int = 1


Row: TypeAlias = tuple[Any, ...]
Ask: TypeAlias = Callable[[str, list[Any]], list[Row]]
"""Runs an SQL query with its parameters."""
