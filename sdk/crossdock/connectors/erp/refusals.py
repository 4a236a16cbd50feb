"""How the reference ERP words a refusal: problem details (RFC 9457) with a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock.connectors.refusals import Complaint
from crossdock.errors import Conflict, FieldError, RemoteError, RemoteRejectedData

# 422 is a rule of the business unless its code says otherwise.
_KINDS: Final[Mapping[str, type[RemoteError]]] = {
    "invalid_body": RemoteRejectedData,
    "idempotency_key_reused": Conflict,
}


def wording(status: int, body: Any) -> Complaint:
    """Read `{title, detail, code, errors: [{pointer, message}]}`."""
    if not isinstance(body, dict):
        return Complaint()
    code = str(body.get("code", ""))
    fields = tuple(
        FieldError(_dotted(str(each.get("pointer", ""))), str(each.get("message", "")))
        for each in body.get("errors") or ()
        if isinstance(each, dict)
    )
    return Complaint(
        code=code,
        message=str(body.get("detail") or body.get("title") or ""),
        fields=fields,
        kind=_KINDS.get(code) if status == 422 else None,
    )


def _dotted(pointer: str) -> str:
    """Turn `/lines/0/quantity` into `lines.0.quantity`, as our fields are named."""
    return pointer.removeprefix("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
