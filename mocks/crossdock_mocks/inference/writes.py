"""Writing: what the server sets by itself, and how a change goes into a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crossdock_mocks.inference.keys import example_of
from crossdock_mocks.inference.naming import parts, plain, stem
from crossdock_mocks.inference.schemas import Schema, Schemas, kind

_NEW = ("draft", "new", "open", "pending", "active", "created", "requires_payment_method", "todo")
_BORN = ("created", "created_at", "created_on", "created_date", "date_created", "create_time",
         "creation_date", "inserted_at", "created_time", "created_date_time")  # fmt: skip
_TOUCHED = ("updated", "updated_at", "updated_on", "modified", "modified_at", "last_modified",
            "modified_on", "date_updated", "update_time", "updated_time", "modified_date",
            "last_modified_date_time", "date_modified", "last_modified_at")  # fmt: skip
_VERSIONS = ("version", "revision", "lock_version", "row_version")


def moment(flat: Schema, now: datetime) -> Any:
    """An instant in the form of a schema: text, or seconds."""
    if kind(flat) in ("integer", "number"):
        return int(now.timestamp())
    if flat.get("format") == "date":
        return now.date().isoformat()
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def server_set(
    schemas: Schemas, record: Any, sent: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """What the server says of a new record by itself, beside its keys.

    Constants, defaults, instants of creation and change, the first state, and a beginning for what
    each record has to have: nothing, none, zero.
    """
    flat = schemas.flat(record)
    made: dict[str, Any] = {}
    for name, each in flat["properties"].items():
        if name in sent:
            continue
        inner = schemas.flat(each)
        bare = plain(name)
        required = name in flat["required"]
        if "const" in inner:
            made[name] = inner["const"]
        elif "default" in inner:
            made[name] = inner["default"]
        elif bare in _BORN or bare in _TOUCHED:
            made[name] = moment(inner, now)
        elif len(inner.get("enum", ())) == 1:
            made[name] = inner["enum"][0]
        elif bare in ("status", "state") and inner.get("enum"):
            made[name] = next((each for each in _NEW if each in inner["enum"]), inner["enum"][0])
        elif bare in ("status", "state") and required and kind(inner) == "string":
            made[name] = example_of(inner) or "open"
        elif kind(inner) == "object" and bare in ("attributes", "properties", "fields"):
            made[name] = server_set(schemas, each, {}, now)
        elif required:
            blank = _blank(inner, bare)
            if blank is not _NOTHING:
                made[name] = blank
    return made


_NOTHING: Any = object()


def _blank(flat: Schema, bare: str) -> Any:
    if "null" in flat["types"]:
        return None
    sort = kind(flat)
    if sort == "array" and not flat.get("minItems"):
        return []
    if sort == "boolean":
        return False
    counts = ("count", "total", "quantity", "number", "amount", "balance", "size", "comments")
    if sort in ("integer", "number") and "enum" not in flat and bare not in ("id", "number"):
        counted = {*counts, "watchers", "forks", "stargazers"} & set(parts(bare))
        return max(flat.get("minimum", 0), 0) if counted else _NOTHING
    return _NOTHING


def touch(schemas: Schemas, record: Any, body: dict[str, Any], now: datetime) -> None:
    """Note in a record that it was changed: its instant, and its version one up."""
    for name, each in schemas.flat(record)["properties"].items():
        bare, flat = plain(name), schemas.flat(each)
        if bare in _TOUCHED and name in body:
            body[name] = moment(flat, now)
        elif bare in _VERSIONS and isinstance(body.get(name), int):
            body[name] += 1
    inner = body.get("attributes")
    if isinstance(inner, dict):
        properties = schemas.flat(record)["properties"]
        if "attributes" in properties:
            touch(schemas, properties["attributes"], inner, now)


def merged(body: Any, change: Any) -> Any:
    """A change laid over a value, objects member by member."""
    if not isinstance(body, Mapping) or not isinstance(change, Mapping):
        return change
    made = dict(body)
    for name, each in change.items():
        made[name] = merged(made.get(name), each)
    return made


def writable(schemas: Schemas, record: Any, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, without what only the server says."""
    properties = schemas.flat(record)["properties"] if record is not None else {}
    return {
        name: each
        for name, each in sent.items()
        if not (name in properties and schemas.flat(properties[name]).get("readOnly"))
    }


def renamed(schemas: Schemas, record: Any, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent under the names of the record: `customer_id` of a `customer`, and the like."""
    properties = schemas.flat(record)["properties"] if record is not None else {}
    made = dict(sent)
    by_plain = {plain(each): each for each in properties}
    for name, value in sent.items():
        if name in properties or not properties:
            continue
        noun, ending = stem(name)
        bare = plain(name)
        guesses = [bare, noun] if ending else [bare, f"{bare}_id"]
        if bare.endswith(("_ids", "_names")):
            guesses.append(f"{noun}s")
        for guess in guesses:
            if guess in by_plain and by_plain[guess] not in sent:
                made[by_plain[guess]] = value
                break
    return made
