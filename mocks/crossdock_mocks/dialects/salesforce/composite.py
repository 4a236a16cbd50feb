"""Composite and batch: requests within one request, each an exchange of its own.

In a composite request later ones may refer to what earlier ones answered (`@{account.id}`); with
`allOrNone` they are one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, final
from urllib.parse import urlsplit

import attrs
import orjson

from crossdock_mocks.dialects.salesforce import limits
from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.engine import Behaviour, Call, Reply, Request, Response, World

Exchange: TypeAlias = Callable[[World, Request], Response]

MOST: Final = 25
MOST_QUERIES: Final = 5
ROLLED_BACK: Final = (
    "The transaction was rolled back since another operation in the same transaction failed."
)
_REFERENCE: Final = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}")
_STEP: Final = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")
_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,80}\Z")
_INHERITED: Final = ("authorization", "host", "user-agent", "x-correlation-id")
_CARRIED: Final = frozenset(
    {"if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
     "sforce-query-options", "sforce-duplicate-rule-header"}
)  # fmt: skip


class _Undo(Exception):  # noqa: N818 - it names what it is
    """Carries out of a transaction that is to be undone."""


class _Unresolved(Exception):  # noqa: N818 - it names what it is
    """A reference leads to nothing."""


@attrs.frozen
class _Answered:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def failed(self) -> bool:
        return self.status >= 400


def _ask(
    exchange: Exchange, call: Call, method: str, url: str, body: Any, headers: Mapping[str, str]
) -> _Answered:
    """One inner request."""
    target = urlsplit(url)
    sent = {name: call.request.headers[name] for name in _INHERITED if name in call.request.headers}
    sent.update({k.lower(): str(v) for k, v in headers.items() if k.lower() in _CARRIED})
    content = b"" if body is None else orjson.dumps(body)
    if content:
        sent["content-type"] = "application/json"
    with limits.uncounted():
        answer = exchange(call.world, Request(method, target.path, target.query, sent, content))
    kept = {"Location": answer.headers["location"]} if "location" in answer.headers else {}
    # A defect of the mock stays one: it is loud in the journal, and here.
    parsed = orjson.loads(answer.body) if answer.body else None
    return _Answered(answer.status, parsed, kept)


@final
class Composite:
    """The behaviour of `composite`."""

    def __call__(self, call: Call) -> Reply:
        """Refuse to run: only an app can make the exchanges inside."""
        raise RuntimeError(f"{call.operation_id} was not bound by an app")

    def within(self, exchange: Exchange) -> Behaviour:
        """The behaviour, for an app's exchange."""
        return lambda call: self._run(call, exchange)

    def _run(self, call: Call, exchange: Exchange) -> Reply:
        requests: Sequence[Mapping[str, Any]] = call.body["compositeRequest"]
        self._check(requests, f"/services/data/{call.path['version']}")
        together = call.body.get("allOrNone", False)
        answers: dict[str, _Answered] = {}
        before = call.world.journal.number
        try:
            with call.world.transaction():
                for each in requests:
                    answer = self._one(each, answers, call, exchange)
                    answers[each["referenceId"]] = answer
                    if answer.failed and together:
                        raise _Undo
        except _Undo:
            call.world.journal.undone(before)
            failed = {name: each for name, each in answers.items() if each.failed}
            answers = {
                each["referenceId"]: failed.get(each["referenceId"]) or _halted(ROLLED_BACK)
                for each in requests
            }
        listed = [
            {
                "body": answers[each["referenceId"]].body,
                "httpHeaders": answers[each["referenceId"]].headers,
                "httpStatusCode": answers[each["referenceId"]].status,
                "referenceId": each["referenceId"],
            }
            for each in requests
        ]
        return Reply(200, {"compositeResponse": listed})

    def _check(self, requests: Sequence[Mapping[str, Any]], base: str) -> None:
        if len(requests) > MOST:
            raise Refused(
                "LIMIT_EXCEEDED", f"A composite request has at most {MOST} subrequests.", []
            )
        names = [each["referenceId"] for each in requests]
        for name in names:
            if not _NAME.match(name):
                raise Refused("INVALID_INPUT", f"Provided referenceId ('{name}') must start with "
                              "a letter or a number, and it can contain only letters, numbers "
                              "and underscores ('_').", [])  # fmt: skip
            if names.count(name) > 1:
                raise Refused("INVALID_INPUT", f"Duplicate referenceId: {name}", [])
        heavy = 0
        for each in requests:
            path = urlsplit(each["url"]).path
            if not path.startswith(f"{base}/"):
                raise Refused(
                    "INVALID_INPUT", f"The url of {each['referenceId']} has to begin with {base}/",
                    [],
                )  # fmt: skip
            rest = path.removeprefix(base)
            if rest.startswith("/composite") and not rest.startswith("/composite/sobjects"):
                raise Refused("INVALID_INPUT", f"{rest} cannot be a subrequest", [])
            heavy += rest.startswith(("/query", "/composite/sobjects"))
        if heavy > MOST_QUERIES:
            raise Refused(
                "LIMIT_EXCEEDED",
                f"A composite request has at most {MOST_QUERIES} queries and collections.",
                [],
            )

    def _one(
        self, asked: Mapping[str, Any], answers: Mapping[str, _Answered], call: Call,
        exchange: Exchange,
    ) -> _Answered:  # fmt: skip
        try:
            url = _referring(asked["url"], answers)
            body = _referring(asked.get("body"), answers)
        except _Unresolved as unresolved:
            return _halted(str(unresolved))
        headers = asked.get("httpHeaders") or {}
        return _ask(exchange, call, asked["method"], str(url), body, headers)


