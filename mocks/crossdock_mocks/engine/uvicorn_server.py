"""uvicorn, made to cut connections on demand and to say when it listens.

Apart from `server`, so that mocks used without a socket never import a web server.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast, final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.asgi import ABORT, AsgiApp, asgi_by_port
from crossdock_mocks.engine.world import World

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a way to cut the connection (`asgi.ABORT`)."""

    def on_headers_complete(self) -> None:
        """Offer the extension, then go on as uvicorn does."""
        cast("dict[str, Any]", self.scope)["extensions"] = {ABORT: self._abort}
        super().on_headers_complete()

    def _abort(self, flush: bool) -> None:
        if self.cycle is not None:
            # uvicorn would send a 500 of its own for an application that has not answered.
            self.cycle.disconnected = True
        if flush:
            self.transport.close()
        else:
            self.transport.abort()


@final
class MockServer(uvicorn.Server):
    """uvicorn's server, which says when it has started."""

    when_started: Callable[[], None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGINT and SIGTERM, and return to the caller; uvicorn would raise them again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then tell."""
        await super().startup(sockets=sockets)
        if self.when_started is not None:
            self.when_started()


def make_server(apps: Sequence[tuple[App, World]], ports: Sequence[int]) -> MockServer:
    """A server for mocks that are told apart by their ports."""
    mocks = dict(zip(ports, apps, strict=True))
    application: AsgiApp = asgi_by_port(mocks)
    options: dict[str, Any] = {
        "http": _Protocol,
        "loop": "asyncio" if sys.platform == "win32" else "uvloop",
        "lifespan": "off",
        "ws": "none",
        "log_config": None,
        "log_level": "error",
        "access_log": False,
        "server_header": False,
        "date_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": 1,
    }
    return MockServer(uvicorn.Config(application, **options))
