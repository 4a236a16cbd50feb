"""A stored record as an answer asks for it: what it names, in the types that it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from crossdock_mocks.inference.generation import Generator, Making
from crossdock_mocks.inference.naming import plain, singular
from crossdock_mocks.inference.schemas import Schema, Schemas, kind

_IDENTIFY = ("login", "username", "name", "id", "key", "code", "slug", "title", "number", "email",
             "ref", "value", "sha")  # fmt: skip
_INHERITED = ("id", "Id", "_id")


@final
class Projection:
    """Brings records into the form of a schema."""

    def __init__(self, schemas: Schemas, generator: Generator) -> None:
        self._schemas = schemas
        self._generator = generator

    def project(self, value: Any, schema: Any, name: str, making: Making, depth: int = 0) -> Any:
        """Bring a value into the form of a schema.

        Members that the schema does not name are left out where it names any; required ones that
        are missing are made; a value of another type is turned into the one wanted where it has
        one sense: a number into text, an identifier into the object it identifies.
        """
        flat = self._schemas.flat(schema)
        if value is None:
            if "null" in flat["types"] or not flat["types"] or depth == 0:
                return None
            return self._generator.value(schema, name, making, depth)
        if "const" in flat:
            return flat["const"]
        if "enum" in flat:
            if value in flat["enum"]:
                return value
            return self._generator.value(schema, name, making, depth)
        sort = kind(flat)
        if sort == "object":
            return self._object(value, flat, making, depth)
        if sort == "array":
            return self._array(value, flat, name, making, depth)
        if sort in ("integer", "number"):
            return self._number(value, schema, sort, name, making, depth)
        if sort == "boolean":
            if isinstance(value, bool):
                return value
            return value in ("true", "1", 1)
        if sort == "string" and not isinstance(value, str):
            return self._text(value, schema, name, making, depth)
        return value

    def _object(self, value: Any, flat: Schema, making: Making, depth: int) -> Any:
        properties = flat["properties"]
        if not isinstance(value, Mapping):
            list_member = next(
                (n for n in ("data", "items", "results") if n in properties), None
            )  # fmt: skip
            if isinstance(value, list):
                value = {list_member: value} if list_member else {}
            else:
                value = self._identified(value, properties)
        if not properties:
            return dict(value)
        made: dict[str, Any] = {}
        required = set(flat["required"])
        for member, each in properties.items():
            inner = self._schemas.flat(each)
            if inner.get("writeOnly"):
                continue
            if member in value:
                projected = self.project(value[member], each, member, making, depth + 1)
                if value[member] is None and projected is not None and member not in required:
                    continue
                made[member] = projected
            elif member in required:
                made[member] = self._generator.value(each, member, making, depth + 1)
        more = flat.get("additionalProperties")
        if more is True or (isinstance(more, Mapping) and more) or "unevaluatedProperties" in flat:
            made.update({n: e for n, e in value.items() if n not in properties})
        for member in required:
            if member not in made:
                made[member] = self._generator.value({}, member, making, depth + 1)
        return made

    def _identified(self, value: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
        """An object of which only the identifier is known."""
        wanted = ("integer", "number") if isinstance(value, int) else ("string", "")
        for guess in _IDENTIFY:
            for member, each in properties.items():
                if plain(member) == guess and kind(self._schemas.flat(each)) in wanted:
                    return {member: value}
        return {}

    def _array(self, value: Any, flat: Schema, name: str, making: Making, depth: int) -> list[Any]:
        if isinstance(value, Mapping):
            value = next((each for each in value.values() if isinstance(each, list)), [value])
        if not isinstance(value, list):
            value = [value]
        items = flat.get("items", {})
        return [self.project(each, items, singular(name), making, depth + 1) for each in value]

    def _number(
        self, value: Any, schema: Any, sort: str, name: str, making: Making, depth: int
    ) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            try:
                value = float(value)
            except (TypeError, ValueError):
                return self._generator.value(schema, name, making, depth)
        if sort == "integer":
            if isinstance(value, float) and value != int(value):
                return round(value)
            return int(value)
        return value

    def _text(self, value: Any, schema: Any, name: str, making: Making, depth: int) -> Any:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        if isinstance(value, Mapping):
            for guess in (*_INHERITED, *_IDENTIFY):
                if isinstance(value.get(guess), (str, int)):
                    return str(value[guess])
        return self._generator.value(schema, name, making, depth)
