"""The side-car's document as Salesforce's External Services take it, made of `host.openapi.yaml`.

External Services turn an OpenAPI document into actions of a Flow and into Apex types. What they
take is less than what the side-car's own document says, so this writes it plainer:

- OpenAPI 3.0, and not 3.1 (Salesforce Help, "OpenAPI 2.0 and 3.0 Support"): `type` is one word,
  and what may be null is `nullable`, an object wherever it is referred to.
- No `allOf`, `anyOf` or `oneOf`. They are taken by now, but in Flow a composed type is one that
  nobody can assign to (Help, "Schema Definitions"); here each is resolved into one flat object.
- Every object has a name, as nested anonymous lists are nothing that Flow can use (the same page).
  What may be anything, such as the old value of an amendment, has no type in Flow and is left out.
- Names are Apex identifiers (Help, "Naming and Description Conventions"); descriptions end at
  1,333 characters, of which the rest would be cut off (the same page).
- Answers and bodies are `application/json`. Problems are `application/problem+json`, which is not
  among the media types taken (Help, "OpenAPI 2.0 and 3.0 Support"): their codes are described, and
  a Flow meets them on its fault path.
- Patterns and lengths are left to the side-car, which checks them in any case.
- Security is said in the document for other readers; External Services ignore it and use a Named
  Credential (Help, "Schema Definitions").

Sizes: 10,000,000 characters of JSON or 3,000,000 of YAML; 80 characters of a developer name (Help,
"System Limits", "Apex Class Names and Developer Names").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

from crossdock.errors import ConfigError
from crossdock.specifications import specification

DOCUMENT: Final = "host.openapi.yaml"
OPERATIONS: Final = (
    "askBeforeAccountSave", "askBeforeContactSave", "askBeforeOpportunitySave",
    "askBeforeOrderPromote", "askBeforeOrderSave", "askBeforeQuoteSave", "createEmbedLink",
    "promoteQuote",
)  # fmt: skip
"""What an organization asks for unless it says otherwise: guards, a promotion, a tab in a page."""
LONGEST_DESCRIPTION: Final = 1_333
LONGEST_NAME: Final = 80
MOST_CHARACTERS: Final[Mapping[str, int]] = {"json": 10_000_000, "yaml": 3_000_000}
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_IDENTIFIER: Final = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*", re.ASCII).fullmatch
_FORMATS: Final = frozenset(
    {"date", "date-time", "int32", "int64", "float", "double", "byte", "binary"}
)
# The side-car's own business with hosts that save in circles; a Flow has no use for it.
_NOT_TOLD: Final = frozenset({"X-Crossdock-Depth"})

_Schema = dict[str, Any]


def document(
    url: str, operations: Iterable[str] = OPERATIONS, *, source: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Write the document.

    Args:
        url: where the side-car is reached from Salesforce, which a Named Credential repeats.
        operations: by their ids.
        source: the side-car's document; the bundled one unless given.

    Returns:
        An OpenAPI 3.0 document as plain data.

    Raises:
        ConfigError: there is no such operation, or External Services cannot take one of them.
    """
    content = source or _side_car()
    return _Writer(content).write(url, tuple(dict.fromkeys(operations)))


