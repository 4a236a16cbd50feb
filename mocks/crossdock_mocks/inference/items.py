"""Which paths belong together: the resource that a path of an item (`/pets/{id}`) is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, final

from crossdock_mocks.inference.forms import list_form, record_in
from crossdock_mocks.inference.keys import key_property
from crossdock_mocks.inference.naming import singular
from crossdock_mocks.inference.places import Place
from crossdock_mocks.inference.reading import Op, is_json
from crossdock_mocks.inference.resources import Resource
from crossdock_mocks.inference.schemas import Schemas

Form = tuple[str, ...]


@final
class Items:
    """The resources of a document, as they are found.

    Args:
        paths: Its operations by their paths.
        schemas: Its schemas.

    Attributes:
        resources: By name.
        lookups: The member by which a path reads a record, where that is not the key.
    """

    def __init__(self, paths: Mapping[str, list[Op]], schemas: Schemas) -> None:
        self.resources: dict[str, Resource] = {}
        self.lookups: dict[str, str] = {}
        self._paths = paths
        self._schemas = schemas
        self._by_form: dict[Form, Resource] = {}
        self._by_kind: dict[tuple[str, str], Resource] = {}
        self._find()

    def at(self, form: Form) -> Resource | None:
        """Give the resource whose items lie under paths of a form."""
        return self._by_form.get(form)

    def around(self, place: Place) -> list[tuple[Resource, tuple[str, ...]]]:
        """Give the resources that a path lies under, each with its parameters."""
        found = ((self.at(form), params) for form, params in place.prefixes())
        return [(resource, params) for resource, params in found if resource is not None]

    def of_kind(self, component: str, noun: str) -> Resource | None:
        """Give the resource whose records have a schema and are called by a noun."""
        return self._by_kind.get((component, noun))

    def of_component(self, component: str) -> Resource | None:
        """Give the first resource whose records have a schema, whatever they are called."""
        return next((r for (each, _), r in self._by_kind.items() if each == component), None)

    def _find(self) -> None:
        """Give each item path its resource; paths of records of the same kind share one."""
        found = []
        for listed in self._paths.values():
            place = listed[0].place
            if place.item and place.words:
                # `POST /cart/{product}/add` has no item of its own.
                found.append((place, listed, self._record(place, listed)))
        found.sort(key=lambda each: (len(each[0].params), len(each[0].parts)))
        for place, listed, record in found:
            component = self._schemas.component(record)
            sort = (component, singular(place.last))
            named = next((o.override["resource"] for o in listed if "resource" in o.override), "")
            known = self.resources.get(named)
            if known is None and component and any(o.method == "GET" for o in listed):
                known = self._by_kind.get(sort)
                # Elsewhere it is another kind: the hooks of a repository, those of a group.
                if known is not None and not set(known.scope) <= set(place.params[:-1]):
                    known = None
            if place.form in self._by_form:
                continue
            if known is None and component:
                known = self._looked_up(place, listed, record, component)
            if known is None:
                known = self._add(named, place, record, component, listed)
                if component and record is not None:
                    self._by_kind.setdefault(sort, known)
            self._by_form[place.form] = known

    def _looked_up(
        self, place: Place, listed: list[Op], record: Any, component: str
    ) -> Resource | None:
        """The resource that a path reads by another member: `releases/tags/{tag}`."""
        above = self._by_kind.get((component, singular(place.words[-2]))) if (
            len(place.words) > 1 and {op.method for op in listed} == {"GET"}
        ) else None  # fmt: skip
        if above is None or place.form[: len(above.place.form) - 1] != above.place.form[:-1]:
            return None
        key = key_property(self._schemas, record, place.params[-1], place.words, None)
        if not key or key == above.key:
            return None
        self.lookups[place.path] = key
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
            said = self._schemas.flat(record).get("x-crossdock", {})
            key = said.get("key", "") or key_property(
                self._schemas, record, param, place.words, schema
            )
        resource = Resource(
            self.name(named or ".".join(place.words)), place, place.params[:-1], param,
            record, component, key,
        )  # fmt: skip
        return self.keep(resource, listed)

    def keep(self, resource: Resource, listed: list[Op]) -> Resource:
        """Keep a resource that was found in some operations."""
        for op in listed:
            if "seed" in op.override:
                resource.count = int(op.override["seed"])
        self.resources[resource.name] = resource
        return resource

    def name(self, text: str) -> str:
        """Make a name that a table can have, not taken yet."""
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
                if method == "GET" and list_form(self._schemas, op.answer, place.words):
                    continue
                return record_in(self._schemas, op.answer, place.words)
        for path, others in self._paths.items():
            form = others[0].place.form
            if form == place.form[:-1] and path:
                for op in others:
                    if op.answer is None or not is_json(op.media):
                        continue
                    form_of_list = list_form(self._schemas, op.answer, place.words)
                    if form_of_list is not None:
                        return form_of_list.items
                    if op.method == "POST":
                        return record_in(self._schemas, op.answer, place.words)
        return None
