"""The plan of one `SELECT`: its SQL in pieces, and the shape of its records."""

from __future__ import annotations

from typing import Any

import attrs

from crossdock_mocks.dialects.salesforce.soql.scope import Scope
from crossdock_mocks.dialects.salesforce.soql.shapes import Group, Node


@attrs.define
class Below:
    """A sub-query for children.

    Attributes:
        name: Name of the relationship, under which the children stand.
        plan: What is asked of them.
        link: The SQL of the field that refers to the parent.
    """

    name: str
    plan: Plan
    link: str


@attrs.define
class Plan:
    """What is asked of the database, and what is made of its rows.

    Attributes:
        scope: Where it is from.
        node: Shape of a record.
        group: Shape of a record of an aggregate query.
        counts: Whether it is `COUNT()`.
        aggregate: Whether its records are groups.
        limit: At most so many records.
        offset: Records that are left out first.
        columns: The SQL of what is selected; the id is the first where records are asked for.
        where: The condition, with its values.
        grouped: What is grouped by.
        having: The condition for groups, with its values.
        order: What is sorted by.
        below: Sub-queries for children.
    """

    scope: Scope
    node: Node
    counts: bool
    aggregate: bool
    limit: int | None
    offset: int
    group: Group = attrs.field(factory=Group)
    columns: list[str] = attrs.field(factory=list)
    where: str = ""
    where_values: list[Any] = attrs.field(factory=list)
    grouped: list[str] = attrs.field(factory=list)
    having: str = ""
    having_values: list[Any] = attrs.field(factory=list)
    order: str = ""
    below: list[Below] = attrs.field(factory=list)

    def column(self, sql: str) -> int:
        """The place of a column, which is added if it is not there."""
        if sql not in self.columns:
            self.columns.append(sql)
        return self.columns.index(sql)

    def sql(
        self, wanted: str, *, more: str = "", limited: bool = True, most: int | None = None
    ) -> tuple[str, list[Any]]:
        """The whole query and its values.

        Args:
            wanted: What is selected.
            more: A further condition, whose values come last.
            limited: Whether limit and offset count.
            most: At most so many rows, whatever the limit.
        """
        where = " AND ".join(each for each in (self.where, more) if each)
        # Names come from the schema; whatever came from outside is bound.
        sql = f"SELECT {wanted} FROM {self.scope.sql}"  # noqa: S608
        if where:
            sql += f" WHERE {where}"
        values = list(self.where_values)
        if self.grouped:
            sql += f" GROUP BY {', '.join(self.grouped)}"
        if self.having:
            sql += f" HAVING {self.having}"
        values += self.having_values
        if self.order:
            sql += f" ORDER BY {self.order}"
        limits = [each for each in (self.limit, most) if each is not None]
        if limited and (limits or self.offset):
            sql += " LIMIT ? OFFSET ?"
            values += [min(limits, default=-1), self.offset]
        return sql, values