def _side_car() -> Mapping[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = specification(DOCUMENT).read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe one, in C
    return content


class _Writer:
    """Writes one document of another.

    Args:
        content: the side-car's document.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._schemas: dict[str, _Schema] = {}
        self._nullable: set[str] = set()
        self._known = {
            operation["operationId"]: (path, method, operation, item.get("parameters", ()))
            for path, item in content["paths"].items()
            for method, operation in item.items()
            if method in _METHODS
        }

    def write(self, url: str, operations: tuple[str, ...]) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for name in sorted(operations):
            if name not in self._known:
                known = ", ".join(sorted(self._known))
                raise ConfigError(f"the side-car has no operation {name!r}; it has {known}")
            path, method, operation, shared = self._known[name]
            paths.setdefault(path, {})[method] = self._operation(operation, shared)
        for name in self._nullable:
            self._schemas[name]["nullable"] = True
        info = self._content["info"]
        return {
            "openapi": "3.0.3",
            "info": {
                "title": "Crossdock",
                "description": "Ask what the ERP has to say before something is saved or ordered.",
                "version": str(info["version"]),
            },
            "servers": [{"url": url.rstrip("/")}],
            "security": [{"apiKey": []}],
            "paths": dict(sorted(paths.items())),
            "components": {
                "securitySchemes": {
                    "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
                },
                "schemas": dict(sorted(self._schemas.items())),
            },
        }

    def _operation(self, operation: Mapping[str, Any], shared: Iterable[Any]) -> dict[str, Any]:
        name = str(operation["operationId"])
        given = [self._resolved(each) for each in (*shared, *operation.get("parameters", ()))]
        written: dict[str, Any] = {
            "operationId": self._named(name),
            "summary": operation["summary"],
            "description": _cut(operation.get("description") or operation["summary"]),
            "parameters": [
                self._parameter(each) for each in given if each["name"] not in _NOT_TOLD
            ],
        }
        title = name[0].upper() + name[1:]
        if body := operation.get("requestBody"):
            schema = body["content"]["application/json"]["schema"]
            written["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": self._object(schema, title)}},
            }
        written["responses"] = {
            code: self._answer(code, self._resolved(answer), f"{title}Answer")
            for code, answer in operation["responses"].items()
            if code != "304"
        }
        return written

    def _parameter(self, given: Mapping[str, Any]) -> dict[str, Any]:
        schema = self._schema(given["schema"], "")
        if schema is None or given["in"] == "cookie":
            raise ConfigError(f"External Services take no parameter like {given['name']!r}")
        parameter = {
            "name": given["name"],
            "in": given["in"],
            "required": given["in"] == "path" or bool(given.get("required")),
            "schema": schema,
        }
        return parameter | (
            {"description": _cut(given["description"])} if "description" in given else {}
        )

    def _answer(self, code: str, answer: Mapping[str, Any], title: str) -> dict[str, Any]:
        written: dict[str, Any] = {"description": _cut(answer["description"])}
        told = answer.get("content", {}).get("application/json")
        if code.startswith("2") and told:
            written["content"] = {
                "application/json": {"schema": self._object(told["schema"], title)}
            }
        return written

    # Schemas.

    def _object(self, schema: Mapping[str, Any], title: str) -> _Schema:
        """Write an object under a name of its own, and refer to it."""
        written = self._schema(schema, title)
        if written is None or "$ref" not in written:
            raise ConfigError(
                f"{title} is no object, which External Services cannot take as a body"
            )
        return written

    def _schema(self, schema: Mapping[str, Any], title: str) -> _Schema | None:
        """Write a schema; nothing for what may be anything.

        Args:
            schema: as the side-car says it.
            title: what an object without a name is called.
        """
        found, title = self._plain(schema, title)
        written: _Schema | None
        kind = found.get("type")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), None)
        if kind is None and "properties" in found:
            kind = "object"
        match kind:
            case "object":
                return self._named_object(found, title)
            case "array":
                items = self._schema(found.get("items", {}), f"{title}Item")
                written = None if items is None else {"type": "array", "items": items}
            case None:
                constant = found.get("const")
                written = {"type": "string", "enum": [constant]} if constant else None
            case _:
                written = {"type": kind}
                if found.get("format") in _FORMATS:
                    written["format"] = found["format"]
                if "enum" in found:
                    written["enum"] = [each for each in found["enum"] if each is not None]
        if written is not None:
            if described := schema.get("description"):
                written["description"] = _cut(described)
            if self._may_be_null(schema):
                written["nullable"] = True
        return written

    def _named_object(self, found: Mapping[str, Any], title: str) -> _Schema | None:
        if "properties" not in found:
            values = found.get("additionalProperties")
            kept = self._schema(values, f"{title}Value") if isinstance(values, Mapping) else None
            return None if kept is None else {"type": "object", "additionalProperties": kept}
        name = self._named(title)
        reference = {"$ref": f"#/components/schemas/{name}"}
        if name in self._schemas:
            return reference
        self._schemas[name] = {}  # an object may lead to itself
        properties: dict[str, Any] = {}
        for own, schema in found["properties"].items():
            written = self._schema(schema, f"{title}{own.title().replace('_', '')}")
            if written is None:
                continue
            properties[self._named(own)] = written
            if "$ref" in written and self._may_be_null(schema):
                self._nullable.add(written["$ref"].rpartition("/")[2])
        required = [each for each in found.get("required", ()) if each in properties]
        self._schemas[name] = {
            "type": "object",
            **({"description": _cut(found["description"])} if "description" in found else {}),
            **({"required": required} if required else {}),
            "properties": properties,
        }
        return reference

    def _may_be_null(self, schema: Mapping[str, Any]) -> bool:
        found = self._resolved(schema)
        kinds = found.get("type")
        choices = [*found.get("anyOf", ()), *found.get("oneOf", ())]
        return (isinstance(kinds, list) and "null" in kinds) or {"type": "null"} in choices

    def _plain(self, schema: Mapping[str, Any], title: str) -> tuple[Mapping[str, Any], str]:
        """Resolve references and compositions; gives what an object is called besides."""
        found: Mapping[str, Any] = schema
        while True:
            if "$ref" in found:
                title = str(found["$ref"]).rpartition("/")[2]
                found = self._resolved(found)
            elif "allOf" in found:
                return self._merged(found["allOf"], title), title
            elif choices := [*found.get("anyOf", ()), *found.get("oneOf", ())]:
                some = [each for each in choices if each != {"type": "null"}]
                if len(some) != 1:
                    raise ConfigError(f"{title} is one of several, which a Flow cannot assign to")
                found = some[0]
            else:
                return found, title

    def _merged(self, parts: Iterable[Mapping[str, Any]], title: str) -> Mapping[str, Any]:
        properties: dict[str, Any] = {}
        required: list[str] = []
        for part in parts:
            found, _ = self._plain(part, title)
            properties |= found.get("properties", {})
            required += found.get("required", ())
        return {"type": "object", "properties": properties, "required": [*dict.fromkeys(required)]}

    def _resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in part:
            target: Any = self._content
            for name in part["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            part = target
        return part

    def _named(self, name: str) -> str:
        if not _IDENTIFIER(name) or len(name) > LONGEST_NAME:
            raise ConfigError(f"{name!r} is no name that Apex and Flow can have")
        return name


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_DESCRIPTION else plain[: LONGEST_DESCRIPTION - 3] + "..."
