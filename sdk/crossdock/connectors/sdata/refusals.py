"""SData's diagnoses, as our complaints.

A refusal is one diagnosis, a list of them, or `{"$diagnoses": [...]}` (SData 2.0, "Error
handling"); the status says what kind of refusal it is, and `severity` whether it may pass.
"""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.refusals import Complaint
from crossdock.errors import (
    Conflict,
    FieldError,
    NotFound,
    RemoteError,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
    Stale,
)

_BY_STATUS: Final[dict[int, type[RemoteError]]] = {
    401: RemoteUnauthorized, 403: RemoteUnauthorized, 404: NotFound, 410: NotFound, 409: Conflict,
    412: Stale,
}  # fmt: skip
_BY_CODE: Final[dict[str, type[RemoteError]]] = {
    "ApplicationDiagnosis": RemoteRefused,
    "ApplicationUnavailable": RemoteUnavailable,
    "DatasetUnavailable": RemoteUnavailable,
    "BadUrlSyntax": RemoteRejectedData,
    "BadQueryParameter": RemoteRejectedData,
    "BadWhereSyntax": RemoteRejectedData,
    "ApplicationNotFound": RemoteMisbehaved,
    "ContractNotFound": RemoteMisbehaved,
    "DatasetNotFound": RemoteMisbehaved,
    "ResourceKindNotFound": RemoteMisbehaved,
}
_PASSES: Final = "transient"
_SERVER_ERRORS: Final = 500


def wording(status: int, body: Any) -> Complaint:
    """Read a refusal."""
    told = _diagnoses(body)
    if not told:
        return Complaint()
    first = told[0]
    code = _text(first, "sdataCode")
    return Complaint(
        code=_text(first, "applicationCode") or code,
        message=" ".join(dict.fromkeys(filter(None, (_text(each, "message") for each in told)))),
        fields=tuple(
            FieldError(path, _text(each, "message"))
            for each in told
            if (path := _text(each, "payloadPath"))
        ),
        kind=_kind(status, code, first),
    )


def _kind(status: int, code: str, first: dict[str, Any]) -> type[RemoteError] | None:
    if status >= _SERVER_ERRORS or _text(first, "severity").lower() == _PASSES:
        return RemoteUnavailable
    # A kind of record or contract that is not there is told as 404 too, which no record explains.
    if status in (401, 403, 409, 412):
        return _BY_STATUS[status]
    if code in _BY_CODE and (status not in _BY_STATUS or _BY_CODE[code] is RemoteMisbehaved):
        return _BY_CODE[code]
    return _BY_STATUS.get(status)


def _diagnoses(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, dict):
        listed = body.get("$diagnoses")
        body = listed if isinstance(listed, list) else [body]
    return [each for each in body if isinstance(each, dict)] if isinstance(body, list) else []


def _text(diagnosis: dict[str, Any], name: str) -> str:
    value = diagnosis.get(name)
    return value if isinstance(value, str) else ""
