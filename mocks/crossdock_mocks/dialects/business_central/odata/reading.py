"""Queries carried out: pages of records by keyset, each with what is expanded beside it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any, Final, final
from urllib.parse import quote

import orjson
from attrs import frozen

from crossdock_mocks.dialects.business_central.errors import bad_request, refusal
from crossdock_mocks.dialects.business_central.model import EntityType, model
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.odata.filters import Condition, column, condition
from crossdock_mocks.dialects.business_central.odata.options import Options
from crossdock_mocks.dialects.business_central.records import Row, etag
from crossdock_mocks.engine import Call, World
from crossdock_mocks.engine.parameters import split_query

LARGEST_PAGE: Final = 20_000


@frozen
class Found:
    """A page of records.

    Attributes:
        rows: The records.
        count: How many there are, where that was asked for.
        token: Where the next page begins; None on the last.
    """

    rows: list[Row]
    count: int | None
    token: str | None


@final
class Reader:
    """Reads the records of one world.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def count(self, options: Options, within: Mapping[str, Any]) -> int:
        """How many records meet the condition."""
        where = self._where(options, within)
        found = self._world.query(
            f'SELECT count(*) FROM "{options.type.set}" WHERE {where.sql}',  # noqa: S608 - names are the document's
            where.values,
        )
        return int(found[0][0])

    def page(self, options: Options, within: Mapping[str, Any], size: int = LARGEST_PAGE) -> Found:
        """A page of records.

        Args:
            options: What is asked for.
            within: Properties that the records have to have, such as the document of lines.
            size: Most records of a page.

        Raises:
            Problem: The filter cannot be carried out, or the token is not one of this query's.
        """
        table = self._world.table(options.type.set)
        where = self._where(options, within)
        total = self.count(options, within) if options.count else None
        keys = [
            *(
                (column(table.column, options.type.properties[n]), down)
                for n, down in options.order
            ),
            ("_n", False),
        ]
        wanted, skip = options.top, options.skip
        if options.token is not None:
            behind, wanted = _read_token(options)
            where = _behind(where, keys, behind)
            skip = 0
        limit = size if wanted is None else min(size, wanted)
        if limit == 0:
            return Found([], total, None)
        sorting = ", ".join(f"{sql}{' DESC' if down else ''}" for sql, down in keys)
        columns = ", ".join(["_body", *(sql for sql, _ in keys)])
        rows = self._world.query(
            f'SELECT {columns} FROM "{options.type.set}" WHERE {where.sql} '  # noqa: S608 - names are the document's
            f"ORDER BY {sorting} LIMIT ? OFFSET ?",
            [*where.values, limit + 1, skip],
        )
        token = None
        if len(rows) > limit and (wanted is None or wanted > limit):
            left = None if wanted is None else wanted - limit
            token = _token(options, rows[limit - 1][1:], left)
        return Found([orjson.loads(row[0]) for row in rows[:limit]], total, token)

    def _where(self, options: Options, within: Mapping[str, Any]) -> Condition:
        table = self._world.table(options.type.set)
        made = Condition()
        if within:
            made.sql = " AND ".join(f"{table.column(name)} = ?" for name in within)
            made.values = list(within.values())
        if options.filter is not None:
            more = condition(options.filter, options.type, table.column, lists=options.lists)
            made = Condition(f"{made.sql} AND {more.sql}", [*made.values, *more.values])
        return made

    # Records as they are told

    def shown(self, row: Row, options: Options) -> dict[str, Any]:
        """A record as it is told, with what is expanded."""
        told = told_of(row, options.type, options.select)
        for each in options.expand:
            navigation, inner = each.navigation, each.options
            value = row[navigation.own]
            if navigation.many:
                found = self.page(inner, {navigation.other: value})
                if found.count is not None:
                    told[f"{navigation.name}@odata.count"] = found.count
                told[navigation.name] = [self.shown(other, inner) for other in found.rows]
            else:
                target = model().types[navigation.target]
                other = None if value == NO_GUID else self._one(target, navigation.other, value)
                if other is not None:
                    told[navigation.name] = self.shown(other, inner)
        return told

    def _one(self, type_: EntityType, name: str, value: Any) -> Row | None:
        return self._world.table(type_.set).first({name: value})


