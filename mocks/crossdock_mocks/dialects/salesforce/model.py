"""What an organization's objects and fields are, as describe tells it and as saving checks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from crossdock_mocks.dialects.salesforce import soql
from crossdock_mocks.dialects.salesforce.soql.schema import TEXTS, Kind
from crossdock_mocks.engine import TableSpec
from crossdock_mocks.engine.tables import folded_column


def _words(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


def _pairs(given: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in given)


@attrs.frozen
class FieldType:
    """A field.

    Attributes:
        name: Its API name.
        kind: Its type.
        label: What people call it.
        length: Characters that a text may have.
        digits: Digits of a number in all, and `scale` of them behind the point.
        required: Whether a record cannot be made without it.
        default: What it is where nothing was given.
        values: Values of a picklist; `restricted` where no others are taken.
        references: Objects that a reference may lead to.
        relationship: Name of a reference in paths.
        children: Name of the relationship from the other side.
        cascade: Whether the record goes with the one it refers to.
        create: Whether it may be given when a record is made.
        update: Whether it may be changed.
        unique: Whether no two records may have the same value.
        external: Whether records may be found by it as an external id.
        naming: Whether it is the name of the record.
        calculated: Whether the platform works it out.
        auto: Form of an auto-number, such as `{0:08d}`.
        indexed: Whether it is found quickly; references and ids always are.
        parts: Members of a compound field, with the fields that they come from.
        custom: Whether the organization added it.
    """

    name: str
    kind: Kind = "string"
    label: str = ""
    length: int = 255
    digits: int = 18
    scale: int = 2
    required: bool = False
    default: Any = None
    values: tuple[str, ...] = attrs.field(default=(), converter=_words)
    restricted: bool = False
    references: tuple[str, ...] = attrs.field(default=(), converter=_words)
    relationship: str | None = None
    children: str | None = None
    cascade: bool = False
    create: bool = True
    update: bool = True
    unique: bool = False
    external: bool = False
    naming: bool = False
    calculated: bool = False
    auto: str | None = None
    indexed: bool = False
    parts: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    custom: bool = False

    @property
    def title(self) -> str:
        """The label, or what can be told from the name."""
        return self.label or spaced(self.name)

    @property
    def is_text(self) -> bool:
        """Whether its value is text of people, compared without case."""
        return self.kind in TEXTS

    @property
    def folded(self) -> bool:
        """Whether the table keeps its text without case; it knows no fields that were added."""
        return (
            self.is_text
            and not self.custom
            and (self.naming or self.unique or self.external or self.indexed)
        )

    @property
    def in_column(self) -> bool:
        """Whether the table has a column for its value."""
        return not (self.folded or self.custom or self.kind == "id") and (
            self.indexed or self.kind == "reference" or self.unique or self.external
        )

    def for_queries(self, *, own_table: bool, column: bool = False) -> soql.Field:
        """The field as SOQL sees it.

        Args:
            own_table: Whether its object has a table of its own.
            column: Whether that table has a column for it for another reason.
        """
        return soql.Field(
            name=self.name,
            kind=self.kind,
            references=self.references,
            relationship=self.relationship,
            scale=self.scale if self.kind in ("currency", "double", "percent") else None,
            indexed=own_table and (self.in_column or column),
            folded=own_table and self.folded,
            parts=self.parts,
            groupable=self.kind not in ("longtextarea", "address", "multipicklist"),
            custom=self.custom,
        )


@attrs.frozen
class ObjectType:
    """An object.

    Attributes:
        name: Its API name.
        prefix: First three characters of its ids.
        fields: Its own fields; those that every object has come by themselves.
        label: What people call one of it.
        plural: What people call many.
        create: Whether records can be made over the API; likewise `update` and `delete`.
        together: Fields that are indexed together, so that sums need not read each record.
    """

    name: str
    prefix: str
    fields: tuple[FieldType, ...]
    label: str = ""
    plural: str = ""
    create: bool = True
    update: bool = True
    delete: bool = True
    together: tuple[tuple[str, ...], ...] = ()
    _by_name: dict[str, FieldType] = attrs.field(init=False, eq=False, repr=False)

    @_by_name.default
    def _index(self) -> dict[str, FieldType]:
        return {each.name.lower(): each for each in self.all_fields}

    @property
    def custom(self) -> bool:
        """Whether the organization added it."""
        return self.name.endswith("__c")

    @property
    def title(self) -> str:
        """What people call one of it."""
        return self.label or spaced(self.name)

    @property
    def titles(self) -> str:
        """What people call many of it."""
        return self.plural or f"{self.title}s"

    @property
    def all_fields(self) -> tuple[FieldType, ...]:
        """The fields, those that every object has included."""
        return (*SYSTEM[:2], *self.fields, *SYSTEM[2:])

    @property
    def table(self) -> str:
        """The table of its records."""
        return CUSTOM_TABLE if self.custom else f"sf_{self.name}"

    def field(self, name: str) -> FieldType | None:
        """The field of a name, whatever its case."""
        return self._by_name.get(name.lower())

    @property
    def naming(self) -> FieldType:
        """The field that names a record; the id where there is none."""
        return next((each for each in self.fields if each.naming), SYSTEM[0])

    def spec(self) -> TableSpec:
        """The table that its records are kept in."""
        fields = self.all_fields
        return TableSpec(
            self.table,
            key="Id",
            indexes=(*(each.name for each in fields if each.in_column), *self.together),
            folded=tuple(each.name for each in fields if each.folded),
        )

    def living(self) -> str:
        """The SQL of its records."""
        if self.custom:
            return f"(SELECT * FROM {CUSTOM_TABLE} WHERE \"attributes.type\" = '{self.name}')"  # noqa: S608
        return f'"{self.table}"'

    def everything(self) -> str:
        """The SQL of its records, and of those in the recycle bin."""
        columns = ["_n", "_key", "_body"]
        deleted = list(columns)
        fields = [] if self.custom else list(self.all_fields)
        for each in fields:
            value = f"json_extract(_body, '$.\"{each.name}\"')"
            if each.folded:
                columns.append(f'"{folded_column(each.name)}"')
                deleted.append(f"casefold({value})")
            elif each.in_column or any(each.name in group for group in self.together):
                columns.append(f'"{each.name}"')
                deleted.append(value)
        # Names of objects and fields are checked when they are defined.
        return (
            f"(SELECT {', '.join(columns)} FROM {self.living()} UNION ALL "  # noqa: S608
            f"SELECT {', '.join(deleted)} FROM {DELETED_TABLE} "
            f"WHERE \"attributes.type\" = '{self.name}')"
        )


def spaced(name: str) -> str:
    """An API name as words: `ERP_Customer_Number__c` is ERP Customer Number."""
    plain = name.removesuffix("__c").removesuffix("Id") or name
    words = "".join(
        f" {letter}" if letter.isupper() and at and plain[at - 1].islower() else letter
        for at, letter in enumerate(plain.replace("_", " "))
    )
    return f"{words} ID" if name.endswith("Id") and name != "Id" else words


CUSTOM_TABLE: Final = "sf_custom"
DELETED_TABLE: Final = "sf_deleted"

SYSTEM: Final = (
    FieldType("Id", "id", label="Record ID", length=18, create=False, update=False),
    FieldType("IsDeleted", "boolean", label="Deleted", default=False, create=False, update=False),
    FieldType("CreatedDate", "datetime", create=False, update=False, indexed=True),
    FieldType(
        "CreatedById", "reference", references=["User"], relationship="CreatedBy", create=False,
        update=False,
    ),
    FieldType("LastModifiedDate", "datetime", create=False, update=False),
    FieldType(
        "LastModifiedById", "reference", references=["User"], relationship="LastModifiedBy",
        create=False, update=False,
    ),
    FieldType("SystemModstamp", "datetime", create=False, update=False, indexed=True),
)  # fmt: skip
"""Fields that every object has."""


# Shorter ways to write fields


def text(name: str, length: int = 255, **more: Any) -> FieldType:
    """A text of one line."""
    return FieldType(name, length=length, **more)


def area(name: str, length: int = 32_000, **more: Any) -> FieldType:
    """A long text, which no condition can use."""
    return FieldType(name, "longtextarea", length=length, **more)


def picklist(name: str, values: Iterable[str], **more: Any) -> FieldType:
    """One of several values."""
    return FieldType(name, "picklist", values=tuple(values), **more)


def checkbox(name: str, default: bool = False, **more: Any) -> FieldType:
    """Yes or no."""
    return FieldType(name, "boolean", default=default, **more)


def money(name: str, **more: Any) -> FieldType:
    """An amount in the currency of the organization."""
    return FieldType(name, "currency", **more)


def number(name: str, digits: int = 18, scale: int = 2, **more: Any) -> FieldType:
    """A number with a fraction."""
    return FieldType(name, "double", digits=digits, scale=scale, **more)


def integer(name: str, **more: Any) -> FieldType:
    """A whole number."""
    return FieldType(name, "int", digits=9, scale=0, **more)


def percent(name: str, digits: int = 16, scale: int = 2, **more: Any) -> FieldType:
    """A percentage, 12.5 for 12.5 %."""
    return FieldType(name, "percent", digits=digits, scale=scale, **more)


def lookup(name: str, *to: str, children: str | None = None, **more: Any) -> FieldType:
    """A reference to a record of another object, or of one of several."""
    relationship = more.pop("relationship", None) or (
        f"{name.removesuffix('__c')}__r" if name.endswith("__c") else name.removesuffix("Id")
    )
    return FieldType(
        name, "reference", length=18, references=to, relationship=relationship, children=children,
        **more,
    )  # fmt: skip


def read_only(field: FieldType) -> FieldType:
    """A field that the platform keeps by itself."""
    return attrs.evolve(field, create=False, update=False, calculated=True)


def address(name: str) -> tuple[FieldType, ...]:
    """The fields of an address, and the compound field over them."""
    members = ("Street", "City", "State", "PostalCode", "Country")
    start = name.removesuffix("Address")
    lengths = {"Street": 255, "City": 40, "State": 80, "PostalCode": 20, "Country": 80}
    fields = [
        FieldType(
            f"{start}{each}", "textarea" if each == "Street" else "string", length=lengths[each]
        )
        for each in members
    ]
    parts = [(each[0].lower() + each[1:], f"{start}{each}") for each in members]
    whole = FieldType(name, "address", parts=sorted(parts), create=False, update=False)
    return (*fields, whole)
