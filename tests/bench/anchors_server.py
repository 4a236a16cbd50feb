"""`python -m tests.bench.anchors_server PORT [--bare]`: the small API on a port.

`--bare` is the limit: the same server with an application that answers without looking, so the
difference to it is all that the engine costs.
"""

from __future__ import annotations

import sys
from typing import Any

BODY = (
    b'{"id":"C0001","name":"Customer 0001 GmbH","email":"ap0001@example.test","currency":"EUR",'
    b'"creditLimit":1001,"active":true,"createdAt":"2026-01-02T03:04:05Z"}'
)


def _mock(port: int) -> None:
    from tests.bench.anchors import open_anchors

    from crossdock_mocks.engine import serve

    serve([open_anchors()], ports=[port])


def _bare(port: int) -> None:
    import uvicorn

    listed = b"[" + b",".join([BODY] * 50) + b"]"

    def start(status: int, body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]
        return (
            {"type": "http.response.start", "status": status, "headers": headers},
            {"type": "http.response.body", "body": body},
        )

    answers = {
        "/customers/C0001": start(200, BODY),
        "/customers": start(200, listed),
        "/orders": start(201, b'{"id":"O-1","status":"open"}'),
    }
    unknown = start(404, b"{}")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            await receive()
        head, body = answers.get(scope["path"], unknown)
        await send(head)
        await send(body)

    uvicorn.run(
        application, host="127.0.0.1", port=port, http="httptools", loop="uvloop", lifespan="off",
        log_config=None, log_level="error", access_log=False, server_header=False,
        date_header=False, proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    (_bare if "--bare" in sys.argv else _mock)(int(sys.argv[1]))
