"""What reading and writing of all kinds of records share."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Final

from crossdock.connectors.reading import Row
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import values
from crossdock.connectors.salesforce.org import Org
from crossdock.connectors.salesforce.values import Written
from crossdock.errors import Conflict

_LONGEST_KEY: Final = 255


class Records:
    """Reads and writes records of an organization.

    Args:
        org: the organization.
        system: the configured name of the CRM.
        currency: the organization's own, in which all its amounts are.
    """

    def __init__(self, org: Org, system: str, currency: str) -> None:
        self.org = org
        self.remote = org.remote
        self.system = system
        self.currency = currency

    def check_version(
        self, what: str, record_id: str, version: str | None, now: str | None
    ) -> None:
        """Compare what somebody read with what is there.

        Raises:
            Conflict: somebody changed it since.
            RemoteRejectedData: what is to be saved was never read.
        """
        if not version:
            raise self.remote.rejected(
                use.CHANGE,
                "version",
                f"{record_id} carries no version: change what was read from the CRM",
            )
        if version != now:
            raise Conflict(
                f"{self.remote.address.label} has the {what} {record_id} as somebody else changed "
                "it since it was read",
                system=self.system,
                code="stale_version",
            )

    def check_currency(self, what: str, currency: str | None) -> None:
        """See that amounts are in the organization's currency.

        Raises:
            RemoteRejectedData: they are not, and nothing was sent.
        """
        if currency not in (None, "", self.currency):
            raise self.remote.rejected(
                use.CHANGE,
                what,
                f"is in {currency}, and the organization keeps its amounts in {self.currency}",
            )

    def change(self, kind: str, now: Row, wanted: Mapping[str, Written]) -> bool:
        """Write what differs from what was just read; the same again changes nothing."""
        difference = values.differing(wanted, now)
        if difference:
            last = self.org.read(now, lambda row: values.instant(row, "LastModifiedDate"))
            self.org.change(kind, str(now["Id"]), difference, unmodified_since=last)
        return bool(difference)


def new_key() -> str:
    """Make a key for what has none of the caller's."""
    return f"new|{uuid.uuid4().hex}"


def key_of(*parts: str) -> str:
    """Make a key of what it is about; one that is too long for its field becomes a digest."""
    key = "|".join(parts)
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{parts[0]}|{hashlib.sha256(key.encode()).hexdigest()}"
