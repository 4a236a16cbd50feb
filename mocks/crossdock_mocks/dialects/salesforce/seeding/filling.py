"""Writing records as the platform keeps them, and what they are known by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol, final

from crossdock_mocks.dialects.salesforce import ids
from crossdock_mocks.dialects.salesforce.organization import organization
from crossdock_mocks.dialects.salesforce.rules.base import rounded
from crossdock_mocks.dialects.salesforce.soql.values import stored
from crossdock_mocks.engine import World

Row = dict[str, Any]


class Source(Protocol):
    """What an organization needs of a data set: typed rows by record kind."""

    @property
    def company(self) -> str:
        """The company that sells."""

    def rows(self, kind: str, /) -> Iterator[dict[str, Any]]:
        """The rows of a record kind."""


@final
class Filling:
    """What is written into a world, and the ids that it was given.

    Attributes:
        world: the world.
        source: the data set; `None` for an organization with nothing of its own.
        objects: the objects of the organization.
        at: when all is made that has no time of its own.
        keys: the ids of records by kind and row of the data set.
        user: who makes everything.
    """

    def __init__(self, world: World, source: Source | None) -> None:
        self.world = world
        self.source = source
        self.objects = organization(world)
        self.at = stored(world.now)
        self.keys: dict[tuple[str, str], str] = {}
        self.user = ""

    def rows(self, kind: str) -> Iterator[dict[str, Any]]:
        """Give the rows of a record kind."""
        return iter(()) if self.source is None else self.source.rows(kind)

    def key(self, kind: str, key: Any) -> str | None:
        """The id of a record that was made for a row of the data set."""
        return None if key is None else self.keys.get((kind, str(key)))

    def made(self, entity: str, values: Row, at: str | None = None) -> Row:
        """A record with all fields of its object."""
        kind = self.objects.objects[entity]
        row: Row = {each.name: each.default for each in kind.all_fields if not each.parts}
        row.update(values)
        row["Id"] = ids.make(kind.prefix, int(self.world.sequence(f"sf_{entity}")))
        for field in kind.fields:
            if field.auto is not None:
                number = int(self.world.sequence(f"sf_{entity}.{field.name}"))
                row[field.name] = field.auto.format(number)
            elif field.name == "OwnerId":
                row["OwnerId"] = row["OwnerId"] or self.user
            elif field.is_text and isinstance(row[field.name], str):
                row[field.name] = row[field.name][: field.length]
        stamp, who = at or self.at, self.user or row["Id"]
        row.update(IsDeleted=False, CreatedDate=stamp, CreatedById=who, LastModifiedDate=stamp,
                   LastModifiedById=who, SystemModstamp=stamp)  # fmt: skip
        return row

    def put(self, entity: str, rows: list[Row]) -> list[Row]:
        """Write records; those that are given as values only are made first."""
        made = [each if "Id" in each else self.made(entity, each) for each in rows]
        self.world.table(f"sf_{entity}").insert_many(made)
        return made


def named(first: str | None, last: str) -> Row:
    """Name a person."""
    return {
        "FirstName": first, "LastName": last,
        "Name": " ".join(each for each in (first, last) if each),
    }  # fmt: skip


def stamp(value: datetime | None) -> str | None:
    """Write an instant that may be missing."""
    return None if value is None else stored(value)


def day_of(value: date | datetime | None) -> str | None:
    """Write a day that may be missing."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).date().isoformat()
    return None if value is None else value.isoformat()


def amount(value: Decimal | None) -> float | None:
    """Write an amount that may be missing."""
    return None if value is None else rounded(value)
