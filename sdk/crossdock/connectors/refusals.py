"""What a status means: an answer that is not a success becomes an error of `crossdock.errors`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.operations import Operation
from crossdock.errors import (
    Conflict,
    CrossdockError,
    FieldError,
    NotFound,
    NotSupported,
    RemoteError,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
    Stale,
)

TOO_EARLY: Final = frozenset({408, 425, 429})
_UNREAD: Final = frozenset({425, 429})  # turned away before anything was done
_FORM: Final = frozenset({400, 405, 406, 411, 413, 414, 415, 428, 431})
_KINDS: Final[Mapping[int, type[RemoteError]]] = {
    401: RemoteUnauthorized,
    403: RemoteUnauthorized,
    407: RemoteUnauthorized,
    404: NotFound,
    410: NotFound,
    409: Conflict,
    412: Stale,
}


@frozen(kw_only=True)
class Complaint:
    """A system's own words for why it did not do something.

    Attributes:
        kind: which error it is, where the system's code says more than the status does.
        retry_after: seconds that it wants waited, where its body says so; a header counts more.
        unread: whether it says that the call was turned away before anything was done.
    """

    code: str = ""
    message: str = ""
    fields: tuple[FieldError, ...] = ()
    kind: type[RemoteError] | None = None
    retry_after: float | None = None
    unread: bool = False


def kind_of(status: int) -> type[RemoteError]:
    """Give the error that a status stands for, where the system says no more."""
    if status in _KINDS:
        return _KINDS[status]
    if status in TOO_EARLY or status >= 500:
        return RemoteUnavailable
    if status in _FORM:
        return RemoteRejectedData
    return RemoteMisbehaved if status < 400 else RemoteRefused


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After` as seconds (RFC 9110, section 10.2.3): a number, or a date.

    A date counts from the answer's own `Date`, as the clocks of two houses differ.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
        sent = headers.get("date")
        now = parsedate_to_datetime(sent) if sent else datetime.now(UTC)
        return max(0.0, (when - now).total_seconds())
    except (ValueError, TypeError):
        return None  # not a date either: the same as no header


def refusal(
    *,
    label: str,
    system: str,
    where: str,
    operation: Operation,
    status: int,
    headers: Mapping[str, str],
    complaint: Complaint,
) -> CrossdockError:
    """Make the error for an answer that is not a success.

    Args:
        label: the system in plain words, with its address.
        system: its configured name.
        where: the place of its settings, for what a person must change.
        operation: what was asked of it.
        status: the answer's status.
        headers: the answer's headers.
        complaint: what it said, secrets already masked.
    """
    kind = complaint.kind or kind_of(status)
    said = f": {complaint.message.rstrip('.')}" if complaint.message else ""
    answer = f"{status} {complaint.code or _phrase(status)}"
    details: dict[str, Any] = {
        "system": system,
        "status": status,
        "code": complaint.code,
        "fields": complaint.fields,
    }
    if status == HTTPStatus.NOT_IMPLEMENTED:
        return NotSupported(f"{label} does not offer {operation.id} ({answer}{said})")
    if kind is RemoteUnavailable:
        wait = retry_after(headers)
        if wait is None:
            wait = complaint.retry_after
        asks = f" It asks to wait {wait:g} s." if wait is not None else ""
        maybe_done = status not in _UNREAD and not complaint.unread
        unknown = (
            ""
            if operation.repeatable or not maybe_done
            else " Whether the call took effect is not known."
        )
        too_often = status in TOO_EARLY
        what = "cannot take the call now" if too_often else "failed"
        return RemoteUnavailable(
            f"{label} {what}: {operation.id} was answered {answer}{said}.{asks}{unknown}",
            retry_after=wait,
            maybe_done=maybe_done,
            **details,
        )
    if kind is RemoteUnauthorized:
        check = f"Check the credentials and rights under {where}."
        return RemoteUnauthorized(
            f"{label} did not allow {operation.id} ({answer}{said}). {check}", **details
        )
    if kind is RemoteMisbehaved:
        return RemoteMisbehaved(
            f"{label} answered {operation.id} with {answer}, which its document does not know. "
            f"Is the address under {where} right?",
            **details,
        )
    untold = [each for each in complaint.fields if each.message not in complaint.message]
    fields = "; ".join(f"{each.field}: {each.message}" for each in untold)
    blame = f" ({fields})" if fields else ""
    return kind(f"{label} refused {operation.id} ({answer}){said}{blame}", **details)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "with a status of its own"


Wording = Callable[[int, Any], Complaint]
"""Reads a system's error body at a status: decoded JSON, text where it was not JSON, or `None`."""
