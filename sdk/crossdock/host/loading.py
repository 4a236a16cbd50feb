"""Load plugins: judge all, then start the code of those that can be; set aside the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from crossdock.errors import ManifestError, PluginNotLoaded
from crossdock.host.code import Code, import_code
from crossdock.host.config import HostConfig
from crossdock.host.dependencies import Obstacle, load_order, obstacle_to
from crossdock.host.hooks import hooks_of
from crossdock.host.manifest import Manifest
from crossdock.host.plugin import Isolation, Plugin, Quarantined, Started
from crossdock.host.sources import GROUP, Candidate, Refusal, find_candidates

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
    "start_inline",
]

_MOST_SAID: Final = 2_000
# The manifests of installed plugins whose modules are in this process, by package. They stay.
_installed: Final[dict[str, Manifest]] = {}


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
    failures: dict[str, PluginNotLoaded] = {}
    candidates = [roster.found[name] for name in roster.wanted if name in roster.found]
    fitting: list[Manifest] = []
    settings: dict[str, Mapping[str, Any]] = {}
    obstacles: dict[str, Obstacle] = {}
    for candidate in candidates:
        manifest = candidate.manifest
        try:
            settings[manifest.id] = manifest.settings(config.plugin_config.get(manifest.id, {}))
        except ManifestError as wrong:
            obstacles[manifest.id] = Obstacle(str(wrong), (manifest.id,))
        else:
            fitting.append(manifest)
    ordered, unmet = load_order(
        fitting, lambda name: obstacles[name] if name in obstacles else roster.absence(name)
    )
    obstacles |= unmet
    loaded: dict[str, Plugin] = {}
    fresh: list[Plugin] = []
    manifests = {manifest.id: manifest for manifest in ordered}
    for manifest in ordered:
        # What it needs may have failed a moment ago, when its code was started.
        obstacle = obstacle_to(manifest, manifests, obstacles, roster.absence)
        if obstacle is not None:
            obstacles[manifest.id] = obstacle
            continue
        candidate = roster.found[manifest.id]
        try:
            plugin = standing(candidate)
            if plugin is None:
                plugin = start(candidate, settings[manifest.id], config)
                fresh.append(plugin)
        except PluginNotLoaded as wrong:
            obstacles[manifest.id] = Obstacle(str(wrong), (manifest.id,))
            # Not the exception itself: its traceback would keep the code's modules alive.
            failures[manifest.id] = PluginNotLoaded(str(wrong), detail=wrong.detail)
            continue
        loaded[manifest.id] = plugin
    return Loaded(
        plugins=tuple(loaded[name] for name in roster.wanted if name in loaded),
        quarantined=tuple(_quarantined(roster, obstacles, failures, config.enabled)),
        fresh=tuple(fresh),
        failures=failures,
    )


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
    inline = "*" if config.inline is None else config.inline
    trusted = inline == "*" or manifest.id in inline
    return "inline" if trusted and not manifest.requires_process else "process"


def rehearses(manifest: Manifest, config: HostConfig) -> bool:
    """Whether a plugin's writes are recorded and not sent."""
    return config.dry_run == "*" or manifest.id in config.dry_run


def start(candidate: Candidate, settings: Mapping[str, Any], config: HostConfig) -> Plugin:
    """Start a plugin's code where the host wants it to run.

    Raises:
        PluginNotLoaded: it cannot be; the message says why.
    """
    manifest = candidate.manifest
    isolation = isolation_of(manifest, config)
    if isolation == "process":
        from crossdock.host.isolation.remote import start_in_process

        started = start_in_process(
            manifest.id, candidate.code, manifest.points, settings, config.isolation
        )
    else:
        started = start_inline(manifest, candidate.code)
    return Plugin(
        manifest=manifest,
        config=settings,
        hooks=started.hooks,
        isolation=isolation,
        dry_run=rehearses(manifest, config),
        close=started.close,
        notes=started.notes,
    )


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
    try:
        imported = import_code(code, manifest.id)
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # noqa: BLE001 - the boundary to foreign code
        said = "".join(traceback.format_exception_only(raised)).strip()[:_MOST_SAID]
        raise PluginNotLoaded(
            f"its code raised while it was imported: {said}", detail=traceback.format_exc()
        ) from None
    try:
        hooks, notes = hooks_of(imported.module, manifest.points)
    except PluginNotLoaded:
        imported.forget()
        raise
    return Started(hooks=hooks, close=imported.forget, notes=tuple(notes))
