"""What account synchronisation remembers, on each database: unique, once, and kept by upgrades."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from attrs import evolve

from crossdock.errors import LinkConflict
from crossdock.host.store import Store
from crossdock.host.store.schema_loads import load_records, loads
from crossdock.host.store.schema_sync import sync_conflicts, sync_creations, sync_pairs
from crossdock.records import SyncConflict, SyncPair

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PAIR = SyncPair(
    entity="contact", crm_system="crm", crm_id="P-1", erp_system="main", erp_id="CP-1",
    crm_values={"name": "Zoë"}, erp_values={"name": "Zoe"}, crm_version="3", erp_version="7",
)  # fmt: skip
CONFLICT = SyncConflict(
    entity="contact", crm_system="crm", crm_id="P-1", erp_system="main", erp_id="CP-1",
    name="Zoë", field="email", crm_value="a@x.example", erp_value=None, crm_at=NOW,
    reason="both changed it", roles=("manager", "sales"),
)  # fmt: skip


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


def test_a_pair_is_unique_on_both_sides_besides_accounts_of_several_customers(store):
    pairs = store.sync_pairs
    pairs.agree(PAIR)
    pairs.agree(evolve(PAIR, crm_values={"name": "Zoë Ode"}))
    (kept,) = pairs.of("contact", "main", "CP-1")
    assert (kept.crm_values, kept.erp_values, kept.erp_version) == (
        {"name": "Zoë Ode"}, {"name": "Zoe"}, "7",
    )  # fmt: skip
    assert kept.agreed_at is not None
    with pytest.raises(LinkConflict, match="CP-2"):
        pairs.agree(evolve(PAIR, erp_id="CP-2"))
    pairs.agree(evolve(PAIR, erp_system="uk", erp_id="CP-2"))
    assert len(pairs.of("contact", "crm", "P-1")) == 2

    account = evolve(PAIR, entity="account", crm_id="A-1", erp_id="C-1")
    pairs.agree(account)
    pairs.agree(evolve(account, erp_id="C-2"))
    pairs.agree(evolve(account, crm_id="A-2", erp_id="C-2"))  # it went over to another account
    assert [each.crm_id for each in pairs.of("account", "main", "C-2")] == ["A-2"]
    for number, default in (("C-1", True), ("C-3", True), ("C-4", False)):
        store.links.link(
            crm_system="crm", account_id=f"A-{number[2:]}", erp_system="main",
            customer_id=number, default=default,
        )  # fmt: skip
    assert [each.customer_id for each in pairs.unmet("crm", limit=10)] == ["C-3"]
    assert pairs.forget(PAIR)
    assert not pairs.forget(PAIR)


def test_one_conflict_of_a_field_is_open_until_it_is_decided_and_carried_out(store):
    conflicts = store.sync_conflicts

    def keep(*found):
        with store.writing() as connection:
            return conflicts.keep(PAIR, found, connection)

    keep(CONFLICT)
    keep(evolve(CONFLICT, crm_value="b@x.example"))
    (one,) = conflicts.list()
    assert (one.crm_value, one.erp_value, one.crm_at, one.roles) == (
        "b@x.example", None, NOW, ("manager", "sales"),
    )  # fmt: skip
    assert conflicts.waiting() == 1
    word = {"take": "crm", "value": "", "decided_by": "user:U-ada", "comment": "ok"}
    with store.writing() as connection:
        assert conflicts.decide(one.number, word, connection).state == "decided"
    keep(evolve(CONFLICT, crm_value="c@x.example"))
    assert conflicts.get(one.number).state == "open"  # it was decided about another value
    with store.writing() as connection:
        conflicts.decide(one.number, word, connection)
    assert [each.number for each in keep()] == [one.number]
    assert conflicts.get(one.number).state == "carried_out"
    with store.writing() as connection:
        assert conflicts.decide(one.number, word, connection) is None
    keep(CONFLICT)
    assert conflicts.list()[0].number > one.number


def test_of_two_workers_one_begins_to_make_a_record(store):
    def begin(_):
        return store.sync_creations.begin(
            "account", "crm", "A-1", "main", key="account:crm:A-1:main", text="intended"
        )

    with ThreadPoolExecutor(2) as workers:
        begun = list(workers.map(begin, range(2)))
    assert sorted(new for _, new in begun) == [False, True]
    first = begun[0][0]
    moved = store.sync_creations.move(first, "possibly_created", "no answer")
    assert store.sync_creations.move(first, "made", "late", made_id="C-1") is None
    assert store.sync_creations.waiting() == 1
    assert [text for _, text in moved.evidence] == ["intended", "no answer"]


def test_a_store_from_before_accounts_were_synchronised_keeps_what_it_has(store_url):
    with Store.open(store_url) as old:
        for number in ("C-1", "C-2"):
            old.links.link(
                crm_system="crm", account_id="A-1", erp_system="main", customer_id=number,
                default=number == "C-1", evidence="somebody said so",
            )  # fmt: skip
        for subject in ("main:C-1", "main:C-2"):
            old.audit.append(actor="user:U-ada", action="link.confirmed", subject=subject)
        old.watermarks.move("main", "17")
        before = old.links.of_account("crm", "A-1")
        with old.writing() as connection:  # as version 9 had left it
            for table in (sync_pairs, sync_conflicts, sync_creations, load_records, loads):
                table.drop(connection)
        old.remember("schema_version", "9")

    with Store.open(store_url) as store:
        assert store.links.of_account("crm", "A-1") == before
        assert store.watermarks.cursor("main") == "17"
        assert [each.subject for each in store.audit.entries()] == ["main:C-1", "main:C-2"]
        assert store.audit.verify().broken is None
        assert [each.customer_id for each in store.sync_pairs.unmet("crm", limit=9)] == ["C-1"]
        store.sync_pairs.agree(PAIR)
        with store.writing() as connection:
            store.sync_conflicts.keep(PAIR, [CONFLICT], connection)
    with Store.open(store_url) as again:
        assert again.sync_conflicts.waiting() == 1
