"""Plugins come, go and are replaced while calls are served.

All that is loaded at one moment is a `Snapshot`. A call leases the snapshot of its beginning and
keeps it to its end; an operation builds another one beside it and swaps. So a call never meets two
versions of a plugin, and an operation never waits for a call. What a retired snapshot alone holds
(modules of old code, child processes) is closed when the last call that uses it is over.

What is changed here is changed in this process and until it ends; the configuration stays as it is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from crossdock.errors import ConfigError, ManifestError, PluginNotLoaded
from crossdock.host.loading.leases import Current, Lease, close_all
from crossdock.host.loading.plan import Plan, make_plan
from crossdock.host.loading.plugin import Plugin, Quarantined
from crossdock.host.loading.roster import Loaded, Roster, find_roster, isolation_of, load, rehearses
from crossdock.host.loading.snapshot import Snapshot
from crossdock.host.loading.sources import Candidate, read_candidate
from crossdock.host.settings.config import HostConfig

_log: Final = logging.getLogger("crossdock.plugins")


@frozen(kw_only=True)
class Change:
    """What an operation did, by plugin ids."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = [
            f"{what} {', '.join(ids)}"
            for what, ids in (
                ("added", self.added),
                ("replaced", self.replaced),
                ("removed", self.removed),
            )
            if ids
        ]
        return "; ".join(told) or "nothing changed"


