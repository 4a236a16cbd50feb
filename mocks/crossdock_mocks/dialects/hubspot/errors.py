"""How HubSpot says no: `status`, `message`, `correlationId`, `category`, and what it was about."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from crossdock_mocks.engine import Problem, Reply, Violation

_NAMESPACE: Final = uuid.UUID("6f1d1b0e-55c1-4d5b-8a57-3a1e6a0c0de0")
_INVALID: Final = "VALIDATION_ERROR"
_CATEGORIES: Final = {
    401: "INVALID_AUTHENTICATION",
    403: "MISSING_SCOPES",
    404: "OBJECT_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    415: "UNSUPPORTED_MEDIA_TYPE",
    423: "LOCKED",
    429: "RATE_LIMITS",
}
NO_CREDENTIALS: Final = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can "
    "find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


class Refusal(Problem):
    """A refusal in HubSpot's terms.

    Args:
        status: HTTP status.
        message: What went wrong.
        category: HubSpot's category; that of the status unless given.
        errors: Details, each with `message` and perhaps `code`, `in`, `context`.
        context: What it was about: names and values.
        sub_category: HubSpot's finer category, where it has one.
        links: Where to read more.
        headers: Headers of the answer.
        more: Members of the body beside these.
    """

    def __init__(
        self,
        status: int,
        message: str,
        category: str | None = None,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, Sequence[str]] | None = None,
        sub_category: str | None = None,
        links: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            status, category or _CATEGORIES.get(status, _INVALID), message, message, (), headers
        )
        self.details = [dict(each) for each in errors]
        self.context = dict(context or {})
        self.sub_category = sub_category
        self.links = dict(links or {})
        self.more = dict(more or {})

    def as_dict(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {
            "status": "error",
            "message": self.detail,
            "correlationId": correlation_id(self.status, self.code, self.detail),
            "category": self.code,
        }
        if self.sub_category:
            body["subCategory"] = self.sub_category
        if self.context:
            body["context"] = self.context
        if self.details:
            body["errors"] = self.details
        if self.links:
            body["links"] = self.links
        return {**body, **self.more}


def correlation_id(*parts: object) -> str:
    """An id that is the same for the same refusal in each run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(each) for each in parts)))


def invalid(message: str, code: str | None = None, **context: str) -> Refusal:
    """A 400 `VALIDATION_ERROR` about one thing."""
    detail: dict[str, Any] = {"message": message}
    if code:
        detail["code"] = code
    if context:
        detail["context"] = {name: [value] for name, value in context.items()}
    return Refusal(400, message, errors=[detail] if code or context else ())


def not_found(what: str, key: str) -> Refusal:
    """A 404; HubSpot's ids are digits, and it says so where another text came."""
    if not key.isdecimal():
        return Refusal(404, "Object not found.  objectId are usually numeric.")
    return Refusal(
        404, "resource not found", context={"id": [key]}, errors=[{"message": f"{what} not found"}]
    )


def invalid_values(problems: Iterable[Mapping[str, Any]]) -> Refusal:
    """A 400 that tells each property value that was not valid."""
    listed = [
        {"isValid": False, **each, "localizedErrorMessage": each["message"]} for each in problems
    ]
    told = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    return Refusal(
        400,
        f"Property values were not valid: {told}",
        errors=[
            {
                "message": each["message"],
                "code": each["error"],
                "context": {"propertyName": [each["name"]]},
            }
            for each in listed
        ],
    )


def say_no(problem: Problem) -> Reply:
    """Put any refusal, also one of the engine's, into HubSpot's envelope."""
    if isinstance(problem, Refusal):
        return Reply(problem.status, problem.as_dict(), problem.headers)
    refusal = _translated(problem)
    return Reply(refusal.status, refusal.as_dict(), problem.headers)


def _translated(problem: Problem) -> Refusal:
    status, details = problem.status, [_detail(each) for each in problem.errors]
    if status == 401:
        return Refusal(401, NO_CREDENTIALS)
    if problem.code == "not_found" and problem.errors:
        return Refusal(404, "Object not found.  objectId are usually numeric.")
    if status == 404:
        return Refusal(404, problem.detail or "resource not found")
    if problem.code == "malformed_json":
        return Refusal(400, f"Invalid input JSON: {problem.detail}", errors=details)
    if problem.code in ("invalid_body", "invalid_request", "body_required"):
        reasons = "; ".join(each["message"] for each in details)
        word = "Invalid input JSON" if problem.code != "invalid_request" else "Invalid request"
        return Refusal(400, f"{word}: {reasons}", errors=details)
    message = ": ".join(each for each in (problem.title, problem.detail) if each)
    return Refusal(status, message, errors=details)


def _detail(violation: Violation) -> dict[str, Any]:
    place = violation.pointer.lstrip("/").replace("/", ".")
    detail: dict[str, Any] = {"message": f"{place} {violation.message}".strip()}
    if violation.keyword == "required":
        detail["code"] = "MISSING_REQUIRED_FIELD"
    if place:
        detail["in"] = place
    return detail
