"""From syntax to SQL: what is selected, grouped and sorted, and the shape of the records."""

from __future__ import annotations

from typing import Final, final

from crossdock_mocks.dialects.salesforce.soql import functions
from crossdock_mocks.dialects.salesforce.soql.conditions import Conditions
from crossdock_mocks.dialects.salesforce.soql.errors import (
    SoqlError,
    malformed,
    no_such_children,
    unexpected,
)
from crossdock_mocks.dialects.salesforce.soql.plan import Below, Plan
from crossdock_mocks.dialects.salesforce.soql.schema import (
    TEXTS,
    Context,
    Entity,
    Field,
    Schema,
)
from crossdock_mocks.dialects.salesforce.soql.scope import Aliases, Column, Scope
from crossdock_mocks.dialects.salesforce.soql.semi_joins import SemiJoins
from crossdock_mocks.dialects.salesforce.soql.shapes import Node, reader
from crossdock_mocks.dialects.salesforce.soql.syntax import (
    Children,
    Function,
    Ordering,
    Path,
    Query,
    Selected,
    TypeOf,
)

MOST_OFFSET: Final = 2_000
MOST_SUB_QUERIES: Final = 20
MOST_CHILD_LEVELS: Final = 4
MOST_FIELDS_LIMIT: Final = 200
_HARMLESS: Final = frozenset({"FOR VIEW", "FOR REFERENCE"})


