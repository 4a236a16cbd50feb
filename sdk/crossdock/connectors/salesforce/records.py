"""What reading and writing of all kinds of records share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from crossdock.connectors.reading import Row
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import values
from crossdock.connectors.salesforce.org import Org
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.vendor_crm.records import VendorRecords

_LONGEST_KEY: Final = 255


class Records(VendorRecords):
    """Reads and writes records of an organization.

    Args:
        org: the organization.
        system: the configured name of the CRM.
        currency: the organization's own, in which all its amounts are.
    """

    def __init__(self, org: Org, system: str, currency: str) -> None:
        super().__init__(org.remote, system, currency, use.CHANGE)
        self.org = org

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


def key_of(*parts: str) -> str:
    """Make a key of what it is about; one that is too long for its field becomes a digest."""
    key = "|".join(parts)
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{parts[0]}|{hashlib.sha256(key.encode()).hexdigest()}"
