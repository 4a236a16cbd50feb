"""Which host is played by which mock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import final

from crossdock_mocks.engine.errors import ProxyError
from crossdock_mocks.engine.server import Address

_NAME = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


@final
class Hosts:
    """Finds the mock of a host; a host that is not named here is never reached.

    Args:
        routes: Host name, or `*.` and a domain for all hosts below it, to where its mock listens.
            A host's own name wins over a wildcard, and a longer wildcard over a shorter one.

    Raises:
        ProxyError: There is none, or one is not a host name.
    """

    def __init__(self, routes: Mapping[str, Address]) -> None:
        if not routes:
            raise ProxyError("a proxy needs the name of at least one host to answer for")
        self._routes = {name.lower(): address for name, address in routes.items()}
        for name in self._routes:
            if not _NAME.fullmatch(name):
                raise ProxyError(
                    f"{name!r} is not a host name; give it without scheme, port and path, such as "
                    "api.vendor.example or *.vendor.example"
                )

    def find(self, host: str) -> Address | None:
        """Where the mock of a host listens."""
        host = host.lower().rstrip(".")
        if host in self._routes:
            return self._routes[host]
        labels = host.split(".")
        for start in range(1, len(labels)):
            found = self._routes.get(".".join(["*", *labels[start:]]))
            if found is not None:
                return found
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """The names, sorted."""
        return tuple(sorted(self._routes))

    def items(self) -> Iterable[tuple[str, Address]]:
        """Names with the address of their mock, sorted by name."""
        return sorted(self._routes.items())


def read_routes(given: Sequence[str], addresses: Sequence[Address]) -> Hosts:
    """Read `HOST=MOCK` pairs, as on the command line.

    Raises:
        ProxyError: A pair is malformed, names a mock that does not run, or a host twice.
    """
    known = {each.mock: each for each in addresses}
    routes: dict[str, Address] = {}
    for pair in given:
        host, equals, mock = pair.partition("=")
        if not equals or mock not in known:
            raise ProxyError(
                f"{pair!r} should be HOST=MOCK with one of the mocks {', '.join(known)}, "
                f"such as api.vendor.example={addresses[0].mock}"
            )
        if host.lower() in routes:
            raise ProxyError(f"{host} is named twice")
        routes[host.lower()] = known[mock]
    return Hosts(routes)
