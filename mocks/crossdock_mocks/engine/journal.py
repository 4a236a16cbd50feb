"""The journal of one world: each exchange, what was answered and why, and whether it was kept."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, final

import attrs

from crossdock_mocks.engine.journal_query import Wanted
from crossdock_mocks.engine.messages import Request, Response

Verdict = Literal["answered", "refused", "defect", "fault", "sent", "unsent"]

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_SECRET_WORDS = re.compile(r"api[-_]?key|token|secret|password")
_SECRET_JSON = re.compile(
    r'("(?:client_secret|password|access_token|refresh_token|assertion)"\s*:\s*")[^"]*'
)
_SECRET_FORM = re.compile(r"((?:^|&)(?:client_secret|password|refresh_token|assertion|code)=)[^&]*")
_SECRET_QUERY = re.compile(
    r"((?:^|&)[^=&]*(?:api[-_]?key|token|secret|password|signature|code)[^=&]*=)[^&]*",
    re.IGNORECASE,
)
_MASK = "***"

# Places in a row of the journal, which has the fields of an entry in their order.
_AT, _PATH, _OPERATION, _STATUS, _THROTTLED = 1, 4, 6, 7, 429
_COMMITTED = 10
_REQUEST_BODY, _RESPONSE_BODY, _KEPT = 13, 15, 16


def _masked(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: _MASK if name in _SECRET_HEADERS or _SECRET_WORDS.search(name) else value
        for name, value in headers.items()
    }


def _text(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return _SECRET_FORM.sub(rf"\1{_MASK}", _SECRET_JSON.sub(rf"\1{_MASK}", text))


@attrs.define(eq=False)
class Entry:
    """One exchange. Secrets are masked where they are read.

    Attributes:
        number: Number in this world's journal, from 1, never given twice.
        at: The world's time.
        world: Name of the world.
        method: Upper-case method.
        path: Path as sent.
        query: Query string as sent.
        operation_id: The operation, or `None` when none was found.
        status: Status of the answer, as the exchange made it; 0 when there was none.
        verdict: `answered`; `refused` (a problem was answered); `defect` (the answer would have
            broken the mock's own document, or the mock failed); `fault` (answered by a fault);
            `sent` or `unsent`: a webhook, which was taken with a 2xx or was not.
        reason: What was refused or defect, in words.
        committed: Whether the exchange changed the world, for good.
        fault: Kind of the fault that struck, if one did.
        raw_request_headers: Headers as sent, secrets and all.
        raw_request_body: Body as sent.
        raw_response_body: Body of the answer, whole, even where a fault cut it short.
        bodies_kept: Whether the bodies are still here; those of old entries make room.
    """

    number: int
    at: datetime
    world: str
    method: str
    path: str
    query: str
    operation_id: str | None
    status: int
    verdict: Verdict
    reason: str
    committed: bool
    fault: str | None
    raw_request_headers: Mapping[str, str] = attrs.field(repr=False)
    raw_request_body: bytes = attrs.field(repr=False)
    response_headers: Mapping[str, str] = attrs.field(repr=False)
    raw_response_body: bytes = attrs.field(repr=False)
    bodies_kept: bool = True

    @property
    def request_headers(self) -> dict[str, str]:
        """Headers as sent, with secrets masked."""
        return _masked(self.raw_request_headers)

    @property
    def masked_query(self) -> str:
        """The query string, with secrets masked."""
        return _SECRET_QUERY.sub(rf"\1{_MASK}", self.query)

    @property
    def masked_response_headers(self) -> dict[str, str]:
        """Headers of the answer, with secrets masked."""
        return _masked(self.response_headers)

    @property
    def request_body(self) -> str:
        """The request's body as text, with secrets masked."""
        return _text(self.raw_request_body)

    @property
    def response_body(self) -> str:
        """The answer's body as text, with secrets masked."""
        return _text(self.raw_response_body)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, with secrets masked."""
        return {
            "number": self.number,
            "at": self.at,
            "world": self.world,
            "method": self.method,
            "path": self.path,
            "query": self.masked_query,
            "operation_id": self.operation_id,
            "status": self.status,
            "verdict": self.verdict,
            "reason": self.reason,
            "committed": self.committed,
            "fault": self.fault,
            "request_headers": self.request_headers,
            "request_body": self.request_body,
            "response_headers": self.masked_response_headers,
            "response_body": self.response_body,
            "bodies_kept": self.bodies_kept,
        }


@final
class Journal:
    """The last exchanges of one world, oldest first.

    Args:
        entries: Keep at most so many.
        body_bytes: Keep at most so many bytes of bodies; beyond them the oldest entries lose their
            bodies, and stay.
    """

    def __init__(self, entries: int = 5_000, body_bytes: int = 8_000_000) -> None:
        # Kept as plain lists, and made entries when somebody asks. Only the world's exchanges
        # add, one after the other; copying a deque is one step, so readers need no lock.
        self._kept: deque[list[Any]] = deque()
        self._whole: deque[list[Any]] = deque()
        self._limit = entries
        self._budget = body_bytes
        self._held = 0
        self._number = 0

    def add(
        self,
        at: datetime,
        world: str,
        request: Request,
        operation_id: str | None,
        response: Response,
        verdict: Verdict,
        reason: str,
        committed: bool,
        fault: str | None,
    ) -> None:
        """Add an exchange and give it the next number; the world's lock has to be held."""
        self._number += 1
        row = [
            self._number, at, world, request.method, request.path, request.query, operation_id,
            response.status, verdict, reason, committed, fault,
            request.headers, request.body, response.headers, response.body, True,
        ]  # fmt: skip
        self._kept.append(row)
        self._whole.append(row)
        self._held += len(request.body) + len(response.body)
        if len(self._kept) > self._limit and self._kept.popleft()[_KEPT]:
            self._strip()
        while self._held > self._budget and len(self._whole) > 1:
            self._strip()

    def _strip(self) -> None:
        """Let go of the oldest bodies."""
        row = self._whole.popleft()
        self._held -= len(row[_REQUEST_BODY]) + len(row[_RESPONSE_BODY])
        row[_REQUEST_BODY] = row[_RESPONSE_BODY] = b""
        row[_KEPT] = False

    def undone(self, after: int) -> None:
        """Say of the exchanges after a number that what they changed was undone with others."""
        for row in reversed(self._kept):
            if row[0] <= after:
                break
            row[_COMMITTED] = False

    @property
    def number(self) -> int:
        """Number of the latest exchange; 0 before the first."""
        return self._number

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Entry]:
        return (Entry(*row) for row in list(self._kept))

    @property
    def last(self) -> Entry | None:
        """The latest exchange."""
        return Entry(*self._kept[-1]) if self._kept else None

    def find(
        self,
        operation: str | None = None,
        path: str | None = None,
        method: str | None = None,
        status: int | None = None,
        verdict: str | None = None,
        committed: bool | None = None,
        since: int = 0,
        *,
        fault: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> list[Entry]:
        """The exchanges that meet all conditions given.

        Args:
            operation: Operation id.
            path: Beginning of the path.
            method: Method, in upper case.
            status: Status answered.
            verdict: See `Entry`.
            committed: Whether it changed the world.
            since: Only entries with a number above this one.
            fault: Kind of the fault that struck.
            headers: Request headers and their values; `*` and `?` as in file names.
            body: JSON pointers into the request's body, and the values that stand there.
        """
        wanted = Wanted(
            operation, path, method, status, verdict, committed, since, fault, headers, body
        )
        return [entry for entry in self if wanted.met_by(entry)]

    def answered_since(
        self, at: datetime, path: str, operation: str | None = None, *, most: int
    ) -> int:
        """How many requests were answered after an instant, other than by a 429; up to `most`.

        For systems that count requests in a sliding window.

        Args:
            at: The instant, by the world's clock.
            path: Beginning of their paths.
            operation: Operation id, if only its requests count.
            most: Stop counting here.
        """
        found = 0
        for row in reversed(self._kept):
            if row[_AT] <= at or found >= most:
                break
            wanted = operation is None or row[_OPERATION] == operation
            found += wanted and row[_STATUS] != _THROTTLED and row[_PATH].startswith(path)
        return found

    def one(self, **conditions: Any) -> Entry:
        """The one exchange that meets the conditions of `find`.

        Raises:
            AssertionError: There is none, or more than one; the message shows which came near.
        """
        __tracebackhide__ = True
        return self.exactly(1, **conditions)[0]

    def none(self, **conditions: Any) -> None:
        """Assert that no exchange meets the conditions of `find`.

        Raises:
            AssertionError: Some do; the message shows them.
        """
        __tracebackhide__ = True
        self.exactly(0, **conditions)

    def exactly(self, count: int, **conditions: Any) -> list[Entry]:
        """The exchanges that meet the conditions of `find`, of which there are so many.

        Raises:
            AssertionError: There are more or fewer; the message shows them, or which came near.
        """
        __tracebackhide__ = True
        wanted = Wanted(**conditions)
        entries = list(self)
        found = [entry for entry in entries if wanted.met_by(entry)]
        if len(found) != count:
            raise AssertionError(wanted.told(count, found, entries))
        return found

    def keep_more(self, entries: int, body_bytes: int) -> None:
        """Change how much is kept from now on, such as for a recording."""
        self._limit, self._budget = entries, body_bytes

    def clear(self) -> None:
        """Forget all entries; the numbers go on."""
        self._kept.clear()
        self._whole.clear()
        self._held = 0
