"""Schemas as External Services take them: flat, named, of OpenAPI 3.0; see `external_service`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from crossdock.errors import ConfigError

LONGEST_DESCRIPTION: Final = 1_333
LONGEST_NAME: Final = 80
_IDENTIFIER: Final = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*", re.ASCII).fullmatch
_FORMATS: Final = frozenset(
    {"date", "date-time", "int32", "int64", "float", "double", "byte", "binary"}
)
Schema = dict[str, Any]


class Schemas:
    """Writes the schemas of a document plainly, and keeps the objects among them by name.

    Args:
        content: the document.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._schemas: dict[str, Schema] = {}
        self._nullable: set[str] = set()

    def all(self) -> dict[str, Schema]:
        """Give every object that was written, by its name."""
        return {
            name: {**schema, "nullable": True} if name in self._nullable else schema
            for name, schema in sorted(self._schemas.items())
        }

    def object(self, schema: Mapping[str, Any], title: str) -> Schema:
        """Write an object under a name of its own, and refer to it."""
        written = self.schema(schema, title)
        if written is None or "$ref" not in written:
            raise ConfigError(
                f"{title} is no object, which External Services cannot take as a body"
            )
        return written

    def schema(self, schema: Mapping[str, Any], title: str) -> Schema | None:
        """Write a schema; nothing for what may be anything.

        Args:
            schema: as the side-car says it.
            title: what an object without a name is called.
        """
        found, title = self._plain(schema, title)
        written: Schema | None
        kind = found.get("type")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), None)
        if kind is None and "properties" in found:
            kind = "object"
        match kind:
            case "object":
                return self._named_object(found, title)
            case "array":
                items = self.schema(found.get("items", {}), f"{title}Item")
                written = None if items is None else {"type": "array", "items": items}
            case None:
                constant = found.get("const")
                written = {"type": "string", "enum": [constant]} if constant else None
            case _:
                written = {"type": kind}
                if found.get("format") in _FORMATS:
                    written["format"] = found["format"]
                if "enum" in found:
                    written["enum"] = [each for each in found["enum"] if each is not None]
        if written is not None:
            if described := schema.get("description"):
                written["description"] = shortened(described)
            if self._may_be_null(schema):
                written["nullable"] = True
        return written

    def _named_object(self, found: Mapping[str, Any], title: str) -> Schema | None:
        if "properties" not in found:
            values = found.get("additionalProperties")
            kept = self.schema(values, f"{title}Value") if isinstance(values, Mapping) else None
            return None if kept is None else {"type": "object", "additionalProperties": kept}
        name = named(title)
        reference = {"$ref": f"#/components/schemas/{name}"}
        if name in self._schemas:
            return reference
        self._schemas[name] = {}  # an object may lead to itself
        properties: dict[str, Any] = {}
        for own, schema in found["properties"].items():
            written = self.schema(schema, f"{title}{own.title().replace('_', '')}")
            if written is None:
                continue
            properties[named(own)] = written
            if "$ref" in written and self._may_be_null(schema):
                self._nullable.add(written["$ref"].rpartition("/")[2])
        required = [each for each in found.get("required", ()) if each in properties]
        self._schemas[name] = {
            "type": "object",
            **({"description": shortened(found["description"])} if "description" in found else {}),
            **({"required": required} if required else {}),
            "properties": properties,
        }
        return reference

    def _may_be_null(self, schema: Mapping[str, Any]) -> bool:
        found = self.resolved(schema)
        kinds = found.get("type")
        choices = [*found.get("anyOf", ()), *found.get("oneOf", ())]
        return (isinstance(kinds, list) and "null" in kinds) or {"type": "null"} in choices

    def _plain(self, schema: Mapping[str, Any], title: str) -> tuple[Mapping[str, Any], str]:
        """Resolve references and compositions; gives what an object is called besides."""
        found: Mapping[str, Any] = schema
        while True:
            if "$ref" in found:
                title = str(found["$ref"]).rpartition("/")[2]
                found = self.resolved(found)
            elif "allOf" in found:
                return self._merged(found["allOf"], title), title
            elif choices := [*found.get("anyOf", ()), *found.get("oneOf", ())]:
                some = [each for each in choices if each != {"type": "null"}]
                if len(some) != 1:
                    raise ConfigError(f"{title} is one of several, which a Flow cannot assign to")
                found = some[0]
            else:
                return found, title

    def _merged(self, parts: Iterable[Mapping[str, Any]], title: str) -> Mapping[str, Any]:
        properties: dict[str, Any] = {}
        required: list[str] = []
        for part in parts:
            found, _ = self._plain(part, title)
            properties |= found.get("properties", {})
            required += found.get("required", ())
        return {"type": "object", "properties": properties, "required": [*dict.fromkeys(required)]}

    def resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow references to what they lead to."""
        while "$ref" in part:
            target: Any = self._content
            for name in part["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            part = target
        return part


def named(name: str) -> str:
    """Give a name as it is.

    Raises:
        ConfigError: Apex and Flow cannot have it.
    """
    if not _IDENTIFIER(name) or len(name) > LONGEST_NAME:
        raise ConfigError(f"{name!r} is no name that Apex and Flow can have")
    return name


def shortened(text: str) -> str:
    """Give a description in one line, as long as External Services keep it."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_DESCRIPTION else plain[: LONGEST_DESCRIPTION - 3] + "..."
