"""A contract: resources, what they do beyond keeping entries, and how it speaks.

A dialect declares a `Contract`; the engine makes of it tables, queries, entries, feeds, metadata,
the OpenAPI document and the behaviour of each operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, final

import attrs

from crossdock_mocks.engine import TableSpec, World
from crossdock_mocks.sdata.model import Collection, Field, Provenance, Reference, Resource, Row

if TYPE_CHECKING:
    from crossdock_mocks.sdata.records import Records


@attrs.frozen
class Rules:
    """What a resource does with entries beyond keeping them.

    A rule changes the row in place, writes others through the records, or raises a refusal.

    Attributes:
        before: Called with a row that is to be kept, its old state if it has one, and what came.
        after: Called with a row that was kept, and its old state.
        before_delete: Called with a row that is to go.
        after_delete: Called with a row that went.
    """

    before: Callable[[Records, Row, Row | None, Mapping[str, Any]], None] | None = None
    after: Callable[[Records, Row, Row | None], None] | None = None
    before_delete: Callable[[Records, Row], None] | None = None
    after_delete: Callable[[Records, Row], None] | None = None


NO_RULES: Final = Rules()


@attrs.frozen
class Service:
    """A service operation: `POST resource/$service/Name`.

    Attributes:
        name: Its name in the path.
        resource: The resource that it belongs to.
        run: Does it: gets the records and the request's members, gives the response's.
        operation: Its operation id.
        summary: What it does, in a few words.
        request: JSON Schema of what it is asked.
        response: JSON Schema of what it answers.
        provenance: How sure it is.
    """

    name: str
    resource: str
    run: Callable[[Records, Mapping[str, Any]], Mapping[str, Any]]
    operation: str
    summary: str
    request: Mapping[str, Any] = attrs.field(factory=dict)
    response: Mapping[str, Any] = attrs.field(factory=dict)
    provenance: Provenance = "assumed"


def _resources(given: Iterable[Resource]) -> tuple[Resource, ...]:
    return tuple(given)


def _services(given: Iterable[Service]) -> tuple[Service, ...]:
    return tuple(given)


@final
@attrs.frozen
class Contract:
    """One contract of one application.

    Attributes:
        name: Name of the dialect.
        title: What people call the system.
        description: What its document says of it.
        application: First segment behind `/sdata`.
        contract: The second.
        dataset: The third: what stands for any data set unless given.
        namespace: XML namespace of its resources.
        resources: Its resources.
        make_key: Gives the key of a new entry.
        services: Its service operations.
        rules: What resources do beyond keeping entries, by name.
        page_size: Entries of a page where none was asked for.
        most: Most entries of a page.
        dates: How it writes instants: `/Date(ms)/`, or ISO 8601.
        diagnoses: How it writes diagnoses in JSON: an array, or an object around it.
        json: Whether it speaks JSON where nobody asked for a format; Atom otherwise.
        etags: Whether entries have entity tags.
        folds_case: Whether text compares without case.
        any_unknown: Whether properties that it does not know are passed over.
        any_case: Whether names count whatever their case, in paths and in payloads, too.
        any_path: Whether names count whatever their case, in paths alone.
        any_slashes: Whether several slashes together are one.
        descriptor: The member of entries with their title.
        prototypes: Whether it tells its resources at `$prototypes`.
        schemas: Whether it tells them at `$schema`.
        batches: Whether it takes batches.
    """

    name: str
    title: str
    description: str
    application: str
    contract: str
    namespace: str
    resources: tuple[Resource, ...] = attrs.field(converter=_resources)
    make_key: Callable[[World, Resource], str | int]
    dataset: str = "-"
    services: tuple[Service, ...] = attrs.field(default=(), converter=_services)
    rules: Mapping[str, Rules] = attrs.field(factory=dict)
    page_size: int = 100
    most: int = 1000
    dates: Literal["ms", "iso"] = "ms"
    diagnoses: Literal["array", "object"] = "array"
    json: bool = False
    etags: bool = True
    folds_case: bool = False
    any_unknown: bool = False
    any_case: bool = False
    any_path: bool = False
    any_slashes: bool = False
    descriptor: Literal["$descriptor", "$title"] = "$descriptor"
    prototypes: bool = False
    schemas: bool = True
    batches: bool = True
    _by_name: dict[str, Resource] = attrs.field(init=False, eq=False, repr=False)

    @_by_name.default
    def _index(self) -> dict[str, Resource]:
        return {each.name.lower(): each for each in self.resources}

    def __attrs_post_init__(self) -> None:
        problems = list(self._astray())
        if problems:
            raise ValueError(f"contract {self.name}: " + "; ".join(problems))

    def _astray(self) -> Iterable[str]:
        """What leads to what there is not."""
        for each in self.resources:
            for reference in each.references:
                if self.find(reference.to) is None:
                    yield f"{each.name}.{reference.name} leads to {reference.to}"
                if reference.by and not isinstance(each.member(reference.by), Field):
                    yield f"{each.name}.{reference.name} has no field {reference.by}"
            for collection in each.collections:
                other = self.find(collection.of)
                if other is None or other.member(collection.by) is None:
                    yield f"{each.name}.{collection.name} has no {collection.of}.{collection.by}"
        for service in self.services:
            if self.find(service.resource) is None:
                yield f"service {service.name} belongs to {service.resource}"

    @property
    def base(self) -> str:
        """Path of the contract, without a slash at its end."""
        return f"/sdata/{self.application}/{self.contract}/{self.dataset}"

    def find(self, name: str) -> Resource | None:
        """The resource of a name, whatever its case, or nothing."""
        return self._by_name.get(name.lower())

    def resource(self, name: str) -> Resource:
        """The resource of a name.

        Raises:
            KeyError: There is none.
        """
        return self._by_name[name.lower()]

    def tables(self) -> tuple[TableSpec, ...]:
        """The tables of its rows."""
        return tuple(each.spec() for each in self.resources)

    def backing(self, collection: Collection) -> str:
        """The column of a collection's rows that holds the key of their owner."""
        found = self.resource(collection.of).member(collection.by)
        if not isinstance(found, (Field, Reference)):
            raise KeyError(f"{collection.of} has no {collection.by}")
        return found.column
