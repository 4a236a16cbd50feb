"""Finding rows: the pages of a feed, and the one entry that a path names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import attrs
import orjson

from crossdock_mocks.engine import Call, World
from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.diagnoses import bad_url, bad_where, no_entry
from crossdock_mocks.sdata.model import Resource, Row
from crossdock_mocks.sdata.options import Options
from crossdock_mocks.sdata.records import Records
from crossdock_mocks.sdata.where.planning import compiled
from crossdock_mocks.sdata.where.syntax import WhereError
from crossdock_mocks.sdata.where.terms import Term

_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'\Z|\"((?:[^\"]|\"\")*)\"\Z")


@attrs.frozen
class Found:
    """A page of what was asked for.

    Attributes:
        rows: The rows of the page.
        total: How many there are on all pages.
    """

    rows: list[Row]
    total: int


def find(
    world: World,
    resource: Resource,
    options: Options,
    within: tuple[str, Any] | None = None,
) -> Found:
    """The page of rows that a query asks for.

    Args:
        world: Where they are.
        resource: Of what.
        options: The query.
        within: A column and the value that it has to have: the owner of a collection.
    """
    where, values = _where(options.where, within)
    table = f'"{resource.table}"'
    # Names come from the contract; what was asked for is bound.
    total = world.query(f"SELECT count(*) FROM {table} t WHERE {where}", values)[0][0]  # noqa: S608
    if options.count == 0 or options.start > total:
        return Found([], total)
    order = [each.sql for each in options.order]
    sorted_by = [value for each in options.order for value in each.values]
    sql = (
        f"SELECT t._body FROM {table} t WHERE {where} "  # noqa: S608
        f"ORDER BY {', '.join([*order, 't._n'])} LIMIT ? OFFSET ?"
    )
    found = world.query(sql, [*values, *sorted_by, options.count, options.start - 1])
    return Found([orjson.loads(row[0]) for row in found], total)


def count(world: World, resource: Resource, where: Term | None) -> int:
    """How many rows meet a condition."""
    sql, values = _where(where, None)
    found = world.query(f'SELECT count(*) FROM "{resource.table}" t WHERE {sql}', values)  # noqa: S608
    return int(found[0][0])


def _where(where: Term | None, within: tuple[str, Any] | None) -> tuple[str, Sequence[Any]]:
    parts, values = [], []
    if within is not None:
        parts.append(f't."{within[0]}" = ?')
        values.append(within[1])
    if where is not None:
        parts.append(where.sql)
        values += where.values
    return " AND ".join(parts) or "1", values


def named(contract: Contract, call: Call, resource: Resource, text: str) -> Row:
    """The row that a path names: `accounts('ID')`, `accounts("ID")`, `company(comp_name eq 'X')`.

    Args:
        contract: The contract.
        call: The call.
        resource: Of what.
        text: What stands between the parentheses.

    Raises:
        Refused: There is none, there are several, or it cannot be read.
    """
    records = Records(call.world, contract, call.principal)
    key = _key(resource, text)
    if key is not None:
        return records.require(resource, key)
    try:
        where = compiled(text, contract, resource, call.now)
    except WhereError as error:
        raise bad_where(str(error)) from None
    rows = call.world.query(
        f'SELECT t._body FROM "{resource.table}" t WHERE {where.sql} LIMIT 2',  # noqa: S608
        where.values,
    )
    if not rows:
        raise no_entry(resource.kind, text)
    if len(rows) > 1:
        raise bad_url(f"More than one {resource.kind} meets {text}.")
    found: Row = orjson.loads(rows[0][0])
    return found


def _key(resource: Resource, text: str) -> str | None:
    """The key that a text writes, or nothing where it is a condition."""
    quoted = _QUOTED.match(text)
    if quoted is not None:
        single, double = quoted.groups()
        if single is not None:
            return str(single).replace("''", "'")
        return str(double).replace('""', '"')
    if resource.key_kind == "integer" and text.isascii() and text.isdecimal():
        return str(int(text))
    return None


def by_key(records: Records, resource: Resource, key: object) -> Row:
    """The row of a key that came in a payload.

    Raises:
        Refused: None came, or there is none.
    """
    if key in (None, ""):
        raise bad_url(f"A {resource.kind} is named by its $key.")
    return records.require(resource, key)
