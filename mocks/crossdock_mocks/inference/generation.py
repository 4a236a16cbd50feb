"""From a schema to a value: the same for the same seed, and valid by the schema."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, final

import attrs

from crossdock_mocks.inference.keys import example_of
from crossdock_mocks.inference.naming import parts
from crossdock_mocks.inference.schemas import Schema, Schemas, kind
from crossdock_mocks.inference.values import number, text

_DEEPEST = 4
_EMPTY_AT_FIRST = frozenset(
    {"deleted", "closed", "cancelled", "canceled", "archived", "completed", "failed", "refunded",
     "locked", "expired", "voided", "merged", "error", "revoked", "suspended"}
)  # fmt: skip


def _no_reference(_name: str, _schema: Any) -> Any:
    return None


@attrs.frozen
class Making:
    """How values are made.

    Attributes:
        rng: Where chance comes from.
        now: The instant by the world's clock.
        noun: What is made.
        full: Whether optional members are made too.
        request: Whether it is a body to be sent: read-only members are left out.
        reference: Gives the value of a member that refers to something, or `None` if it does not.
    """

    rng: random.Random
    now: datetime
    noun: str = ""
    full: bool = True
    request: bool = False
    reference: Callable[[str, Any], Any] = _no_reference


@final
class Generator:
    """Makes values for the schemas of one document."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def value(self, schema: Any, name: str, making: Making, depth: int = 0) -> Any:
        """Make a value.

        Args:
            schema: The schema, as in the document.
            name: Name of the member that it is for.
            making: How.
            depth: How deep it lies; far down, what is optional is left out.
        """
        flat = self._schemas.flat(schema)
        if "const" in flat:
            return flat["const"]
        if "enum" in flat:
            return self._chosen(flat, making)
        refers = making.reference(name, schema) if name else None
        if refers is not None:
            return refers
        sort = kind(flat)
        nullable = "null" in flat["types"]
        if nullable and (depth >= _DEEPEST or _EMPTY_AT_FIRST & set(parts(name))):
            return None
        if sort == "object":
            return self._object(flat, making, depth)
        if sort == "array":
            return self._array(flat, name, making, depth)
        if sort == "boolean":
            default = flat.get("default")
            if isinstance(default, bool):
                return default
            if _EMPTY_AT_FIRST & set(parts(name)):
                return False
            return bool(making.rng.randrange(2))
        if sort in ("integer", "number"):
            return number(flat, name, making.rng, making.now, whole=sort == "integer")
        if sort == "null" or flat["types"] == ["null"]:
            return None
        if sort == "" and depth:
            return self._anything(flat, name, making)
        return text(flat, name, making.rng, making.now, making.noun)

    def _anything(self, flat: Schema, name: str, making: Making) -> Any:
        example = example_of(flat)
        return text(flat, name, making.rng, making.now) if example is None else example

    def _chosen(self, flat: Schema, making: Making) -> Any:
        """One of the values of an enumeration; a state begins with its default."""
        values = [each for each in flat["enum"] if each is not None] or [None]
        if flat.get("default") in values:
            return flat["default"]
        return making.rng.choice(values)

    def _object(self, flat: Schema, making: Making, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        required = set(flat["required"])
        for name, each in flat["properties"].items():
            inner = self._schemas.flat(each)
            if making.request and inner.get("readOnly"):
                continue
            if not making.request and inner.get("writeOnly"):
                continue
            if name not in required:
                deep = depth >= (2 if kind(inner) in ("object", "array") else _DEEPEST)
                if not making.full or deep:
                    continue
            made[name] = self.value(each, name, making, depth + 1)
        for name in required:
            if name not in made and name not in flat["properties"]:
                made[name] = self.value(flat.get("additionalProperties") or {}, name, making, 1)
        least = flat.get("minProperties", 0)
        more = flat.get("additionalProperties", True)
        while len(made) < least and more is not False:
            name = f"field_{len(made) + 1}"
            made[name] = self.value(more if isinstance(more, Mapping) else {}, name, making, 1)
        return made

    def _array(self, flat: Schema, name: str, making: Making, depth: int) -> list[Any]:
        least = flat.get("minItems", 0)
        most = flat.get("maxItems", least + 2)
        wanted = max(least, min(most, 1 + making.rng.randrange(2)))
        if depth >= _DEEPEST - 1:
            wanted = least
        made: list[Any] = []
        for _ in range(wanted * 4):
            if len(made) == wanted:
                break
            one = self.value(flat.get("items", {}), name.rstrip("s"), making, depth + 1)
            if not (flat.get("uniqueItems") and one in made):
                made.append(one)
        return made


def rng(*words: Any) -> random.Random:
    """Chance that comes out the same each time for the same words."""
    return random.Random("|".join(str(each) for each in words))  # noqa: S311 - data, not secrets
