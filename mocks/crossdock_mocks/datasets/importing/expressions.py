"""Conditions and column expressions of a mapping file, compiled to functions of a row.

A row is a list of texts; joined columns follow the own ones. What an expression gives is the text
that will stand in the data set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache, reduce
from typing import Any

from attrs import frozen

from crossdock_mocks.datasets.columns import write
from crossdock_mocks.datasets.importing.errors import MapError, UnreadableRowError

__all__ = ["Compiler", "Condition", "Expression"]

Row = list[str]
Expression = Callable[[Row], str]
Condition = Callable[[Row], bool]
_Step = Callable[[str], str]

_CASES: dict[str, _Step] = {"": str, "lower": str.lower, "upper": str.upper}
_PLACE = re.compile(r"\{([^{}]+)\}")


@frozen(kw_only=True)
class Compiler:
    """Compiles what a map says about one source.

    Attributes:
        file: the mapping file's name, for messages.
        columns: the source's columns (own and joined) with their places in a row.
        tables: the map's translations.
    """

    file: str
    columns: Mapping[str, int]
    tables: Mapping[str, Mapping[str, str]]

    def place(self, column: str, path: str) -> int:
        """Where a column stands in a row.

        Raises:
            MapError: the source has no such column.
        """
        if column not in self.columns:
            known = ", ".join(self.columns)
            raise MapError(self.file, path, f"the source has no column {column}; it has {known}.")
        return self.columns[column]

    def condition(self, clauses: list[dict[str, Any]], path: str) -> Condition:
        """All clauses together; an empty list always holds."""
        tests = [self._clause(one, f"{path}[{at}]") for at, one in enumerate(clauses, 1)]
        return reduce(_both, tests) if tests else lambda _row: True

    def _clause(self, clause: dict[str, Any], path: str) -> Condition:
        at = self.place(clause["column"], f"{path}.column")
        if "matches" in clause:
            _pattern(self.file, clause["matches"], f"{path}.matches")
        tests = [
            _TESTS[key](value) for key, value in clause.items() if key not in ("column", "not")
        ]
        wanted = not clause.get("not", False)
        remembered = lru_cache(maxsize=65536)(
            lambda text: all(test(text) for test in tests) == wanted
        )
        return lambda row: remembered(row[at])

    def expression(self, declared: Any, path: str) -> Expression:
        """The function that gives a column's text; white space at its ends is as in the source."""
        if isinstance(declared, str):
            return _column(self.place(declared, path))
        origin = self._origin(declared, path)
        steps = self._steps(declared, path)
        otherwise = (
            self.expression(declared["otherwise"], f"{path}.otherwise")
            if "otherwise" in declared
            else None
        )
        if not steps and otherwise is None:
            return origin
        follow = _followed(steps)

        def evaluate(row: Row) -> str:
            text = origin(row)
            if text:
                text = follow(text)
            if not text and otherwise is not None:
                return otherwise(row)
            return text

        return evaluate

    def _origin(self, declared: dict[str, Any], path: str) -> Expression:
        if "column" in declared:
            return _column(self.place(declared["column"], f"{path}.column"))
        if "value" in declared:
            constant = str(declared["value"])
            return lambda _row: constant
        if "template" in declared:
            return self._template(declared["template"], f"{path}.template")
        if "cases" in declared:
            return self._cases(declared["cases"], f"{path}.cases")
        raise MapError(self.file, path, "`number` may only stand in a line's number column.")

    def _template(self, template: str, path: str) -> Expression:
        places: list[tuple[str, int, _Step]] = []
        for name in _PLACE.findall(template):
            column, _, case = name.partition(":")
            if case not in _CASES:
                raise MapError(self.file, path, f"{{{name}}}: after : stands lower or upper.")
            places.append((f"{{{name}}}", self.place(column, path), _CASES[case]))

        def evaluate(row: Row) -> str:
            text = template
            blank = bool(places)
            for mark, at, change in places:
                blank = blank and not row[at]
                text = text.replace(mark, change(row[at]))
            return "" if blank else text.strip()

        return evaluate

    def _cases(self, cases: list[dict[str, Any]], path: str) -> Expression:
        compiled = [
            (
                self.condition(case["when"], f"{path}[{at}].when"),
                self.expression(case["use"], f"{path}[{at}].use"),
            )
            for at, case in enumerate(cases, 1)
        ]

        def evaluate(row: Row) -> str:
            for holds, use in compiled:
                if holds(row):
                    return use(row)
            return ""

        return evaluate

    def _steps(self, declared: dict[str, Any], path: str) -> list[_Step]:
        steps: list[_Step] = []
        if "extract" in declared:
            steps.append(_extracting(_pattern(self.file, declared["extract"], f"{path}.extract")))
        if "case" in declared:
            steps.append(_CASES[declared["case"]])
        if "table" in declared:
            translation = self.tables[declared["table"]]
            steps.append(_translating(declared["table"], translation, "otherwise" in declared))
        if "date" in declared:
            steps.append(_dating(declared["date"]))
        if "instant" in declared:
            steps.append(_timing(declared["instant"]))
        if "plus_days" in declared:
            steps.append(_later(declared["plus_days"]))
        if "scale" in declared:
            steps.append(_scaling(Decimal(str(declared["scale"]))))
        return steps


