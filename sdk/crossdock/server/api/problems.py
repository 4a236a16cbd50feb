"""Refusals as problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen
from starlette.responses import JSONResponse

from crossdock.errors import (
    AccessDenied,
    ApprovalRefused,
    ConfigError,
    Conflict,
    CrossdockError,
    DeliveryChanged,
    EditRefused,
    LinkConflict,
    NotAway,
    NotEditable,
    NotFound,
    NotRetriable,
    NotSupported,
    PlacementConflict,
    PluginFault,
    RemoteError,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
    UnknownApproval,
    UnknownDelivery,
)

MEDIA_TYPE: Final = "application/problem+json"
_TYPE: Final = "urn:crossdock:problem:"
_COME_BACK_SECONDS: Final = 2.0


@frozen(kw_only=True)
class Wrong:
    """One thing that is wrong, and where.

    Attributes:
        pointer: into the body; `#/query/...`, `#/header/...` or `#/path/...` elsewhere.
    """

    pointer: str
    message: str
    expected: str = ""
    plugin_id: str = ""
    code: str = ""


@frozen
class Problem(Exception):  # noqa: N818 - a refusal, named as RFC 9457 names it
    """A refusal.

    Attributes:
        code: a stable name for programs.
        headers: go with the answer.
        more: further members of the document.
    """

    status: int
    code: str
    title: str
    detail: str = ""
    errors: tuple[Wrong, ...] = field(default=(), kw_only=True)
    headers: Mapping[str, str] = field(factory=dict, kw_only=True)
    more: Mapping[str, Any] = field(factory=dict, kw_only=True)

    def answer(self, correlation_id: str) -> JSONResponse:
        """Give it as the answer to a request."""
        document = {
            "type": _TYPE + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "correlation_id": correlation_id,
            "errors": [_plain(each) for each in self.errors],
            **self.more,
        }
        return JSONResponse(
            document, self.status, headers=dict(self.headers), media_type=MEDIA_TYPE
        )


def _plain(wrong: Wrong) -> dict[str, str]:
    plain = {"pointer": wrong.pointer, "message": wrong.message}
    for name in ("expected", "plugin_id", "code"):
        if value := getattr(wrong, name):
            plain[name] = value
    return plain


def not_found(what: str) -> Problem:
    """Say that there is no such thing."""
    return Problem(404, "not_found", "There is no such thing", what)


def unreadable(detail: str, errors: Sequence[Wrong] = ()) -> Problem:
    """Say that the request is not of a form that can be read."""
    return Problem(400, "malformed", "The request cannot be read", detail, errors=tuple(errors))


def pointer_of(field_name: str, base: str = "") -> str:
    """Give a dotted field name as a JSON pointer: `lines.0.quantity` as `/lines/0/quantity`."""
    if not field_name:
        return base
    parts = (part.replace("~", "~0").replace("/", "~1") for part in field_name.split("."))
    return base + "".join(f"/{part}" for part in parts)


def problem_of(error: CrossdockError, base: str = "") -> Problem:
    """Say an error of the host as a problem.

    Args:
        error: what was raised.
        base: the pointer of the record in the body that remote systems complain of.
    """
    said = str(error).strip() or type(error).__name__
    match error:
        case UnknownDelivery() | UnknownApproval() | NotFound():
            return not_found(said)
        case ApprovalRefused():
            return Problem(409, "approval_refused", "It cannot be answered so", said)
        case LinkConflict():
            return Problem(409, "link_conflict", "It does not fit what is linked", said)
        case PlacementConflict():
            return Problem(409, "placement_conflict", "It does not fit what is known", said)
        case DeliveryChanged():
            return Problem(412, "stale", "Somebody else was faster", said)
        case EditRefused():
            return Problem(
                422, "edit_refused", "It does not make sense", said,
                errors=tuple(
                    Wrong(pointer=pointer_of(each.field), message=each.message)
                    for each in error.fields
                ),
            )  # fmt: skip
        case NotEditable():
            return Problem(409, "not_editable", "It cannot be changed", said)
        case NotAway():
            return Problem(409, "not_away", "There is nothing to try", said)
        case NotRetriable():
            return Problem(409, "not_retriable", "It cannot be tried again", said)
        case Conflict():
            return Problem(409, "conflict", "Somebody else was faster", said)
        case AccessDenied():
            return Problem(403, "access_denied", "This is not allowed", said)
        case NotSupported():
            return Problem(501, "not_supported", "A system cannot do this", said)
        case RemoteUnavailable():
            wait = error.retry_after if error.retry_after is not None else _COME_BACK_SECONDS
            return Problem(
                503, "system_away", f"{error.system} does not answer", said,
                headers={"retry-after": str(max(1, round(wait)))},
            )  # fmt: skip
        case RemoteRejectedData() | RemoteRefused():
            return Problem(
                422,
                "refused_by_system",
                f"{error.system} said no",
                said,
                errors=_fields(error, base),
            )
        case RemoteUnauthorized():
            return Problem(
                502, "system_unauthorized", f"{error.system} does not let the host in", said
            )
        case RemoteMisbehaved() | RemoteError():
            return Problem(
                502, "system_misbehaved", f"{error.system} gave an answer without sense", said
            )
        case ConfigError():
            return Problem(422, "unprocessable", "It cannot be done as asked", said)
        case PluginFault():
            return Problem(500, "plugin_fault", "A plugin failed", said)
    return Problem(500, "host_failed", "The host could not do it", said)


def _fields(error: RemoteError, base: str) -> tuple[Wrong, ...]:
    return tuple(
        Wrong(pointer=pointer_of(each.field, base), message=each.message) for each in error.fields
    )
