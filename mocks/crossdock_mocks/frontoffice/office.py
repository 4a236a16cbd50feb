"""What all records of a CRM have in common: identity, versions, history, references, the feed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias, final

import attrs

from crossdock_mocks.engine import Table, World
from crossdock_mocks.frontoffice.instants import kept
from crossdock_mocks.frontoffice.refusals import not_found, stale, unknown_reference
from crossdock_mocks.frontoffice.resources import RESOURCES, Resource

Row: TypeAlias = dict[str, Any]


@final
@attrs.frozen
class Office:
    """A CRM's records in one world, worked on by one person (or by a program on its own).

    Attributes:
        world: Where the records are.
        user_id: Who acts; `None` for a client that names no user.
        client: The program that calls; empty where there is none.
    """

    world: World
    user_id: str | None = None
    client: str = ""

    @property
    def now(self) -> datetime:
        """The instant by the world's clock."""
        return self.world.clock.now

    @property
    def company_currency(self) -> str:
        """Currency of the company's own books."""
        company = self.world.table("crm_company").get("company")
        return "EUR" if company is None else str(company["currency"])

    def table(self, resource: Resource) -> Table:
        """The table of a kind of record."""
        return self.world.table(resource.table)

    # Reading

    def read(self, resource: Resource, key: str) -> Row:
        """One record.

        Raises:
            Problem: 404, there is none.
        """
        row = self.table(resource).get(key)
        if row is None:
            raise not_found(resource.entity, key)
        return row

    def refer(self, entity: str, key: str, pointer: str) -> Row:
        """The record that a field names.

        Raises:
            Problem: 422 `unknown_reference`, there is none.
        """
        row = self.table(RESOURCES[entity]).get(key)
        if row is None:
            raise unknown_reference(pointer, entity, key)
        return row

    def check_references(self, resource: Resource, values: Mapping[str, Any]) -> None:
        """Look up each record that is named by the values.

        Raises:
            Problem: 422 `unknown_reference`.
        """
        for field, entity in resource.references.items():
            key = values.get(field)
            if key is not None:
                self.refer(entity, key, f"/{field}")

    def expect(self, resource: Resource, row: Row, version: int | None) -> None:
        """Check that a change was made from the current version.

        Raises:
            Problem: 409 `stale_version`.
        """
        if version is not None and version != row["version"]:
            raise stale(resource.entity, row["id"], version, row["version"])

    # Writing

    def create(
        self, resource: Resource, values: Mapping[str, Any], *, key: str | None = None
    ) -> Row:
        """Add a record with the defaults of its kind, as version 1.

        Raises:
            Problem: 422 `unknown_reference`.
        """
        self.check_references(resource, values)
        now = kept(self.now)
        row: Row = {
            "id": key if key is not None else self._next_id(resource),
            **copy.deepcopy(dict(resource.fields)),
            **values,
            "version": 1,
            "created_at": now,
            "created_by": self.user_id,
            "updated_at": now,
            "updated_by": self.user_id,
        }
        self.table(resource).insert(row)
        self._note(resource, row["id"], "created", 1)
        self._keep(resource, row)
        return row

    def append(self, resource: Resource, values: Mapping[str, Any]) -> Row:
        """Add an entry to a history; it is never changed afterwards."""
        row: Row = {"id": self._next_id(resource), **values}
        self.table(resource).insert(row)
        self._note(resource, row["id"], "created", 1)
        return row

    def change(self, resource: Resource, row: Row, values: Mapping[str, Any]) -> Row:
        """Change a record; values that change nothing make no new version.

        Raises:
            Problem: 422 `unknown_reference`.
        """
        merged = {**row, **values}
        if values.get("external_ids") is not None:
            both = {**row["external_ids"], **values["external_ids"]}
            merged["external_ids"] = {name: key for name, key in both.items() if key is not None}
        if merged == row:
            return row
        self.check_references(
            resource, {field: key for field, key in values.items() if row.get(field) != key}
        )
        return self.touch(resource, merged)

    def touch(self, resource: Resource, row: Row) -> Row:
        """Make a new version of a record, of which something changed."""
        changed = {
            **row,
            "version": row["version"] + 1,
            "updated_at": kept(self.now),
            "updated_by": self.user_id,
        }
        self.table(resource).replace(changed)
        self._note(resource, changed["id"], "updated", changed["version"])
        self._keep(resource, changed)
        return changed

    def roll_up(self, resource: Resource, row: Row, values: Mapping[str, Any]) -> Row:
        """Refresh figures that follow from other records: no new version, no entry in the feed."""
        merged = {**row, **values}
        if merged != row:
            self.table(resource).replace(merged)
        return merged

    def remove(self, resource: Resource, row: Row, successor: str | None = None) -> None:
        """Take a record away; its history and its versions stay.

        Args:
            resource: Kind of record.
            row: The record.
            successor: Id of the one that it was merged into.
        """
        self.table(resource).delete(row["id"])
        self._note(resource, row["id"], "deleted", row["version"], successor)

    # History

    def _next_id(self, resource: Resource) -> str:
        return self.world.sequence(resource.table, resource.prefix, resource.start)

    def _note(
        self,
        resource: Resource,
        key: str,
        action: str,
        version: int,
        successor: str | None = None,
    ) -> None:
        self.world.table("crm_changes").insert(
            {
                "sequence": int(self.world.sequence("crm_changes")),
                "entity": resource.entity,
                "id": key,
                "action": action,
                "at": kept(self.now),
                "version": version,
                "user_id": self.user_id,
                "by": self.user_id or self.client or None,
                "successor": successor,
            }
        )

    def _keep(self, resource: Resource, row: Row) -> None:
        if resource.versions:
            self.world.table("crm_versions").insert(version_row(resource, row))


def version_row(resource: Resource, row: Row) -> Row:
    """A record as it stands, to be kept as one of its versions."""
    return {
        "entity": resource.entity,
        "record_id": row["id"],
        "version": row["version"],
        "at": row["updated_at"],
        "user_id": row["updated_by"],
        "record": row,
    }
