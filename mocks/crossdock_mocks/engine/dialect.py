"""What a system contributes to the engine: its document, how it behaves, how it says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import attrs

from crossdock_mocks.engine.messages import Reply, Request, Response
from crossdock_mocks.engine.problem import Problem, Violation
from crossdock_mocks.engine.tables import TableSpec
from crossdock_mocks.engine.world import World

if TYPE_CHECKING:
    from crossdock_mocks.engine.webhooks import Event, EventSource, Gathering, Webhooks
    from crossdock_mocks.engine.webhooks.outbox import Post
    from crossdock_mocks.engine.webhooks.signing import Addressed, Sign


@attrs.define(eq=False)
class Call:
    """One call of one operation, checked against the document.

    Attributes:
        operation_id: The operation.
        path: Path parameters, decoded to their types.
        query: Query parameters, decoded, defaults filled in; one that was not given and has no
            default is missing. `format: date` gives a `date`, `date-time` an aware `datetime`,
            `type: number` a `Decimal`.
        headers: Declared header parameters by lower-case name, decoded.
        body: The parsed body (JSON or form), or `None`.
        world: The world that is called.
        request: The request as it came.
        credentials: Scheme name to what came for it: the key, the bearer token, or
            `user:password` of HTTP basic. Of the schemes that the operation names.
        scopes: Scopes that the operation asks for.
        principal: What `Dialect.authenticate` gave; `None` where no security is declared.
    """

    operation_id: str
    path: dict[str, Any]
    query: dict[str, Any]
    headers: dict[str, Any]
    body: Any
    world: World
    request: Request
    credentials: dict[str, str] = attrs.field(factory=dict)
    scopes: tuple[str, ...] = ()
    principal: Any = None

    @property
    def now(self) -> datetime:
        """The instant by the world's clock."""
        return self.world.clock.now

    @property
    def today(self) -> date:
        """The day by the world's clock."""
        return self.world.clock.today


Behaviour: TypeAlias = Callable[[Call], Reply]
"""Carries out one operation on `call.world`; it raises `Problem` to refuse, which undoes it all."""


@runtime_checkable
class Within(Protocol):
    """A behaviour that makes exchanges of its own, such as a batch."""

    def __call__(self, call: Call) -> Reply:
        """Refuse to run: it is bound by the app first."""

    def within(self, exchange: Callable[[World, Request], Response]) -> Behaviour:
        """The behaviour, with the exchange of the app that it is in."""


def problem_details(problem: Problem) -> Reply:
    """Say no as RFC 9457 problem details, with `code` and `errors`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = [_violation(each) for each in problem.errors]
    headers = {"content-type": "application/problem+json", **problem.headers}
    return Reply(problem.status, body, headers)


def _violation(each: Violation) -> dict[str, Any]:
    return {
        "pointer": each.pointer,
        "message": each.message,
        "expected": each.expected,
        "received": each.received,
        "in": each.where,
    }


def _nothing(world: World, dataset: Any) -> None:
    """A system without a beginning."""


@attrs.frozen
class Dialect:
    """One system: a document, and the behaviour behind it.

    Attributes:
        name: Its name, as on the command line.
        document: Path of its OpenAPI document (YAML or JSON).
        behaviours: Operation id to behaviour; each operation has one.
        tables: What its worlds hold.
        seed: Fills a new world from a data set.
        authenticate: Called for operations with security, when credentials of the right form came;
            gives the principal, or `None` if they are not good (the engine answers 401). It may
            raise a `Problem` of its own, such as a 403. Its call has no body and no parameters yet.
        problem_reply: Puts a problem into the system's own words.
        max_body: Largest body taken, in bytes; a larger one is answered 413.
        foreign: Whether the document was not written for the mock: operations without an id go by
            method and path, and a behaviour may refuse with a status that it is silent on.
        refuse: As `problem_reply`, but knows the operation; takes its place where it is given.
        refuse_at: As `problem_reply`, but knows world and request, for systems whose refusals tell
            the time, or are worded by path; takes the place of both others where it is given.
        events: Where the events of its webhooks come from.
        signing: Its own schemes of signing webhooks, by name.
        payload: Writes an event of its webhooks.
        payloads: The same by the scheme that a subscription asks for, where forms differ by it.
        posts: How messages are sent by their scheme, where a status alone does not say that they
            were taken.
        gathering: How messages of one subscriber are sent together; each by itself unless given.
    """

    name: str
    document: Path = attrs.field(converter=Path)
    behaviours: Mapping[str, Behaviour]
    tables: Sequence[TableSpec] = ()
    seed: Callable[[World, Any], None] = _nothing
    authenticate: Callable[[Call], Any] | None = None
    problem_reply: Callable[[Problem], Reply] = problem_details
    max_body: int = 2_000_000
    events: Sequence[EventSource] = ()
    signing: Mapping[str, Sign | Addressed] = attrs.field(factory=dict)
    payload: Callable[[Event], bytes] | None = None
    payloads: Mapping[str, Callable[[Event], bytes]] = attrs.field(factory=dict)
    posts: Mapping[str, Post] = attrs.field(factory=dict)
    gathering: Gathering | None = None

    def say_no(
        self, problem: Problem, world: World, request: Request, operation_id: str | None = None
    ) -> Reply:
        """Put a problem into the system's own words, by the most knowing of its three ways."""
        if self.refuse_at is not None:
            return self.refuse_at(problem, world, request)
        if self.refuse is not None and operation_id is not None:
            return self.refuse(problem, operation_id)
        return self.problem_reply(problem)

    def prepare_webhooks(self, webhooks: Webhooks) -> None:
        """Say where the events of a world come from, and how they are written and signed."""
        webhooks.sources(self.events)
        webhooks.schemes.update(self.signing)
        if self.payload is not None:
            webhooks.payload = self.payload
        webhooks.payloads.update(self.payloads)
        webhooks.posts.update(self.posts)
        webhooks.gathering = self.gathering

    foreign: bool = False
    refuse: Callable[[Problem, str], Reply] | None = None
    refuse_at: Callable[[Problem, World, Request], Reply] | None = None
