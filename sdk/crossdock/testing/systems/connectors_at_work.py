"""Rules about a connector at work: on a system that fails, and on a mock of its document."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any, Final

import httpx

from crossdock.errors import CrossdockError
from crossdock.ports import scopes_of
from crossdock.testing.builders import a_customer
from crossdock.testing.dock import nobody_waits
from crossdock.testing.mock import Mock, Shelf
from crossdock.testing.rule import Finding, NotAsked, Skipped
from crossdock.testing.systems.connectors import (
    NAME,
    connect,
    opened,
    port_of,
    settings_of,
)
from crossdock.testing.systems.project import System
from crossdock.testing.systems.registry import CONNECTOR_TRIALS
from crossdock_mocks.engine import App

rule: Final = CONNECTOR_TRIALS.rule
Answer = Callable[[httpx.Request], httpx.Response]
_MOST_PAGES: Final = 200


def _drops(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("the line dropped", request=request)


def _is_silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer in time", request=request)


def _status(status: int) -> Answer:
    return lambda _: httpx.Response(status, json={"message": "no"})


_BAD_DAYS: Final[Mapping[str, Answer]] = {
    "a line that drops": _drops,
    "no answer in time": _is_silent,
    "500": _status(500),
    "503 with a page of HTML": lambda _: httpx.Response(503, html="<h1>Be right back</h1>"),
    "401": _status(401),
    "403": _status(403),
    "404": _status(404),
    "429": lambda _: httpx.Response(429, headers={"Retry-After": "1"}, json={}),
    "200 with a page of HTML": lambda _: httpx.Response(200, html="<h1>Sign in</h1>"),
    "200 with half a JSON document": lambda _: httpx.Response(200, text='{"items": [{"id": '),
}
_HALF_ANSWERS: Final[Mapping[str, Answer]] = {
    "null": lambda _: httpx.Response(200, text="null"),
    "a number": lambda _: httpx.Response(200, json=17),
    "an empty object": lambda _: httpx.Response(200, json={}),
    "a list of texts": lambda _: httpx.Response(200, json=["x"]),
}


def readings(port: Any) -> dict[str, Callable[[], Any]]:
    """Give what can be read with arguments that anybody can make up, by the method's name."""
    made: Mapping[str, Any] = {
        "str": "X-1",
        "Decimal": Decimal(1),
        "TradingAccount": a_customer("X-1", system=NAME),
    }
    found: dict[str, Callable[[], Any]] = {}
    for name, scope in scopes_of(port_of(port)).items():
        method = getattr(port, name, None)
        own = getattr(type(port), name, None)
        if not callable(method) or not scope.endswith(":read") or _says_no(own):
            continue
        wanted = [
            each
            for each in inspect.signature(getattr(port_of(port), name)).parameters.values()
            if each.default is inspect.Parameter.empty and each.name != "self"
        ]
        if all(str(each.annotation) in made for each in wanted):
            given = [made[str(each.annotation)] for each in wanted]
            found[name] = partial(method, *given)
    return found


def _says_no(method: Any) -> bool:
    """Whether a method is one of those that only say that the system cannot do it."""
    return str(getattr(method, "__module__", "")) == "crossdock.connectors.partial"


@rule("bronze")
def fails_in_the_words_of_crossdock(system: System) -> Iterator[Finding]:
    """Whatever goes wrong with the system is an error of `crossdock.errors`.

    The host goes by their classes: it keeps a draft, tries an event again, or asks a person. A
    `KeyError`, or an httpx error, tells it that the connector is broken.
    """
    yield from _falls_over(system, _BAD_DAYS, "answered with")


@rule("silver")
def takes_no_half_answer(system: System) -> Iterator[Finding]:
    """An answer that is not what the document says is an error, and never an empty list.

    `crossdock.connectors.reading` takes each field strictly: a customer without a number is a
    fault of the system that is told, and not a customer.
    """
    yield from _falls_over(system, _HALF_ANSWERS, "answered with", must_fail=True)


