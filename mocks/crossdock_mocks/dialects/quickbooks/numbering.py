"""Document numbers: given by the books where none is given, and not twice for one kind."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crossdock_mocks.dialects.quickbooks.entities import Entity
from crossdock_mocks.dialects.quickbooks.ledger import SETTINGS, Ledger
from crossdock_mocks.dialects.quickbooks.refusals import refused
from crossdock_mocks.dialects.quickbooks.wire import Row
from crossdock_mocks.engine import World

_TAIL = re.compile(r"(.*?)([0-9]{1,15})\Z", re.DOTALL)
_FIRST = 1001


def continue_from(world: World, entity: Entity, numbers: Iterable[str]) -> None:
    """Let numbers of a kind go on above the highest one that is there."""
    if "docnumber" not in entity.properties:
        return
    prefix, most = "", _FIRST - 1
    for each in numbers:
        found = _TAIL.match(each)
        if found is not None and int(found[2]) >= most:
            prefix, most = found[1], int(found[2])
    world.reserve(f"{entity.table}_numbers", most)
    world.table(SETTINGS.name).insert({"name": f"{entity.name}/prefix", "value": prefix})


def number_document(ledger: Ledger, entity: Entity, row: Row, *, duplicates: bool) -> None:
    """Give a document its number, or check the one that it was given.

    Args:
        ledger: The records.
        entity: Kind of the document.
        row: The document; `DocNumber` is set.
        duplicates: Whether a number that is taken will do (`include=allowduplicatedocnum`).

    Raises:
        Problem: 400 with code 6140, another document of this kind has the number.
    """
    if row.get("DocNumber"):
        taken = _taken(ledger, entity, row["DocNumber"], row.get("Id"))
        if taken is not None and not duplicates:
            raise refused(
                6140,
                "Duplicate Document Number Error : You must specify a different number. This "
                f"number has already been used. DocNumber={row['DocNumber']} is assigned to "
                f"TxnType={entity.name} with TxnId={taken}",
                "DocNumber",
            )
        return
    prefix = ledger.setting(f"{entity.name}/prefix") or ""
    while True:
        made = ledger.world.sequence(f"{entity.table}_numbers", prefix)
        if _taken(ledger, entity, made, None) is None:
            row["DocNumber"] = made
            return


def _taken(ledger: Ledger, entity: Entity, number: str, but: str | None) -> str | None:
    for row in ledger.table(entity).find({"DocNumber": number}):
        if row["Id"] != but:
            return str(row["Id"])
    return None
