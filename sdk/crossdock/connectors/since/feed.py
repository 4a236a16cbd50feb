"""A port's change feed, made of lists by modified instant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from attrs import evolve, frozen

from crossdock.connectors.since.cursor import Place, read, written
from crossdock.connectors.since.window import Clockwork, Listed, Window, advance
from crossdock.errors import RemoteMisbehaved
from crossdock.ports import Changes
from crossdock.records import Change

ListSince: TypeAlias = Callable[[datetime, int, int], Listed]
"""Since when, behind how many rows, at most how many: rows by modified instant and then by id."""
ListIds: TypeAlias = Callable[[], Iterable[str]]
"""Every id that a list has now."""

_BEGINNING: Final = datetime(1970, 1, 2, tzinfo=UTC)  # a second later than some systems can take


@frozen(kw_only=True)
class Source:
    """One list that a system gives by modified instant.

    Attributes:
        entity: our word for what it lists, as `Change.entity` has it.
        name: tells lists of the same entity apart, such as one of deletions.
        list_since: asks for what changed.
        list_ids: asks for every id; given where deleted records vanish without a word.
        known: gives the ids that were told so far; where left out, the cursor carries them.
    """

    entity: str
    list_since: ListSince
    name: str = ""
    list_ids: ListIds | None = None
    known: Callable[[], Collection[str]] | None = None

    @property
    def key(self) -> str:
        """Its name in the cursor."""
        return self.name or self.entity


class Since:
    """Reads lists by modified instant as one feed: `changes` fits the port's.

    Each committed state of a record, or a later one, is told at least once, if it shows within
    `Clockwork.lag`. The same state is told once, unless more records changed within the lag than
    the window remembers.
    """

    def __init__(
        self,
        system: str,
        sources: Sequence[Source],
        clock: Clockwork,
        *,
        beginning: datetime = _BEGINNING,
        remembered: int = 5_000,
        sweep: timedelta = timedelta(hours=1),
        known_in_cursor: int = 50_000,
    ) -> None:
        """Make a feed.

        Args:
            system: the configured name that the changes carry.
            sources: the lists.
            clock: how the system keeps time.
            beginning: where a feed begins that was never read.
            remembered: how many rows of each list's window the cursor holds.
            sweep: how often ids are compared, by the system's own time.
            known_in_cursor: how many ids of a list the cursor may carry.

        Raises:
            ValueError: two lists have the same name.
        """
        if len({source.key for source in sources}) != len(sources):
            raise ValueError("each list of a feed needs a name of its own")
        self.system: Final = system
        self._sources = tuple(sources)
        self._clock = clock
        self._beginning = clock.floor(beginning)
        self._remembered = remembered
        self._sweep = sweep
        self._known_in_cursor = known_in_cursor

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read on from a cursor, one page of one list; `more` until all of them are through.

        Raises:
            RemoteMisbehaved: the cursor is none of this feed, a page is not in order, or a list
                that had records has none.
        """
        place = read(cursor, system=self.system) if cursor else Place()
        turn = place.turn if place.turn < len(self._sources) else 0
        source = self._sources[turn]
        window = place.windows.get(source.key) or Window.beginning(self._beginning)
        # One row alone could not show whether there are more at its instant.
        size = max(limit, 2)
        listed = source.list_since(self._clock.asked(window.position), window.skip, size)
        self._check_order(source, listed)
        step = advance(window, listed, limit=size, most=self._remembered, clock=self._clock)
        news = [
            Change(
                cursor=cursor or "",
                system=self.system,
                entity=source.entity,
                id=row.id,
                action=row.action,
                at=row.at,
                version=row.version,
            )
            for row in step.news
        ]
        place = evolve(place, windows={**place.windows, source.key: step.window})
        if source.list_ids is not None:
            place, gone = self._without_gone(source, place, news, listed.server_time, step.more)
            news += [evolve(each, cursor=cursor or "") for each in gone]
        if not step.more:
            turn = (turn + 1) % len(self._sources)
        more = step.more or turn != 0
        following = written(evolve(place, turn=turn))
        if news:
            news[-1] = evolve(news[-1], cursor=following)
        return Changes(changes=tuple(news), cursor=following, more=more)

    def _check_order(self, source: Source, listed: Listed) -> None:
        instants = [row.at for row in listed.rows]
        if instants != sorted(instants):
            raise RemoteMisbehaved(
                f"{self.system} lists {source.key} in another order than by modified instant",
                system=self.system,
            )

    def _without_gone(
        self, source: Source, place: Place, news: Sequence[Change], now: datetime, more: bool
    ) -> tuple[Place, list[Change]]:
        """Tell what a list no longer has, when its time has come, and keep what is known of it."""
        in_cursor = source.known is None
        told = place.known.get(source.key, frozenset())
        before = told if source.known is None else frozenset(source.known())
        swept = place.swept.get(source.key)
        gone: frozenset[str] = frozenset()
        if swept is None:
            place = evolve(place, swept={**place.swept, source.key: now})
        elif not more and now - swept >= self._sweep and source.list_ids is not None:
            existing = frozenset(source.list_ids())
            if before and not existing:
                # A call that lost its rights often answers with an empty list.
                raise RemoteMisbehaved(
                    f"{self.system} lists no {source.key} at all, where {len(before)} are known; "
                    "that all of them were deleted is not believed",
                    system=self.system,
                )
            gone = before - existing
            place = evolve(place, swept={**place.swept, source.key: now})
        if in_cursor:
            kept = (told - gone) | {each.id for each in news if each.action != "deleted"}
            kept -= {each.id for each in news if each.action == "deleted"}
            if len(kept) > self._known_in_cursor:
                raise RemoteMisbehaved(
                    f"{self.system} has more than {self._known_in_cursor} {source.key}: too many "
                    "for a cursor, so what is known has to be kept elsewhere",
                    system=self.system,
                )
            place = evolve(place, known={**place.known, source.key: frozenset(kept)})
        if gone:
            window = place.windows[source.key]
            left = {each: seen for each, seen in window.told.items() if each not in gone}
            place = evolve(place, windows={**place.windows, source.key: evolve(window, told=left)})
        deleted = [
            Change(
                cursor="", system=self.system, entity=source.entity, id=each, action="deleted",
                at=now,
            )
            for each in sorted(gone)
        ]  # fmt: skip
        return place, deleted
