"""Where plugins come from: what is installed, folders, and single files. Nothing of them is run.

`importlib.util.find_spec("a.b")` imports `a`, and with it code of the plugin's distribution before
its manifest was read. So packages are found here by asking Python's finders step by step.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from crossdock.errors import ManifestError, PluginNotLoaded
from crossdock.host.loading.code import Code, read_file, read_folder
from crossdock.host.loading.manifest import Manifest
from crossdock.host.loading.manifest_text import holds_manifest, manifest_file, read_document

GROUP: Final = "crossdock.plugins"


@frozen(kw_only=True)
class Candidate:
    """A plugin that was found and not run yet.

    Attributes:
        manifest: what it says of itself, judged.
        code: its sources, or where Python finds them.
    """

    manifest: Manifest
    code: Code

    @property
    def id(self) -> str:
        """The plugin's id."""
        return self.manifest.id


@frozen(kw_only=True)
class Refusal:
    """A plugin that was found and cannot be used.

    Attributes:
        id: what its manifest claims, where that can be read, or else the name of its place.
        path: where it was found.
        package: the import path, if it is installed.
        claimed: whether the id is from its manifest.
    """

    id: str
    path: Path
    package: str
    reason: str
    claimed: bool


def read_candidate(path: Path, package: str = "") -> Candidate:
    """Read a plugin in a folder or a file.

    Args:
        path: the folder with a `plugin.toml`, or the file with a manifest in it.
        package: the import path of an installed plugin.

    Raises:
        ManifestError: its manifest cannot be used.
        PluginNotLoaded: its code cannot be read, or is not where the manifest says.
    """
    manifest = Manifest.read(path)
    if package:
        module = "" if manifest.in_one_file else manifest.module
        return Candidate(manifest=manifest, code=Code(package=package, module=module))
    if manifest.in_one_file:
        return Candidate(manifest=manifest, code=read_file(path))
    code = read_folder(path, manifest.module)
    if manifest.module not in code.files:
        raise PluginNotLoaded(
            f"its hooks should be in {manifest.module}.py, and {path} has no such file"
        )
    return Candidate(manifest=manifest, code=code)


def find_candidates(paths: Sequence[Path]) -> tuple[list[Candidate], list[Refusal]]:
    """Find every plugin that is installed or in one of the paths, enabled or not.

    Of two that have the same id the first one found counts, installed ones before others.

    Args:
        paths: plugins' folders, files, or folders of such folders and files.

    Returns:
        Those that can be used, and those that cannot, with their reasons.
    """
    found: dict[str, Candidate] = {}
    refused: list[Refusal] = []
    seen: set[str] = set()
    places, nowhere = _installed_places()
    refused += nowhere
    for path, package in [*places, *_places(paths)]:
        place = _real(path)
        if place in seen:
            continue
        seen.add(place)
        try:
            candidate = read_candidate(path, package)
        except (ManifestError, PluginNotLoaded) as wrong:
            claimed = claimed_id(path)
            refused.append(
                Refusal(
                    id=claimed or path.name,
                    path=path,
                    package=package,
                    reason=str(wrong),
                    claimed=bool(claimed),
                )
            )
            continue
        if other := found.get(candidate.id):
            reason = (
                f"two plugins are called {candidate.id}: {other.manifest.path}, which is used, "
                f"and {path}"
            )
            refused.append(
                Refusal(id=candidate.id, path=path, package=package, reason=reason, claimed=True)
            )
            continue
        found[candidate.id] = candidate
    return list(found.values()), refused


def claimed_id(path: Path) -> str:
    """Give the id that a manifest claims, whatever else is wrong in it; empty if there is none."""
    try:
        claimed = read_document(path).get("id")
    except ManifestError:
        return ""
    usable = isinstance(claimed, str) and claimed.replace("-", "").isalnum() and len(claimed) <= 60
    return str(claimed) if usable else ""


def _installed_places() -> tuple[list[tuple[Path, str]], list[Refusal]]:
    importlib.invalidate_caches()  # so that what was installed a moment ago is found
    found: list[tuple[Path, str]] = []
    nowhere: list[Refusal] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        places = package_places(entry.module)
        found += [(place, entry.module) for place in places]
        if not places:
            reason = (
                f"the entry point {entry.name} = {entry.module} leads to no package with a "
                "manifest; the distribution that has it is broken or half removed"
            )
            nowhere.append(
                Refusal(
                    id=entry.name,
                    path=Path(entry.module),
                    package=entry.module,
                    reason=reason,
                    claimed=True,
                )
            )
    return found, nowhere


def _places(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        if holds_manifest(path) or not path.is_dir():
            yield path, ""
            continue
        try:
            inside = sorted(path.iterdir())
        except OSError:
            inside = []
        plugins = [
            child
            for child in inside
            if holds_manifest(child) and (child.suffix == ".py") != child.is_dir()
        ]
        for child in plugins or [path]:  # where none is, reading the folder itself says so
            yield child, ""


def package_places(package: str) -> list[Path]:
    """Find a package's folders, or a module's file, importing neither it nor its parents."""
    path: list[str] | None = None
    parts = package.split(".")
    for number, part in enumerate(parts, start=1):
        try:
            spec = _find(".".join(parts[:number]), path)
            if spec is None:
                return []
            if spec.submodule_search_locations is None:
                module = Path(spec.origin) if spec.has_location and number == len(parts) else None
                return [module] if module is not None and holds_manifest(module) else []
            path = list(spec.submodule_search_locations)
        except KeyError:  # a namespace package wants to ask its parent, which is not imported
            path = [str(Path(each, part)) for each in path or () if Path(each, part).is_dir()]
    return [Path(each) for each in path or () if holds_manifest(Path(each))]


def _find(name: str, path: list[str] | None) -> Any:
    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        spec = find_spec(name, path) if find_spec is not None else None
        if spec is not None:
            return spec
    return None


def _real(path: Path) -> str:
    try:
        return str(manifest_file(path).resolve(strict=True))
    except (OSError, RuntimeError, ValueError):  # it is absent, or a ring of symbolic links
        return str(path)
