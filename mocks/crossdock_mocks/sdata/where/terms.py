"""Pieces of SQL with the values that belong to them, and what kind of value they give."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import attrs

Type: TypeAlias = Literal["string", "number", "boolean", "datetime", "null"]

WORDS: Final[dict[str, str]] = {
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "datetime": "a date",
    "null": "null",
}
_FEW: Final = 100


@attrs.frozen
class Term:
    """A piece of SQL.

    Attributes:
        sql: The text, with a mark for each value.
        values: The values, in the order of the marks.
        type: What it gives.
        constant: Its value, where it is one.
        condition: Whether it is a condition, not a value.
    """

    sql: str
    values: tuple[Any, ...]
    type: Type
    constant: Any = None
    condition: bool = False

    @property
    def word(self) -> str:
        """What it gives, for people."""
        return "a condition" if self.condition else WORDS[self.type]


def term(sql: str, type_: Type, *parts: Term) -> Term:
    """A piece with others in it, in the order of their marks."""
    return Term(sql, tuple(value for part in parts for value in part.values), type_)


def condition(sql: str, *parts: Term) -> Term:
    """A condition with other pieces in it, in the order of their marks."""
    return Term(
        sql, tuple(value for part in parts for value in part.values), "boolean", condition=True
    )


def constant(value: Any, type_: Type) -> Term:
    """A value that was given."""
    bound = int(value) if isinstance(value, bool) else value
    return Term("?", (bound,), type_, constant=value)


def joined(parts: list[Term], word: str) -> Term:
    """Conditions joined as a tree, not a chain: a chain of a thousand is too deep for SQLite."""
    if len(parts) <= _FEW:
        return condition(f"({f' {word} '.join(each.sql for each in parts)})", *parts)
    half = len(parts) // 2
    left, right = joined(parts[:half], word), joined(parts[half:], word)
    return condition(f"({left.sql} {word} {right.sql})", left, right)
