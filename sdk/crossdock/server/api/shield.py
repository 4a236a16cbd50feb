"""What every answer goes through: correlation id, security headers, log, last boundary."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.server.api.problems import Problem

CORRELATION_HEADER: Final = "x-correlation-id"
CORRELATION: Final = "crossdock.correlation_id"
CALLER: Final = "crossdock.caller"
OPERATION: Final = "crossdock.operation"

_log: Final = logging.getLogger("crossdock.api")
_A_GOOD_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,79}")
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


class Shield:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(CORRELATION_HEADER, "")
        correlation_id = given if _A_GOOD_ID.fullmatch(given) else secrets.token_hex(8)
        scope[CORRELATION] = correlation_id
        began = time.perf_counter()
        status = 0

        async def protected(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if not headers["x-frame-options"]:
                    del headers["x-frame-options"]
                headers[CORRELATION_HEADER] = correlation_id
            await send(message)

        try:
            await self._app(scope, receive, protected)
        except Exception:
            _log.exception("%s failed (%s)", _request(scope), correlation_id)
            if status:  # half an answer is out; only hanging up says that it is no whole one
                raise
            await failed(correlation_id)(scope, receive, protected)
        finally:
            _log.info(
                "%s %s %.1f ms %s (%s)",
                _request(scope),
                status or "-",
                (time.perf_counter() - began) * 1000,
                scope.get(CALLER, "-"),
                correlation_id,
            )


def failed(correlation_id: str) -> ASGIApp:
    """Say that something is broken here, and nothing of what."""
    return Problem(
        500, "host_failed", "The host could not do it",
        "What went wrong is in the host's log, under the correlation id.",
    ).answer(correlation_id)  # fmt: skip


def _request(scope: Scope) -> str:
    # The query may hold what is nobody's business; control characters would forge lines of a log.
    path = scope["path"].encode("unicode_escape").decode()[:300]
    return f"{scope['method']} {path}"
