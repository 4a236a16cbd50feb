"""How the reference CRM words a refusal."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.refusals import Complaint
from crossdock.errors import FieldError, RemoteError, RemoteRejectedData, RemoteUnauthorized

_OAUTH: Final = frozenset(
    {"invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope"}
)

_RULES_OF_THE_BUSINESS: Final = frozenset({"quote_without_lines"})


def wording(status: int, body: Any) -> Complaint:
    """Read `{"error": {"code", "message", "fields"}}`, or the token endpoint's own form.

    A 422 says that what was sent is wrong, but for the codes that the document gives to rules of
    the business.
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
        FieldError(_named(str(each.get("field", ""))), str(each.get("message", "")))
        for each in error.get("fields") or ()
        if isinstance(each, dict)
    )
    code = str(error.get("code", ""))
    kind: type[RemoteError] | None = None
    if status == 422 and code not in _RULES_OF_THE_BUSINESS:
        kind = RemoteRejectedData
    return Complaint(
        code=code,
        message=str(error.get("message", "")),
        fields=fields,
        kind=kind,
    )


def _named(field: str) -> str:
    """Name a field as records do; the CRM's names differ for the item alone."""
    return field.replace("item_code", "item_id")
