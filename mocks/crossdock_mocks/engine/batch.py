"""Batches: one request with many inside, as multipart/mixed (OData 4.0, part 1, section 11.7).

Each inner request is an exchange of its own, with its own verdict and journal entry. The inner
requests of a change set are one transaction: when one is refused, none of them was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from typing import TypeAlias, final
from urllib.parse import urlsplit

import attrs

from crossdock_mocks.engine.dialect import Call
from crossdock_mocks.engine.messages import Reply, Request, Response
from crossdock_mocks.engine.problem import Problem, Violation
from crossdock_mocks.engine.world import World

Exchange: TypeAlias = Callable[[World, Request], Response]

_LINE = re.compile(r"([A-Z]+) (\S+)(?: HTTP/1\.[01])?\Z")
_REFERENCE = re.compile(r"\$([A-Za-z0-9._-]+)(?=/|\Z)")
_INHERITED = ("authorization", "cookie", "user-agent")


class _Undone(Exception):  # noqa: N818 - it names what it is
    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@attrs.frozen
class _Inner:
    request: Request
    content_id: str


@final
@attrs.frozen
class MultipartBatch:
    """A behaviour that answers batches; `App` binds it to its own exchange.

    Attributes:
        base: Path that inner paths without a slash at their head are under.
        most: Inner requests that one batch may have.
        answer: Status of the answer: 200, or 202 as OData 3 has it.
    """

    base: str = "/"
    most: int = 1000
    answer: int = 200

    def __call__(self, call: Call) -> Reply:
        """Refuse to run: only an app can make the exchanges inside."""
        raise RuntimeError(f"the batch {call.operation_id} was not bound by an app")

    def within(self, exchange: Exchange) -> Callable[[Call], Reply]:
        """The behaviour, for an app's exchange."""
        return lambda call: self._run(call, exchange)

    def _run(self, call: Call, exchange: Exchange) -> Reply:
        parts = _parts(call.request)
        count = sum(len(each.get_payload()) if each.is_multipart() else 1 for each in parts)
        if count > self.most:
            raise _malformed(f"It has {count} requests, of at most {self.most}.")
        # What is wrong with its form is told before anything is done.
        read = [
            [self._inner(inner, call) for inner in _within(part)]
            if part.is_multipart()
            else self._inner(part, call)
            for part in parts
        ]
        before = call.world.journal.number
        try:
            return self._answered(call, read, exchange)
        except BaseException:
            # The batch is one exchange too: what fails it undoes all that was done in it.
            call.world.journal.undone(before)
            raise

    def _answered(self, call: Call, read: list[list[_Inner] | _Inner], exchange: Exchange) -> Reply:
        boundary = f"batch_{call.world.sequence('batches')}"
        blocks = [
            _change_set(call.world, each, exchange, f"{boundary}_{number}")
            if isinstance(each, list)
            else _block(exchange(call.world, each.request), each.content_id)
            for number, each in enumerate(read, 1)
        ]
        headers = {"content-type": f"multipart/mixed; boundary={boundary}"}
        return Reply(self.answer, _joined(blocks, boundary), headers)

    def _inner(self, part: Message, call: Call) -> _Inner:
        if part.get_content_type() != "application/http":
            raise _malformed(f"A part is {part.get_content_type()}, not application/http.")
        payload = part.get_payload(decode=True)
        text = payload if isinstance(payload, bytes) else b""
        head, _, body = text.lstrip(b"\r\n").replace(b"\r\n", b"\n").partition(b"\n\n")
        first, *lines = head.decode("latin-1").strip("\n").split("\n")
        found = _LINE.match(first)
        if found is None:
            raise _malformed(f"{first[:100]!r} is not the first line of a request.")
        headers = {
            name: call.request.headers[name] for name in _INHERITED if name in call.request.headers
        }
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise _malformed(f"{line[:100]!r} is not a header.")
            headers[name.strip().lower()] = value.strip()
        target = urlsplit(found[2])
        path = target.path if target.path.startswith("/") else f"{self.base}{target.path}"
        if path == call.request.path:
            raise _malformed("A batch cannot hold another one.")
        # The line end before the next boundary belongs to the boundary.
        body = body.rstrip(b"\n")
        headers["content-length"] = str(len(body))
        request = Request(found[1], path, target.query, headers, body)
        return _Inner(request, str(part.get("Content-ID", "")))


def _parts(request: Request) -> list[Message]:
    given = request.headers.get("content-type", "")
    head = f"Content-Type: {given}\r\n\r\n".encode("latin-1")
    whole = BytesParser().parsebytes(head + request.body)
    if not whole.is_multipart() or whole.defects:
        told = ", ".join(type(each).__name__ for each in whole.defects)
        raise _malformed(f"The body has no parts by its boundary ({told or 'none given'}).")
    return list(_within(whole))


def _within(whole: Message) -> Iterator[Message]:
    for part in whole.get_payload():
        if isinstance(part, Message):
            yield part


def _change_set(world: World, inner: list[_Inner], exchange: Exchange, boundary: str) -> bytes:
    blocks: list[bytes] = []
    places: dict[str, str] = {}
    before = world.journal.number
    try:
        with world.transaction():
            for each in inner:
                request = _referring(each.request, places)
                if request.method in ("GET", "HEAD"):
                    raise _malformed("A change set holds changes only.")
                response = exchange(world, request)
                if response.status >= 400:
                    raise _Undone(response)
                if each.content_id:
                    places[each.content_id] = urlsplit(response.headers.get("location", "")).path
                blocks.append(_block(response, each.content_id))
    except _Undone as undone:
        world.journal.undone(before)
        return _block(undone.response, "")
    content = _joined(blocks, boundary)
    return f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode() + content


def _referring(request: Request, places: Mapping[str, str]) -> Request:
    """A request whose path begins with what an earlier one made (`/$1/Lines`)."""
    found = _REFERENCE.search(request.path)
    if found is None:
        return request
    if not places.get(found[1]):
        raise _malformed(f"{found[0]} refers to nothing that was made before in its change set.")
    path = places[found[1]] + request.path[found.end() :]
    return attrs.evolve(request, path=path)


def _block(response: Response, content_id: str) -> bytes:
    phrase = HTTPStatus(response.status).phrase if response.status in _STATUSES else ""
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id:
        head.append(f"Content-ID: {content_id}")
    head += ["", f"HTTP/1.1 {response.status} {phrase}"]
    head += [f"{name}: {value}" for name, value in response.headers.items()]
    head += [f"content-length: {len(response.body)}", "", ""]
    return "\r\n".join(head).encode("latin-1") + response.body


_STATUSES = frozenset(int(each) for each in HTTPStatus)


def _joined(blocks: list[bytes], boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + block + b"\r\n" for block in blocks) + mark + b"--\r\n"


def _malformed(detail: str) -> Problem:
    return Problem(
        400, "malformed_batch", "The batch cannot be read", detail,
        [Violation("", detail, "multipart/mixed of application/http", None, "body", "batch")],
    )  # fmt: skip
