"""Schemas of a document as inference and generation see them: resolved and flat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final
from urllib.parse import unquote

Schema = dict[str, Any]

_DEEPEST = 12


@final
class Schemas:
    """Resolves references and merges what is composed, each schema once.

    Args:
        document: The parsed OpenAPI document.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._flat: dict[int, Schema] = {}
        self._kept: list[Any] = []

    def resolve(self, given: Any) -> Any:
        """Follow references within the document."""
        for _ in range(_DEEPEST):
            target = given.get("$ref") if isinstance(given, Mapping) else None
            if not isinstance(target, str) or not target.startswith("#/"):
                break
            found: Any = self._document
            for part in target[2:].split("/"):
                found = found[unquote(part).replace("~1", "/").replace("~0", "~")]
            given = found
        return given

    def component(self, schema: Any) -> str:
        """Name of the component that a schema is, through nullable wrappings; or nothing."""
        if not isinstance(schema, Mapping):
            return ""
        target = schema.get("$ref")
        if isinstance(target, str):
            return target.rsplit("/", 1)[-1]
        for keyword in ("allOf", "anyOf", "oneOf"):
            named = [
                each for each in schema.get(keyword, ()) if self.flat(each)["types"] != ["null"]
            ]
            if len(named) == 1:
                return self.component(named[0])
        return ""

    def flat(self, schema: Any, depth: int = 0) -> Schema:
        """A schema with its composition merged.

        `types` lists the types (with `null`), `properties` and `required` are those of all parts of
        an `allOf`; of `anyOf` and `oneOf` the first form that is not null is taken.
        """
        key = id(schema)
        known = self._flat.get(key)
        if known is not None:
            return known
        merged = self._merge(schema, depth)
        self._flat[key] = merged
        self._kept.append(schema)  # so that its id stays its own
        return merged

    def _merge(self, schema: Any, depth: int) -> Schema:
        if not isinstance(schema, Mapping):
            return {"types": [], "properties": {}, "required": []}
        if "$ref" in schema:
            beside = {name: each for name, each in schema.items() if name != "$ref"}
            merged = dict(self.flat(self.resolve({"$ref": schema["$ref"]}), depth + 1))
            return self._add(merged, self._merge(beside, depth + 1)) if beside else merged
        given = schema.get("type", [])
        merged = {
            name: each
            for name, each in schema.items()
            if name not in ("type", "allOf", "anyOf", "oneOf", "required", "properties")
        }
        types = [given] if isinstance(given, str) else list(given)
        if schema.get("nullable") is True and types:
            types.append("null")
        if isinstance(given, list) and "null" in given and "enum" not in schema:
            merged.setdefault("nullable", True)
        merged["types"] = types
        merged["properties"] = dict(schema.get("properties", {}))
        merged["required"] = list(schema.get("required", ()))
        _exclusive(merged)
        if depth < _DEEPEST:
            for each in schema.get("allOf", ()):
                merged = self._add(dict(self.flat(each, depth + 1)), merged)
            for keyword in ("oneOf", "anyOf"):
                forms = [self.flat(each, depth + 1) for each in schema.get(keyword, ())]
                if forms:
                    real = [form for form in forms if form["types"] != ["null"]]
                    nullable = len(real) < len(forms)
                    merged = self._add(dict((real or forms)[0]), merged)
                    if nullable and "null" not in merged["types"]:
                        merged["types"] = [*merged["types"], "null"]
        if not merged["types"]:
            if merged["properties"] or isinstance(merged.get("additionalProperties"), dict):
                merged["types"] = ["object"]
            elif "items" in merged:
                merged["types"] = ["array"]
        if "enum" in merged and "null" in merged["types"] and None not in merged["enum"]:
            merged["types"] = [each for each in merged["types"] if each != "null"]
        return merged

    @staticmethod
    def _add(merged: Schema, part: Schema) -> Schema:
        """Lay one flat schema over another."""
        for name, each in part.items():
            if name == "properties":
                merged[name] = {**merged.get(name, {}), **each}
            elif name == "required":
                merged[name] = list(dict.fromkeys([*merged.get(name, ()), *each]))
            elif name == "types":
                merged[name] = each or merged.get(name, [])
            else:
                merged[name] = each
        return merged


def _exclusive(merged: Schema) -> None:
    """Exclusive limits as numbers, as they are from OpenAPI 3.1 on."""
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if merged.get(exclusive) is True and limit in merged:
            merged[exclusive] = merged.pop(limit)
        elif isinstance(merged.get(exclusive), bool):
            del merged[exclusive]


def kind(flat: Schema) -> str:
    """The type that a flat schema has beside null; nothing if it may be anything."""
    types: list[str] = flat["types"]
    return next((each for each in types if each != "null"), "")
