"""Find plugins, judge their manifests, import their code; set aside what cannot be loaded."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from attrs import frozen
from pluggy import PluginManager, PluginValidationError

from crossdock import hookspecs
from crossdock.errors import ManifestError
from crossdock.host.config import HostConfig
from crossdock.host.manifest import FILE_NAME, Manifest

GROUP: Final = "crossdock.plugins"


@frozen(kw_only=True)
class Plugin:
    """A plugin that was loaded."""

    manifest: Manifest
    module: ModuleType
    config: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The plugin's id."""
        return self.manifest.id


@frozen(kw_only=True)
class Quarantined:
    """A plugin that could not be loaded.

    Attributes:
        id: its id, or its folder's name where the manifest could not be read.
        reason: what is wrong and whose fault it is, for a person.
        detail: the traceback, where its code raised.
    """

    id: str
    reason: str
    detail: str = ""


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
        outcome = _load(*manifests[plugin_id], config.plugin_config.get(plugin_id, {}))
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


def _load(
    manifest: Manifest, candidate: _Candidate, settings: Mapping[str, Any]
) -> Plugin | Quarantined:
    if manifest.requires_process:
        return Quarantined(
            id=manifest.id,
            reason="it asks for a process of its own (requires_process), "
            "and this version of the host runs plugins inline only",
        )
    try:
        config = manifest.settings(settings)
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
    complaint = _judge(manifest, module)
    if complaint:
        return Quarantined(id=manifest.id, reason=complaint)
    return Plugin(manifest=manifest, module=module, config=config)


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


def _judge(manifest: Manifest, module: ModuleType) -> str:
    """Say what is wrong with the hooks of a module, or nothing."""
    manager = PluginManager("crossdock")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, name=manifest.id)
        manager.check_pending()
    except PluginValidationError as wrong:
        return f"one of its hooks does not fit its extension point: {wrong}"
    found = {caller.name for caller in manager.get_hookcallers(module) or ()}
    declared = set(manifest.points)
    if missing := sorted(declared - found):
        return f"{FILE_NAME} names {', '.join(missing)}, but the code has no such @hookimpl"
    if undeclared := sorted(found - declared):
        return f"the code implements {', '.join(undeclared)}, which {FILE_NAME} does not name"
    return ""
