"""What plugins need: of each other, of Python packages, and of their places in the call order.

All of it is judged by manifests alone, so that a plugin that cannot be loaded runs no code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from importlib import metadata

from attrs import frozen

from crossdock.host.loading.manifest import Manifest


@frozen
class Obstacle:
    """Why a plugin cannot be loaded.

    Attributes:
        reason: what is wrong, at the plugin that is at fault.
        chain: the ids from the plugin to the one at fault; one id where it is its own.
    """

    reason: str
    chain: tuple[str, ...]

    def __str__(self) -> str:
        if len(self.chain) == 1:
            return self.reason
        needed = " needs ".join(self.chain)
        return f"{needed}, and {self.chain[-1]} is not loaded: {self.reason}"


def packages_missing(manifest: Manifest) -> str:
    """Say which Python packages a plugin lacks, or nothing; none is imported for that."""
    missing = []
    for wanted in manifest.requires_packages:
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            missing.append(f"it needs the Python package {wanted}, which is not installed")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            missing.append(
                f"it needs the Python package {wanted}, and {wanted.name} {version} is installed"
            )
    if not missing:
        return ""
    install = " ".join(f'"{wanted}"' for wanted in manifest.requires_packages)
    return "; ".join(missing) + f"; install with: pip install {install}"


def load_order(
    manifests: Sequence[Manifest], absent: Callable[[str], Obstacle]
) -> tuple[list[Manifest], dict[str, Obstacle]]:
    """Put plugins behind those that they need, and set aside those that cannot be.

    Args:
        manifests: the plugins that shall be loaded, in the order in which they were enabled.
        absent: says why a plugin that is not among them is not.

    Returns:
        The manifests in the order in which to load them, and an obstacle for each of the others.
    """
    by_id = {manifest.id: manifest for manifest in manifests}
    obstacles: dict[str, Obstacle] = {}
    for manifest in manifests:
        if missing := packages_missing(manifest):
            obstacles[manifest.id] = Obstacle(missing, (manifest.id,))
    needs = {each.id: [wanted.name for wanted in each.requires_plugins] for each in manifests}
    for ring in rings(needs):
        shown = " -> ".join([*ring, ring[0]])
        for plugin_id in ring:
            obstacles.setdefault(
                plugin_id,
                Obstacle(f"these plugins need each other in a ring: {shown}", (plugin_id,)),
            )
    for point in sorted({point for each in manifests for point in each.points}):
        before = precedence([each for each in manifests if point in each.points])
        for ring in rings(before):
            shown = " after ".join([*ring, ring[0]])
            for plugin_id in ring:
                reason = f"the [order] of these plugins contradicts itself at {point}: {shown}"
                obstacles.setdefault(plugin_id, Obstacle(reason, (plugin_id,)))
    ordered = _behind_what_they_need(manifests, set(obstacles))
    loadable = []
    for manifest in ordered:
        obstacle = obstacles.get(manifest.id) or obstacle_to(manifest, by_id, obstacles, absent)
        if obstacle is None:
            loadable.append(manifest)
        else:
            obstacles[manifest.id] = obstacle
    return loadable, obstacles


def obstacle_to(
    manifest: Manifest,
    standing: Mapping[str, Manifest],
    obstacles: Mapping[str, Obstacle],
    absent: Callable[[str], Obstacle],
) -> Obstacle | None:
    """Say which of the plugins that a plugin needs it cannot have, or nothing.

    Args:
        manifest: of the plugin.
        standing: the plugins that are there, by id.
        obstacles: why some of them are not loaded all the same.
        absent: says why a plugin that is not there is not.
    """
    for wanted in manifest.requires_plugins:
        name = wanted.name
        below = obstacles.get(name) or (None if name in standing else absent(name))
        if below is not None:
            return Obstacle(below.reason, (manifest.id, *below.chain))
        version = standing[name].version
        if not wanted.specifier.contains(version, prereleases=True):
            return Obstacle(f"it needs {wanted}, and {name} is {version}", (manifest.id,))
    return None


def precedence(manifests: Iterable[Manifest]) -> dict[str, list[str]]:
    """Give, for each plugin, those of the others that `before` and `after` put in front of it."""
    behind: dict[str, list[str]] = {manifest.id: [] for manifest in manifests}
    for manifest in manifests:
        behind[manifest.id] += [other for other in manifest.after if other in behind]
        for other in manifest.before:
            if other in behind:
                behind[other].append(manifest.id)
    return behind


def rings(arrows: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Find who reaches itself: every node of every ring, each ring told by its shortest way.

    Whether a node is found does not depend on the order of the arrows.
    """
    found: list[tuple[str, ...]] = []
    told: set[str] = set()
    for start in arrows:
        if start in told:
            continue
        way = _way_back(start, arrows)
        if way:
            found.append(way)
            told.update(way)
    return found


def _way_back(start: str, arrows: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:  # grows while it is walked: breadth first, so the shortest way comes first
        for node in arrows.get(way[-1], ()):
            if node == start:
                return way
            if node not in seen:
                seen.add(node)
                ways.append((*way, node))
    return ()


def _behind_what_they_need(manifests: Sequence[Manifest], aside: set[str]) -> list[Manifest]:
    """Sort by need; those that need nothing of each other stay as they were enabled."""
    by_id = {manifest.id: manifest for manifest in manifests}
    rank = {manifest.id: place for place, manifest in enumerate(manifests)}
    graph: TopologicalSorter[str] = TopologicalSorter()
    for manifest in manifests:
        graph.add(manifest.id)
        for wanted in manifest.requires_plugins:
            # What is aside already may be part of a ring; nobody waits for it.
            if wanted.name in by_id and manifest.id not in aside:
                graph.add(manifest.id, wanted.name)
    return [by_id[plugin_id] for plugin_id in stable_order(graph, rank)]


def stable_order(graph: TopologicalSorter[str], rank: Mapping[str, int]) -> list[str]:
    """Sort a graph; of all that may come next, the one of the lowest rank does.

    Raises:
        CycleError: there is a ring.
    """
    graph.prepare()
    ordered: list[str] = []
    ready = list(graph.get_ready())
    while ready:
        ready.sort(key=rank.__getitem__)
        node = ready.pop(0)
        ordered.append(node)
        graph.done(node)
        ready.extend(graph.get_ready())
    return ordered
