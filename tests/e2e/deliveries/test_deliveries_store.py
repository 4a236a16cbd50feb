"""What the store promises, on each database."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa

from crossdock.errors import LinkConflict, SetupError
from crossdock.host.deliveries import Deliveries
from crossdock.host.deliveries.locks import locks_of
from crossdock.host.store import Store, database
from crossdock.host.store.proposals import Proposal
from crossdock.records import Order, OrderPromoted


def test_links_audit_and_watermarks_hold_what_they_promise(store_url):
    with Store.open(store_url) as store:
        link = {"crm_system": "crm", "erp_system": "main", "customer_id": "C-1"}
        store.links.link(account_id="A-1", default=True, evidence="a guess", **link)
        with pytest.raises(LinkConflict):
            store.links.link(account_id="A-2", **link)
        store.links.link(account_id="A-1", default=True, **{**link, "customer_id": "C-2"})
        assert [each.default for each in store.links.of_account("crm", "A-1")] == [True, False]

        first = store.links.of_customer("main", "C-1")
        store.links.remember(first, {"lost": "account", "currency": "EUR"})
        store.links.move("crm", "A-1", "A-3")
        moved = store.links.of_customer("main", "C-1")
        assert (moved.account_id, moved.lost, moved.currency) == ("A-3", "", "EUR")
        store.links.rename(moved, "C-9", evidence="renumbered")
        assert store.links.of_customer("main", "C-1") is None
        with pytest.raises(LinkConflict):
            store.links.rename(store.links.of_customer("main", "C-9"), "C-2", evidence="no")

        asked = Proposal(
            crm_system="crm", account_id="A-1", account_name="Å", erp_system="main",
            customer_id="C-1", customer_name="Ö", score=70, reasons=(("the same name", 45),),
        )  # fmt: skip
        assert store.proposals.ask(asked)
        assert store.proposals.ask(asked)
        (kept,) = store.proposals.list("crm")
        assert (kept.reasons, kept.state) == ((("the same name", 45),), "open")
        store.proposals.decide(kept, "rejected", actor="user:U-ada", comment="no")
        assert not store.proposals.ask(asked)
        assert store.proposals.count("crm") == 0
        assert store.proposals.get("crm", "A-1", "main", "C-1").comment == "no"

        store.audit.append(actor="host", action="a", subject="s")
        for statement in ("DELETE FROM crossdock_audit", "UPDATE crossdock_audit SET actor = 'x'"):
            with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.writing() as writing:
                writing.execute(sa.text(statement))
        assert len(store.audit.entries()) == 1

        store.watermarks.move("main", "5")
        store.watermarks.move("main", "6")
        assert store.watermarks.cursor("main") == "6"

        store.remember("schema_version", "99")
        with pytest.raises(SetupError, match="newer Crossdock"):
            Store.open(store_url)


def test_many_may_open_an_empty_store_at_once(empty_store_url):
    def open_and_write(number):
        with Store.open(empty_store_url) as store:
            store.audit.append(actor="host", action="opened", subject=str(number))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(open_and_write, range(6)))  # raises what any of them raised
    with Store.open(empty_store_url) as store:
        assert len(store.audit.entries()) == 6


def test_publishers_that_race_with_the_same_events_make_one_delivery_of_each(store_url):
    events = [
        OrderPromoted(order=Order(id=f"R-{number}", system="crm", currency="EUR", account_id="A-1"))
        for number in range(20)
    ]

    def publish(_number):
        with Store.open(store_url) as store, Deliveries.open(store) as deliveries:
            together.wait()
            for event in events:
                deliveries.publish(event, [("notify", "1"), ("straight-through", "1")])

    together = threading.Barrier(3)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(publish, range(3)))
    with Store.open(store_url) as store, Deliveries.open(store) as deliveries:
        made = [(each.subject, each.plugin_id) for each in deliveries.list()]
    assert len(made) == len(set(made)) == 40


def test_a_lock_has_one_holder_until_it_is_released_or_its_session_ends(store_url):
    with Store.open(store_url) as store:
        mine, theirs = locks_of(store), locks_of(store)
        lock = mine.acquire("w-1")
        assert lock.held()
        assert theirs.acquire("w-1") is None
        lock.release()
        second = theirs.acquire("w-1")
        assert second is not None
        theirs.close()
        # A database server notices a little later that a session has ended.
        deadline = time.monotonic() + 20
        third = mine.acquire("w-1")
        while third is None and time.monotonic() < deadline:
            time.sleep(0.02)
            third = mine.acquire("w-1")
        mine.close()
        assert third is not None


@pytest.mark.postgres
def test_a_worker_that_loses_its_session_knows_that_it_lost_its_lock(store_url):
    with Store.open(store_url) as store:
        if not store.shared:
            return  # a file's lock cannot be lost while its process lives
        locks = locks_of(store)
        lock = locks.acquire("w-1")
        with store.writing() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                )
            )
        assert not lock.held()
        # A feed's lock, asked for just then, opens a new session: it gives nothing lost back.
        assert locks.acquire("feed-main") is not None
        assert not lock.held()
        other = locks_of(store)
        taken = other.acquire("w-1")
        assert taken is not None
        taken.release()
        # Whoever lets go of what he lost takes nothing from who has it by then.
        again = locks.acquire("w-1")
        lock.release()
        assert again.held()
        assert other.acquire("w-1") is None
        other.close()
        locks.close()


@pytest.mark.postgres
def test_connections_that_the_server_ended_while_they_rested_are_never_given_out(
    store_url, monkeypatch
):
    monkeypatch.setattr(database, "_TRUSTED_SECONDS", 0.0)
    with Store.open(store_url) as store:
        if not store.shared:
            return  # nobody ends a connection to a file
        store.remember("word", "kept")
        with psycopg.connect(store_url, autocommit=True) as server:
            ended = server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        assert ended
        assert store.remembered("word") == "kept"