class Registry:
    """The plugins of one host.

    Operations may be called from any thread; they are done one after the other. One that cannot be
    done changes nothing and raises.
    """

    def __init__(
        self, config: HostConfig, *, watch: Callable[[Plan], Plan] = lambda plan: plan
    ) -> None:
        """Load the plugins that a configuration enables; one that cannot be is quarantined.

        Args:
            config: what the host was told.
            watch: puts the host's measuring around a plan.
        """
        self._config = config
        self._watch = watch
        self._changing = threading.Lock()
        self._failed: dict[str, tuple[Candidate, PluginNotLoaded]] = {}
        self._roster = find_roster(config)
        self._order = _order_of(self._roster)
        self._current = Current()
        self._closed = False
        self._put(self._roster, self._load(self._roster, config))

    @property
    def snapshot(self) -> Snapshot:
        """The plugins of this moment; to call one of them, `lease` it."""
        return self._current.snapshot

    def lease(self) -> Lease:
        """Let a call use the current snapshot until it is over: `with registry.lease() as s`."""
        return Lease(self._current)

    def close(self) -> None:
        """Let go of all plugins, of those in use when their calls are over."""
        with self._changing:
            self._closed = True
            self._put(Roster(found={}, wanted=()), Loaded(plugins=(), quarantined=()))

    # Operations.

    def install(self, path: Path) -> Plugin:
        """Take in a plugin in a folder or a file, and enable it, behind all others.

        Raises:
            ManifestError: its manifest cannot be used.
            PluginNotLoaded: it cannot be loaded.
            ConfigError: there is a plugin of that id already.
        """
        with self._changing:
            candidate = read_candidate(path.absolute())
            if candidate.id in self._roster.found:
                raise ConfigError(
                    f"there is a plugin {candidate.id} already, in "
                    f"{self._roster.found[candidate.id].manifest.path}; replace it, or unload it"
                )
            return self._take_in(candidate, f"{candidate.id} cannot be installed")

    def replace(self, plugin_id: str, path: Path | None = None) -> Plugin:
        """Exchange a plugin's code and manifest, and enable it; calls under way keep the old.

        Args:
            plugin_id: the plugin.
            path: where the new code is; left out, where the old was.

        Raises:
            ManifestError: the new manifest cannot be used; the old plugin goes on.
            PluginNotLoaded: the new one cannot be loaded; the old plugin goes on.
            ConfigError: there is no such plugin, or the path holds another one.
        """
        with self._changing:
            place, package = (path.absolute(), "") if path is not None else self._place(plugin_id)
            running = {plugin.id: plugin for plugin in self.snapshot.plugins}.get(plugin_id)
            stays = f", and {running.manifest.version} goes on" if running is not None else ""
            refusal = f"{plugin_id} cannot be replaced{stays}"
            try:
                candidate = read_candidate(place, package)
            except (ManifestError, PluginNotLoaded) as wrong:
                raise type(wrong)(f"{refusal}: {wrong}") from None
            if candidate.id != plugin_id:
                raise ConfigError(f"{refusal}: {place} holds the plugin {candidate.id}")
            if (
                package
                and running is not None
                and running.isolation == "inline"
                and isolation_of(candidate.manifest, self._config) == "inline"
            ):
                raise PluginNotLoaded(
                    f"{refusal}: it is an installed package that runs inline, and one process "
                    "holds the modules of a package once; let it run in a process of its own "
                    "(leave it out of [plugins] inline), or restart the host"
                )
            return self._take_in(candidate, refusal)

    def enable(self, plugin_id: str) -> Plugin:
        """Load a plugin that was disabled, in its old place, or try to load one once more.

        Its code is as it was when it was found; to take in what changed since, replace it.

        Raises:
            PluginNotLoaded: it cannot be loaded.
            ConfigError: there is no such plugin.
        """
        with self._changing:
            candidate = self._roster.found.get(plugin_id)
            if candidate is None:
                candidate = read_candidate(*self._place(plugin_id))
            return self._take_in(candidate, f"{plugin_id} cannot be enabled")

    def disable(self, plugin_id: str) -> None:
        """Ask a plugin no more; it stays known, so that it can be enabled.

        Raises:
            PluginNotLoaded: another plugin needs it.
            ConfigError: there is no such plugin.
        """
        with self._changing:
            self._know(plugin_id)
            wanted = tuple(name for name in self._roster.wanted if name != plugin_id)
            self._drop(evolve(self._roster, wanted=wanted), plugin_id, "disabled")

    def unload(self, plugin_id: str) -> None:
        """Forget a plugin, as if it had never been found.

        Raises:
            PluginNotLoaded: another plugin needs it.
            ConfigError: there is no such plugin.
        """
        with self._changing:
            self._know(plugin_id)
            roster = Roster(
                found={n: each for n, each in self._roster.found.items() if n != plugin_id},
                wanted=tuple(name for name in self._roster.wanted if name != plugin_id),
                refused=tuple(each for each in self._roster.refused if each.id != plugin_id),
            )
            self._drop(roster, plugin_id, "unloaded")
            self._order = [name for name in self._order if name != plugin_id]

    def reload(self, config: HostConfig) -> Change:
        """Bring the plugins to what a configuration says now, all of them or none.

        A plugin whose manifest, code, settings and isolation are as they were goes on untouched.
        What was installed, enabled, disabled or unloaded at run time is forgotten.

        Raises:
            PluginNotLoaded: a plugin that runs now, and shall go on, cannot be loaded as it is now.
        """
        with self._changing:
            found = find_roster(config)
            roster = evolve(
                found,
                found={name: self._same(each, config) for name, each in found.found.items()},
            )
            failed, self._failed = self._failed, {}
            try:
                change = self._swap(
                    roster,
                    config,
                    "the plugins stay as they are",
                    may_go={each.id for each in self.snapshot.plugins} - set(roster.wanted),
                )
            except PluginNotLoaded:
                self._failed = failed
                raise
            self._config = config
            self._order = _order_of(roster)
            return change

    # How they are done.

    def _know(self, plugin_id: str) -> None:
        known = {*self._order, *(aside.id for aside in self.snapshot.quarantined)}
        if plugin_id not in known:
            raise ConfigError(
                f"there is no plugin {plugin_id!r}; there are: {', '.join(sorted(known)) or 'none'}"
            )

    def _place(self, plugin_id: str) -> tuple[Path, str]:
        """Give a plugin's place and package; it may be one that could not even be read."""
        if plugin_id in self._roster.found:
            found = self._roster.found[plugin_id]
            return found.manifest.path, found.code.package
        for aside in self._roster.refused:
            if aside.id == plugin_id:
                return aside.path, aside.package
        self._know(plugin_id)
        raise ConfigError(f"{plugin_id}: {self._roster.absence(plugin_id).reason}")

    def _take_in(self, candidate: Candidate, refusal: str) -> Plugin:
        name = candidate.id
        order = self._order if name in self._order else [*self._order, name]
        wanted = {*self._roster.wanted, name}
        roster = Roster(
            found={**self._roster.found, name: candidate},
            wanted=tuple(each for each in order if each in wanted),
            refused=tuple(each for each in self._roster.refused if each.id != name),
        )
        failed = self._failed.pop(name, None)
        try:
            self._swap(roster, self._config, refusal, must=name)
        except PluginNotLoaded:
            if failed is not None:
                self._failed[name] = failed
            raise
        self._order = order
        return self.snapshot.plugin(name)

    def _drop(self, roster: Roster, plugin_id: str, how: str) -> None:
        self._swap(roster, self._config, f"{plugin_id} cannot be {how}", may_go={plugin_id})

    def _same(self, candidate: Candidate, config: HostConfig) -> Candidate:
        """Give the candidate that is loaded, where loading this one would make no difference."""
        old = self._roster.found.get(candidate.id)
        if old != candidate or old is None:
            return candidate
        manifest = candidate.manifest
        for plugin in self.snapshot.plugins:
            if plugin.id == candidate.id:
                try:
                    settings = manifest.settings(config.plugin_config.get(manifest.id, {}))
                except ManifestError:
                    return candidate
                same = (plugin.config, plugin.isolation, plugin.dry_run) == (
                    settings,
                    isolation_of(manifest, config),
                    rehearses(manifest, config),
                )
                return old if same else candidate
        return candidate

    def _load(self, roster: Roster, config: HostConfig) -> Loaded:
        running = {plugin.id: plugin for plugin in self.snapshot.plugins}

        def standing(candidate: Candidate) -> Plugin | None:
            failed = self._failed.get(candidate.id)
            if failed is not None and failed[0] is candidate:
                # Its code ran once and failed; that others change does not mend it.
                raise PluginNotLoaded(str(failed[1]), detail=failed[1].detail)
            unchanged = self._roster.found.get(candidate.id) is candidate
            return running.get(candidate.id) if unchanged else None

        return load(roster, config, standing)

    def _swap(
        self,
        roster: Roster,
        config: HostConfig,
        refusal: str,
        *,
        must: str = "",
        may_go: Iterable[str] = (),
    ) -> Change:
        """Load a roster and put it in place, unless a plugin would be lost by that.

        Args:
            roster: what shall be.
            config: the configuration to load it by.
            refusal: how the message begins if it cannot be done.
            must: a plugin that must be loaded afterwards.
            may_go: plugins that need not be.
        """
        if self._closed:
            raise ConfigError(f"{refusal}: the host is closed")
        before = {plugin.id: plugin for plugin in self.snapshot.plugins}
        loaded = self._load(roster, config)
        after = {plugin.id: plugin for plugin in loaded.plugins}
        needed = [*([must] if must else []), *(name for name in before if name not in may_go)]
        reasons = {aside.id: aside for aside in loaded.quarantined}
        for name in needed:
            if name not in after:
                close_all(loaded.fresh)
                aside = reasons.get(name) or Quarantined(id=name, reason="it is gone")
                told = "" if name == must else f"{name} could not go on: "
                raise PluginNotLoaded(f"{refusal}: {told}{aside.reason}", detail=aside.detail)
        change = Change(
            added=tuple(name for name in after if name not in before),
            replaced=tuple(n for n in after if n in before and after[n] is not before[n]),
            removed=tuple(name for name in before if name not in after),
        )
        self._put(roster, loaded)
        _log.info("plugins: %s", change)
        return change

    def _put(self, roster: Roster, loaded: Loaded) -> None:
        self._roster = roster
        self._failed = {
            name: (roster.found[name], wrong) for name, wrong in loaded.failures.items()
        }
        self._current.put(
            Snapshot(
                plugins=loaded.plugins,
                quarantined=loaded.quarantined,
                disabled=tuple(name for name in roster.found if name not in roster.wanted),
                number=self.snapshot.number + 1,
                plan=self._watch(make_plan(loaded.plugins)),
            )
        )


def _order_of(roster: Roster) -> list[str]:
    return [*roster.wanted, *(name for name in roster.found if name not in roster.wanted)]
