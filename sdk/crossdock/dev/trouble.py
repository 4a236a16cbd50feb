"""What is wrong with a plugin under development: whose fault it is, where, and the way out."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Final, Literal, TypeAlias

from attrs import frozen

from crossdock.errors import (
    AccessDenied,
    ConfigError,
    ManifestError,
    NotSupported,
    PluginNotLoaded,
    RemoteError,
)
from crossdock.host.isolation.failures import InThePlugin
from crossdock.testing.checks.lines import place_in_manifest
from crossdock.testing.checks.misfits import misfits, of_manifest
from crossdock.testing.checks.source import read_source
from crossdock.testing.rule import Finding

Fault: TypeAlias = Literal["code", "manifest", "config", "server"]

_FRAME: Final = re.compile(r'File "([^"]+)", line (\d+)')
_HOSTS_FRAME: Final = re.compile(r'  File "[^"]*/crossdock/host/[^"]+", line .*\n(?: {4}.*\n)*')
_REFUSAL: Final = re.compile(r"^\S+ cannot be replaced(?:, and \S+ goes on)?: ")
_HINTS: Final[dict[Fault, str]] = {
    "code": "Mend the plugin's code.",
    "manifest": "Mend its plugin.toml.",
    "config": "Mend what is given with --set, or the config schema in its plugin.toml.",
    "server": "Crossdock itself failed, not your plugin: please report it.",
}
_REMOTE_HINT: Final = "The inspector of the mock shows what was asked and answered."


@frozen(kw_only=True)
class Trouble:
    """Why a plugin is not as it was saved, or does not do what it was asked.

    Attributes:
        plugin_id: whose plugin.
        fault: what is at fault: its code, its manifest, its settings, or a server: a mock system's
            or Crossdock's own.
        message: in words.
        place: `plugin.py:12`, as far as a line is known.
        detail: the traceback, where code raised.
        goes_on: whether the version from before is still asked.
        hint: what to do.
    """

    plugin_id: str
    fault: Fault
    message: str
    place: str = ""
    detail: str = ""
    goes_on: bool = False
    hint: str = ""

    def lines(self) -> list[str]:
        """Tell it to a person, the most important first."""
        at = f" at {self.place}" if self.place else ""
        said = [f"{self.plugin_id}: the {self.fault} is at fault{at}", *self.message.splitlines()]
        return [*said, "The version from before goes on."] if self.goes_on else said


def trouble_of(plugin_id: str, folder: Path, raised: Exception, *, goes_on: bool) -> Trouble:
    """Judge what kept a plugin from being loaded."""
    message, detail = str(raised), str(getattr(raised, "detail", ""))
    fault = _fault(raised, message, detail)
    told = _REFUSAL.sub("", message)
    place, hint = _place(folder, f"{detail}\n{message}"), ""
    found = None if place else _finding(folder, raised, told)
    if found is not None:
        place, hint = found.place, f"{found.do[:1].upper()}{found.do[1:]}."
    return Trouble(
        plugin_id=plugin_id,
        fault=fault,
        message=told.replace(f"{folder}/", ""),
        place=place,
        detail=detail,
        goes_on=goes_on,
        hint=hint or _HINTS[fault],
    )


def trouble_at_work(
    plugin_id: str, folder: Path, asked: str, raised: Exception, *, scopes: frozenset[str]
) -> Trouble | None:
    """Judge what a plugin raised when it was asked; nothing where it is nobody's fault.

    Args:
        plugin_id: whose.
        folder: where its code is, or its one file.
        asked: what was asked of it.
        raised: what it raised.
        scopes: what its manifest asks for.
    """
    said = str(raised) or "(it says nothing)"
    if isinstance(raised, AccessDenied):
        if raised.scope in scopes:  # the user may not, and is told so
            return None
        return Trouble(
            plugin_id=plugin_id,
            fault="manifest",
            message=f"{asked}: {said}",
            place=place_in_manifest(folder, "scopes"),
            hint=f'Add "{raised.scope}" to scopes, or leave the call out.',
        )
    cause = raised.__cause__
    if isinstance(cause, InThePlugin):
        detail = cause.text
    else:
        detail = "".join(traceback.format_exception(raised))
    place = _place(folder, detail)
    remote = isinstance(raised, RemoteError | NotSupported)
    fault: Fault = "server" if remote else "code"
    return Trouble(
        plugin_id=plugin_id,
        fault=fault,
        message=f"{asked}: {type(raised).__name__}: {said}",
        place=place or _place_of_hook(folder, asked),
        detail=_HOSTS_FRAME.sub("", detail),
        hint=_REMOTE_HINT if remote else _HINTS[fault],
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


def _finding(folder: Path, raised: Exception, told: str) -> Finding | None:
    """Find the line and the way out of what the host says without a line."""
    if isinstance(raised, ManifestError) and not told.startswith("settings do not fit"):
        return next(of_manifest(folder, told), None)
    if isinstance(raised, PluginNotLoaded):
        return next(misfits(read_source(folder)), None)
    return None


def _place_of_hook(folder: Path, asked: str) -> str:
    """Say where the hook is that answered what cannot be; nothing where that is not known."""
    source = read_source(folder)
    point = asked.partition(" of ")[0]
    found = (source.place(each.module, each.node) for each in source.hooks if each.point == point)
    return next(found, "")


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
