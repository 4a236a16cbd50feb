"""One remote system over HTTP: what all connectors share.

It says who calls, keeps deadlines, tries again where that is safe, turns everything that is not a
good answer into an error of `crossdock.errors`, and never lets a secret into a message.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import httpx
from attrs import evolve, frozen

from crossdock.connectors import calling
from crossdock.connectors.credentials import Credentials
from crossdock.connectors.evidence import Exchanged, witness
from crossdock.connectors.exchange import Address, Exchange, Reply, Request
from crossdock.connectors.masking import masked
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, Unreadable, whole_answer
from crossdock.connectors.refusals import Complaint, Wording, refusal
from crossdock.connectors.retries import QUICK, Retries
from crossdock.connectors.writing import Unwritable
from crossdock.errors import (
    FieldError,
    RemoteError,
    RemoteMisbehaved,
    RemoteRejectedData,
    RemoteUnavailable,
)

_T = TypeVar("_T")
_PAGE: Final = 4_000  # bytes of a page that is not JSON


@frozen(kw_only=True)
class Answer:
    """A good answer: headers by lower-case name, and the decoded body, `None` where it is empty.

    The body of an operation that answers a file is its bytes.
    """

    operation: Operation
    status: int
    headers: Mapping[str, str]
    body: Any


class Remote:
    """One remote system.

    Args:
        address: which system, and where.
        credentials: makes the credentials; gets this object, to ask for tokens with.
        wording: reads the system's error bodies.
        failing: reads the refusal out of the body of a good status, where the system has refusals
            there (JSON-RPC); gives `None` for a body that is a success.
        timeout: seconds that one exchange may take.
        identity: what the calls are made as where the host did not say.
        acting_user_header: the header that names the acting user, where the system has one.
        evidence_header: the header by which the system names an exchange, to be quoted to those
            who run it; it stands in what is said of a refusal.
        transport: takes the place of the network, in tests.
        deadline: gives seconds left, besides the deadline that the host sets around a call.
        retries: how often to try again.
    """

    def __init__(
        self,
        address: Address,
        *,
        credentials: Callable[[Remote], Credentials],
        wording: Wording,
        failing: Callable[[Any], Complaint | None] | None = None,
        timeout: float,
        identity: str = "",
        acting_user_header: str = "",
        evidence_header: str = "",
        transport: httpx.BaseTransport | None = None,
        deadline: Callable[[], float] | None = None,
        retries: Retries = QUICK,
    ) -> None:
        self.address = address
        self._wording = wording
        self._failing = failing
        self._identity = identity
        self._acting_user_header = acting_user_header
        self._evidence_header = evidence_header
        self._retries = retries
        self._exchange = Exchange(address, timeout=timeout, transport=transport, deadline=deadline)
        self._credentials = credentials(self)

    def close(self) -> None:
        """Close all connections."""
        self._exchange.close()

    def seconds_left(self) -> float:
        """Give the seconds until the nearest deadline, infinite where there is none."""
        return self._exchange.seconds_left()

    def call(
        self,
        operation: Operation,
        names: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str | int | bool | None] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        authorized: bool = True,
    ) -> Answer:
        """Call an operation and give its good answer.

        Args:
            operation: which one.
            names: what stands for the names in its path.
            query: parameters; those that are `None` are left out.
            body: JSON-able, or `None` for no body.
            form: sent as a form instead of a body.
            headers: further headers.
            repeatable: overrides the operation's own, as when an idempotency key is sent.
            authorized: whether credentials are sent; without them it is tried once only.

        Raises:
            RemoteError: one of its kinds, as the answer, or its absence, stands for.
            NotSupported: the system says that it does not offer the operation.
        """
        url = self.address.url + operation.address(names or {})
        params = {name: value for name, value in (query or {}).items() if value is not None}
        common = self._headers(operation) | dict(headers or {})

        def send(more: Mapping[str, str]) -> Reply:
            request = Request(
                operation=operation,
                url=url,
                query=params,
                headers={**common, **more},
                body=body,
                form=form,
            )
            return self._send(request)

        if not authorized:
            # Asked for on the way to another call, which tries again as a whole.
            return self._answer(operation, send({}))

        def once() -> Answer:
            name, value = self._header()
            reply = send({name: value})
            if reply.status == httpx.codes.UNAUTHORIZED and self._credentials.refused(value):
                name, value = self._header()
                reply = send({name: value})
            return self._answer(operation, reply)

        return self._retries.call(
            once,
            repeatable=operation.repeatable if repeatable is None else repeatable,
            left=self._exchange.seconds_left,
        )

    def read(self, answer: Answer, parse: Callable[[Row], _T]) -> _T:
        """Read an answer's body strictly.

        Raises:
            RemoteMisbehaved: it is not what the document promises; the message names the place.
        """
        return self.understood(
            answer.operation, lambda: parse(whole_answer(answer.body)), status=answer.status
        )

    def understood(
        self, operation: Operation, parse: Callable[[], _T], *, status: int | None = None
    ) -> _T:
        """Read a part of an answer that came before, strictly, as `read` does."""
        try:
            return parse()
        except Unreadable as bad:
            problem = masked(bad.problem, self._credentials.secrets())
            raise RemoteMisbehaved(
                f"{self.address.label} answered {operation.id} with a body that does not "
                f"fit its document: {bad.pointer or 'the whole of it'}: {problem}. Either it has "
                "a fault, or it is of a version that this connector does not know.",
                system=self.address.system,
                status=status,
                fields=[FieldError(bad.pointer, problem)],
            ) from None

    def written(self, operation: Operation, write: Callable[[], _T]) -> _T:
        """Write a record as the wire wants it.

        Raises:
            RemoteRejectedData: the system's form cannot carry the record; nothing was sent.
        """
        try:
            return write()
        except Unwritable as bad:
            raise self.rejected(operation, bad.field, bad.problem) from None

    def rejected(self, operation: Operation, field: str, problem: str) -> RemoteRejectedData:
        """Make the error for what cannot be sent by an operation; nothing was sent."""
        return RemoteRejectedData(
            f"{self.address.label} cannot be sent this by {operation.id}: {field}: {problem}",
            system=self.address.system,
            fields=[FieldError(field, problem)],
        )

    def _send(self, request: Request) -> Reply:
        """Send a request; whoever watches these calls is told what came of it."""
        watching = witness()
        secrets = self._credentials.secrets
        # Where our own time is over nothing is sent, which says nothing of the system.
        if watching is None or self._exchange.seconds_left() <= 0:
            return self._exchange.send(request, secrets=secrets)
        began = time.monotonic()

        def exchanged(reply: Reply | None, lost: str = "") -> Exchanged:
            return Exchanged(
                system=self.address.system,
                request=request,
                reply=reply,
                lost=lost,
                seconds=time.monotonic() - began,
                secrets=secrets,
            )

        try:
            reply = self._exchange.send(request, secrets=secrets)
        except RemoteError as error:
            watching.saw(exchanged(None, str(error)), error)
            raise
        watching.saw(exchanged(reply))
        return reply

    def _header(self) -> tuple[str, str]:
        try:
            return self._credentials.header()
        except RemoteUnavailable as away:
            away.maybe_done = False  # the call itself was not made yet
            raise

    def _headers(self, operation: Operation) -> dict[str, str]:
        headers = {
            "User-Agent": calling.user_agent(self._identity),
            "X-Correlation-Id": calling.correlation_id(),
            "Accept": operation.file or "application/json, application/problem+json",
        }
        if self._acting_user_header and (user := calling.acting_user()):
            headers[self._acting_user_header] = user
        if depth := calling.depth():
            headers[calling.DEPTH_HEADER] = str(depth)
        return headers

    def _answer(self, operation: Operation, reply: Reply) -> Answer:
        if not reply.good:
            raise self._refusal(operation, reply)
        try:
            body = reply.file(operation.file) if operation.file else reply.json()
        except ValueError as error:
            raise RemoteMisbehaved(
                f"{self.address.label} answered {operation.id} with something that is not "
                f"{operation.file or 'JSON'} ({error}). Is the address under {self.address.where} "
                "right?",
                system=self.address.system,
                status=reply.status,
            ) from None
        if self._failing is not None:
            complaint = self._failing(_masked(body, self._credentials.secrets()))
            if complaint is not None:
                raise self._refused(operation, reply, complaint)
        return Answer(operation=operation, status=reply.status, headers=reply.headers, body=body)

    def _refusal(self, operation: Operation, reply: Reply) -> Exception:
        try:
            body = reply.json()
        except ValueError:
            # A proxy's page, say: for most the status speaks for it.
            body = reply.content[:_PAGE].decode(errors="replace")
        complaint = self._wording(reply.status, _masked(body, self._credentials.secrets()))
        if name := reply.headers.get(self._evidence_header or "none", ""):
            said = f"{complaint.message.rstrip('.')} " if complaint.message else ""
            complaint = evolve(complaint, message=f"{said}({self._evidence_header} {name[:100]})")
        return self._refused(operation, reply, complaint)

    def _refused(self, operation: Operation, reply: Reply, complaint: Complaint) -> Exception:
        return refusal(
            label=self.address.label,
            system=self.address.system,
            where=self.address.where,
            operation=operation,
            status=reply.status,
            headers=reply.headers,
            complaint=complaint,
        )


def _masked(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return masked(value, secrets)
    if isinstance(value, list):
        return [_masked(each, secrets) for each in value]
    if isinstance(value, dict):
        return {name: _masked(each, secrets) for name, each in value.items()}
    return value
