"""Rows as entries: members of the protocol, properties, and links to other entries."""

from __future__ import annotations

from typing import Any, final
from urllib.parse import quote

from crossdock_mocks.engine import Call, Request
from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.model import KEY, UPDATED, Collection, Field, Reference, Resource, Row
from crossdock_mocks.sdata.records import Records, etag
from crossdock_mocks.sdata.shapes import PLAIN, Shape
from crossdock_mocks.sdata.values import milliseconds, written


def root(contract: Contract, request: Request) -> str:
    """The URL of a contract as the caller knows it, without a slash at its end."""
    host = request.headers.get("host", "localhost")
    scheme = "http" if ":" in host or host == "localhost" else "https"
    return f"{scheme}://{host}{contract.base}"


@final
class Entries:
    """Shows the rows of one world.

    Args:
        records: The rows.
        request: Whose answer they are for: links are as its caller knows the server.
        json: Whether for JSON; Atom has its instants in ISO 8601.
    """

    def __init__(self, records: Records, request: Request, *, json: bool = True) -> None:
        self.records = records
        self.contract = records.contract
        self.root = root(records.contract, request)
        self.json = json
        self._known: dict[tuple[str, Any], Row | None] = {}

    @classmethod
    def of(cls, contract: Contract, call: Call, *, json: bool = True) -> Entries:
        """The entries of a call's world."""
        return cls(Records(call.world, contract, call.principal), call.request, json=json)

    def url(self, resource: Resource, key: object) -> str:
        """Where an entry is."""
        text = quote(str(key).replace("'", "''"), safe="'")
        return f"{self.root}/{resource.name}('{text}')"

    def entry(self, resource: Resource, row: Row, shape: Shape = PLAIN) -> dict[str, Any]:
        """A row as an entry."""
        made: dict[str, Any] = {
            "$key": row[KEY],
            "$url": self.url(resource, row[KEY]),
            self.contract.descriptor: resource.described(row),
            "$updated": self._instant(row[UPDATED]),
        }
        if self.contract.etags:
            made["$etag"] = etag(row)
        if shape.precedence == 0:
            return made
        if resource.shows_key and shape.shows(resource.key_name, 1):
            made[resource.key_name] = row[KEY]
        for each in resource.properties:
            if isinstance(each, Field):
                if shape.shows(each.name, each.precedence):
                    made[each.name] = self._value(each, row.get(each.name))
            elif shape.shows(each.name, getattr(each, "precedence", 1)):
                if isinstance(each, Reference):
                    made[each.name] = self._link(each, row.get(each.column), shape)
                else:
                    made[each.name] = self._collection(resource, each, row, shape)
        return made

    def _value(self, field: Field, value: Any) -> Any:
        return written(self.contract, field, value) if self.json else value

    def _instant(self, text: str) -> str:
        if self.json and self.contract.dates == "ms":
            return f"/Date({milliseconds(text)})/"
        return text

    def _row(self, resource: Resource, key: Any) -> Row | None:
        """The row of a key; a page asks for the same ones again and again."""
        place = (resource.name, key)
        if place not in self._known:
            self._known[place] = self.records.get(resource, key)
        return self._known[place]

    def _link(self, reference: Reference, key: Any, shape: Shape) -> dict[str, Any] | None:
        if key is None:
            return None
        target = self.contract.resource(reference.to)
        inner = shape.inside.get(reference.name)
        row = self._row(target, key) if inner is not None or shape.descriptors else None
        if inner is not None and row is not None:
            return self.entry(target, row, inner)
        made = {
            "$key": key, "$url": self.url(target, key), "$lookup": f"{self.root}/{target.name}",
        }  # fmt: skip
        if row is not None:
            made[self.contract.descriptor] = target.described(row)
        return made

    def _collection(
        self, resource: Resource, collection: Collection, row: Row, shape: Shape
    ) -> dict[str, Any]:
        made: dict[str, Any] = {"$url": f"{self.url(resource, row[KEY])}/{collection.name}"}
        inner = shape.inside.get(collection.name)
        if inner is None:
            return made
        target = self.contract.resource(collection.of)
        rows = self.records.related(target, self.contract.backing(collection), row[KEY])
        made["$resources"] = [self.entry(target, each, inner) for each in rows]
        return made


def template(entries: Entries, resource: Resource) -> dict[str, Any]:
    """An entry that is not there yet, with what its properties are by themselves."""
    made: dict[str, Any] = {
        "$url": f"{entries.root}/{resource.name}/$template",
        entries.contract.descriptor: f"New {resource.caption}",
    }
    for each in resource.properties:
        if isinstance(each, Field):
            made[each.name] = each.default
        elif isinstance(each, Reference):
            made[each.name] = None
    return made