@final
class Planner:
    """Looks up what one `SELECT` names, and makes SQL of it.

    Args:
        query: Its syntax.
        entity: The object it is from.
        schema: All objects.
        context: For whom and when.
        aliases: Names for tables.
        level: How many sub-queries it is within.
    """

    def __init__(
        self,
        query: Query,
        entity: Entity,
        schema: Schema,
        context: Context,
        aliases: Aliases,
        level: int = 0,
    ) -> None:
        self.query, self.entity = query, entity
        self._schema, self._context, self._aliases = schema, context, aliases
        self._level = level
        self._scope = Scope(schema, context, entity, query, aliases)
        counts = self._is_count()
        self.plan = Plan(
            scope=self._scope,
            node=Node(entity.name, 0),
            counts=counts,
            aggregate=not counts and self._is_aggregate(),
            limit=query.limit,
            offset=query.offset or 0,
        )
        self._check()
        self._where()
        if counts:
            self._check_count()
        elif self.plan.aggregate:
            self._aggregates()
        else:
            self._fields()
        self._sorting()

    # What kind of statement it is

    def _is_count(self) -> bool:
        return any(
            isinstance(each, Selected)
            and isinstance(each.expression, Function)
            and each.expression.word == "COUNT"
            and not each.expression.arguments
            for each in self.query.selected
        )

    def _is_aggregate(self) -> bool:
        return self.query.grouping is not None or any(
            isinstance(each, Selected)
            and isinstance(each.expression, Function)
            and each.expression.word in functions.AGGREGATES
            for each in self.query.selected
        )

    def _check(self) -> None:
        query = self.query
        for clause in query.clauses:
            if clause.word == "ALL ROWS":
                raise malformed("ALL ROWS not allowed in this context", clause.place)
            if clause.word not in _HARMLESS:
                raise unexpected(clause.word.partition(" ")[0], clause.place)
        if query.scope is not None and query.scope.lower() not in ("everything", "mine"):
            raise malformed(f"Filter scope '{query.scope}' is not supported")
        if query.offset is not None and query.offset > MOST_OFFSET:
            raise SoqlError(
                "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MOST_OFFSET}"
            )
        children = sum(isinstance(each, Children) for each in query.selected)
        if children > MOST_SUB_QUERIES:
            raise malformed(f"The maximum number of relationship sub-queries is {MOST_SUB_QUERIES}")

    def _check_count(self) -> None:
        query = self.query
        if len(query.selected) > 1 or query.grouping is not None or query.ordering:
            raise malformed("COUNT() must be the only element in the SELECT list")
        (only,) = query.selected
        if isinstance(only, Selected) and only.alias is not None:
            raise malformed("COUNT() cannot have an alias")

    # Conditions

    def _where(self) -> None:
        found: list[str] = []
        if self.query.scope is not None and self.query.scope.lower() == "mine":
            owner = self.entity.field("OwnerId")
            if owner is None:
                raise malformed(f"Filter scope 'mine' is not supported for {self.entity.name}")
            found.append(f"{owner.sql(self._scope.alias)} = ?")
            self.plan.where_values.append(self._context.user_id)
        if self.query.where is not None:
            conditions = Conditions(
                self._scope, self._context, SemiJoins(self._schema, self._context, self._aliases)
            )
            found.append(conditions.sql(self.query.where))
            self.plan.where_values += conditions.parameters
        self.plan.where = " AND ".join(found)

    # Records

    def _fields(self) -> None:
        self.plan.column(f"{self._scope.alias}._key")
        seen: set[tuple[str, ...]] = set()
        for each in self.query.selected:
            if isinstance(each, Children):
                self._children(each.query)
            elif isinstance(each, TypeOf):
                raise unexpected("TYPEOF", each.place)
            elif isinstance(each.expression, Function):
                self._select_function(each, seen)
            else:
                if each.alias is not None:
                    raise malformed("only aggregate expressions use field aliasing")
                self._select_field(self._scope.column(each.expression), seen)

    def _select_function(self, selected: Selected, seen: set[tuple[str, ...]]) -> None:
        function = selected.expression
        assert isinstance(function, Function)
        if function.word == "FIELDS":
            for field in self._listed(function):
                column = Column(field, self._scope.alias, self.entity, ())
                self._select_field(column, seen)
        elif function.word == "TOLABEL" and len(function.arguments) == 1:
            (path,) = function.arguments
            if not isinstance(path, Path):
                raise unexpected(function.name, function.place)
            # Labels of this organization are the values themselves.
            self._select_field(self._scope.column(path), seen)
        else:
            functions.compute(function, self._scope, self._context)
            raise malformed(f"Field must be grouped or aggregated: {function.name}")

    def _listed(self, function: Function) -> list[Field]:
        """The fields of `FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""
        argument = function.arguments[0] if len(function.arguments) == 1 else None
        which = argument.text.upper() if isinstance(argument, Path) else ""
        if which not in ("ALL", "STANDARD", "CUSTOM"):
            raise unexpected(function.name, function.place)
        limit = self.query.limit
        if which != "STANDARD" and (limit is None or limit > MOST_FIELDS_LIMIT):
            raise malformed(
                f"The SOQL FIELDS function must have a LIMIT of at most {MOST_FIELDS_LIMIT}"
            )
        wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}[which]
        return [each for each in self.entity.fields if each.custom in wanted]

    def _select_field(self, column: Column, seen: set[tuple[str, ...]]) -> None:
        name = (*column.way, column.field.name)
        if name in seen:
            raise SoqlError("INVALID_FIELD", f"duplicate field selected: {'.'.join(name)}")
        seen.add(name)
        node = self.plan.node
        for depth, part in enumerate(column.way, 1):
            if part not in node.parents:
                node.parents[part] = self._parent(column.way[:depth])
            node = node.parents[part]
        place = self.plan.column(column.sql)
        node.fields.append((column.field.name, place, reader(column.field)))

    def _parent(self, way: tuple[str, ...]) -> Node:
        entity = self._scope.entity_of(way)
        node = Node(entity.name, self.plan.column(self._scope.key_of(way)))
        kind = entity.field("Type") if entity is self._schema.polymorphic else None
        if kind is not None:
            node.kind = self.plan.column(kind.sql(self._scope.alias_of(way)))
        return node

    def _children(self, query: Query) -> None:
        (first, *_) = query.sources
        *before, name = first.path.parts
        child = self.entity.child(name)
        if before and before[0].lower() not in self._scope.own_names:
            child = None
        entity = None if child is None else self._schema.entity(child.object)
        if child is None or entity is None:
            raise no_such_children(name, first.path.place)
        if self._level >= MOST_CHILD_LEVELS:
            raise malformed("SOQL sub-queries are nested too deeply", first.path.place)
        if any(each.name.lower() == name.lower() for each in self.plan.below):
            raise malformed(f"duplicate relationship selected: {name}", first.path.place)
        link = entity.field(child.field)
        assert link is not None, f"{entity.name} has no field {child.field}"
        plan = Planner(
            query, entity, self._schema, self._context, self._aliases, self._level + 1
        ).plan
        if plan.counts or plan.aggregate:
            raise malformed("Aggregate queries are not supported in sub-queries", first.path.place)
        self.plan.below.append(Below(child.relationship, plan, link.sql(plan.scope.alias)))

    # Groups

    def _aggregates(self) -> None:
        grouped: dict[str, str] = {}
        grouping = self.query.grouping
        for by in grouping.by if grouping is not None else ():
            sql = self._grouped(by)
            grouped[sql] = ""
        self.plan.grouped = list(grouped)
        names: set[str] = set()
        number = 0
        for each in self.query.selected:
            if isinstance(each, Children):
                raise malformed("Grouped query cannot use child relationships in the SELECT list")
            if isinstance(each, TypeOf):
                raise unexpected("TYPEOF", each.place)
            name, sql, field = self._expression(each, grouped)
            if not name:
                name, number = f"expr{number}", number + 1
            if name.lower() in names:
                raise malformed(f"duplicate alias: {name}")
            names.add(name.lower())
            place = self.plan.column(sql)
            self.plan.group.fields.append((name, place, reader(field)))
        if self.query.having is not None:
            conditions = Conditions(self._scope, self._context, None, having=True)
            self.plan.having = conditions.sql(self.query.having)
            self.plan.having_values = conditions.parameters

    def _grouped(self, by: Path | Function) -> str:
        if isinstance(by, Path):
            column = self._scope.column(by)
            if not column.field.groupable or column.field.kind in ("longtextarea", "address"):
                raise malformed(
                    f"field '{column.field.name}' can not be grouped in a query call", by.place
                )
            return column.sql
        if by.word in functions.AGGREGATES:
            raise unexpected(by.name, by.place)
        return functions.compute(by, self._scope, self._context).sql

    def _expression(self, selected: Selected, grouped: dict[str, str]) -> tuple[str, str, Field]:
        """Name, SQL and type of what an aggregate query selects."""
        expression = selected.expression
        if isinstance(expression, Function):
            if expression.word == "FIELDS":
                raise malformed(f"Field must be grouped or aggregated: {expression.name}")
            found = functions.compute(expression, self._scope, self._context)
            if not found.aggregate and found.sql not in grouped:
                raise malformed(f"Field must be grouped or aggregated: {expression.name}")
            return selected.alias or "", found.sql, found.field
        column = self._scope.column(expression)
        if column.sql not in grouped:
            raise malformed(f"Field must be grouped or aggregated: {expression.text}")
        return selected.alias or column.field.name, column.sql, column.field

    # Order

    def _sorting(self) -> None:
        listed = [self._ordered(each) for each in self.query.ordering]
        if listed and not self.plan.aggregate:
            listed.append(f"{self._scope.alias}._n")  # equals keep the order of their creation
        self.plan.order = ", ".join(listed)

    def _ordered(self, ordering: Ordering) -> str:
        expression = ordering.expression
        if isinstance(expression, Function):
            found = functions.compute(expression, self._scope, self._context)
            if not self.plan.aggregate or not (found.aggregate or found.sql in self.plan.grouped):
                raise malformed(
                    f"Ordered field must be grouped or aggregated: {expression.name}"
                    if self.plan.aggregate
                    else f"unexpected token: '{expression.name}'",
                    expression.place,
                )
            sql = found.sql
        else:
            sql = self._ordered_field(expression)
        if ordering.descending:
            return f"{sql} DESC {'NULLS LAST' if ordering.nulls_last else 'NULLS FIRST'}"
        return f"{sql}{' NULLS LAST' if ordering.nulls_last else ''}"

    def _ordered_field(self, path: Path) -> str:
        if self.plan.aggregate and len(path.parts) == 1:
            for name, place, _ in self.plan.group.fields:
                known = self.entity.field(path.parts[0]) is not None
                if name.lower() == path.parts[0].lower() and not known:
                    return self.plan.columns[place]
        column = self._scope.column(path)
        if not column.field.searchable or column.field.kind == "multipicklist":
            raise malformed(
                f"field '{column.field.name}' can not be sorted in a query call", path.place
            )
        if self.plan.aggregate:
            if column.sql not in self.plan.grouped:
                raise malformed(f"Ordered field must be grouped or aggregated: {path.text}")
            return column.sql
        return column.folded if column.field.kind in TEXTS else column.sql
