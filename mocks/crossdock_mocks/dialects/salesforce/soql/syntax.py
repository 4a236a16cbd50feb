"""What a SOQL statement is made of, once it was parsed and before any name was looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs

from crossdock_mocks.dialects.salesforce.soql.errors import Place


def _tuple(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen
class Path:
    """A field, or relationships that lead to one: `Account.Owner.Name`."""

    parts: tuple[str, ...] = attrs.field(converter=_tuple)
    place: Place = attrs.field(eq=False)

    @property
    def text(self) -> str:
        """As it was written."""
        return ".".join(self.parts)


@attrs.frozen
class Value:
    """A value as it was written.

    Attributes:
        kind: What it looks like. A `name` is a word that stands for a value: `true`, `null`, or a
            date literal, whose number is in `count`.
        text: The text; of a string, what stands between the quotes.
        count: The n of `LAST_N_DAYS:n`.
    """

    kind: Literal["string", "number", "date", "datetime", "time", "name"]
    text: str
    place: Place = attrs.field(eq=False)
    count: int | None = None

    @property
    def is_null(self) -> bool:
        """Whether nothing is meant; an empty text is nothing too."""
        return (self.kind == "name" and self.text.upper() == "NULL") or (
            self.kind == "string" and not self.text
        )


@attrs.frozen
class Function:
    """A function with what it is called on: `COUNT()`, `SUM(Amount)`, `FIELDS(ALL)`."""

    name: str
    arguments: tuple[Expression, ...]
    place: Place = attrs.field(eq=False)

    @property
    def word(self) -> str:
        """The name in capitals."""
        return self.name.upper()


Expression: TypeAlias = "Path | Function | Value"


@attrs.frozen
class Selected:
    """An expression that is selected, with the name it gets."""

    expression: Path | Function
    alias: str | None = None


@attrs.frozen
class Children:
    """A sub-query for children: `(SELECT Id FROM Contacts)`."""

    query: Query


@attrs.frozen
class TypeOf:
    """`TYPEOF ... END`, which depends on what a polymorphic relationship leads to."""

    place: Place = attrs.field(eq=False)


@attrs.frozen
class Comparison:
    """A field against one value."""

    left: Path | Function
    operator: Literal["=", "!=", "<", "<=", ">", ">=", "LIKE"]
    value: Value
    place: Place = attrs.field(eq=False)


@attrs.frozen
class Within:
    """A field against many values, or against those that a sub-select finds."""

    left: Path | Function
    negated: bool
    values: tuple[Value, ...] | Query
    place: Place = attrs.field(eq=False)


@attrs.frozen
class Includes:
    """A multi-select picklist against combinations of values."""

    left: Path
    negated: bool
    values: tuple[Value, ...]


@attrs.frozen
class Both:
    """Conditions all of which hold (`AND`), or one of which does (`OR`)."""

    word: Literal["AND", "OR"]
    parts: tuple[Condition, ...]


@attrs.frozen
class Not:
    """A condition that does not hold."""

    part: Condition
    place: Place = attrs.field(eq=False)


Condition: TypeAlias = "Comparison | Within | Includes | Both | Not"


@attrs.frozen
class Ordering:
    """One thing to sort by."""

    expression: Path | Function
    descending: bool
    nulls_last: bool


@attrs.frozen
class Source:
    """An object, or a relationship of one, with its alias."""

    path: Path
    alias: str | None = None


@attrs.frozen
class Grouping:
    """What is grouped by; `rollup` names `ROLLUP` or `CUBE`."""

    by: tuple[Path | Function, ...]


@attrs.frozen
class Clause:
    """A clause at the end that changes nothing of the answer, or is not for this API."""

    word: str
    place: Place = attrs.field(eq=False)


@attrs.frozen
class Query:
    """One `SELECT`."""

    selected: tuple[Selected | Children | TypeOf, ...]
    sources: tuple[Source, ...]
    scope: str | None = None
    where: Condition | None = None
    grouping: Grouping | None = None
    having: Condition | None = None
    ordering: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    clauses: tuple[Clause, ...] = ()


@attrs.frozen
class Search:
    """One `FIND`.

    Attributes:
        term: What it looks for, without the braces.
        place: Where that stands.
        fields: Which fields it looks through: `ALL`, `NAME`, `EMAIL` or `PHONE`.
        returning: What is told of which objects; nothing where all of them are meant.
        limit: At most so many records in all.
    """

    term: str
    place: Place = attrs.field(eq=False)
    fields: str = "ALL"
    returning: tuple[Query, ...] = ()
    limit: int | None = None
