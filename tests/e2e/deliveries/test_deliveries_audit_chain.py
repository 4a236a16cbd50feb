"""The audit trail's hash chain on each database: who tampers with it is found at the first line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from crossdock.host.store import Store
from crossdock.host.store.chain import GENESIS

_NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Tampered:
    """A store with ten lines, and a hand on its tables that the trigger does not hold back."""

    def __init__(self, store):
        self.store = store
        for number in range(1, 11):
            store.audit.append(
                actor="user:U-kim", action="thing.done", subject=f"S-{number}", detail={"n": number}
            )
        with store.writing() as connection:
            if store.shared:
                connection.execute(
                    sa.text("DROP TRIGGER crossdock_audit_append_only ON crossdock_audit")
                )
            else:
                for verb in ("update", "delete"):
                    connection.execute(sa.text(f"DROP TRIGGER crossdock_audit_no_{verb}"))

    def do(self, *statements):
        with self.store.writing() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def broken(self, **options):
        found = self.store.audit.verify(**options).broken
        return None if found is None else (found.kind, found.line)


@pytest.fixture
def store(store_url):
    with Store.open(store_url, clock=lambda: _NOW) as opened:
        yield opened


@pytest.fixture
def tampered(store):
    return Tampered(store)


_COPY = (
    "INSERT INTO crossdock_audit"
    " (sequence, at, actor, action, subject, detail, previous_hash, hash)"
    " SELECT {to}, at, actor, action, 'forged', detail, {previous}, {hash}"
    " FROM crossdock_audit WHERE sequence = {of}"
)


def _shift(first, last):
    """Give each line of a range the next number, the last one first."""
    return [
        f"UPDATE crossdock_audit SET sequence = {n + 1} WHERE sequence = {n}"
        for n in range(last, first - 1, -1)
    ]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE crossdock_audit SET actor = 'nobody' WHERE sequence = 4"], ("changed", 4)),
        (["UPDATE crossdock_audit SET detail = '{}' WHERE sequence = 10"], ("changed", 10)),
        (["UPDATE crossdock_audit SET at = '2026-11-20' WHERE sequence = 1"], ("changed", 1)),
        (["DELETE FROM crossdock_audit WHERE sequence = 5"], ("deleted", 5)),
        (["DELETE FROM crossdock_audit WHERE sequence < 3"], ("deleted", 1)),
        (["DELETE FROM crossdock_audit WHERE sequence > 7"], ("truncated", 8)),
        (["DELETE FROM crossdock_audit"], ("truncated", 1)),
        (["DELETE FROM crossdock_audit_head"], ("rewritten", 10)),
        (
            [
                "UPDATE crossdock_audit SET sequence = 99 WHERE sequence = 3",
                "UPDATE crossdock_audit SET sequence = 3 WHERE sequence = 6",
                "UPDATE crossdock_audit SET sequence = 6 WHERE sequence = 99",
            ],
            ("reordered", 3),
        ),
        ([_COPY.format(to=11, of=10, previous="NULL", hash="NULL")], ("inserted", 11)),
        (
            [*_shift(5, 10), _COPY.format(to=5, of=4, previous="previous_hash", hash="hash")],
            ("changed", 5),
        ),
        (
            ["DELETE FROM crossdock_audit WHERE sequence = 5"]
            + [
                f"UPDATE crossdock_audit SET sequence = {n - 1} WHERE sequence = {n}"
                for n in range(6, 11)
            ],
            ("reordered", 5),
        ),
    ],
    ids=[
        "a changed actor", "a changed detail", "a changed instant", "a deleted line",
        "the first lines deleted", "the end cut off", "all deleted", "the head deleted",
        "two lines swapped", "a line put in at the end", "a line put in between",
        "a line deleted and the gap closed",
    ],
)  # fmt: skip
def test_the_first_line_that_was_tampered_with_is_named(tampered, statements, expected):
    assert tampered.broken() is None
    tampered.do(*statements)
    assert tampered.broken() == expected


def test_a_line_that_is_forged_with_a_right_hash_is_found_by_who_follows_it(tampered):
    """Whoever knows how hashes are made still cannot put a line between two others."""
    from attrs import evolve

    from crossdock.host.store.chain import Line, hash_of

    fourth = tampered.store.audit.entries(after=3, limit=1)[0]
    line = Line(5, "2026-11-21T09:00:00.000000Z", "user:U-kim", "thing.done", "forged", '{"n": 4}')
    line = evolve(line, previous_hash=fourth.hash, hash=hash_of(line, fourth.hash))
    tampered.do(
        *_shift(5, 10),
        _COPY.format(to=5, of=4, previous=f"'{line.previous_hash}'", hash=f"'{line.hash}'"),
    )
    assert tampered.broken() == ("inserted", 5)


def test_a_forged_line_after_the_head_shows_and_does_not_stop_the_host(tampered):
    from crossdock.host.store.chain import Line, hash_of

    last = tampered.store.audit.head().hash
    line = Line(
        11, "2026-11-21T09:00:00.000000Z", "user:U-kim", "thing.done", "forged", '{"n": 10}'
    )
    tampered.do(_COPY.format(to=11, of=10, previous=f"'{last}'", hash=f"'{hash_of(line, last)}'"))
    assert tampered.broken() == ("inserted", 11)
    tampered.store.audit.append(actor="host", action="thing.done", subject="S-12")
    assert tampered.store.audit.entries(newest=True, limit=1)[0].sequence == 12
    assert tampered.broken() == ("inserted", 11)


def test_a_trail_that_was_written_anew_shows_to_who_kept_a_head_elsewhere(tampered):
    store = tampered.store
    kept = store.audit.head()
    store.audit.append(actor="host", action="thing.done", subject="later")
    assert tampered.broken(kept=kept.hash) is None
    assert store.audit.head().sequence == 11

    # Somebody with all rights makes the last lines go away, head record included.
    eighth = store.audit.entries(after=7, limit=1)[0]
    tampered.do(
        "DELETE FROM crossdock_audit WHERE sequence > 8",
        f"UPDATE crossdock_audit_head SET sequence = 8, hash = '{eighth.hash}'",
    )
    assert tampered.broken() is None
    assert tampered.broken(kept=kept.hash) == ("rewritten", 8)


def test_writers_that_race_make_one_chain(store_url):
    lines, writers = 25, 6

    def write(number):
        with Store.open(store_url) as store:
            for each in range(lines):
                with store.writing() as connection:
                    for half in ("a", "b"):
                        store.audit.append(
                            actor=f"writer:{number}",
                            action="thing.done",
                            subject=f"{each}{half}",
                            connection=connection,
                        )

    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(write, range(writers)))
    with Store.open(store_url) as store:
        found = store.audit.verify()
        assert (found.broken, found.lines) == (None, 2 * lines * writers)
        entries = store.audit.entries(limit=1000)
        assert [each.sequence for each in entries] == list(range(1, 2 * lines * writers + 1))
        of_one = [each.subject for each in entries if each.actor == "writer:3"]
        assert of_one == [f"{n}{half}" for n in range(lines) for half in ("a", "b")]


def test_transactions_that_audit_and_lock_rows_crosswise_do_not_lock_each_other_out(store_url):
    with Store.open(store_url) as store:

        def work(first):
            for _ in range(20):
                with store.writing() as connection:
                    if first == "audit":
                        store.audit.append(
                            actor="a", action="b", subject="c", connection=connection
                        )
                        store.watermarks.move("main", "1", connection=connection)
                    else:
                        store.watermarks.move("main", "2", connection=connection)
                        store.audit.append(
                            actor="a", action="b", subject="c", connection=connection
                        )

        store.watermarks.move("main", "0")
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work, ["audit", "row", "audit", "row"]))
        assert store.audit.verify().lines == 80


class TestFromVersion1:
    """A store whose trail was written before there was a chain."""

    @pytest.fixture
    def old(self, old_store_url):
        with Store.open(old_store_url, clock=lambda: _NOW) as opened:
            yield opened

    def test_old_lines_stay_without_hashes_and_are_covered_as_a_whole(self, old):
        entries = old.audit.entries()
        assert [each.action for each in entries] == [
            "delivery.dead",
            "access.refused",
            "audit.chain_began",
        ]
        assert [bool(each.hash) for each in entries] == [False, False, True]
        assert entries[2].detail["lines_before"] == 2
        old.audit.append(actor="host", action="thing.done", subject="S")
        found = old.audit.verify()
        assert (found.broken, found.lines, found.unchained) == (None, 4, 2)
        assert found.head.sequence == 4

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE crossdock_audit SET actor = 'nobody' WHERE sequence = 2",
            "DELETE FROM crossdock_audit WHERE sequence = 1",
            "DELETE FROM crossdock_audit WHERE sequence <= 2",
        ],
    )
    def test_whoever_changes_old_lines_is_found_though_not_which_line(self, old, statement):
        with old.writing() as connection:
            if old.shared:
                connection.execute(
                    sa.text("DROP TRIGGER crossdock_audit_append_only ON crossdock_audit")
                )
            else:
                for verb in ("update", "delete"):
                    connection.execute(sa.text(f"DROP TRIGGER crossdock_audit_no_{verb}"))
            connection.execute(sa.text(statement))
        found = old.audit.verify()
        assert (found.broken.kind, found.broken.line) == ("changed", 1)
        assert "one of the 2 lines before line 3" in found.broken.text

    def test_it_is_migrated_once_whoever_opens_it(self, old_store_url):
        def open_it(_number):
            with Store.open(old_store_url) as store:
                return store.remembered("schema_version")

        with ThreadPoolExecutor(4) as threads:
            assert len(set(threads.map(open_it, range(4)))) == 1
        with Store.open(old_store_url) as store:
            began = store.audit.entries(action="audit.chain_began")
            assert len(began) == 1

    def test_links_and_deliveries_are_there_as_they_were(self, old):
        assert old.links.of_customer("main", "C-1").account_id == "A-1"
        with old.reading() as connection:
            states = connection.execute(
                sa.text("SELECT state FROM crossdock_deliveries ORDER BY id")
            ).scalars()
            assert list(states) == ["done", "dead", "waiting"]


def test_an_empty_trail_is_whole_and_its_head_is_nothing(store):
    found = store.audit.verify()
    assert (found.broken, found.lines, found.head.hash) == (None, 0, GENESIS)
