"""Load plugins: judge all, then start the code of those that can be; set aside the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from crossdock.errors import PluginNotLoaded, SetupError
from crossdock.host.loading.dependencies import Obstacle, load_order, obstacle_to
from crossdock.host.loading.leases import close_all
from crossdock.host.loading.manifest import Manifest
from crossdock.host.loading.plugin import Isolation, Plugin, Quarantined
from crossdock.host.loading.sources import GROUP, Candidate, Refusal, find_candidates
from crossdock.host.loading.starting import Starting, start
from crossdock.host.settings.config import HostConfig

__all__ = [
    "GROUP",
    "Loaded",
    "Plugin",
    "Quarantined",
    "Roster",
    "find_roster",
    "isolation_of",
    "load",
    "load_plugins",
    "rehearses",
]


@frozen(kw_only=True)
class Roster:
    """Which plugins there are, and which of them shall be loaded; nothing of them was run.

    Attributes:
        found: the plugins that can be used, by id.
        wanted: the ids that are enabled, in the order in which they are asked.
        refused: those whose manifest or code cannot be read.
    """

    found: Mapping[str, Candidate]
    wanted: tuple[str, ...]
    refused: tuple[Refusal, ...] = ()

    def absence(self, plugin_id: str) -> Obstacle:
        """Say why a plugin is not among those that shall be loaded."""
        for aside in self.refused:
            if aside.id == plugin_id:
                return Obstacle(aside.reason, (plugin_id,))
        if plugin_id in self.found:
            return Obstacle("it is installed but not enabled", (plugin_id,))
        known = ", ".join(sorted(self.found)) or "none"
        return Obstacle(
            f"it is enabled but not installed; installed are: {known}"
            if plugin_id in self.wanted
            else f"it is not installed; installed are: {known}",
            (plugin_id,),
        )


@frozen(kw_only=True)
class Loaded:
    """What became of a roster.

    Attributes:
        plugins: those that are loaded, in the order in which they were enabled.
        quarantined: those that are not, with their reasons.
        fresh: those of the plugins whose code was started for this, and not taken over.
        failures: what the code of those that have some, and could not be started, is told.
    """

    plugins: tuple[Plugin, ...]
    quarantined: tuple[Quarantined, ...]
    fresh: tuple[Plugin, ...] = field(default=(), repr=False)
    failures: Mapping[str, PluginNotLoaded] = field(factory=dict, repr=False)


def load_plugins(config: HostConfig) -> tuple[tuple[Plugin, ...], tuple[Quarantined, ...]]:
    """Load the enabled plugins; one that cannot be loaded is quarantined, never raised.

    Returns:
        The loaded plugins in the order in which they were enabled, and the quarantined ones.
    """
    loaded = load(find_roster(config), config)
    return loaded.plugins, loaded.quarantined


def find_roster(config: HostConfig) -> Roster:
    """Find the plugins that are installed or in the configured paths."""
    candidates, refused = find_candidates(config.plugin_paths)
    found = {candidate.id: candidate for candidate in candidates}
    wanted = tuple(sorted(found)) if config.enabled is None else config.enabled
    return Roster(found=found, wanted=wanted, refused=tuple(refused))


def load(
    roster: Roster,
    config: HostConfig,
    standing: Callable[[Candidate], Plugin | None] = lambda _: None,
) -> Loaded:
    """Load the wanted plugins of a roster, each after those that it needs.

    Args:
        roster: what there is.
        config: the host's configuration.
        standing: gives a plugin that is loaded already and can be taken over as it is, or raises
            `PluginNotLoaded` for one whose code is known to fail.
    """
    loading = _Loading(roster, config)
    try:
        for manifest in loading.judged():
            loading.begin(manifest, standing)
        loading.finish()
    except BaseException:
        loading.give_up()
        raise
    return Loaded(
        plugins=tuple(loading.loaded[name] for name in roster.wanted if name in loading.loaded),
        quarantined=tuple(
            _quarantined(roster, loading.obstacles, loading.failures, config.enabled)
        ),
        fresh=tuple(loading.fresh),
        failures=loading.failures,
    )


class _Loading:
    """Loads the plugins of one roster; processes start side by side."""

    def __init__(self, roster: Roster, config: HostConfig) -> None:
        self._roster = roster
        self._config = config
        self._settings: dict[str, Mapping[str, Any]] = {}
        self._manifests: dict[str, Manifest] = {}
        self._starting: dict[str, Starting] = {}
        self.loaded: dict[str, Plugin] = {}
        self.fresh: list[Plugin] = []
        self.obstacles: dict[str, Obstacle] = {}
        self.failures: dict[str, PluginNotLoaded] = {}

    def judged(self) -> Sequence[Manifest]:
        """Give the manifests of those whose code may run, each after those that it needs."""
        fitting = []
        for name in self._roster.wanted:
            if name not in self._roster.found:
                continue
            manifest = self._roster.found[name].manifest
            try:
                self._settings[name] = manifest.settings(self._config.plugin_config.get(name, {}))
            except SetupError as wrong:
                self.obstacles[name] = Obstacle(str(wrong), (name,))
            else:
                fitting.append(manifest)
        ordered, unmet = load_order(
            fitting, lambda name: self.obstacles.get(name) or self._roster.absence(name)
        )
        self.obstacles |= unmet
        self._manifests = {manifest.id: manifest for manifest in ordered}
        return ordered

    def begin(self, manifest: Manifest, standing: Callable[[Candidate], Plugin | None]) -> None:
        """Take a plugin over as it is, or start its code, once those that it needs are there."""
        for wanted in manifest.requires_plugins:
            self._finish(wanted.name)
        name = manifest.id
        obstacle = obstacle_to(manifest, self._manifests, self.obstacles, self._roster.absence)
        if obstacle is not None:
            self.obstacles[name] = obstacle
            return
        candidate = self._roster.found[name]
        try:
            plugin = standing(candidate)
            if plugin is not None:
                self.loaded[name] = plugin
                return
            isolation = isolation_of(manifest, self._config)
            self._starting[name] = start(candidate, self._settings[name], isolation, self._config)
        except PluginNotLoaded as wrong:
            self._failed(name, wrong)
        else:
            if isolation == "inline":  # nothing runs beside it, so it is done in its turn
                self._finish(name)

    def finish(self) -> None:
        """Wait for all that is starting."""
        for name in list(self._starting):
            self._finish(name)

    def _finish(self, name: str) -> None:
        starting = self._starting.pop(name, None)
        if starting is None:
            return
        manifest = self._manifests[name]
        try:
            started = starting.wait()
        except PluginNotLoaded as wrong:
            self._failed(name, wrong)
            return
        plugin = Plugin(
            manifest=manifest,
            config=self._settings[name],
            hooks=started.hooks,
            isolation=isolation_of(manifest, self._config),
            dry_run=rehearses(manifest, self._config),
            close=started.close,
            notes=started.notes,
        )
        self.fresh.append(plugin)
        self.loaded[name] = plugin

    def give_up(self) -> None:
        """Let go of all that was started."""
        for starting in self._starting.values():
            starting.give_up()
        close_all(self.fresh)

    def _failed(self, name: str, wrong: PluginNotLoaded) -> None:
        self.obstacles[name] = Obstacle(str(wrong), (name,))
        # Not the exception itself: its traceback would keep the code's modules alive.
        self.failures[name] = PluginNotLoaded(str(wrong), detail=wrong.detail)


def _quarantined(
    roster: Roster,
    obstacles: Mapping[str, Obstacle],
    failures: Mapping[str, PluginNotLoaded],
    enabled: Collection[str] | None,
) -> Iterator[Quarantined]:
    told: set[str] = set()
    for aside in roster.refused:
        # A plugin that is there and not enabled troubles nobody, whatever is wrong with it.
        if enabled is None or aside.id in roster.wanted or not aside.claimed:
            yield Quarantined(id=aside.id, reason=aside.reason)
            told.add(aside.id)
    for name in roster.wanted:
        if name in obstacles:
            detail = failures[name].detail if name in failures else ""
            yield Quarantined(
                id=name,
                reason=str(obstacles[name]),
                detail=detail,
                manifest=roster.found[name].manifest,
            )
        elif name not in roster.found and name not in told:
            yield Quarantined(id=name, reason=roster.absence(name).reason)


def isolation_of(manifest: Manifest, config: HostConfig) -> Isolation:
    """Say where a plugin's code runs: the host's choice, which a manifest can only tighten."""
    trusted = config.inline == "*" or manifest.id in (config.inline or ())
    return "inline" if trusted and not manifest.requires_process else "process"


def rehearses(manifest: Manifest, config: HostConfig) -> bool:
    """Whether a plugin's writes are recorded and not sent."""
    return config.dry_run == "*" or manifest.id in config.dry_run
