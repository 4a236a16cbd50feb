"""What plugins under development raise when they are asked: told once, shown where it happened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.dev.trouble import Trouble, trouble_at_work
from crossdock.points import POINTS

if TYPE_CHECKING:
    from crossdock.host import Host


class Failures:
    """Hears what plugins raise.

    The terminal tells the same thing once until the plugin is saved. A page shows what happened
    while it was made, each time; what a worker met is shown on the next page, and open pages load
    anew for it.
    """

    def __init__(
        self,
        host: Host,
        plugins: Mapping[str, Path],
        tell: Callable[[Trouble], None],
        refresh: Callable[[], None],
    ) -> None:
        """Take whose failures are told.

        Args:
            host: where the plugins run.
            plugins: the folders or files of those that are developed, by id.
            tell: is told of each that is new.
            refresh: lets open pages load anew.
        """
        self._host = host
        self._plugins = plugins
        self._tell = tell
        self._refresh = refresh
        self._known: set[tuple[str, str, str]] = set()
        self._to_show: dict[tuple[str, str, str], Trouble] = {}
        self._lock = threading.Lock()

    def hear(self, plugin_id: str, asked: str, raised: Exception) -> bool:
        """Take what a plugin raised; says whether it is told here."""
        folder = self._plugins.get(plugin_id)
        running = {each.id: each.manifest for each in self._host.plugins}.get(plugin_id)
        if folder is None or running is None:
            return False
        trouble = trouble_at_work(plugin_id, folder, asked, raised, scopes=running.scopes)
        if trouble is None:
            return False
        about = (plugin_id, trouble.place, trouble.message)
        with self._lock:
            new = about not in self._known
            self._known.add(about)
            self._to_show[about] = trouble
        if new:
            self._tell(trouble)
            if asked in POINTS and POINTS[asked].kind in ("event", "job"):
                self._refresh()  # a worker met it, and no page is being made
        return True

    def forget(self, plugin_id: str) -> None:
        """Begin anew with a plugin that was saved."""
        with self._lock:
            self._known = {each for each in self._known if each[0] != plugin_id}
            for about in [each for each in self._to_show if each[0] == plugin_id]:
                del self._to_show[about]

    def to_show(self) -> Sequence[Trouble]:
        """Give what the page that is being made has to show."""
        with self._lock:
            shown = tuple(self._to_show.values())
            self._to_show.clear()
        return shown
