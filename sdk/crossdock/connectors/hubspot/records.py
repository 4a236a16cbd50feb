"""What reading and writing of all kinds of records share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from crossdock.connectors.hubspot import lines
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.objects import Object, Portal
from crossdock.connectors.vendor_crm.records import VendorRecords

_T = TypeVar("_T")


class Records(VendorRecords):
    """Reads and writes records of a portal.

    Args:
        portal: the portal.
        system: the configured name of the CRM.
        currency: of what names none: the portal's own.
    """

    def __init__(self, portal: Portal, system: str, currency: str) -> None:
        super().__init__(portal.remote, system, currency, use.UPDATE_OBJECT)
        self.portal = portal

    def read(self, found: Object, parse: Callable[[Object], _T]) -> _T:
        """Read a record of an object, strictly."""
        return self.remote.understood(use.GET_OBJECT, lambda: found.read(parse))

    def change(self, kind: str, now: Object, wanted: Mapping[str, str]) -> bool:
        """Write what differs from what was just read; the same again changes nothing."""
        difference = lines.differing(wanted, now.properties)
        if difference:
            self.portal.change(kind, now.id, difference)
        return bool(difference)

    def lines_of(self, kind: str, owner_id: str) -> lines.Lines:
        """Give what writes the line items of a quote or order."""
        return lines.Lines(self.portal, kind, owner_id)

    def move(self, kind: str, one: str, other: str, old: str | None, new: str | None) -> None:
        """Associate an object with another one of a kind in place of the old one."""
        if old:
            self.portal.dissociate(kind, other, [(one, old)])
        if new:
            self.portal.associate(kind, other, [(one, new)])


def newest_first(records: Iterable[Any]) -> tuple[Any, ...]:
    """Sort records by when they were made."""
    beginning = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(records, key=lambda r: (r.created_at or beginning, r.id), reverse=True))
