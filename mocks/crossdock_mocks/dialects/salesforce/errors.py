"""How Salesforce says no: a list of one error with message and code, and the fields it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from crossdock_mocks.dialects.salesforce.soql import SoqlError
from crossdock_mocks.engine import Problem, Reply

_NOT_THERE: Final = "The requested resource does not exist"

# What the engine refuses by itself, in Salesforce's words: its code, and a message if one is known.
_ENGINE: Final[dict[str, tuple[int, str, str]]] = {
    "unknown_path": (404, "NOT_FOUND", _NOT_THERE),
    "not_found": (404, "NOT_FOUND", _NOT_THERE),
    "authentication_required": (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "invalid_credentials": (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "malformed_json": (400, "JSON_PARSER_ERROR", ""),
    "invalid_body": (400, "JSON_PARSER_ERROR", ""),
    "body_required": (400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but missing."),
    "unsupported_media_type": (415, "UNSUPPORTED_MEDIA_TYPE", ""),
    "invalid_request": (400, "INVALID_QUERY_PARAMETER", ""),
}

# Their refusals are those of OAuth 2 (RFC 6749, 5.2), and no list.
_OF_OAUTH: Final = {"issueToken", "revokeToken"}


class Refused(Problem):
    """A refusal in Salesforce's words.

    Args:
        code: Its error code.
        message: Its message.
        fields: Fields that it is about; nothing where it is not about saving.
        status: HTTP status.
    """

    def __init__(
        self, code: str, message: str, fields: Sequence[str] | None = None, status: int = 400
    ) -> None:
        super().__init__(status, code, "", message)
        self.fields = None if fields is None else tuple(fields)


def not_there() -> Refused:
    """No such object or path."""
    return Refused("NOT_FOUND", _NOT_THERE, status=404)


def no_record(key: str) -> Refused:
    """No record of this id or external id."""
    return Refused(
        "NOT_FOUND",
        f"Provided external ID field does not exist or is not accessible: {key}",
        status=404,
    )


def no_field(name: str, entity: str) -> Refused:
    """No such field of an object, in a request that is no query."""
    return Refused("INVALID_FIELD", f"No such column '{name}' on sobject of type {entity}")


def of_query(error: SoqlError, text: str) -> Refused:
    """What is wrong with a query."""
    return Refused(error.code, error.shown(text))


def body_of(problem: Problem) -> list[dict[str, Any]]:
    """The body that says no."""
    if isinstance(problem, Refused):
        made: dict[str, Any] = {"message": problem.detail, "errorCode": problem.code}
        if problem.fields is not None:
            made["fields"] = list(problem.fields)
        return [made]
    _, code, message = _ENGINE.get(problem.code, (0, problem.code.upper(), ""))
    if problem.code == "method_not_allowed":
        message = f"HTTP Method not allowed. Allowed are {problem.headers.get('allow', '')}"
    if problem.code == "invalid_request" and any(
        each.pointer == "/q" and each.received is None for each in problem.errors
    ):
        code = "MALFORMED_QUERY"
    told = "; ".join(
        f"{each.pointer.lstrip('/')} {each.message}".strip() for each in problem.errors
    )
    return [{"message": message or told or problem.detail or problem.title, "errorCode": code}]


def say_no(problem: Problem) -> Reply:
    """Put a problem into Salesforce's words."""
    status = problem.status
    if not isinstance(problem, Refused) and problem.code in _ENGINE:
        status = _ENGINE[problem.code][0]
    return Reply(status, body_of(problem), problem.headers)


def say_no_to(problem: Problem, operation_id: str) -> Reply:
    """As `say_no`, in the form that the operation refuses in."""
    reply = say_no(problem)
    if operation_id not in _OF_OAUTH or reply.status != 400:
        return reply
    told = body_of(problem)[0]["message"]
    return Reply(400, {"error": "invalid_request", "error_description": told}, reply.headers)
