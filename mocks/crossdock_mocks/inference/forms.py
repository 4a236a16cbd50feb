"""How bodies are built: the list within an envelope, the record within a wrapper."""

from __future__ import annotations

from typing import Any

import attrs

from crossdock_mocks.inference.naming import plain, singular
from crossdock_mocks.inference.schemas import Schemas, kind

_LISTS = ("data", "items", "results", "value", "values", "records", "entries", "elements",
          "content",
          "rows",
          "resources", "collection", "list", "hits", "objects")  # fmt: skip
_RECORDS = ("data", "result", "item", "record", "d", "resource", "attributes")
_BESIDE = frozenset(
    {"links", "_links", "meta", "metadata", "jsonapi", "included", "success", "status", "errors",
     "message", "request_id", "pagination", "paging", "page_info", "warnings"}
)  # fmt: skip


@attrs.frozen
class ListForm:
    """A list in a body.

    Attributes:
        path: Names that lead to the array; none for a bare array.
        items: Schema of an item.
    """

    path: tuple[str, ...]
    items: Any


def list_form(schemas: Schemas, schema: Any, words: tuple[str, ...]) -> ListForm | None:
    """The list that a body is, if it is one.

    An object is a list when it has one array under a name that lists have (`data`, `items`, the
    collection's own name), when this is all that it has beside numbers and links, or when HAL's
    `_embedded` has it.
    """
    if schema is None:
        return None
    flat = schemas.flat(schema)
    if kind(flat) == "array":
        return ListForm((), flat.get("items", {}))
    properties = flat["properties"]
    arrays = [name for name, each in properties.items() if kind(schemas.flat(each)) == "array"]
    embedded = properties.get("_embedded")
    if embedded is not None:
        inner = list_form(schemas, embedded, words)
        if inner is not None and inner.path:
            return ListForm(("_embedded", *inner.path), inner.items)
    if not arrays:
        return None
    own = {plain(words[-1]), singular(words[-1])} if words else set()
    record = {"id", "name", "key", "title", "code", "number"} & {plain(each) for each in properties}
    for name in arrays:
        if plain(name) in own and not record:
            return ListForm((name,), schemas.flat(properties[name]).get("items", {}))
    for name in _LISTS:
        if name in arrays and not record:
            return ListForm((name,), schemas.flat(properties[name]).get("items", {}))
    if len(arrays) == 1 and not record:
        items = schemas.flat(properties[arrays[0]]).get("items", {})
        others = [
            kind(schemas.flat(each))
            for name, each in properties.items()
            if name != arrays[0] and plain(name) not in _BESIDE
        ]
        if kind(schemas.flat(items)) == "object" and all(
            each in ("integer", "number", "boolean", "string", "") for each in others
        ):
            return ListForm((arrays[0],), items)
    return None


def wrapper(schemas: Schemas, schema: Any, words: tuple[str, ...]) -> str | None:
    """Name of the member that a record is wrapped in (`{"customer": {...}}`), if it is."""
    flat = schemas.flat(schema)
    properties: dict[str, Any] = flat["properties"]
    if not properties or {"id", "key", "name"} & set(properties):
        return None
    objects = [name for name, each in properties.items() if kind(schemas.flat(each)) == "object"]
    own = {singular(words[-1]), plain(words[-1])} if words else set()
    own |= {each.rpartition("_")[2] for each in own}
    for name in objects:
        if plain(name) in own:
            return name
    rest = [name for name in properties if plain(name) not in _BESIDE]
    for name in _RECORDS[:-1]:
        if name in objects and (rest == [name] or name == "data"):
            return name
    if rest == objects and len(objects) == 1:
        return objects[0]
    return None


def unwrapped(schemas: Schemas, schema: Any, name: str | None) -> Any:
    """The schema of the record itself."""
    return schema if name is None else schemas.flat(schema)["properties"][name]


def record_in(schemas: Schemas, schema: Any, words: tuple[str, ...]) -> Any:
    """The schema of the record that a body holds, out of its wrapper if it has one."""
    return unwrapped(schemas, schema, wrapper(schemas, schema, words))
