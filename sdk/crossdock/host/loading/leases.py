"""Which snapshot is the current one, and how long a call may use the one that it began with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Final

from crossdock.host.loading.plugin import Plugin
from crossdock.host.loading.snapshot import Snapshot

_log: Final = logging.getLogger("crossdock.plugins")


class Current:
    """Holds the current snapshot, and closes what retired ones alone hold.

    Attributes:
        snapshot: the current one.
    """

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self._live = [self.snapshot]  # the current one, and retired ones that calls still use
        self._retiring = threading.Lock()

    def put(self, new: Snapshot) -> None:
        """Make another snapshot the current one; the old one retires when its calls are over."""
        old = self.snapshot
        with self._retiring:
            self._live.append(new)
        self.snapshot = new
        if not old.leases:
            self._retire(old)

    def give_back(self, snapshot: Snapshot) -> None:
        """End a lease; the last one of a retired snapshot closes what nobody else uses."""
        snapshot.leases.pop()
        if snapshot is not self.snapshot and not snapshot.leases:
            self._retire(snapshot)

    def _retire(self, snapshot: Snapshot) -> None:
        with self._retiring:
            if snapshot not in self._live:
                return  # two calls ended at the same moment
            self._live.remove(snapshot)
            used = {plugin for each in self._live for plugin in each.plugins}
        close_all(plugin for plugin in snapshot.plugins if plugin not in used)


class Lease:
    """The right of one call to use a snapshot; a context manager that gives the snapshot."""

    # Every call of the host passes here, so there is no lock and no generator. A list's append
    # and pop are atomic. A lease counts if its snapshot was still the current one *after* it was
    # noted: whoever swaps later sees the note, whoever swapped before makes us try again.
    __slots__ = ("_current", "_snapshot")

    def __init__(self, current: Current) -> None:
        self._current = current

    def __enter__(self) -> Snapshot:
        current = self._current
        while True:
            snapshot = current.snapshot
            snapshot.leases.append(None)
            if snapshot is current.snapshot:
                self._snapshot = snapshot
                return snapshot
            current.give_back(snapshot)

    def __exit__(self, *_: object) -> None:
        self._current.give_back(self._snapshot)


def close_all(plugins: Iterable[Plugin]) -> None:
    """Close plugins; what one of them raises is logged, and the others are closed all the same."""
    for plugin in plugins:
        try:
            plugin.close()
        except Exception:  # noqa: BLE001 - whoever ends a call must not pay for a plugin of before
            _log.exception("plugins: %s %s was not closed", plugin.id, plugin.manifest.version)
