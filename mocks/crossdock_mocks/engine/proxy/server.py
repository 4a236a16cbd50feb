"""The proxy itself: it answers CONNECT, ends TLS, and hands the bytes to the mock's own port.

What travels inside is not looked at, so a mock behaves as on its own port: connections are kept
alive, and a fault that cuts one cuts it for the client, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import re
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, final
from urllib.parse import urlsplit

import attrs

from crossdock_mocks.engine.errors import PortInUse
from crossdock_mocks.engine.proxy.authority import Authority
from crossdock_mocks.engine.proxy.environment import environment
from crossdock_mocks.engine.proxy.hosts import Hosts
from crossdock_mocks.engine.server import LOOPBACK, Address

_log = logging.getLogger("crossdock.mocks")

_HEAD_BYTES: Final = 64 * 1024
_PIECE: Final = 64 * 1024
_HEAD_SECONDS: Final = 30.0
_REQUEST_LINE: Final = re.compile(r"([A-Z]+) (\S+) HTTP/1\.[01]")
_OWN_HEADERS: Final = ("proxy-", "connection:", "keep-alive:")


@final
@attrs.frozen
class Proxy:
    """A proxy that listens.

    Attributes:
        url: Where.
        certificate: File with the certificate that clients have to trust; gone when it stops.
        hosts: The hosts it answers for.
    """

    url: str
    certificate: Path
    hosts: Hosts

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead a program here."""
        return environment(self.url, self.certificate)


@contextlib.contextmanager
def proxy_in_thread(
    hosts: Hosts | Mapping[str, Address], *, host: str = LOOPBACK, port: int = 0
) -> Iterator[Proxy]:
    """Answer for hosts from a thread for as long as the block runs.

    Args:
        hosts: Which host is played by which mock.
        host: Address to listen on.
        port: Port to listen on; 0 takes any free one.

    Raises:
        ProxyError: A host has no proper name.
        PortInUse: Another program listens on the port.
    """
    table = hosts if isinstance(hosts, Hosts) else Hosts(hosts)
    authority = Authority()
    with tempfile.TemporaryDirectory(prefix="crossdock-proxy-") as folder:
        certificate = Path(folder) / "authority.pem"
        authority.write_certificate(certificate)
        with contextlib.closing(_listen(host, port)) as listening:
            loop = asyncio.new_event_loop()
            door = _Door(table, authority)
            ending = asyncio.Event()
            thread = threading.Thread(
                target=loop.run_until_complete,
                args=(door.serve(listening, ending),),
                name="crossdock-proxy",
                daemon=True,
            )
            thread.start()
            try:
                yield Proxy(f"http://{host}:{listening.getsockname()[1]}", certificate, table)
            finally:
                loop.call_soon_threadsafe(ending.set)
                thread.join()
                loop.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port) from error
        raise


class _Refused(Exception):  # noqa: N818 - what the client is told
    """The client asked for something that this proxy does not do.

    Attributes:
        status: Status and reason phrase: clients show it when a tunnel is refused.
    """

    def __init__(self, status: str, detail: str) -> None:
        self.status = status
        super().__init__(detail)


@final
class _Door:
    def __init__(self, hosts: Hosts, authority: Authority) -> None:
        self._hosts = hosts
        self._authority = authority
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self, listening: socket.socket, ending: asyncio.Event) -> None:
        server = await asyncio.start_server(self._meet, sock=listening, limit=_HEAD_BYTES)
        await ending.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # a stream's callback is run as a task
        self._open.add(task)
        try:
            await self._serve_one(reader, writer)
        except (ConnectionError, ssl.SSLError) as error:
            _log.debug("a client went away: %s", error)
        finally:
            self._open.discard(task)
            # Closing waits for TLS to take its leave; nobody waits for that when all is over.
            (writer.transport.abort if task.cancelling() else writer.close)()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *headers = head[:-4].split("\r\n")
            method, target = self._read(line)
            if method == "CONNECT":
                await self._tunnel(target, reader, writer)
            else:
                await self._forward(method, target, headers, reader, writer)
        except asyncio.IncompleteReadError:
            return  # it connected and left
        except (asyncio.LimitOverrunError, TimeoutError):
            self._refuse(writer, "400 No request", "No request came that could be read.")
        except _Refused as refused:
            self._refuse(writer, refused.status, str(refused))

    def _read(self, line: str) -> tuple[str, str]:
        found = _REQUEST_LINE.fullmatch(line)
        if found is None:
            raise _Refused("400 Not HTTP", "This is a proxy for HTTP/1.1.")
        return found[1], found[2]

    def _find(self, host: str | None) -> Address:
        found = self._hosts.find(host or "")
        if found is None:
            raise _Refused(
                "403 Host is not mocked",
                f"{host} is not played here, and nothing is forwarded to the real one. "
                f"This proxy answers for {', '.join(self._hosts.names)}.",
            )
        return found

    def _refuse(self, writer: asyncio.StreamWriter, status: str, detail: str) -> None:
        body = f"{detail}\n".encode()
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)

    async def _tunnel(
        self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host = _host(f"//{target}")
        address = self._find(host)
        context = self._authority.context(host)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        try:
            await writer.start_tls(context)
        except (ConnectionError, ssl.SSLError) as error:
            _log.warning(
                "a client hung up when it saw the certificate of %s: was it told to trust the "
                "proxy's authority (SSL_CERT_FILE and its like)? %s",
                host,
                error,
            )
            return
        await _join(reader, writer, address, b"")

    async def _forward(
        self,
        method: str,
        target: str,
        headers: list[str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Hand on one request that came with its whole URL: plain http, or axios asking for https.

        The next one on the connection may be for another host, so the mock is asked to close it.
        """
        scheme, rest = target.partition("://")[::2]
        if scheme.lower() not in ("http", "https"):
            raise _Refused(
                "400 This is a proxy",
                "Use it as one: see the environment that it prints. "
                f"It answers for {', '.join(self._hosts.names)}.",
            )
        address = self._find(_host(f"//{rest}"))
        path = "/" + rest.partition("/")[2] if "/" in rest else "/"
        kept = [each for each in headers if not each.lower().startswith(_OWN_HEADERS)]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "connection: close", "", ""])
        await _join(reader, writer, address, head.encode("latin-1"))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError as error:
        raise _Refused("400 Not a host", f"{url} names no host: {error}.") from error


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address, head: bytes
) -> None:
    """Carry bytes both ways until one of both ends closes."""
    from_mock, to_mock = await asyncio.open_connection(address.host, address.port)
    to_mock.write(head)
    ways = {
        asyncio.create_task(_carry(reader, to_mock)),
        asyncio.create_task(_carry(from_mock, writer)),
    }
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        to_mock.close()
        for way in ways:
            way.cancel()
        for ended in await asyncio.gather(*ways, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(
                ended, ConnectionError | ssl.SSLError
            ):
                raise ended


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
