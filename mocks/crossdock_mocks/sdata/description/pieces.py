"""Pieces of operations: parameters, bodies, answers."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.description.media import ATOM, JSON, ref
from crossdock_mocks.sdata.model import Provenance


def parameters(*names: str) -> list[dict[str, str]]:
    """References to parameters."""
    return [ref("parameters", each) for each in names]


FEED: Final = ("where", "orderby", "orderBy", "startIndex", "startindex", "count", "select",
                "include", "precedence", "format")  # fmt: skip
ENTRY: Final = ("select", "include", "precedence", "format")


def operation(
    name: str, tag: str, summary: str, provenance: Provenance, answers: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """An operation."""
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "x-provenance": provenance,
        **more,
        "responses": answers,
    }


def refusals(*statuses: str) -> dict[str, Any]:
    """Answers that refuse."""
    return {
        each: ref("responses", "Unauthorized" if each == "401" else "Refused") for each in statuses
    }


def entry_answer(contract: Contract, kind: str, what: str, *, made: bool = False) -> Any:
    """An answer with one entry."""
    headers: dict[str, Any] = {}
    if contract.etags:
        headers["ETag"] = ref("headers", "ETag")
    if made:
        headers["Location"] = ref("headers", "Location")
    answer: dict[str, Any] = {"description": what}
    if headers:
        answer["headers"] = headers
    answer["content"] = {
        JSON: {"schema": ref("schemas", kind)}, ATOM: {"schema": {"type": "string"}},
    }  # fmt: skip
    return answer


def feed_answer(kind: str) -> dict[str, Any]:
    """An answer with a page of entries."""
    schema = {
        "allOf": [
            ref("schemas", "Feed"),
            {"properties": {"$resources": {"type": "array", "items": ref("schemas", kind)}}},
        ]
    }
    return {
        "description": "A page of entries.",
        "content": {JSON: {"schema": schema}, ATOM: {"schema": {"type": "string"}}},
    }


def body(name: str) -> dict[str, Any]:
    """A request body."""
    return {"required": True, "content": {JSON: {"schema": ref("schemas", name)}}}
