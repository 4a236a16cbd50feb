"""Records: made, changed and deleted under the rules of the platform.

A record is a JSON object of all its fields. What other records say together about it (roll-ups)
is worked out by the rules of its object (`rules`) whenever one of them changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, final

from crossdock_mocks.dialects.salesforce import ids, rules
from crossdock_mocks.dialects.salesforce.checking import checked
from crossdock_mocks.dialects.salesforce.errors import Refused, no_field, no_record
from crossdock_mocks.dialects.salesforce.model import (
    DELETED_TABLE,
    FieldType,
    ObjectType,
)
from crossdock_mocks.dialects.salesforce.organization import Organization, organization
from crossdock_mocks.dialects.salesforce.soql.values import stored
from crossdock_mocks.engine import World
from crossdock_mocks.engine.tables import folded_column

Row: TypeAlias = dict[str, Any]
SYSTEM_NAMES: Final = frozenset(
    {"Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
     "SystemModstamp"}
)  # fmt: skip


@final
class Records:
    """The records of a world, worked on by one user.

    Args:
        world: The world.
        user_id: Who makes and changes them.
    """

    def __init__(self, world: World, user_id: str) -> None:
        self.world = world
        self.user_id = user_id
        self.organization: Organization = organization(world)

    @property
    def now(self) -> str:
        """The instant, as rows hold it."""
        return stored(self.world.now)

    # Reading

    def get(self, entity: ObjectType | str, key: str | None) -> Row | None:
        """A living record, or nothing."""
        kind = self._kind(entity)
        found = self.world.table(kind.table).get(key) if key else None
        if found is not None and kind.custom and found["attributes"]["type"] != kind.name:
            return None
        return found

    def read(self, entity: ObjectType, key: str) -> Row:
        """A record by the id that came.

        Raises:
            Refused: 404 `NOT_FOUND`, or `ENTITY_IS_DELETED`; 400 `MALFORMED_ID`.
        """
        full = ids.read(key)
        if full is None:
            raise no_record(key)
        if full[:3] != entity.prefix:
            raise Refused(
                "MALFORMED_ID", f"{entity.title} ID: id value of incorrect type: {key}", ["Id"]
            )
        found = self.get(entity, full)
        if found is None:
            if full in self.world.table(DELETED_TABLE):
                raise Refused("ENTITY_IS_DELETED", "entity is deleted", [], 404)
            raise no_record(key)
        return found

    def by_value(self, entity: ObjectType, field: FieldType, value: Any) -> list[Row]:
        """The living records that have a value in a field; text is compared without case."""
        found = self.world.query(
            # Names of objects and fields are checked when they are defined.
            f"SELECT _key FROM {entity.living()} WHERE {self._expression(entity, field)} = ? "  # noqa: S608
            "ORDER BY _n",
            [value.casefold() if isinstance(value, str) and field.is_text else value],
        )
        table = self.world.table(entity.table)
        return [row for (key,) in found if (row := table.get(key)) is not None]

    def linked(self, entity: str, field: str, key: str) -> list[Row]:
        """The living records of an object that refer to a record by a field."""
        kind = self._kind(entity)
        return self.by_value(kind, _field(kind, field), key)

    def _expression(self, entity: ObjectType, field: FieldType) -> str:
        own = not entity.custom
        if field.is_text:
            if own and field.folded:
                return f'"{folded_column(field.name)}"'
            return f"casefold(json_extract(_body, '$.\"{field.name}\"'))"
        if own and field.in_column:
            return f'"{field.name}"'
        return "_key" if field.kind == "id" else f"json_extract(_body, '$.\"{field.name}\"')"

    def _kind(self, entity: ObjectType | str) -> ObjectType:
        return self.organization.objects[entity] if isinstance(entity, str) else entity

    # Writing

    def insert(self, entity: ObjectType, given: Mapping[str, Any]) -> Row:
        """Make a record of what came.

        Raises:
            Refused: A field is unknown, missing, wrong, or against a rule.
        """
        if not entity.create:
            raise Refused("INVALID_TYPE_FOR_OPERATION", f"entity type {entity.name} does not "
                          "support create")  # fmt: skip
        values = self._taken(entity, given, create=True)
        row: Row = {each.name: each.default for each in entity.all_fields if not each.parts}
        row.update(values)
        key = ids.make(entity.prefix, int(self.world.sequence(f"sf_{entity.name}")))
        for field in entity.fields:
            if field.auto is not None:
                next_number = int(self.world.sequence(f"sf_{entity.name}.{field.name}"))
                row[field.name] = field.auto.format(next_number)
            if field.name == "OwnerId" and row["OwnerId"] is None:
                row["OwnerId"] = self.user_id
        row["Id"] = key
        now = self.now
        row.update(IsDeleted=False, CreatedDate=now, CreatedById=self.user_id)
        row.update(LastModifiedDate=now, LastModifiedById=self.user_id, SystemModstamp=now)
        if entity.custom:
            if row["Name"] is None:
                row["Name"] = key[:15]
            row["attributes"] = {"type": entity.name}

        rules.before(self, entity, row, None, values)
        missing = [
            each.name for each in entity.fields if each.required and row.get(each.name) is None
        ]
        if missing:
            raise Refused(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                missing,
            )
        self._unique(entity, row, None)
        self.world.table(entity.table).insert(row)
        rules.after(self, entity, row, None)
        return row

    def update(self, entity: ObjectType, old: Row, given: Mapping[str, Any]) -> Row:
        """Change a record by what came.

        Raises:
            Refused: A field is unknown, wrong, or against a rule.
        """
        if not entity.update:
            raise Refused("INVALID_TYPE_FOR_OPERATION", f"entity type {entity.name} does not "
                          "support update")  # fmt: skip
        values = self._taken(entity, given, create=False)
        row = {**old, **values}
        missing = [
            each.name for each in entity.fields if each.required and row.get(each.name) is None
        ]
        if missing:
            raise Refused(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                missing,
            )

        rules.before(self, entity, row, old, values)
        self._no_circle(entity, row, values)
        self._unique(entity, row, old)
        self.keep(entity, row)
        rules.after(self, entity, row, old)
        return row

    def keep(self, entity: ObjectType | str, row: Row) -> None:
        """Write a record that was changed, with the stamps of the change."""
        now = self.now
        row.update(LastModifiedDate=now, LastModifiedById=self.user_id, SystemModstamp=now)
        self.world.table(self._kind(entity).table).replace(row)

    def rolled_up(self, entity: ObjectType | str, row: Row, values: Mapping[str, Any]) -> None:
        """Write what other records say together about one, if it has changed."""
        if any(row.get(name) != value for name, value in values.items()):
            row.update(values)
            row["SystemModstamp"] = self.now
            self.world.table(self._kind(entity).table).replace(row)

    def delete(self, entity: ObjectType, row: Row) -> None:
        """Put a record into the recycle bin, with all that goes with it.

        Raises:
            Refused: `DELETE_FAILED`, other records need it.
        """
        if not entity.delete:
            raise Refused("INVALID_TYPE_FOR_OPERATION", f"entity type {entity.name} does not "
                          "support delete")  # fmt: skip

        rules.before_delete(self, entity, row)
        for child, field in self.organization.children.get(entity.name, ()):
            for each in self.by_value(child, field, row["Id"]):
                if field.cascade:
                    self.delete_quietly(child, each)
                elif field.name not in SYSTEM_NAMES:
                    # Where nothing goes with it, the reference is emptied.
                    each[field.name] = None
                    self.world.table(child.table).replace(each)
        self._bin(entity, row)
        rules.after_delete(self, entity, row)

    def delete_quietly(self, entity: ObjectType, row: Row) -> None:
        """Delete a record because the one it hangs on goes; nobody asks whether it may."""
        for child, field in self.organization.children.get(entity.name, ()):
            if field.cascade:
                for each in self.by_value(child, field, row["Id"]):
                    self.delete_quietly(child, each)
        self._bin(entity, row)

        rules.after_delete(self, entity, row)

    def _bin(self, entity: ObjectType, row: Row) -> None:
        self.world.table(entity.table).delete(row["Id"])
        now = self.now
        binned = {
            **row, "IsDeleted": True, "SystemModstamp": now, "LastModifiedDate": now,
            "attributes": {"type": entity.name},
        }  # fmt: skip
        self.world.table(DELETED_TABLE).insert(binned)

    # What came

    def _taken(self, entity: ObjectType, given: Mapping[str, Any], *, create: bool) -> Row:
        """The values that came, by the names of their fields."""
        values: Row = {}
        barred: list[str] = []
        for name, value in given.items():
            if name == "attributes":
                continue
            field = entity.field(name)
            if field is None:
                parent = self._parent(entity, name)
                if parent is None:
                    raise no_field(name, entity.name)
                field, value = parent, self._by_external_id(entity, parent, value)
            if not (field.create if create else field.update):
                barred.append(field.name)
            elif field.kind == "reference":
                values[field.name] = self._reference(field, value)
            else:
                values[field.name] = checked(field, value)
        if barred:
            raise Refused(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {', '.join(barred)}. Please check the security "
                "settings of this field and verify that it is read/write for your profile or "
                "permission set.",
                barred,
            )
        return values

    def _parent(self, entity: ObjectType, name: str) -> FieldType | None:
        for each in entity.all_fields:
            if each.relationship and each.relationship.lower() == name.lower():
                return each
        return None

    def _by_external_id(self, entity: ObjectType, field: FieldType, value: Any) -> Any:
        """The id of a parent that was named by an external id: `{"Account": {"Ext__c": "1"}}`."""
        if value is None:
            return None
        named = {k: v for k, v in value.items() if k != "attributes"} if (
            isinstance(value, dict)
        ) else {}  # fmt: skip
        target = self.organization.objects[field.references[0]]
        if len(named) != 1:
            raise no_field(field.relationship or "", entity.name)
        ((name, key),) = named.items()
        external = target.field(name)
        if external is None:
            raise no_field(name, target.name)
        if not (external.external or external.kind == "id"):
            raise Refused(
                "INVALID_FIELD",
                f"{name} is not an External ID or indexed field for {target.name}",
                [],
            )
        if isinstance(key, (dict, list, bool)):
            checked(external, key)  # which says what is wrong with it
        found = self.by_value(target, external, key)
        if not found:
            raise Refused(
                "INVALID_FIELD",
                f"Foreign key external ID: {key} not found for field {external.name} in entity "
                f"{target.name}",
                [],
            )
        return found[0]["Id"]

    def _reference(self, field: FieldType, value: Any) -> str | None:
        if value is None or value == "":
            return None
        full = ids.read(value) if isinstance(value, str) else None
        wrong = f"{field.title}: id value of incorrect type: {value}"
        if full is None:
            raise Refused("MALFORMED_ID", wrong, [field.name])
        target = self.organization.of_id(full)
        if target is None or target.name not in field.references:
            raise Refused("FIELD_INTEGRITY_EXCEPTION", wrong, [field.name])
        if self.get(target, full) is None:
            if full in self.world.table(DELETED_TABLE):
                raise Refused("ENTITY_IS_DELETED", "entity is deleted", [])
            raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        return full

    def _no_circle(self, entity: ObjectType, row: Row, values: Row) -> None:
        """See that a record does not hang on itself."""
        for name in values:
            field = entity.field(name)
            if field is None or field.references != (entity.name,):
                continue
            above, seen = row[name], {row["Id"]}
            while above is not None:
                if above in seen:
                    raise Refused(
                        "CIRCULAR_DEPENDENCY", "attempt to violate hierarchy constraints", [name]
                    )
                seen.add(above)
                above = (self.get(entity, above) or {}).get(name)

    def _unique(self, entity: ObjectType, row: Row, old: Row | None) -> None:
        for field in entity.fields:
            value = row.get(field.name) if field.unique else None
            if value is None or (old is not None and old.get(field.name) == value):
                continue
            for other in self.by_value(entity, field, value):
                if other["Id"] != row["Id"]:
                    raise Refused(
                        "DUPLICATE_VALUE",
                        f"duplicate value found: {field.name} duplicates value on record with "
                        f"id: {other['Id'][:15]}",
                        [],
                    )


def _field(kind: ObjectType, name: str) -> FieldType:
    found = kind.field(name)
    if found is None:
        raise KeyError(f"{kind.name} has no field {name}")
    return found
