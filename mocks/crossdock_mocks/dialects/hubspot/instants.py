"""Instants and days as HubSpot writes and reads them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = re.compile(r"-?\d{1,15}\Z")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def read_instant(text: str) -> datetime:
    """Read milliseconds since 1970, a day, or ISO 8601.

    Raises:
        ValueError: It is none of them.
    """
    if _DIGITS.match(text):
        try:
            return _EPOCH + timedelta(milliseconds=int(text))
        except OverflowError as error:
            raise ValueError(f"{text} is out of the calendar") from error
    if _DAY.match(text):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    if "T" not in text:
        raise ValueError(f"{text} is no instant")
    at = datetime.fromisoformat(text)
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is out of the calendar") from error
