"""The door for servers: a raw ASGI application, one exchange per request, no hop in between."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from crossdock_mocks.engine.admin import refuse
from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.faults import DROPS, TIMEOUTS, Fault
from crossdock_mocks.engine.messages import Request, Response
from crossdock_mocks.engine.problem import Problem
from crossdock_mocks.engine.world import World
from crossdock_mocks.engine.worlds import WORLD_HEADER

ABORT = "crossdock.abort"
"""ASGI extension that cuts the connection: at once, or after what was sent; `serve` offers it."""

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_BODILESS = frozenset({"GET", "HEAD"})


def asgi(app: App, world: World) -> AsgiApp:
    """A mock as an ASGI application, for any ASGI server.

    To drop connections and to cut bodies short, the server has to offer the extension
    `crossdock.abort`, as `serve` and `serve_in_thread` do; under another one, such a fault ends the
    request with an exception, which most servers turn into a 500.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _answer(app, world, scope, receive, send)

    return application


def asgi_by_port(mocks: Mapping[int, tuple[App, World]]) -> AsgiApp:
    """Several mocks as one ASGI application, told apart by the port that was called."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            app, world = mocks[scope["server"][1]]
            await _answer(app, world, scope, receive, send)

    return application


async def _answer(app: App, world: World, scope: Scope, receive: Receive, send: Send) -> None:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    body = b""
    cut = False
    if (
        scope["method"] not in _BODILESS
        or "content-length" in headers
        or "transfer-encoding" in headers
    ):
        body, cut = await _body(receive, app.dialect.max_body)
    raw = scope.get("raw_path")
    request = Request(
        scope["method"],
        scope["path"] if raw is None else raw.decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
        body,
    )
    if WORLD_HEADER in headers or world.worlds.tokens:
        try:
            world, request = world.worlds.choose(request)
        except Problem as problem:
            await _send(send, refuse(problem), cut)
            return
    fault = app.draw(world, request) if world.faults else None
    if fault is None:
        await _send(send, app.exchange(world, request), cut)
        return
    if fault.kind == "latency_before":
        await asyncio.sleep(fault.seconds)
    response = app.exchange(world, request, fault)
    if fault.kind == "latency_after_commit":
        await asyncio.sleep(fault.seconds)
    if fault.kind in TIMEOUTS:
        # Until the client gives up; then there is nobody left to be answered.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_gone(receive), fault.seconds)
        _abort(scope, flush=False)
        return
    await _carry_out(fault, response, scope, send, cut)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: Receive, most: int) -> tuple[bytes, bool]:
    """The body; when it is too large, only so much of it that this can be seen."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body, False
    parts = [body]
    held = len(body)
    while held <= most:
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        held += len(part)
        if not message.get("more_body"):
            return b"".join(parts), False
    return b"".join(parts), True


async def _send(send: Send, response: Response, closing: bool) -> None:
    headers = _headers(response)
    if closing:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _headers(response: Response) -> list[tuple[bytes, bytes]]:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers.items()
    ]
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    return headers


async def _carry_out(
    fault: Fault, response: Response, scope: Scope, send: Send, closing: bool
) -> None:
    if fault.kind in DROPS:
        _abort(scope, flush=False)
    elif fault.kind == "half_body":
        half = response.body[: len(response.body) // 2]
        start = {"status": response.status, "headers": _headers(response)}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": half, "more_body": True})
        _abort(scope, flush=True)
    else:
        await _send(send, response, closing)


def _abort(scope: Scope, *, flush: bool) -> None:
    abort = scope.get("extensions", {}).get(ABORT)
    if abort is None:
        raise RuntimeError("a fault was to cut the connection, which this server does not offer")
    abort(flush)
