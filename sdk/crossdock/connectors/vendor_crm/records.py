"""What reading and writing of all kinds of records share in a CRM without versions or keys."""

from __future__ import annotations

import uuid
from typing import Final

from crossdock.connectors.http import Remote
from crossdock.connectors.operations import Operation
from crossdock.errors import Conflict

STALE: Final = "stale_version"
"""The code of a conflict with somebody who was quicker."""


class VendorRecords:
    """Reads and writes records of a vendor's CRM.

    Args:
        remote: the CRM.
        system: its configured name.
        currency: of what names none: its own.
        changes_by: the operation that a refused change is told of.
    """

    def __init__(self, remote: Remote, system: str, currency: str, changes_by: Operation) -> None:
        self.remote = remote
        self.system = system
        self.currency = currency
        self.changes_by = changes_by

    def check_version(
        self, what: str, record_id: str, version: str | None, now: str | None
    ) -> None:
        """Compare what somebody read with what is there, where the CRM itself locks nothing.

        Args:
            what: the kind of record, for the message.
            record_id: its id.
            version: of what was read, and is to be saved.
            now: of what is there.

        Raises:
            Conflict: somebody changed it since.
            RemoteRejectedData: what is to be saved was never read.
        """
        if not version:
            raise self.remote.rejected(
                self.changes_by,
                "version",
                f"{record_id} carries no version: change what was read from the CRM",
            )
        if version != now:
            raise self.conflict(
                STALE,
                f"has the {what} {record_id} as somebody else changed it since it was read",
            )

    def conflict(self, code: str, what: str, status: int | None = None) -> Conflict:
        """Make the conflict of which the CRM `has` something; `what` begins with that verb."""
        message = f"{self.remote.address.label} {what}"
        return Conflict(message, system=self.system, status=status, code=code)


def new_key() -> str:
    """Make a key for what has none of the caller's."""
    return f"new|{uuid.uuid4().hex}"
