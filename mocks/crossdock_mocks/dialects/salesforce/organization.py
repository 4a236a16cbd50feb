"""The objects of one world: the standard ones, and what the organization added to them.

What was added stands in a table, so that it is part of the world: forked, saved and reset with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, final

import attrs
import orjson

from crossdock_mocks.dialects.salesforce import soql
from crossdock_mocks.dialects.salesforce.model import (
    CUSTOM_TABLE,
    DELETED_TABLE,
    SYSTEM,
    FieldType,
    ObjectType,
)
from crossdock_mocks.dialects.salesforce.soql.schema import Schema
from crossdock_mocks.dialects.salesforce.standard import OBJECTS
from crossdock_mocks.engine import TableSpec, World

DEFINITIONS: Final = "sf_definitions"
STAGES: Final = "sf_OpportunityStage"

TABLES: Final = (
    *(each.spec() for each in OBJECTS),
    TableSpec(CUSTOM_TABLE, key="Id", indexes=("attributes.type", "CreatedDate", "SystemModstamp")),
    TableSpec(DELETED_TABLE, key="Id", indexes=("attributes.type", "SystemModstamp")),
    TableSpec(DEFINITIONS),
    TableSpec("sf_settings"),
    TableSpec("sf_query_locators"),
)

_NAME: Final = re.compile(r"[A-Za-z](_?[A-Za-z0-9])*__c\Z")
_POLYMORPHIC: Final = "Name"


@final
class Organization:
    """Objects by name, and from whom references come.

    Args:
        objects: All objects.
    """

    def __init__(self, objects: Iterable[ObjectType]) -> None:
        self.objects = {each.name: each for each in objects}
        self._by_name = {name.lower(): each for name, each in self.objects.items()}
        self._by_prefix = {each.prefix: each for each in self.objects.values()}
        self.children: dict[str, list[tuple[ObjectType, FieldType]]] = {}
        for each in self.objects.values():
            for field in each.all_fields:
                for target in field.references:
                    self.children.setdefault(target, []).append((each, field))
        self.schema = self._schema()

    def object(self, name: str) -> ObjectType | None:
        """The object of a name, whatever its case."""
        return self._by_name.get(name.lower())

    def of_id(self, key: str) -> ObjectType | None:
        """The object that an id is of."""
        return self._by_prefix.get(key[:3])

    def _schema(self) -> Schema:
        entities = {}
        for each in self.objects.values():
            children = tuple(
                soql.Child(relationship=field.children, object=child.name, field=field.name)
                for child, field in self.children.get(each.name, ())
                if field.children
            )
            together = {name for group in each.together for name in group}
            fields = tuple(
                field.for_queries(
                    own_table=not each.custom or field.name in ("CreatedDate", "SystemModstamp"),
                    column=field.name in together,
                )
                for field in each.all_fields
            )
            entities[each.name.lower()] = soql.Entity(
                name=each.name, fields=fields, source=each.living(),
                everything=each.everything(), children=children,
            )  # fmt: skip
        return Schema(entities, self._names())

    def _names(self) -> soql.Entity:
        """What paths see of references to several objects: the name, and which object it is."""
        targets = {
            target
            for each in self.objects.values()
            for field in each.all_fields
            if len(field.references) > 1
            for target in field.references
        }
        parts = []
        for name in sorted(targets):
            naming = self.objects[name].naming.name
            value = "_key" if naming == "Id" else f"json_extract(_body, '$.\"{naming}\"')"
            parts.append(
                # Names of objects and fields are checked when they are defined.
                f"SELECT _key, json_object('Name', {value}, 'Type', '{name}') AS _body "  # noqa: S608
                f"FROM {self.objects[name].living()}"
            )
        source = f"({' UNION ALL '.join(parts)})"
        fields = (
            SYSTEM[0].for_queries(own_table=True),
            soql.Field(name="Name"),
            soql.Field(name="Type", kind="picklist"),
        )
        return soql.Entity(name=_POLYMORPHIC, fields=fields, source=source, everything=source)


def organization(world: World) -> Organization:
    """The objects of a world."""
    rows = world.table(DEFINITIONS).find_raw(order="id")
    stages = world.query(
        # The names of the stages are what an opportunity's stage is chosen from.
        f"SELECT json_extract(_body, '$.MasterLabel') FROM {STAGES} ORDER BY _n"  # noqa: S608
    )
    return _compiled(tuple(rows), tuple(row[0] for row in stages))


@lru_cache(maxsize=64)
def _compiled(rows: tuple[str, ...], stages: tuple[str, ...]) -> Organization:
    objects = {each.name: each for each in OBJECTS}
    for text in rows:
        given = orjson.loads(text)
        if given["field"] is None:
            objects[given["object"]] = ObjectType(
                given["object"], given["prefix"], _custom_fields(given),
                label=given["label"], plural=given["plural"],
            )  # fmt: skip
    for text in rows:
        given = orjson.loads(text)
        if given["field"] is not None:
            owner = objects[given["object"]]
            added = (*owner.fields, FieldType(**given["field"]))
            objects[owner.name] = attrs.evolve(owner, fields=added)
    for name in ("Opportunity", "OpportunityHistory"):
        fields = tuple(
            attrs.evolve(each, values=stages) if each.name == "StageName" else each
            for each in objects[name].fields
        )
        objects[name] = attrs.evolve(objects[name], fields=fields)
    return Organization(objects.values())


def _custom_fields(given: dict[str, Any]) -> tuple[FieldType, ...]:
    return (
        FieldType("Name", length=80, naming=True, label=f"{given['label']} Name"),
        FieldType("OwnerId", "reference", references=["User"], relationship="Owner"),
    )


def define_object(world: World, name: str, *, label: str = "", plural: str = "") -> None:
    """Add a custom object with a name and an owner; `define_field` gives it more.

    Args:
        world: The world it is added to.
        name: Its API name, which ends in `__c`.
        label: What people call one of it.
        plural: What people call many.

    Raises:
        ValueError: The name cannot be one, or is taken.
    """
    if not _NAME.match(name) or organization(world).object(name) is not None:
        raise ValueError(f"{name!r} is taken, or is not the name of a custom object (…__c)")
    number = int(world.sequence("sf_custom_objects"))
    plain = label or name.removesuffix("__c").replace("_", " ")
    world.table(DEFINITIONS).insert(
        {
            "id": name, "object": name, "field": None, "label": plain,
            "plural": plural or f"{plain}s", "prefix": f"a{number:02d}",
        }
    )  # fmt: skip


def define_field(world: World, owner: str, field: FieldType, *, indexed: bool = False) -> None:
    """Add a custom field to an object of a world.

    Args:
        world: The world.
        owner: API name of the object.
        field: The field, whose name ends in `__c`.
        indexed: Whether it gets an index. That changes the database itself, so only worlds that
            begin with the same indexed fields can go on from one another's files.

    Raises:
        ValueError: There is no such object, or the name cannot be one or is taken.
    """
    known = organization(world)
    found = known.object(owner)
    if found is None:
        raise ValueError(f"there is no object {owner!r}")
    if not _NAME.match(field.name) or found.field(field.name) is not None:
        raise ValueError(f"{field.name!r} is taken, or is not the name of a custom field (…__c)")
    missing = [each for each in field.references if known.object(each) is None]
    if missing:
        raise ValueError(f"{field.name!r} refers to {missing[0]!r}, which there is not")
    made = attrs.evolve(field, custom=True)
    world.table(DEFINITIONS).insert(
        {
            "id": f"{found.name}.{field.name}", "object": found.name,
            "field": attrs.asdict(made),
        }
    )  # fmt: skip
    if indexed and not found.custom:
        value = f"json_extract(_body, '$.\"{made.name}\"')"
        # The expression has to be that of queries; the name was checked above.
        value = f"casefold({value})" if made.is_text else value
        world.connection.execute(
            f'CREATE INDEX "{found.table}.{made.name}" ON "{found.table}" ({value})'
        )
