"""Service cases of accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import values
from crossdock.connectors.salesforce.records import Records
from crossdock.records import Case
from crossdock.records.party import CasePriority

_FIELDS: Final = (
    "Id", "AccountId", "ContactId", "OwnerId", "Subject", "Status", "Priority", "IsClosed",
    "CreatedDate", "ClosedDate",
)  # fmt: skip
_PRIORITIES: Final[Mapping[str, CasePriority]] = {
    "low": "low", "medium": "normal", "normal": "normal", "high": "high", "critical": "urgent",
    "urgent": "urgent",
}  # fmt: skip
"""Ours, by a picklist's words: Salesforce begins with three, and people add to them."""


class Cases:
    """Service cases; the method is that of `CrmPort`.

    Which statuses are closed is the organization's own to say: the platform tells it of each case
    (`IsClosed`; Object Reference, Case).
    """

    def __init__(self, records: Records) -> None:
        self._org = records.org

    def cases(self, account_id: str) -> Sequence[Case]:
        """List the service cases of an account, newest first."""
        rows = self._org.of("AccountId", account_id, _FIELDS, "Case")
        return tuple(self._org.read(row, _case) for row in rows)


def _case(row: Row) -> Case:
    """Read a case; it may belong to a queue, and have no subject."""
    closed = values.truth(row, "IsClosed")
    return Case(
        id=text(row, "Id"),
        account_id=values.text(row, "AccountId"),
        subject=values.text(row, "Subject"),
        status="closed" if closed else "open",
        state=values.text(row, "Status"),
        priority=_PRIORITIES.get(values.text(row, "Priority").lower(), ""),
        contact_id=values.text_or_none(row, "ContactId"),
        owner_id=values.text_or_none(row, "OwnerId"),
        opened_at=values.instant(row, "CreatedDate"),
        closed_at=values.instant_or_none(row, "ClosedDate") if closed else None,
    )
