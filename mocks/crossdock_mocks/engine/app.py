"""The exchange: one synchronous function from request to answer, whatever door it came through."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any, final

from crossdock_mocks.engine.admin import PREFIX, administer
from crossdock_mocks.engine.dialect import Behaviour, Call, Dialect, Within, problem_details
from crossdock_mocks.engine.document import load_plan
from crossdock_mocks.engine.errors import DialectError
from crossdock_mocks.engine.faults import Asked, Fault, Strike
from crossdock_mocks.engine.faults.kinds import TOKENS, UNANSWERED, UNDONE
from crossdock_mocks.engine.faults.spoiling import spoil
from crossdock_mocks.engine.journal import Verdict
from crossdock_mocks.engine.messages import Request, Response
from crossdock_mocks.engine.operations import Compiler, Defect, Operation, write
from crossdock_mocks.engine.paths import Paths
from crossdock_mocks.engine.problem import Problem, Violation
from crossdock_mocks.engine.world import EPOCH, World

_log = logging.getLogger("crossdock.mocks")

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ENDED = {"expired_token": "expired", "revoked_token": "been revoked"}


@final
class App:
    """One dialect, compiled: its document read and checked, its behaviours bound to operations.

    An app holds no state: one app serves any number of worlds, from any number of threads.

    Args:
        dialect: The dialect.

    Raises:
        DocumentError: The document is not valid.
        DialectError: An operation has no behaviour, a behaviour no operation, or credentials are
            asked for that nobody checks.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        plan = load_plan(dialect.document, foreign=dialect.foreign)
        compiler = Compiler(plan)
        self.title: str = plan["title"]
        self.operations = {rule["id"]: Operation(rule, compiler) for rule in plan["operations"]}
        self._tags = {rule["id"]: tuple(rule.get("tags", ())) for rule in plan["operations"]}
        self._check()
        self._paths: Paths[tuple[Operation, Behaviour]] = Paths(**plan["paths"])
        for operation in self.operations.values():
            bound = self._bound(dialect.behaviours[operation.id])
            for base in operation.bases or plan["bases"]:
                for path in (operation.path, *operation.aliases):
                    self._paths.add(base + path, operation.method, (operation, bound))

    def _bound(self, behaviour: Behaviour) -> Behaviour:
        """A behaviour that makes exchanges of its own (a batch) is given those of this app."""
        return behaviour.within(self.exchange) if isinstance(behaviour, Within) else behaviour

    def _check(self) -> None:
        dialect = self.dialect
        problems = [
            f"operation {name} has no behaviour"
            for name in self.operations
            if name not in dialect.behaviours
        ]
        problems += [
            f"behaviour {name} has no operation"
            for name in dialect.behaviours
            if name not in self.operations
        ]
        if dialect.authenticate is None:
            problems += [
                f"operation {each.id} asks for credentials, but the dialect has no authenticate"
                for each in self.operations.values()
                if each.security
            ]
        if problems:
            raise DialectError(
                "\n  ".join([f"mock {dialect.name!r} does not fit its document:", *problems])
            )

    def open_world(
        self,
        dataset: Any = None,
        *,
        now: datetime = EPOCH,
        name: str | None = None,
        ticking: bool = False,
    ) -> World:
        """A new world of this app: its tables, seeded, and sealed so that it can be reset.

        Args:
            dataset: What the dialect's `seed` begins with.
            now: Aware instant at which its clock starts.
            name: Name of the world; that of the dialect unless given.
            ticking: Whether its clock runs by itself.
        """
        world = World(self.dialect.tables, now=now, name=name or self.dialect.name, ticking=ticking)
        world.prepare_webhooks = self.dialect.prepare_webhooks
        with world.transaction():
            self.dialect.seed(world, dataset)
        world.seal()
        return world

    def draw(self, world: World, request: Request) -> Fault | None:
        """The fault that strikes this request, if one does.

        A door draws before the exchange, because it has to wait or to hang up before it.
        """
        if not world.faults or request.path.startswith(PREFIX):
            return None
        found = self._paths.find(request.path, request.method)
        if isinstance(found, frozenset):
            return None
        operation, faults = found[0][0], world.faults
        if faults.lag and request.method not in _SAFE:
            world.remember(faults.lag)
        return faults.draw(
            Asked(
                operation.id,
                request.method,
                request.path,
                self._tags[operation.id],
                credential=_credential(operation, request) if faults.asks_credentials else None,
                follows=faults.asks_pages and _page_before(world, operation, request) is not None,
            )
        )

    def exchange(self, world: World, request: Request, fault: Fault | None = None) -> Response:
        """Answer a request.

        What the request changes is one transaction: it is kept when an answer was made, and undone
        when the request was refused or anything failed.

        Args:
            world: The world it happens in.
            request: The request.
            fault: The fault drawn for it. Its wait, cut or half body is the door's part.
        """
        if request.path.startswith(PREFIX):
            return administer(self, world, request)
        if fault is not None:
            if fault.kind in UNDONE:
                return self._struck(world, request, fault)
            if fault.kind == "clock_skew" and world.clock.true == world.clock.now:
                with world.lock, world.clock.wrong_by(timedelta(seconds=fault.seconds)):
                    return self.exchange(world, request, fault)
        operation: Operation | None = None
        verdict: Verdict = "answered"
        reason = ""
        committed = behaving = False
        with world.lock:
            world.begin()
            try:
                operation, behaviour, path = self._find(request)
                call = self._call(operation, path, world, request)
                behaving = True
                if fault is not None and fault.kind == "stale_read":
                    call.world = world.past(fault.behind) or world
                response = operation.respond(behaviour(call))
            except Problem as problem:
                world.roll_back()
                response, verdict, reason = self._refused(
                    world, request, operation, problem, behaving
                )
            except Exception as error:  # noqa: BLE001
                # The boundary of the mock: whatever a behaviour does, the client gets an answer
                # and the world is as it was before.
                world.roll_back()
                response, verdict, reason = self._defect(operation, error)
            except BaseException:
                world.roll_back()
                raise
            else:
                committed = world.commit()
            if fault is not None:
                spoiled = self._spoiled(world, operation, request, response, fault)
                if spoiled is not None:
                    response, verdict, reason = spoiled, "fault", fault.reason()
            self._enter(world, request, operation, response, verdict, reason, committed, fault)
        return response

    def _find(self, request: Request) -> tuple[Operation, Behaviour, dict[str, str]]:
        found = self._paths.find(request.path, request.method)
        if not isinstance(found, frozenset):
            (operation, behaviour), path = found
            return operation, behaviour, path
        if not found:
            raise Problem(
                404,
                "unknown_path",
                "There is no such path",
                f"The document of {self.dialect.name} does not know {request.path}."
                + self._meant(request.path),
            )
        allowed = ", ".join(sorted(found))
        raise Problem(
            405,
            "method_not_allowed",
            "The method is not allowed here",
            f"{request.path} knows {allowed}, not {request.method}.",
            headers={"allow": allowed},
        )

    def _meant(self, path: str) -> str:
        near = self._paths.nearest(path)
        return "" if near is None else f" Did you mean {near}?"

    def _call(
        self, operation: Operation, path: dict[str, str], world: World, request: Request
    ) -> Call:
        if len(request.body) > self.dialect.max_body:
            raise Problem(
                413,
                "body_too_large",
                "The body is too large",
                f"At most {self.dialect.max_body} bytes are taken.",
            )
        call = Call(operation.id, path, {}, {}, None, world, request)
        if operation.security:
            self._authenticate(operation, call)
        problems: list[Violation] = []
        call.path, call.query, call.headers = operation.parameters(request, path, problems)
        call.body = operation.body(request, problems)
        if problems:
            raise operation.refusal(problems)
        return call

    def _authenticate(self, operation: Operation, call: Call) -> None:
        came = operation.security.credentials(call.request)
        if came is not None and self.dialect.authenticate is not None:
            call.credentials, call.scopes = came
            call.principal = self.dialect.authenticate(call)
            if call.principal is None:
                raise operation.security.refusal()

    # Answers that are not a behaviour's

    def _refused(
        self,
        world: World,
        request: Request,
        operation: Operation | None,
        problem: Problem,
        behaving: bool,
    ) -> tuple[Response, Verdict, str]:
        try:
            name = None if operation is None else operation.id
            reply = self.dialect.say_no(problem, world, request, name)
            if operation is None:
                return write(reply, "application/json"), "refused", str(problem)
            # The engine's own refusals (413, 415, ...) need not be in the document; what a
            # behaviour refuses with is part of the system, and has to be.
            response = operation.respond(reply, checked=behaving and not self.dialect.foreign)
        except Exception as error:  # noqa: BLE001 - the boundary of the mock, as in exchange
            return self._defect(operation, error)
        return response, "refused", str(problem)

    def _defect(
        self, operation: Operation | None, error: Exception
    ) -> tuple[Response, Verdict, str]:
        place = operation.id if operation else "no operation"
        own = isinstance(error, Defect)
        reason = str(error) if own else f"{type(error).__name__}: {error}"
        _log.error("mock defect in %s: %s", place, reason, exc_info=None if own else error)
        problem = Problem(500, "mock_defect", "The mock itself is at fault", reason)
        # In the engine's own words: the dialect's may be what is at fault.
        return write(problem_details(problem), "application/json"), "defect", reason

    def _spoiled(
        self,
        world: World,
        operation: Operation | None,
        request: Request,
        response: Response,
        fault: Fault,
    ) -> Response | None:
        if fault.kind == "status_after_commit":
            return self._fault_answer(world, request, fault)
        if fault.kind == "stale_read":
            return None if world.past(fault.behind) is None else response
        before = None
        if fault.kind == "shifting_page" and operation is not None:
            before = _page_before(world, operation, request)
        return spoil(fault, response, world.clock.now, before)

    def _fault_answer(self, world: World, request: Request, fault: Fault) -> Response:
        headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
        problem = Problem(
            fault.status, "injected_fault", "A fault was asked for", "See /_mock/faults.",
            headers=headers,
        )  # fmt: skip
        return write(self.dialect.say_no(problem, world, request), "application/json")

    def _struck(self, world: World, request: Request, fault: Fault) -> Response:
        found = self._paths.find(request.path, request.method)
        operation = None if isinstance(found, frozenset) else found[0][0]
        if fault.kind in UNANSWERED:
            response = Response(0)  # status 0 stands for no answer at all
        elif fault.kind in TOKENS and operation is not None:
            title = f"The credentials have {_ENDED[fault.kind]}"
            problem = operation.security.refusal(title=title)
            response = write(self.dialect.say_no(problem, world, request), "application/json")
        else:
            response = self._fault_answer(world, request, fault)
        with world.lock:
            self._enter(world, request, operation, response, "fault", fault.reason(), False, fault)
        return response

    def _enter(
        self,
        world: World,
        request: Request,
        operation: Operation | None,
        response: Response,
        verdict: Verdict,
        reason: str,
        committed: bool,
        fault: Fault | None,
    ) -> None:
        name = None if operation is None else operation.id
        world.journal.add(
            world.clock.now if fault is None else world.clock.true,
            world.name,
            request,
            name,
            response,
            verdict,
            reason,
            committed,
            None if fault is None else fault.kind,
        )
        if fault is not None:
            world.faults.tell(
                Strike(
                    world.clock.true, world.name, fault, world.journal.number,
                    request.method, request.path, name or "", committed,
                )
            )  # fmt: skip


def _credential(operation: Operation, request: Request) -> str | None:
    """A digest of the credential that came; the fault that kills it needs no more than that."""
    try:
        came = operation.security.credentials(request) if operation.security else None
    except Problem:
        return None  # none came, or none of the right form; the exchange will say so
    if came is None:
        return None
    return hashlib.sha256("\0".join(sorted(came[0].values())).encode()).hexdigest()


def _page_before(world: World, operation: Operation, request: Request) -> Response | None:
    """The answer that a walk over a list got last, if this request goes on with another query."""
    seen = world.journal.find(operation=operation.id, path=request.path, status=200)
    if not seen or request.query in (seen[0].query, seen[-1].query):
        return None  # the first page of a walk, or the same page again
    return Response(200, dict(seen[-1].response_headers), seen[-1].raw_response_body)
