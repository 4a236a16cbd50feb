"""The worlds of one mock: forks of a first one, chosen by a header or by the token that comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, final

import attrs

from crossdock_mocks.engine.messages import Request
from crossdock_mocks.engine.problem import Problem

if TYPE_CHECKING:
    from crossdock_mocks.engine.world import World

WORLD_HEADER = "x-mock-world"


@final
class Worlds:
    """A first world, and the forks that were made of it. They share nothing.

    A door asks `choose` when a request has the header `WORLD_HEADER`, or there are `tokens`.

    Args:
        first: The world that answers when none is asked for.
    """

    def __init__(self, first: World) -> None:
        self._first = first
        self._forks: dict[str, World] = {}
        self.tokens: dict[str, tuple[World, str | None]] = {}
        """Token to its world, and what the mock gets to see in its place."""
        self._lock = threading.Lock()
        self.wake: Callable[[], None] = lambda: None
        """Called when somebody has subscribed to webhooks of one of these worlds."""
        self.prepare: Callable[[World], None] = lambda _: None
        """Called with each fork that is made, such as to arm a plan of faults."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all worlds, the first one first."""
        return (self._first.name, *self._forks)

    def __iter__(self) -> Iterator[World]:
        return iter([self._first, *self._forks.values()])

    def get(self, name: str) -> World:
        """A world by its name.

        Raises:
            KeyError: There is none of this name.
        """
        return self._first if name == self._first.name else self._forks[name]

    def create(
        self,
        name: str,
        of: str | None = None,
        token: str | None = None,
        credential: str | None = None,
    ) -> World:
        """Fork a world.

        Args:
            name: Its name, which is free.
            of: The world whose present state it begins with; without it, the sealed state of the
                first one.
            token: Requests that carry this credential (bearer token or API key) are of this world,
                without any header.
            credential: What the mock gets to see in its place, such as a key that it knows.

        Raises:
            KeyError: There is no world `of`.
            ValueError: The name or the token is taken.
        """
        with self._lock:
            if name in self.names:
                raise ValueError(f"there is a world {name!r} already")
            if token in self.tokens:
                raise ValueError("another world has this token")
            made = self._first.fork(name, sealed=True) if of is None else self.get(of).fork(name)
            self.prepare(made)
            self._forks[name] = made
            if token is not None:
                self.tokens[token] = (made, credential)
            return made

    def remove(self, name: str) -> None:
        """Let go of a fork.

        Raises:
            KeyError: There is no fork of this name; the first world stays.
        """
        with self._lock:
            gone = self._forks.pop(name)
            self.tokens = {t: each for t, each in self.tokens.items() if each[0] is not gone}
        gone.close()

    def choose(self, request: Request) -> tuple[World, Request]:
        """The world that a request is for, and the request as that world gets it.

        Raises:
            Problem: 404 `unknown_world`.
        """
        name = request.headers.get(WORLD_HEADER)
        if name is not None:
            try:
                return self.get(name), request
            except KeyError:
                raise Problem(
                    404, "unknown_world", "There is no such world",
                    f"There is no world {name!r}; make it with POST /_mock/worlds "
                    f'{{"name": "{name}"}}.',
                ) from None  # fmt: skip
        for header, text in request.headers.items():
            scheme, space, rest = text.partition(" ")
            found = self.tokens.get(text) or self.tokens.get(rest)
            if found is not None:
                world, credential = found
                if credential is None:
                    return world, request
                seen = f"{scheme} {credential}" if space else credential
                return world, attrs.evolve(request, headers={**request.headers, header: seen})
        return self._first, request
