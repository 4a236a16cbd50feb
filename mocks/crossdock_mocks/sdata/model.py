"""What a resource of SData is: fields, references and collections, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from crossdock_mocks.engine import TableSpec

Row: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["string", "integer", "decimal", "boolean", "datetime"]
Provenance: TypeAlias = Literal["client", "source", "documented", "assumed"]

KEY: Final = "key"
"""Where a row has its key; no field has this name."""
UPDATED: Final = "updated"
"""Where a row has the instant of its last change; no field has this name."""


def _words(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen
class Field:
    """A property with a value of its own.

    Attributes:
        name: Its name on the wire.
        kind: What it holds. Rows hold a `datetime` as text (see `values.stored`), numbers as JSON
            numbers.
        label: What people call it.
        length: Characters that a text may have.
        scale: Digits behind the point of a decimal.
        required: Whether an entry cannot be made without it.
        read_only: Whether the server keeps it by itself; what a client sends is passed over.
        default: What it is where nothing was given.
        values: The only values that are taken.
        precedence: How much it matters; `precedence=n` leaves out what is above n.
        indexed: Whether it is found quickly.
    """

    name: str
    kind: Kind = "string"
    label: str = ""
    length: int | None = None
    scale: int = 2
    required: bool = False
    read_only: bool = False
    default: Any = None
    values: tuple[str, ...] = attrs.field(default=(), converter=_words)
    precedence: int = 1
    indexed: bool = False

    @property
    def column(self) -> str:
        """Under which name rows hold it."""
        return self.name

    @property
    def title(self) -> str:
        """The label, or the name."""
        return self.label or self.name


@attrs.frozen
class Reference:
    """A property that leads to one other resource.

    Attributes:
        name: Its name on the wire.
        to: Name of the resource that it leads to, as in paths.
        by: Field of the same resource that holds the key; such a reference is read only, as the
            field is what is written. Without it rows hold the key under the reference's own name.
        label: What people call it.
        required: Whether an entry cannot be made without it.
        read_only: Whether the server keeps it by itself.
        precedence: How much it matters.
        nested: Whether an entry may be made or changed within the one that refers to it.
        owned: Whether it goes with the one that refers to it.
    """

    name: str
    to: str
    by: str | None = None
    label: str = ""
    required: bool = False
    read_only: bool = False
    precedence: int = 1
    nested: bool = False
    owned: bool = False

    @property
    def column(self) -> str:
        """Under which name rows hold the key."""
        return self.by or self.name

    @property
    def title(self) -> str:
        """The label, or the name."""
        return self.label or self.name


@attrs.frozen
class Collection:
    """A property that leads to those entries of another resource that refer to this one.

    Attributes:
        name: Its name on the wire.
        of: Name of the other resource, as in paths.
        by: Name of its reference to this one, or of its field with the key.
        label: What people call it.
        owned: Whether they go with this one, and may be made within it.
        provenance: How sure it is.
    """

    name: str
    of: str
    by: str
    label: str = ""
    owned: bool = False
    provenance: Provenance = "assumed"

    @property
    def title(self) -> str:
        """The label, or the name."""
        return self.label or self.name


Property: TypeAlias = Field | Reference | Collection


def _properties(given: Iterable[Property]) -> tuple[Property, ...]:
    return tuple(given)


@attrs.frozen
class Stamps:
    """Fields in which the server notes who made and changed an entry, and when.

    Attributes:
        created: When it was made.
        modified: When it was changed last.
        creator: Who made it.
        modifier: Who changed it last.
    """

    created: str | None = None
    modified: str | None = None
    creator: str | None = None
    modifier: str | None = None


NO_STAMPS: Final = Stamps()


@attrs.frozen
class Resource:
    """A kind of resource.

    Attributes:
        name: As paths have it, such as `accounts`.
        kind: One of it, such as `Account`: the element in Atom, the word in operation ids.
        properties: Its properties in their order.
        title: What is told of an entry in short; names in braces stand for its fields.
        label: What people call one of it.
        plural: The word for many in operation ids.
        key_name: Name of the key in queries, and of the property where entries show it.
        shows_key: Whether entries have the key as a property, too.
        key_kind: What keys are.
        letter: Beginning of its keys, for contracts that make keys so.
        number: Its number, for contracts whose prototypes tell one.
        create: Whether entries can be made; likewise `update` and `delete`.
        stamps: Fields that the server keeps by itself.
        also: Further contracts of the application that serve it.
        provenance: How sure it is that there is such a resource, read as it is here.
        writes: How sure that is of writing.
    """

    name: str
    kind: str
    properties: tuple[Property, ...] = attrs.field(converter=_properties)
    title: str = ""
    label: str = ""
    plural: str = ""
    key_name: str = "Id"
    shows_key: bool = False
    key_kind: Literal["string", "integer"] = "string"
    letter: str = ""
    number: int | None = None
    create: bool = True
    update: bool = True
    delete: bool = True
    stamps: Stamps = NO_STAMPS
    also: tuple[str, ...] = ()
    provenance: Provenance = "assumed"
    writes: Provenance = "assumed"
    _by_name: dict[str, Property] = attrs.field(init=False, eq=False, repr=False)

    @_by_name.default
    def _index(self) -> dict[str, Property]:
        return {each.name.lower(): each for each in self.properties}

    def __attrs_post_init__(self) -> None:
        taken = {each.name for each in self.properties} & {KEY, UPDATED}
        if taken or len(self._by_name) != len(self.properties):
            raise ValueError(f"{self.name}: names are taken twice, or cannot be names: {taken}")

    @property
    def table(self) -> str:
        """The table of its rows."""
        return f"sdata_{self.name}"

    @property
    def many(self) -> str:
        """The word for many of it."""
        return self.plural or f"{self.kind}s"

    @property
    def caption(self) -> str:
        """What people call one of it."""
        return self.label or self.kind

    def member(self, name: str) -> Property | None:
        """The property of a name, whatever its case."""
        return self._by_name.get(name.lower())

    @property
    def fields(self) -> tuple[Field, ...]:
        """The properties with values of their own."""
        return tuple(each for each in self.properties if isinstance(each, Field))

    @property
    def references(self) -> tuple[Reference, ...]:
        """The properties that lead to one other entry."""
        return tuple(each for each in self.properties if isinstance(each, Reference))

    @property
    def collections(self) -> tuple[Collection, ...]:
        """The properties that lead to several other entries."""
        return tuple(each for each in self.properties if isinstance(each, Collection))

    def indexed(self) -> tuple[str, ...]:
        """The columns that the table has for quick finding."""
        listed = [each.column for each in self.references]
        listed += [each.name for each in self.fields if each.indexed]
        stamps = self.stamps
        listed += [each for each in (stamps.created, stamps.modified) if each]
        return tuple(dict.fromkeys(listed))

    def spec(self) -> TableSpec:
        """The table that its rows are kept in."""
        return TableSpec(self.table, key=KEY, indexes=(UPDATED, *self.indexed()))

    def described(self, row: Mapping[str, Any]) -> str:
        """What is told of an entry in short."""
        shown = {
            each.name: "" if row.get(each.name) is None else str(row[each.name])
            for each in self.fields
        }
        shown["key"] = str(row[KEY])
        return self.title.format_map(shown).strip() if self.title else str(row[KEY])
