"""Paths of services, batches and metadata."""

from __future__ import annotations

from typing import Any

from crossdock_mocks.sdata.contract import Contract, Service
from crossdock_mocks.sdata.description.media import ATOM, JSON, XML, ref
from crossdock_mocks.sdata.description.pieces import FEED, operation, parameters, refusals
from crossdock_mocks.sdata.description.resources import also
from crossdock_mocks.sdata.model import Provenance


def services(contract: Contract) -> dict[str, Any]:
    """The paths of service operations."""
    return {
        f"/{each.resource}/$service/{each.name}": {
            **also(contract, contract.resource(each.resource)),
            "post": _service(contract, each),
        }
        for each in contract.services
    }


def _service(contract: Contract, each: Service) -> dict[str, Any]:
    request = {
        "type": "object", "required": ["request"],
        "properties": {"$name": {"type": ["string", "null"]}, "request": dict(each.request)},
    }  # fmt: skip
    response = {
        "type": "object", "required": ["response"],
        "properties": {"$name": {"type": "string"}, "response": dict(each.response)},
    }  # fmt: skip
    return operation(
        each.operation, contract.resource(each.resource).caption, each.summary, each.provenance,
        {
            "200": {"description": "What it answers.", "content": {JSON: {"schema": response}}},
            **refusals("400", "401", "404", "415", "default"),
        },
        parameters=parameters("format"),
        requestBody={"required": True, "content": {JSON: {"schema": request}}},
    )  # fmt: skip


def general(contract: Contract) -> dict[str, Any]:
    """The paths of what each kind of resource has beside its entries."""
    object_ = {"content": {JSON: {"schema": {"type": "object"}}}}
    xsd = {"description": "An XML schema.", "content": {XML: {"schema": {"type": "string"}}}}
    entry = {**object_["content"], ATOM: {"schema": {"type": "string"}}}
    paths: dict[str, Any] = {
        "/{resource}/$template": _general_get(
            "readTemplate", "Read an entry that is not there yet, with its defaults",
            {"200": {"description": "The template.", "content": entry}}, ("format",),
        ),
        "/{resource}/$count": _general_get(
            "count", "Count entries",
            {"200": {"description": "How many there are.", "content": {JSON: {"schema": {
                "type": "object", "required": ["$totalResults"],
                "properties": {"$totalResults": {"type": "integer", "minimum": 0}}}}}}},
            ("where", "format"), provenance="assumed",
        ),
    }  # fmt: skip
    paths["/{resource}({key})/{collection}"] = _collection()
    if contract.batches:
        paths["/{resource}/$batch"] = _batch()
    if contract.schemas:
        paths["/{resource}/$schema"] = _general_get(
            "readSchema", "Read the XML schema of one kind of resource", {"200": xsd}, ()
        )
        paths["/$schema"] = {
            "get": operation(
                "readContractSchema", "Contract", "Read the XML schema of all kinds of resources",
                "documented", {"200": xsd, **refusals("401", "default")},
            )
        }  # fmt: skip
    if contract.prototypes:
        listed = {"description": "The kinds of resources.", **object_}
        paths["/$prototypes"] = {
            "get": operation(
                "listPrototypes", "Contract", "List the kinds of resources", "source",
                {"200": listed, **refusals("401", "default")},
                parameters=parameters("format"),
            )
        }  # fmt: skip
        paths["/$prototypes/{resource}"] = _general_get(
            "readPrototype", "Read what one kind of resource is made of",
            {"200": {"description": "The prototype.", **object_}}, ("format",),
            provenance="source",
        )  # fmt: skip
    return paths


def _general_get(
    name: str, summary: str, answers: dict[str, Any], named: tuple[str, ...],
    provenance: Provenance = "documented",
) -> dict[str, Any]:  # fmt: skip
    statuses = ("400", "401", "404", "default") if "where" in named else (
        "401", "404", "default"
    )  # fmt: skip
    return {
        "parameters": parameters("resource"),
        "get": operation(
            name, "Contract", summary, provenance, {**answers, **refusals(*statuses)},
            **({"parameters": parameters(*named)} if named else {}),
        ),
    }  # fmt: skip


def _collection() -> dict[str, Any]:
    items = {"properties": {"$resources": {"type": "array", "items": {"type": "object"}}}}
    schema = {"allOf": [ref("schemas", "Feed"), items]}
    page = {
        "description": "A page of entries, as the feed of their own kind has them.",
        "content": {JSON: {"schema": schema}, ATOM: {"schema": {"type": "string"}}},
    }
    return {
        "parameters": parameters("resource", "key", "collection"),
        "get": operation(
            "listCollection", "Contract", "Read a page of a collection of one entry",
            "documented", {"200": page, **refusals("400", "401", "404", "default")},
            parameters=parameters(*FEED),
        ),
    }  # fmt: skip


def _batch() -> dict[str, Any]:
    item = {
        "type": "object", "required": ["$httpMethod"],
        "properties": {"$httpMethod": {"type": "string"}},
    }  # fmt: skip
    request = {
        "type": "object", "required": ["$resources"],
        "properties": {"$resources": {"type": "array", "items": item}},
    }  # fmt: skip
    answer = {
        "type": "object", "required": ["$resources"],
        "properties": {"$resources": {"type": "array", "items": {
            "type": "object", "required": ["$httpMethod", "$httpStatus"]}}},
    }  # fmt: skip
    return {
        "parameters": parameters("resource"),
        "post": operation(
            "runBatch", "Contract", "Make, change, read and remove entries, each by itself",
            "documented",
            {
                "200": {"description": "What became of each.",
                        "content": {JSON: {"schema": answer}}},
                **refusals("400", "401", "404", "415", "default"),
            },
            parameters=parameters("format"),
            requestBody={"required": True, "content": {JSON: {"schema": request}}},
        ),
    }  # fmt: skip
