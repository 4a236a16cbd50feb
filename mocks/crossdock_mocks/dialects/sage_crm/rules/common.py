"""What holds for each entity: links lead somewhere, and what is unique is nobody else's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.sdata import KEY, Resource, refused
from crossdock_mocks.sdata.diagnoses import Refused
from crossdock_mocks.sdata.model import Row
from crossdock_mocks.sdata.records import Records

UNIQUE: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "company": (("comp_cdkey",),),
    "person": (("pers_cdkey",),),
    "opportunity": (("oppo_cdkey",),),
    "quotes": (("quot_reference",), ("quot_cdkey",)),
    "orders": (("orde_reference",), ("orde_cdkey",), ("orde_cderporder",)),
    "communication": (("comm_cdkey",),),
    "newproduct": (("prod_code",),),
    "account": (("acc_customernumber", "acc_erpsystem", "acc_erpcompany"),),
}
"""Columns of which no two records agree together; the first is never empty where they count."""


def taken(message: str, path: str) -> Refused:
    """Somebody else has it, or needs it."""
    return refused(message, path=path, status=409)


def check_links(records: Records, kind: Resource, row: Row, old: Row | None) -> None:
    """See that what a record refers to is there.

    Raises:
        Refused: Something is not.
    """
    for each in kind.references:
        key = row[each.column]
        if key is None or (old is not None and old[each.column] == key):
            continue
        if records.get(each.to, key) is None:
            target = records.contract.resource(each.to)
            raise refused(f"{target.caption} '{key}' was not found.", path=each.column)


def check_unique(records: Records, kind: Resource, row: Row) -> None:
    """See that nobody else has what only one may have.

    Raises:
        Refused: 409, somebody has.
    """
    for columns in UNIQUE.get(kind.name, ()):
        first, *others = columns
        if row[first] is None:
            continue
        for other in records.related(kind, first, row[first]):
            if other[KEY] != row[KEY] and all(other[name] == row[name] for name in others):
                shown = " / ".join(str(row[name]) for name in columns if row[name] is not None)
                raise taken(f"{kind.caption} '{other[KEY]}' has {first} '{shown}' already.", first)


def moved(row: Row, old: Row | None, column: str) -> Any:
    """What a column held before, where it holds something else now."""
    before = None if old is None else old[column]
    return before if before != row[column] else None
