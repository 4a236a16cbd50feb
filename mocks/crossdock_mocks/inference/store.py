"""Records in a world: found by place and key, each with what the record itself does not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_mocks.engine import DuplicateKey, Table, TableSpec, World
from crossdock_mocks.inference.resources import Resource

Row = dict[str, Any]
"""`key` and `parent` as text, `scope`, `links`, `version`, and the record itself as `body`."""

_JOINT = "\x1f"


def table_of(resource: Resource) -> TableSpec:
    """The table that holds a resource."""
    return TableSpec(resource.name, key="key", indexes=("parent",))


def _text(values: Sequence[Any]) -> str:
    return _JOINT.join(str(each) for each in values)


class Shelf:
    """The records of one resource in one world."""

    def __init__(self, world: World, resource: Resource) -> None:
        self.resource = resource
        self.table: Table = world.table(resource.name)

    def parent(self, scope: Mapping[str, Any]) -> str:
        """The text of a place."""
        return _text([scope.get(name, "") for name in self.resource.scope])

    def get(self, scope: Mapping[str, Any], key: Any) -> Row | None:
        """One record."""
        return self.table.get(_text([self.parent(scope), key]))

    def under(self, scope: Mapping[str, Any], links: Mapping[str, Any]) -> list[Row]:
        """The records of a place, which may be told in part, that are linked so."""
        where: dict[str, Any] = {}
        if all(name in scope for name in self.resource.scope):
            where["parent"] = self.parent(scope)
            rows = self.table.find(where)
        else:
            rows = [
                row
                for row in self.table.find()
                if all(str(row["scope"].get(name)) == str(each) for name, each in scope.items())
            ]
        return [row for row in rows if all(self._linked(row, n, v) for n, v in links.items())]

    def _linked(self, row: Row, name: str, value: Any) -> bool:
        if name in row["links"]:
            return str(row["links"][name]) == str(value)
        return False

    def add(
        self,
        scope: Mapping[str, Any],
        key: Any,
        body: Mapping[str, Any],
        links: Mapping[str, Any] | None = None,
    ) -> Row:
        """Add a record.

        Raises:
            DuplicateKey: There is one with this key in this place.
        """
        row = {
            "key": _text([self.parent(scope), key]),
            "parent": self.parent(scope),
            "own": key,
            "scope": {name: scope.get(name, "") for name in self.resource.scope},
            "links": dict(links or {}),
            "version": 1,
            "body": dict(body),
        }
        self.table.insert(row)
        return row

    def put(self, row: Row, body: Mapping[str, Any]) -> Row:
        """Give a record a new body."""
        row["body"] = dict(body)
        row["version"] += 1
        self.table.replace(row)
        return row

    def remove(self, row: Row) -> None:
        """Take a record away."""
        self.table.delete(row["key"])


__all__ = ["DuplicateKey", "Row", "Shelf", "table_of"]
