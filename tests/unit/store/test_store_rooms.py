"""What the store remembers, one concern after the other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from crossdock.errors import ConfigError, LinkConflict, SetupError
from crossdock.host.store import Link, Store
from crossdock.records import Money, Payment

_NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'folder' / 'host.db'}"


@pytest.fixture
def store(url):
    with Store.open(url, clock=lambda: _NOW) as opened:
        yield opened


def _link(store, customer, account="A-1", **options):
    return store.links.link(
        crm_system="crm", account_id=account, erp_system="main", customer_id=customer, **options
    )


class TestLinks:
    def test_an_account_has_many_customers_and_the_default_comes_first(self, store):
        _link(store, "C-1", evidence="customer number on the account")
        default = _link(store, "C-2", default=True)
        assert [each.customer_id for each in store.links.of_account("crm", "A-1")] == ["C-2", "C-1"]
        assert store.links.of_customer("main", "C-2") == default
        assert store.links.of_customer("uk", "C-2") is None
        assert store.links.of_account("crm", "A-9") == ()

    def test_a_new_default_takes_the_flag_from_the_old_one(self, store):
        _link(store, "C-1", default=True)
        _link(store, "C-2", default=True)
        flags = {each.customer_id: each.default for each in store.links.of_account("crm", "A-1")}
        assert flags == {"C-1": False, "C-2": True}

    def test_linking_again_changes_the_link(self, store):
        _link(store, "C-1", evidence="a guess")
        _link(store, "C-1", evidence="asked the customer", default=True)
        assert store.links.of_account("crm", "A-1") == (
            Link(
                crm_system="crm",
                account_id="A-1",
                erp_system="main",
                customer_id="C-1",
                default=True,
                evidence="asked the customer",
            ),
        )

    def test_a_customer_belongs_to_one_account(self, store):
        _link(store, "C-1", evidence="a guess")
        with pytest.raises(LinkConflict, match=r"main:C-1 belongs to account A-1 .*a guess"):
            _link(store, "C-1", account="A-2")
        assert store.links.unlink(crm_system="crm", erp_system="main", customer_id="C-1")
        assert not store.links.unlink(crm_system="crm", erp_system="main", customer_id="C-1")
        _link(store, "C-1", account="A-2")

    def test_links_survive_a_merge_and_the_surviving_account_keeps_its_default(self, store):
        _link(store, "C-1", account="A-1", default=True)
        _link(store, "C-2", account="A-2", default=True)
        assert store.links.move("crm", "A-1", "A-2") == 1
        links = store.links.of_account("crm", "A-2")
        assert [(each.customer_id, each.default) for each in links] == [
            ("C-2", True),
            ("C-1", False),
        ]
        assert store.links.of_account("crm", "A-1") == ()

    def test_a_record_that_was_made_anew_takes_over_the_default_too(self, store):
        _link(store, "C-1", account="A-1", default=True)
        store.links.move("crm", "A-1", "A-7")
        (moved,) = store.links.of_account("crm", "A-7")
        assert moved.default


class TestAudit:
    def test_who_did_what_is_told_in_order(self, store):
        store.audit.append(actor="user:U-kim", action="link.made", subject="main:C-1")
        store.audit.append(
            actor="host", action="access.refused", subject="S", detail={"b": 1}, at=_NOW
        )
        first, second = store.audit.entries()
        assert (first.actor, first.action, first.at) == ("user:U-kim", "link.made", _NOW)
        assert second.detail == {"b": 1}
        assert store.audit.entries(after=first.sequence) == (second,)
        assert store.audit.entries(subject="main:C-1") == (first,)

    @pytest.mark.parametrize(
        "statement",
        ["DELETE FROM crossdock_audit", "UPDATE crossdock_audit SET actor = 'nobody'"],
    )
    def test_nothing_is_taken_back(self, store, statement):
        store.audit.append(actor="host", action="a", subject="s")
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), store.writing() as writing:
            writing.execute(sa.text(statement))
        assert len(store.audit.entries()) == 1

    def test_what_is_rolled_back_was_never_audited(self, store):
        def fail():
            with store.writing() as connection:
                store.audit.append(actor="host", action="a", subject="s", connection=connection)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert store.audit.entries() == ()


class TestWatermarksAndDocuments:
    def test_a_feed_s_cursor_is_kept_by_system_and_feed(self, store):
        assert store.watermarks.cursor("main") is None
        store.watermarks.move("main", "5")
        store.watermarks.move("main", "6")
        store.watermarks.move("uk", "1")
        store.watermarks.move("main", "9", "prices")
        assert store.watermarks.cursor("main") == "6"
        assert store.watermarks.cursor("uk") == "1"
        assert store.watermarks.cursor("main", "prices") == "9"

    def test_a_document_is_given_as_it_was_last_seen(self, store):
        def payment(unapplied):
            return Payment(
                id="PY-1",
                system="main",
                customer_id="C-1",
                received_on=_NOW.date(),
                amount=Money("10.00", "EUR"),
                unapplied=Money(unapplied, "EUR"),
            )

        assert store.documents.last_seen("main", "payment", "PY-1") is None
        store.documents.see("main", "payment", "PY-1", payment("10.00"))
        store.documents.see("main", "payment", "PY-1", payment("4.00"), version="2")
        assert store.documents.last_seen("main", "payment", "PY-1") == payment("4.00")
        store.documents.see("main", "payment", "PY-1", None)
        assert store.documents.last_seen("main", "payment", "PY-1") is None


class TestOpening:
    def test_a_store_is_found_again_as_it_was_left(self, url, store):
        _link(store, "C-1")
        with Store.open(url) as again:
            assert len(again.links.of_account("crm", "A-1")) == 1

    def test_it_runs_in_wal_so_that_readers_never_wait(self, store):
        with store.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1  # NORMAL

    def test_a_reader_sees_one_state_while_others_write(self, store):
        with store.reading() as reading:
            count = sa.text("SELECT count(*) FROM crossdock_links")
            assert reading.scalar(count) == 0
            _link(store, "C-1")
            assert reading.scalar(count) == 0
        with store.reading() as reading:
            assert reading.scalar(count) == 1

    def test_a_store_of_a_newer_version_is_left_alone(self, url, store):
        store.remember("schema_version", "99")
        with pytest.raises(SetupError, match=r"newer Crossdock .*version 99.*upgrade Crossdock"):
            Store.open(url)

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ("host.db", "not a database URL"),
            ("sqlite://", "cannot live in memory"),
            ("sqlite:///:memory:", "cannot live in memory"),
            ("mysql://localhost/x", "not supported"),
        ],
    )
    def test_a_url_that_cannot_be_used_is_refused_with_what_to_write(self, bad, reason):
        with pytest.raises(ConfigError, match=reason):
            Store.open(bad)

    def test_a_place_that_cannot_be_written_is_told_by_name(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(SetupError, match=r"cannot be opened: .*\[store\] url"):
            Store.open(f"sqlite:///{tmp_path / 'file' / 'host.db'}")

    def test_a_file_that_is_no_database_is_told_by_name(self, tmp_path):
        file = tmp_path / "host.db"
        file.write_text("this is no database, but a text of some length" * 50)
        with pytest.raises(SetupError, match=r"host\.db cannot be opened: .*not a database"):
            Store.open(f"sqlite:///{file}")

    def test_an_instant_without_a_zone_is_refused(self, store):
        naive = datetime(2026, 11, 21)  # noqa: DTZ001 - that is what is refused
        with pytest.raises(ValueError, match="must be aware"):
            store.audit.append(actor="a", action="b", subject="c", at=naive)

    def test_a_password_is_never_shown(self):
        with pytest.raises(SetupError) as raised:
            Store.open("postgresql://kim:secret@127.0.0.1:1/crm")
        assert "secret" not in str(raised.value)
