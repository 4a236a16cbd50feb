"""Refusals in Business Central's own words: a code, and a sentence that ends with a correlation id.

The codes are those of Microsoft's page on OData error codes; which one goes with what, and the
status beside it, is documented for most and a guess for the rest (see `specs`).
"""

from __future__ import annotations

import re
import uuid
from typing import Final

from crossdock_mocks.dialects.business_central.model import model
from crossdock_mocks.dialects.business_central.names import words
from crossdock_mocks.engine import Problem, Reply, Request, Violation, World

_SEGMENT = re.compile(r"/(\w+)(?:\([^/]*\))?(?=/Microsoft\.NAV|/\$count|/?\Z)")
_NAMESPACE: Final = uuid.UUID("6f1d3f6e-6c0d-4b58-9d7c-2f0a5b8f7c11")


def refusal(status: int, code: str, message: str) -> Problem:
    """A refusal with a code of Business Central's."""
    return Problem(status, code, message, message)


def bad_request(message: str) -> Problem:
    """The request makes no sense."""
    return refusal(400, "BadRequest", message)


def not_supported(message: str) -> Problem:
    """OData knows it, and Business Central does not."""
    return refusal(501, "BadRequest_MethodNotImplemented", message)


def dialog(message: str) -> Problem:
    """The application says no."""
    return refusal(400, "Application_DialogException", message)


def field_invalid(message: str) -> Problem:
    """A field does not have the value that it has to have."""
    return refusal(400, "Application_FieldValidationException", message)


def no_record(table: str, key: str) -> Problem:
    """There is no such record."""
    return refusal(
        404, "Internal_RecordNotFound",
        f"The {table} does not exist. Identification fields and values: Id='{{{key.upper()}}}'",
    )  # fmt: skip


def key_taken(table: str, field: str, value: object) -> Problem:
    """There is such a record already."""
    return refusal(
        400, "Internal_EntityWithSameKeyExists",
        f"The {table} already exists. Identification fields and values: {field}='{value}'",
    )  # fmt: skip


def no_property(name: str, type_name: str) -> Problem:
    """A query names what there is not."""
    return bad_request(
        f"Could not find a property named '{name}' on type 'Microsoft.NAV.{type_name}'."
    )


def say_no(problem: Problem, world: World, request: Request) -> Reply:
    """A problem, the engine's own included, as Business Central says it."""
    if request.path.endswith("/oauth2/v2.0/token"):
        body = {"error": "invalid_request", "error_description": problem.detail or problem.title}
        return Reply(problem.status if problem.status != 422 else 400, body, problem.headers)
    code, message, status = problem.code, problem.detail or problem.title, problem.status
    if not code[:1].isupper():
        status, code, message = _own_words(problem, request)
    number = f"{world.name}/{world.journal.number}/{request.method} {request.path}"
    correlation = uuid.uuid5(_NAMESPACE, number)
    if not message.endswith((".", "?", "!")):
        message += "."
    told = {"error": {"code": code, "message": f"{message}  CorrelationId:  {correlation}."}}
    return Reply(status, told, {**problem.headers, "request-id": str(correlation)})


def _own_words(problem: Problem, request: Request) -> tuple[int, str, str]:
    status, detail = problem.status, problem.detail or problem.title
    if problem.code in ("invalid_body", "invalid_request", "not_found", "body_required"):
        return _violated(problem, request)
    if status == 401:
        return (
            401,
            "Authentication_InvalidCredentials",
            "The server has rejected the client credentials.",
        )
    if status == 404:
        segment = request.path.rstrip("/").rpartition("/")[2].partition("(")[0]
        return (
            404,
            "BadRequest_ResourceNotFound",
            f"Resource not found for the segment '{segment}'.",
        )
    if status == 405:
        segment = request.path.rstrip("/").rpartition("/")[2].partition("(")[0]
        return (
            405, "BadRequest_MethodNotAllowed",
            f"'{request.method}' requests for '{segment}' of EdmType 'Entity' are not allowed.",
        )  # fmt: skip
    if status == 429:
        return 429, "Unknown", "Too many requests reached. Try again later."
    if status in (400, 413, 415):
        return status, "BadRequest", detail
    return status, "Unknown", detail


def _violated(problem: Problem, request: Request) -> tuple[int, str, str]:
    """What the document forbids, by the first thing that is wrong."""
    first = next(iter(problem.errors), Violation("", problem.detail))
    if first.where == "path":
        return 400, "BadRequest_NotFound", "Bad Request - Error in query syntax."
    if first.where != "body":
        return 400, "BadRequest", f"{first.pointer[1:]}: {first.message}."
    name = first.pointer.rpartition("/")[2]
    if first.keyword == "maxLength":
        value = str(first.received)
        return (
            400, "Application_StringExceededLength",
            f"The length of the string is {len(value)}, but it must be less than or equal to "
            f"{_number(first.expected)} characters. Value: {value[:100]}",
        )  # fmt: skip
    if first.keyword == "additionalProperties":
        return _unknown_property(name, first, request)
    if first.received is None and first.keyword == "type":
        return (
            400, "BadRequest_RequiredParamNotProvided",
            f"Field '{name}' must not be blank or empty.",
        )  # fmt: skip
    if first.keyword == "enum":
        return (
            400, "Application_EvaluateException",
            f"The value \"{first.received}\" can't be evaluated into type {words(name)}.",
        )  # fmt: skip
    told = f"{name}: {first.message}" if name else problem.detail
    return 400, "BadRequest", f"Invalid request body. {told}"


def _unknown_property(name: str, violation: Violation, request: Request) -> tuple[int, str, str]:
    found = _SEGMENT.search(request.path)
    types = {each.set: each for each in model().types.values()}
    type_ = types.get(found[1]) if found else None
    for part in violation.pointer.split("/")[1:-1]:
        if type_ is not None and part in type_.navigations:
            type_ = model().types[type_.navigations[part].target]
    if type_ is not None and name in type_.properties:
        return 400, "BadRequest_InvalidOperation", f"Control '{words(name)}' is read-only."
    place = type_.name if type_ is not None else "request"
    return (
        400, "BadRequest",
        f"The property '{name}' does not exist on type 'Microsoft.NAV.{place}'. Make sure to only "
        "use names of properties that the type defines.",
    )  # fmt: skip


def _number(expected: object) -> str:
    found = re.search(r"\d+", str(expected))
    return found[0] if found else str(expected)
