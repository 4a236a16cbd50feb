"""What reading and writing of all kinds of records share."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from crossdock.connectors.hubspot import lines
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.objects import Object, Portal
from crossdock.errors import Conflict

_T = TypeVar("_T")
_STALE: Final = "stale_version"


class Records:
    """Reads and writes records of a portal.

    Args:
        portal: the portal.
        system: the configured name of the CRM.
        currency: of what names none: the portal's own.
    """

    def __init__(self, portal: Portal, system: str, currency: str) -> None:
        self.portal = portal
        self.remote = portal.remote
        self.system = system
        self.currency = currency

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

    def check_version(
        self, what: str, record_id: str, version: str | None, now: str | None
    ) -> None:
        """Compare what somebody read with what is there: all the locking that there is.

        Raises:
            Conflict: somebody changed it since.
            RemoteRejectedData: what is to be saved was never read.
        """
        if not version:
            raise self.remote.rejected(
                use.UPDATE_OBJECT,
                "version",
                f"{record_id} carries no version: change what was read from the CRM",
            )
        if version != now:
            raise Conflict(
                f"{self.remote.address.label} has the {what} {record_id} as somebody else changed "
                "it since it was read",
                system=self.system,
                code=_STALE,
            )


def new_key() -> str:
    """Make a key for what has none of the caller's."""
    return f"new|{uuid.uuid4().hex}"


def newest_first(records: Iterable[Any]) -> tuple[Any, ...]:
    """Sort records by when they were made."""
    beginning = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(records, key=lambda r: (r.created_at or beginning, r.id), reverse=True))
