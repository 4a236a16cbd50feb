"""Answering queries: a statement becomes SQL over the rows of one entity.

What the vendor does not document is assumed: `=`, `IN` and comparisons mind the case of text,
`LIKE` and sorting do not; a property without a value meets no condition, and sorts first; without
`ORDERBY` rows come by their ids; rows that agree in what they are sorted by do so, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.dialects.quickbooks.entities import (
    ENTITIES,
    EXCHANGE_RATE,
    OPERATORS,
    Entity,
    Kind,
    Property,
)
from crossdock_mocks.dialects.quickbooks.exchange_rates import HELD, must_have_several
from crossdock_mocks.dialects.quickbooks.query_language import (
    Comparison,
    Statement,
    Value,
    parse,
)
from crossdock_mocks.dialects.quickbooks.refusals import refused
from crossdock_mocks.dialects.quickbooks.wire import MOST, PACIFIC, stamp
from crossdock_mocks.engine import Problem, RawJson, World

MOST_ROWS: Final = 1000
ROWS: Final = 100
"""So many rows come unless MAXRESULTS says otherwise."""

_BY_NAME: Final = {each.name.lower(): each for each in (*ENTITIES.values(), EXCHANGE_RATE)}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_OFFSET = re.compile(r"([+-][0-9]{2})([0-9]{2})\Z")


def answer_query(world: World, text: str) -> RawJson:
    """The QueryResponse of a query.

    Raises:
        Problem: 400 with code 4000 (it is none) or 4001 (it asks for what is not offered).
    """
    statement = parse(text)
    entity = _BY_NAME.get(statement.entity.lower())
    if entity is None:
        raise invalid(f"Invalid context declaration: {statement.entity}")
    for path in statement.paths:
        _must_know(entity, path)
    if entity is EXCHANGE_RATE:
        condition, parameters = _rates(world, statement.where)
    else:
        condition, parameters = _condition(entity, statement.where)
    order = _order(entity, statement)
    first, most = _page(statement)
    source = f'FROM "{entity.table}" WHERE {condition}'
    if statement.counts:
        ((count,),) = world.query(f"SELECT count(*) {source}", parameters)
        return RawJson.object(totalCount=count)
    found = world.query(
        f"SELECT _body {source} ORDER BY {order} LIMIT ? OFFSET ?",
        [*parameters, most, first - 1],
    )
    if not found:
        return RawJson("{}")
    rows = RawJson.array(text for (text,) in found)
    return RawJson.object(**{entity.name: rows}, startPosition=first, maxResults=len(found))


def invalid(detail: str) -> Problem:
    """A query that can be read and not be answered."""
    return refused(4001, f"QueryValidationError: {detail}")


def _page(statement: Statement) -> tuple[int, int]:
    most = ROWS if statement.most is None else statement.most
    if most > MOST_ROWS:
        raise invalid(f"value {most} is too large. Max allowed value for maxResults is {MOST_ROWS}")
    if most < 1:
        raise invalid(f"value {most} is too small for maxResults")
    # A start position of 0 was seen to be taken.
    return max(statement.first or 1, 1), most


# Properties


def _property(entity: Entity, path: str) -> Property:
    found = entity.properties.get(path.lower())
    if found is None:
        _must_know(entity, path)
        raise invalid(f"property '{path}' is not queryable")
    return found


def _must_know(entity: Entity, path: str) -> None:
    name = path.lower()
    if name not in entity.properties and name.partition(".")[0] not in entity.known:
        raise invalid(f"Property {path} not found for Entity {entity.name}")


def _column(each: Property) -> str:
    if each.field == "Id":
        return "CAST(_key AS INTEGER)"
    # Declared names only: letters and dots.
    path = "".join(f'."{part}"' for part in each.field.split("."))
    return f"json_extract(_body, '${path}')"


# Conditions


def _condition(entity: Entity, where: tuple[Comparison, ...]) -> tuple[str, list[Any]]:
    parts: list[str] = []
    parameters: list[Any] = []
    asked = set()
    for each in where:
        found = _property(entity, each.path)
        asked.add(found.name)
        if each.operator not in OPERATORS[found.kind]:
            raise invalid(
                f"operator {each.operator.upper()} is not supported for property '{each.path}'"
            )
        parts.append(_term(found, each, parameters))
    if "active" in entity.properties and "Active" not in asked:
        parts.append("json_extract(_body, '$.\"Active\"') = 1")
    return " AND ".join(parts) or "1", parameters


def _rates(world: World, where: tuple[Comparison, ...]) -> tuple[str, list[Any]]:
    """The conditions of a query for exchange rates: one on `AsOfDate` asks as of that day."""
    must_have_several(world)
    as_of = [each for each in where if each.path.lower() == "asofdate"]
    if len(as_of) > 1 or any(each.operator != "=" for each in as_of):
        raise invalid("AsOfDate is asked for once, and by the equals sign")
    rest = tuple(each for each in where if each not in as_of)
    condition, parameters = _condition(EXCHANGE_RATE, rest)
    day = EXCHANGE_RATE.properties["asofdate"]
    by = _day(day, as_of[0].values[0]) if as_of else world.today.isoformat()
    return f"{condition} AND {HELD}", [*parameters, by]


def _term(found: Property, each: Comparison, parameters: list[Any]) -> str:
    column = _column(found)
    if each.operator == "like":
        parameters.append(_pattern(each.values[0].text))
        return f"casefold({column}) LIKE ? ESCAPE '\\'"
    read = _READERS[found.kind]
    parameters.extend(read(found, value) for value in each.values)
    if each.operator == "in":
        return f"{column} IN ({', '.join('?' * len(each.values))})"
    return f"{column} {each.operator} ?"


def _pattern(text: str) -> str:
    """A pattern of SQL: only the per cent sign stands for anything."""
    for special in ("\\", "_"):
        text = text.replace(special, f"\\{special}")
    return text.casefold()


def _bad(found: Property, value: Value) -> Problem:
    return invalid(f"'{value.text[:100]}' is not a value for property '{found.name}'")


def _text(_: Property, value: Value) -> str:
    return value.text


def _flag(found: Property, value: Value) -> int:
    given = value.text.lower()
    if given not in ("true", "false"):
        raise _bad(found, value)
    return int(given == "true")


def _number(found: Property, value: Value) -> float:
    if not _NUMBER.match(value.text.strip()) or abs(Decimal(value.text)) > MOST * 100:
        raise _bad(found, value)
    return float(value.text)


def _id(found: Property, value: Value) -> int:
    if not value.text.isascii() or not value.text.isdecimal() or len(value.text) > 18:
        raise _bad(found, value)
    return int(value.text)


def _day(found: Property, value: Value) -> str:
    if not _DAY.match(value.text):
        raise _bad(found, value)
    try:
        return date.fromisoformat(value.text).isoformat()
    except ValueError as error:
        raise _bad(found, value) from error


def _instant(found: Property, value: Value) -> str:
    moment = read_instant(value.text)
    if moment is None:
        raise _bad(found, value)
    return stamp(moment)


def read_instant(text: str) -> datetime | None:
    """An instant as callers write it; a day begins, and a time without a zone is, Pacific.

    Returns:
        `None` if it is no instant, or has no form that this system takes.
    """
    text = _OFFSET.sub(r"\1:\2", text.strip())
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1970 <= moment.year <= 9000:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=PACIFIC)


_READERS: Final[dict[Kind, Callable[[Property, Value], Any]]] = {
    "text": _text,
    "reference": _text,
    "enum": _text,
    "flag": _flag,
    "number": _number,
    "id": _id,
    "day": _day,
    "instant": _instant,
}


# Order


def _order(entity: Entity, statement: Statement) -> str:
    keys = []
    for path, descends in statement.order:
        found = _property(entity, path)
        if not found.sortable:
            raise invalid(f"property '{path}' is not sortable")
        column = _column(found)
        if found.kind in ("text", "enum"):
            column = f"casefold({column})"
        keys.append(f"{column} DESC" if descends else column)
    last = "_body" if entity is EXCHANGE_RATE else "CAST(_key AS INTEGER)"
    return ", ".join([*keys, last])