def _halted(message: str) -> _Answered:
    return _Answered(400, [{"errorCode": "PROCESSING_HALTED", "message": message}], {})


def _referring(value: Any, answers: Mapping[str, _Answered]) -> Any:
    """A value with its references replaced by what they lead to."""
    if isinstance(value, dict):
        return {name: _referring(each, answers) for name, each in value.items()}
    if isinstance(value, list):
        return [_referring(each, answers) for each in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return _resolved(whole[0], whole[1], whole[2], answers)
    return _REFERENCE.sub(
        lambda found: str(_resolved(found[0], found[1], found[2], answers)), value
    )


def _resolved(text: str, name: str, way: str, answers: Mapping[str, _Answered]) -> Any:
    answer = answers.get(name)
    if answer is None or answer.failed:
        raise _Unresolved(f"Invalid reference specified. No value for {text} found in {name}")
    value = answer.body
    for step in _STEP.finditer(way):
        key, place = step[1], step[2]
        if key is not None and isinstance(value, dict) and key in value:
            value = value[key]
        elif place is not None and isinstance(value, list) and int(place) < len(value):
            value = value[int(place)]
        else:
            raise _Unresolved(f"Invalid reference specified. No value for {text} found in {name}")
    return value


@final
class Batch:
    """The behaviour of `composite/batch`: requests that know nothing of each other."""

    def __call__(self, call: Call) -> Reply:
        """Refuse to run: only an app can make the exchanges inside."""
        raise RuntimeError(f"{call.operation_id} was not bound by an app")

    def within(self, exchange: Exchange) -> Behaviour:
        """The behaviour, for an app's exchange."""
        return lambda call: self._run(call, exchange)

    def _run(self, call: Call, exchange: Exchange) -> Reply:
        requests: Sequence[Mapping[str, Any]] = call.body["batchRequests"]
        if len(requests) > MOST:
            raise Refused("LIMIT_EXCEEDED", f"A batch has at most {MOST} subrequests.", [])
        results: list[dict[str, Any]] = []
        halted = False
        for each in requests:
            if halted:
                told = {
                    "errorCode": "BATCH_PROCESSING_HALTED",
                    "message": "Batch processing halted per request",
                }
                results.append({"statusCode": 412, "result": [told]})
                continue
            url = each["url"].removeprefix("/services/data").lstrip("/")
            if url.partition("/")[2].startswith("composite"):
                raise Refused("INVALID_INPUT", f"{each['url']} cannot be a subrequest", [])
            answer = _ask(
                exchange, call, each["method"], f"/services/data/{url}", each.get("richInput"), {}
            )
            results.append({"statusCode": answer.status, "result": answer.body})
            halted = answer.failed and call.body.get("haltOnError", False)
        failed = any(each["statusCode"] >= 400 for each in results)
        return Reply(200, {"hasErrors": failed, "results": results})
