"""Find a plugin and read it by every rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crossdock.errors import ConfigError
from crossdock.host.loading.manifest_text import holds_manifest
from crossdock.host.loading.projects import plugin_in
from crossdock.host.loading.sources import find_candidates
from crossdock.testing.checks import conduct, hooks, papers, scopes, walls
from crossdock.testing.checks.registry import CHECKS
from crossdock.testing.checks.source import Source, read_source
from crossdock.testing.rule import LEVELS, Level, Report, Rule, try_rule
from crossdock.testing.setting import is_place

#: Importing these makes their rules.
ROOMS = (conduct, hooks, papers, scopes, walls)


def rules() -> Sequence[Rule]:
    """Give the rules that are judged by reading, in the order of their levels."""
    return CHECKS.all()


def find_plugin(plugin: str | Path) -> Path:
    """Find a plugin by its place or its project's, or an installed one by its id.

    Raises:
        ConfigError: there is none, or what is there is no plugin.
    """
    place = Path(plugin)
    if is_place(plugin) or place.exists():
        if not place.exists():
            raise ConfigError(f"there is no {place}; name a plugin's folder or file, or its id")
        found = plugin_in(place)
        if not holds_manifest(found):
            raise ConfigError(
                f"{place} is no plugin: "
                + (
                    f"{found} has no manifest, a block of comments that begins with # /// crossdock"
                    if found.is_file()
                    else "it holds no plugin.toml, and no pyproject.toml that names one plugin, "
                    "connector or mock among its entry points"
                )
                + "; begin one with: crossdock new my-plugin --kind tab"
            )
        return found
    candidates, refused = find_candidates(())
    known = {each.id: each.manifest.path for each in candidates}
    known |= {each.id: each.path for each in refused}
    if plugin not in known:
        raise ConfigError(
            f"there is no plugin {str(plugin)!r}; installed are: "
            f"{', '.join(sorted(known)) or 'none'}, and any folder or file by its path"
        )
    return known[str(plugin)]


def check_plugin(plugin: str | Path, *, upto: Level = "gold") -> Report:
    """Judge a plugin by reading it.

    Args:
        plugin: its folder or file, or the id of an installed one.
        upto: only by the rules of this level and those below.

    Raises:
        ConfigError: there is no such plugin.
    """
    source = read_source(find_plugin(plugin))
    wanted = LEVELS[: LEVELS.index(upto) + 1]
    # Of what is not Python only that can be said; rules that look for faults would find none.
    asked = [each for each in rules() if each.level in wanted]
    asked = [each for each in asked if not source.unread or each.judge is papers.loads]
    outcomes = tuple(try_rule(each, source) for each in asked)
    return Report(id=source.id, version=version_of(source), outcomes=outcomes)


def version_of(source: Source) -> str:
    """Give a plugin's version; empty where its manifest cannot be used."""
    return source.manifest.version if source.manifest is not None else ""
