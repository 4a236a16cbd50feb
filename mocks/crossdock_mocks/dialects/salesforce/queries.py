"""Queries over REST: the first page, and the pages behind it.

The ids of an answer are fixed when it is first given, so pages neither repeat nor leave out a
record; what a page shows of a record is what it is when the page is read.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final

from crossdock_mocks.dialects.salesforce import ids, wire
from crossdock_mocks.dialects.salesforce.errors import Refused, of_query
from crossdock_mocks.dialects.salesforce.organization import organization
from crossdock_mocks.dialects.salesforce.soql import (
    Context,
    SoqlError,
    Statement,
    compile_statement,
)
from crossdock_mocks.engine import Behaviour, Call, Reply, instant

LOCATORS: Final = "sf_query_locators"
_LIFETIME: Final = timedelta(days=2)
_LARGEST: Final = 2_000
_SMALLEST: Final = 200


def _size(call: Call) -> int:
    """Records of a page, by `Sforce-Query-Options: batchSize=500`."""
    for option in call.headers.get("sforce-query-options", "").split(","):
        name, _, text = option.partition("=")
        if name.strip().lower() == "batchsize" and text.strip().isdecimal():
            return min(max(int(text), _SMALLEST), _LARGEST)
    return _LARGEST


def _context(call: Call, *, deleted: bool) -> Context:
    return Context(call.now, user_id=str(call.principal), deleted=deleted, read_id=ids.read)


def _compiled(call: Call, text: str, *, deleted: bool) -> Statement:
    try:
        return compile_statement(
            text, organization(call.world).schema, _context(call, deleted=deleted)
        )
    except SoqlError as error:
        raise of_query(error, text) from error


def _answer(call: Call, *, deleted: bool) -> Reply:
    text = call.query["q"]
    statement = _compiled(call, text, deleted=deleted)
    size = _size(call)
    base = wire.base(call)
    try:
        found = statement.run(call.world.query, size, partial(wire.attributes, base))
    except SoqlError as error:
        raise of_query(error, text) from error
    body: dict[str, Any] = {"totalSize": found.total, "done": found.keys is None}
    if found.keys is not None:
        number = int(call.world.sequence(LOCATORS))
        locator = ids.make("01g", number)
        call.world.table(LOCATORS).insert(
            {
                "id": locator, "text": text, "deleted": deleted, "size": size, "keys": found.keys,
                "user": call.principal, "expires_at": instant(call.now + _LIFETIME),
            }
        )  # fmt: skip
        body["nextRecordsUrl"] = f"{base}/query/{locator}-{size}"
    return Reply(200, {**body, "records": found.records})


def query(call: Call) -> Reply:
    """Run a query over living records."""
    return _answer(call, deleted=False)


def query_all(call: Call) -> Reply:
    """Run a query over all records, those in the recycle bin included."""
    return _answer(call, deleted=True)


def query_more(call: Call) -> Reply:
    """Give the next page of an answer."""
    name, _, start = call.path["locator"].partition("-")
    kept = call.world.table(LOCATORS).get(name)
    at = int(start) if start.isdecimal() and len(start) < 10 else -1
    if (
        kept is None
        or kept["expires_at"] <= instant(call.now)
        or kept["user"] != call.principal
        or not 0 <= at < len(kept["keys"])
    ):
        raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
    statement = _compiled(call, kept["text"], deleted=kept["deleted"])
    keys, end = kept["keys"], at + kept["size"]
    base = wire.base(call)
    records = statement.of_keys(keys[at:end], call.world.query, partial(wire.attributes, base))
    body: dict[str, Any] = {"totalSize": len(keys), "done": end >= len(keys)}
    if end < len(keys):
        body["nextRecordsUrl"] = f"{base}/query/{name}-{end}"
    return Reply(200, {**body, "records": records})


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "runQuery": query,
    "runQueryAll": query_all,
    "readQueryPage": query_more,
}
