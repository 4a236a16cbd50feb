"""Cases: whose they are, and when they were closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules
from crossdock_mocks.dialects.salesforce.standard.service import CLOSED

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records


def _case(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    contact = None if row["ContactId"] is None else records.get("Contact", row["ContactId"])
    if old is None and given.get("AccountId") is None and contact is not None:
        row["AccountId"] = contact["AccountId"]
    row["ContactPhone"] = contact and contact["Phone"]
    row["ContactEmail"] = contact and contact["Email"]
    closed = row["Status"] == CLOSED
    if closed and (old is None or not old["IsClosed"]):
        row["ClosedDate"] = records.now
    elif not closed:
        row["ClosedDate"] = None
    row["IsClosed"] = closed


CASE = Rules(before=_case)
