"""The plugins of one moment, which a call uses from its beginning to its end."""

from __future__ import annotations

from attrs import field, frozen

from crossdock.errors import ConfigError
from crossdock.host.loading.plan import Plan
from crossdock.host.loading.plugin import Plugin, Quarantined


@frozen(eq=False)
class Snapshot:
    """The plugins of one moment; immutable, and swapped as a whole.

    Attributes:
        plugins: those that were loaded, in the order in which they were enabled.
        quarantined: those that could not be, each with its reason.
        disabled: the ids of those that could be enabled.
        number: how many snapshots of this host came before it.
        plan: who is called for each extension point.
        leases: one entry for each call that is under way; see `Registry.lease`.
    """

    plugins: tuple[Plugin, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    disabled: tuple[str, ...] = ()
    number: int = 0
    plan: Plan = field(factory=Plan, repr=False)
    leases: list[None] = field(init=False, factory=list, repr=False)

    def plugin(self, plugin_id: str) -> Plugin:
        """Give a loaded plugin.

        Raises:
            ConfigError: it is not loaded; the message says why, where that is known.
        """
        for plugin in self.plugins:
            if plugin.id == plugin_id:
                return plugin
        self.complain_of_quarantine(plugin_id)
        raise ConfigError(f"no plugin {plugin_id!r} is loaded")

    def complain_of_quarantine(self, plugin_id: str) -> None:
        """Raise `ConfigError` with the reason if the plugin was set aside."""
        for aside in self.quarantined:
            if aside.id == plugin_id:
                raise ConfigError(f"the plugin {plugin_id} is not loaded: {aside.reason}")
