"""How Tryton words a refusal: in the body of a good answer, by the class of its exception.

`{"id", "error": [class, [message, ...]]}` is an exception of Tryton's own, and
`{"id", "error": [text, traceback]}` any other of Python's. Source: `trytond/protocols/jsonrpc.py`
and `trytond/exceptions.py` of 8.2.
"""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.refusals import Complaint
from crossdock.errors import (
    FieldError,
    NotFound,
    RemoteRefused,
    RemoteUnauthorized,
    RemoteUnavailable,
    Stale,
)

WARNING: Final = "UserWarning"
#: What a database says that is busy with somebody else; nothing was committed then.
_BUSY: Final = ("database is locked", "could not serialize", "deadlock", "lock not available")


def failing(body: Any) -> Complaint | None:
    """Read the refusal in an answer's body; `None` where it is a success."""
    if not isinstance(body, dict) or "error" not in body:
        return None
    error = body["error"]
    kind, told = (error[0], error[1]) if isinstance(error, list) and len(error) > 1 else (error, "")
    said = told if isinstance(told, list) else [told]
    match str(kind):
        case "UserError":
            return Complaint(code="UserError", message=_sentence(said[:2]), kind=RemoteRefused)
        case "UserWarning":
            return Complaint(
                code=WARNING,
                message=_sentence(said[1:3]),
                fields=(FieldError("warning", str(said[0])),),
                kind=RemoteRefused,
            )
        case "ConcurrencyException":
            return Complaint(code="ConcurrencyException", message=_sentence(said), kind=Stale)
        case "LoginException":
            return Complaint(code="LoginException", kind=RemoteUnauthorized)
        case other:
            # A transaction that raised was rolled back.
            busy = _is_busy(other)
            return Complaint(
                code="Busy" if busy else "Exception",
                message=other[:300],
                kind=RemoteUnavailable,
                unread=busy,
            )


def wording(status: int, body: Any) -> Complaint:
    """Say what a bad status means: those of the web server before Tryton, and of a busy database.

    A database that stays locked through all of Tryton's own tries is a page with the status 503 and
    the database's sentence. The transaction was rolled back then: of what comes after its commit,
    tasks and the session's time, nothing raises that error. Source: `trytond/wsgi.py`,
    `protocols/dispatcher.py`, `worker.py` and `security.py` of 8.2. A 503 with any other page may
    be a proxy's, and says nothing of what was done.
    """
    if status == 503 and isinstance(body, str) and _is_busy(body):
        return Complaint(
            code="Busy", message="its database is locked", kind=RemoteUnavailable, unread=True
        )
    if status == 404:
        # A login that finds the database locked is answered so as well; a wrong name shows at once.
        return Complaint(
            code="no_database",
            message="it cannot open this database now, or there is none of this name",
            kind=RemoteUnavailable,
            unread=True,
        )
    if status == 403:
        return Complaint(message="the method is not offered to this user", kind=RemoteRefused)
    return Complaint()


def nothing(label: str, system: str, what: str) -> NotFound:
    """Make the error for what is not there."""
    return NotFound(f"{label} has no {what}", system=system, code="not_found")


def _is_busy(text: str) -> bool:
    return any(words in text.lower() for words in _BUSY)


def _sentence(parts: list[Any]) -> str:
    return ". ".join(str(part).strip().rstrip(".") for part in parts if part)
