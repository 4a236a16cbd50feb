"""Conditions become SQL.

What is empty compares with nothing, as in SQL: a comparison with it neither holds nor fails, so
that `not` does not make it hold. `x eq null` and `x ne null` ask whether it is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, final

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.model import Resource
from crossdock_mocks.sdata.values import read_instant
from crossdock_mocks.sdata.where.functions import FUNCTIONS
from crossdock_mocks.sdata.where.parsing import number, parse
from crossdock_mocks.sdata.where.scope import Scope
from crossdock_mocks.sdata.where.syntax import (
    Between,
    Binary,
    Call,
    Constant,
    Joint,
    Node,
    Path,
    Unary,
    WhereError,
    Within,
)
from crossdock_mocks.sdata.where.terms import Term, condition, constant, joined, term

_COMPARE: Final = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_SUMS: Final = {"+": "+", "-": "-", "mul": "*"}
_DEEPEST: Final = 60
_MOST: Final = 2_000


def compiled(text: str, contract: Contract, resource: Resource, now: datetime) -> Term:
    """The SQL of a condition on the rows of a resource, whose table goes by the name `t`.

    Args:
        text: The condition.
        contract: The contract.
        resource: Whose rows are asked for.
        now: The instant of `currentTimestamp()`.

    Raises:
        WhereError: It is not understood.
    """
    return Planner(contract, resource, now).condition(parse(text))


@final
class Planner:
    """Translates conditions on one resource.

    Args:
        contract: The contract.
        resource: Whose rows are asked for.
        now: The instant of `currentTimestamp()`.
    """

    def __init__(self, contract: Contract, resource: Resource, now: datetime) -> None:
        self._folds = contract.folds_case
        self._scope = Scope(contract, resource)
        self._now = now
        self._depth = 0
        self._count = 0

    def condition(self, node: Node) -> Term:
        """The SQL of something that holds or does not.

        Raises:
            WhereError: It is none.
        """
        found = self.term(node)
        if found.condition:
            return found
        if found.type != "boolean":
            raise WhereError(f"a condition is expected, not {found.word}")
        return condition(f"({found.sql} = 1)", found)

    def term(self, node: Node) -> Term:
        """The SQL of an expression.

        Raises:
            WhereError: It names what there is not, or has an operand of a wrong kind.
        """
        self._depth += 1
        self._count += 1
        if self._depth > _DEEPEST:
            raise WhereError("it is nested too deeply")
        if self._count > _MOST:
            raise WhereError("it has too many parts")
        made = self._made(node)
        self._depth -= 1
        return made

    def _made(self, node: Node) -> Term:
        if isinstance(node, Constant):
            return constant(node.value, node.kind)
        if isinstance(node, Path):
            return self._scope.term(node.names)
        if isinstance(node, Joint):
            return joined([self.condition(each) for each in node.parts], node.word.upper())
        if isinstance(node, Unary):
            return self._unary(node)
        if isinstance(node, Binary):
            return self._binary(node)
        if isinstance(node, Between):
            return self._between(node)
        if isinstance(node, Within):
            return self._within(node)
        return self._call(node)

    def _unary(self, node: Unary) -> Term:
        if node.operator == "-":
            return _negative(self._number(node.operand, "-"))
        operand = self.term(node.operand)
        if not operand.condition and operand.type != "boolean":
            raise WhereError(
                f"not takes a condition, not {operand.word}; as it binds closer than a comparison, "
                "put what it turns round in parentheses"
            )
        return condition(f"(NOT {operand.sql})", operand)

    def _binary(self, node: Binary) -> Term:
        if node.operator in _COMPARE:
            return self._compared(node)
        if node.operator == "like":
            return self._like(node)
        left = self._number(node.left, node.operator)
        right = self._number(node.right, node.operator)
        if node.operator == "div":
            return term(f"(CAST({left.sql} AS REAL) / {right.sql})", "number", left, right)
        if node.operator == "mod":
            # What is left over has the sign of what is divided, for fractions, too.
            quotient = f"CAST(CAST({left.sql} AS REAL) / {right.sql} AS INTEGER)"
            sql = f"({left.sql} - {right.sql} * {quotient})"
            return term(sql, "number", left, right, left, right)
        return term(f"({left.sql} {_SUMS[node.operator]} {right.sql})", "number", left, right)

    def _number(self, node: Node, operator: str) -> Term:
        found = self.term(node)
        if found.condition or found.type not in ("number", "null"):
            raise WhereError(f"'{operator}' takes numbers, not {found.word}")
        return found

    # Comparisons

    def _compared(self, node: Binary) -> Term:
        left, right = self.term(node.left), self.term(node.right)
        if left.type == "null" or right.type == "null":
            return _empty(left, right, node.operator)
        left, right = _alike(left, right, f"'{node.operator}'")
        if left.type == "boolean" and node.operator not in ("eq", "ne"):
            raise WhereError(f"'{node.operator}' does not compare true and false")
        left, right = self._folded(left), self._folded(right)
        return condition(f"({left.sql} {_COMPARE[node.operator]} {right.sql})", left, right)

    def _between(self, node: Between) -> Term:
        operand = self.term(node.operand)
        low, high = self.term(node.low), self.term(node.high)
        for each in (operand, low, high):
            if each.type in ("null", "boolean"):
                raise WhereError(f"'between' does not take {each.word}")
        first, low = _alike(operand, low, "'between'")
        second, high = _alike(operand, high, "'between'")
        parts = [self._folded(each) for each in (first, low, second, high)]
        return condition(
            f"({parts[0].sql} >= {parts[1].sql} AND {parts[2].sql} <= {parts[3].sql})", *parts
        )

    def _within(self, node: Within) -> Term:
        operand = self.term(node.operand)
        pairs = []
        for each in node.values:
            value = self.term(each)
            if value.type == "null":
                raise WhereError("'in' does not take null; write 'eq null'")
            pairs.append(_alike(operand, value, "'in'"))
        found = self._folded(pairs[0][0])
        values = [self._folded(each) for _, each in pairs]
        listed = ", ".join(each.sql for each in values)
        return condition(f"({found.sql} IN ({listed}))", found, *values)

    def _like(self, node: Binary) -> Term:
        left, right = self.term(node.left), self.term(node.right)
        for each in (left, right):
            if each.condition or each.type != "string":
                raise WhereError(f"'like' takes text, not {each.word}")
        if not isinstance(right.constant, str):
            raise WhereError("'like' takes a text in quotes behind it")
        text = right.constant.casefold() if self._folds else right.constant
        left = self._folded(left)
        # GLOB, as SQLite's LIKE takes no notice of case, but of English letters only.
        return condition(f"({left.sql} GLOB ?)", left, constant(_glob(text), "string"))

    def _folded(self, given: Term) -> Term:
        if not self._folds or given.type != "string" or given.condition:
            return given
        return Term(f"casefold({given.sql})", given.values, "string", given.constant)

    def _call(self, node: Call) -> Term:
        function = FUNCTIONS.get(node.name.lower())
        if function is None:
            raise WhereError(f"function '{node.name}' does not exist")
        arguments = [self.term(each) for each in node.arguments]
        function.check(arguments)
        return function.make(arguments, self._now)


def _negative(given: Term) -> Term:
    if given.constant is not None:
        return constant(-given.constant, "number")
    return term(f"(-{given.sql})", "number", given)


def _empty(left: Term, right: Term, operator: str) -> Term:
    if operator not in ("eq", "ne"):
        raise WhereError(f"'{operator}' does not compare with null")
    given = right if left.type == "null" else left
    if given.condition:
        raise WhereError(f"'{operator}' takes values, not a condition")
    return condition(f"({given.sql} IS {'NOT ' if operator == 'ne' else ''}NULL)", given)


def _alike(left: Term, right: Term, operator: str) -> tuple[Term, Term]:
    """Both operands as one kind.

    Text in quotes is taken for the number or the date that it writes, as clients quote keys that
    are numbers (`comp_companyid eq '962'`).
    """
    if left.condition or right.condition:
        raise WhereError(f"{operator} takes values, not a condition")
    if left.type == right.type:
        return left, right
    for given, other, place in ((left, right, 0), (right, left, 1)):
        if given.type == "string" and isinstance(given.constant, str):
            value = _reading(given.constant, other.type)
            if value is not None:
                made = constant(value, other.type)
                return (made, right) if place == 0 else (left, made)
    raise WhereError(f"{operator} does not compare {left.word} with {right.word}")


def _reading(text: str, type_: str) -> Any:
    if type_ == "number":
        digits = text.removeprefix("-")
        if digits.replace(".", "", 1).isdecimal() and digits[:1].isdecimal() and text.isascii():
            value = number(digits.rstrip("."))
            return -value if text.startswith("-") else value
    return read_instant(text) if type_ == "datetime" else None


def _glob(text: str) -> str:
    """A pattern of `like` as SQLite's GLOB has it."""
    wild = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(wild.get(each, each) for each in text)


def ordering(contract: Contract, resource: Resource, names: Sequence[Sequence[str]]) -> list[Term]:
    """The SQL of what is sorted by.

    Raises:
        WhereError: There is no such property.
    """
    scope = Scope(contract, resource)
    found = [scope.term(each) for each in names]
    if not contract.folds_case:
        return found
    return [
        Term(f"casefold({each.sql})", each.values, each.type) if each.type == "string" else each
        for each in found
    ]
