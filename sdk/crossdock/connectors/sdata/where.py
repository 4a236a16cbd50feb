"""Conditions of an SData `where`, written so that no value can become a part of them.

The grammar is that of the specification (SData 2.0, core, "Query language"): texts stand in single
quotes, in which a quote is doubled; days and instants stand between two `@`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

Value = str | bool | int | Decimal | datetime | date | None


def literal(value: Value) -> str:
    """Write a value.

    Raises:
        ValueError: an instant without a time zone.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            if value.tzinfo is None:
                raise ValueError("an instant needs a time zone")
            at = value.astimezone(UTC)
            parts = "milliseconds" if at.microsecond else "seconds"
            return f"@{at.isoformat(timespec=parts).replace('+00:00', 'Z')}@"
        case date():
            return f"@{value.isoformat()}@"
        case Decimal():
            return f"{value:f}"
        case int():
            return str(value)


def equal(field: str, value: Value) -> str:
    """Compare a field with a value."""
    return f"{field} eq {literal(value)}"


def above(field: str, value: Value) -> str:
    """Ask for more than a value."""
    return f"{field} gt {literal(value)}"


def since(field: str, value: datetime) -> str:
    """Ask for what is not before an instant."""
    return f"{field} ge {literal(value)}"


def one_of(field: str, values: Iterable[Value]) -> str:
    """Compare a field with several values, of which there must be one at least."""
    return f"{field} in ({', '.join(map(literal, values))})"


def contains(field: str, text: str) -> str:
    """Look for a text within a field.

    SData has no way to say that a `%` or `_` stands for itself. Each becomes a `_` here, which
    stands for any one character: what comes may be too much and is never too little.
    """
    return f"{field} like {literal(f'%{_open(text)}%')}"


def begins(field: str, text: str) -> str:
    """Look for a text at a field's beginning; see `contains` for what may be too much."""
    return f"{field} like {literal(f'{_open(text)}%')}"


def _open(text: str) -> str:
    return text.replace("%", "_")


def any_of(conditions: Iterable[str]) -> str:
    """Join conditions of which one must hold."""
    return f"({' or '.join(conditions)})"


def every(*conditions: str) -> str:
    """Join conditions that must all hold; empty ones ask for nothing."""
    return " and ".join(filter(None, conditions))
