"""Reading a request's body: so much, within so long, and as its media type says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import orjson
from starlette.requests import Request

from crossdock.server.api.problems import Problem, unreadable

# The rest of the body is not read, so nothing further can come over the connection.
_HANG_UP: Final = {"connection": "close"}


async def read_body(request: Request, *, most: int, seconds: float) -> bytes:
    """Read the body.

    Raises:
        Problem: it is larger than `most` bytes, or does not come within `seconds`.
        ClientDisconnect: the client left.
    """
    too_large = Problem(
        413, "too_large", "The body is too large", f"At most {most} bytes are taken.",
        headers=_HANG_UP,
    )  # fmt: skip
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told[:18]) > most:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise too_large
                parts.append(chunk)
    except TimeoutError:
        raise Problem(
            408, "too_slow", "The body did not come in time",
            f"{size} bytes came within {seconds:g} seconds.", headers=_HANG_UP,
        ) from None  # fmt: skip
    return b"".join(parts)


def media_type_of(request: Request, known: Iterable[str]) -> str:
    """Give the media type of the body.

    Raises:
        Problem: 415, it is none of those that the operation takes.
    """
    given = request.headers.get("content-type", "")
    media, _, parameters = given.partition(";")
    media = media.strip().lower()
    charset = [
        value.strip().strip('"').lower()
        for name, _, value in (each.partition("=") for each in parameters.split(";"))
        if name.strip().lower() == "charset"
    ]
    coding = request.headers.get("content-encoding", "identity").lower()
    taken = ", ".join(known)
    if media not in known or coding != "identity" or any(each != "utf-8" for each in charset):
        raise Problem(
            415, "unsupported_media_type", "The body is of a form that is not taken",
            f"Taken are: {taken}; in UTF-8, not compressed.", headers={"accept": taken},
        )  # fmt: skip
    return media


def parse_json(body: bytes) -> Any:
    """Parse JSON.

    Raises:
        Problem: 400, it is none.
    """
    if not body:
        raise unreadable("The body is missing.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as wrong:
        raise unreadable(f"The body is not JSON: {wrong}") from None
