"""What changed, read list by list from a watermark of last changes; SData has no webhooks.

What was deleted is gone without a word: the keys of each list are compared now and then. A change
of a line, or of anything else that is a part of a record, is told as one of that record.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from crossdock.connectors.sdata import where
from crossdock.connectors.sdata.contract import Contract
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.settings import Settings
from crossdock.connectors.since import Clockwork, Listed, Modified, Since, Source
from crossdock.ports import Changes
from crossdock.records import Change

KNOWN: Final = ("deletions_every", "feed_every", "feed_lag")
"""The settings that it takes."""
_LIMIT: Final = 200
_BEGINNING: Final = datetime(1990, 1, 1, tzinfo=UTC)  # neither product is older


@frozen(kw_only=True)
class Listing:
    """One list that is read.

    Attributes:
        entity: our word for what its changes are changes of.
        form: whose entries.
        owner: the word for the record that its entries are a part of; empty for themselves.
    """

    entity: str
    form: Form
    owner: str = ""


@frozen(kw_only=True)
class Pace:
    """How often and how far the feed reaches.

    Attributes:
        every: seconds between two reads at least.
        lag: the longest time until a list shows a change: the longest transaction.
        deletions_every: how often keys are compared.
    """

    every: float
    lag: timedelta
    deletions_every: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Pace:
        """Read it out of the settings."""
        compared = settings.above_zero("deletions_every", "seconds", default=3600.0)
        return cls(
            every=settings.above_zero("feed_every", "seconds", default=15.0),
            lag=timedelta(seconds=settings.above_zero("feed_lag", "seconds", default=60.0)),
            deletions_every=timedelta(seconds=compared),
        )


class Feed:
    """Reads what changed in a CRM.

    Args:
        system: the configured name of the CRM.
        contract: its feeds.
        listings: what is read, in this order.
        pace: how far it reaches.
    """

    def __init__(
        self, system: str, contract: Contract, listings: Iterable[Listing], pace: Pace
    ) -> None:
        self._contract = contract
        self._lock = threading.Lock()
        self._latest = _BEGINNING
        listed = tuple(listings)
        self._parts = {_part(each): each.entity for each in listed if each.owner}
        sources = [
            Source(
                # An entry's id in a change is "<its own>/<its owner's>" until the change is told.
                entity=_part(each) if each.owner else each.entity,
                name=each.form.kind,
                list_since=self._listing(each),
                list_ids=None if each.owner else self._keys(each.form),
            )
            for each in listed
        ]
        clockwork = Clockwork(lag=pace.lag, precision=timedelta(seconds=1))
        self._since = Since(
            system,
            sources,
            clockwork,
            beginning=_BEGINNING,
            remembered=2_000,
            sweep=pace.deletions_every,
        )

    def changes(self, cursor: str | None, *, limit: int) -> Changes:
        """Read the feed on from a cursor; see `CrmPort.changes`."""
        read = self._since.changes(cursor, limit=min(limit, _LIMIT))
        told: dict[tuple[str, str], Change] = {}
        for change in read.changes:
            if change.entity not in self._parts:
                told[change.entity, change.id] = change
                continue
            _, _, owner = change.id.partition("/")
            if owner:
                entity = self._parts[change.entity]
                told[entity, owner] = evolve(
                    change,
                    entity=entity,
                    id=owner,
                    action="updated",
                    version=f"{change.version}/part",
                )
        found = list(told.values())
        if found:
            found[-1] = evolve(found[-1], cursor=read.cursor)
        return evolve(read, changes=tuple(found))

    def _listing(self, of: Listing) -> Callable[[datetime, int, int], Listed]:
        form, contract = of.form, self._contract

        def modified(sheet: Sheet) -> Modified:
            at = sheet.modified or _BEGINNING
            owner = sheet.reference(of.owner) if of.owner else None
            return Modified(
                id=f"{sheet.id}/{owner or ''}" if of.owner else sheet.id,
                at=at,
                version=sheet.version,
                action="created" if sheet.created == at else "updated",
            )

        def since(at: datetime, skip: int, limit: int) -> Listed:
            names = [form.modified, form.created]
            if of.owner:
                names.append(form.references[of.owner])
            page = contract.page(
                form,
                where=where.since(form.modified, at),
                order=f"{form.modified},{form.id}",
                select=",".join(names),
                count=limit,
                start=skip + 1,
            )
            rows = tuple(contract.read(form, row, modified) for row in page.rows)
            return Listed(rows=rows, server_time=self._time(page.now, rows[-1].at if rows else at))

        return since

    def _time(self, told: datetime | None, newest: datetime) -> datetime:
        """Give the CRM's own time: as it told it, or no earlier than anything that it showed."""
        with self._lock:
            self._latest = max(self._latest, newest, told or newest)
            return self._latest

    def _keys(self, form: Form) -> Callable[[], Iterable[str]]:
        def keys() -> Iterable[str]:
            rows = self._contract.rows(form, order=form.id, select=form.id)
            return [Sheet(row, form).id for row in rows]

        return keys


def _part(listing: Listing) -> str:
    """Name the changes of a part, which nobody else's are called, until they are told."""
    return f"part: {listing.form.kind}"
