"""SOQL, written so that no value can become a part of the statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)
Value = str | datetime


def literal(value: Value) -> str:
    """Write a value as SOQL has it.

    Raises:
        ValueError: an instant without a time zone.
    """
    if isinstance(value, str):
        return f"'{value.translate(_ESCAPES)}'"
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def equal(field: str, value: Value) -> str:
    """Compare a field with a value."""
    return f"{field} = {literal(value)}"


def one_of(field: str, values: Iterable[str]) -> str:
    """Compare a field with several values, of which there must be one at least."""
    return f"{field} IN ({', '.join(map(literal, values))})"


def contains(field: str, text: str) -> str:
    """Look for a text within a field; its own `%` and `_` stand for themselves."""
    quoted = text.translate(_ESCAPES).replace("%", "\\%").replace("_", "\\_")
    return f"{field} LIKE '%{quoted}%'"


def any_of(conditions: Iterable[str]) -> str:
    """Join conditions of which one must hold."""
    return f"({' OR '.join(conditions)})"


def all_of(conditions: Iterable[str]) -> str:
    """Join conditions that must all hold."""
    return " AND ".join(conditions)


def select(
    fields: Sequence[str],
    source: str,
    *,
    where: str = "",
    order: str = "",
    limit: int | None = None,
) -> str:
    """Write a statement, or a sub-query without its brackets."""
    columns = ", ".join(dict.fromkeys(fields))
    parts = [f"SELECT {columns} FROM {source}"]  # noqa: S608 - SOQL that only reads
    if where:
        parts.append(f"WHERE {where}")
    if order:
        parts.append(f"ORDER BY {order}")
    if limit is not None:
        parts.append(f"LIMIT {limit}")
    return " ".join(parts)
