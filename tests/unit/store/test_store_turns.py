"""Threads of one process that write to one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from crossdock.host.store.database import make_durable_engine, make_engine, parse_url
from crossdock.host.store.turns import TurnTaking


@pytest.fixture
def connect(tmp_path):
    opened = []

    def connect(isolation_level=None):
        connection = sqlite3.connect(
            str(tmp_path / "some.db"),
            isolation_level=isolation_level,
            timeout=0,  # SQLite itself waits for nobody
            check_same_thread=False,
            factory=TurnTaking,
        )
        opened.append(connection)
        return connection

    with closing(connect()) as first:
        first.cursor().execute("CREATE TABLE notes (text)")
    yield connect
    for each in opened:
        each.close()


def _begin(connection):
    if connection.isolation_level is None:
        connection.cursor().execute("BEGIN IMMEDIATE")
    connection.cursor().execute("INSERT INTO notes VALUES ('x')")


@pytest.mark.parametrize("first", [None, "IMMEDIATE"])
@pytest.mark.parametrize("second", [None, "IMMEDIATE"])
@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_writer_waits_until_the_one_before_it_is_done(connect, first, second, end):
    one, other = connect(first), connect(second)
    _begin(one)
    wrote = threading.Event()

    def write():
        _begin(other)
        other.commit()
        wrote.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not wrote.wait(0.05)
    getattr(one, end)()
    assert wrote.wait(10)
    thread.join()


def test_a_reader_waits_for_nobody(connect):
    writer, reader = connect(), connect()
    writer.cursor().execute("PRAGMA journal_mode=WAL")
    _begin(writer)
    assert reader.cursor().execute("SELECT count(*) FROM notes").fetchone() == (0,)
    reader.cursor().execute("BEGIN")
    assert reader.cursor().execute("SELECT count(*) FROM notes").fetchone() == (0,)
    reader.rollback()
    writer.commit()


def test_a_statement_that_fails_keeps_nobody_waiting(connect):
    one, other = connect("IMMEDIATE"), connect("IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        one.cursor().execute("INSERT INTO nowhere VALUES (1)")
    one.rollback()
    _begin(other)
    other.commit()


def test_the_store_and_the_durable_engine_share_the_turns_of_a_file(tmp_path):
    url = parse_url(f"sqlite:///{tmp_path / 'host.db'}")
    ours, theirs = make_engine(url), make_durable_engine(url)
    for engine in (ours, theirs):
        with engine.connect() as connection:
            assert isinstance(connection.connection.dbapi_connection, TurnTaking)
    for engine in (ours, theirs):
        engine.dispose()


@pytest.mark.parametrize("version", [sqlite3.sqlite_version_info, (3, 40, 1)])
def test_the_durable_engine_is_told_milliseconds_whatever_sqlite_knows(
    tmp_path, monkeypatch, version
):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    engine = make_durable_engine(parse_url(f"sqlite:///{tmp_path / 'host.db'}"))
    before = time.time()
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE notes (text, at BIGINT NOT NULL DEFAULT (unixepoch('subsec') * 1000))"
        )
        connection.exec_driver_sql("INSERT INTO notes (text) VALUES ('x')")
        (at,) = connection.exec_driver_sql("SELECT at FROM notes").one()
    engine.dispose()
    assert before - 0.01 <= at / 1000 <= time.time() + 0.01
