"""OpenAPI schemas as JSON Schema 2020-12, for one side of the exchange.

An OpenAPI 3.1 schema is JSON Schema 2020-12 already, but for discriminator and a few formats; a 3.0
schema has its own `nullable`, boolean exclusive limits, `$ref` without siblings, and properties
that only travel one way.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, final

Side = Literal["request", "response"]

_ONE = frozenset(
    {
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if",
        "items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_LIST = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAP = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
_TALK = frozenset(
    {
        "deprecated", "description", "discriminator", "example", "examples", "externalDocs",
        "nullable", "readOnly", "title", "writeOnly", "xml",
    }
)  # fmt: skip
_BOUNDS = {"int32": 2**31, "int64": 2**63}


def resource(side: Side) -> str:
    """URI under which the components of a side are registered."""
    return f"urn:crossdock:{side}"


WHOLE = "x-crossdock-whole"
"""Marks integers of 3.0, whose draft of JSON Schema (Wright 00) has no 1.0 among the integers."""


@final
class Whole:
    """The keyword `WHOLE`: a number written without fraction and exponent.

    Args:
        parent: The schema that it stands in.
        value: Its value.
        path: Where it stands.
    """

    def __init__(self, parent: Any, value: Any, path: Any) -> None:
        del parent, value, path  # the keyword says all there is to say

    def validate(self, instance: Any) -> None:
        """Refuse a float."""
        if not self.is_valid(instance):
            raise ValueError("should be an integer, written without a fraction")

    def is_valid(self, instance: Any) -> bool:
        """Whether it is no float; integers beyond 64 bits come as floats and are let pass."""
        return not isinstance(instance, float) or abs(instance) >= 2**63


@final
class Translation:
    """Translates the schemas of one document for one side.

    Args:
        version: The document's OpenAPI version, such as `3.1.0`.
        side: `request` leaves out read-only properties, `response` write-only ones (3.0 only: from
            3.1 on both are annotations).
        inline: Whether the schema stands outside the registered components, so that its
            references have to name the resource.
    """

    def __init__(self, version: str, side: Side, *, inline: bool) -> None:
        self._old = version.startswith("3.0")
        self._other_way = "readOnly" if side == "request" else "writeOnly"
        self._base = resource(side) if inline else ""

    def schema(self, given: Any) -> Any:
        """The JSON Schema of a schema object."""
        if not isinstance(given, dict):
            return given
        if "$ref" in given and self._old:
            return {"$ref": self._reference(given["$ref"])}
        made: dict[str, Any] = {}
        for keyword, value in given.items():
            if keyword in _TALK or keyword.startswith("x-"):
                continue
            if keyword == "$ref":
                made[keyword] = self._reference(value)
            elif keyword in _ONE:
                made[keyword] = self.schema(value)
            elif keyword in _LIST:
                made[keyword] = [self.schema(each) for each in value]
            elif keyword in _MAP:
                made[keyword] = {name: self.schema(each) for name, each in value.items()}
            else:
                made[keyword] = value
        self._bounds(made)
        if self._old:
            self._as_in_30(given, made)
        if isinstance(given.get("discriminator"), dict):
            self._discriminate(given["discriminator"], made)
        return made

    def _reference(self, target: str) -> str:
        return f"{self._base}{target}" if target.startswith("#") else target

    def _bounds(self, made: dict[str, Any]) -> None:
        bound = _BOUNDS.get(made.get("format", ""))
        types = made.get("type", ())
        if bound and "integer" in ([types] if isinstance(types, str) else types):
            made["minimum"] = max(made.get("minimum", -bound), -bound)
            made["maximum"] = min(made.get("maximum", bound - 1), bound - 1)

    def _as_in_30(self, given: Mapping[str, Any], made: dict[str, Any]) -> None:
        for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if made.get(exclusive) is True and limit in made:
                made[exclusive] = made.pop(limit)
            elif isinstance(made.get(exclusive), bool):
                del made[exclusive]
        if given.get("nullable") is True and isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        if made.get("type") in ("integer", ["integer", "null"]):
            made[WHOLE] = True
        barred = [
            name
            for name, each in given.get("properties", {}).items()
            if isinstance(each, dict) and each.get(self._other_way) is True
        ]
        for name in barred:
            made["properties"][name] = False
        if barred and "required" in made:
            made["required"] = [name for name in made["required"] if name not in barred]

    def _discriminate(self, rule: Mapping[str, Any], made: dict[str, Any]) -> None:
        """Let the discriminator choose the one schema to hold, which also gives clear reasons."""
        keyword = "oneOf" if "oneOf" in made else "anyOf"
        branches = made.get(keyword, [])
        if not branches or not all(set(each) == {"$ref"} for each in branches):
            return
        chosen: dict[str, str] = {}
        for value, target in rule.get("mapping", {}).items():
            full = target if "/" in target or "#" in target else f"#/components/schemas/{target}"
            chosen[value] = self._reference(full)
        for each in branches:
            # A schema keeps its own name beside those that the mapping gives it.
            chosen.setdefault(each["$ref"].rsplit("/", 1)[1], each["$ref"])
        name = rule["propertyName"]
        del made[keyword]
        made["required"] = list(dict.fromkeys([*made.get("required", []), name]))
        properties = made.setdefault("properties", {})
        properties[name] = {"allOf": [properties.get(name, True), {"enum": list(chosen)}]}
        made.setdefault("allOf", []).extend(
            {
                "if": {"properties": {name: {"const": value}}, "required": [name]},
                "then": {"$ref": target},
            }
            for value, target in chosen.items()
        )


_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "byte": _is_base64,
    "uuid": lambda text: _UUID.match(text) is not None,
}
"""Formats of OpenAPI that JSON Schema leaves open."""
