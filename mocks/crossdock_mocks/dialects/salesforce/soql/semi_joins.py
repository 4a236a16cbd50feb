"""Semi-joins and anti-joins: `Id IN (SELECT AccountId FROM Contact)`."""

from __future__ import annotations

from typing import Any, final

import attrs

from crossdock_mocks.dialects.salesforce.soql.conditions import Conditions
from crossdock_mocks.dialects.salesforce.soql.errors import malformed, no_such_object
from crossdock_mocks.dialects.salesforce.soql.schema import IDS, Context, Field, Schema
from crossdock_mocks.dialects.salesforce.soql.scope import Aliases, Column, Scope
from crossdock_mocks.dialects.salesforce.soql.syntax import Path, Query, Selected


@final
@attrs.frozen
class SemiJoins:
    """Translates the sub-selects of one statement."""

    schema: Schema
    context: Context
    aliases: Aliases

    def __call__(
        self, query: Query, outer: Field, owner: str, negated: bool
    ) -> tuple[str, list[Any]]:
        """The SQL of a sub-select and its values.

        Args:
            query: The sub-select.
            outer: The field that is looked for in it.
            owner: Object of that field.
            negated: Whether it is an anti-join, which nothing may be unknown in.

        Raises:
            SoqlError: It selects something else than one id, or ids of other objects.
        """
        (first, *more) = query.sources
        entity = self.schema.entity(first.path.text)
        if entity is None:
            raise no_such_object(first.path.text, first.path.place)
        selected = query.selected[0]
        if (
            len(query.selected) != 1 or more
            or not isinstance(selected, Selected) or not isinstance(selected.expression, Path)
        ):  # fmt: skip
            raise malformed("Semi join sub-selects must select a single field", first.path.place)
        if query.grouping or query.ordering or query.limit is not None or query.offset is not None:
            raise malformed(
                "Semi join sub-selects cannot have GROUP BY, ORDER BY, LIMIT or OFFSET",
                first.path.place,
            )
        scope = Scope(self.schema, self.context, entity, query, self.aliases)
        column = scope.column(selected.expression)
        if column.field.kind not in IDS:
            raise malformed(
                f"The selected field '{column.field.name}' in the subquery should be an id or a "
                "reference field",
                selected.expression.place,
            )
        if not _same_targets(outer, owner, column):
            raise malformed(
                f"The selected field '{column.field.name}' in the subquery and the left operand "
                f"field in the where expression in the outer query '{outer.name}' should point to "
                "the same object type",
                selected.expression.place,
            )
        parts = [f"{column.sql} IS NOT NULL"] if negated else []
        values: list[Any] = []
        if query.where is not None:
            conditions = Conditions(scope, self.context, None)
            parts.append(conditions.sql(query.where))
            values = conditions.parameters
        where = f" WHERE {' AND '.join(parts)}" if parts else ""
        # Names come from the schema; whatever came from outside is bound.
        return f"SELECT {column.sql} FROM {scope.sql}{where}", values  # noqa: S608


def _same_targets(outer: Field, owner: str, column: Column) -> bool:
    """Whether two ids may be the same one."""
    ours = {owner} if outer.kind == "id" else set(outer.references)
    theirs = {column.entity.name} if column.field.kind == "id" else set(column.field.references)
    return bool(ours & theirs)
