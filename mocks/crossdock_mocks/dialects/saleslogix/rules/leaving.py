"""What becomes of those that know a record by its id alone, when it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crossdock_mocks.sdata import KEY, Records, Row

_WORK: Final = ("activities", "history")


def account_gone(records: Records, row: Row) -> None:
    """What was done with an account goes with it; its daughters have no parent any more."""
    for kind in _WORK:
        for each in records.related(kind, "AccountId", row[KEY]):
            records.delete(kind, each)
    for each in records.related("accounts", "ParentId", row[KEY]):
        each["ParentId"] = None
        records.keep("accounts", each)


def forgotten(key: str, *names: str, targeted: bool = False) -> Callable[[Records, Row], None]:
    """Work is not about a record any more that went.

    Args:
        key: The field with its id.
        names: Fields with what it was called.
        targeted: Whether campaigns may have addressed it.
    """

    def gone(records: Records, row: Row) -> None:
        for kind in _WORK:
            for each in records.related(kind, key, row[KEY]):
                each.update(dict.fromkeys((key, *names)))
                records.keep(kind, each)
        if targeted:
            for each in records.related("campaignTargets", "EntityId", row[KEY]):
                records.delete("campaignTargets", each)

    return gone