def _both(first: Condition, second: Condition) -> Condition:
    return lambda row: first(row) and second(row)


def _column(at: int) -> Expression:
    return lambda row: row[at]


def _followed(steps: list[_Step]) -> _Step:
    """The steps one after the other; results are remembered, as texts come again and again."""

    @lru_cache(maxsize=65536)
    def follow(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return follow


def _pattern(file: str, text: str, path: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise MapError(file, path, f"{text} is no regular expression: {error}.") from error


def _extracting(pattern: re.Pattern[str]) -> _Step:
    def extract(text: str) -> str:
        found = pattern.search(text)
        if found is None:
            return ""
        return (found.group(1) if pattern.groups else found.group()) or ""

    return extract


def _translating(name: str, table: Mapping[str, str], otherwise: bool) -> _Step:
    def translate(text: str) -> str:
        if text in table:
            return table[text]
        if otherwise:
            return ""
        msg = f"{text!r} is not in the table {name}"
        raise UnreadableRowError(msg)

    return translate


def _dating(form: str) -> _Step:
    def read(text: str) -> str:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date().isoformat()
        except ValueError as error:
            msg = f"{text!r} is not a date of the form {form}"
            raise UnreadableRowError(msg) from error

    return read


def _timing(form: str) -> _Step:
    def read(text: str) -> str:
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError as error:
            msg = f"{text!r} is not an instant of the form {form}"
            raise UnreadableRowError(msg) from error
        return write(moment)

    return read


def _later(days: int) -> _Step:
    def add(text: str) -> str:
        try:
            return (date.fromisoformat(text) + timedelta(days=days)).isoformat()
        except ValueError as error:
            msg = f"{text!r} is not a date; use `date` before `plus_days`"
            raise UnreadableRowError(msg) from error

    return add


def _scaling(factor: Decimal) -> _Step:
    def scale(text: str) -> str:
        scaled = number(text) * factor
        return f"{scaled:f}" if scaled != scaled.to_integral_value() else f"{scaled:.0f}"

    return scale


def number(text: str) -> Decimal:
    """A text as a number.

    Raises:
        UnreadableRowError: it is none.
    """
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        msg = f"{text!r} is not a number"
        raise UnreadableRowError(msg) from error
    if not value.is_finite():
        msg = f"{text!r} is not a number"
        raise UnreadableRowError(msg)
    return value


def _equals(wanted: str | float) -> Callable[[str], bool]:
    if isinstance(wanted, str):
        return lambda text: text == wanted
    value = Decimal(str(wanted))
    return lambda text: bool(text) and number(text) == value


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _compared(limit: float, *, above: bool) -> Callable[[str], bool]:
    value = Decimal(str(limit))
    if above:
        return lambda text: bool(text) and number(text) > value
    return lambda text: bool(text) and number(text) < value


_TESTS: dict[str, Callable[[Any], Callable[[str], bool]]] = {
    "empty": lambda wanted: lambda text: (not text) == wanted,
    "equals": _equals,
    "one_of": lambda texts: frozenset(texts).__contains__,
    "starts_with": lambda head: lambda text: text.startswith(head),
    "matches": _matches,
    "below": lambda limit: _compared(limit, above=False),
    "above": lambda limit: _compared(limit, above=True),
}
