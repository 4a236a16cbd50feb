"""Batches in JSON: one request with many inside (OData 4.01, JSON format, section 19).

Each inner request is an exchange of its own, with its own verdict and journal entry. Those of one
`atomicityGroup`, or all of them where the dialect says so, are one transaction: when one is
refused, none of them was, and the others are answered 424.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, final
from urllib.parse import urlsplit

import attrs
import orjson

from crossdock_mocks.engine.dialect import Call
from crossdock_mocks.engine.messages import RawJson, Reply, Request, Response, encode
from crossdock_mocks.engine.problem import Problem, Violation
from crossdock_mocks.engine.world import World

Exchange: TypeAlias = Callable[[World, Request], Response]
Answers: TypeAlias = dict[str, Response]

_INHERITED: Final = (
    "authorization", "cookie", "user-agent", "host", "accept-language",
    "x-correlation-id", "traceparent",
)  # fmt: skip
_FAILED_DEPENDENCY: Final = 424


class _Undone(Exception):  # noqa: N818 - it names what it is
    """An inner request of a transaction was refused."""


@attrs.frozen
class _Inner:
    id: str
    group: str | None
    needs: tuple[str, ...]
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def _never(_: Call) -> bool:
    return False


@final
@attrs.frozen
class JsonBatch:
    """A behaviour that answers batches in JSON; `App` binds it to its own exchange.

    Inner URLs without a slash at their head are under the path of the batch. One that begins with
    `$id` goes on from what the request of this id made.

    Attributes:
        most: Inner requests that one batch may have.
        atomic: Tells whether all inner requests of a call are one transaction.
        stops: Tells whether requests behind one that failed are left alone.
    """

    most: int = 100
    atomic: Callable[[Call], bool] = _never
    stops: Callable[[Call], bool] = _never

    def __call__(self, call: Call) -> Reply:
        """Refuse to run: only an app can make the exchanges inside."""
        raise RuntimeError(f"the batch {call.operation_id} was not bound by an app")

    def within(self, exchange: Exchange) -> Callable[[Call], Reply]:
        """The behaviour, for an app's exchange."""
        return lambda call: self._run(call, exchange)

    def _run(self, call: Call, exchange: Exchange) -> Reply:
        read = self._read(call)
        before = call.world.journal.number
        try:
            return self._answered(call, read, exchange)
        except BaseException:
            # The batch is one exchange too: what fails it undoes all that was done in it.
            call.world.journal.undone(before)
            raise

    def _read(self, call: Call) -> list[_Inner]:
        given = call.body["requests"]
        if len(given) > self.most:
            raise malformed(f"It has {len(given)} requests, of at most {self.most}.")
        taken = {str(each["id"]) for each in given if "id" in each}
        free = (str(number) for number in itertools.count() if str(number) not in taken)
        read = [_inner(each, str(each.get("id") or next(free)), call) for each in given]
        seen: set[str] = set()
        for each in read:
            if each.id in seen:
                raise malformed(f"Two requests have the id {each.id}.")
            if not set(each.needs) <= seen:
                raise malformed(f"Request {each.id} depends on one that does not come before it.")
            seen.add(each.id)
        return read

    def _answered(self, call: Call, read: list[_Inner], exchange: Exchange) -> Reply:
        whole = self.atomic(call)
        answers: Answers = {}
        for group, inner in itertools.groupby(read, lambda each: whole or each.group):
            if group:
                _together(call, list(inner), exchange, answers)
            else:
                for each in inner:
                    _one(call, each, exchange, answers)
                    if self.stops(call) and answers[each.id].status >= 400:
                        break
            if self.stops(call) and any(each.status >= 400 for each in answers.values()):
                break
        told = RawJson.array(
            _written(each, answers[each.id]) for each in read if each.id in answers
        )
        return Reply(200, RawJson.object(responses=told))


def _inner(given: Mapping[str, Any], name: str, call: Call) -> _Inner:
    headers = {
        name: call.request.headers[name] for name in _INHERITED if name in call.request.headers
    }
    headers.update({name.lower(): str(value) for name, value in given.get("headers", {}).items()})
    body = b""
    if "body" in given:
        body = orjson.dumps(given["body"])
        headers.setdefault("content-type", "application/json")
    headers["content-length"] = str(len(body))
    if urlsplit(given["url"]).path.rstrip("/").endswith("/$batch") or given["url"] == "$batch":
        raise malformed("A batch cannot hold another one.")
    return _Inner(
        name, given.get("atomicityGroup"),
        tuple(str(each) for each in given.get("dependsOn", ())),
        given["method"].upper(), given["url"], headers, body,
    )  # fmt: skip


def _together(call: Call, inner: Sequence[_Inner], exchange: Exchange, answers: Answers) -> None:
    """Answer requests as one transaction."""
    world, before = call.world, call.world.journal.number
    try:
        with world.transaction():
            for each in inner:
                _one(call, each, exchange, answers)
                if answers[each.id].status >= 400:
                    raise _Undone
    except _Undone:
        world.journal.undone(before)
        for other in inner:
            if other.id not in answers or answers[other.id].status < 400:
                answers[other.id] = Response(_FAILED_DEPENDENCY)


def _one(call: Call, each: _Inner, exchange: Exchange, answers: Answers) -> None:
    if any(answers[need].status >= 400 for need in each.needs if need in answers):
        answers[each.id] = Response(_FAILED_DEPENDENCY)
        return
    target = urlsplit(_referring(each.url, answers))
    path = target.path
    if not path.startswith("/"):
        path = f"{call.request.path.rpartition('/')[0]}/{path}"
    request = Request(each.method, path, target.query, each.headers, each.body)
    answers[each.id] = exchange(call.world, request)


def _referring(url: str, answers: Answers) -> str:
    """A URL that begins with what an earlier request made (`$1/lines`)."""
    if not url.startswith("$"):
        return url
    name, slash, rest = url[1:].partition("/")
    location = answers[name].headers.get("location", "") if name in answers else ""
    if not location:
        raise malformed(f"${name} refers to nothing that was made before.")
    return f"{urlsplit(location).path}{slash}{rest}"


def _written(each: _Inner, answer: Response) -> RawJson:
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    told: dict[str, Any] = {"id": each.id, "status": answer.status, "headers": headers}
    if answer.body:
        json = answer.headers.get("content-type", "").startswith("application/json")
        told["body"] = RawJson(answer.body.decode() if json else encode(answer.body.decode()))
    return RawJson.object(**told)


def malformed(detail: str) -> Problem:
    """A batch that cannot be read."""
    return Problem(
        400, "malformed_batch", "The batch cannot be read", detail,
        [Violation("/requests", detail, "requests in JSON", None, "body", "batch")],
    )  # fmt: skip
