"""Conditions become SQL.

A comparison with a field that is empty does not hold, whichever way it goes; only `!=` and
`NOT IN` hold for it. `NOT` turns what holds into what does not, so a comparison is never left
unknown within it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, final

import orjson

from crossdock_mocks.dialects.salesforce.soql import functions, values
from crossdock_mocks.dialects.salesforce.soql.errors import (
    SoqlError,
    malformed,
    wrong_operator,
    wrong_value,
)
from crossdock_mocks.dialects.salesforce.soql.schema import IDS, TEXTS, Context, Field
from crossdock_mocks.dialects.salesforce.soql.scope import Scope
from crossdock_mocks.dialects.salesforce.soql.syntax import (
    Both,
    Comparison,
    Condition,
    Function,
    Includes,
    Not,
    Path,
    Query,
    Value,
    Within,
)

Select: TypeAlias = Callable[[Query, Field, str, bool], tuple[str, list[Any]]]
"""Makes SQL of a sub-select, given the field, its object and whether it is an anti-join."""

_UNORDERED: Final = frozenset({"boolean", "multipicklist"})
_MOST_SELECTS: Final = 2
_FEW: Final = 100
_WITH_OR: Final = "Semi join sub-selects are not allowed with the 'OR' operator"
_NESTED: Final = (
    "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested "
    "WHERE expressions."
)


@final
class Conditions:
    """Translates the conditions of one `SELECT`.

    Args:
        scope: Its names.
        context: For whom and when.
        select: Translates sub-selects; without it they are nested too deeply already.
        having: Whether aggregates may be compared.
    """

    def __init__(
        self, scope: Scope, context: Context, select: Select | None, *, having: bool = False
    ) -> None:
        self._scope = scope
        self._context = context
        self._select = select
        self._having = having
        self._selects = 0
        self._nested = False
        self.parameters: list[Any] = []

    def sql(self, condition: Condition) -> str:
        """The SQL of a whole condition; its values are in `parameters`.

        Raises:
            SoqlError: It compares what cannot be compared.
        """
        return self._of(condition, plain=True, barred="")

    def _of(self, condition: Condition, *, plain: bool, barred: str) -> str:
        """Translate.

        Args:
            condition: What to translate.
            plain: Whether it has to hold for the row to be found: nothing but `AND` is above it.
            barred: Why sub-selects may not stand here, if they may not.
        """
        if isinstance(condition, Both):
            if condition.word == "OR":
                barred = _WITH_OR if plain and not self._nested else _NESTED
            inner = plain and condition.word == "AND"
            self._nested = True
            parts = [self._of(each, plain=inner, barred=barred) for each in condition.parts]
            return _balanced(parts, condition.word)
        if isinstance(condition, Not):
            return f"(({self._of(condition.part, plain=False, barred=_NESTED)}) IS NOT TRUE)"
        if isinstance(condition, Within):
            if isinstance(condition.values, Query):
                return self._sub_select(condition, condition.values, barred)
            return self._among(condition, condition.values, plain=plain)
        if isinstance(condition, Includes):
            return self._includes(condition, plain=plain)
        return self._comparison(condition, plain=plain)

    # One value

    def _comparison(self, condition: Comparison, *, plain: bool) -> str:
        operator, value = condition.operator, condition.value
        required = plain and operator != "!=" and not value.is_null
        sql, folded, field = self._left(condition.left, required=required)
        if value.is_null:
            return self._empty(sql, field, operator)
        if operator == "LIKE":
            return self._like(sql, folded, field, value)
        if operator not in ("=", "!=") and field.kind in _UNORDERED:
            raise wrong_operator(f"invalid operator on {field.kind} field")
        span = values.span(field, value, self._context)
        if span is not None:
            return self._span(sql, operator, span)
        bound = values.plain(field, value, self._context)
        left = folded if field.kind in TEXTS else sql
        if operator == "!=":
            return self._bind(f"{left} IS NOT ?", bound)
        return self._bind(f"{left} {operator} ?", bound)

    def _left(self, left: Path | Function, *, required: bool) -> tuple[str, str, Field]:
        """The SQL of what is compared, the same without case, and its type."""
        if isinstance(left, Function):
            found = functions.compute(left, self._scope, self._context)
            if found.aggregate and not self._having:
                raise malformed(f"aggregate function not allowed in WHERE: {left.name}", left.place)
            return found.sql, f"casefold({found.sql})", found.field
        column = self._scope.column(left, required=required)
        if not column.field.searchable:
            raise SoqlError(
                "INVALID_FIELD",
                f"field '{column.field.name}' can not be filtered in a query call",
                left.place,
            )
        return column.sql, column.folded, column.field

    def _empty(self, sql: str, field: Field, operator: str) -> str:
        if operator == "=":
            return f"{sql} IS NULL"
        if operator == "!=":
            return f"{sql} IS NOT NULL"
        raise wrong_operator(f"invalid operator on null value of field '{field.name}'")

    def _span(self, sql: str, operator: str, span: tuple[str, str]) -> str:
        first, after = span
        if operator == "=":
            return self._bind(f"({sql} >= ? AND {sql} < ?)", first, after)
        if operator == "!=":
            return self._bind(f"({sql} < ? OR {sql} >= ? OR {sql} IS NULL)", first, after)
        edge = {"<": first, ">=": first, ">": after, "<=": after}[operator]
        word = {"<": "<", "<=": "<", ">": ">=", ">=": ">="}[operator]
        return self._bind(f"{sql} {word} ?", edge)

    def _like(self, sql: str, folded: str, field: Field, value: Value) -> str:
        if field.kind in IDS:
            raise wrong_operator("invalid operator on id field")
        if field.kind not in TEXTS:
            raise wrong_operator(f"invalid operator on {field.word} field")
        if value.kind != "string":
            raise malformed(f"unexpected token: '{value.text}'", value.place)
        start, pattern, only = values.pattern(value)
        end = values.after(start) if start else None
        if pattern == "%":
            return f"{sql} IS NOT NULL"
        # What begins alike stands together in an index; LIKE itself would not use it.
        parts = []
        if start and end is not None:
            parts.append(self._bind(f"{folded} >= ? AND {folded} < ?", start, end))
        if not (parts and only):
            parts.append(self._bind(f"{folded} LIKE ? ESCAPE '\\'", pattern))
        return f"({' AND '.join(parts)})"

    # Many values

    def _among(self, condition: Within, given: tuple[Value, ...], *, plain: bool) -> str:
        empty = any(each.is_null for each in given)
        sql, folded, field = self._left(
            condition.left, required=plain and not condition.negated and not empty
        )
        if field.kind == "boolean":
            raise wrong_operator("invalid operator on boolean field")
        left = folded if field.kind in TEXTS else sql
        spans = [values.span(field, each, self._context) for each in given if not each.is_null]
        if any(spans):
            raise malformed("Date literals are not supported with IN", condition.place)
        bound = [values.plain(field, each, self._context) for each in given if not each.is_null]
        if len(bound) > _FEW:
            # SQLite takes only so many values beside each other.
            every = orjson.dumps(bound).decode()
            listed = self._bind(f"{left} IN (SELECT value FROM json_each(?))", every)  # noqa: S608
        else:
            listed = self._bind(f"{left} IN ({', '.join('?' for _ in bound)})", *bound)
        if not condition.negated:
            return f"({listed} OR {sql} IS NULL)" if empty else listed
        if empty:
            return f"({listed} IS NOT TRUE AND {sql} IS NOT NULL)"
        return f"({listed} IS NOT TRUE)"

    def _includes(self, condition: Includes, *, plain: bool) -> str:
        sql, folded, field = self._left(condition.left, required=plain and not condition.negated)
        if field.kind != "multipicklist":
            word = "EXCLUDES" if condition.negated else "INCLUDES"
            raise wrong_operator(f"invalid operator {word} on field '{field.name}'")
        if any(each.kind != "string" for each in condition.values):
            raise wrong_value(field.name, "string", quoted=False)
        ways = []
        for members in values.combinations(condition.values):
            held = [
                self._bind(f"instr(';' || {folded} || ';', ?) > 0", f";{each};") for each in members
            ]
            ways.append(f"({' AND '.join(held)})" if held else f"{sql} IS NULL")
        found = f"({' OR '.join(ways)})"
        return f"({found} IS NOT TRUE)" if condition.negated else found

    def _sub_select(self, condition: Within, query: Query, barred: str) -> str:
        if self._select is None:
            raise malformed("Nesting of semi join sub-selects is not supported", condition.place)
        if barred:
            raise malformed(barred, condition.place)
        self._selects += 1
        if self._selects > _MOST_SELECTS:
            raise malformed(
                f"Cannot have more than {_MOST_SELECTS} semi join sub-selects", condition.place
            )
        if isinstance(condition.left, Function):
            raise malformed(f"unexpected token: '{condition.left.name}'", condition.left.place)
        column = self._scope.column(condition.left, required=not condition.negated)
        if column.field.kind not in IDS:
            raise malformed(
                f"The left operand field '{column.field.name}' in the where expression for the "
                "outer query should be an id or a reference field",
                condition.left.place,
            )
        inner, parameters = self._select(query, column.field, column.entity.name, condition.negated)
        self.parameters += parameters
        if condition.negated:
            return f"(({column.sql} IN ({inner})) IS NOT TRUE)"
        return f"{column.sql} IN ({inner})"

    def _bind(self, sql: str, *given: Any) -> str:
        self.parameters += given
        return sql


def _balanced(parts: list[str], word: str) -> str:
    """Conditions joined as a tree, not a chain: a chain of a thousand is too deep for SQLite."""
    if len(parts) <= _FEW:
        return f"({f' {word} '.join(parts)})"
    half = len(parts) // 2
    return f"({_balanced(parts[:half], word)} {word} {_balanced(parts[half:], word)})"
