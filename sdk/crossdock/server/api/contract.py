"""The wire contract: `host.openapi.yaml`, compiled once, that every request is judged by.

An operation is found by method and path, its parameters are read by their schemas, and its body is
validated by compiled validators (jsonschema-rs). Tests judge the answers by the same document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Final, Literal
from urllib.parse import quote

import jsonschema_rs
from attrs import field, frozen

from crossdock.server.api.problems import Wrong
from crossdock.specifications import specification

DOCUMENT: Final = "host.openapi.yaml"
_URI: Final = "urn:crossdock:host"
_METHODS: Final = ("get", "put", "post", "delete", "patch")
_WHOLE: Final = re.compile(r"-?[0-9]{1,15}")
_DEEP: Final = re.compile(r"([^\[\]]+)\[([^\[\]]*)\]")

Place = Literal["path", "query", "header"]


@frozen(kw_only=True)
class Parameter:
    """A declared parameter."""

    name: str
    place: Place
    required: bool
    schema: Mapping[str, Any]
    validator: Any = field(repr=False)

    @property
    def deep(self) -> bool:
        """Whether it is an object, sent as `name[key]=value`."""
        return self.schema.get("type") == "object"


@frozen(kw_only=True)
class Operation:
    """One operation of the document.

    Attributes:
        scopes: what a caller needs; empty where none is asked for.
        open: whether anybody may call it.
        signed: whether a webhook's signature says who calls.
        bodies: validators of the request's body by media type; empty where there is none.
        answers: validators of answers by status and media type.
    """

    id: str
    method: str
    path: str
    tag: str
    scopes: tuple[str, ...]
    open: bool
    signed: bool
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Any] = field(repr=False)
    answers: Mapping[str, Mapping[str, Any]] = field(repr=False)
    required_headers: Mapping[str, tuple[str, ...]] = field(repr=False)


@frozen(kw_only=True)
class Read:
    """The parameters of a request, by place; names of headers in lower case."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]


class Contract:
    """The compiled document.

    Attributes:
        document: the document as plain data.
        operations: all operations, by id.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: Final = document
        self._registry = jsonschema_rs.Registry([(_URI, dict(document))])
        self._schemas: dict[str, Any] = {}
        self.operations: Final = {each.id: each for each in self._compile()}

    @classmethod
    @cache  # reading and compiling takes a third of a second, and it never changes
    def load(cls) -> Contract:
        """Give the bundled document, compiled once."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        text = specification(DOCUMENT).read_text(encoding="utf-8")
        # Aliases become copies, so that the document can be told as JSON and walked by pointers.
        return cls(json.loads(json.dumps(yaml.load(text, loader))))  # noqa: S506 - a safe loader

    @cached_property
    def text(self) -> bytes:
        """The document as JSON."""
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode()

    def schema(self, name: str) -> Any:
        """Give the validator of a named schema of the document."""
        if name not in self._schemas:
            self._schemas[name] = self._validator(f"#/components/schemas/{name}")
        return self._schemas[name]

    def _compile(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(path, method, item)

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        at = f"#/paths/{_escaped(path)}/{method}"
        given = item[method]
        security = given.get("security", self.document.get("security", ()))
        parameters = [
            *self._parameters(item, f"#/paths/{_escaped(path)}"),
            *self._parameters(given, at),
        ]
        content = given.get("requestBody", {}).get("content", {})
        answers: dict[str, dict[str, Any]] = {}
        required: dict[str, tuple[str, ...]] = {}
        for status, response in given["responses"].items():
            pointer, found = self._follow(response, f"{at}/responses/{status}")
            answers[status] = {
                media: self._validator(f"{pointer}/content/{_escaped(media)}/schema")
                for media in found.get("content", {})
            }
            required[status] = tuple(
                name.lower()
                for name, header in found.get("headers", {}).items()
                if self._follow(header, "")[1].get("required")
            )
        return Operation(
            id=given["operationId"],
            method=method.upper(),
            path=path,
            tag=given["tags"][0],
            scopes=tuple(dict.fromkeys(s for each in security for ss in each.values() for s in ss)),
            open=not security,
            signed=any("webhookSignature" in each for each in security),
            parameters=tuple(parameters),
            bodies={
                media: self._validator(f"{at}/requestBody/content/{_escaped(media)}/schema")
                for media in content
            },
            answers=answers,
            required_headers=required,
        )

    def _parameters(self, given: Mapping[str, Any], at: str) -> Iterator[Parameter]:
        for index, each in enumerate(given.get("parameters", ())):
            pointer, found = self._follow(each, f"{at}/parameters/{index}")
            _, schema = self._follow(found["schema"], "")
            name = found["name"]
            yield Parameter(
                name=name.lower() if found["in"] == "header" else name,
                place=found["in"],
                required=found.get("required", False),
                schema=schema,
                validator=self._validator(f"{pointer}/schema"),
            )

    def _follow(self, given: Mapping[str, Any], pointer: str) -> tuple[str, Mapping[str, Any]]:
        while "$ref" in given:
            pointer = given["$ref"]
            target: Any = self.document
            for part in pointer.removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            given = target
        return pointer, given

    def _validator(self, pointer: str) -> Any:
        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{_URI}{quote(pointer, safe='#/~')}"},
            registry=self._registry,
            validate_formats=True,
        )


