"""Searches over REST (SOSL): words are looked for in the text of records."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import orjson

from crossdock_mocks.dialects.salesforce import ids, wire
from crossdock_mocks.dialects.salesforce.describe import SEARCHABLE
from crossdock_mocks.dialects.salesforce.errors import Refused, of_query
from crossdock_mocks.dialects.salesforce.model import ObjectType
from crossdock_mocks.dialects.salesforce.organization import Organization, organization
from crossdock_mocks.dialects.salesforce.soql import Context, SoqlError, Statement
from crossdock_mocks.dialects.salesforce.soql.parsing import parse_search
from crossdock_mocks.dialects.salesforce.soql.searching import Matches, looking_for, words
from crossdock_mocks.dialects.salesforce.soql.syntax import (
    Path,
    Query,
    Selected,
    Source,
)
from crossdock_mocks.engine import Behaviour, Call, Reply, World

MOST: Final = 2_000
_KINDS: Final = {
    "ALL": frozenset(
        {"string", "textarea", "longtextarea", "email", "phone", "picklist", "combobox", "url"}
    ),
    "NAME": frozenset({"string"}),
    "EMAIL": frozenset({"email"}),
    "PHONE": frozenset({"phone"}),
}


def search(call: Call) -> Reply:
    """Run a search."""
    text = call.query["q"]
    try:
        return Reply(200, {"searchRecords": _found(call, text)})
    except SoqlError as error:
        raise of_query(error, text) from error


def _found(call: Call, text: str) -> list[dict[str, Any]]:
    asked = parse_search(text)
    if asked.fields not in _KINDS:
        raise SoqlError("MALFORMED_SEARCH", f"unexpected token: '{asked.fields}'", asked.place)
    matches = looking_for(asked)
    known = organization(call.world)
    context = Context(call.now, user_id=str(call.principal), read_id=ids.read)
    records: list[dict[str, Any]] = []
    for query in asked.returning or _all(known, asked.place):
        statement = Statement.of(query, known.schema, context)
        kind = known.objects[statement.entity]
        if not (kind.custom or kind.name in SEARCHABLE):
            raise Refused("INVALID_TYPE", f"entity type {kind.name} does not support search")
        keys = _matching(call.world, kind, asked.fields, matches)
        found = statement.among(keys).run(
            call.world.query, MOST, partial(wire.attributes, wire.base(call))
        )
        records += found.records
    return records[: MOST if asked.limit is None else min(asked.limit, MOST)]


def _all(known: Organization, place: Any) -> tuple[Query, ...]:
    """What is told where nothing was said: the ids of all objects that are searched."""
    return tuple(
        Query((Selected(Path(["Id"], place)),), (Source(Path([name], place)),))
        for name in sorted(known.objects)
        if name in SEARCHABLE or known.objects[name].custom
    )


def _matching(world: World, kind: ObjectType, where: str, matches: Matches) -> list[str]:
    """The ids of the records that have what is looked for."""
    fields = [
        each.name
        for each in kind.all_fields
        if each.kind in _KINDS[where] and (where != "NAME" or each.naming or each.name in _NAMES)
    ]
    if not fields:
        return []
    found = []
    for key, body in world.query(
        # Names of objects are checked when they are defined.
        f"SELECT _key, _body FROM {kind.living()} ORDER BY _n"  # noqa: S608
    ):
        row = orjson.loads(body)
        texts = [words(str(row[name])) for name in fields if row.get(name) is not None]
        if matches(texts):
            found.append(key)
    return found


_NAMES: Final = frozenset({"FirstName", "LastName", "Company", "Name"})

BEHAVIOURS: Final[dict[str, Behaviour]] = {"search": search}
