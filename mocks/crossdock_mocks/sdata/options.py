"""The query parameters of a call, read against the resource that is asked for."""

from __future__ import annotations

from typing import Any, Final

import attrs

from crossdock_mocks.engine import Call
from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.diagnoses import bad_parameter, bad_where
from crossdock_mocks.sdata.model import Resource
from crossdock_mocks.sdata.shapes import Shape, shape
from crossdock_mocks.sdata.where.planning import compiled, ordering
from crossdock_mocks.sdata.where.syntax import WhereError
from crossdock_mocks.sdata.where.terms import Term

_DIRECTIONS: Final = {"asc": "", "desc": " DESC"}


@attrs.frozen
class Options:
    """What a query asks for.

    Attributes:
        where: The condition, if there is one.
        order: What is sorted by, as SQL.
        start: The first entry, counted from 1.
        count: At most so many entries.
        shape: What is shown of each.
    """

    where: Term | None
    order: tuple[Term, ...]
    start: int
    count: int
    shape: Shape


def condition(contract: Contract, resource: Resource, call: Call) -> Term | None:
    """The condition of a call, or nothing where all is asked for.

    Raises:
        Refused: `BadWhereSyntax`.
    """
    text = call.query.get("where")
    if text is None or not text.strip():
        return None
    try:
        return compiled(text, contract, resource, call.now)
    except WhereError as error:
        raise bad_where(str(error)) from None


def shape_of(contract: Contract, resource: Resource, call: Call) -> Shape:
    """How much of an entry a call asks for.

    Raises:
        Refused: `BadQueryParameter`.
    """
    given = call.query
    return shape(
        contract, resource, select=given.get("select"), include=given.get("include"),
        precedence=given.get("precedence"),
    )  # fmt: skip


def options(contract: Contract, resource: Resource, call: Call) -> Options:
    """The options of a call that asks for a feed.

    Raises:
        Refused: One of them is not valid.
    """
    given: dict[str, Any] = call.query
    count = given.get("count", contract.page_size)
    return Options(
        condition(contract, resource, call),
        _order(contract, resource, given.get("orderby") or given.get("orderBy")),
        given.get("startIndex", given.get("startindex", 1)),
        min(count, contract.most),
        shape_of(contract, resource, call),
    )


def _order(contract: Contract, resource: Resource, text: str | None) -> tuple[Term, ...]:
    if text is None or not text.strip():
        return ()
    names, directions = [], []
    for each in text.split(","):
        words = each.split()
        if len(words) not in (1, 2):
            raise bad_parameter("orderby", f"'{each.strip()}' is no property with a direction")
        direction = words[1].lower() if len(words) == 2 else "asc"
        if direction not in _DIRECTIONS:
            raise bad_parameter("orderby", f"'{words[1]}' is neither asc nor desc")
        names.append(words[0].replace("/", ".").split("."))
        directions.append(_DIRECTIONS[direction])
    try:
        found = ordering(contract, resource, names)
    except WhereError as error:
        raise bad_parameter("orderby", str(error)) from None
    return tuple(
        attrs.evolve(each, sql=f"{each.sql}{direction}")
        for each, direction in zip(found, directions, strict=True)
    )
