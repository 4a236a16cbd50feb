"""How QuickBooks words a refusal: a `Fault` of errors with codes, in two spellings.

The services write `{"Fault": {"Error": [{"Message", "Detail", "code", "element"}]}}`, the gateway
in front of them the same in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock.connectors.refusals import TOO_EARLY, Complaint
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

#: The window in which calls are counted is a minute; nothing in an answer says how much is left.
THROTTLED_SECONDS: Final = 15.0

_KINDS: Final[Mapping[str, type[RemoteError]]] = {
    "120": RemoteUnauthorized,
    "500": RemoteRejectedData,
    "600": Conflict,
    "610": NotFound,
    "620": RemoteRefused,
    "2030": NotFound,  # what is no id of theirs is the id of nothing
    "2500": RemoteRefused,
    "3001": RemoteUnavailable,
    "3100": RemoteUnauthorized,
    "3200": RemoteUnauthorized,
    "5010": Stale,
    "6140": Conflict,
    "6240": Conflict,
    "10000": RemoteUnavailable,
}
_OAUTH: Final = frozenset({"invalid_grant", "invalid_client", "unauthorized_client"})


def wording(status: int, body: Any) -> Complaint:
    """Read a fault, or the error of the token endpoint (RFC 6749, section 5.2)."""
    retry_after = THROTTLED_SECONDS if status in TOO_EARLY else None
    if not isinstance(body, dict):
        return Complaint(retry_after=retry_after)
    fault = _either(body, "Fault")
    if not isinstance(fault, dict):
        code = str(body.get("error") or "")
        return Complaint(
            code=code,
            message=str(body.get("error_description") or ""),
            kind=RemoteUnauthorized if code in _OAUTH else None,
            retry_after=retry_after,
        )
    listed = _either(fault, "Error")
    errors = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    if not errors:
        return Complaint(retry_after=retry_after)
    code = _code(errors[0])
    return Complaint(
        code=code,
        message="; ".join(filter(None, map(_sentence, errors))),
        fields=tuple(
            FieldError(str(element), _sentence(each))
            for each in errors
            if (element := each.get("element"))
        ),
        kind=_kind(code, status),
        retry_after=retry_after,
    )


def _either(row: Mapping[str, Any], name: str) -> Any:
    return row.get(name, row.get(name.lower()))


def _code(error: Mapping[str, Any]) -> str:
    """Give a code without the zeros that some services write before it."""
    return str(error.get("code", "")).lstrip("0")


def _sentence(error: Mapping[str, Any]) -> str:
    message = str(_either(error, "Message") or "").strip()
    detail = str(_either(error, "Detail") or "").strip()
    if not detail or detail in message:
        return message
    return detail if message in detail else f"{message.rstrip('.:')}: {detail}"


def _kind(code: str, status: int) -> type[RemoteError] | None:
    """Say which error a code is.

    2xxx complains of the data, 4xxx of a query, 5xxx and 6xxx are rules of the business.
    """
    if code in _KINDS:
        return _KINDS[code]
    if status != 400 or not code.isdigit():
        return None
    number = int(code)
    if 2000 <= number < 3000 or 4000 <= number < 5000:
        return RemoteRejectedData
    return RemoteRefused if 5000 <= number < 10000 else None
