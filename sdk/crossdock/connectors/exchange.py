"""One request and its whole answer, over a pooled client, within the time that there is."""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from decimal import Decimal
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from attrs import evolve, frozen

from crossdock import tracing
from crossdock.connectors import calling
from crossdock.connectors.operations import Operation
from crossdock.connectors.outages import no_answer
from crossdock.errors import RemoteUnavailable

_log: Final = logging.getLogger("crossdock.connectors")
_POOL: Final = httpx.Limits(max_connections=32, max_keepalive_connections=16)
_TIMEOUTS: Final = ("connect", "read", "write", "pool")


@frozen(kw_only=True)
class Address:
    """Which system, and where.

    Attributes:
        kind: `CRM` or `ERP`, as a message calls it.
        system: its configured name.
        where: the place of its settings.
    """

    kind: str
    system: str
    url: str
    where: str

    @property
    def label(self) -> str:
        """The system in plain words."""
        name = "" if self.system.upper() == self.kind else f" {self.system}"
        return f"The {self.kind}{name} at {self.url}"


@frozen(kw_only=True)
class Request:
    """What is sent: JSON or a form, never both."""

    operation: Operation
    url: str
    query: Mapping[str, str | int | bool]
    headers: Mapping[str, str]
    body: Any = None
    form: Mapping[str, str] | None = None


@frozen(kw_only=True)
class Reply:
    """What came back, good or not; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def good(self) -> bool:
        """Whether its status is a success."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Decode the body; `None` where it is empty. Raises `ValueError` where it is not JSON.

        A number with a fraction becomes a `Decimal`: it never is a float on its way.
        """
        if not self.content:
            return None
        kind = self._media_type()
        if kind != "application/json" and not kind.endswith("+json"):
            raise ValueError(f"it is {kind or 'of no type'}")
        return json.loads(self.content, parse_float=Decimal)

    def file(self, media_type: str) -> bytes:
        """Give the body of a file. Raises `ValueError` where it is empty or of another type."""
        if (kind := self._media_type()) != media_type:
            raise ValueError(f"it is {kind or 'of no type'}")
        if not self.content:
            raise ValueError("it is empty")
        return self.content

    def _media_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


class Exchange:
    """The pooled connections to one system; any number of threads may use them at once.

    Args:
        address: which system, and where.
        timeout: seconds that one exchange may take.
        transport: takes the place of the network, in tests.
        deadline: gives seconds left, besides the deadline that the host sets around a call.
    """

    def __init__(
        self,
        address: Address,
        *,
        timeout: float,
        transport: httpx.BaseTransport | None,
        deadline: Callable[[], float] | None,
    ) -> None:
        self._address = address
        self._timeout = timeout
        self._deadline = deadline
        self._client = httpx.Client(
            transport=transport,
            limits=_POOL,
            verify=_certificates(address.url),
            # A proxy of the environment is for the world outside, never for this machine.
            trust_env=not _on_this_machine(address.url),
        )
        self._codings = {"Accept-Encoding": self._client.headers["Accept-Encoding"]}

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def seconds_left(self) -> float:
        """Give the seconds until the nearest deadline, infinite where there is none."""
        given = [self._deadline()] if self._deadline else []
        if (left := calling.seconds_left()) is not None:
            given.append(left)
        return min(given, default=float("inf"))

    def send(self, request: Request, *, secrets: Callable[[], Iterable[str]]) -> Reply:
        """Send a request and read its whole answer; a span where somebody traces.

        Raises:
            RemoteUnavailable: there was no whole answer in time.
            RemoteMisbehaved: the answer's content coding is broken.
        """
        on = tracing.tracer()
        if on is None:
            return self._send(request, secrets)
        # The path as the document has it: what is filled in may be a person's.
        name = f"{request.operation.method} {request.operation.path}"
        with tracing.span(on, name, kind="client", attributes=self._about(request)) as span:
            traced = evolve(request, headers={**request.headers, **tracing.carried()})
            reply = self._send(traced, secrets)
            span.set_attribute("http.response.status_code", reply.status)
            if not reply.good:
                tracing.fail(span, str(reply.status))
            return reply

    def _about(self, request: Request) -> dict[str, Any]:
        """Name a call as the semantic conventions of OpenTelemetry do."""
        address = urlsplit(self._address.url)
        return {
            "http.request.method": request.operation.method,
            "url.template": request.operation.path,
            "url.scheme": address.scheme,
            "server.address": address.hostname,
            "server.port": address.port or {"http": 80, "https": 443}[address.scheme],
            "user_agent.original": request.headers.get("User-Agent"),
            "crossdock.system": self._address.system,
            "crossdock.operation": request.operation.id,
        }

    def _send(self, request: Request, secrets: Callable[[], Iterable[str]]) -> Reply:
        began = time.monotonic()
        seconds = min(self._timeout, self.seconds_left())
        if seconds <= 0:
            raise RemoteUnavailable(
                f"{self._address.label} was not asked for {request.operation.id}: the time for "
                "this call was over before",
                system=self._address.system,
                maybe_done=False,
            )
        try:
            reply = self._reply(request, began=began, seconds=seconds)
        except httpx.HTTPError as error:
            raise no_answer(
                error,
                label=self._address.label,
                system=self._address.system,
                where=self._address.where,
                operation=request.operation,
                seconds=seconds,
                secrets=secrets(),
            ) from error
        _log.debug(
            "%s %s -> %d in %.0f ms",
            self._address.system,
            request.operation.id,
            reply.status,
            (time.monotonic() - began) * 1000,
        )
        return reply

    def _reply(self, request: Request, *, began: float, seconds: float) -> Reply:
        # Put together here: what the client adds (defaults, cookies, another look at the address)
        # costs more than half as much again as the sending.
        sent = httpx.Request(
            request.operation.method,
            request.url,
            params=request.query or None,  # an empty mapping costs httpx another look at the URL
            json=request.body,
            data=request.form,
            headers={**self._codings, **request.headers},
            extensions={"timeout": dict.fromkeys(_TIMEOUTS, seconds)},
        )
        with closing(self._client.send(sent, stream=True)) as response:
            chunks: list[bytes] = []
            for chunk in response.iter_bytes():
                chunks.append(chunk)
                # httpx limits each read, not their sum: an answer that trickles must end as well.
                if time.monotonic() - began > seconds:
                    raise httpx.ReadTimeout("the answer trickled", request=response.request)
            return Reply(
                status=response.status_code, headers=response.headers, content=b"".join(chunks)
            )


def _certificates(url: str) -> ssl.SSLContext:
    """What a server's certificate is checked against; read only where there will be one.

    Reading all authorities takes longer than opening the rest of a host. Without TLS none is
    trusted.
    """
    if urlsplit(url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context()


def _on_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
