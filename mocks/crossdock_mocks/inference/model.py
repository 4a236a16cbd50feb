"""The model: all that was inferred of a document, and how records of it are made."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, final

from crossdock_mocks.engine import World
from crossdock_mocks.inference import writes
from crossdock_mocks.inference.forms import unwrapped
from crossdock_mocks.inference.generation import Generator, Making
from crossdock_mocks.inference.inference import Inference
from crossdock_mocks.inference.keys import example_of, new_key
from crossdock_mocks.inference.naming import plain, stem
from crossdock_mocks.inference.projection import Projection
from crossdock_mocks.inference.reading import Op
from crossdock_mocks.inference.relations import relate
from crossdock_mocks.inference.resources import Resource
from crossdock_mocks.inference.schemas import Schema, Schemas, kind
from crossdock_mocks.inference.store import Shelf

_SERIAL = ("id", "uuid", "guid", "node_id", "number", "iid", "gid")


@final
class Model:
    """What was inferred of one document.

    Args:
        document: The parsed document.
        ops: Its operations.
        schemas: Its schemas.
        seed: Which data are made.
    """

    def __init__(
        self, document: Mapping[str, Any], ops: list[Op], schemas: Schemas, seed: int
    ) -> None:
        self.document = document
        self.seed = seed
        self.schemas = schemas
        self.inference = Inference(ops, schemas)
        self.resources = self.inference.resources
        relate(self.resources.values(), schemas)
        self.generator = Generator(schemas)
        self.projection = Projection(schemas, self.generator)
        self._parents: dict[str, list[tuple[Resource, tuple[str, ...]]]] = {}
        self._creating = {
            each.resource.name for each in self.inference.bindings.values() if each.role == "create"
        }

    # How resources stand to each other

    def parents(self, op: Op) -> list[tuple[Resource, tuple[str, ...]]]:
        """The resources that an operation's path lies under, each with its parameters."""
        path = op.place.path
        if path not in self._parents:
            self._parents[path] = self.inference.around(op.place)
        return self._parents[path]

    def below(self, resource: Resource) -> list[Resource]:
        """The resources whose records lie under the records of this one."""
        if resource.singleton or not resource.param:
            return []
        own = resource.place.form
        return [
            each
            for each in self.resources.values()
            if each is not resource and each.place.form[: len(own)] == own
        ]

    def creates(self, resource: Resource) -> bool:
        """Whether an operation creates records of this resource."""
        return resource.name in self._creating

    def key_schema(self, resource: Resource) -> Schema:
        """The flat schema of a resource's key."""
        if resource.schema is not None and resource.key:
            flat = self.schemas.flat(self._property(resource, resource.key))
            shown = self._shown_key(resource)
            if shown is not None and example_of(flat) is None:
                return {**flat, "example": shown}
            return flat
        for binding in self.inference.bindings.values():
            if binding.resource is resource and resource.param:
                parameter = binding.op.parameters.get(("path", resource.param), {})
                return self.schemas.flat(parameter.get("schema", {}))
        return {"types": ["string"], "properties": {}, "required": []}

    def _shown_key(self, resource: Resource) -> Any:
        """The key in an example of an answer."""
        for binding in self.inference.bindings.values():
            if binding.resource is resource and isinstance(binding.op.example, Mapping):
                inner = next(iter(binding.op.example.values()), None)
                for each in (binding.op.example, inner):
                    if isinstance(each, Mapping) and isinstance(each.get(resource.key), str):
                        return each[resource.key]
        return None

    def _property(self, resource: Resource, name: str) -> Any:
        return self.schemas.flat(resource.schema)["properties"].get(name, {})

    def sendable(self, op: Op, member: str | None) -> set[str]:
        """The members that an operation takes."""
        if op.request is None:
            return set()
        properties = self.schemas.flat(unwrapped(self.schemas, op.request, member))["properties"]
        return {n for n, e in properties.items() if not self.schemas.flat(e).get("readOnly")}

    # Making records

    def making(self, world: World, resource: Resource, chance: random.Random) -> Making:
        """How values for a resource are made in a world: what they refer to is there."""

        def reference(name: str, schema: Any) -> Any:
            target = self.resources.get(resource.relations.get(name, ""))
            return None if target is None else self._reference(world, target, schema, chance)

        return Making(chance, world.now, resource.noun, reference=reference)

    def request_making(self, world: World, resource: Resource, chance: random.Random) -> Making:
        """How bodies to be sent are made: what the server sets is left out."""
        made = self.making(world, resource, chance)
        return Making(chance, world.now, resource.noun, request=True, reference=made.reference)

    def _reference(self, world: World, target: Resource, schema: Any, chance: random.Random) -> Any:
        flat = self.schemas.flat(schema)
        rows = Shelf(world, target).table.find(limit=50)
        if not rows:
            return None
        row = rows[chance.randrange(len(rows))]
        sort = kind(flat)
        if sort == "array":
            items = flat.get("items", {})
            if kind(self.schemas.flat(items)) == "object":
                return None
            return [row["own"]]
        if sort == "object":
            making = Making(chance, world.now, target.noun, full=False)
            return self.projection.project(row["body"], schema, target.noun, making)
        return row["own"]

    def whole_scope(
        self, world: World, resource: Resource, scope: Mapping[str, Any], sent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The place of a new record; what the path does not say is said by the body, or found."""
        whole = dict(scope)
        for name in resource.scope:
            if name in whole:
                continue
            noun = stem(name)[0]
            said = next(
                (v for n, v in sent.items()
                 if (plain(n) == plain(name) or stem(n)[0] == noun) and isinstance(v, (str, int))),
                None,
            )  # fmt: skip
            if said is None:
                parent = next((r for r in self.resources.values() if r.noun == noun), None)
                first = Shelf(world, parent).table.first() if parent is not None else None
                existing = Shelf(world, resource).table.first()
                said = first["own"] if first else existing["scope"][name] if existing else noun
            whole[name] = said
        return whole

    def new_body(
        self,
        resource: Resource,
        sent: Mapping[str, Any],
        key: Any,
        scope: Mapping[str, Any],
        links: Mapping[str, Any],
        making: Making,
    ) -> dict[str, Any]:
        """The body of a new record: what was sent, and what the server adds."""
        if resource.schema is None:
            return dict(sent)
        flat = self.schemas.flat(resource.schema)
        body = {
            **writes.server_set(self.schemas, resource.schema, sent, making.now),
            **sent,
            **self._placed(flat, scope, links, sent),
        }
        if resource.key:
            body[resource.key] = key
        for name in _SERIAL:
            if name in flat["properties"] and name != resource.key and name not in sent:
                inner = self.schemas.flat(flat["properties"][name])
                body[name] = new_key(
                    inner, making.rng.randrange(100_000, 10_000_000), resource.noun,
                    f"{resource.name}|{name}|{key}", at_seeding=False,
                )  # fmt: skip
        made = self.projection.project(body, resource.schema, resource.noun, making)
        return dict(made) if isinstance(made, Mapping) else dict(sent)

    def _placed(
        self,
        flat: Schema,
        scope: Mapping[str, Any],
        links: Mapping[str, Any],
        sent: Mapping[str, Any],
    ) -> dict[str, Any]:
        """What a record says of the place that it lies in."""
        made: dict[str, Any] = {}
        for name, value in (*scope.items(), *links.items()):
            noun = stem(name)[0]
            for member, each in flat["properties"].items():
                inner = self.schemas.flat(each)
                same = plain(member) in (plain(name), f"{noun}_id") or (
                    plain(member) == noun and kind(inner) in ("object", "string")
                )
                if same and kind(inner) != "array" and (member not in sent or name in scope):
                    if kind(inner) == "integer" and not str(value).isdigit():
                        continue
                    made[member] = value
        return made

    def seeded_body(
        self,
        resource: Resource,
        key: Any,
        scope: Mapping[str, Any],
        links: Mapping[str, Any],
        making: Making,
    ) -> dict[str, Any]:
        """The body of a record that is there from the beginning."""
        if resource.schema is None:
            return {}
        whole = self.generator.value(resource.schema, "", making)
        if not isinstance(whole, dict):
            return {}
        flat = self.schemas.flat(resource.schema)
        whole.update(self._placed(flat, scope, links, {}))
        if resource.key:
            whole[resource.key] = key
        made = self.projection.project(whole, resource.schema, resource.noun, making)
        return dict(made)
