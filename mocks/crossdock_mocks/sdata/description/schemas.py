"""Schemas of entries, as they are read and as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.description.media import ref
from crossdock_mocks.sdata.model import Collection, Field, Reference, Resource

_IN: Final = (
    r"^(/Date\(-?[0-9]{1,15}([+-][0-9]{4})?\)/"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?$"
)
_OUT: Final = {
    "ms": r"^/Date\(-?[0-9]{1,15}\)/$",
    "iso": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
}


def schemas(contract: Contract) -> Iterator[tuple[str, Any]]:
    """The schemas of a contract, by name."""
    yield "Diagnosis", {
        "type": "object", "required": ["severity", "sdataCode", "message"],
        "properties": {
            "severity": {"enum": ["Info", "Warning", "Transient", "Error", "Fatal"]},
            "sdataCode": {"type": "string"}, "applicationCode": {"type": "string"},
            "message": {"type": "string"}, "stackTrace": {"type": "string"},
            "payloadPath": {"type": "string"},
        },
    }  # fmt: skip
    urls = ("$url", contract.descriptor, "$first", "$last", "$previous", "$next")
    numbers = ("$totalResults", "$startIndex", "$itemsPerPage")
    yield "Feed", {
        "type": "object", "required": [*numbers, "$url", "$resources"],
        "properties": {
            **{name: {"type": "string"} for name in urls},
            **{name: {"type": "integer", "minimum": 0} for name in numbers},
        },
    }  # fmt: skip
    yield "Instant", {"type": ["string", "null"], "pattern": _OUT[contract.dates]}
    yield "InstantIn", {"type": ["string", "null"], "pattern": _IN}
    yield "Link", {
        "description": "A link to another entry, or that entry where it was asked for.",
        "type": ["object", "null"], "required": ["$key", "$url"],
    }  # fmt: skip
    yield "LinkIn", {
        "description": "The entry to lead to, by its $key; or what it is to be, where that goes.",
        "type": ["object", "null"],
        "properties": {"$key": {"type": ["string", "integer", "null"]}},
    }  # fmt: skip
    yield "Collection", {
        "type": "object", "required": ["$url"],
        "properties": {"$url": {"type": "string"},
                       "$resources": {"type": "array", "items": {"type": "object"}}},
    }  # fmt: skip
    yield "CollectionIn", {
        "type": ["object", "null"],
        "properties": {"$resources": {"type": ["array", "null"], "items": {"type": "object"}}},
    }  # fmt: skip
    for each in contract.resources:
        yield each.kind, _entry_schema(contract, each)
        if each.create or each.update:
            yield f"{each.kind}Change", _written_schema(contract, each)
        if each.create:
            yield f"{each.kind}New", _new_schema(contract, each)


def _entry_schema(contract: Contract, resource: Resource) -> dict[str, Any]:
    key: dict[str, Any] = {"type": resource.key_kind}
    members: dict[str, Any] = {
        "$key": key, "$url": {"type": "string"}, contract.descriptor: {"type": "string"},
        "$updated": ref("schemas", "Instant"),
    }  # fmt: skip
    if contract.etags:
        members["$etag"] = {"type": "string"}
    if resource.shows_key:
        members[resource.key_name] = dict(key)
    for each in resource.properties:
        members[each.name] = _shown(each)
    return {
        "type": "object", "required": ["$key", "$url"], "properties": members,
        "additionalProperties": False,
    }  # fmt: skip


def _shown(member: Field | Reference | Collection) -> dict[str, Any]:
    if isinstance(member, Reference):
        return ref("schemas", "Link")
    if isinstance(member, Collection):
        return ref("schemas", "Collection")
    if member.kind == "datetime":
        return ref("schemas", "Instant")
    if member.kind == "decimal":
        return {"type": ["number", "null"]}
    return {"type": [member.kind, "null"]}


def _written_schema(contract: Contract, resource: Resource) -> dict[str, Any]:
    """What may be written of a resource."""
    members: dict[str, Any] = {}
    if resource.shows_key:
        members[resource.key_name] = {}
    for each in resource.properties:
        members[each.name] = _taken(each)
    made: dict[str, Any] = {"type": "object", "properties": members}
    if contract.any_case:
        made["description"] = "Names count whatever their case; what is not known is refused."
    elif not contract.any_unknown:
        # Members of the protocol may come back as they were read.
        made["patternProperties"] = {r"^\$": {}}
        made["additionalProperties"] = False
    return made


def _new_schema(contract: Contract, resource: Resource) -> dict[str, Any]:
    """What has to be written of one that is made: the same, and what is required."""
    required = [
        each.name
        for each in resource.properties
        if not isinstance(each, Collection) and each.required and not _is_kept(each)
    ]
    written = ref("schemas", f"{resource.kind}Change")
    if contract.any_case and required:  # JSON Schema knows names in one case only
        return {"allOf": [written], "description": f"Mandatory: {', '.join(required)}."}
    return {"allOf": [written, {"required": required}]} if required else written


def _is_kept(member: Field | Reference) -> bool:
    """Whether the server keeps a property by itself and passes over what is sent."""
    return member.read_only or (isinstance(member, Reference) and member.by is not None)


def _taken(member: Field | Reference | Collection) -> dict[str, Any]:
    if isinstance(member, Collection):
        return ref("schemas", "CollectionIn") if member.owned else {}
    if _is_kept(member):
        return {}
    if isinstance(member, Reference):
        return ref("schemas", "LinkIn")
    if member.kind == "datetime":
        return ref("schemas", "InstantIn")
    if member.values:
        return {"enum": [*member.values, "", None]}
    made: dict[str, Any] = {"type": [member.kind, "null"]}
    if member.kind == "string" and member.length is not None:
        made["maxLength"] = member.length
    elif member.kind == "integer":
        made = {"type": ["integer", "null"], "minimum": -(2**31) + 1, "maximum": 2**31 - 1}
    elif member.kind == "decimal":
        made = {"type": ["number", "null"], "exclusiveMinimum": -(10**15),
                "exclusiveMaximum": 10**15}  # fmt: skip
    return made
