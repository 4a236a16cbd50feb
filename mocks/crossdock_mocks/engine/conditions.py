"""Conditions on rows: plain values for equality, small objects for the rest, SQL with parameters.

`where` is a mapping of field to condition, all of which have to hold:

    {"customer_id": "C-10001", "status": ["open", "hold"], "posted_on": ge(date(2026, 1, 1))}

A plain value means equality, `None` means that the field is null or missing, a list, tuple or set
means one of its values. `either(...)` and `every(...)` combine mappings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from crossdock_mocks.engine.messages import instant


@attrs.frozen
class Condition:
    """A comparison of one field. Made by the functions of this module."""

    operator: str
    value: Any = None
    other: Any = None


@attrs.frozen
class Combination:
    """Several conditions of which one, or each, has to hold."""

    joint: str
    parts: tuple[Where, ...]


Where: TypeAlias = "Mapping[str, Any] | Combination"

FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*\Z")


def ne(value: Any) -> Condition:
    """Differ from the value; a missing field differs from each value."""
    return Condition("ne", value)


def gt(value: Any) -> Condition:
    """Lie above the value."""
    return Condition("gt", value)


def ge(value: Any) -> Condition:
    """Lie at or above the value."""
    return Condition("ge", value)


def lt(value: Any) -> Condition:
    """Lie below the value."""
    return Condition("lt", value)


def le(value: Any) -> Condition:
    """Lie at or below the value."""
    return Condition("le", value)


def between(low: Any, high: Any) -> Condition:
    """Lie between two values, both included."""
    return Condition("between", low, high)


def one_of(values: Iterable[Any]) -> Condition:
    """Equal one of the values; no values, no rows."""
    return Condition("in", tuple(values))


def prefix(text: str, *, ignore_case: bool = False) -> Condition:
    """Begin with the text. With the case minded it uses an index."""
    return Condition("prefix", text, ignore_case)


def contains(text: str, *, ignore_case: bool = True) -> Condition:
    """Contain the text, by default whatever its case."""
    return Condition("contains", text, ignore_case)


def either(*parts: Where) -> Combination:
    """At least one of the parts holds."""
    return Combination(" OR ", parts)


def every(*parts: Where) -> Combination:
    """Each of the parts holds."""
    return Combination(" AND ", parts)


_COMPARE = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def bind(value: Any) -> Any:
    """Turn a value into what a row holds for it: dates, instants and decimals are JSON strings."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float(value)  # SQLite's integers end here; its comparison with reals is exact
    return value


def clause(
    where: Where | None,
    column: Callable[[str], str],
    bound: Callable[[str, Any], Any],
    parameters: list[Any],
) -> str:
    """Write a condition as SQL; values go to `parameters`, never into the text.

    Args:
        where: The condition; `None` or empty holds for each row.
        column: Gives the SQL expression of a field.
        bound: Gives the value to bind for a field's value.
        parameters: Grows by the values, in the order of the placeholders.

    Raises:
        ValueError: A field's name cannot be one.
    """
    if not where:
        return "1"
    if isinstance(where, Combination):
        parts = [clause(part, column, bound, parameters) for part in where.parts]
        if not parts:
            return "0" if "OR" in where.joint else "1"
        return f"({where.joint.join(parts)})"
    parts = [
        _term(column(field), field, wanted, bound, parameters) for field, wanted in where.items()
    ]
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"


def _term(
    column: str,
    field: str,
    wanted: Any,
    bound: Callable[[str, Any], Any],
    parameters: list[Any],
) -> str:
    if not isinstance(wanted, Condition):
        if wanted is None:
            return f"{column} IS NULL"
        if not isinstance(wanted, (list, tuple, set, frozenset)):
            parameters.append(bound(field, wanted))
            return f"{column} = ?"
        wanted = one_of(wanted)
    operator, value, other = wanted.operator, wanted.value, wanted.other
    if operator == "in":
        values = [bound(field, each) for each in value]
        parameters.extend(each for each in values if each is not None)
        marks = ",".join("?" for each in values if each is not None)
        if None in values:
            return f"({column} IN ({marks}) OR {column} IS NULL)"
        return f"{column} IN ({marks})"
    if operator == "ne":
        parameters.append(bound(field, value))
        return f"{column} IS NOT ?"
    if operator == "between":
        parameters.extend((bound(field, value), bound(field, other)))
        return f"{column} BETWEEN ? AND ?"
    if operator == "prefix":
        if other:
            parameters.append(str(value).casefold())
            return f"instr(casefold({column}), ?) = 1"
        # As a range it is answered by an index; U+10FFFF sorts behind any other text.
        parameters.extend((value, f"{value}\U0010ffff"))
        return f"({column} >= ? AND {column} < ?)"
    if operator == "contains":
        parameters.append(str(value).casefold() if other else value)
        return f"instr(casefold({column}), ?) > 0" if other else f"instr({column}, ?) > 0"
    parameters.append(bound(field, value))
    return f"{column} {_COMPARE[operator]} ?"
