"""The beginning of a world: a few records of each resource, in each place that there is."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock_mocks.engine import World
from crossdock_mocks.engine.world import EPOCH
from crossdock_mocks.inference.generation import Making, rng
from crossdock_mocks.inference.keys import new_key
from crossdock_mocks.inference.model import Model
from crossdock_mocks.inference.naming import stem
from crossdock_mocks.inference.resources import Resource
from crossdock_mocks.inference.store import DuplicateKey, Shelf

_PLACES = 6
_IN_A_PLACE = 2


def seed(model: Model, world: World, rows: int) -> None:
    """Fill a world.

    Args:
        model: What was inferred.
        world: An empty world.
        rows: Records of each resource that stands alone; of those within others, fewer.
    """
    if not rows:
        return
    for resource in _in_order(model):
        if resource.singleton and resource.schema is None:
            continue  # a flag that nobody has set
        for scope in _places(model, world, resource):
            _fill(model, world, resource, scope, rows)


def _in_order(model: Model) -> Iterator[Resource]:
    """The resources, those that others lie under or refer to first."""
    graph: dict[str, set[str]] = {name: set() for name in model.resources}
    for name, resource in model.resources.items():
        for below in model.below(resource):
            graph[below.name].add(name)
    for name, resource in model.resources.items():
        for target in resource.relations.values():
            # A relation that would close a circle is left to be found empty.
            if target != name and not _reaches(graph, target, name):
                graph[name].add(target)
    for name in graphlib.TopologicalSorter(graph).static_order():
        yield model.resources[name]


def _reaches(graph: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, stack = set(), [start]
    while stack:
        name = stack.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            stack.extend(graph[name])
    return False


def _places(model: Model, world: World, resource: Resource) -> list[dict[str, Any]]:
    """The places in which records of a resource may lie."""
    if not resource.scope:
        return [{}]
    parents = [
        (each, params)
        for each, params in model.inference.around(resource.place)
        if each is not resource and not each.singleton
    ]
    if parents:
        parent, params = parents[-1]
        rows = Shelf(world, parent).table.find(limit=_PLACES)
        if len(params) == len(parent.scope) + 1:
            found = []
            for row in rows:
                scope = dict(zip(params, [*row["scope"].values(), row["own"]], strict=True))
                found.append({**_named(model, world, resource), **scope})
            return [{name: each[name] for name in resource.scope} for each in found]
    return [_named(model, world, resource, number) for number in range(2)]


def _named(model: Model, world: World, resource: Resource, number: int = 0) -> dict[str, Any]:
    """Values for the parameters that no resource of the path gives: keys of those they name."""
    scope: dict[str, Any] = {}
    for name in resource.scope:
        nouns = [stem(name)[0]]
        if nouns[0] in ("owner", "username", "account"):
            nouns += ["user", "org", "organization"]
        target = next((r for r in model.resources.values() if r.noun in nouns and r.readable), None)
        rows = Shelf(world, target).table.find(limit=number + 1) if target is not None else []
        scope[name] = rows[number % len(rows)]["own"] if rows else f"{stem(name)[0]}-{number + 1}"
    return scope


def _fill(
    model: Model, world: World, resource: Resource, scope: Mapping[str, Any], rows: int
) -> None:
    shelf = Shelf(world, resource)
    if resource.singleton:
        count = 1
    elif resource.count is not None:
        count = resource.count
    else:
        count = min(rows, _IN_A_PLACE) if resource.scope else rows
    flat = model.key_schema(resource)
    place = f"{resource.name}|{shelf.parent(scope)}"
    numbering = resource.name if resource.key == "id" else place
    last = 0
    for number in range(1, count + 1):
        chance = rng(model.seed, place, number)
        serial = last = int(world.sequence(numbering))
        key = "-" if resource.singleton else _key(model, resource, flat, serial, place, chance)
        links = _links(model, world, resource, scope, number)
        making = model.making(world, resource, chance)
        body = model.seeded_body(resource, key, scope, links, making)
        try:
            shelf.add(scope, key, body, links)
        except DuplicateKey:
            continue  # few names there are to choose from
    world.reserve(place, last)


def _key(model: Model, resource: Resource, flat: Any, number: int, place: str, chance: Any) -> Any:
    """A key: names look like names, numbers and ids are counted."""
    natural = ("login", "username", "name", "handle", "slug", "title", "email")
    if resource.key.rpartition(".")[2] in natural and "enum" not in flat and "pattern" not in flat:
        text = model.generator.value({"type": "string"}, resource.key, Making(chance, EPOCH))
        return str(text).lower().replace(" ", "-")
    return new_key(flat, number, resource.noun, f"{model.seed}|{place}", at_seeding=True)


def _links(
    model: Model, world: World, resource: Resource, scope: Mapping[str, Any], number: int
) -> dict[str, Any]:
    """What records are linked to by the other paths that list them."""
    made: dict[str, Any] = {}
    for binding in model.inference.bindings.values():
        if binding.resource is not resource or binding.role not in ("list", "create"):
            continue
        names = [inner for where, inner in binding.params.values() if where == "link"]
        parents = model.parents(binding.op)
        if not names or not parents:
            continue
        parent, _ = parents[-1]
        if parent is resource:
            continue
        rows = Shelf(world, parent).under(
            {name: each for name, each in scope.items() if name in parent.scope}, {}
        )
        if rows and names[-1] not in made:
            made[names[-1]] = rows[(number - 1) % len(rows)]["own"]
    return made
