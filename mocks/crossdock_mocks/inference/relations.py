"""Relations: which members of a record refer to records of another resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crossdock_mocks.inference.naming import plain, singular, stem
from crossdock_mocks.inference.resources import Resource
from crossdock_mocks.inference.schemas import Schemas, kind

_SCALARS = ("string", "integer", "number")


def relate(resources: Iterable[Resource], schemas: Schemas) -> None:
    """Find the relations of all resources.

    A member refers to a resource when its name is the resource's noun with the ending of a key
    (`customer_id`, `customerId`, `customer_ids`), or the noun alone for text of a record that is
    read by its `id`; or when its schema is the resource's own. Of several resources of one noun
    the one that lies highest is meant.
    """
    listed = [each for each in resources if each.readable and each.key and not each.singleton]
    by_noun: dict[str, Resource] = {}
    by_component: dict[str, Resource] = {}
    for each in sorted(listed, key=lambda each: len(each.scope)):
        by_noun.setdefault(each.noun, each)
        if each.component:
            by_component.setdefault(each.component, each)
    for each in listed:
        each.relations = relations_of(each.schema, schemas, by_noun, by_component, each)


def relations_of(
    schema: Any,
    schemas: Schemas,
    by_noun: dict[str, Resource],
    by_component: dict[str, Resource],
    own: Resource,
) -> dict[str, str]:
    """The relations of one record: member to name of a resource."""
    found: dict[str, str] = {}
    for name, each in schemas.flat(schema)["properties"].items():
        if name == own.key:
            continue
        target = _target(name, each, schemas, by_noun, by_component)
        if target is not None:
            found[name] = target.name
    return found


def _target(
    name: str,
    schema: Any,
    schemas: Schemas,
    by_noun: dict[str, Resource],
    by_component: dict[str, Resource],
) -> Resource | None:
    flat = schemas.flat(schema)
    sort = kind(flat)
    if sort == "array":
        inner = flat.get("items", {})
        flat, sort, schema = schemas.flat(inner), kind(schemas.flat(inner)), inner
    if sort == "object":
        return by_component.get(schemas.component(schema))
    if sort not in _SCALARS or "enum" in flat or flat.get("format") in ("date", "date-time"):
        return None
    noun, ending = stem(name)
    target = by_noun.get(noun) or by_noun.get(noun.rpartition("_")[2] if ending else "")
    if target is None or target.scope:
        return None
    key = schemas.flat(schemas.flat(target.schema)["properties"].get(target.key, {}))
    if kind(key) != sort:
        return None
    if ending:
        return target if ending == plain(target.key).rpartition("_")[2] or ending == "id" else None
    return target if singular(name) == noun and plain(target.key) in ("id", "code") else None
