"""The desk while somebody develops: pages that refresh, and what is wrong on top of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from html import escape
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.dev.trouble import Trouble

_STATIC: Final = Path(__file__).with_name("static")
_PREFIX: Final = "/_dev"
_BEAT_SECONDS: Final = 15.0
_END: Final = b"</body>"


class Pages:
    """Open pages, to be told when there is something new; safe to call from any thread."""

    def __init__(self) -> None:
        self._listening: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._number = 0
        self._closed = False

    def refresh(self) -> None:
        """Tell all open pages to load anew."""
        self._number += 1
        self._wake()

    def close(self) -> None:
        """Let go of all that listen, so that a server can end."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        for event, loop in tuple(self._listening.items()):
            loop.call_soon_threadsafe(event.set)

    async def news(self) -> AsyncIterator[bytes]:
        """Server-sent events: the number of the last change, at once and at each change."""
        changed = asyncio.Event()
        self._listening[changed] = asyncio.get_running_loop()
        told = -1
        try:
            while not self._closed:
                changed.clear()  # first, so that what comes from here on is not missed
                if told != self._number:
                    told = self._number
                    yield f"data: {json.dumps(told)}\n\n".encode()
                else:
                    yield b": still here\n\n"
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), _BEAT_SECONDS)
        finally:
            del self._listening[changed]


def with_news(desk: ASGIApp, pages: Pages, troubles: Callable[[], Sequence[Trouble]]) -> ASGIApp:
    """Put the troubles of the moment on top of every page, and let pages load anew by themselves.

    Args:
        desk: the desk.
        pages: who tells of changes.
        troubles: what is wrong now.
    """

    async def news(_request: Request) -> Response:
        return StreamingResponse(
            pages.news(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    own = Starlette(
        routes=[
            Route(f"{_PREFIX}/news", news),
            Mount(f"{_PREFIX}/static", StaticFiles(directory=_STATIC)),
        ]
    )
    dressed = _Dressed(desk, troubles)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"].startswith(f"{_PREFIX}/")
        await (own if ours else dressed)(scope, receive, send)

    return answer


class _Dressed:
    """Adds to each page of HTML what a developer wants to see."""

    def __init__(self, app: ASGIApp, troubles: Callable[[], Sequence[Trouble]]) -> None:
        self._app = app
        self._troubles = troubles

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = bytearray()

        async def dressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            page = bytes(body).replace(_END, _banner(self._troubles()) + _END, 1)
            MutableHeaders(scope=start)["content-length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, dressed)


def _is_page(start: Message) -> bool:
    headers = MutableHeaders(scope=start)
    return headers.get("content-type", "").startswith("text/html")


def _banner(troubles: Sequence[Trouble]) -> bytes:
    head = (
        f'<link rel="stylesheet" href="{_PREFIX}/static/dev.css">'
        f'<script src="{_PREFIX}/static/dev.js" defer></script>'
    )
    if not troubles:
        return head.encode()
    items = "".join(_item(each) for each in troubles)
    return f'{head}<aside class="dev-trouble" role="alert">{items}</aside>'.encode()


def _item(trouble: Trouble) -> str:
    what, *message = trouble.lines()
    text = "".join(f"<p>{escape(line)}</p>" for line in message)
    detail = (
        f"<details><summary>Traceback</summary><pre>{escape(trouble.detail)}</pre></details>"
        if trouble.detail
        else ""
    )
    return f"<section><h2>{escape(what)}</h2>{text}<p>{escape(trouble.hint)}</p>{detail}</section>"