def told_of(row: Row, type_: EntityType, select: Iterable[str] | None = None) -> dict[str, Any]:
    """The properties of a record as they are told: decimals become numbers, digit for digit."""
    told: dict[str, Any] = {"@odata.etag": etag(row)}
    for name, prop in type_.properties.items():
        if select is None or name in select:
            value = row[name]
            told[name] = orjson.Fragment(value) if prop.kind == "decimal" else value
    return told


# Where things are


def root(call: Call) -> str:
    """The URL of the service as the caller knows it, without a slash at its end."""
    host = call.request.headers.get("host", "api.businesscentral.dynamics.com")
    scheme = "http" if ":" in host or host == "localhost" else "https"
    path = call.request.path
    for mark in ("/companies", "/subscriptions", "/$batch", "/$metadata"):
        found = path.find(mark)
        if found >= 0:
            return f"{scheme}://{host}{path[:found]}"
    return f"{scheme}://{host}"


def next_link(call: Call, token: str) -> str:
    """The URL of the next page: the same query, with the token in the place of what was skipped."""
    kept = [
        f"{quote(name, safe='$')}={text}"
        for name, texts in split_query(call.request.query).items()
        if name not in ("$skip", "$skiptoken")
        for text in texts
    ]
    query = "&".join([*kept, f"$skiptoken={token}"])
    path = call.request.path
    begin = max(path.find("/companies"), path.find("/subscriptions"))
    return f"{root(call)}{path[begin:]}?{query}"


def page_size(call: Call) -> int:
    """The page size that a caller prefers, or the largest.

    Raises:
        Problem: It is larger than the service allows.
    """
    for part in call.headers.get("prefer", "").replace(";", ",").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() in ("odata.maxpagesize", "maxpagesize"):
            value = value.strip('" ')
            if not (value.isascii() and value.isdigit()) or int(value) == 0:
                raise bad_request(f"Invalid value '{value}' for the preference odata.maxpagesize")
            if int(value) > LARGEST_PAGE:
                raise refusal(413, "BadRequest", f"A page has at most {LARGEST_PAGE} entities")
            return int(value)
    return LARGEST_PAGE


# Tokens


def _order_text(options: Options) -> str:
    return ",".join(f"{'-' if down else ''}{name}" for name, down in options.order)


def _token(options: Options, values: Iterable[Any], left: int | None) -> str:
    text = orjson.dumps([_order_text(options), left, *values])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _read_token(options: Options) -> tuple[list[Any], int | None]:
    token = options.token or ""
    try:
        padded = token + "=" * (-len(token) % 4)
        values = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (binascii.Error, ValueError):
        values = None
    if (
        not isinstance(values, list)
        or len(values) != len(options.order) + 3
        or values[0] != _order_text(options)
        or not (values[1] is None or (type(values[1]) is int and 0 <= values[1] < 2**31))
        or any(isinstance(each, (list, dict)) or each is None for each in values[2:])
        or any(type(each) is int and abs(each) >= 2**63 for each in values[2:])
    ):
        raise bad_request("The $skiptoken is not one of this query's")
    return values[2:], values[1]


def _behind(where: Condition, keys: list[tuple[str, bool]], values: list[Any]) -> Condition:
    """The condition for what comes behind the last record of the page before."""
    cases: list[str] = []
    bound: list[Any] = []
    for position, (sql, down) in enumerate(keys):
        same = [f"{keys[i][0]} = ?" for i in range(position)]
        cases.append(" AND ".join([*same, f"{sql} {'<' if down else '>'} ?"]))
        bound.extend([*values[:position], values[position]])
    return Condition(f"{where.sql} AND ({' OR '.join(cases)})", [*where.values, *bound])
