"""One list by modified instant, read page by page behind a safe watermark; pure computation.

An instant at which something was modified is older than the moment at which others can see it: the
transaction commits later, and clocks differ. A reader that goes on from the newest instant that it
saw therefore misses what commits late behind it. Here each scan begins at the watermark, which
stays behind the server's own time by the longest lag, and what was told already inside that window
is known by id and version.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from attrs import evolve, field, frozen

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class Clockwork:
    """How a system keeps and asks for its modified instants.

    Attributes:
        lag: the longest time from the instant that a change carries until a list shows it: the
            longest transaction, and the delay of a replica or a search index.
        skew: how far the clock that gives `Listed.server_time` may be from the one that writes
            the instants; zero where it is the same machine's.
        precision: the unit to which instants are cut off, when they are stored or asked for.
        inclusive: whether "since T" gives what was modified at T, too.
    """

    lag: timedelta = timedelta(minutes=5)
    skew: timedelta = timedelta(0)
    precision: timedelta = timedelta(seconds=1)
    inclusive: bool = True

    def floor(self, at: datetime) -> datetime:
        """Cut an instant off to the unit."""
        return at - (at - _EPOCH) % self.precision

    def horizon(self, server_time: datetime) -> datetime:
        """Give the instant before which nothing can still come, as of the server's time."""
        return self.floor(server_time - self.lag - self.skew)

    def asked(self, since: datetime) -> datetime:
        """Give what to ask for so that what was modified at `since` is in the answer."""
        return since if self.inclusive else since - self.precision


@frozen(kw_only=True)
class Modified:
    """One row of a list by modified instant.

    Attributes:
        version: tells two states of a record apart; where the system has none, a digest of the
            row. A row without one is told at each read for as long as it lies in the window, as
            a second change within one unit of time could not be seen otherwise.
    """

    id: str
    at: datetime
    version: str
    action: Literal["created", "updated", "deleted"] = "updated"


@frozen(kw_only=True)
class Listed:
    """An answer: rows by modified instant, oldest first.

    Attributes:
        server_time: the system's own time when the list was made, or any time before that.
    """

    rows: tuple[Modified, ...]
    server_time: datetime


@frozen(kw_only=True)
class Window:
    """How far one list was read.

    Attributes:
        watermark: where the next scan begins.
        position, skip, border: where this scan goes on: from this instant, behind so many rows,
            the last of which had this id.
        horizon: where the watermark moves to when this scan is through; `None` between scans.
        told: version and instant of each id that was told and that a scan may meet again.
    """

    watermark: datetime
    position: datetime
    skip: int = 0
    border: str = ""
    horizon: datetime | None = None
    told: dict[str, tuple[str, datetime]] = field(factory=dict)

    @classmethod
    def beginning(cls, at: datetime) -> Window:
        """Make the window of a list that was never read."""
        return cls(watermark=at, position=at)


@frozen
class Step:
    """What one answer came to.

    Attributes:
        news: rows that are to be told, in their order.
        more: whether this scan goes on.
    """

    window: Window
    news: tuple[Modified, ...]
    more: bool


def advance(window: Window, listed: Listed, *, limit: int, most: int, clock: Clockwork) -> Step:
    """Take an answer to "since `window.position`, behind `window.skip` rows".

    Args:
        window: how far the list was read before.
        listed: the answer.
        limit: how many rows were asked for; as many mean that there may be more.
        most: how many rows the window remembers. What it forgot is told again while a scan meets
            it, so a bulk change costs repetition and never a loss.
        clock: how the system keeps time.
    """
    rows = listed.rows
    # A commit that shows after the scan's begin may lie behind where the scan is by then: so the
    # watermark moves to the horizon of the begin.
    horizon = window.horizon or max(window.watermark, clock.horizon(listed.server_time))
    if window.skip and (not rows or rows[0].id != window.border):
        # Rows moved while they were counted, so one may have slipped through: count anew.
        return Step(evolve(window, skip=0, border="", horizon=horizon), (), more=True)
    told = dict(window.told)
    news = tuple(_news(rows, told))
    through = len(rows) < limit
    if through:
        following = Window(watermark=horizon, position=horizon)
        floor = horizon
    else:
        following = _on(window, rows, horizon, clock)
        floor = min(following.position, horizon)
    kept = {each: seen for each, seen in told.items() if clock.floor(seen[1]) >= floor}
    if len(kept) > most:
        newest = sorted(kept.items(), key=lambda item: item[1][1])[-most:]
        kept = dict(newest)
    return Step(evolve(following, told=kept), news, more=not through)


def _news(rows: tuple[Modified, ...], told: dict[str, tuple[str, datetime]]) -> Iterator[Modified]:
    for row in rows:
        before = told.get(row.id)
        if before is None or not row.version or before[0] != row.version:
            told[row.id] = (row.version, row.at)
            yield row


def _on(window: Window, rows: tuple[Modified, ...], horizon: datetime, clock: Clockwork) -> Window:
    last = rows[-1]
    position = clock.floor(last.at)
    if position > window.position:
        # The last instant may have more rows than came: all of it is asked for again.
        return evolve(window, position=position, skip=0, border="", horizon=horizon)
    # One instant has more rows than a page. The next page begins with the last row of this one,
    # which shows whether they moved meanwhile.
    return evolve(window, skip=window.skip + len(rows) - 1, border=last.id, horizon=horizon)
