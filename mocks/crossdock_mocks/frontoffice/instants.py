"""Instants as a CRM keeps them: RFC 3339 in UTC, to the second, so that text sorts as time."""

from __future__ import annotations

from datetime import UTC, datetime

from crossdock_mocks.engine import instant
from crossdock_mocks.frontoffice.refusals import wrong


def kept(at: datetime) -> str:
    """Write an instant as rows hold it."""
    return instant(at.replace(microsecond=0))


def parsed(given: str, pointer: str) -> datetime:
    """Read an instant out of a body.

    Raises:
        Problem: 422, it is none.
    """
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise wrong(pointer, "is not an instant with an offset", "2026-11-21T09:30:00Z", given)
    return at.astimezone(UTC)


def past(given: str | None, pointer: str, now: datetime) -> str:
    """Take over an instant that was given, or now where none was.

    Raises:
        Problem: 422, it is no instant, or lies in the future.
    """
    if given is None:
        return kept(now)
    at = parsed(given, pointer)
    if at.replace(microsecond=0) > now:
        raise wrong(pointer, "lies in the future", f"at most {kept(now)}", given)
    return kept(at)
