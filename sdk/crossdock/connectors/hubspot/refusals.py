"""How HubSpot words a refusal."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.refusals import Complaint
from crossdock.errors import (
    FieldError,
    RemoteError,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
)

# How long a policy's window is; a day's quota is back at midnight in the portal's time zone, which
# nobody tells, so an hour is waited and asked again.
_WINDOWS: Final = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0, "DAILY": 3600.0}
_KINDS: Final[dict[str, type[RemoteError]]] = {
    "VALIDATION_ERROR": RemoteRejectedData,
    "BAD_CLIENT_ID": RemoteUnauthorized,
    "BAD_CLIENT_SECRET": RemoteUnauthorized,
    "BAD_REFRESH_TOKEN": RemoteUnauthorized,
    "MISMATCH_REDIRECT_URI_AUTH_CODE": RemoteUnauthorized,
    "INVALID_AUTHENTICATION": RemoteUnauthorized,
    "EXPIRED_AUTHENTICATION": RemoteUnauthorized,
    "MISSING_SCOPES": RemoteUnauthorized,
}
_SERVER_ERRORS: Final = 500
_LOCKED: Final = 423
_TOO_MANY: Final = 429


def wording(status: int, body: Any) -> Complaint:
    """Read `{"status", "message", "category", "errors", "policyName", ...}`.

    A 423 says that too many writes wait for one record: it passes.
    """
    if not isinstance(body, dict):
        return Complaint()
    category = str(body.get("category") or body.get("errorType") or body.get("status") or "")
    policy = str(body.get("policyName") or "")
    kind = _KINDS.get(category) if status < _SERVER_ERRORS else None
    if status == _LOCKED:
        kind = RemoteUnavailable
    return Complaint(
        code=f"{category}.{policy}" if policy else category,
        message=str(body.get("message") or ""),
        fields=tuple(_fields(body)),
        kind=kind,
        retry_after=_WINDOWS.get(policy, 1.0) if status == _TOO_MANY else None,
    )


def _fields(body: dict[str, Any]) -> list[FieldError]:
    found = []
    for each in body.get("errors") or ():
        if not isinstance(each, dict):
            continue
        context = each.get("context")
        named = context.get("propertyName") if isinstance(context, dict) else None
        field = each.get("in") or (named[0] if isinstance(named, list) and named else "")
        found.append(FieldError(str(field), str(each.get("message") or "")))
    return found
