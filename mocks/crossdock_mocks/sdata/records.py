"""The entries of one world: found, made, changed and removed, by what their contract says."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, final

from crossdock_mocks.engine import World
from crossdock_mocks.sdata.contract import NO_RULES, Contract, Rules
from crossdock_mocks.sdata.diagnoses import Refused, no_entry, refused
from crossdock_mocks.sdata.model import KEY, UPDATED, Collection, Field, Reference, Resource, Row
from crossdock_mocks.sdata.values import checked, stored


def etag(row: Mapping[str, Any]) -> str:
    """The entity tag of a row, without quotes."""
    digest = hashlib.sha1(json.dumps(row, sort_keys=True).encode(), usedforsecurity=False)
    return base64.b64encode(digest.digest()[:12]).decode()


def blank(resource: Resource) -> Row:
    """A row with nothing but what its fields are by themselves."""
    row: Row = {each.column: None for each in resource.references}
    row.update({each.name: each.default for each in resource.fields})
    return row


@final
class Records:
    """The entries of one world, for one user.

    Args:
        world: The world.
        contract: What entries there are.
        user: Key of the user who asks; what changes is noted as theirs.
    """

    def __init__(self, world: World, contract: Contract, user: Any = None) -> None:
        self.world = world
        self.contract = contract
        self.user = user

    @property
    def now(self) -> str:
        """The instant by the world's clock, as rows hold it."""
        return stored(self.world.now)

    # Reading

    def get(self, resource: Resource | str, key: object) -> Row | None:
        """The row of a key, or nothing."""
        if key is None:
            return None
        return self.world.table(self._resource(resource).table).get(str(key))

    def require(self, resource: Resource | str, key: object) -> Row:
        """The row of a key.

        Raises:
            Refused: 404, there is none.
        """
        kind = self._resource(resource)
        row = self.get(kind, key)
        if row is None:
            raise no_entry(kind.kind, key)
        return row

    def related(self, resource: Resource | str, column: str, key: object) -> list[Row]:
        """The rows that hold a key in a column, in the order in which they were made."""
        return self.world.table(self._resource(resource).table).find({column: key})

    def _resource(self, given: Resource | str) -> Resource:
        return self.contract.resource(given) if isinstance(given, str) else given

    def rules(self, resource: Resource) -> Rules:
        """What a resource does beyond keeping entries."""
        return self.contract.rules.get(resource.name, NO_RULES)

    # Writing

    def create(self, resource: Resource | str, payload: Mapping[str, Any]) -> Row:
        """Make an entry, and those within it.

        Args:
            resource: What it is one of.
            payload: Its properties, as they came.

        Raises:
            Refused: It cannot be made so.
        """
        return self._create(self._resource(resource), payload, {})

    def _create(self, kind: Resource, payload: Mapping[str, Any], held: Mapping[str, Any]) -> Row:
        row = {**blank(kind), **self._taken(kind, payload, None), **held}
        row[KEY] = self.contract.make_key(self.world, kind)
        self._stamp(kind, row, made=True)
        rules = self.rules(kind)
        if rules.before is not None:
            rules.before(self, row, None, payload)
        self._complete(kind, row)
        self.world.table(kind.table).insert(row)
        self._within(kind, row, payload)
        if rules.after is not None:
            rules.after(self, row, None)
        return self.require(kind, row[KEY])

    def update(self, resource: Resource | str, row: Row, payload: Mapping[str, Any]) -> Row:
        """Change an entry, and those within it.

        Args:
            resource: What it is one of.
            row: The entry as it stands.
            payload: The properties that are to change, as they came.

        Raises:
            Refused: It cannot be changed so.
        """
        kind = self._resource(resource)
        changed = {**row, **self._taken(kind, payload, row)}
        self._stamp(kind, changed, made=False)
        rules = self.rules(kind)
        if rules.before is not None:
            rules.before(self, changed, row, payload)
        self._complete(kind, changed)
        self.world.table(kind.table).replace(changed)
        self._within(kind, changed, payload)
        if rules.after is not None:
            rules.after(self, changed, row)
        return self.require(kind, row[KEY])

    def keep(self, resource: Resource | str, row: Row) -> Row:
        """Write an entry as it is: no rule is asked, but its last change is noted."""
        kind = self._resource(resource)
        self._stamp(kind, row, made=False)
        self.world.table(kind.table).replace(row)
        return row

    def delete(self, resource: Resource | str, row: Row) -> None:
        """Remove an entry, and what goes with it.

        Raises:
            Refused: Others need it.
        """
        kind = self._resource(resource)
        rules = self.rules(kind)
        if rules.before_delete is not None:
            rules.before_delete(self, row)
        self.world.table(kind.table).delete(row[KEY])
        for each in kind.collections:
            if each.owned:
                for child in self.related(each.of, self.contract.backing(each), row[KEY]):
                    self.delete(each.of, child)
        self._let_go(kind, row)
        for reference in kind.references:
            owned = self.get(reference.to, row[reference.column]) if reference.owned else None
            if owned is not None:
                self.delete(reference.to, owned)
        if rules.after_delete is not None:
            rules.after_delete(self, row)

    def _let_go(self, kind: Resource, row: Row) -> None:
        """Empty the references to an entry that went; one that has to lead somewhere keeps it."""
        for other in self.contract.resources:
            for reference in other.references:
                if reference.to != kind.name:
                    continue
                for each in self.related(other, reference.column, row[KEY]):
                    if self._is_required(other, reference):
                        raise refused(
                            f"{kind.kind} '{row[KEY]}' is in use by {other.kind} '{each[KEY]}'."
                        )
                    each[reference.column] = None
                    self.keep(other, each)

    @staticmethod
    def _is_required(kind: Resource, reference: Reference) -> bool:
        field = kind.member(reference.by) if reference.by else None
        return reference.required or (isinstance(field, Field) and field.required)

    def _stamp(self, kind: Resource, row: Row, *, made: bool) -> None:
        stamps, now = kind.stamps, self.now
        row[UPDATED] = now
        noted = {stamps.modified: now, stamps.modifier: self.user}
        if made:
            noted.update({stamps.created: now, stamps.creator: self.user})
        row.update({name: value for name, value in noted.items() if name is not None})

    # What came

    def _complete(self, kind: Resource, row: Row) -> None:
        """See that nothing is missing that an entry has to have.

        Raises:
            Refused: Something is.
        """
        listed: list[Field | Reference] = [*kind.fields, *kind.references]
        missing = [each for each in listed if each.required and row[each.column] in (None, "")]
        if missing:
            # All at once, as forms show them.
            raise Refused(
                [
                    refused(f"{each.title} is required.", path=each.name).diagnoses[0]
                    for each in missing
                ]
            )

    def _taken(self, kind: Resource, payload: Mapping[str, Any], row: Row | None) -> Row:
        """The values that came, by the columns of a row."""
        values: Row = {}
        for name, value in payload.items():
            if name.startswith("$") or (kind.shows_key and name.lower() == kind.key_name.lower()):
                continue
            member = kind.member(name)
            if member is None:
                if self.contract.any_unknown:
                    continue
                raise refused(f"{kind.kind} has no property '{name}'.", path=name)
            if isinstance(member, Field):
                if not member.read_only:
                    values[member.name] = checked(member, value)
            elif isinstance(member, Reference) and not member.read_only and member.by is None:
                values[member.name] = self._reference(kind, member, value, row)
        return values

    def _reference(self, kind: Resource, reference: Reference, value: Any, row: Row | None) -> Any:
        """The key that a reference leads to; what came within it is made or changed."""
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise refused(
                f'{kind.kind}.{reference.name} is an entry: write {{"$key": ...}}.',
                path=reference.name,
            )
        target = self.contract.resource(reference.to)
        given = {name: each for name, each in value.items() if not name.startswith("$")}
        key = value.get("$key")
        if key in (None, ""):
            current = row[reference.column] if row is not None else None
            if not given:
                return None
            if not reference.nested:
                raise refused(
                    f"{kind.kind}.{reference.name} needs a $key.", path=f"{reference.name}/$key"
                )
            existing = self.get(target, current) if reference.owned else None
            if existing is not None:
                return self.update(target, existing, given)[KEY]
            return self.create(target, given)[KEY]
        found = self.get(target, key)
        if found is None:
            raise refused(f"{target.kind} '{key}' was not found.", path=f"{reference.name}/$key")
        if given and reference.nested:
            self.update(target, found, given)
        return found[KEY]

    def _within(self, kind: Resource, row: Row, payload: Mapping[str, Any]) -> None:
        """Make and change the entries that came within another."""
        came = {name.lower(): value for name, value in payload.items()}
        for each in kind.collections:
            given = came.get(each.name.lower())
            if each.owned and isinstance(given, Mapping):
                self._many(each, row, given.get("$resources") or [])

    def _many(self, collection: Collection, row: Row, items: Any) -> None:
        target = self.contract.resource(collection.of)
        column = self.contract.backing(collection)
        if not isinstance(items, list) or not all(isinstance(each, Mapping) for each in items):
            raise refused(
                f"{collection.name}/$resources is a list of entries.",
                path=f"{collection.name}/$resources",
            )
        for each in items:
            key = each.get("$key")
            if key in (None, ""):
                self._create(target, each, {column: row[KEY]})
                continue
            found = self.require(target, key)
            if found[column] != row[KEY]:
                raise refused(
                    f"{target.kind} '{key}' belongs to another.", path=f"{collection.name}/$key"
                )
            self.update(target, found, each)
