"""What a condition is made of, once it was parsed and before any name was looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import attrs


class WhereError(Exception):
    """A condition that is refused; the message says what is wrong, and where."""


@attrs.frozen
class Constant:
    """A value: text, a number, a day or an instant (as rows hold it), true or false, or null."""

    kind: Literal["string", "number", "datetime", "boolean", "null"]
    value: Any


def _names(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen
class Path:
    """A property, or references that lead to one: `Account.Owner.OwnerDescription`."""

    names: tuple[str, ...] = attrs.field(converter=_names)

    @property
    def text(self) -> str:
        """As it was written."""
        return ".".join(self.names)


@attrs.frozen
class Call:
    """A function with what it is called on."""

    name: str
    arguments: tuple[Node, ...]


@attrs.frozen
class Unary:
    """A minus, or a `not`."""

    operator: Literal["-", "not"]
    operand: Node


@attrs.frozen
class Binary:
    """Two operands; `operator` in small letters."""

    operator: str
    left: Node
    right: Node


@attrs.frozen
class Between:
    """A value between two others, both included."""

    operand: Node
    low: Node
    high: Node


@attrs.frozen
class Within:
    """A value among others."""

    operand: Node
    values: tuple[Node, ...]


@attrs.frozen
class Joint:
    """Conditions all of which hold (`and`), or one of which does (`or`)."""

    word: Literal["and", "or"]
    parts: tuple[Node, ...]


Node: TypeAlias = "Constant | Path | Call | Unary | Binary | Between | Within | Joint"