def _falls_over(
    system: System, answers: Mapping[str, Answer], how: str, *, must_fail: bool = False
) -> Iterator[Finding]:
    with nobody_waits():
        for name, answer in answers.items():
            with opened(system, answer) as port:
                methods = readings(port)
                if not methods:
                    raise NotAsked("it reads nothing by itself")
                for method, read in methods.items():
                    try:
                        read()
                    except CrossdockError:
                        continue
                    except Exception as wrong:  # noqa: BLE001 - anything else is the finding
                        yield Finding(
                            what=f"{method}, {how} {name}, raises {type(wrong).__name__}: {wrong}",
                            do="call by crossdock.connectors.http.Remote and read by its `read`",
                        )
                        continue
                    if must_fail:
                        yield Finding(
                            what=f"{method}, {how} {name}, gives an answer all the same",
                            do="read each field strictly: crossdock.connectors.reading",
                        )


@rule("silver")
def walks_every_page(system: System) -> Iterator[Finding]:
    """Read page by page, a list gives each record once, and ends.

    Tried on a mock of its document, one record a page; `after` takes what `next` gave.
    """
    with nobody_waits(), _at_its_mock(system) as port:
        asked = 0
        for name in ("customers", "items", "credit_list", "accounts"):
            method = getattr(port, name, None)
            if not callable(method) or _says_no(getattr(type(port), name, None)):
                continue
            asked += 1
            seen: list[str] = []
            after = None
            for _ in range(_MOST_PAGES):
                page = method(after=after, limit=1)
                seen += [getattr(each, "id", "") or each.customer_id for each in page.items]
                after = page.next
                if after is None:
                    break
            else:
                yield Finding(
                    what=f"{name} gives a next page {_MOST_PAGES} times and more",
                    do="end with next = None where the system has nothing more",
                )
            if len(set(seen)) != len(seen):
                yield Finding(
                    what=f"{name} gives {len(seen) - len(set(seen))} records twice",
                    do="go on exactly after the last one: by the system's own cursor",
                )
            if not seen:
                raise Skipped(f"{name} of the mock is empty, so nothing was walked")
        if not asked:
            raise NotAsked("it lists nothing page by page")


@contextmanager
def _at_its_mock(system: System) -> Iterator[Any]:
    """Open it at the project's own mock of the same system, else at one of its document."""
    settings, shelf = settings_of(system), Shelf()
    try:
        mock = _mock_of(system, shelf)
        if "url" in settings:
            settings["url"] = mock.url
        port = connect(system, settings, mock.transport())
        try:
            yield port
        finally:
            port.close()
            mock.world.close()
    finally:
        shelf.close()


def _mock_of(system: System, shelf: Shelf) -> Mock:
    if system.id in system.siblings:
        app = App(system.load(system.siblings[system.id])())
        return Mock(system.id, app, app.open_world(shelf.company()))
    if system.document is None:
        raise Skipped("the project has no mock of the system, and names no document")
    return shelf.open(system.document)


@rule("silver")
def lets_go(system: System) -> Iterator[Finding]:
    """Closed, it has closed its connections; closed twice, it is quiet.

    A host that replaces a configuration closes what it had before.
    """
    transport = _Watched()
    try:
        port = connect(system, settings_of(system), transport)
    except Exception as wrong:
        raise Skipped("it cannot be opened; the rule connector-opens says why") from wrong
    port.close()
    try:
        port.close()
    except Exception as wrong:  # noqa: BLE001 - the finding
        yield Finding(what=f"closed twice, it raises {wrong!r}", do="let close be repeatable")
    if not transport.closed:
        yield Finding(
            what="close leaves its connections open", do="close what was opened: Remote.close"
        )


class _Watched(httpx.BaseTransport):
    """A transport that remembers whether it was closed."""

    closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody is there", request=request)

    def close(self) -> None:
        self.closed = True
