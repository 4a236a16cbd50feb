"""Find plugins, judge their manifests, import their code; set aside what cannot be loaded."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Final

from attrs import frozen

from crossdock.errors import ManifestError, PluginNotLoaded
from crossdock.host.config import HostConfig
from crossdock.host.hooks import hooks_of
from crossdock.host.manifest import FILE_NAME, Manifest
from crossdock.host.plugin import Isolation, Plugin, Quarantined

__all__ = ["GROUP", "Plugin", "Quarantined", "isolation_of", "load_plugins"]

GROUP: Final = "crossdock.plugins"


@frozen(kw_only=True)
class _Candidate:
    folder: Path
    package: str | None  # the import path, for an installed plugin


def load_plugins(config: HostConfig) -> tuple[tuple[Plugin, ...], tuple[Quarantined, ...]]:
    """Load the enabled plugins; one that cannot be loaded is quarantined, never raised.

    Returns:
        The loaded plugins in the order in which they were enabled, and the quarantined ones.
    """
    manifests: dict[str, tuple[Manifest, _Candidate]] = {}
    quarantined: list[Quarantined] = []
    for candidate in _candidates(config.plugin_paths):
        try:
            manifest = Manifest.read(candidate.folder)
        except ManifestError as refused:
            quarantined.append(Quarantined(id=candidate.folder.name, reason=str(refused)))
            continue
        if manifest.id in manifests:
            other = manifests[manifest.id][0].folder
            quarantined.append(
                Quarantined(
                    id=manifest.id,
                    reason=f"two plugins are called {manifest.id}: {other} and {manifest.folder}",
                )
            )
            continue
        manifests[manifest.id] = (manifest, candidate)

    wanted: Sequence[str] = sorted(manifests) if config.enabled is None else config.enabled
    loaded: list[Plugin] = []
    for plugin_id in wanted:
        if plugin_id not in manifests:
            if not any(plugin_id == aside.id for aside in quarantined):
                known = ", ".join(sorted(manifests)) or "none"
                quarantined.append(
                    Quarantined(
                        id=plugin_id,
                        reason=f"it is enabled but not installed; installed are: {known}",
                    )
                )
            continue
        outcome = _load(*manifests[plugin_id], config)
        if isinstance(outcome, Plugin):
            loaded.append(outcome)
        else:
            quarantined.append(outcome)
    return tuple(loaded), tuple(quarantined)


def _candidates(paths: Sequence[Path]) -> Iterator[_Candidate]:
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        spec = importlib.util.find_spec(entry.value)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            yield _Candidate(folder=Path(location), package=entry.value)
    for path in paths:
        if (path / FILE_NAME).is_file():
            yield _Candidate(folder=path, package=None)
            continue
        inside = sorted(child.parent for child in path.glob(f"*/{FILE_NAME}"))
        if not inside:  # named but empty: Manifest.read will say so
            yield _Candidate(folder=path, package=None)
        for folder in inside:
            yield _Candidate(folder=folder, package=None)


def isolation_of(manifest: Manifest, config: HostConfig) -> Isolation:
    """Say where a plugin's code runs: the host's choice, which a manifest can only tighten."""
    inline = "*" if config.inline is None else config.inline
    trusted = inline == "*" or manifest.id in inline
    return "inline" if trusted and not manifest.requires_process else "process"


def _load(manifest: Manifest, candidate: _Candidate, host: HostConfig) -> Plugin | Quarantined:
    isolation = isolation_of(manifest, host)
    if isolation == "process":
        return Quarantined(
            id=manifest.id,
            reason="it asks for a process of its own (requires_process), "
            "and this version of the host runs plugins inline only",
        )
    try:
        config = manifest.settings(host.plugin_config.get(manifest.id, {}))
    except ManifestError as refused:
        return Quarantined(id=manifest.id, reason=str(refused))
    try:
        module = _import(manifest, candidate)
    except BaseException as raised:
        if isinstance(raised, KeyboardInterrupt):
            raise
        return Quarantined(
            id=manifest.id,
            reason=f"its code raised {type(raised).__name__} while it was imported: {raised}",
            detail=traceback.format_exc(),
        )
    try:
        hooks, notes = hooks_of(module, manifest.points)
    except PluginNotLoaded as refused:
        return Quarantined(id=manifest.id, reason=str(refused))
    return Plugin(
        manifest=manifest,
        config=config,
        hooks=hooks,
        isolation=isolation,
        dry_run=host.dry_run == "*" or manifest.id in host.dry_run,
        notes=tuple(notes),
    )


def _import(manifest: Manifest, candidate: _Candidate) -> ModuleType:
    if candidate.package is not None:
        return importlib.import_module(f"{candidate.package}.{manifest.module}")
    # A folder becomes a package of its own name, so that its modules can import each other.
    package = "crossdock_plugin_" + manifest.id.replace("-", "_")
    spec = importlib.util.spec_from_loader(package, loader=None, is_package=True)
    assert spec is not None
    parent = importlib.util.module_from_spec(spec)
    parent.__path__ = [str(manifest.folder)]
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        del sys.modules[name]
    sys.modules[package] = parent
    return importlib.import_module(f"{package}.{manifest.module}")
