"""uvicorn for the side-car: bounded headers, and connections that send nothing are closed.

Small requests and slow clients are what a public address meets first. uvicorn's own time-out runs
between requests only; here one runs until the headers of each request are complete.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from crossdock.server.api.settings import ApiSettings

_MOST_HEADER_BYTES: Final = 32 * 1024
_KEEP_ALIVE_SECONDS: Final = 30
_DRAIN_SECONDS: Final = 20


def protocol(read_seconds: float) -> type[H11Protocol]:
    """Make uvicorn's protocol with a time-out for the headers of a request."""

    class Patient(H11Protocol):
        """Closes a connection whose request does not come."""

        _waiting: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            """Begin to wait for the first request."""
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            """Go on waiting, or stop where the headers are complete."""
            if self._waiting is None and self.conn.their_state is h11.IDLE:
                self._wait()
            super().data_received(data)
            if self.conn.their_state is not h11.IDLE:
                self._stop_waiting()

        def connection_lost(self, exc: Exception | None) -> None:
            """Stop waiting."""
            self._stop_waiting()
            super().connection_lost(exc)

        def _wait(self) -> None:
            self._waiting = self.loop.call_later(read_seconds, self._give_up)

        def _stop_waiting(self) -> None:
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None

        def _give_up(self) -> None:
            self._waiting = None
            if not self.transport.is_closing():
                self.transport.close()

    return Patient


def server_for(app: Starlette, settings: ApiSettings) -> uvicorn.Server:
    """Make the server of a side-car."""
    options: dict[str, Any] = {
        "http": protocol(settings.read_seconds),
        "loop": "asyncio" if sys.platform == "win32" else "uvloop",
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "h11_max_incomplete_event_size": _MOST_HEADER_BYTES,
        "limit_concurrency": settings.connections,
        "timeout_keep_alive": _KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": _DRAIN_SECONDS,
    }
    return uvicorn.Server(uvicorn.Config(app, **options))
