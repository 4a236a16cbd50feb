"""A feed by modified instant, against a simulated ERP that makes everything that goes wrong."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.connectors.since import Clockwork, Listed, Modified, Since, Source
from crossdock.errors import RemoteMisbehaved

_START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


class Commit:
    """One state of a record: when it says it was made, and when others can see it."""

    def __init__(self, record, version, at, shows_at):
        self.record, self.version, self.at, self.shows_at = record, version, at, shows_at


class Erp:
    """Lists what was modified since an instant, as its transactions become visible."""

    def __init__(self, clock, *, wrong_by=timedelta(0)):
        self.clock = clock
        self.now = _START
        self.commits: dict[str, list[Commit]] = {}
        self.deleted: set[str] = set()
        self._wrong_by = wrong_by

    def commit(self, record, after=timedelta(0)):
        history = self.commits.setdefault(record, [])
        # Transactions on one record come one after the other, as its row is locked.
        begun = max(self.now, history[-1].shows_at) if history else self.now
        history.append(
            Commit(record, len(history) + 1, self.clock.floor(begun), begun + after)
        )  # fmt: skip

    def visible(self, record):
        shown = [each for each in self.commits[record] if each.shows_at <= self.now]
        return shown[-1] if shown and record not in self.deleted else None

    def all_visible(self):
        return {each: seen for each in self.commits if (seen := self.visible(each))}

    def list_since(self, since, skip, limit):
        found = [
            each
            for each in self.all_visible().values()
            if each.at > since or (self.clock.inclusive and each.at == since)
        ]
        found.sort(key=lambda each: (each.at, each.record))
        rows = tuple(
            Modified(id=each.record, at=each.at, version=str(each.version))
            for each in found[skip : skip + limit]
        )
        return Listed(rows=rows, server_time=self.now + self._wrong_by)

    def ids(self):
        return list(self.all_visible())


class Reader:
    """Reads a feed page by page and keeps what it was told; the cursor is its only memory."""

    def __init__(self, erp, limit, **how):
        self.erp, self.limit = erp, limit
        self.feed = Since(
            "erp",
            [Source(entity="order", list_since=erp.list_since, list_ids=how.pop("ids", None))],
            erp.clock,
            beginning=_START - timedelta(days=1),
            **how,
        )
        self.cursor = None
        self.told = Counter()
        self.latest: dict[str, int] = {}
        self.gone: list[str] = []
        self.owed = None
        self.pages = 0

    def page(self):
        if self.owed is None:
            self.owed = self.erp.all_visible()
        answer = self.feed.changes(self.cursor, limit=self.limit)
        self.cursor = answer.cursor
        self.pages += 1
        for change in answer.changes:
            if change.action == "deleted":
                self.gone.append(change.id)
                self.latest.pop(change.id, None)
                continue
            self.told[change.id, change.version] += 1
            self.latest[change.id] = max(self.latest.get(change.id, 0), int(change.version))
        if not answer.more:
            for record, commit in self.owed.items():
                if record not in self.erp.deleted:
                    assert self.latest.get(record, 0) >= commit.version, record
            self.owed = None
        return answer.more

    def scan(self):
        for _ in range(1_000):
            if not self.page():
                return
        raise AssertionError("a scan that never ends")

    def watermark(self):
        return datetime.fromisoformat(json.loads(self.cursor)["lists"]["order"]["from"])


_records = st.sampled_from([f"SO-{number}" for number in range(6)])
_moves = st.one_of(
    st.tuples(st.just("commit"), _records, st.integers(0, 120)),
    st.tuples(st.just("bulk"), st.integers(2, 12), st.integers(0, 120)),
    st.tuples(st.just("wait"), st.integers(0, 200), st.none()),
    st.tuples(st.just("page"), st.none(), st.none()),
    st.tuples(st.just("scan"), st.none(), st.none()),
)
_clocks = st.builds(
    Clockwork,
    lag=st.just(timedelta(seconds=120)),
    skew=st.just(timedelta(seconds=30)),
    precision=st.sampled_from([_SECOND, _MINUTE]),
    inclusive=st.booleans(),
)


def _play(erp, reader, moves):
    for move, what, seconds in moves:
        match move:
            case "commit":
                erp.commit(what, timedelta(seconds=seconds))
            case "bulk":
                for number in range(what):
                    erp.commit(f"SO-{number}", timedelta(seconds=seconds))
            case "wait":
                erp.now += timedelta(seconds=what)
            case "page":
                reader.page()
            case _:
                reader.scan()
    erp.now = max([erp.now, *(each[-1].shows_at for each in erp.commits.values())])
    reader.scan()  # one that may be half-way through, and one that sees everything
    reader.scan()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    moves=st.lists(_moves, max_size=40),
    clock=_clocks,
    wrong_by=st.integers(-30, 30),
    limit=st.integers(1, 7),
)
def test_every_committed_state_is_told_once_however_late_it_shows(moves, clock, wrong_by, limit):
    erp = Erp(clock, wrong_by=timedelta(seconds=wrong_by))
    reader = Reader(erp, limit)

    _play(erp, reader, moves)

    for record, commit in erp.all_visible().items():
        assert reader.latest[record] == commit.version
    assert set(reader.told.values()) <= {1}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(moves=st.lists(_moves, max_size=40), clock=_clocks, limit=st.integers(1, 7))
def test_a_window_that_forgets_repeats_and_loses_nothing(moves, clock, limit):
    erp = Erp(clock)
    reader = Reader(erp, limit, remembered=2)

    _play(erp, reader, moves)

    for record, commit in erp.all_visible().items():
        assert reader.latest[record] == commit.version
    assert len(json.loads(reader.cursor)["lists"]["order"]["told"]) <= 2


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(moves=st.lists(_moves, max_size=40), clock=_clocks, wrong_by=st.integers(-30, 30))
def test_the_watermark_never_passes_what_may_still_come(moves, clock, wrong_by):
    erp = Erp(clock, wrong_by=timedelta(seconds=wrong_by))
    reader = Reader(erp, 3)
    for move in moves:
        _play(erp, reader, [move])
        # Whoever begins a transaction that shows now, as late as it may, must be met.
        oldest = clock.floor(erp.now - clock.lag)
        assert reader.watermark() <= oldest


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    moves=st.lists(_moves, max_size=20),
    clock=_clocks,
    deleted=st.sets(_records, max_size=5),
)
def test_what_was_deleted_without_a_word_is_found_by_comparing(moves, clock, deleted):
    erp = Erp(clock)
    erp.commit("SO-stays")
    reader = Reader(erp, 4, ids=erp.ids, sweep=timedelta(minutes=10))
    _play(erp, reader, moves)
    known = set(reader.latest)

    erp.deleted |= deleted
    erp.now += timedelta(minutes=11)
    reader.scan()
    reader.scan()

    assert sorted(reader.gone) == sorted(known & deleted)


_DAY_LONG = Clockwork(lag=timedelta(minutes=2))


def test_a_tie_that_is_larger_than_a_page_is_read_to_its_end():
    erp = Erp(_DAY_LONG)
    for number in range(25):
        erp.commit(f"SO-{number:02}")
    reader = Reader(erp, 4)

    reader.scan()

    assert len(reader.told) == 25
    assert set(reader.told.values()) == {1}


def test_rows_that_move_between_two_pages_are_not_lost():
    erp = Erp(_DAY_LONG)
    for number in range(12):
        erp.commit(f"SO-{number:02}")
    reader = Reader(erp, 4)
    reader.page()
    reader.page()
    erp.now += _SECOND
    for number in range(3):
        erp.commit(f"SO-{number:02}")  # the rows behind them move up, past what was counted

    reader.scan()

    assert all(reader.latest[f"SO-{number:02}"] for number in range(12))


def test_a_quiet_feed_moves_on_with_the_servers_time_and_tells_nothing_twice():
    erp = Erp(_DAY_LONG)
    erp.commit("SO-1")
    reader = Reader(erp, 10)
    reader.scan()
    for _ in range(5):
        erp.now += _MINUTE
        reader.scan()

    assert reader.watermark() == erp.now - timedelta(minutes=2)
    assert reader.told == {("SO-1", "1"): 1}


def test_a_server_whose_clock_is_set_back_moves_no_watermark_back():
    erp = Erp(_DAY_LONG)
    reader = Reader(erp, 10)
    reader.scan()
    before = reader.watermark()
    erp.now -= timedelta(hours=1)
    reader.scan()

    assert reader.watermark() == before


def test_a_row_without_a_version_is_told_until_it_cannot_change_unseen():
    erp = Erp(_DAY_LONG)
    told = []

    def unversioned(since, skip, limit):
        listed = erp.list_since(since, skip, limit)
        rows = tuple(Modified(id=row.id, at=row.at, version="") for row in listed.rows)
        return Listed(rows=rows, server_time=listed.server_time)

    feed = Since("erp", [Source(entity="order", list_since=unversioned)], _DAY_LONG)
    erp.commit("SO-1")
    cursor = None
    for _ in range(6):
        answer = feed.changes(cursor)
        cursor = answer.cursor
        told.append(len(answer.changes))
        erp.now += _MINUTE

    assert told == [1, 1, 1, 1, 0, 0]


def test_lists_of_several_entities_are_one_feed():
    orders, invoices = Erp(_DAY_LONG), Erp(_DAY_LONG)
    orders.commit("SO-1")
    invoices.commit("IN-1")
    feed = Since(
        "erp",
        [
            Source(entity="order", list_since=orders.list_since),
            Source(entity="invoice", list_since=invoices.list_since),
        ],
        _DAY_LONG,
    )

    first = feed.changes(None)
    second = feed.changes(first.cursor)

    assert [(each.entity, each.id) for each in first.changes] == [("order", "SO-1")]
    assert [(each.entity, each.id) for each in second.changes] == [("invoice", "IN-1")]
    assert (first.more, second.more) == (True, False)
    assert [each.cursor for each in (*first.changes, *second.changes)] == [
        first.cursor, second.cursor,
    ]  # fmt: skip
    assert feed.changes(second.cursor).changes == ()


def test_that_everything_was_deleted_at_once_is_not_believed():
    erp = Erp(_DAY_LONG)
    erp.commit("SO-1")
    reader = Reader(erp, 10, ids=list, sweep=_MINUTE)
    reader.scan()
    erp.now += _MINUTE

    with pytest.raises(RemoteMisbehaved, match="is not believed"):
        reader.scan()


def test_ids_that_somebody_else_keeps_are_not_in_the_cursor():
    erp = Erp(_DAY_LONG)
    erp.commit("SO-1")
    erp.commit("SO-2")
    source = Source(
        entity="order", list_since=erp.list_since, list_ids=erp.ids, known=lambda: {"SO-1", "SO-2"}
    )
    feed = Since("erp", [source], _DAY_LONG, sweep=_MINUTE)
    cursor = feed.changes(None).cursor
    erp.deleted.add("SO-1")
    erp.now += _MINUTE

    answer = feed.changes(cursor)

    assert [(each.id, each.action) for each in answer.changes] == [("SO-1", "deleted")]
    assert json.loads(answer.cursor)["known"] == {}


def test_more_ids_than_a_cursor_may_carry_are_said():
    erp = Erp(_DAY_LONG)
    for number in range(3):
        erp.commit(f"SO-{number}")
    reader = Reader(erp, 10, ids=erp.ids, known_in_cursor=2)

    with pytest.raises(RemoteMisbehaved, match="too many for a cursor"):
        reader.scan()


def test_a_list_in_another_order_is_refused():
    rows = tuple(
        Modified(id=f"SO-{number}", at=_START - number * _SECOND, version="1")
        for number in range(2)
    )
    source = Source(
        entity="order", list_since=lambda *_: Listed(rows=rows, server_time=_START)
    )  # fmt: skip
    feed = Since("erp", [source], _DAY_LONG)

    with pytest.raises(RemoteMisbehaved, match="another order"):
        feed.changes(None)


@pytest.mark.parametrize("cursor", ["17", "{}", "not json", '{"form":2}', "[]"])
def test_the_cursor_of_another_feed_is_refused(cursor):
    feed = Since("erp", [Source(entity="order", list_since=lambda *_: None)], _DAY_LONG)

    with pytest.raises(RemoteMisbehaved, match="none of a feed"):
        feed.changes(cursor)


def test_two_lists_of_one_entity_need_names():
    sources = [Source(entity="order", list_since=lambda *_: None)] * 2

    with pytest.raises(ValueError, match="name of its own"):
        Since("erp", sources, _DAY_LONG)
