"""Functions of SOQL: aggregates, and parts of dates to group by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from crossdock_mocks.dialects.salesforce.soql.errors import malformed
from crossdock_mocks.dialects.salesforce.soql.schema import IDS, NUMBERS, Context, Field
from crossdock_mocks.dialects.salesforce.soql.scope import Column, Scope
from crossdock_mocks.dialects.salesforce.soql.syntax import Function, Path

AGGREGATES: Final = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})

_NUMBER: Final = Field(name="", kind="double")
_COUNT: Final = Field(name="", kind="int")

_QUARTER: Final = "((CAST(strftime('%m', {x}) AS INTEGER) + 2) / 3)"
_FISCAL: Final = "((CAST(strftime('%m', {x}) AS INTEGER) - {start} + 12) % 12)"
# {x} is the date or instant without its zone, which is UTC.
_PARTS: Final[Mapping[str, str]] = {
    "CALENDAR_YEAR": "CAST(strftime('%Y', {x}) AS INTEGER)",
    "CALENDAR_QUARTER": _QUARTER,
    "CALENDAR_MONTH": "CAST(strftime('%m', {x}) AS INTEGER)",
    "DAY_IN_MONTH": "CAST(strftime('%d', {x}) AS INTEGER)",
    "DAY_IN_WEEK": "(CAST(strftime('%w', {x}) AS INTEGER) + 1)",
    "DAY_IN_YEAR": "CAST(strftime('%j', {x}) AS INTEGER)",
    "WEEK_IN_MONTH": "((CAST(strftime('%d', {x}) AS INTEGER) + 6) / 7)",
    "WEEK_IN_YEAR": "((CAST(strftime('%j', {x}) AS INTEGER) + 6) / 7)",
    "HOUR_IN_DAY": "CAST(strftime('%H', {x}) AS INTEGER)",
    "DAY_ONLY": "substr({x}, 1, 10)",
    "FISCAL_MONTH": f"({_FISCAL} + 1)",
    "FISCAL_QUARTER": f"({_FISCAL} / 3 + 1)",
    # A fiscal year is named for the year in which it ends.
    "FISCAL_YEAR": (
        "(CAST(strftime('%Y', {x}) AS INTEGER)"
        " + (CAST(strftime('%m', {x}) AS INTEGER) >= {start} AND {start} > 1))"
    ),
}
_OF_INSTANTS: Final = frozenset({"HOUR_IN_DAY", "DAY_ONLY"})


@attrs.frozen
class Computed:
    """What a function gives.

    Attributes:
        sql: Its SQL.
        field: The type of the value, as a field without a name.
        aggregate: Whether it is over many rows.
    """

    sql: str
    field: Field
    aggregate: bool


def compute(function: Function, scope: Scope, context: Context) -> Computed:
    """The SQL of a function that gives one value.

    Raises:
        SoqlError: No such function, or not of this field.
    """
    if function.word in AGGREGATES:
        return _aggregate(function, scope)
    if function.word in _PARTS:
        return _part(function, scope, context)
    raise malformed(f"unexpected token: '{function.name}'", function.place)


def _argument(function: Function) -> Path:
    if len(function.arguments) != 1 or not isinstance(function.arguments[0], Path):
        raise malformed(f"{function.name} takes one field", function.place)
    return function.arguments[0]


def _aggregate(function: Function, scope: Scope) -> Computed:
    word = function.word
    if word == "COUNT" and not function.arguments:
        raise malformed("COUNT() must be the only element in the SELECT list", function.place)
    column = scope.column(_argument(function))
    field = column.field
    if not _aggregatable(word, field):
        raise malformed(
            f"field {field.name} does not support aggregate operator {word}", function.place
        )
    if word == "COUNT":
        # An id is never empty, unless there is no such parent; all rows are counted quickest.
        counted = "*" if field.kind == "id" and not column.way else column.sql
        return Computed(f"count({counted})", _COUNT, aggregate=True)
    if word == "COUNT_DISTINCT":
        return Computed(f"count(DISTINCT {column.sql})", _COUNT, aggregate=True)
    if word == "AVG":
        return Computed(f"avg({column.sql})", _NUMBER, aggregate=True)
    if word == "SUM":
        total = f"sum({column.sql})"
        if field.scale is not None:
            # Binary fractions of a million lines leave a trace that no sum of decimals has.
            total = f"round({total}, {field.scale})"
        return Computed(total, field, aggregate=True)
    return Computed(_least(word, column), field, aggregate=True)


def _least(word: str, column: Column) -> str:
    return f"{word.lower()}({column.sql})"


def _aggregatable(word: str, field: Field) -> bool:
    if field.kind in ("longtextarea", "address", "multipicklist"):
        return False
    if word in ("SUM", "AVG"):
        return field.kind in NUMBERS
    if word in ("MIN", "MAX"):
        return field.kind != "boolean" and field.kind not in IDS
    return field.kind != "boolean"


def _part(function: Function, scope: Scope, context: Context) -> Computed:
    arguments = function.arguments
    if len(arguments) == 1 and isinstance(arguments[0], Function):
        inner = arguments[0]
        if inner.word != "CONVERTTIMEZONE":
            raise malformed(f"unexpected token: '{inner.name}'", inner.place)
        # The organization's time zone is UTC, so nothing is to be converted.
        arguments = inner.arguments
    if len(arguments) != 1 or not isinstance(arguments[0], Path):
        raise malformed(f"{function.name} takes one field", function.place)
    column = scope.column(arguments[0])
    wanted = ("datetime",) if function.word in _OF_INSTANTS else ("date", "datetime")
    if column.field.kind not in wanted:
        raise malformed(
            f"field {column.field.name} does not support the {function.word} function",
            function.place,
        )
    text = f"substr({column.sql}, 1, 19)"
    sql = _PARTS[function.word].format(x=text, start=context.fiscal_start)
    kind = Field(name="", kind="date") if function.word == "DAY_ONLY" else _COUNT
    return Computed(sql, kind, aggregate=False)
