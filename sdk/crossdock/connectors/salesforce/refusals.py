"""How Salesforce words a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from crossdock.connectors.refusals import Complaint
from crossdock.errors import (
    Conflict,
    FieldError,
    NotFound,
    RemoteError,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
    Stale,
)

DUPLICATE: Final = "DUPLICATE_VALUE"
_UNAUTHORIZED: Final = (
    "INVALID_SESSION_ID", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "API_DISABLED_FOR_ORG",
    "API_CURRENTLY_DISABLED",
    "invalid_grant", "invalid_client", "invalid_client_id", "unsupported_grant_type",
    "inactive_user", "inactive_org", "invalid_app_access",
)  # fmt: skip
_REFUSED: Final = (
    "FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION", "FAILED_ACTIVATION",
    "DELETE_FAILED", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "ENTITY_IS_LOCKED",
    "FIELD_FILTER_VALIDATION_EXCEPTION", "CANNOT_EXECUTE_FLOW_TRIGGER",
)  # fmt: skip
_PASSES: Final = ("REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE")
_KINDS: Final[dict[str, type[RemoteError]]] = {
    **dict.fromkeys(_UNAUTHORIZED, RemoteUnauthorized),
    **dict.fromkeys(_REFUSED, RemoteRefused),
    **dict.fromkeys(_PASSES, RemoteUnavailable),
    DUPLICATE: Conflict,
    "DUPLICATES_DETECTED": Conflict,
    "PRECONDITION_FAILED": Stale,
    "ENTITY_IS_DELETED": NotFound,
    "NOT_FOUND": NotFound,
}
# The day's calls come back little by little over 24 hours; nobody says when.
_WAITS: Final = {"REQUEST_LIMIT_EXCEEDED": 900.0, "UNABLE_TO_LOCK_ROW": 1.0}
_SERVER_ERRORS: Final = 500
# What only says that something else of the same transaction was refused.
_ECHOES: Final = frozenset({"PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"})


def wording(status: int, body: Any) -> Complaint:
    """Read a list of errors, the errors of a tree's records, or OAuth's own form."""
    if isinstance(body, dict) and "error" in body:
        code = str(body.get("error") or "")
        return Complaint(
            code=code, message=str(body.get("error_description") or ""), kind=_KINDS.get(code)
        )
    errors = _errors(body)
    if not errors:
        return Complaint()
    telling = next((each for each in errors if _code(each) not in _ECHOES), errors[0])
    code = _code(telling)
    kind = _KINDS.get(code) if status < _SERVER_ERRORS else None
    if kind is None and 400 <= status < 500 and status not in (401, 403, 404, 409, 412, 429):
        kind = RemoteRejectedData
    return Complaint(
        code=code,
        message=str(telling.get("message") or ""),
        fields=tuple(
            FieldError(str(name), str(each.get("message") or ""))
            for each in errors
            for name in _listed(each.get("fields"))
        ),
        kind=kind,
        retry_after=_WAITS.get(code),
        unread=code == "REQUEST_LIMIT_EXCEEDED",
    )


def is_echo(body: Any) -> bool:
    """Whether a part of a transaction was only undone because another one was refused."""
    errors = _errors(body)
    return bool(errors) and all(_code(each) in _ECHOES for each in errors)


def _errors(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, dict):
        body = [e for result in _listed(body.get("results")) if isinstance(result, dict)
                for e in _listed(result.get("errors"))]  # fmt: skip
    return [each for each in _listed(body) if isinstance(each, dict)]


def _code(error: dict[str, Any]) -> str:
    return str(error.get("errorCode") or error.get("statusCode") or "")


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
