"""What the schema of crossdock.toml says of the setting at a place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from crossdock.specifications import specification

Schema = Mapping[str, Any]
ANY_NAME: Final = "<name>"


@cache
def settings_schema() -> Schema:
    """Give the schema of crossdock.toml."""
    document: Schema = json.loads(
        specification("crossdock.schema.json").read_text(encoding="utf-8")
    )
    return document


def resolved(schema: Schema, root: Schema) -> Schema:
    """Give a schema with what its `$ref` points at filled in; what stands beside it wins."""
    while "$ref" in schema:
        target = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def below(schema: Schema, name: str, root: Schema) -> Schema | None:
    """Give the schema of one key of a table; `None` where there may be no such key.

    A table that says nothing of its keys takes any, of any kind.
    """
    for each in _branches(schema, root):
        if name in each.get("properties", {}):
            return resolved(each["properties"][name], root)
        for pattern, found in each.get("patternProperties", {}).items():
            if re.search(pattern, name):
                return resolved(found, root)
    further = schema.get("additionalProperties", "object" in kinds(schema, root))
    if isinstance(further, Mapping):
        return resolved(further, root)
    return {} if further else None


def at(path: Sequence[str], root: Schema) -> Schema | None:
    """Give the schema of the setting at a place."""
    schema: Schema | None = root
    for name in path:
        if schema is None:
            return None
        schema = below(schema, name, root)
    return schema


def kinds(schema: Schema, root: Schema) -> frozenset[str]:
    """Name the JSON types that a value may have; none where the schema does not say."""
    found: set[str] = set()
    for each in _branches(schema, root):
        named = each.get("type", ())
        found |= {named} if isinstance(named, str) else set(named)
        values = each["enum"] if "enum" in each else [each["const"]] if "const" in each else []
        found |= {"string" for value in values if isinstance(value, str)}
        if "properties" in each:
            found.add("object")
    return frozenset(found)


def is_secret(schema: Schema) -> bool:
    """Whether a setting must never be shown."""
    return bool(schema.get("x-secret") or schema.get("writeOnly"))


def known_keys(schema: Schema, root: Schema) -> tuple[str, ...]:
    """Name the keys that a table is known to have."""
    return tuple(key for each in _branches(schema, root) for key in each.get("properties", {}))


def settings(schema: Schema, root: Schema, path: tuple[str, ...] = ()) -> Iterator[_Found]:
    """Walk every setting; `<name>` stands for a key of the writer's own."""
    for name, given in schema.get("properties", {}).items():
        yield from _walk(resolved(given, root), root, (*path, name))
    further = schema.get("additionalProperties")
    if isinstance(further, Mapping):
        yield from _walk(resolved(further, root), root, (*path, ANY_NAME))


_Found = tuple[tuple[str, ...], Schema]


def _walk(schema: Schema, root: Schema, path: tuple[str, ...]) -> Iterator[_Found]:
    yield path, schema
    yield from settings(schema, root, path)


def _branches(schema: Schema, root: Schema) -> Iterator[Schema]:
    yield schema
    for keyword in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(keyword, ()):
            yield from _branches(resolved(each, root), root)
