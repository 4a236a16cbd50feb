"""A load asks no faster than the quota of each remote system allows: rows all workers draw on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import define

from crossdock.connectors.evidence import witnessed
from crossdock.errors import CrossdockError
from crossdock.host.deliveries.limits import Limit, Limits

if TYPE_CHECKING:
    from crossdock.host.store import Store

_LONGEST_WAIT: Final = 30.0


class QuotaError(CrossdockError):
    """A remote system may not be asked any more today; what was done is kept."""


@define
class _Turn:
    """What a turn is drawn for, in the form of a delivery: it reserves a slot and waits for it."""

    id: int
    run: int = 1
    slot_at: datetime | None = None


class Pace:
    """Draws turns from the quota of the systems that a load asks."""

    def __init__(
        self,
        store: Store,
        limits: Mapping[str, Mapping[str, Any]],
        systems: tuple[str, ...],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make it.

        Args:
            store: where the quota is kept.
            limits: of the configuration.
            systems: those that are asked.
            sleep: waits.
        """
        self._store = store
        self._limits = Limits(store, {name: Limit(**table) for name, table in limits.items()})
        self._on = self._limits.on(systems)
        self._sleep = sleep
        self._number = 0
        self.calls: dict[str, int] = {}

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and charge the calls that are made in it.

        Raises:
            QuotaError: the calls of the day are used up.
        """
        if self._on:
            self._wait()
        with witnessed() as witness:
            try:
                yield
            finally:
                for system, count in witness.calls.items():
                    self.calls[system] = self.calls.get(system, 0) + count
                if self._on:
                    self._limits.charge(witness.calls)

    def _wait(self) -> None:
        self._number += 1
        turn = _Turn(-self._number)
        while True:
            with self._store.writing() as connection:
                wait = self._limits.admit(connection, turn, self._on)
            if wait is None:
                return
            if wait.reserved:
                turn.slot_at = wait.due_at
            seconds = (wait.due_at - self._store.clock()).total_seconds()
            if seconds > _LONGEST_WAIT:
                raise QuotaError(f"{wait.cause}; go on from {wait.due_at:%Y-%m-%d %H:%M} UTC")
            self._sleep(max(0.0, seconds))
