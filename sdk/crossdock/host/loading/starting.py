"""Start a plugin's code where the host wants it to run."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from crossdock.errors import PluginNotLoaded
from crossdock.host.loading.code import Code, Imported, import_code
from crossdock.host.loading.hooks import hooks_of
from crossdock.host.loading.manifest import Manifest
from crossdock.host.loading.plugin import Isolation, Started
from crossdock.host.loading.sources import Candidate

if TYPE_CHECKING:
    from crossdock.host.settings.config import HostConfig

_MOST_SAID: Final = 2_000
# The manifests of installed plugins whose modules are in this process, by package. They stay.
_installed: Final[dict[str, Manifest]] = {}


def _nothing() -> None:
    """Give up what was not begun."""


@frozen
class Starting:
    """A plugin's code on its way.

    Attributes:
        wait: gives it when it is ready, or raises `PluginNotLoaded`; called once.
        give_up: ends what was begun, in place of `wait`.
    """

    wait: Callable[[], Started]
    give_up: Callable[[], None] = _nothing


def start(
    candidate: Candidate, settings: Mapping[str, Any], isolation: Isolation, config: HostConfig
) -> Starting:
    """Start a plugin's code; a process is on its way at once, and several are side by side.

    Args:
        candidate: the plugin.
        settings: its own, defaults filled in.
        isolation: where its code runs.
        config: of the host; says the limits of a process.

    Raises:
        PluginNotLoaded: nothing could be started.
    """
    manifest = candidate.manifest
    if isolation == "inline":
        return Starting(lambda: start_inline(manifest, candidate.code))
    from crossdock.host.isolation.remote import remote_plugin

    remote = remote_plugin(manifest.id, candidate.code, manifest.points, settings, config.isolation)
    remote.start()
    return Starting(remote.started, remote.close)


def start_inline(manifest: Manifest, code: Code) -> Started:
    """Import a plugin's code into this process.

    What its import raises sets it aside, `SystemExit` too; `KeyboardInterrupt` goes through, as a
    person meant the host. An import that never ends cannot be stopped here: nothing can end a
    thread of one's own process. In a process of its own it is killed.

    Raises:
        PluginNotLoaded: its code raised, or its hooks do not fit; nothing is left of it then.
    """
    known = _installed.setdefault(code.package, manifest) if code.installed else manifest
    if known != manifest:
        raise PluginNotLoaded(
            f"this process holds the modules of its version {known.version} already, and cannot "
            "hold those of another one; let it run in a process of its own (leave it out of "
            "[plugins] inline), or restart the host"
        )
    imported: Imported | None = None
    try:
        imported = import_code(code, manifest.id)
        hooks, notes = hooks_of(imported.module, manifest.points)
    except BaseException as raised:
        if imported is not None:
            imported.forget()
        if isinstance(raised, KeyboardInterrupt | PluginNotLoaded):
            raise
        said = "".join(traceback.format_exception_only(raised)).strip()[:_MOST_SAID]
        raise PluginNotLoaded(
            f"its code raised while it was imported: {said}", detail=traceback.format_exc()
        ) from None
    return Started(hooks=hooks, close=imported.forget, notes=tuple(notes))
