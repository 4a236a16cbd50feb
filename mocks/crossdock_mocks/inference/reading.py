"""The operations of a document, read for inference: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from crossdock_mocks.inference.places import Place
from crossdock_mocks.inference.schemas import Schemas

EXTENSION = "x-crossdock"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@attrs.define(eq=False)
class Op:
    """One operation.

    Attributes:
        id: Its id, or method and path.
        method: Upper-case method.
        place: Its path.
        status: The status of success, the most telling one.
        statuses: All declared statuses of success.
        answer: Schema of the successful answer's JSON body; `None` without one.
        media: Its content type; something else than JSON if there is only that.
        request: Schema of the body that is sent; `None` without one.
        request_media: Its content type.
        parameters: Its parameters by place and name.
        example: Example of the successful answer.
        override: What `x-crossdock` says of it.
        errors: Declared schemas of refusals by status.
    """

    id: str
    method: str
    place: Place
    status: int
    statuses: tuple[int, ...]
    answer: Any
    media: str
    request: Any
    request_media: str
    parameters: dict[tuple[str, str], Mapping[str, Any]]
    example: Any
    override: Mapping[str, Any]
    errors: Mapping[str, tuple[str, Any]]

    @property
    def title(self) -> str:
        """Method and path."""
        return f"{self.method} {self.place.path}"

    def query(self) -> list[str]:
        """Names of the query parameters."""
        return [name for where, name in self.parameters if where == "query"]


def operations(document: Mapping[str, Any], schemas: Schemas) -> Iterator[Op]:
    """All operations of a document, in its order."""
    for path, given in document.get("paths", {}).items():
        item = schemas.resolve(given)
        place = Place.of(path)
        for method in _METHODS:
            if method in item:
                yield _operation(place, method, item, schemas)


def _operation(place: Place, method: str, item: Mapping[str, Any], schemas: Schemas) -> Op:
    given = item[method]
    parameters = {}
    for each in (*item.get("parameters", ()), *given.get("parameters", ())):
        parameter = schemas.resolve(each)
        parameters[parameter["in"], parameter["name"]] = parameter
    good: dict[int, Any] = {}
    errors: dict[str, tuple[str, Any]] = {}
    for status, each in given["responses"].items():
        text = str(status).upper()
        if text[:1] == "2":
            good[int(text.replace("X", "0"))] = each
        elif text == "DEFAULT" or text[:1] in "45":
            errors[text] = _content(schemas.resolve(each))
    if not good and "default" in given["responses"]:
        good[200] = given["responses"]["default"]
    status = _telling(method, good)
    media, answer = _content(schemas.resolve(good[status])) if good else ("", None)
    body = schemas.resolve(given.get("requestBody", {}))
    request_media, request = _content(body)
    return Op(
        id=given.get("operationId", f"{method.upper()} {place.path}"),
        method=method.upper(),
        place=place,
        status=status,
        statuses=tuple(good),
        answer=answer,
        media=media,
        request=request,
        request_media=request_media,
        parameters=parameters,
        example=_example(schemas.resolve(good[status])) if good else None,
        override={**item.get(EXTENSION, {}), **given.get(EXTENSION, {})},
        errors=errors,
    )


def _telling(method: str, good: Mapping[int, Any]) -> int:
    """The status of success to answer with, of those declared."""
    wanted = {
        "post": (201, 200, 202, 204),
        "delete": (204, 200, 202),
        "put": (200, 204, 201, 202),
    }.get(method, (200, 201, 202, 204))
    return next((each for each in wanted if each in good), next(iter(good), 200))


def _content(given: Mapping[str, Any]) -> tuple[str, Any]:
    """Content type and schema of a body: JSON where there is a choice, then a form."""
    content = given.get("content", {})
    ranked = sorted(content, key=_rank)
    if not ranked:
        return "", None
    return ranked[0], content[ranked[0]].get("schema", {})


def _example(given: Mapping[str, Any]) -> Any:
    """The example that stands beside a schema."""
    for media in given.get("content", {}).values():
        if "example" in media:
            return media["example"]
        for each in media.get("examples", {}).values():
            if isinstance(each, Mapping) and "value" in each:
                return each["value"]
    return None


def _rank(media: str) -> int:
    plain = media.partition(";")[0].strip().lower()
    if plain == "application/json":
        return 0
    if plain.endswith("+json"):
        return 1
    return 2 if plain == "application/x-www-form-urlencoded" else 3


def is_json(media: str) -> bool:
    """Whether a content type is JSON."""
    return _rank(media) < 2
