"""Resources: which paths belong together, and what each of their operations does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, final

import attrs

from crossdock_mocks.inference.effects import effect_of
from crossdock_mocks.inference.forms import list_form, unwrapped, wrapper
from crossdock_mocks.inference.keys import key_property
from crossdock_mocks.inference.naming import plain, singular, stem
from crossdock_mocks.inference.places import PARAM, Place
from crossdock_mocks.inference.reading import Op, is_json
from crossdock_mocks.inference.schemas import Schemas, kind

Form = tuple[str, ...]
LATEST = ("latest", "last", "newest")
_MYSELF = ("me", "current", "self", "myself")


@attrs.define(eq=False)
class Resource:
    """Records of one kind.

    Attributes:
        name: Its name, made of the words of its path; also the name of its table.
        place: The path of its items, or of its collection where items have none.
        scope: Parameters of its path that say where it lies, such as owner and repository.
        param: Parameter that is its key; nothing for singletons and lists without items.
        schema: Schema of a record, as it is read.
        component: Name of that schema.
        key: Property that is the key; nothing where a record does not show it.
        singleton: Whether there is one in each place.
        count: Records at the beginning, in each place; `None` for the usual number.
        readable: Whether records are read or listed by any operation.
    """

    name: str
    place: Place
    scope: tuple[str, ...]
    param: str = ""
    schema: Any = None
    component: str = ""
    key: str = ""
    singleton: bool = False
    count: int | None = None
    readable: bool = False
    relations: dict[str, str] = attrs.field(factory=dict)

    @property
    def noun(self) -> str:
        """What one record is called."""
        return singular(self.place.last)


@attrs.frozen
class Binding:
    """What one operation does.

    Attributes:
        op: The operation.
        role: `list`, `count`, `create`, `read`, `latest`, `replace`, `change`, `delete`, `clear`,
            `fill` or `action`.
        resource: What it does it to.
        params: Path parameter to where its value lies: `scope` and a name, `key`, or `link` and a
            name.
        effect: What an action sets.
        member: In which member of the body the record is sent.
        property: Member that the path's last parameter is looked for in, where it is not the key.
    """

    op: Op
    role: str
    resource: Resource
    params: Mapping[str, tuple[str, str]]
    effect: Mapping[str, Any] | None = None
    member: str | None = None
    property: str = ""


@attrs.frozen
class Unknown:
    """An operation that was not understood, and why."""

    op: Op
    reason: str
    wanted: bool = False


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
        self.resources: dict[str, Resource] = {}
        self.bindings: dict[str, Binding] = {}
        self.unknown: dict[str, Unknown] = {}
        self._paths: dict[str, list[Op]] = {}
        for op in ops:
            if op.override.get("ignore") or op.override.get("behaviour") == "none":
                self.unknown[op.id] = Unknown(op, "left out by x-crossdock", wanted=True)
            else:
                self._paths.setdefault(op.place.path, []).append(op)
        self._items: dict[Form, Resource] = {}
        self._lookups: dict[str, str] = {}
        self._by_kind: dict[tuple[str, str], Resource] = {}
        self._find_items()
        self._by_noun: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            self._by_noun.setdefault(resource.noun, []).append(resource)
        for listed in self._paths.values():
            if listed[0].place.item:
                self._bind_item(listed)
        for listed in self._paths.values():
            if not listed[0].place.item:
                self._bind_static(listed)

    # Items

    def _find_items(self) -> None:
        """Give each item path its resource; paths of records of the same kind share one."""
        found = []
        for listed in self._paths.values():
            place = listed[0].place
            if place.item and place.words:
                # `POST /cart/{product}/add` has no item of its own.
                found.append((place, listed, self._record(place, listed)))
        found.sort(key=lambda each: (len(each[0].params), len(each[0].parts)))
        for place, listed, record in found:
            component = self.schemas.component(record)
            sort = (component, singular(place.last))
            named = next((o.override["resource"] for o in listed if "resource" in o.override), "")
            known = self.resources.get(named)
            if known is None and component and any(o.method == "GET" for o in listed):
                known = self._by_kind.get(sort)
                # Elsewhere it is another kind: the hooks of a repository, those of a group.
                if known is not None and not set(known.scope) <= set(place.params[:-1]):
                    known = None
            if place.form in self._items:
                continue
            if known is None and component:
                known = self._looked_up(place, listed, record, component)
            if known is None:
                known = self._add(named, place, record, component, listed)
                if component and record is not None:
                    self._by_kind.setdefault(sort, known)
            self._items[place.form] = known

    def _looked_up(
        self, place: Place, listed: list[Op], record: Any, component: str
    ) -> Resource | None:
        """The resource that a path reads by another member: `releases/tags/{tag}`."""
        above = self._by_kind.get((component, singular(place.words[-2]))) if (
            len(place.words) > 1 and {op.method for op in listed} == {"GET"}
        ) else None  # fmt: skip
        if above is None or place.form[: len(above.place.form) - 1] != above.place.form[:-1]:
            return None
        key = key_property(self.schemas, record, place.params[-1], place.words, None)
        if not key or key == above.key:
            return None
        self._lookups[place.path] = key
        return above

    def _add(
        self, named: str, place: Place, record: Any, component: str, listed: list[Op]
    ) -> Resource:
        param = place.params[-1]
        schema: Any = next(
            (o.parameters["path", param].get("schema", {}) for o in listed
             if ("path", param) in o.parameters), {},
        )  # fmt: skip
        key = next((o.override["key"] for o in listed if "key" in o.override), "")
        if not key and record is not None:
            said = self.schemas.flat(record).get("x-crossdock", {})
            key = said.get("key", "") or key_property(
                self.schemas, record, param, place.words, schema
            )
        resource = Resource(
            self._name(named or ".".join(place.words)), place, place.params[:-1], param,
            record, component, key,
        )  # fmt: skip
        return self._keep(resource, listed)

    def _keep(self, resource: Resource, listed: list[Op]) -> Resource:
        for op in listed:
            if "seed" in op.override:
                resource.count = int(op.override["seed"])
        self.resources[resource.name] = resource
        return resource

    def _name(self, text: str) -> str:
        """A name that a table can have, not taken yet."""
        words = [re.sub(r"[^A-Za-z0-9-]+", "_", each).strip("_-") for each in text.split(".")]
        text = ".".join(w if w[:1].isalpha() else f"n{w}" for w in words if w) or "root"
        name, number = text, 2
        while name in self.resources:
            name, number = f"{text}-{number}", number + 1
        return name

    def _record(self, place: Place, listed: list[Op]) -> Any:
        """The schema of what lies under an item path: as read, as written, or as listed."""
        methods = {op.method: op for op in listed}
        for method in ("GET", "PUT", "PATCH", "POST"):
            op = methods.get(method)
            if op is not None and op.answer is not None and is_json(op.media):
                if method == "GET" and list_form(self.schemas, op.answer, place.words):
                    continue
                return self._inner(op.answer, place.words)
        for path, others in self._paths.items():
            form = others[0].place.form
            if form == place.form[:-1] and path:
                for op in others:
                    if op.answer is None or not is_json(op.media):
                        continue
                    form_of_list = list_form(self.schemas, op.answer, place.words)
                    if form_of_list is not None:
                        return form_of_list.items
                    if op.method == "POST":
                        return self._inner(op.answer, place.words)
        return None

    def _inner(self, schema: Any, words: tuple[str, ...]) -> Any:
        return unwrapped(self.schemas, schema, wrapper(self.schemas, schema, words))

    def _bind_item(self, listed: list[Op]) -> None:
        place = listed[0].place
        resource = self._items.get(place.form)
        for op in listed:
            if resource is None:
                self._fail(op, "its path has no word that could name a resource")
                continue
            if op.answer is not None and not is_json(op.media):
                self._fail(op, f"its answer is {op.media}, not a record")
                continue
            params = self._params(place, resource, item=True)
            if "action" in op.override:
                self._bind(op, "action", resource, params, effect=_set(op))
            elif op.method in ("GET", "HEAD"):
                self._bind(op, "read", resource, params, by=self._lookups.get(place.path, ""))
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
        inner = self._inner(op.request, op.place.words)
        return not flat["required"] and not self.schemas.flat(inner)["required"]

    # Collections, singletons, actions

    def _bind_static(self, listed: list[Op]) -> None:
        place = listed[0].place
        own = self._items.get((*place.form, PARAM))
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
        above = self._items.get((*place.form[:-1], PARAM))
        if above is None or above.place.form[:-1] != place.form[:-1]:
            return False
        params = self._params(Place(place.path, place.parts[:-1]), above, item=False)
        inner = self._inner(reader.answer, place.words)
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
        flat = self.schemas.flat(self._inner(op.answer, op.place.words))
        return kind(flat) == "object" and bool(flat["properties"])

    def _bind_collection(self, place: Place, resource: Resource, listed: list[Op]) -> None:
        params = self._params(place, resource, item=False)
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
        flat = self.schemas.flat(self._inner(op.request, op.place.words)) if op.request else None
        if flat is not None and resource.key and resource.key in flat["properties"]:
            self._bind(op, "replace" if op.method == "PUT" else "change", resource, params)
        elif op.answer is not None and list_form(self.schemas, op.answer, op.place.words):
            self._bind(op, "fill", resource, params)
        else:
            self._fail(op, f"{op.method} of a collection without a key in the body")

    def _bind_list(self, place: Place, items: Any, listed: list[Op]) -> None:
        """A list without items of its own: a view of another resource, or a list of its own."""
        component = self.schemas.component(items)
        resource = self._by_kind.get((component, singular(place.last))) if component else None
        if resource is None and component and not self._under(place):
            same = [r for (c, _), r in self._by_kind.items() if c == component]
            resource = same[0] if same else None
        if resource is None:
            names = [p for _, p in place.prefixes()]
            resource = Resource(
                self._name(".".join(place.words)), place, names[-1] if names else (), "",
                items, component, key_property(self.schemas, items, "id", place.words, None),
            )  # fmt: skip
            self._keep(resource, listed)
        self._bind_collection(place, resource, listed)

    def _bind_singleton(self, place: Place, listed: list[Op], answer: Any) -> None:
        record = None if answer is None else self._inner(answer, place.words)
        resource = Resource(
            self._name(".".join(place.words)), place, place.params, "", record,
            self.schemas.component(record), "", singleton=True,
        )  # fmt: skip
        self._keep(resource, listed)
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
        parent = self._items.get(prefixes[-1][0]) if prefixes else None
        under = place.parts[-2:-1] and place.parts[-2].startswith("{")
        if op.answer is not None and not is_json(op.media):
            self._fail(op, f"its answer is {op.media}")
            return
        if parent is not None and under and op.method in ("POST", "PUT", "PATCH", "DELETE"):
            params = self._params(Place(place.path, place.parts[:-1]), parent, item=True)
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
                self._bind(op, "create", target, self._params(place, target, item=False))
                return
        if op.method == "GET":
            self._fail(op, "its answer is no record and no list")
        else:
            self._fail(op, f"what {place.last!r} changes cannot be seen in the document")

    def _created(self, place: Place, op: Op) -> Resource | None:
        """What a POST creates where nothing is listed: a known kind, or one of its own."""
        inner = None if op.answer is None else self._inner(op.answer, place.words)
        component = self.schemas.component(inner)
        for record in (inner, self._inner(op.request, place.words)):
            sort = (self.schemas.component(record), singular(place.last))
            if sort[0] and sort in self._by_kind:
                return self._by_kind[sort]
        whole = self._inner(op.request, place.words)
        flat = self.schemas.flat(whole)
        if kind(flat) == "array":
            named = self.schemas.component(flat.get("items"))
            return next((r for (c, _), r in self._by_kind.items() if c == named), None)
        if 201 not in op.statuses and not (component and place.last == plain(place.last) + "s"):
            return None
        if inner is None or kind(self.schemas.flat(inner)) != "object":
            return None
        resource = Resource(
            self._name(".".join(place.words)), place, place.params, "", inner, component,
            key_property(self.schemas, inner, "id", place.words, None),
        )  # fmt: skip
        return self._keep(resource, [op])

    # Parameters

    def _under(self, place: Place) -> bool:
        return bool(place.params)

    def _params(
        self, place: Place, resource: Resource, *, item: bool
    ) -> dict[str, tuple[str, str]]:
        """Where the values of a path's parameters lie in a resource's records."""
        names = list(place.params)
        found: dict[str, tuple[str, str]] = {}
        if item and names and resource.param:
            found[names.pop()] = ("key", "")
        own = resource.place.form
        prefix = place.form[: len(own)]
        same = prefix == own[: len(prefix)] and len(names) >= len(resource.scope)
        for position, name in enumerate(names):
            if same and position < len(resource.scope):
                found[name] = ("scope", resource.scope[position])
            elif name in resource.scope:
                found[name] = ("scope", name)
            else:
                found[name] = self._related(place, name, resource)
        return found

    def _related(self, place: Place, name: str, resource: Resource) -> tuple[str, str]:
        """A parameter that the resource's own path does not have: a member of the record."""
        listed = self._paths.get(place.path, [])
        said = next((op.override["parent"] for op in listed if "parent" in op.override), "")
        if said or resource.schema is None:
            return ("link", said or name)
        before = place.parts[place.parts.index(f"{{{name}}}") - 1] if place.parts else ""
        nouns = [singular(before), stem(name)[0], plain(name)]
        for scoped in resource.scope:
            if stem(scoped)[0] in nouns:
                return ("scope", scoped)
        properties = self.schemas.flat(resource.schema)["properties"]
        for prop in properties:
            if plain(prop) == plain(name) or stem(prop) == (nouns[0], "id"):
                return ("link", name)
        if "owner" in resource.scope and nouns[0] in ("user", "org", "organization", "account"):
            return ("scope", "owner")
        return ("link", name)

    def resource_of(self, place: Place) -> list[tuple[Resource, tuple[str, ...]]]:
        """The item resources that a path lies under, each with its parameters."""
        found = []
        for form, params in place.prefixes():
            resource = self._items.get(form)
            if resource is not None:
                found.append((resource, params))
        return found

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
