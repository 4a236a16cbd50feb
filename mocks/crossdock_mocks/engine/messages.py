"""What travels: a request, a response, and a behaviour's reply, independent of any door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import orjson

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def encode(value: object) -> str:
    """Write a value as JSON text.

    Decimals become plain decimal strings (money never is a JSON number here), dates
    `YYYY-MM-DD`, aware instants RFC 3339 with `Z`.

    Raises:
        TypeError: The value holds something that has no JSON form.
    """
    return orjson.dumps(value, default=_plain, option=_OPTIONS).decode()


def instant(value: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC with `Z`, as `encode` does."""
    return orjson.dumps(value, option=_OPTIONS).decode()[1:-1]


class RawJson(str):
    """JSON text that is sent as it stands, without being decoded and encoded again.

    Rows are stored as JSON text, so a list of rows is best answered by joining their texts:
    `RawJson.object(items=RawJson.array(table.find_raw()), next=None)`.
    """

    __slots__ = ()

    @classmethod
    def array(cls, texts: Iterable[str]) -> RawJson:
        """Join JSON texts to one JSON array."""
        return cls(f"[{','.join(texts)}]")

    @classmethod
    def object(cls, **members: Any) -> RawJson:
        """Build a JSON object; a member that is `RawJson` is taken over as it stands."""
        return cls(
            "{"
            + ",".join(
                f"{encode(name)}:{value if type(value) is RawJson else encode(value)}"
                for name, value in members.items()
            )
            + "}"
        )


@attrs.define(eq=False)
class Request:
    """One HTTP request, read completely.

    Attributes:
        method: Upper-case method.
        path: Path as sent, still percent-encoded, without the query.
        query: Query string as sent, without the question mark.
        headers: Lower-case names; a header sent more than once is joined with `, `.
        body: The bytes of the body; empty when there was none.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes = b""


@attrs.define(eq=False)
class Response:
    """One HTTP response, complete. Header names are lower-case."""

    status: int
    headers: dict[str, str] = attrs.field(factory=dict)
    body: bytes = b""


@attrs.define(eq=False)
class Reply:
    """What a behaviour answers.

    Attributes:
        status: HTTP status; it has to be one that the document declares for the operation.
        body: JSON-able value (see `encode`), `RawJson`, `bytes` with a `content-type` header of
            its own, or `None` for no body. A JSON `null` is `RawJson("null")`.
        headers: Further headers, such as `etag` or `location`. Names are lower-cased.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
