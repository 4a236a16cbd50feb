"""How Business Central words a refusal: a code, and a sentence that ends with a correlation id.

The codes are those of Microsoft's page on OData error codes; what the business refuses begins with
`Application_`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from crossdock.connectors.refusals import TOO_EARLY, Complaint
from crossdock.errors import (
    Conflict,
    NotFound,
    RemoteError,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    Stale,
)

#: Calls are counted over five minutes; where an answer does not say how long to wait.
THROTTLED_SECONDS: Final = 15.0

_KINDS: Final[Mapping[str, type[RemoteError]]] = {
    "Application_EvaluateException": RemoteRejectedData,
    "Application_FilterErrorException": RemoteRejectedData,
    "Application_StringExceededLength": RemoteRejectedData,
    "Internal_CompanyNotFound": NotFound,
    "Internal_EntityWithSameKeyExists": Conflict,
    "Internal_InvalidTableRelation": RemoteRefused,
    "Internal_RecordNotFound": NotFound,
    "Request_EntityChanged": Stale,
}
_OAUTH: Final = frozenset(
    {"invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client"}
)
_CORRELATED: Final = re.compile(r"\s*CorrelationId:\s*(?P<id>[0-9A-Fa-f-]{36})\.?\s*\Z")


def wording(status: int, body: Any) -> Complaint:
    """Read an error of the service, or one of the token endpoint (RFC 6749, section 5.2).

    The correlation id stays with the sentence: it is what Microsoft's support asks for.
    """
    retry_after = THROTTLED_SECONDS if status in TOO_EARLY else None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return Complaint(
            code=error,
            message=str(body.get("error_description") or ""),
            kind=RemoteUnauthorized if error in _OAUTH else None,
            retry_after=retry_after,
        )
    if not isinstance(error, dict):
        return Complaint(retry_after=retry_after)
    code, message = str(error.get("code") or ""), str(error.get("message") or "")
    found = _CORRELATED.search(message)
    if found is not None:
        said = message[: found.start()].rstrip(". ")
        message = f"{said} (CorrelationId {found['id']})"
    return Complaint(
        code=code, message=message.strip(), kind=_kind(code, status), retry_after=retry_after
    )


def _kind(code: str, status: int) -> type[RemoteError] | None:
    if code in _KINDS:
        return _KINDS[code]
    if code.startswith(("Authentication_", "Authorization_")):
        return RemoteUnauthorized
    if code.startswith("Application_") and status < 500:
        return RemoteRefused
    return None
