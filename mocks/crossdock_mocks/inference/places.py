"""Paths taken apart: fixed words and parameters, whatever way they are written."""

from __future__ import annotations

import re
from functools import cached_property
from typing import final

import attrs

_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_PREAMBLE = re.compile(
    r"(api|rest|admin|odata|services|data|v\d[\w.]*|\d{4}-\d{2}(-\d{2})?)\Z", re.IGNORECASE
)
_SUFFIX = re.compile(r"\.(json|xml)\Z")

PARAM = ""
"""Stands for any parameter in the form of a path."""


@final
@attrs.frozen(slots=False)
class Place:
    """One path template.

    `orders.json`, `/orders/{id}.json`, `Orders('{id}')`, `Orders({id})` and `{id}:cancel` give the
    same words and parameters as their plain forms.

    Attributes:
        path: The template.
        parts: Words, and parameters as `{name}`, in their order.
    """

    path: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, path: str) -> Place:
        """Take a path template apart."""
        parts: list[str] = []
        for segment in path.strip("/").split("/"):
            pieces = _TEMPLATE.split(_SUFFIX.sub("", segment))
            for position, piece in enumerate(pieces):
                if position % 2:
                    parts.append(f"{{{piece}}}")
                    continue
                word = re.sub(r"[(),'\"]+|\w+=", "", piece) if len(pieces) > 1 else piece
                word = word.strip(":.@-")
                if word:
                    parts.append(word)
        return cls(path, tuple(parts))

    @cached_property
    def form(self) -> tuple[str, ...]:
        """The parts with nameless parameters: what two spellings of one path have in common."""
        return tuple(PARAM if each.startswith("{") else each.lower() for each in self.parts)

    @cached_property
    def params(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(each[1:-1] for each in self.parts if each.startswith("{"))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words that say something: without the likes of `api` and `v2` at the head."""
        words = [each for each in self.parts if not each.startswith("{")]
        while len(words) > 1 and _PREAMBLE.match(words[0]):
            words = words[1:]
        return tuple(words)

    @property
    def item(self) -> bool:
        """Whether the path ends in a parameter."""
        return self.parts[-1:] != () and self.parts[-1].startswith("{")

    @property
    def last(self) -> str:
        """The last word."""
        return self.words[-1] if self.words else ""

    def prefixes(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Forms of the item paths that this path lies under, each with its parameters."""
        found = []
        params: list[str] = []
        for position, part in enumerate(self.parts[:-1]):
            if part.startswith("{"):
                params.append(part[1:-1])
                found.append((self.form[: position + 1], tuple(params)))
        return found
