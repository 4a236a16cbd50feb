"""The objects that one `SELECT` sees: names become columns, relationships become joins."""

from __future__ import annotations

from typing import final

import attrs

from crossdock_mocks.dialects.salesforce.soql.errors import (
    malformed,
    no_such_column,
    no_such_object,
    no_such_relationship,
)
from crossdock_mocks.dialects.salesforce.soql.schema import Context, Entity, Field, Schema
from crossdock_mocks.dialects.salesforce.soql.syntax import Path, Query, Source

_DEEPEST = 5
_MOST_PARENTS = 55


@final
class Aliases:
    """Gives each table of a statement a name of its own."""

    def __init__(self) -> None:
        self._number = 0

    def next(self) -> str:
        """A new name."""
        self._number += 1
        return f"t{self._number}"


@attrs.frozen
class Column:
    """A field, found.

    Attributes:
        field: The field.
        alias: Name of the table that it is read from.
        entity: Its object.
        way: Names of the relationships that led to it, as the schema writes them.
    """

    field: Field
    alias: str
    entity: Entity
    way: tuple[str, ...]

    @property
    def sql(self) -> str:
        """Its value."""
        return self.field.sql(self.alias)

    @property
    def folded(self) -> str:
        """Its text without case."""
        return self.field.folded_sql(self.alias)


@attrs.define
class _Join:
    alias: str
    source: str
    on: str
    entity: Entity
    inner: bool = False


@final
class Scope:
    """What one `SELECT` is from.

    Args:
        schema: All objects.
        context: Decides whether deleted records count.
        entity: The object that it is from.
        query: The statement, for the aliases of its `FROM`.
        aliases: Names for tables.
    """

    def __init__(
        self, schema: Schema, context: Context, entity: Entity, query: Query, aliases: Aliases
    ) -> None:
        self._schema = schema
        self._context = context
        self._aliases = aliases
        self.entity = entity
        self.alias = aliases.next()
        self._joins: dict[tuple[str, ...], _Join] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        first, *others = query.sources
        self._name(first, ())
        for source in others:
            self._name(source, self._way(source))

    def _name(self, source: Source, way: tuple[str, ...]) -> None:
        if source.alias is None:
            return
        if source.alias.lower() in self._names:
            raise malformed(f"duplicate alias: {source.alias}", source.path.place)
        self._names[source.alias.lower()] = way

    def _way(self, source: Source) -> tuple[str, ...]:
        """The relationships of a second source: `FROM Contact c, c.Account a`."""
        first, *rest = source.path.parts
        if first.lower() not in self._names or not rest:
            raise no_such_object(source.path.text, source.path.place)
        way = (*self._names[first.lower()], *rest)
        self._follow(way, source.path)
        return way

    # Fields

    def column(self, path: Path, *, required: bool = False) -> Column:
        """The column of a field path.

        Args:
            path: The path.
            required: Whether rows without the parents on the way are of no interest, which
                lets the database begin at the other end.

        Raises:
            SoqlError: No such relationship or field.
        """
        *way, name = path.parts
        found = self._way_of(way)
        alias, entity, names = self._follow(found, path, required=required)
        field = entity.field(name)
        if field is None:
            raise no_such_column(name, entity.name, path.place)
        return Column(field, alias, entity, names)

    def leads(self, path: Path) -> bool:
        """Whether a path is a relationship, not a field."""
        return len(path.parts) == 1 and self.entity.parent(path.parts[0]) is not None

    def _way_of(self, way: list[str]) -> tuple[str, ...]:
        if not way:
            return ()
        first = way[0].lower()
        if self.entity.parent(first) is None:
            if first in self._names:
                return (*self._names[first], *way[1:])
            if first == self.entity.name.lower():
                return tuple(way[1:])
        return tuple(way)

    def _follow(
        self, way: tuple[str, ...], path: Path, *, required: bool = False
    ) -> tuple[str, Entity, tuple[str, ...]]:
        if len(way) > _DEEPEST:
            raise malformed(
                f"SOQL relationship fields can be at most {_DEEPEST} levels deep: {path.text}",
                path.place,
            )
        alias, entity = self.alias, self.entity
        names: tuple[str, ...] = ()
        for part in way:
            field = entity.parent(part)
            target = None if field is None else self._schema.parent(field)
            if field is None or target is None:
                raise no_such_relationship(part, path.place)
            names = (*names, field.relationship or "")
            join = self._joins.get(names)
            if join is None:
                if len(self._joins) >= _MOST_PARENTS:
                    raise malformed(
                        f"A query can go over at most {_MOST_PARENTS} relationships to parents",
                        path.place,
                    )
                joined = self._aliases.next()
                on = f"{joined}._key = {field.sql(alias)}"
                join = self._joins[names] = _Join(joined, self._source(target), on, target)
            join.inner = join.inner or required
            alias, entity = join.alias, join.entity
        return alias, entity, names

    @property
    def own_names(self) -> set[str]:
        """What the object itself is called here, in lower case."""
        return {self.entity.name.lower(), *(n for n, way in self._names.items() if not way)}

    def entity_of(self, way: tuple[str, ...]) -> Entity:
        """The object that relationships lead to."""
        return self._joins[way].entity

    def alias_of(self, way: tuple[str, ...]) -> str:
        """The name of the table that relationships lead to."""
        return self._joins[way].alias

    def key_of(self, way: tuple[str, ...]) -> str:
        """The SQL of the id of the parent that relationships lead to."""
        return f"{self._joins[way].alias}._key"

    # SQL

    def _source(self, entity: Entity) -> str:
        return entity.everything if self._context.deleted else entity.source

    @property
    def sql(self) -> str:
        """The `FROM` with all joins that were needed."""
        joins = "".join(
            f" {'JOIN' if each.inner else 'LEFT JOIN'} {each.source} {each.alias} ON {each.on}"
            for each in self._joins.values()
        )
        return f"{self._source(self.entity)} {self.alias}{joins}"
