"""What stands in the way of the code that was just saved: whose fault it is, and where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal, TypeAlias

from attrs import frozen

from crossdock.errors import ConfigError, ManifestError, PluginNotLoaded

Fault: TypeAlias = Literal["code", "manifest", "config", "server"]

_FRAME: Final = re.compile(r'File "([^"]+)", line (\d+)')
_HINTS: Final[dict[Fault, str]] = {
    "code": "Mend the plugin's code.",
    "manifest": "Mend its plugin.toml.",
    "config": "Mend what is given with --set, or the config schema in its plugin.toml.",
    "server": "Crossdock itself failed, not your plugin: please report it.",
}


@frozen(kw_only=True)
class Trouble:
    """Why a plugin is not as it was saved.

    Attributes:
        plugin_id: whose plugin.
        fault: what is at fault: its code, its manifest, its settings, or Crossdock itself.
        message: in words.
        place: `plugin.py:12`, as far as a line is known.
        detail: the traceback, where code raised.
        goes_on: whether the version from before is still asked.
    """

    plugin_id: str
    fault: Fault
    message: str
    place: str = ""
    detail: str = ""
    goes_on: bool = False

    @property
    def hint(self) -> str:
        """What to do."""
        return _HINTS[self.fault]

    def lines(self) -> list[str]:
        """Tell it to a person, the most important first."""
        at = f" at {self.place}" if self.place else ""
        said = [f"{self.plugin_id}: the {self.fault} is at fault{at}", *self.message.splitlines()]
        if self.goes_on and "goes on" not in self.message:
            said.append("The version from before goes on.")
        return said


def trouble_of(plugin_id: str, folder: Path, raised: Exception, *, goes_on: bool) -> Trouble:
    """Judge what kept a plugin from being loaded."""
    message, detail = str(raised), str(getattr(raised, "detail", ""))
    return Trouble(
        plugin_id=plugin_id,
        fault=_fault(raised, message, detail),
        message=message,
        place=_place(folder, f"{detail}\n{message}"),
        detail=detail,
        goes_on=goes_on,
    )


def _fault(raised: Exception, message: str, detail: str) -> Fault:
    if isinstance(raised, ConfigError) or "settings do not fit" in message:
        return "config"
    if isinstance(raised, ManifestError):
        return "manifest"
    if isinstance(raised, PluginNotLoaded):
        # It was found and judged by then, so it is the code unless its hooks and manifest disagree.
        disagree = not detail and ("plugin.toml" in message or "manifest" in message)
        return "manifest" if disagree else "code"
    return "server"


def _place(folder: Path, text: str) -> str:
    """Find the line of the plugin's own that is nearest to what happened."""
    inside = [
        (Path(file), line)
        for file, line in _FRAME.findall(text)
        if Path(file).is_relative_to(folder) or Path(file) == folder
    ]
    if not inside:
        return ""
    file, line = inside[-1]
    shown = file.relative_to(folder) if file != folder else Path(file.name)
    return f"{shown}:{line}"
