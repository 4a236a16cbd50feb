"""How the reference ERP words a refusal: problem details (RFC 9457) with a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from crossdock.connectors.refusals import Complaint
from crossdock.errors import Conflict, FieldError, RemoteError, RemoteRejectedData

_HUMP: Final = re.compile(r"(?<=[a-z0-9])[A-Z]")
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
    """Turn `/lines/0/itemId` into `lines.0.item_id`, as a record's fields are named."""
    path = pointer.removeprefix("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
    named = _HUMP.sub(lambda hump: f"_{hump[0].lower()}", path)
    return "reference" if named == "external_reference" else named
