"""A plugin that was loaded, wherever its code runs, and one that was set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import Factory, field, frozen

if TYPE_CHECKING:
    from crossdock.host.loading.manifest import Manifest

Isolation = Literal["inline", "process"]


def _nothing() -> None:
    """Close what holds nothing."""


@frozen(kw_only=True)
class Hook:
    """A plugin's function for one extension point.

    Attributes:
        function: what is called: inline the plugin's own function, otherwise one that asks the
            plugin's process. Both take the same positional arguments.
        argument_names: the arguments that it takes, in order.
        tryfirst, trylast: what its `@hookimpl` said.
    """

    function: Callable[..., Any]
    argument_names: tuple[str, ...]
    tryfirst: bool = False
    trylast: bool = False


@frozen(kw_only=True)
class Started:
    """A plugin's code, ready to be called.

    Attributes:
        hooks: by extension point.
        close: gives back what the code holds (modules, processes); called once, when no call that
            may use it is under way any more. It must not raise, and must not wait for long.
        notes: what its author should know, such as a deprecated extension point.
    """

    hooks: Mapping[str, Hook]
    close: Callable[[], None] = _nothing
    notes: tuple[str, ...] = ()


@frozen(kw_only=True, eq=False)
class Plugin:
    """A plugin that was loaded.

    Attributes:
        config: its settings, defaults filled in.
        hooks: its functions by extension point.
        isolation: where they run: in this process, or in one of their own.
        dry_run: its writes are recorded and answered, and nothing is sent.
        close: see `Started.close`; the registry calls it.
        notes: what its author should know.
        id: as its manifest has it.
    """

    manifest: Manifest
    config: Mapping[str, Any] = field(repr=False)  # may hold secrets
    hooks: Mapping[str, Hook] = field(repr=False)
    isolation: Isolation = "inline"
    dry_run: bool = False
    close: Callable[[], None] = field(default=_nothing, repr=False)
    notes: tuple[str, ...] = ()
    # Kept, as every call of a guard reads it.
    id: str = field(init=False, default=Factory(lambda self: self.manifest.id, takes_self=True))


@frozen(kw_only=True)
class Quarantined:
    """A plugin that could not be loaded.

    Attributes:
        id: its id, or its folder's name where the manifest could not be read.
        reason: what is wrong and whose fault it is, for a person.
        detail: the traceback, where its code raised.
        manifest: what it says of itself, where that could be used.
    """

    id: str
    reason: str
    detail: str = ""
    manifest: Manifest | None = field(default=None, repr=False)