def read_parameters(
    operation: Operation,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
) -> tuple[Read, list[Wrong]]:
    """Read the parameters of a request and say what is wrong with them."""
    wrong: list[Wrong] = []
    values: dict[Place, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    known = {each.name for each in operation.parameters if each.place == "query"}
    for name, _ in query:
        plain = found[1] if (found := _DEEP.fullmatch(name)) else name
        if plain not in known:
            wrong.append(Wrong(pointer=f"#/query/{_escaped(name)}", message="is not known here"))
    for each in operation.parameters:
        given = _given(each, path, query, headers)
        at = f"#/{each.place}/{_escaped(each.name)}"
        if given is None:
            if each.required:
                wrong.append(Wrong(pointer=at, message="is required"))
            elif "default" in each.schema:
                values[each.place][each.name] = each.schema["default"]
            continue
        if isinstance(given, Wrong):
            wrong.append(given)
            continue
        wrong += wrongs(each.validator, given, at)
        values[each.place][each.name] = given
    read = Read(path=values["path"], query=values["query"], headers=values["header"])
    return read, list({(each.pointer, each.message): each for each in wrong}.values())


def _given(
    parameter: Parameter,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
) -> Any:
    name, schema = parameter.name, parameter.schema
    if parameter.place == "path":
        return path[name]
    if parameter.place == "header":
        text = headers.get(name)
        return None if text is None else _typed(schema, text)
    if parameter.deep:
        of_it = [
            (part[2], text)
            for key, text in query
            if (part := _DEEP.fullmatch(key)) and part[1] == name
        ]
        if len(dict(of_it)) < len(of_it):
            return Wrong(pointer=f"#/query/{name}", message="names something twice")
        if any(key == name for key, _ in query):
            return Wrong(pointer=f"#/query/{name}", message=f"is written as {name}[key]=value")
        return dict(of_it) or None
    texts = [text for key, text in query if key == name]
    if not texts:
        return None
    if schema.get("type") == "array":
        return texts
    if len(texts) > 1:
        return Wrong(pointer=f"#/query/{name}", message="is sent more than once")
    return _typed(schema, texts[0])


def _typed(schema: Mapping[str, Any], text: str) -> Any:
    if schema.get("type") == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    return text


def wrongs(validator: Any, instance: Any, base: str = "") -> list[Wrong]:
    """Say all that a validator finds wrong, by pointer."""
    return list(
        {
            (each.pointer, each.message): each
            for error in validator.iter_errors(instance)
            for each in _of(error, base)
        }.values()
    )


def _of(error: Any, base: str) -> Iterator[Wrong]:
    kind = error.kind
    kinds = jsonschema_rs.ValidationErrorKind
    at = base + "".join(f"/{_escaped(str(part))}" for part in error.instance_path)
    if isinstance(kind, kinds.Required):
        yield Wrong(pointer=f"{at}/{_escaped(kind.property)}", message="is required")
    elif isinstance(kind, kinds.AdditionalProperties):
        for name in kind.unexpected:
            yield Wrong(pointer=f"{at}/{_escaped(name)}", message="is not known here")
    elif isinstance(kind, kinds.AnyOf | kinds.OneOfNotValid):
        yield from _nearest(error, base, at)
    else:
        yield Wrong(pointer=at, message="is not as it should be", expected=_expected(kind))


def _nearest(error: Any, base: str, at: str) -> Iterator[Wrong]:
    """Say why the form that comes nearest does not fit: that whose faults lie deepest."""
    kinds = jsonschema_rs.ValidationErrorKind
    depth = len(error.instance_path)

    def rank(branch: Sequence[Any]) -> tuple[bool, int]:
        off_at_once = any(
            len(each.instance_path) <= depth and isinstance(each.kind, kinds.Type | kinds.Constant)
            for each in branch
        )
        return off_at_once, len(branch)

    nearest = min(error.kind.context, key=rank, default=())
    if not nearest:
        yield Wrong(pointer=at, message="has none of the forms allowed")
    for each in nearest:
        yield from _of(each, base)


def _expected(kind: Any) -> str:
    kinds = jsonschema_rs.ValidationErrorKind
    match kind:
        case kinds.Type():
            return " or ".join(kind.types)
        case kinds.Enum():
            return "one of " + ", ".join(str(each) for each in kind.options)
        case kinds.Constant():
            return f"exactly {kind.expected_value}"
        case kinds.Format():
            return f"the format {kind.format}"
        case kinds.Pattern():
            return f"text like {kind.pattern}"
        case kinds.Minimum() | kinds.MinLength() | kinds.MinItems():
            return f"at least {kind.limit}"
        case kinds.Maximum() | kinds.MaxLength() | kinds.MaxItems() | kinds.MaxProperties():
            return f"at most {kind.limit}"
    return str(kind.name)


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
