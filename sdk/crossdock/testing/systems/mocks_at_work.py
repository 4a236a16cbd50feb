"""Rules about a mock at work: whom it lets in, what it keeps, and what of it was proved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from crossdock.testing.mock import Mock, Shelf
from crossdock.testing.rule import Finding, NotAsked, Skipped
from crossdock.testing.systems.mocks import app_of, document_of, operations_of
from crossdock.testing.systems.papers import own_tests
from crossdock.testing.systems.project import System
from crossdock.testing.systems.registry import MOCK_TRIALS

rule: Final = MOCK_TRIALS.rule
_NOT_GOOD: Final = 400
_JUNK: Final = (b"[]", b'{"no such field": 1}', b"null", b'{"', b"<html/>")


@rule("bronze")
def begins_with_any_company(system: System) -> Iterator[Finding]:
    """It starts with nothing, and with the company that the other mocks of a run tell of.

    `crossdock mock crm <it>` hands the same data set to all; a test may hand over none.
    """
    app = app_of(system)
    shelf = Shelf()
    for what, data in (("nothing", None), ("a generated company", shelf.company())):
        try:
            app.open_world(data).close()
        except Exception as wrong:  # noqa: BLE001 - whatever seed raises is the finding
            yield Finding(
                what=f"begun with {what}, seed raises {type(wrong).__name__}: {wrong}",
                do="let seed take a data set or None",
            )
    shelf.close()


@rule("bronze")
def strangers_are_refused(system: System) -> Iterator[Finding]:
    """Without credentials, and with forged ones, every operation that asks for some says no.

    And leaves its world as it was: a mock that is lenient hides the day when a key has expired.
    """
    document = document_of(system)
    asked = {
        operation["operationId"]
        for _, operation in operations_of(document)
        if operation.get("security", document.get("security"))
    }
    if not asked:
        raise NotAsked("no operation asks for credentials")
    app = app_of(system)
    with _at_work(system, app) as mock:
        before = mock.state()
        for name in sorted(asked):
            operation = app.operations[name]
            for headers in ({}, _forged(document)):
                answer = _send(mock, operation, headers, b"{}")
                if answer.status_code not in (401, 403):
                    yield Finding(
                        what=f"{name} answers {answer.status_code} to "
                        f"{'forged' if headers else 'no'} credentials",
                        do="let authenticate give None for whom it does not know",
                    )
        if mock.state() != before:
            yield Finding(
                what="something was written for a stranger",
                do="ask who it is before anything else",
            )


@rule("silver")
def nothing_is_kept_of_a_refusal(system: System) -> Iterator[Finding]:
    """What is refused leaves nothing behind; no junk makes it fall over.

    Every operation is sent bodies that are no such thing. `headers` of `[tool.crossdock.mock]` has
    the credentials of somebody who may do everything.
    """
    app = app_of(system)
    headers = _known(system)
    with _at_work(system, app) as mock:
        for name, operation in sorted(app.operations.items()):
            for junk in _JUNK:
                before = mock.state()
                answer = _send(mock, operation, headers, junk)
                if answer.status_code >= 500:
                    yield Finding(
                        what=f"{name} answers {answer.status_code} to {junk.decode()}: "
                        f"{answer.text[:200]}",
                        do="refuse it: Problem(400, ...), or let the document do so",
                    )
                elif answer.status_code >= _NOT_GOOD and mock.state() != before:
                    yield Finding(
                        what=f"{name} refuses {junk.decode()} and keeps something of it",
                        do="raise Problem; what was written before is rolled back then",
                    )


@rule("silver")
def answers_are_proven(system: System) -> Iterator[Finding]:
    """Its own tests reach every operation, and get the answer that it is there for.

    What no test has seen is a guess, whatever `x-provenance` says. `crossdock_mocks.proofs` writes
    down which test reached what.
    """
    yield from _unproven(system, good=True)


@rule("gold")
def refusals_are_proven(system: System) -> Iterator[Finding]:
    """Its own tests reach every refusal that the document promises.

    Clients are written against refusals as much as against answers.
    """
    yield from _unproven(system, good=False)


def _unproven(system: System, *, good: bool) -> Iterator[Finding]:
    app, document = app_of(system), document_of(system)
    ran = own_tests(system)
    if not ran.good:
        raise Skipped("its tests fail; the rule own-tests-pass says how")
    reached: Mapping[str, frozenset[int]] = ran.reached.get(app.dialect.name, {})
    for _, operation in operations_of(document):
        name = operation["operationId"]
        wanted = {int(each) for each in operation.get("responses", {}) if str(each).isdigit()}
        wanted = {each for each in wanted if (each < _NOT_GOOD) is good}
        seen = reached.get(name, frozenset())
        if good and wanted & seen:
            continue  # of several good answers one is what it is there for
        if missing := sorted(wanted - seen):
            yield Finding(
                what=f"no test gets {', '.join(map(str, missing))} from {name}",
                do="write one, or take the answer out of the document",
            )


def _known(system: System) -> dict[str, str]:
    headers = system.tried_with.get("headers", {})
    document = document_of(system)
    asks = any(
        operation.get("security", document.get("security"))
        for _, operation in operations_of(document)
    )
    if asks and not headers:
        raise Skipped(
            "pyproject.toml does not say who may do everything: [tool.crossdock.mock] "
            'headers = { X-Api-Key = "..." }'
        )
    return {str(name): str(value) for name, value in headers.items()}


def _forged(document: Mapping[str, Any]) -> dict[str, str]:
    schemes = document.get("components", {}).get("securitySchemes", {}).values()
    return {
        each["name"] if each.get("in") == "header" else "Authorization": "Bearer forged"
        for each in schemes
    }


def _send(mock: Mock, operation: Any, headers: Mapping[str, str], body: bytes) -> Any:
    path = "/".join("X-1" if part.startswith("{") else part for part in operation.path.split("/"))
    sends = operation.method in ("POST", "PUT", "PATCH")
    with mock.client(headers=headers) as client:
        return client.request(
            operation.method,
            path,
            content=body if sends else None,
            headers={"Content-Type": "application/json"} if sends else {},
        )


@contextmanager
def _at_work(system: System, app: Any) -> Iterator[Mock]:
    shelf = Shelf()
    mock = Mock(system.id, app, app.open_world(shelf.company()))
    try:
        yield mock
    finally:
        mock.world.close()
        shelf.close()
