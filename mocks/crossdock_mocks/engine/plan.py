"""The plan: all that the engine needs of an OpenAPI document, resolved, translated and plain JSON.

References to parameters, bodies, responses and path items are resolved; references to schemas stay
and point to one shared resource per side, so each is compiled once.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, final
from urllib.parse import unquote, urlsplit

from crossdock_mocks.engine.errors import DocumentError
from crossdock_mocks.engine.schema import Side, Translation

PLAN_VERSION = 8
"""Raised with each change of what a plan holds, so that plans kept before are made again."""

_TEMPLATE = re.compile(r"\{([^{}]+)\}")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_UNSAID = frozenset({"accept", "authorization", "content-type"})


def make_plan(document: dict[str, Any], name: str, *, foreign: bool = False) -> dict[str, Any]:
    """Make the plan of a valid document.

    Args:
        document: The document.
        name: Its name, for what is said about it.
        foreign: Whether it was not written for the mock: an operation without an id then goes by
            its method and path (`GET /orders`).

    Raises:
        DocumentError: It uses something that the engine cannot do; each such place is named.
    """
    return _Planner(document, name, foreign).plan()


@final
class _Planner:
    def __init__(self, document: dict[str, Any], name: str, foreign: bool) -> None:
        self._document = document
        self._name = name
        self._foreign = foreign
        self._problems: list[str] = []
        version = document["openapi"]
        self._inline: dict[Side, Translation] = {
            side: Translation(version, side, inline=True) for side in ("request", "response")
        }

    def plan(self) -> dict[str, Any]:
        document = self._document
        operations = list(self._operations())
        known: dict[str, str] = {}
        for operation in operations:
            place = f"{operation['method']} {operation['path']}"
            if not operation["id"]:
                self._problems.append(f"{place}: needs an operationId to be given behaviour")
            elif operation["id"] in known:
                self._problems.append(
                    f"{place}: operationId is also that of {known[operation['id']]}"
                )
            known[operation["id"]] = place
        plan = {
            "plan_version": PLAN_VERSION,
            "openapi": document["openapi"],
            "title": document["info"]["title"],
            "version": document["info"]["version"],
            "bases": self._bases(document.get("servers")),
            "paths": self._path_rules(),
            "resources": {side: self._resource(side) for side in ("request", "response")},
            "operations": operations,
        }
        if self._problems:
            raise DocumentError(self._name, self._problems)
        return plan

    def _path_rules(self) -> dict[str, bool]:
        """What of its paths a document says by `x-paths` that does not count: case, slashes."""
        given = self._document.get("x-paths", {})
        known = {
            "case": "any_case", "trailing-slash": "any_slash", "repeated-slash": "any_slashes"
        }  # fmt: skip
        for name, word in given.items():
            if name not in known or word not in ("ignore", "exact"):
                self._problems.append(f"x-paths: {name} is not known, or not ignore or exact")
        return {key: given.get(name) == "ignore" for name, key in known.items()}

    def _bases(self, servers: list[dict[str, Any]] | None) -> list[str]:
        """The paths of servers: `https://erp.example/api/v1` puts all under `/api/v1`.

        A variable stands for its default, unless `x-any` says that any value will do: then its
        place in the path is a template like any other.
        """
        found = []
        for server in servers or [{"url": "/"}]:
            url = server["url"]
            for variable, rule in server.get("variables", {}).items():
                if not rule.get("x-any", False):
                    url = url.replace(f"{{{variable}}}", rule["default"])
            found.append(urlsplit(url).path.rstrip("/"))
        return list(dict.fromkeys(found))

    def _resource(self, side: Side) -> dict[str, Any]:
        """What references may point to: the components, their schemas translated."""
        translation = Translation(self._document["openapi"], side, inline=False)
        components = copy.deepcopy(self._document.get("components", {}))
        components["schemas"] = {
            name: translation.schema(each) for name, each in components.get("schemas", {}).items()
        }
        kept = {
            kind: entries
            for kind, entries in components.items()
            if kind == "schemas" or any(self._points_to(f"#/components/{kind}/"))
        }
        return {"components": kept}

    def _points_to(self, beginning: str) -> Iterator[str]:
        """References from schemas to elsewhere than the schemas are rare, but allowed."""
        stack: list[Any] = [self._document.get("components", {}).get("schemas", {})]
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                target = value.get("$ref")
                if isinstance(target, str) and target.startswith(beginning):
                    yield target
                stack.extend(value.values())
            elif isinstance(value, list):
                stack.extend(value)

    def _operations(self) -> Iterator[dict[str, Any]]:
        for path, given in self._document.get("paths", {}).items():
            item = self._resolve(given)
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item)

    def _operation(self, path: str, method: str, item: dict[str, Any]) -> dict[str, Any]:
        given = item[method]
        place = f"{method.upper()} {path}"
        parameters: dict[tuple[str, str], dict[str, Any]] = {}
        for each in (*item.get("parameters", ()), *given.get("parameters", ())):
            parameter = self._resolve(each)
            parameters[parameter["in"], parameter["name"]] = parameter
        return {
            "id": given.get("operationId", place if self._foreign else ""),
            "method": method.upper(),
            "path": path,
            "aliases": self._aliases(path, item),
            # Servers of an operation or a path take the place of the document's.
            "bases": self._bases(given.get("servers") or item["servers"])
            if given.get("servers") or item.get("servers")
            else None,
            "provenance": given.get("x-provenance", ""),
            "tags": [str(each) for each in given.get("tags", ())],
            "ignore_unknown": self._ignores_unknown(given, place),
            "parameters": [
                self._parameter(each, place)
                for each in parameters.values()
                if each["in"] != "header" or each["name"].lower() not in _UNSAID
            ],
            "body": self._body(given["requestBody"]) if "requestBody" in given else None,
            "responses": {
                str(status): self._response(self._resolve(each))
                for status, each in given["responses"].items()
                if not str(status).startswith("x-")
            },
            "security": self._security(given.get("security", self._document.get("security", []))),
        }

    def _aliases(self, path: str, item: dict[str, Any]) -> list[str]:
        """Further paths of the same operations, such as those of a version that goes by a date."""
        names = set(_TEMPLATE.findall(path))
        aliases = [str(each) for each in item.get("x-aliases", ())]
        for alias in aliases:
            if not alias.startswith("/") or set(_TEMPLATE.findall(alias)) != names:
                self._problems.append(f"{path}: the alias {alias} has not the same parameters")
        return aliases

    def _ignores_unknown(self, given: dict[str, Any], place: str) -> bool:
        word = given.get(
            "x-unknown-parameters", self._document.get("x-unknown-parameters", "refuse")
        )
        if word not in ("refuse", "ignore"):
            self._problems.append(f"{place}: x-unknown-parameters is refuse or ignore, not {word}")
        return bool(word == "ignore")

    def _parameter(self, given: dict[str, Any], place: str) -> dict[str, Any]:
        where = given["in"]
        style = given.get("style", _STYLES[where])
        content = given.get("content")
        if content is None:
            schema = given.get("schema", {})
        else:
            media, rule = next(iter(content.items()))
            schema = rule.get("schema", {})
            if not media.startswith("application/json"):
                self._problems.append(f"{place}: parameter {given['name']} is sent as {media}")
        resolved = self._schema(schema)
        return {
            "name": given["name"],
            "in": where,
            "required": given.get("required", False),
            "style": style,
            "explode": given.get("explode", style == "form"),
            "json": content is not None,
            "open": resolved.get("additionalProperties", False) is not False,
            "quoted": given.get("x-key") == "odata",
            "default": resolved.get("default"),
            "shape": self._shape(schema),
            "schema": self._inline["request"].schema(schema),
        }

    def _body(self, given: dict[str, Any]) -> dict[str, Any]:
        body = self._resolve(given)
        content = {}
        for media, rule in body.get("content", {}).items():
            schema = rule.get("schema", {})
            content[media.lower()] = {
                "schema": self._inline["request"].schema(schema),
                # Only forms and XML have to be decoded by their types.
                "shape": self._shape(schema) if "form" in media or "xml" in media else None,
            }
        return {"required": body.get("required", False), "content": content}

    def _response(self, given: dict[str, Any]) -> dict[str, Any]:
        translation = self._inline["response"]
        headers = {}
        for name, each in given.get("headers", {}).items():
            header = self._resolve(each)
            if name.lower() != "content-type":
                headers[name.lower()] = {
                    "required": header.get("required", False),
                    "shape": self._shape(header.get("schema", {})),
                    "schema": translation.schema(header.get("schema", {})),
                }
        return {
            "content": {
                media.lower(): translation.schema(rule.get("schema", {}))
                for media, rule in given.get("content", {}).items()
            },
            "headers": headers,
        }

    def _security(self, given: list[dict[str, list[str]]]) -> list[list[dict[str, Any]]]:
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        return [
            [
                {
                    "scheme": name,
                    "type": self._resolve(schemes[name])["type"],
                    "in": self._resolve(schemes[name]).get("in", "header"),
                    "name": self._resolve(schemes[name]).get("name", "authorization"),
                    "http": self._resolve(schemes[name]).get("scheme", "bearer").lower(),
                    "scopes": scopes,
                }
                for name, scopes in requirement.items()
            ]
            for requirement in given
        ]

    # References and shapes

    def _resolve(self, given: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference within the document; its siblings (summaries) are left aside."""
        for _ in range(20):
            target = given.get("$ref")
            if not isinstance(target, str):
                return given
            if not target.startswith("#/"):
                raise DocumentError(
                    self._name, [f"{target}: references to other files are not known yet"]
                )
            found: Any = self._document
            for part in target[2:].split("/"):
                found = found[unquote(part).replace("~1", "/").replace("~0", "~")]
            given = found
        raise DocumentError(self._name, [f"{given['$ref']}: the reference runs in a circle"])

    def _schema(self, given: Any) -> dict[str, Any]:
        return self._resolve(given) if isinstance(given, dict) else {}

    def _shape(self, given: Any, depth: int = 0) -> dict[str, Any]:
        """How text is decoded: the types it may have, their format, and what lies within."""
        schema = self._schema(given)
        types = schema.get("type", [])
        shape: dict[str, Any] = {
            "types": [types] if isinstance(types, str) else list(types),
            "format": schema.get("format", ""),
        }
        if "xml" in schema:
            shape["xml"] = schema["xml"]
        if depth < 4:
            if "items" in schema:
                shape["items"] = self._shape(schema["items"], depth + 1)
            if isinstance(schema.get("additionalProperties"), dict):
                shape["additional"] = self._shape(schema["additionalProperties"], depth + 1)
            if "properties" in schema:
                shape["properties"] = {
                    name: self._shape(each, depth + 1)
                    for name, each in schema["properties"].items()
                }
            for keyword in ("allOf", "anyOf", "oneOf"):
                for each in schema.get(keyword, ()):
                    part = self._shape(each, depth + 1)
                    shape["types"].extend(t for t in part["types"] if t not in shape["types"])
                    shape["format"] = shape["format"] or part["format"]
                    for inner in ("items", "additional"):
                        if inner in part:
                            shape.setdefault(inner, part[inner])
                    if "properties" in part:
                        shape["properties"] = {
                            **part["properties"], **shape.get("properties", {})
                        }  # fmt: skip
        return shape
