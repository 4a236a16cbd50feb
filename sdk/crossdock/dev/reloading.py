"""A plugin's code is saved, and a moment later the host runs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from crossdock.dev.trouble import Trouble, trouble_of
from crossdock.host.loading.manifest import Manifest

if TYPE_CHECKING:
    from crossdock.host import Host

_DEBOUNCE_MS: Final = 50  # an editor writes several times for one save
_STEP_MS: Final = 20
_QUIET_MS: Final = 700  # then the page has been loaded anew, and nobody waits
_FURTHER: Final = (".toml", ".json", ".md", ".txt", ".csv", ".yaml", ".yml")


@frozen(kw_only=True)
class Reloaded:
    """A plugin was taken over as it was saved, `seconds` after that was noticed."""

    plugin_id: str
    version: str
    seconds: float


Told = Callable[[Reloaded | Trouble], None]


class Reloader:
    """Replaces plugins whose files change, and remembers what stands in the way.

    Attributes:
        plugins: the folders, or files, by the plugin's id.
        troubles: by plugin folder; one that was mended is gone from it.
        prepare: called when files were quiet for a moment after a change.
    """

    def __init__(self, host: Host, folders: Iterable[Path], tell: Told) -> None:
        """Take what is watched.

        Args:
            host: where the plugins run.
            folders: the plugins' folders, or files.
            tell: is told of each change that was noticed.
        """
        self._host = host
        self._tell = tell
        self._ids: Mapping[Path, str] = {each: _claimed(each) for each in folders}
        self.plugins: Mapping[str, Path] = {id_: folder for folder, id_ in self._ids.items()}
        self.troubles: dict[Path, Trouble] = {}
        self.prepare: Callable[[], None] = _nothing
        loaded = {each.id for each in host.plugins}
        for folder, plugin_id in self._ids.items():
            if plugin_id not in loaded and (raised := self._replace(folder)) is not None:
                self._note(folder, plugin_id, raised, goes_on=False)

    def watch(self, stop: threading.Event) -> None:
        """Look at the files until `stop` is set."""
        from watchfiles import PythonFilter, watch

        to_prepare = False
        places = [folder if folder.is_dir() else folder.parent for folder in self._ids]
        for changes in watch(
            *places,
            watch_filter=PythonFilter(extra_extensions=_FURTHER),
            stop_event=stop,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            raise_interrupt=False,
            rust_timeout=_QUIET_MS,
            yield_on_timeout=True,
        ):
            if not changes:
                if to_prepare:
                    self.prepare()
                to_prepare = False
                continue
            to_prepare = True
            changed = [Path(path) for _, path in changes]
            for folder in self._ids:
                if any(each == folder or each.is_relative_to(folder) for each in changed):
                    self.take_over(folder)

    def take_over(self, folder: Path) -> None:
        """Run a plugin's code as it is now; what cannot be is told, and the old one goes on."""
        plugin_id, began = self._ids[folder], time.perf_counter()
        raised = self._replace(folder)
        seconds = time.perf_counter() - began
        running = {each.id: each.manifest.version for each in self._host.plugins}
        if raised is not None:
            self._note(folder, plugin_id, raised, goes_on=plugin_id in running)
            self._tell(self.troubles[folder])
            return
        self.troubles.pop(folder, None)
        self._tell(Reloaded(plugin_id=plugin_id, version=running[plugin_id], seconds=seconds))

    def _replace(self, folder: Path) -> Exception | None:
        try:
            self._host.replace(self._ids[folder], folder)
        except Exception as raised:  # noqa: BLE001 - told with whose fault it is; we go on watching
            return raised
        return None

    def _note(self, folder: Path, plugin_id: str, raised: Exception, *, goes_on: bool) -> None:
        self.troubles[folder] = trouble_of(plugin_id, folder, raised, goes_on=goes_on)


def _nothing() -> None:
    """Do nothing, where nothing has to be made ready."""


def _claimed(folder: Path) -> str:
    return Manifest.read(folder).id
