"""The side-car as an ASGI application: each operation of the document is a route."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import orjson
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock import tracing
from crossdock.connectors.calling import at_depth, calling_as
from crossdock.errors import CrossdockError
from crossdock.server.api.api import Api, ApiHost
from crossdock.server.api.bodies import media_type_of, parse_json, read_body
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.callers import Caller, unauthorized
from crossdock.server.api.contract import Operation, read_parameters, wrongs
from crossdock.server.api.health import is_live
from crossdock.server.api.hints import check_systems, handshake
from crossdock.server.api.operations import HANDLERS, check_complete
from crossdock.server.api.pool import ClientGone
from crossdock.server.api.problems import Problem, problem_of, unreadable
from crossdock.server.api.settings import ApiSettings, Rate
from crossdock.server.api.shield import CALLER, CORRELATION, OPERATION, Shield, failed
from crossdock.server.api.signatures import verify
from crossdock.server.api.tokens import Tokens
from crossdock.server.embed.settings import EmbedSettings

_log: Final = logging.getLogger("crossdock.api")
_GONE: Final = 499  # nobody reads it; it stands in the log
#: Judges an answer before it is sent; tests hand in one that knows the document.
Judge = Callable[[Operation, Answer], None]


def create_api(
    host: ApiHost,
    settings: ApiSettings,
    *,
    tokens: Tokens | None = None,
    embed: EmbedSettings | None = None,
    judge: Judge | None = None,
    identity: str = "serve",
) -> Starlette:
    """Make the side-car of a host.

    Args:
        host: what answers; it is not closed by the side-car.
        settings: how the side-car behaves.
        tokens: judges bearer tokens; made from the settings by default.
        embed: the table `[embed]`, where links to frames are to be signed; whoever makes the
            side-car serves the frames beside it.
        judge: is shown every answer of an operation and raises where it is off the document.
        identity: names this process to the remote systems.
    """
    api = Api(host, settings, tokens=tokens, embed=embed)
    check_complete(api.contract)
    check_systems(settings, (host.crm.system, *host.erp.systems))
    served = _Served(api, judge, identity)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        api.close()

    middleware = [Middleware(Shield), Middleware(_KnownHosts, hosts=settings.hosts)]
    if settings.origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.origins),
                allow_methods=["GET", "POST", "PUT"],
                allow_headers=[
                    "Accept", "Authorization", "Content-Type", "Idempotency-Key", "If-Match",
                    "If-None-Match", "X-Api-Key", "X-Correlation-Id", "X-Crossdock-User",
                ],
                expose_headers=["ETag", "Location", "Retry-After", "X-Correlation-Id"],
            )
        )  # fmt: skip
    app = Starlette(
        routes=[
            Route(each.path, served.endpoint(each), methods=[each.method], name=each.id)
            for each in api.contract.operations.values()
        ],
        middleware=middleware,
        exception_handlers={HTTPException: _no_such_operation},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.api = api
    return app


class _Served:
    """Turns operations into endpoints: who calls, how often, what is asked, then the answer."""

    def __init__(self, api: Api, judge: Judge | None, identity: str) -> None:
        self._api = api
        self._judge = judge
        self._identity = identity

    def endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            began = time.perf_counter()
            correlation_id: str = request.scope[CORRELATION]
            request.scope[OPERATION] = operation.id
            limits: dict[str, str] = {}
            try:
                response = await self._answer(operation, request, correlation_id, limits)
            except Problem as problem:
                response = problem.answer(correlation_id)
            except (ClientGone, ClientDisconnect):
                response = Response(status_code=_GONE)
            except Exception:  # noqa: BLE001 - the boundary: a problem, never a traceback
                _log.exception("%s failed (%s)", operation.id, correlation_id)
                response = failed(correlation_id)  # type: ignore[assignment]
            for name, value in limits.items():
                response.headers.setdefault(name, value)
            self._api.figures.answered(
                operation.id, response.status_code, time.perf_counter() - began
            )
            return response

        return endpoint

    async def _answer(
        self,
        operation: Operation,
        request: Request,
        correlation_id: str,
        limits: dict[str, str],
    ) -> Response:
        headers = dict(request.headers)
        caller = None
        if operation.signed:
            self._limit_sender(request, limits)
        elif not operation.open:
            caller = await self._caller(request, headers, limits)
            request.scope[CALLER] = caller.name
            _admit(operation, caller)
        read, wrong = read_parameters(
            operation, request.path_params, request.query_params.multi_items(), headers
        )
        if wrong:
            raise unreadable(f"{wrong[0].pointer} {wrong[0].message}", wrong)
        _once_each(operation, request)
        call = Call(
            api=self._api,
            operation=operation,
            read=read,
            headers=headers,
            caller=caller,
            correlation_id=correlation_id,
        )
        if operation.signed and (greeting := handshake(call)) is not None:
            return self._response(operation, greeting)
        if operation.bodies:
            await self._read(call, request)
        if HANDLERS[operation.id] is is_live:
            return self._response(operation, is_live(call))
        pool = self._api.service if operation.tag == "Service" else self._api.pool
        answer = await pool.run(
            functools.partial(self._work, call), functools.partial(_gone, request)
        )
        return self._response(operation, answer)

    def _limit_sender(self, request: Request, limits: dict[str, str]) -> None:
        """Limit messages of a sender before their signature is looked at, which costs time."""
        name = request.path_params["sender"]
        sender = self._api.settings.senders.get(name)
        if sender is None:
            # Not told apart from a wrong signature: who is configured is nobody's business.
            self._guessed(request)
            raise unauthorized("No sender of this name has signed this.")
        request.scope[CALLER] = f"sender:{name}"
        self._limit(f"sender:{name}", sender.rate, limits)

    def _limit(self, name: str, rate: Rate, limits: dict[str, str]) -> None:
        allowance = self._api.buckets.take(name, rate)
        limits.update(allowance.headers)
        if not allowance.granted:
            raise Problem(
                429, "too_many_requests", "Too many requests",
                f"{name} may send {rate.per_second:g} a second, and {rate.burst} at once.",
            )  # fmt: skip

    async def _caller(
        self, request: Request, headers: dict[str, str], limits: dict[str, str]
    ) -> Caller:
        address = request.client.host if request.client else ""
        try:
            caller = self._api.callers.by_key(headers)
            if caller is None:
                if headers.get("authorization") and not self._api.guess(address, tokens=0):
                    raise _too_many_guesses()
                caller = await self._api.judging.run(
                    functools.partial(self._api.callers.by_token, headers),
                    functools.partial(_never, request),
                )
        except Problem as problem:
            if problem.status == 401:
                _log.warning(
                    "refused a caller from %s: %s (%s)",
                    address, problem.__cause__ or problem.detail, request.scope[CORRELATION],
                )  # fmt: skip
                self._guessed(request)
            raise
        self._limit(caller.name, caller.rate, limits)
        return caller

    def _guessed(self, request: Request) -> None:
        """Count credentials that nobody knows, and slow down whoever goes on sending them."""
        address = request.client.host if request.client else ""
        if not self._api.guess(address, tokens=1):
            raise _too_many_guesses()

    async def _read(self, call: Call, request: Request) -> None:
        settings = self._api.settings
        media = media_type_of(request, call.operation.bodies)
        call.raw = await read_body(request, most=settings.body_bytes, seconds=settings.read_seconds)
        call.media_type = media
        if call.operation.signed:
            # Before anything in it is believed, or even parsed.
            try:
                verify(settings.senders[call.path("sender")], call.headers, call.raw)
            except Problem:
                self._guessed(request)
                raise
        call.body = parse_json(call.raw)
        if wrong := wrongs(call.operation.bodies[media], call.body):
            raise Problem(
                422, "invalid", "The body does not fit",
                f"{wrong[0].pointer or 'The body'} {wrong[0].message}", errors=tuple(wrong),
            )  # fmt: skip

    def _work(self, call: Call) -> Answer:
        """Run an operation in its thread, as a span that goes on from the caller's."""
        on = tracing.tracer()
        if on is None:
            return self._do(call)
        operation = call.operation
        about = {
            "http.request.method": operation.method.upper(),
            "http.route": operation.path,
            "crossdock.operation": operation.id,
            "crossdock.caller": call.caller.name if call.caller else None,
        }
        name = f"{operation.method.upper()} {operation.path}"
        parent = tracing.continued(call.headers)
        with tracing.span(on, name, kind="server", attributes=about, parent=parent) as span:
            answer = self._do(call)
            span.set_attribute("http.response.status_code", answer.status)
            return answer

    def _do(self, call: Call) -> Answer:
        identity = self._identity + (f"; {call.caller.name}" if call.caller else "")
        try:
            with (
                calling_as(identity, correlation_id=call.correlation_id),
                at_depth(call.read.headers.get("x-crossdock-depth", 0)),
            ):
                answer = HANDLERS[call.operation.id](call)
        except CrossdockError as error:
            problem = problem_of(error)
            log = _log.error if problem.status == 500 else _log.warning
            log("%s: %s (%s)", call.operation.id, error, call.correlation_id)
            raise problem from error
        except sa.exc.OperationalError as away:
            _log.error("%s: the store: %s (%s)", call.operation.id, away.orig, call.correlation_id)
            raise Problem(
                503, "store_away", "The store does not answer", headers={"retry-after": "2"}
            ) from away
        if self._judge is not None:
            self._judge(call.operation, answer)
        return answer

    def _response(self, operation: Operation, answer: Answer) -> Response:
        headers = dict(answer.headers)
        if answer.status == 304:
            return Response(status_code=304, headers=headers)
        if operation.tag == "Guards" and answer.status == 200:
            self._api.figures.judged(operation.id, answer.body["allowed"])
        content = answer.body
        if not isinstance(content, bytes | str):
            content = orjson.dumps(content)
        return Response(content, answer.status, headers=headers, media_type=answer.media_type)


