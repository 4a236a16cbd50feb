"""Who is called for each extension point, and in which order: immutable, swapped as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from operator import itemgetter
from typing import Any

from attrs import field, frozen

from crossdock.host.loading.dependencies import precedence, stable_order
from crossdock.host.loading.plugin import Hook, Plugin


@frozen(kw_only=True)
class Implementation:
    """One plugin's function for one point.

    Attributes:
        argument_names: the arguments that the function takes, in order.
        pick: gives those arguments out of all that the point has.
    """

    plugin: Plugin
    function: Callable[..., Any]
    argument_names: tuple[str, ...]
    pick: Callable[[Mapping[str, Any]], Iterable[Any]] = field(init=False, repr=False)

    @pick.default
    def _pick(self) -> Callable[[Mapping[str, Any]], Iterable[Any]]:
        names = self.argument_names
        if len(names) > 1:
            return itemgetter(*names)  # a tuple, and much quicker than a loop
        return lambda given: [given[name] for name in names]


@frozen
class Plan:
    """The implementations of every point, in the order in which they are called."""

    points: Mapping[str, tuple[Implementation, ...]] = field(factory=dict)

    def of(self, point: str) -> tuple[Implementation, ...]:
        """Give the implementations of a point; none for a point that nobody implements."""
        return self.points.get(point, ())


def make_plan(plugins: Sequence[Plugin]) -> Plan:
    """Order the implementations of each point.

    First come those marked `tryfirst`, last those marked `trylast`; within each group plugins
    stand as they were enabled; then `before` and `after` of the manifests are honoured.

    Raises:
        graphlib.CycleError: `before` and `after` contradict each other; loading sets such plugins
            aside, see `dependencies.load_order`.
    """
    points: dict[str, tuple[Implementation, ...]] = {}
    for point in sorted({point for plugin in plugins for point in plugin.hooks}):
        having = [plugin for plugin in plugins if point in plugin.hooks]
        ordered = [
            Implementation(
                plugin=plugin,
                function=plugin.hooks[point].function,
                argument_names=plugin.hooks[point].argument_names,
            )
            for plugin in sorted(having, key=lambda each: _group(each.hooks[point]))
        ]
        points[point] = tuple(_sorted(ordered))
    return Plan(points)


def reasons_of_place(point: str, plugin: Plugin, plugins: Sequence[Plugin]) -> tuple[str, ...]:
    """Say, for a person, why a plugin stands where it does among those that have a point.

    Args:
        point: the extension point.
        plugin: one of the plugins that have it.
        plugins: all that are loaded.

    Returns:
        One reason for each mark and each rule that concerns it; none if it stands as enabled.
    """
    hook = plugin.hooks[point]
    others = {each.id: each for each in plugins if point in each.hooks and each is not plugin}
    manifest = plugin.manifest
    reasons = []
    if hook.trylast:
        reasons.append("its @hookimpl says trylast")
    elif hook.tryfirst:
        reasons.append("its @hookimpl says tryfirst")
    reasons += [f"its manifest says before {name}" for name in manifest.before if name in others]
    reasons += [f"its manifest says after {name}" for name in manifest.after if name in others]
    for name, other in others.items():
        if manifest.id in other.manifest.after:
            reasons.append(f"the manifest of {name} says after {manifest.id}")
        if manifest.id in other.manifest.before:
            reasons.append(f"the manifest of {name} says before {manifest.id}")
    return tuple(reasons)


def _group(hook: Hook) -> int:
    return 1 if hook.trylast else -1 if hook.tryfirst else 0  # as pluggy reads a hook with both


def _sorted(implementations: Sequence[Implementation]) -> list[Implementation]:
    by_id = {impl.plugin.id: impl for impl in implementations}
    rank = {plugin_id: place for place, plugin_id in enumerate(by_id)}
    graph = TopologicalSorter(precedence([impl.plugin.manifest for impl in implementations]))
    return [by_id[plugin_id] for plugin_id in stable_order(graph, rank)]
