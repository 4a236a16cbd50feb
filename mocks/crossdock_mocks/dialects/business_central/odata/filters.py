"""`$filter`: parsed by odata-query, checked against what Business Central takes, written as SQL.

Taken are comparisons of one property with a literal, `and`, `or` over one and the same property,
`in` with `$schemaversion=2.1`, `startswith`, `endswith`, `contains`, and `tolower`, `toupper`,
`substring` around a property. All else that OData knows is refused by name: nothing that is not
understood ever gives all rows. (Microsoft: Using filter expressions in OData URIs; Known
limitations. Lambda operators are said to be ignored there; here they are refused.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, final

from attrs import define, field

from crossdock_mocks.dialects.business_central.errors import (
    bad_request,
    no_property,
    not_supported,
    refusal,
)
from crossdock_mocks.dialects.business_central.model import EntityType, Property
from crossdock_mocks.dialects.business_central.names import encoded
from crossdock_mocks.engine import Problem

if TYPE_CHECKING:
    from odata_query import ast

_MOST_NODES: Final = 400
_LONGEST: Final = 8_000
_COMPARE: Final = {"Eq": "=", "NotEq": "<>", "Gt": ">", "GtE": ">=", "Lt": "<", "LtE": "<="}
_TURNED: Final = {"Gt": "Lt", "GtE": "LtE", "Lt": "Gt", "LtE": "GtE"}
_WORDS: Final = {
    "Eq": "Equal", "NotEq": "NotEqual", "Gt": "GreaterThan", "GtE": "GreaterThanOrEqual",
    "Lt": "LessThan", "LtE": "LessThanOrEqual", "In": "In",
}  # fmt: skip
_EDM: Final = {
    "guid": "Edm.Guid", "string": "Edm.String", "date": "Edm.Date",
    "datetime": "Edm.DateTimeOffset", "decimal": "Edm.Decimal", "integer": "Edm.Int32",
    "long": "Edm.Int64", "boolean": "Edm.Boolean", "enum": "Edm.String",
}  # fmt: skip
_LITERALS: Final = {
    "String": "Edm.String", "GUID": "Edm.Guid", "Integer": "Edm.Int32", "Float": "Edm.Decimal",
    "Boolean": "Edm.Boolean", "Date": "Edm.Date", "DateTime": "Edm.DateTimeOffset",
    "Time": "Edm.TimeOfDay", "Duration": "Edm.Duration", "Null": "null",
}  # fmt: skip
_TESTS: Final = frozenset({"startswith", "endswith", "contains"})
_SHAPES: Final = frozenset({"tolower", "toupper", "substring"})


@define
class Condition:
    """A condition as SQL.

    Attributes:
        sql: The text, with a mark for each value.
        values: The values, in the order of the marks.
    """

    sql: str = "1"
    values: list[Any] = field(factory=list)


def column(table: Callable[[str], str], prop: Property) -> str:
    """The SQL expression of a property, by its kind.

    Args:
        table: Gives the expression of a field.
        prop: The property.
    """
    text = table(prop.name)
    if prop.kind == "decimal":
        return f"CAST({text} AS REAL)"
    return f"rtrim({text}, 'Z')" if prop.kind == "datetime" else text


def condition(
    text: str, type_: EntityType, table: Callable[[str], str], *, lists: bool
) -> Condition:
    """The condition of a `$filter`.

    Args:
        text: The expression, decoded.
        type_: What is filtered.
        table: Gives the SQL expression of a field.
        lists: Whether `in` may be used.

    Raises:
        Problem: It cannot be read, names what there is not, or is not supported.
    """
    tree = parsed(text)
    made = Condition("")
    made.sql = _Writer(type_, table, lists, made.values).boolean(tree)
    return made


def parsed(text: str) -> ast._Node:
    """The syntax tree of an expression.

    Raises:
        Problem: It is none.
    """
    from odata_query import exceptions
    from odata_query.grammar import ODataParser

    from crossdock_mocks.dialects.business_central.odata.tokens import tokens

    if len(text) > _LONGEST:
        raise bad_request("The node count limit of the filter has been exceeded")
    try:
        tree = ODataParser().parse(iter(tokens(text)))
    except exceptions.UnknownFunctionException as error:
        raise bad_request(
            f"An unknown function with name '{error.function_name}' was found. This may also be "
            "a function import or a key lookup on a navigation property, which is not allowed."
        ) from error
    except exceptions.ODataException as error:
        raise _unreadable(text, error) from error
    except (RecursionError, ValueError) as error:
        raise _unreadable(text, error) from error
    if tree is None:
        raise _unreadable(text, ValueError("nothing to read"))
    found: ast._Node = tree
    return found


def _unreadable(text: str, error: Exception) -> Problem:
    token = getattr(error, "token", error)
    place = getattr(token, "index", len(text))
    return refusal(
        400, "BadRequest_NotFound", f"Syntax error at position {place} in '{text[:200]}'"
    )


def fields(node: Any) -> Iterator[str]:
    """The properties that an expression names."""
    from odata_query import ast

    if isinstance(node, ast.Identifier):
        yield node.name
    elif isinstance(node, ast.Call):
        for each in node.args:
            yield from fields(each)
    elif isinstance(node, (ast.BoolOp, ast.Compare)):
        yield from fields(node.left)
        yield from fields(node.right)


def held(text: str) -> frozenset[str]:
    """The properties that a filter holds to one value, on each way through it.

    Raises:
        Problem: It cannot be read.
    """
    return _held(parsed(text))


def _held(node: Any) -> frozenset[str]:
    from odata_query import ast

    if isinstance(node, ast.BoolOp):
        left, right = _held(node.left), _held(node.right)
        return left & right if isinstance(node.op, ast.Or) else left | right
    if isinstance(node, ast.Compare) and isinstance(node.comparator, (ast.Eq, ast.In)):
        return frozenset(
            each.name for each in (node.left, node.right) if isinstance(each, ast.Identifier)
        )
    return frozenset()


@final
class _Writer:
    def __init__(
        self, type_: EntityType, table: Callable[[str], str], lists: bool, values: list[Any]
    ) -> None:
        self._type = type_
        self._table = table
        self._lists = lists
        self._values = values
        self._nodes = 0

    def boolean(self, node: Any) -> str:
        """The SQL of something that holds or does not."""
        from odata_query import ast

        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise bad_request("The node count limit of the filter has been exceeded")
        if isinstance(node, ast.BoolOp):
            return self._joined(node)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        if isinstance(node, ast.Call) and node.func.name in _TESTS:
            return self._tested(node)
        raise self._refused(node)

    def _joined(self, node: Any) -> str:
        from odata_query import ast

        either = isinstance(node.op, ast.Or)
        if either and len(set(fields(node))) > 1:
            # Each has to be there at all before it is said that they do not go together.
            for name in fields(node):
                self._property(name)
            raise not_supported(
                "The 'OR' operator is not supported on distinct fields on an OData filter"
            )
        left, right = self.boolean(node.left), self.boolean(node.right)
        return f"({left} {'OR' if either else 'AND'} {right})"

    def _compared(self, node: Any) -> str:
        from odata_query import ast

        operator = type(node.comparator).__name__
        left, right = node.left, node.right
        if isinstance(left, ast.Call) and left.func.name in _TESTS:
            return self._tested_for(left, operator, right)
        if _is_literal(left) and not _is_literal(right):
            if operator == "In":
                raise self._refused(node)
            left, right, operator = right, left, _TURNED.get(operator, operator)
        if not _is_literal(right) and not isinstance(right, ast.List):
            raise self._refused(right if _is_named(left) else left)
        if _is_literal(left):
            raise self._refused(node)
        if operator == "In":
            return self._listed(left, right)
        if isinstance(right, ast.List):
            raise _syntax("A list of values may only stand behind 'in'.")
        prop, sql = self._shaped(left)
        if prop.kind == "boolean" and operator not in ("Eq", "NotEq"):
            raise self._mismatch(prop, right, operator)
        if prop.kind == "enum" and operator not in ("Eq", "NotEq"):
            raise self._mismatch(prop, right, operator)
        value = self._literal(prop, right, operator, plain=not isinstance(left, ast.Identifier))
        self._values.append(value)
        return f"{sql} {_COMPARE[operator]} ?"

    def _listed(self, left: Any, right: Any) -> str:
        from odata_query import ast

        if not self._lists:
            raise not_supported("The 'IN' operator needs $schemaversion=2.1")
        if not isinstance(left, ast.Identifier) or not isinstance(right, ast.List):
            raise self._refused(left if not isinstance(left, ast.Identifier) else right)
        prop, sql = self._shaped(left)
        for each in right.val:
            self._values.append(self._literal(prop, each, "In", plain=False))
        return f"{sql} IN ({','.join('?' for _ in right.val)})"

    # Functions

    def _tested(self, node: Any) -> str:
        from odata_query import ast

        name = node.func.name
        if len(node.args) != 2:
            raise bad_request(f"The function '{name}' takes two arguments")
        prop, sql = self._shaped(node.args[0])
        sought = node.args[1]
        if prop.kind not in ("string", "enum") or not isinstance(sought, ast.String):
            if isinstance(sought, (ast.Identifier, ast.Call)):
                raise self._refused(sought)
            raise bad_request(
                f"No function signature for the function with name '{name}' matches the specified "
                f"arguments: it is {name}(Edm.String, Edm.String)"
            )
        if name == "contains":
            self._values.append(sought.val)
            return f"instr({sql}, ?) > 0"
        marks = {"startswith": "substr({0}, 1, length(?)) = ?",
                 "endswith": "(length(?) = 0 OR substr({0}, -length(?)) = ?)"}  # fmt: skip
        mark = marks[name]
        # What stands in the column's own expression comes first or in between, never behind.
        before, after = mark.split("{0}")
        own = self._values[len(self._values) - sql.count("?") :] if "?" in sql else []
        if own:
            del self._values[-len(own) :]
        self._values.extend([sought.val] * before.count("?"))
        self._values.extend(own)
        self._values.extend([sought.val] * after.count("?"))
        return f"{before}{sql}{after}"

    def _tested_for(self, call: Any, operator: str, right: Any) -> str:
        """`startswith(...) eq true`, as some clients write it."""
        from odata_query import ast

        if not isinstance(right, ast.Boolean) or operator not in ("Eq", "NotEq"):
            raise self._refused(right)
        if (right.val == "true") is not (operator == "Eq"):
            raise self._refused(ast.UnaryOp(ast.Not(), call))
        return self._tested(call)

    def _shaped(self, node: Any) -> tuple[Property, str]:
        """A property, perhaps within functions that change its text."""
        from odata_query import ast

        self._nodes += 1
        if isinstance(node, ast.Identifier):
            if node.namespace:
                raise no_property(".".join((*node.namespace, node.name)), self._type.name)
            prop = self._property(node.name)
            return prop, column(self._table, prop)
        if not isinstance(node, ast.Call) or node.func.name not in _SHAPES:
            raise self._refused(node)
        name = node.func.name
        prop, sql = self._shaped(node.args[0])
        if prop.kind not in ("string", "enum"):
            raise bad_request(
                f"No function signature for the function with name '{name}' matches "
                f"{_EDM[prop.kind]}"
            )
        if name in ("tolower", "toupper"):
            return prop, f"{'lowered' if name == 'tolower' else 'raised'}({sql})"
        numbers = [each.val for each in node.args[1:] if isinstance(each, ast.Integer)]
        if len(numbers) != len(node.args) - 1:
            raise bad_request("substring takes a text and one or two whole numbers")
        if any(int(each) < 0 for each in numbers):
            raise bad_request("substring takes no negative numbers")
        self._values.extend(min(int(each), 2**31) for each in numbers)
        more = ", ?" if len(numbers) == 2 else ""
        return prop, f"substr({sql}, ? + 1{more})"

    # Leaves

    def _property(self, name: str) -> Property:
        found = self._type.properties.get(name)
        if found is not None:
            return found
        if name in self._type.navigations:
            raise not_supported(f"Filtering by the navigation property '{name}' is not supported")
        raise no_property(name, self._type.name)

    def _literal(self, prop: Property, node: Any, operator: str, *, plain: bool) -> Any:
        """The value of a literal as it is kept; `plain` where the text has been changed."""
        name = type(node).__name__
        fits = {
            "guid": ("GUID",), "string": ("String",), "enum": ("String",), "date": ("Date",),
            "datetime": ("DateTime",), "decimal": ("Integer", "Float"),
            "integer": ("Integer", "Float"), "long": ("Integer", "Float"), "boolean": ("Boolean",),
        }[prop.kind]  # fmt: skip
        if name not in fits:
            raise self._mismatch(prop, node, operator)
        if prop.kind == "guid":
            return str(node.val).lower()
        if prop.kind in ("decimal", "integer", "long"):
            return float(Decimal(node.val))
        if prop.kind == "boolean":
            return int(node.val == "true")
        if prop.kind == "date":
            return _day(node.val)
        if prop.kind == "datetime":
            return _moment(node.val)
        if prop.kind == "enum" and not plain:
            return _enumerated(prop, str(node.val))
        return node.val

    def _mismatch(self, prop: Property, node: Any, operator: str) -> Problem:
        came = _LITERALS.get(type(node).__name__, type(node).__name__)
        return bad_request(
            "A binary operator with incompatible types was detected. Found operand types "
            f"'{_EDM[prop.kind]}' and '{came}' for operator kind '{_WORDS[operator]}'"
        )

    def _refused(self, node: Any) -> Problem:
        """Say which part of an expression is not supported."""
        from odata_query import ast

        for name in fields(node):
            self._property(name)
        if isinstance(node, ast.Identifier):
            told = f"'{node.name}' without a comparison with a value"
        elif isinstance(node, ast.Call):
            told = f"The function '{node.func.name}'"
        elif isinstance(node, (ast.UnaryOp, ast.BinOp)):
            told = f"The operator '{type(node.op).__name__.lower()}'"
        elif isinstance(node, ast.CollectionLambda):
            told = f"The lambda operator '{type(node.operator).__name__.lower()}'"
        elif isinstance(node, ast.Attribute):
            told = "A path over a navigation property"
        else:
            told = f"An expression of the form {type(node).__name__}"
        return not_supported(f"{told} is not supported in a filter")


def _is_literal(node: Any) -> bool:
    return type(node).__name__ in _LITERALS


def _is_named(node: Any) -> bool:
    from odata_query import ast

    return isinstance(node, ast.Identifier)


def _syntax(message: str) -> Problem:
    return refusal(400, "BadRequest_NotFound", message)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise bad_request(f"'{text}' is no day of the calendar") from error


def _moment(text: str) -> str:
    """An instant as it is kept, without its Z: three digits behind the second, more if needed."""
    try:
        moment = datetime.fromisoformat(text.upper())
        if moment.tzinfo is None:
            raise ValueError(text)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad_request(f"'{text}' is no instant of the calendar") from error
    whole, _, digits = f"{moment:%Y-%m-%dT%H:%M:%S.%f}".partition(".")
    whole = f"{moment.year:04d}{whole[whole.index('-') :]}"
    return f"{whole}.{digits[:3]}{digits[3:].rstrip('0')}"


def _enumerated(prop: Property, text: str) -> str:
    value = encoded(text) if text else "_x0020_"
    if value not in prop.values:
        raise refusal(
            400, "Application_FilterErrorException",
            f"The filter \"{text}\" is not valid for the {prop.name} field. It is one of "
            f"{', '.join(prop.values)}",
        )  # fmt: skip
    return value