def _too_many_guesses() -> Problem:
    return Problem(
        429, "too_many_guesses", "Too many wrong credentials",
        "Wait before you try again.", headers={"retry-after": "20"},
    )  # fmt: skip


def _admit(operation: Operation, caller: Caller) -> None:
    missing = [scope for scope in operation.scopes if scope not in caller.scopes]
    if missing:
        raise Problem(
            403, "scope_missing", "The caller may not do this",
            f"{caller.name} needs the scope {' '.join(missing)}.",
        )  # fmt: skip


def _once_each(operation: Operation, request: Request) -> None:
    """Refuse a declared header that came twice: who reads which of both is anybody's guess."""
    names = [name for name, _ in request.headers.items()]
    for each in operation.parameters:
        if each.place == "header" and names.count(each.name) > 1:
            raise unreadable(f"The header {each.name} came more than once.")


async def _gone(request: Request) -> None:
    """Return when the client is gone."""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            return


async def _never(_request: Request) -> None:
    """Judging a token is quick, and the body was not read yet: do not read it away."""
    await asyncio.Event().wait()


async def _no_such_operation(request: Request, error: Exception) -> Response:
    correlation_id: str = request.scope[CORRELATION]
    if isinstance(error, HTTPException) and error.status_code == 405:
        return Problem(
            405, "method_not_allowed", "This cannot be done here",
            f"{request.method} is not taken here.", headers=error.headers or {},
        ).answer(correlation_id)  # fmt: skip
    return Problem(
        404, "no_such_operation", "There is nothing here",
        "The address is wrong; /openapi.json tells all there are.",
    ).answer(correlation_id)  # fmt: skip


class _KnownHosts:
    """Refuses requests for other host names (DNS rebinding)."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "*" not in self._hosts:
            named = [value for name, value in scope["headers"] if name == b"host"]
            host = named[0].decode("latin-1") if len(named) == 1 else ""
            bare = host.rpartition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
            if bare.strip("[]").lower() not in self._hosts:
                problem = Problem(
                    421, "unknown_host", "Not a name of this side-car",
                    "Call it by a name that [server] hosts lists.",
                )  # fmt: skip
                await problem.answer(scope[CORRELATION])(scope, receive, send)
                return
        await self._app(scope, receive, send)
