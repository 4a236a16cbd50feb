"""How the reference CRM words a refusal."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.refusals import Complaint
from crossdock.errors import FieldError, RemoteError, RemoteRejectedData, RemoteUnauthorized

_OAUTH: Final = frozenset(
    {"invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope"}
)


def wording(status: int, body: Any) -> Complaint:
    """Read `{"error": {"code", "message", "fields"}}`, or the token endpoint's own form.

    A 422 that names fields says that what was sent is wrong; one that names none is a rule of the
    business, such as a quote without lines.
    """
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return Complaint(
            code=error,
            message=str(body.get("error_description", "")),
            kind=RemoteUnauthorized if error in _OAUTH else None,
        )
    if not isinstance(error, dict):
        return Complaint()
    fields = tuple(
        FieldError(str(each.get("field", "")), str(each.get("message", "")))
        for each in error.get("fields") or ()
        if isinstance(each, dict)
    )
    kind: type[RemoteError] | None = RemoteRejectedData if status == 422 and fields else None
    return Complaint(
        code=str(error.get("code", "")),
        message=str(error.get("message", "")),
        fields=fields,
        kind=kind,
    )
