"""A receiver of webhooks for tests, which checks what it gets."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, final

import attrs

from crossdock_mocks.engine.webhooks.signing import (
    SCHEMES,
    Addressed,
    Sign,
    SignatureError,
    signing_to,
    verify,
)


@attrs.frozen
class Caught:
    """One message that came.

    Attributes:
        path: Path that it was sent to.
        headers: Headers by lower-case name.
        body: The bytes of the body.
        complaint: What is wrong with its signature; `None` when it is good.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes
    complaint: str | None

    @property
    def verified(self) -> bool:
        """Whether its signature is good."""
        return self.complaint is None

    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


@final
class WebhookCatcher:
    """Receives webhooks on a free loopback port, for as long as the block runs.

    Without a socket: `world.webhooks.post = catcher.post`.

        with WebhookCatcher(secret) as catcher:
            world.webhooks.subscribe(catcher.url, ["order.*"], secret)
            ...
            first, second = catcher.wait(2)

    Args:
        secret: The secret of the subscription; may be set later.
        scheme: How messages are signed, or the name of it.
    """

    def __init__(self, secret: str = "", scheme: str | Sign | Addressed = "standard") -> None:
        self.secret = secret
        self._sign = SCHEMES[scheme] if isinstance(scheme, str) else scheme
        self._caught: list[Caught] = []
        self._answers: list[int] = []
        self._came = threading.Condition()
        self._server: ThreadingHTTPServer | None = None
        self.now: datetime | None = None
        """Where set, messages that were signed too long before or after it are not believed."""

    def __enter__(self) -> WebhookCatcher:
        catcher = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(catcher.post(self.path, headers, body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet: what came is in `caught`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens; without a socket, a URL that leads nowhere."""
        if self._server is None:
            return "http://catcher.invalid/"
        return f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def caught(self) -> tuple[Caught, ...]:
        """What came, in its order."""
        return tuple(self._caught)

    def answer(self, *statuses: int) -> None:
        """Answer the next messages with these statuses; all others with 204."""
        self._answers.extend(statuses)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take a message; gives the status that is answered."""
        complaint = None
        try:
            # On a socket only the path comes; what is signed is the whole URL.
            whole = url if "://" in url else f"{self.url.rstrip('/')}{url}"
            verify(signing_to(self._sign, whole), self.secret, headers, body, self.now)
        except SignatureError as error:
            complaint = str(error)
        with self._came:
            self._caught.append(Caught(url, dict(headers), body, complaint))
            self._came.notify_all()
            return self._answers.pop(0) if self._answers else 204

    def wait(self, count: int, seconds: float = 10.0) -> tuple[Caught, ...]:
        """Wait until so many messages have come, and give them.

        Raises:
            TimeoutError: They did not come.
        """
        with self._came:
            if not self._came.wait_for(lambda: len(self._caught) >= count, seconds):
                raise TimeoutError(f"{len(self._caught)} of {count} messages came in {seconds} s")
            return self.caught
