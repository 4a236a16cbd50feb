"""What is looked for in a journal, and what to say when it is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import attrs
import orjson

if TYPE_CHECKING:
    from crossdock_mocks.engine.journal import Entry

_NEAR = 5
_NOTHING = object()


@attrs.frozen
class Wanted:
    """Conditions on an exchange; see `Journal.find`."""

    operation: str | None = None
    path: str | None = None
    method: str | None = None
    status: int | None = None
    verdict: str | None = None
    committed: bool | None = None
    since: int = 0
    fault: str | None = None
    headers: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None

    def met_by(self, entry: Entry) -> bool:
        """Whether an exchange meets all conditions."""
        return next(self.misses(entry), None) is None

    def misses(self, entry: Entry) -> Iterator[str]:
        """What an exchange does not meet, in words."""
        if entry.number <= self.since:
            yield f"number is {entry.number}"
        if self.operation is not None and entry.operation_id != self.operation:
            yield f"operation is {entry.operation_id}"
        if self.path is not None and not entry.path.startswith(self.path):
            yield f"path is {entry.path}"
        for name in ("method", "status", "verdict", "committed", "fault"):
            asked, came = getattr(self, name), getattr(entry, name)
            if asked is not None and asked != came:
                yield f"{name} is {came}"
        for header, text in (self.headers or {}).items():
            sent = entry.raw_request_headers.get(header.lower())
            if sent is None or not fnmatchcase(sent, text):
                yield f"header {header} is {entry.request_headers.get(header.lower())}"
        if self.body:
            sent_body = _parsed(entry.raw_request_body)
            for pointer, value in self.body.items():
                found = _at(sent_body, pointer)
                if found is _NOTHING:
                    yield f"body{pointer} is missing"
                elif found != value:
                    yield f"body{pointer} is {found!r}"

    def told(self, count: int, found: Sequence[Entry], entries: Sequence[Entry]) -> str:
        """Why an expectation was not met, with the exchanges that came nearest to it."""
        asked = ", ".join(
            f"{name}={value!r}"
            for name, value in attrs.asdict(self, recurse=False).items()
            if value not in (None, 0)
        )
        expected = {0: "no exchange", 1: "one exchange"}.get(count, f"{count} exchanges")
        lines = [
            f"expected {expected} with {asked or 'anything'}; "
            f"there are {len(found)} in a journal of {len(entries)}"
        ]
        if found:
            lines += [f"  {line(each)}" for each in found[:_NEAR]]
        elif entries:
            missed = [(list(self.misses(each)), each) for each in entries]
            missed.sort(key=lambda each: (len(each[0]), -each[1].number))
            lines.append("nearest:")
            lines += [f"  {line(each)}: {', '.join(why)}" for why, each in missed[:_NEAR]]
        return "\n".join(lines)


def line(entry: Entry) -> str:
    """An exchange as a line of text."""
    reason = f" ({entry.reason})" if entry.reason else ""
    operation = entry.operation_id or "no operation"
    return f"#{entry.number} {entry.method} {entry.path} {operation} -> {entry.status}{reason}"


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _NOTHING


def _at(value: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901), or `_NOTHING`."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key, _NOTHING)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return _NOTHING
    return value
