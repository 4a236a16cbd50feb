"""Opportunities, cases, communications and notes: when something is over, and what it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.sage_crm.entities import TABLE_IDS
from crossdock_mocks.dialects.sage_crm.rules.documents import settle_opportunity
from crossdock_mocks.sdata import KEY, refused
from crossdock_mocks.sdata.model import Row
from crossdock_mocks.sdata.records import Records

_OVER: Final = frozenset({"Won", "Lost", "Closed", "Complete"})
_ENTITIES: Final = {number: entity for entity, number in TABLE_IDS.items()}


def _dates(records: Records, row: Row, old: Row | None, prefix: str, ended: str) -> None:
    """Note when something was opened and closed, where nobody said so."""
    opened, status = f"{prefix}_opened", row[f"{prefix}_status"]
    if old is None and opened in row and row[opened] is None:
        row[opened] = records.now
    if status not in _OVER:
        row[ended] = None
    elif row[ended] is None:
        row[ended] = records.now


def before_opportunity(
    records: Records, row: Row, old: Row | None, given: Mapping[str, Any]
) -> None:  # fmt: skip
    """A certainty is a percentage; an opportunity that is won or lost is closed."""
    del given
    certainty = row["oppo_certainty"]
    if certainty is not None and not 0 <= certainty <= 100:
        raise refused("A certainty is 0 to 100 per cent.", path="oppo_certainty")
    _dates(records, row, old, "oppo", "oppo_closed")


def after_opportunity(records: Records, row: Row, old: Row | None) -> None:
    """Sums are in the currency of the opportunity."""
    del old
    settle_opportunity(records, row[KEY])


def before_case(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    """A case has a reference, and is closed when its status says so."""
    del given
    row["case_referenceid"] = row["case_referenceid"] or f"0-{row[KEY]}"
    _dates(records, row, old, "case", "case_closed")


def before_communication(
    records: Records, row: Row, old: Row | None, given: Mapping[str, Any]
) -> None:  # fmt: skip
    """What is complete was completed some time."""
    del given
    if old is None and row["comm_datetime"] is None:
        row["comm_datetime"] = records.now
    _dates(records, row, old, "comm", "comm_completedtime")


def before_lead(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    """A lead was opened when it was made, where nobody said otherwise."""
    del given
    if old is None and row["lead_opened"] is None:
        row["lead_opened"] = records.now


def before_note(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    """A note is of a record that is there."""
    del old, given
    number, key = row["note_foreigntableid"], row["note_foreignid"]
    if number is None or key is None:
        return  # each is required, and said to be
    entity = _ENTITIES.get(number)
    if entity is None:
        raise refused("There is no table with this number.", path="note_foreigntableid")
    if records.get(entity, key) is None:
        raise refused(f"'{key}' was not found in {entity}.", path="note_foreignid")
