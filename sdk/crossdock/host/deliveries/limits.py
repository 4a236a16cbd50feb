"""The quota of each remote system is kept, by all workers together.

Where a delivery begins it is given its turn; what has to wait does so as a row with a due time, so
no thread sleeps, and it waits once: `per_second` reserves a slot, `daily` gives the next day. How
many calls a delivery makes is known when it is over, and charged then.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.store.schema import deliveries, usage

if TYPE_CHECKING:
    from crossdock.host.store import Store

_FIRST_GUESS: Final = 4.0  # calls of one delivery to one system, before any was seen
_SPREAD_SECONDS: Final = 60.0
_NEAR: Final = timedelta(milliseconds=20)


@frozen(kw_only=True)
class Limit:
    """What may be asked of one remote system; `None` where there is no limit.

    Attributes:
        per_second: calls a second, on average.
        concurrency: deliveries that use it side by side.
        daily: calls a day (UTC).
    """

    per_second: float | None = None
    concurrency: int | None = None
    daily: int | None = None


@frozen
class Turn:
    """When a delivery may begin, and why not now."""

    due_at: datetime
    cause: str
    reserved: bool


class Limits:
    """The limits of the remote systems of a store."""

    def __init__(self, store: Store, limits: Mapping[str, Limit] | None = None) -> None:
        self._store: Final = store
        self._limits: Final = dict(limits or {})
        self._insert: Final = postgresql.insert if store.shared else sqlite.insert
        self._usual: Final[dict[str, float]] = {}
        self._guard: Final = threading.Lock()

    @property
    def some(self) -> bool:
        """Whether any system has a limit."""
        return bool(self._limits)

    def on(self, systems: Collection[str]) -> tuple[str, ...]:
        """Name those of some systems that have a limit."""
        return tuple(sorted(each for each in systems if each in self._limits))

    def admit(self, connection: sa.Connection, row: Any, systems: Collection[str]) -> Turn | None:
        """Say when a delivery may begin; `None` where it may now.

        Args:
            connection: of the transaction that begins it.
            row: the delivery's.
            systems: those that have a limit and that it is known to use.
        """
        now = self._store.clock()
        reserved = row.slot_at is not None and row.slot_at <= now
        slot, cause = now, ""
        for system in systems:
            limit = self._limits[system]
            used = self._used(connection, system, now)
            if limit.daily is not None and used.today >= limit.daily:
                tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
                spread = timedelta(seconds=_SPREAD_SECONDS * _fraction(row.id))
                text = f"the {limit.daily} calls a day that {system} allows are used up"
                return Turn(tomorrow + spread, text, reserved=False)
            if limit.concurrency is not None:
                busy = connection.scalar(
                    sa.select(sa.func.count())
                    .select_from(deliveries)
                    .where(
                        deliveries.c.state == "running",
                        deliveries.c.uses.contains(f" {system} ", autoescape=True),
                        deliveries.c.id != row.id,
                    )
                )
                if busy is not None and busy >= limit.concurrency:
                    wait = timedelta(seconds=0.5 + _fraction(row.id + row.run))
                    text = f"{system} is used by {limit.concurrency} deliveries at a time"
                    return Turn(now + wait, text, reserved=reserved)
            if limit.per_second is not None and not reserved:
                free_at = max(used.free_at, now)
                cost = self._cost(system, limit.per_second)
                self._set(connection, system, free_at=free_at + cost)
                if free_at > slot:
                    slot = free_at
                    cause = f"{system} takes {limit.per_second:g} calls a second"
        return None if slot <= now + _NEAR else Turn(slot, cause, reserved=True)

    def charge(self, calls: Mapping[str, int]) -> None:
        """Take note of how many calls a delivery made.

        Args:
            calls: their number by system.
        """
        limited = {system: n for system, n in calls.items() if system in self._limits}
        if not limited:
            return
        now = self._store.clock()
        with self._store.writing() as connection:
            for system in sorted(limited):
                limit, n = self._limits[system], limited[system]
                used = self._used(connection, system, now)
                values: dict[str, Any] = {"used_today": used.today + n}
                if limit.per_second is not None:
                    asked = timedelta(seconds=n / limit.per_second)
                    values["free_at"] = used.free_at + asked - self._cost(system, limit.per_second)
                self._set(connection, system, **values)
        with self._guard:
            for system, n in limited.items():
                usual = self._usual.get(system, _FIRST_GUESS)
                self._usual[system] = usual + (n - usual) / 8

    def _cost(self, system: str, per_second: float) -> timedelta:
        with self._guard:
            usual = self._usual.get(system, _FIRST_GUESS)
        return timedelta(seconds=usual / per_second)

    def _used(self, connection: sa.Connection, system: str, now: datetime) -> _Used:
        """Read what was used, and lock it until the transaction ends."""
        today = now.date().isoformat()
        select = sa.select(usage).where(usage.c.system == system).with_for_update()
        row = connection.execute(select).one_or_none()
        if row is None:
            connection.execute(
                self._insert(usage)
                .values(system=system, day=today, used_today=0, free_at=now)
                .on_conflict_do_nothing()
            )
            row = connection.execute(select).one()
        if row.day != today:
            self._set(connection, system, day=today, used_today=0)
            return _Used(0, row.free_at)
        return _Used(row.used_today, row.free_at)

    def _set(self, connection: sa.Connection, system: str, **values: object) -> None:
        connection.execute(sa.update(usage).where(usage.c.system == system).values(**values))


@frozen
class _Used:
    today: int
    free_at: datetime


def _fraction(number: int) -> float:
    digest = hashlib.sha256(str(number).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
