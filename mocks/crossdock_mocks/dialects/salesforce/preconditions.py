"""Requests that hold under a condition: entity tags of accounts, and instants of last change.

REST API Developer Guide, "Conditional Request Headers": `ETag`, `If-Match` and `If-None-Match` are
there for records of Account only and compare exactly; `If-Modified-Since` and
`If-Unmodified-Since` compare the last change, by the second. A value that cannot be read is refused
where something is to be changed, and counts as not there where something is read, as in HTTP.
DELETE takes none of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.model import ObjectType
from crossdock_mocks.dialects.salesforce.records import Row
from crossdock_mocks.engine import Call, Problem

_TAGGED: Final = "Account"
_TAG: Final = re.compile(r'"[^"]*"')
_TAGS: Final = re.compile(r'\s*("[^"]*"\s*(,\s*"[^"]*"\s*)*|\*\s*)').fullmatch
_FAILED: Final = "The conditions in the request were not met."


def validators(kind: ObjectType, row: Row) -> dict[str, str]:
    """Give the headers that a later request can refer to."""
    found = {"last-modified": format_datetime(_modified(row), usegmt=True)}
    return found | ({"etag": _tag(row)} if kind.name == _TAGGED else {})


def is_unchanged(call: Call, kind: ObjectType, row: Row) -> bool:
    """Whether a record that is to be read is what the caller has.

    Raises:
        Problem: 412, it is not as the caller wants it to be.
    """
    wanted, known = _tags(call, kind, "if-match"), _tags(call, kind, "if-none-match")
    if wanted and not _matches(wanted, row):
        raise Problem(412, "PRECONDITION_FAILED", "", _FAILED)
    until = _instant(call, "if-unmodified-since")
    if until is not None and _second(row) > until:
        raise Problem(412, "PRECONDITION_FAILED", "", _FAILED)
    if known:
        return _matches(known, row)
    since = _instant(call, "if-modified-since")
    return since is not None and _second(row) <= since


def guard(call: Call, kind: ObjectType, row: Row) -> None:
    """Refuse a change of a record that is not as the caller wants it to be.

    Raises:
        Problem: 412, it is not.
        Refused: 400, a condition cannot be read.
    """
    for header in ("if-match", "if-none-match"):
        given = call.headers.get(header)
        if given is not None and not _TAGS(given):
            raise Refused("INVALID_HEADER", f"{header}: {given} is not a list of entity tags")
    for header in ("if-unmodified-since", "if-modified-since"):
        given = call.headers.get(header)
        if given is not None and _instant(call, header) is None:
            raise Refused("INVALID_HEADER", f"{header}: {given} is not an HTTP date")
    wanted, known = _tags(call, kind, "if-match"), _tags(call, kind, "if-none-match")
    until, since = _instant(call, "if-unmodified-since"), _instant(call, "if-modified-since")
    failed = (
        (bool(wanted) and not _matches(wanted, row))
        or (bool(known) and _matches(known, row))
        or (until is not None and _second(row) > until)
        or (since is not None and _second(row) <= since)
    )
    if failed:
        raise Problem(412, "PRECONDITION_FAILED", "", _FAILED)


def _tag(row: Row) -> str:
    digest = hashlib.sha1(json.dumps(row, sort_keys=True).encode(), usedforsecurity=False)
    return f'"{base64.b64encode(digest.digest()).decode()}"'


def _tags(call: Call, kind: ObjectType, header: str) -> tuple[str, ...]:
    given = call.headers.get(header) if kind.name == _TAGGED else None
    if given is None:
        return ()
    return ("*",) if given.strip() == "*" else tuple(_TAG.findall(given))


def _matches(tags: tuple[str, ...], row: Row) -> bool:
    return "*" in tags or _tag(row) in tags


def _modified(row: Row) -> datetime:
    return datetime.fromisoformat(row["LastModifiedDate"]).astimezone(UTC)


def _second(row: Row) -> datetime:
    return _modified(row).replace(microsecond=0)


def _instant(call: Call, header: str) -> datetime | None:
    text = call.headers.get(header)
    if text is None:
        return None
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
