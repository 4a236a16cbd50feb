"""Mocks on ports: uvicorn with httptools and uvloop, on sockets of our own."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import final

import attrs

from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.courier import Courier
from crossdock_mocks.engine.errors import PortInUse
from crossdock_mocks.engine.world import World

LOOPBACK = "127.0.0.1"
_START_SECONDS = 10.0


@final
@attrs.frozen
class Address:
    """Where a mock listens.

    Attributes:
        mock: Name of its dialect.
        host: Host name or address.
        port: Port, the real one where 0 was asked for.
    """

    mock: str
    host: str
    port: int

    @property
    def base_url(self) -> str:
        """The URL without a slash at its end."""
        return f"http://{self.host}:{self.port}"


def serve(
    apps: Sequence[tuple[App, World]],
    host: str = LOOPBACK,
    ports: Sequence[int] = (),
    ready: Callable[[list[Address]], None] | None = None,
) -> None:
    """Serve mocks until SIGINT or SIGTERM, each on a port of its own, in one event loop.

    Call it from the main thread; elsewhere use `serve_in_thread`.

    Args:
        apps: Each mock with its world.
        host: Address to listen on.
        ports: One per mock; 0, or one that is missing, takes any free port.
        ready: Called with the addresses as soon as connections are answered.

    Raises:
        PortInUse: Another program listens on one of the ports; nothing was started then.
    """
    from crossdock_mocks.engine.uvicorn_server import make_server

    sockets, addresses = _listen(apps, host, ports)
    try:
        server = make_server(apps, [each.port for each in addresses])
        if ready is not None:
            server.when_started = lambda: ready(addresses)
        with Courier(world for _, world in apps):
            server.run(sockets=sockets)
    finally:
        for each in sockets:
            each.close()


@contextlib.contextmanager
def serve_in_thread(
    *apps: tuple[App, World], host: str = LOOPBACK, ports: Sequence[int] = ()
) -> Iterator[list[Address]]:
    """Serve mocks from a thread for as long as the block runs; gives their addresses, in order.

    Raises:
        PortInUse: Another program listens on one of the ports.
        RuntimeError: The server did not start.
    """
    from crossdock_mocks.engine.uvicorn_server import make_server

    sockets, addresses = _listen(apps, host, ports)
    server = make_server(apps, [each.port for each in addresses])
    started = threading.Event()
    server.when_started = started.set
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": sockets}, name="crossdock-mocks", daemon=True
    )
    thread.start()
    try:
        if not started.wait(_START_SECONDS):
            raise RuntimeError(f"the mock server did not start within {_START_SECONDS:.0f} s")
        with Courier(world for _, world in apps):
            yield addresses
    finally:
        server.should_exit = True
        thread.join()
        for each in sockets:
            each.close()


def _listen(
    apps: Sequence[tuple[App, World]], host: str, ports: Sequence[int]
) -> tuple[list[socket.socket], list[Address]]:
    if len(ports) > len(apps):
        raise ValueError(f"{len(ports)} ports for {len(apps)} mocks")
    sockets: list[socket.socket] = []
    addresses: list[Address] = []
    wanted = [*ports, *([0] * (len(apps) - len(ports)))]
    for (app, _), port in zip(apps, wanted, strict=True):
        each = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        sockets.append(each)
        try:
            if sys.platform != "win32":
                each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            each.bind((host, port))
            each.listen(2048)
        except OSError as error:
            for opened in sockets:
                opened.close()
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(host, port) from error
            raise
        addresses.append(Address(app.dialect.name, host, each.getsockname()[1]))
    return sockets, addresses
