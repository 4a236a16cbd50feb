"""Rules about a mock as it is written: its document, and that every operation behaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from crossdock.testing.rule import Finding, Skipped
from crossdock.testing.systems.project import System
from crossdock.testing.systems.registry import MOCK_CHECKS

rule: Final = MOCK_CHECKS.rule
PROVENANCE: Final = "x-provenance"
SURE: Final = ("client", "source", "documented", "assumed")
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_WRITES: Final = ("put", "post", "patch")


def dialect_of(system: System) -> Any:
    """Give what the entry point makes.

    Raises:
        Skipped: it makes nothing; the rule `mock-starts` says why.
    """
    try:
        return system.load()()
    except Exception as wrong:
        raise Skipped("it does not start; the rule mock-starts says why") from wrong


def app_of(system: System) -> Any:
    """Give the compiled mock.

    Raises:
        Skipped: it cannot be compiled; the rule `mock-starts` says why.
    """
    from crossdock_mocks.engine import App

    dialect = dialect_of(system)
    try:
        return App(dialect)
    except Exception as wrong:
        raise Skipped("it does not start; the rule mock-starts says why") from wrong


def document_of(system: System) -> Mapping[str, Any]:
    """Give a mock's document as it is written."""
    read: Mapping[str, Any] = yaml.safe_load(
        dialect_of(system).document.read_text(encoding="utf-8")
    )
    return read


def operations_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give each operation of a document with its method, path parameters left out."""
    for item in document.get("paths", {}).values():
        for method in _METHODS:
            if method in item:
                yield method, item[method]


@rule("bronze")
def mock_starts(system: System) -> Iterator[Finding]:
    """Its document is valid, and every operation of it has its behaviour.

    An operation without behaviour would be a canned answer, and a behaviour without operation
    something that no client can reach: the engine refuses both at the start.
    """
    from crossdock_mocks.engine import App, Dialect, EngineError

    try:
        dialect = system.load()()
    except Exception as wrong:  # noqa: BLE001 - whatever the module raises is the finding
        yield Finding(
            what=f"{system.target} gives no mock: {type(wrong).__name__}: {wrong}",
            do=f"let the entry point {system.id} name a function without arguments that gives a "
            "Dialect",
            place="pyproject.toml",
        )
        return
    if not isinstance(dialect, Dialect):
        yield Finding(what=f"{system.target} gives a {type(dialect).__name__}", do="give a Dialect")
        return
    if dialect.name != system.id:
        yield Finding(
            what=f"the dialect calls itself {dialect.name!r}, and the entry point {system.id!r}",
            do="call both the same: people type the one and read the other",
        )
    try:
        App(dialect)
    except EngineError as wrong:
        yield Finding(what=str(wrong), do="bring document and behaviours together")


@rule("bronze")
def says_how_sure_it_is(system: System) -> Iterator[Finding]:
    """Every operation says where its wire form is known from: `x-provenance`.

    `client` (recorded from a real client), `source` (read in the vendor's or a client's source),
    `documented`, or `assumed`. `crossdock coverage` tells it to everybody who builds on the mock.
    """
    for _, operation in operations_of(document_of(system)):
        name, said = operation.get("operationId", "?"), operation.get(PROVENANCE)
        if said not in SURE:
            yield Finding(
                what=f"{name} says {said!r} in {PROVENANCE}"
                if said
                else f"{name} has no {PROVENANCE}",
                do=f"write {PROVENANCE}: one of {', '.join(SURE)}",
            )


@rule("silver")
def refusals_are_documented(system: System) -> Iterator[Finding]:
    """Every operation that may refuse says with which status, and in which form.

    Whoever asks for credentials documents 401 or 403; whoever takes a body 400, 409 or 422; whoever
    names a record in the path 404. What is not documented cannot be answered.
    """
    document = document_of(system)
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            operation = item.get(method)
            if operation is None:
                continue
            answers = {str(each) for each in operation.get("responses", {})}
            anything = "default" in answers or "4XX" in answers
            wanted: list[tuple[tuple[str, ...], str]] = []
            if operation.get("security", document.get("security")):
                wanted.append((("401", "403"), "asks for credentials"))
            if "requestBody" in operation:
                wanted.append((("400", "409", "422"), "takes a body"))
            if path.endswith("}") and method != "put":
                wanted.append((("404", "410"), "names a record"))
            for statuses, why in wanted:
                if not anything and not answers & set(statuses):
                    yield Finding(
                        what=f"{operation.get('operationId', '?')} {why} and documents none of "
                        f"{', '.join(statuses)}",
                        do="add the response that the system gives",
                    )


@rule("silver")
def writes_are_closed(system: System) -> Iterator[Finding]:
    """What is written is held against a schema that knows every field.

    A misspelt field that is taken and forgotten is what makes a mock lie: the real system refuses
    it, or ignores it, and the document says which (`additionalProperties`).
    """
    document = document_of(system)
    for method, operation in operations_of(document):
        if method not in _WRITES or "requestBody" not in operation:
            continue
        body = _resolved(document, operation["requestBody"])
        for media, content in body.get("content", {}).items():
            schema = _resolved(document, content.get("schema", {}))
            if "json" in media and _is_open(document, schema):
                yield Finding(
                    what=f"the body of {operation.get('operationId', '?')} takes any field",
                    do="write additionalProperties: false, or true where the system ignores them",
                )


def _is_open(document: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    parts = [*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    if parts:
        return "unevaluatedProperties" not in schema and all(
            _is_open(document, _resolved(document, each)) for each in parts
        )
    closed = {"additionalProperties", "unevaluatedProperties"} & schema.keys()
    return "properties" in schema and not closed


def _resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node and str(node["$ref"]).startswith("#/"):
        found: Any = document
        for part in str(node["$ref"])[2:].split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node
