"""What each operation of a document does, and to which resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from crossdock_mocks.inference.effects import effect_of
from crossdock_mocks.inference.forms import list_form, record_in, wrapper
from crossdock_mocks.inference.items import Items
from crossdock_mocks.inference.keys import key_property
from crossdock_mocks.inference.naming import plain, singular
from crossdock_mocks.inference.parameters import Parameters
from crossdock_mocks.inference.places import PARAM, Place
from crossdock_mocks.inference.reading import Op, is_json
from crossdock_mocks.inference.resources import LATEST, Binding, Resource, Unknown
from crossdock_mocks.inference.schemas import Schemas, kind

_MYSELF = ("me", "current", "self", "myself")


@final
class Inference:
    """Infers the resources of a document.

    Args:
        ops: Its operations.
        schemas: Its schemas.

    Attributes:
        resources: By name.
        bindings: By operation id.
        unknown: By operation id: what was not understood.
    """

    def __init__(self, ops: list[Op], schemas: Schemas) -> None:
        self.schemas = schemas
        self.bindings: dict[str, Binding] = {}
        self.unknown: dict[str, Unknown] = {}
        self._paths: dict[str, list[Op]] = {}
        for op in ops:
            if op.override.get("ignore") or op.override.get("behaviour") == "none":
                self.unknown[op.id] = Unknown(op, "left out by x-crossdock", wanted=True)
            else:
                self._paths.setdefault(op.place.path, []).append(op)
        self._items = Items(self._paths, schemas)
        self._parameters = Parameters(self._paths, schemas)
        self.resources = self._items.resources
        for listed in self._paths.values():
            if listed[0].place.item:
                self._bind_item(listed)
        for listed in self._paths.values():
            if not listed[0].place.item:
                self._bind_static(listed)

    def around(self, place: Place) -> list[tuple[Resource, tuple[str, ...]]]:
        """Give the resources that a path lies under, each with its parameters."""
        return self._items.around(place)

    # Items

    def _bind_item(self, listed: list[Op]) -> None:
        place = listed[0].place
        resource = self._items.at(place.form)
        for op in listed:
            if resource is None:
                self._fail(op, "its path has no word that could name a resource")
                continue
            if op.answer is not None and not is_json(op.media):
                self._fail(op, f"its answer is {op.media}, not a record")
                continue
            params = self._parameters.of(place, resource, item=True)
            if "action" in op.override:
                self._bind(op, "action", resource, params, effect=_set(op))
            elif op.method in ("GET", "HEAD"):
                self._bind(op, "read", resource, params, by=self._items.lookups.get(place.path, ""))
            elif op.method == "DELETE":
                self._bind(op, "delete", resource, params)
            elif op.method in ("PUT", "PATCH", "POST"):
                role = "replace" if op.method == "PUT" else "change"
                if role == "replace" and not self._creates(op):
                    role = "change" if self._partial(op) else role
                self._bind(op, role, resource, params)
            else:
                self._fail(op, f"{op.method} of an item has no known meaning")

    def _creates(self, op: Op) -> bool:
        """Whether a PUT makes what is not there: nothing else does, or it says so."""
        if op.request is None or 201 in op.statuses:
            return True
        above = op.place.form[:-1]
        return not any(
            each.place.form == above and each.method == "POST"
            for listed in self._paths.values()
            for each in listed
        )

    def _partial(self, op: Op) -> bool:
        """Whether a PUT asks for nothing in particular: then it changes what it names."""
        flat = self.schemas.flat(op.request)
        inner = record_in(self.schemas, op.request, op.place.words)
        return not flat["required"] and not self.schemas.flat(inner)["required"]

    # Collections, singletons, actions

    def _bind_static(self, listed: list[Op]) -> None:
        place = listed[0].place
        own = self._items.at((*place.form, PARAM))
        methods = {op.method: op for op in listed}
        named = next((o.override["resource"] for o in listed if "resource" in o.override), "")
        if named and named in self.resources:
            own = self.resources[named]
        if own is not None:
            self._bind_collection(place, own, listed)
            return
        reader = methods.get("GET")
        if reader is not None and (reader.answer is None or not is_json(reader.media)):
            reader = None
        form = list_form(self.schemas, reader.answer, place.words) if reader else None
        if form is not None:
            self._bind_list(place, form.items, listed)
            return
        if "GET" in methods and reader is not None:
            if self._bind_derived(place, listed, reader):
                return
            if self._is_state(reader):
                self._bind_singleton(place, listed, reader.answer)
                return
        elif {"PUT", "DELETE"} <= set(methods) or ("GET" in methods and "PUT" in methods):
            self._bind_singleton(place, listed, None)
            return
        for op in listed:
            self._bind_alone(place, op)

    def _bind_derived(self, place: Place, listed: list[Op], reader: Op) -> bool:
        """A GET that tells of a collection: how many there are, or which is the latest."""
        above = self._items.at((*place.form[:-1], PARAM))
        if above is None or above.place.form[:-1] != place.form[:-1]:
            return False
        params = self._parameters.of(Place(place.path, place.parts[:-1]), above, item=False)
        inner = record_in(self.schemas, reader.answer, place.words)
        properties = self.schemas.flat(reader.answer)["properties"]
        if place.last.lower() == "count" and any("count" in plain(each) for each in properties):
            role = "count"
        elif (
            place.last.lower() in (*LATEST, *_MYSELF)
            and self.schemas.component(inner) == above.component
        ):
            role = "latest"
        else:
            return False
        for op in listed:
            if op is reader:
                self._bind(op, role, above, params)
            else:
                self._fail(op, f"{op.method} of what is only derived")
        return True

    def _is_state(self, op: Op) -> bool:
        """Whether a GET shows something with members of its own, not just a map or a text."""
        flat = self.schemas.flat(record_in(self.schemas, op.answer, op.place.words))
        return kind(flat) == "object" and bool(flat["properties"])

    def _bind_collection(self, place: Place, resource: Resource, listed: list[Op]) -> None:
        params = self._parameters.of(place, resource, item=False)
        for op in listed:
            if "action" in op.override:
                self._bind(op, "action", resource, params, effect=_set(op))
            elif op.method in ("GET", "HEAD"):
                if op.answer is not None and not is_json(op.media):
                    self._fail(op, f"its answer is {op.media}, not a list")
                elif op.answer is not None and not list_form(self.schemas, op.answer, place.words):
                    self._fail(op, "its answer holds no list that could be this collection")
                else:
                    self._bind(op, "list", resource, params)
            elif op.method == "POST":
                self._bind(op, "create", resource, params)
            elif op.method == "DELETE":
                self._bind(op, "clear", resource, params)
            elif op.method in ("PUT", "PATCH"):
                self._bind_bulk(op, resource, params)
            else:
                self._fail(op, f"{op.method} of a collection has no known meaning")

    def _bind_bulk(self, op: Op, resource: Resource, params: Mapping[str, tuple[str, str]]) -> None:
        """PUT or PATCH of a collection: one record with its key in the body, or all of them."""
        flat = (
            self.schemas.flat(record_in(self.schemas, op.request, op.place.words))
            if op.request
            else None
        )
        if flat is not None and resource.key and resource.key in flat["properties"]:
            self._bind(op, "replace" if op.method == "PUT" else "change", resource, params)
        elif op.answer is not None and list_form(self.schemas, op.answer, op.place.words):
            self._bind(op, "fill", resource, params)
        else:
            self._fail(op, f"{op.method} of a collection without a key in the body")

    def _bind_list(self, place: Place, items: Any, listed: list[Op]) -> None:
        """A list without items of its own: a view of another resource, or a list of its own."""
        component = self.schemas.component(items)
        resource = self._items.of_kind(component, singular(place.last)) if component else None
        if resource is None and component and not place.params:
            resource = self._items.of_component(component)
        if resource is None:
            names = [p for _, p in place.prefixes()]
            resource = Resource(
                self._items.name(".".join(place.words)), place, names[-1] if names else (), "",
                items, component, key_property(self.schemas, items, "id", place.words, None),
            )  # fmt: skip
            self._items.keep(resource, listed)
        self._bind_collection(place, resource, listed)

    def _bind_singleton(self, place: Place, listed: list[Op], answer: Any) -> None:
        record = None if answer is None else record_in(self.schemas, answer, place.words)
        resource = Resource(
            self._items.name(".".join(place.words)), place, place.params, "", record,
            self.schemas.component(record), "", singleton=True,
        )  # fmt: skip
        self._items.keep(resource, listed)
        params = {name: ("scope", name) for name in place.params}
        roles = {"GET": "read", "HEAD": "read", "PUT": "replace", "PATCH": "change",
                 "POST": "change", "DELETE": "delete"}  # fmt: skip
        for op in listed:
            if op.method in roles:
                self._bind(op, roles[op.method], resource, params)
            else:
                self._fail(op, f"{op.method} of a single thing has no known meaning")

    def _bind_alone(self, place: Place, op: Op) -> None:
        """An operation under a path that nothing is read from: an action, or a creation."""
        prefixes = place.prefixes()
        parent = self._items.at(prefixes[-1][0]) if prefixes else None
        under = place.parts[-2:-1] and place.parts[-2].startswith("{")
        if op.answer is not None and not is_json(op.media):
            self._fail(op, f"its answer is {op.media}")
            return
        if parent is not None and under and op.method in ("POST", "PUT", "PATCH", "DELETE"):
            params = self._parameters.of(Place(place.path, place.parts[:-1]), parent, item=True)
            if "action" in op.override:
                self._bind(op, "action", parent, params, effect=_set(op))
                return
            effect = effect_of(self.schemas, parent.schema, place.last)
            if effect is not None:
                self._bind(op, "action", parent, params, effect=effect)
                return
        if op.method == "POST" and op.request is not None:
            target = self._created(place, op)
            if target is not None:
                self._bind(op, "create", target, self._parameters.of(place, target, item=False))
                return
        if op.method == "GET":
            self._fail(op, "its answer is no record and no list")
        else:
            self._fail(op, f"what {place.last!r} changes cannot be seen in the document")

    def _created(self, place: Place, op: Op) -> Resource | None:
        """What a POST creates where nothing is listed: a known kind, or one of its own."""
        inner = None if op.answer is None else record_in(self.schemas, op.answer, place.words)
        component = self.schemas.component(inner)
        for record in (inner, record_in(self.schemas, op.request, place.words)):
            known = self._items.of_kind(self.schemas.component(record), singular(place.last))
            if known is not None:
                return known
        whole = record_in(self.schemas, op.request, place.words)
        flat = self.schemas.flat(whole)
        if kind(flat) == "array":
            return self._items.of_component(self.schemas.component(flat.get("items")))
        if 201 not in op.statuses and not (component and place.last == plain(place.last) + "s"):
            return None
        if inner is None or kind(self.schemas.flat(inner)) != "object":
            return None
        resource = Resource(
            self._items.name(".".join(place.words)), place, place.params, "", inner, component,
            key_property(self.schemas, inner, "id", place.words, None),
        )  # fmt: skip
        return self._items.keep(resource, [op])

    def _bind(
        self,
        op: Op,
        role: str,
        resource: Resource,
        params: Mapping[str, tuple[str, str]],
        *,
        effect: Mapping[str, Any] | None = None,
        by: str = "",
    ) -> None:
        member = None
        if op.request is not None:
            member = wrapper(self.schemas, op.request, resource.place.words)
            if member is None:
                member = wrapper(self.schemas, op.request, op.place.words)
        if role in ("list", "read"):
            resource.readable = True
        self.bindings[op.id] = Binding(op, role, resource, params, effect, member, by)

    def _fail(self, op: Op, reason: str) -> None:
        self.unknown[op.id] = Unknown(op, reason)


def _set(op: Op) -> Mapping[str, Any]:
    action = op.override["action"]
    return action.get("set", {}) if isinstance(action, Mapping) else {}
