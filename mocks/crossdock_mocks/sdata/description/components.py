"""Components of the document: parameters, headers, refusals, schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.description.media import JSON, XML, ref
from crossdock_mocks.sdata.description.schemas import schemas


def components(contract: Contract) -> dict[str, Any]:
    """The components of a contract's document."""
    headers = {"Location": {"description": "Where the entry is.", "schema": {"type": "string"}}}
    if contract.etags:
        headers = {
            "ETag": {"description": "Entity tag of the entry.", "schema": {"type": "string"}},
            **headers,
        }
    refused: dict[str, Any] = {"type": "array", "minItems": 1,
                               "items": ref("schemas", "Diagnosis")}  # fmt: skip
    if contract.diagnoses == "object":
        refused = {"type": "object", "required": ["$diagnoses"],
                   "properties": {"$diagnoses": refused}}  # fmt: skip
    return {
        "securitySchemes": {
            "basic": {"type": "http", "scheme": "basic", "description": "User name and password."}
        },
        "parameters": dict(_common_parameters(contract)),
        "headers": headers,
        "responses": {
            "Refused": {
                "description": "Diagnoses.",
                "content": {JSON: {"schema": refused}, XML: {"schema": {"type": "string"}}},
            },
            "Unauthorized": {
                "description": "The user name or the password is wrong, or there is none.",
                "content": {"text/html": {"schema": {"type": "string"}}},
            },
        },
        "schemas": dict(schemas(contract)),
    }


def _common_parameters(contract: Contract) -> Iterator[tuple[str, Any]]:
    def query(name: str, text: str, **schema: Any) -> tuple[str, Any]:
        return name, {"name": name, "in": "query", "description": text,
                      "schema": schema or {"type": "string"}}  # fmt: skip

    yield "key", {
        "name": "key", "in": "path", "required": True,
        "description": "A key in single or double quotes, or a condition that one entry meets.",
        "schema": {"type": "string", "minLength": 1},
    }  # fmt: skip
    yield "resource", {
        "name": "resource", "in": "path", "required": True, "description": "A kind of resource.",
        "schema": {"type": "string", "minLength": 1} if contract.any_case or contract.any_path else
                  {"type": "string", "enum": [each.name for each in contract.resources]},
    }  # fmt: skip
    yield (
        "collection",
        {
            "name": "collection",
            "in": "path",
            "required": True,
            "description": "A collection of the entry, such as Contacts of an account.",
            "schema": {"type": "string", "minLength": 1},
        },
    )
    yield query("where", "Condition in the query language of SData.")
    yield query("orderby", "Properties to sort by, each with asc or desc.")
    yield query("orderBy", "The same as the specification spells it.")
    whole: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 10**9}
    yield query("startIndex", "First entry, counted from 1.", **whole)
    yield query("startindex", "The same as some clients spell it.", **whole)
    yield query("count", f"Most entries of the page; at most {contract.most} come.",
                type="integer", minimum=0, maximum=10**9)  # fmt: skip
    yield query("select", "Properties that are shown, with paths over references: Address/City.")
    yield query("include", "References and collections whose entries are shown, too.")
    yield query("precedence", "Properties that matter less are left out.", type="integer",
                minimum=0, maximum=10**9)  # fmt: skip
    default = "JSON" if contract.json else "Atom"
    yield query("format", f"json, or Atom; {default} unless given here or by Accept.")
    if contract.etags:
        for name, header, text in (
            ("ifMatch", "If-Match", "Entity tag that the entry has to have."),
            ("ifNoneMatch", "If-None-Match", "Entity tag of the entry that the caller has."),
        ):
            yield name, {"name": header, "in": "header", "description": text,
                         "schema": {"type": "string"}}  # fmt: skip
