"""The door without a socket: an httpx transport, sync and async at once."""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import final

import anyio
import httpx

from crossdock_mocks.engine.admin import refuse
from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.faults import DROPS, TIMEOUTS, Fault
from crossdock_mocks.engine.messages import Request, Response
from crossdock_mocks.engine.problem import Problem
from crossdock_mocks.engine.world import World
from crossdock_mocks.engine.worlds import WORLD_HEADER


class _CutShort(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Half a body, and then the connection is gone."""

    def __init__(self, half: bytes, request: httpx.Request) -> None:
        self._half = half
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._half
        raise self._gone()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._half
        raise self._gone()

    def _gone(self) -> httpx.RemoteProtocolError:
        return httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body", request=self._request
        )


_ASKED = inspect.Signature([inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)])


@final
class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers an httpx client's requests from a mock, whatever host they are for.

    Faults happen as on a socket: a wait longer than the client's read time-out is a
    `httpx.ReadTimeout` (the mock may have done its work all the same), a cut connection is a
    `httpx.RemoteProtocolError`.

    It may also stand beside a test's own respx routes: see `beside_respx.mount`.

    Args:
        app: The mock.
        world: The world it answers from.
        wait: Is given the seconds that a fault waits, in place of waiting; a test may let its
            clock pass instead.
    """

    def __init__(
        self, app: App, world: World, *, wait: Callable[[float], object] | None = None
    ) -> None:
        self._app = app
        self._world = world
        self._wait = wait
        # respx looks at the arguments of a side effect on each call; told them, it is done sooner.
        self.__signature__ = _ASKED

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, as a side effect of a respx route."""
        return self.handle_request(request)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an `httpx.Client`."""
        asked = _request(request, request.read())
        world = self._world
        if WORLD_HEADER in asked.headers or world.worlds.tokens:
            try:
                world, asked = world.worlds.choose(asked)
            except Problem as problem:
                return _response(refuse(problem), request)
        fault = self._app.draw(world, asked) if world.faults else None
        if fault is None:
            return _response(self._app.exchange(world, asked), request)
        before, after, in_time = _waits(fault, request)
        wait = self._wait or time.sleep
        wait(before)
        response = self._app.exchange(world, asked, fault)
        wait(after)
        return _carry_out(fault, response, request, in_time)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an `httpx.AsyncClient`; waiting does not hold up other tasks."""
        asked = _request(request, await request.aread())
        world = self._world
        if WORLD_HEADER in asked.headers or world.worlds.tokens:
            try:
                world, asked = world.worlds.choose(asked)
            except Problem as problem:
                return _response(refuse(problem), request)
        fault = self._app.draw(world, asked) if world.faults else None
        if fault is None:
            return _response(self._app.exchange(world, asked), request)
        before, after, in_time = _waits(fault, request)
        if before:
            await self._rest(before)
        response = self._app.exchange(world, asked, fault)
        if after:
            await self._rest(after)
        return _carry_out(fault, response, request, in_time)

    async def _rest(self, seconds: float) -> None:
        if self._wait is None:
            await anyio.sleep(seconds)
        else:
            self._wait(seconds)


def _request(request: httpx.Request, body: bytes) -> Request:
    raw = request.url.raw_path
    path, _, query = raw.decode("ascii").partition("?")
    headers = request.headers
    return Request(request.method, path, query, dict(headers.items()), body)


def _response(response: Response, request: httpx.Request) -> httpx.Response:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers.items()
    ]
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    # What httpx makes of `content=`, at half the cost, as the headers are complete already. respx
    # would copy a response that does not say which request it answers.
    made = httpx.Response(
        response.status,
        headers=headers,
        stream=httpx.ByteStream(response.body),
        request=request,
    )
    made.read()
    return made


def _waits(fault: Fault, request: httpx.Request) -> tuple[float, float, bool]:
    """Seconds to wait before and after, and whether the client waits as long."""
    patience = request.extensions.get("timeout", {}).get("read")
    in_time = patience is None or fault.seconds < patience
    seconds = fault.seconds if in_time else patience
    before = seconds if fault.kind == "latency_before" else 0.0
    after = seconds if fault.kind in ("latency_after_commit", *TIMEOUTS) else 0.0
    return before, after, in_time or not (before or after)


def _carry_out(
    fault: Fault, response: Response, request: httpx.Request, in_time: bool
) -> httpx.Response:
    if not in_time:
        raise httpx.ReadTimeout("the answer did not come in time", request=request)
    if fault.kind in DROPS or fault.kind in TIMEOUTS:
        raise httpx.RemoteProtocolError(
            "Server disconnected without sending a response.", request=request
        )
    if fault.kind == "half_body":
        headers = {**response.headers, "content-length": str(len(response.body))}
        half = response.body[: len(response.body) // 2]
        return httpx.Response(response.status, headers=headers, stream=_CutShort(half, request))
    return _response(response, request)
