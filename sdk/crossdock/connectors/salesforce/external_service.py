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

from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

from crossdock.connectors.salesforce.external_schemas import Schemas, named, shortened
from crossdock.errors import ConfigError
from crossdock.specifications import specification

DOCUMENT: Final = "host.openapi.yaml"
OPERATIONS: Final = (
    "askBeforeAccountSave", "askBeforeContactSave", "askBeforeOpportunitySave",
    "askBeforeOrderPromote", "askBeforeOrderSave", "askBeforeQuoteSave", "createEmbedLink",
    "promoteQuote",
)  # fmt: skip
"""What an organization asks for unless it says otherwise: guards, a promotion, a tab in a page."""
_METHODS: Final = ("get", "post", "put", "patch", "delete")
# The side-car's own business with hosts that save in circles; a Flow has no use for it.
_NOT_TOLD: Final = frozenset({"X-Crossdock-Depth"})


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
        self._schemas = Schemas(content)
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
                "schemas": self._schemas.all(),
            },
        }

    def _operation(self, operation: Mapping[str, Any], shared: Iterable[Any]) -> dict[str, Any]:
        name = str(operation["operationId"])
        given = [
            self._schemas.resolved(each) for each in (*shared, *operation.get("parameters", ()))
        ]
        written: dict[str, Any] = {
            "operationId": named(name),
            "summary": operation["summary"],
            "description": shortened(operation.get("description") or operation["summary"]),
            "parameters": [
                self._parameter(each) for each in given if each["name"] not in _NOT_TOLD
            ],
        }
        title = name[0].upper() + name[1:]
        if body := operation.get("requestBody"):
            schema = body["content"]["application/json"]["schema"]
            written["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": self._schemas.object(schema, title)}},
            }
        written["responses"] = {
            code: self._answer(code, self._schemas.resolved(answer), f"{title}Answer")
            for code, answer in operation["responses"].items()
            if code != "304"
        }
        return written

    def _parameter(self, given: Mapping[str, Any]) -> dict[str, Any]:
        schema = self._schemas.schema(given["schema"], "")
        if schema is None or given["in"] == "cookie":
            raise ConfigError(f"External Services take no parameter like {given['name']!r}")
        parameter = {
            "name": given["name"],
            "in": given["in"],
            "required": given["in"] == "path" or bool(given.get("required")),
            "schema": schema,
        }
        return parameter | (
            {"description": shortened(given["description"])} if "description" in given else {}
        )

    def _answer(self, code: str, answer: Mapping[str, Any], title: str) -> dict[str, Any]:
        written: dict[str, Any] = {"description": shortened(answer["description"])}
        told = answer.get("content", {}).get("application/json")
        if code.startswith("2") and told:
            written["content"] = {
                "application/json": {"schema": self._schemas.object(told["schema"], title)}
            }
        return written
