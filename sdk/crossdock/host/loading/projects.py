"""A project of one plugin: the folder that holds its package, its tests and its pyproject.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from crossdock.host.loading.manifest_text import FILE_NAME
from crossdock.host.loading.sources import GROUP


def plugin_in(place: Path) -> Path:
    """Give the plugin that a place means: of a project's folder, the one plugin in it.

    Nothing of it is run. Which it is stands in its pyproject.toml, among the entry points; where
    none does, it is the package of the folder's name. Where a place is a plugin itself, or a
    project of none or of several, it is given back as it is.
    """
    if not place.is_dir() or (place / FILE_NAME).is_file():
        return place
    try:
        project = tomllib.loads((place / "pyproject.toml").read_text(encoding="utf-8"))
        packages = set(project["project"]["entry-points"][GROUP].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        packages = {place.resolve().name.replace("-", "_")}
    found = [
        folder
        for package in packages
        for root in (place, place / "src")
        if ((folder := root.joinpath(*str(package).split("."))) / FILE_NAME).is_file()
    ]
    return found[0] if len(found) == 1 else place
