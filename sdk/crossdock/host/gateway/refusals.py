"""Each refused access in the audit trail (F3), and no more lines than say something.

A plugin that asks for what it may not have in a tight loop must not fill the disk. The first
refusal of a kind is written at once; those like it within a minute are counted and written as one
line with how many there were.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import attrs

WINDOW_SECONDS: Final = 60.0
KINDS_PER_PLUGIN: Final = 100
"""How many different refusals of one plugin get lines of their own within a minute."""

_OTHERS: Final = "others"
_log = logging.getLogger("crossdock.gateway")


class Trail(Protocol):
    """Where refusals are written; see `crossdock.host.store.audit.Audit`."""

    def append(
        self,
        *,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Add a line."""


@attrs.frozen
class Refusal:
    """What was refused.

    Attributes:
        plugin_id: to which plugin; empty where the user asked for it himself.
        point: the extension point or tab that was being served.
        user_id: on whose behalf; empty in events and jobs.
        scope: the scope, field or member that was asked for.
        reason: why it was refused, in a few words.
    """

    plugin_id: str
    point: str
    user_id: str
    scope: str
    reason: str = ""


@attrs.define
class _Count:
    since: float
    times: int = 0


class Refusals:
    """Writes refusals into the audit trail.

    Args:
        trail: gives the trail; asked only when there is something to write.
        now: the host's clock.
        clock: measures the window, in seconds.
    """

    def __init__(
        self,
        trail: Callable[[], Trail],
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._trail = trail
        self._now = now
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[Refusal, _Count] = {}

    def record(self, refusal: Refusal) -> None:
        """Write a refusal, or count it where one like it was written within the minute."""
        with self._lock:
            over = self._over()
            kind = self._kind(refusal)
            count = self._counts.get(kind)
            if count is None:
                self._counts[kind] = _Count(since=self._clock())
            else:
                count.times += 1
        self._write_counted(over)
        if count is None:
            _log.warning(
                "refused %s to %s in %s for user %s",
                kind.scope,
                kind.plugin_id or "a person",
                kind.point,
                kind.user_id or "-",
            )
            self._write(kind, {})

    def flush(self) -> None:
        """Write what was only counted so far."""
        with self._lock:
            over = [(kind, count.times) for kind, count in self._counts.items()]
            self._counts.clear()
        self._write_counted(over)

    def _kind(self, refusal: Refusal) -> Refusal:
        """Give the refusal, or one for the rest where its plugin has found too many to tell."""
        if refusal in self._counts:
            return refusal
        kinds = sum(each.plugin_id == refusal.plugin_id for each in self._counts)
        if kinds < KINDS_PER_PLUGIN:
            return refusal
        return Refusal(refusal.plugin_id, _OTHERS, "", _OTHERS, "too many to name each")

    def _over(self) -> list[tuple[Refusal, int]]:
        before = self._clock() - WINDOW_SECONDS
        over = [(kind, count.times) for kind, count in self._counts.items() if count.since < before]
        for kind, _ in over:
            del self._counts[kind]
        return over

    def _write_counted(self, counted: list[tuple[Refusal, int]]) -> None:
        for kind, times in counted:
            if times:
                self._write(kind, {"times": times})

    def _write(self, refusal: Refusal, more: Mapping[str, Any]) -> None:
        self._trail().append(
            actor=(
                f"plugin:{refusal.plugin_id}" if refusal.plugin_id else f"user:{refusal.user_id}"
            ),
            action="access.refused",
            subject=refusal.scope,
            detail={
                "point": refusal.point,
                "user": refusal.user_id,
                **({"reason": refusal.reason} if refusal.reason else {}),
                **more,
            },
            at=self._now(),
        )
