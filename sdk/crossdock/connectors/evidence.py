"""The exchanges that a call makes with remote systems, kept for as long as they may be evidence.

Who wants to know opens a `Witness` around a call; the connectors report to the one of their
context. Reporting keeps references and costs nothing; only when a call failed is the exchange that
caused it written down, bounded in size and without secrets.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlencode

from attrs import frozen

from crossdock.connectors.exchange import Reply, Request
from crossdock.connectors.masking import MASK, masked
from crossdock.connectors.refusals import TOO_EARLY, retry_after
from crossdock.errors import RemoteError, RemoteUnavailable

#: What is known of an idempotency key: whether something was made under it.
Fate: TypeAlias = Literal["", "refused", "maybe", "created"]

_MOST_KEPT: Final = 8
_MOST_CHARACTERS: Final = 8_000
_MOST_READ: Final = 262_144
_KEY_HEADER: Final = "idempotency-key"
_UNAUTHORIZED: Final = frozenset({401, 403, 407})
_CONFLICT: Final = 409
_KEY_REUSED: Final = re.compile(rb"idempotency")
_SECRET_HEADER: Final = re.compile(
    r"authori[sz]ation|cookie|token|secret|passw|api.?key|signature|credential|session|nonce",
    re.IGNORECASE,
)
# Besides secrets, what not everybody may see: who works the queue need not see costs and accounts.
_SECRET_FIELD: Final = re.compile(
    r"authori[sz]ation|cookie|token|secret|passw|api_?key|credential|private_?key|session"
    r"|cost|margin|iban|^bic$|^pin$|(bank|card)_?(account|number|details)",
    re.IGNORECASE,
)


@frozen(kw_only=True)
class Exchanged:
    """One exchange, as the connector had it in its hands.

    Attributes:
        reply: `None` where there was no whole answer.
        lost: why there was none.
        secrets: gives what must never be shown.
    """

    system: str
    request: Request
    reply: Reply | None
    lost: str
    seconds: float
    secrets: Callable[[], Iterable[str]]


class Witness:
    """Sees the exchanges of one call of a plugin; of one thread at a time.

    Attributes:
        answered: the systems that were asked: whether each answered sensibly the last time.
        waits: seconds that a system asked to wait, where it did the last time.
        calls: how many exchanges there were with each system.
        fates: what is known of each idempotency key that was sent.
    """

    def __init__(self) -> None:
        self.answered: dict[str, bool] = {}
        self.waits: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self.fates: dict[str, Fate] = {}
        self._last: deque[Exchanged] = deque(maxlen=_MOST_KEPT)

    def saw(self, exchanged: Exchanged, error: RemoteError | None = None) -> None:
        """Take note of an exchange; `error` tells why there was no answer."""
        self._last.append(exchanged)
        reply, system = exchanged.reply, exchanged.system
        self.calls[system] = self.calls.get(system, 0) + 1
        self.answered[system] = reply is not None and not (
            reply.status >= 500 or reply.status in TOO_EARLY
        )
        self.waits.pop(system, None)
        asked = None if reply is None or reply.good else retry_after(reply.headers)
        if asked is not None:
            self.waits[system] = asked
        key = _key(exchanged.request.headers)
        if key:
            self.fates[key] = _fate(self.fates.get(key, ""), reply, error)

    def of(self, error: BaseException) -> Exchanged | None:
        """Give the exchange that an error came from: the last one that it fits."""
        remote = next((e for e in _chain(error) if isinstance(e, RemoteError)), None)
        if remote is None:
            return self._last[-1] if self._last else None
        fitting = [each for each in self._last if each.system == remote.system]
        for each in reversed(fitting):
            status = each.reply.status if each.reply else None
            if status == remote.status:
                return each
        return fitting[-1] if fitting else None


_witness: ContextVar[Witness | None] = ContextVar("crossdock_witness", default=None)


@contextmanager
def witnessed() -> Iterator[Witness]:
    """Watch the exchanges of the calls inside."""
    witness = Witness()
    before = _witness.set(witness)
    try:
        yield witness
    finally:
        _witness.reset(before)


def witness() -> Witness | None:
    """Give who watches the calls made now, if anybody does."""
    return _witness.get()


def written(exchanged: Exchanged, *, secrets: Iterable[str] = ()) -> dict[str, Any]:
    """Write an exchange as plain data for people: no secrets, and no more than they can read.

    Args:
        exchanged: the exchange.
        secrets: further texts that must not be shown, besides the connector's own.
    """
    hidden = (*exchanged.secrets(), *secrets)
    request, reply = exchanged.request, exchanged.reply
    query = urlencode({k: MASK if _SECRET_FIELD.search(k) else v for k, v in request.query.items()})
    url = masked(f"{request.url}?{query}" if query else request.url, hidden)
    document: dict[str, Any] = {
        "system": exchanged.system,
        "operation": request.operation.id,
        "seconds": round(exchanged.seconds, 3),
        "request": {
            "method": request.operation.method,
            "url": url,
            "headers": _headers(request.headers, hidden),
            "body": _asked(request, hidden),
        },
        "answer": None,
    }
    if reply is not None:
        document["answer"] = {
            "status": reply.status,
            "headers": _headers(reply.headers, hidden),
            "body": _content(reply.content, hidden),
        }
    else:
        document["lost"] = masked(exchanged.lost, hidden)
    return document


def _fate(before: Fate, reply: Reply | None, error: RemoteError | None) -> Fate:
    """Say what is known of a key after one more exchange with it."""
    if before == "created":
        return "created"
    if reply is None:
        reached = not isinstance(error, RemoteUnavailable) or error.maybe_done
        return "maybe" if reached else before
    if reply.good:
        return "created"
    if reply.status in _UNAUTHORIZED or reply.status in TOO_EARLY - {408}:
        return before  # turned away unread
    if reply.status >= 500 or reply.status in (408, _CONFLICT):
        return "maybe"
    # A complaint of the key itself says that the system has it already.
    return "maybe" if _KEY_REUSED.search(reply.content[:_MOST_READ]) else "refused"


def _key(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == _KEY_HEADER), "")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _headers(headers: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    hidden = tuple(secrets)
    return {
        name: MASK if _SECRET_HEADER.search(name) else _cut(masked(value, hidden), 400)
        for name, value in headers.items()
    }


def _asked(request: Request, secrets: Iterable[str]) -> str:
    sent = request.form if request.form is not None else request.body
    if sent is None:
        return ""
    return _cut(masked(_pretty(_without(sent)), secrets), _MOST_CHARACTERS)


def _content(content: bytes, secrets: Iterable[str]) -> str:
    if not content:
        return ""
    try:
        text = _pretty(_without(json.loads(content))) if len(content) <= _MOST_READ else None
    except ValueError:
        text = None
    if text is None:
        # No JSON, or too much to be decoded for a look at it: its beginning, as it came.
        text = _masked_pairs(content[: 2 * _MOST_CHARACTERS].decode("utf-8", "replace"))
    return _cut(masked(text, secrets), _MOST_CHARACTERS, whole=len(content))


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _without(value: Any, depth: int = 0) -> Any:
    """Give JSON data with what is not to be shown replaced, wherever it stands."""
    if depth > 50:
        return MASK
    if isinstance(value, Mapping):
        return {
            name: MASK if _SECRET_FIELD.search(str(name)) and each not in (None, "") else
            _without(each, depth + 1)
            for name, each in value.items()
        }  # fmt: skip
    if isinstance(value, list | tuple):
        return [_without(each, depth + 1) for each in value]
    return value


def _masked_pairs(text: str) -> str:
    """Mask the values of secret names in text that could not be decoded."""

    def mask(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{MASK}" if _SECRET_FIELD.search(found[1]) else found[0]

    return re.sub(
        r"([\w-]{2,40})([\"'>]?\s*[:=>]\s*)(\"[^\"]*\"?|'[^']*'?|[^\s<>&,;]+)", mask, text
    )


def _cut(text: str, most: int, *, whole: int | None = None) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}\n... cut off; it was {whole or len(text):,} long"
