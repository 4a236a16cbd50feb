"""Filters: whether a record is one that was asked for, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crossdock_mocks.engine import Problem, instant
from crossdock_mocks.inference.lists import Query
from crossdock_mocks.inference.naming import plain

_TERM = re.compile(
    r"\s*(?:(?P<name>[\w/]+)\s+(?P<op>eq|ne|gt|ge|lt|le)\s+(?P<value>'(?:[^']|'')*'|[\w.:+-]+)"
    r"|(?P<function>contains|startswith|endswith)\(\s*(?P<of>[\w/]+)\s*,\s*(?P<text>'(?:[^']|'')*')\s*\))"
    r"\s*(?P<joint>and|or|$)\s*"
)
_OPERATORS = {"eq": "=", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_MISSING: Any = object()


def chosen(bodies: list[Any], query: Query, body: Callable[[Any], Mapping[str, Any]]) -> list[Any]:
    """The records that a query asks for, in its order.

    Raises:
        Problem: 400, it sorts by what the records do not have; 501, its expression is not
            understood.
    """
    for member, operator, value in query.filters:
        bodies = [each for each in bodies if _holds(at(body(each), member), operator, value)]
    if query.search:
        words = query.search.casefold().split()
        bodies = [each for each in bodies if all(word in _all_text(body(each)) for word in words)]
    if query.expression:
        test = expression(query.expression)
        bodies = [each for each in bodies if test(body(each))]
    for member in reversed(query.sort):
        name = member.lstrip("-")
        if bodies and not any(at(body(each), name) is not _MISSING for each in bodies):
            raise Problem(
                400, "invalid_sort", "The list cannot be sorted by this", f"There is no {name}."
            )
        bodies = sorted(
            bodies, key=lambda each, name=name: _rank(at(body(each), name)),  # type: ignore[misc]
            reverse=member.startswith("-"),
        )  # fmt: skip
    return bodies


def at(body: Mapping[str, Any], member: str) -> Any:
    """A member of a record, by its path and whatever its spelling."""
    value: Any = body
    for part in re.split(r"[./]", member):
        if not isinstance(value, Mapping):
            return _MISSING
        if part not in value:
            part = next((each for each in value if plain(each) == plain(part)), part)
        value = value.get(part, _MISSING)
    if value is _MISSING and "attributes" in body and not member.startswith("attributes"):
        return at(body, f"attributes.{member}")
    return value


def _rank(value: Any) -> tuple[int, Any]:
    if value is _MISSING or value is None:
        return (0, 0)
    return (1, value) if isinstance(value, (int, float)) else (2, str(value).casefold())


def _all_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_all_text(each) for each in value.values())
    if isinstance(value, list):
        return " ".join(_all_text(each) for each in value)
    return str(value).casefold()


def _holds(value: Any, operator: str, wanted: Any) -> bool:
    if isinstance(wanted, (list, tuple)):
        return any(_holds(value, operator, each) for each in wanted)
    if isinstance(value, list):
        return any(_holds(each, operator, wanted) for each in value)
    if isinstance(value, Mapping):
        return any(
            _holds(value.get(name), operator, wanted)
            for name in ("id", "login", "name", "key", "code")
            if name in value
        )
    if value is _MISSING or value is None:
        return (operator == "!=") == (wanted is not None) if operator in ("=", "!=") else False
    left, right = _comparable(value, wanted)
    if operator == "=":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    return bool(
        (left > right and ">" in operator)
        or (left < right and "<" in operator)
        or (left == right and operator.endswith("="))
    )


def _comparable(value: Any, wanted: Any) -> tuple[Any, Any]:
    """Two values in one type: numbers as numbers, booleans as such, all else as text."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return str(value).lower(), str(wanted).lower()
    if isinstance(wanted, datetime):
        if isinstance(value, (int, float)):
            return value, wanted.timestamp()
        return str(value), instant(wanted)
    if isinstance(wanted, date):
        return str(value)[:10], wanted.isoformat()
    try:
        return Decimal(str(value)), Decimal(str(wanted))
    except ArithmeticError:
        return str(value), str(wanted)


def expression(text: str) -> Callable[[Mapping[str, Any]], bool]:
    """Read a filter in the manner of OData: comparisons joined by `and`, or by `or`.

    Raises:
        Problem: 501, it is more than that.
    """
    tests: list[Callable[[Mapping[str, Any]], bool]] = []
    joints: set[str] = set()
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None or found.end() == position:
            tests = []
            break
        tests.append(_test(found))
        joints |= {found["joint"]} - {""}
        position = found.end()
    if not tests or len(joints) > 1:
        raise Problem(
            501, "filter_not_understood", "The filter was not understood",
            "Comparisons (eq, ne, gt, ge, lt, le, contains, startswith, endswith) joined by "
            "`and`, or by `or`, are understood.",
        )  # fmt: skip
    if joints == {"or"}:
        return lambda body: any(test(body) for test in tests)
    return lambda body: all(test(body) for test in tests)


def _test(found: re.Match[str]) -> Callable[[Mapping[str, Any]], bool]:
    if found["function"]:
        text, name = _unquoted(found["text"]).casefold(), found["of"]
        compare = {"contains": str.__contains__, "startswith": str.startswith,
                   "endswith": str.endswith}[found["function"]]  # fmt: skip
        return lambda body: compare(_plain_text(at(body, name)), text)
    wanted = _unquoted(found["value"])
    return lambda body: _holds(at(body, found["name"]), _OPERATORS[found["op"]], wanted)


def _plain_text(value: Any) -> str:
    return "" if value is _MISSING or value is None else str(value).casefold()


def _unquoted(text: str) -> Any:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return {"null": None, "true": True, "false": False}.get(text, text)
