"""A statement that can be run."""

from __future__ import annotations

import sqlite3
from typing import Final, final

import attrs
import orjson

from crossdock_mocks.dialects.salesforce.soql.errors import SoqlError, malformed, no_such_object
from crossdock_mocks.dialects.salesforce.soql.parsing import parse
from crossdock_mocks.dialects.salesforce.soql.plan import Below, Plan
from crossdock_mocks.dialects.salesforce.soql.planning import Planner
from crossdock_mocks.dialects.salesforce.soql.schema import Ask, Context, Row, Schema
from crossdock_mocks.dialects.salesforce.soql.scope import Aliases
from crossdock_mocks.dialects.salesforce.soql.shapes import Attributes, Record
from crossdock_mocks.dialects.salesforce.soql.syntax import Query

MOST_GROUPS: Final = 2_000
"""Groups that an aggregate query may give, as it has one page only."""


@attrs.frozen
class Answer:
    """What a statement found.

    Attributes:
        records: The records of the first page.
        total: How many there are.
        keys: Their ids, all of them, where they are more than one page.
    """

    records: list[Record]
    total: int
    keys: list[str] | None = None


def compile_statement(text: str, schema: Schema, context: Context) -> Statement:
    """Look up what a statement names, and make SQL of it.

    Raises:
        SoqlError: It is not SOQL, names what there is not, or asks for what SOQL does not do.
    """
    return Statement.of(parse(text), schema, context)


@final
@attrs.frozen(eq=False)
class Statement:
    """One statement, ready to be run as often as one likes."""

    plan: Plan

    @classmethod
    def of(cls, query: Query, schema: Schema, context: Context) -> Statement:
        """The statement of a syntax tree.

        Raises:
            SoqlError: It names what there is not, or asks for what SOQL does not do.
        """
        (first, *_) = query.sources
        name = first.path.text
        entity = schema.entity(name) if len(first.path.parts) == 1 else None
        if entity is None:
            raise no_such_object(name, first.path.place)
        try:
            return cls(Planner(query, entity, schema, context, Aliases()).plan)
        except RecursionError:
            raise malformed("The statement is nested too deeply.") from None

    def among(self, keys: list[str]) -> Statement:
        """The statement, over records of these ids only."""
        plan = self.plan
        more = f"{plan.scope.alias}._key IN (SELECT value FROM json_each(?))"  # noqa: S608
        where = f"({plan.where}) AND {more}" if plan.where else more
        values = [*plan.where_values, orjson.dumps(keys).decode()]
        return Statement(attrs.evolve(plan, where=where, where_values=values))

    @property
    def entity(self) -> str:
        """Name of the object that it is from."""
        return self.plan.scope.entity.name

    def run(self, ask: Ask, size: int, attributes: Attributes) -> Answer:
        """Run the statement.

        Args:
            ask: Runs SQL.
            size: Records of a page.
            attributes: Makes the `attributes` of a record.

        Raises:
            SoqlError: An aggregate query finds more than one page, or it is too complicated.
        """
        try:
            return self._run(ask, size, attributes)
        except sqlite3.OperationalError as error:
            # What is more than the database takes, SOQL would not take either.
            raise SoqlError(
                "QUERY_TOO_COMPLICATED",
                "Query is either selecting too many fields or the filter conditions are too "
                "complicated.",
            ) from error

    def _run(self, ask: Ask, size: int, attributes: Attributes) -> Answer:
        plan = self.plan
        if plan.counts:
            sql, values = plan.sql("1")
            return Answer([], ask(f"SELECT count(*) FROM ({sql})", values)[0][0])  # noqa: S608
        wanted = ", ".join(plan.columns)
        if plan.aggregate:
            rows = ask(*plan.sql(wanted, most=MOST_GROUPS + 1))
            if len(rows) > MOST_GROUPS:
                raise SoqlError(
                    "EXCEEDED_ID_LIMIT",
                    "Aggregate query does not support queryMore(), use LIMIT to restrict the "
                    "results to a single batch",
                )
            return Answer([plan.group.record(row) for row in rows], len(rows))
        rows = ask(*plan.sql(wanted, most=size + 1))
        if len(rows) <= size:
            return Answer(_records(plan, rows, ask, attributes), len(rows))
        sql, values = plan.sql(plan.columns[0])
        keys = [row[0] for row in ask(sql, values)]
        return Answer(_records(plan, rows[:size], ask, attributes), len(keys), keys)

    def of_keys(self, keys: list[str], ask: Ask, attributes: Attributes) -> list[Record]:
        """The records of ids that were found before, in their order, without those gone since."""
        plan = self.plan
        # Names come from the schema; whatever came from outside is bound.
        sql = (
            f"SELECT {', '.join(plan.columns)} FROM json_each(?) AS asked "  # noqa: S608
            f"CROSS JOIN {plan.scope.sql} "
            f"WHERE {plan.scope.alias}._key = asked.value ORDER BY asked.key"
        )
        rows = ask(sql, [orjson.dumps(keys).decode()])
        return _records(plan, rows, ask, attributes)


def _records(plan: Plan, rows: list[Row], ask: Ask, attributes: Attributes) -> list[Record]:
    records = [plan.node.record(row, attributes) or {} for row in rows]
    if plan.below and rows:
        keys = [row[0] for row in rows]
        for below in plan.below:
            found = _by_parent(below, keys, ask, attributes)
            for key, record in zip(keys, records, strict=True):
                listed = found.get(key)
                record[below.name] = listed and {
                    "totalSize": len(listed), "done": True, "records": listed,
                }  # fmt: skip
    return records


def _by_parent(
    below: Below, keys: list[str], ask: Ask, attributes: Attributes
) -> dict[str, list[Record]]:
    """The children of each of these parents, with limit and offset for each of them."""
    plan, link = below.plan, below.link
    order = f" ORDER BY {plan.order}" if plan.order else ""
    columns = ", ".join(f"{each} AS _c{place}" for place, each in enumerate(plan.columns))
    # Names come from the schema; whatever came from outside is bound.
    wanted = (
        f"{columns}, {link} AS _parent, row_number() OVER (PARTITION BY {link}{order}) AS _place"
    )
    more = f"{link} IN (SELECT value FROM json_each(?))"  # noqa: S608
    inner, values = plan.sql(wanted, more=more, limited=False)
    sql = f"SELECT * FROM ({inner}) WHERE _place > {plan.offset}"  # noqa: S608 - an integer
    if plan.limit is not None:
        sql += f" AND _place <= {plan.offset + plan.limit}"
    values = [*values, orjson.dumps(keys).decode()]
    rows = ask(f"{sql} ORDER BY _parent, _place", values)
    found: dict[str, list[Record]] = {}
    for row, record in zip(rows, _records(plan, rows, ask, attributes), strict=True):
        found.setdefault(row[-2], []).append(record)
    return found
