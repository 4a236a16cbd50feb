"""What people change in both systems is recorded, and policies are tried on it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from crossdock.errors import ConfigError
from crossdock.host.sync_rehearsal.recorded import RecordedChanges
from crossdock.host.sync_rehearsal.recording import Recording
from crossdock.host.synchronising.policy_file import read_policy

CRM_OWNS = '[account]\nentered_in = "both"\n[account.fields]\nname = "crm"\nemail = "crm"\n'


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "ownership.toml"
    file.write_text(CRM_OWNS)
    return read_policy(file)


@pytest.fixture
def record(scene, tmp_path):
    host = SimpleNamespace(
        store=scene.store,
        crm=scene.crm,
        erp=scene.erp,
        config=SimpleNamespace(limits={}),
        now=scene.store.clock,
    )
    return lambda file="october.jsonl": Recording(host, tmp_path / file).run()


def lines_of(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_what_changes_in_both_systems_is_recorded_and_tried(
    scene, record, policy, tmp_path, changed, monkeypatch
):
    scene.load.run()
    file = tmp_path / "october.jsonl"
    # People work in both, not the program that this host signs in as.
    monkeypatch.setattr(type(scene.crm), "writes_as", lambda self: "somebody else")
    monkeypatch.setattr(type(scene.main), "writes_as", lambda self: "")

    begun = record()
    assert begun.begun
    assert begun.pairs == len(scene.pairs()) > 10
    assert begun.silent == ("main",)
    nothing = record()
    assert (nothing.changes, nothing.own, nothing.gone) == (0, 0, 0)

    (account_id, customer_id), *_ = scene.pairs()
    account = scene.crm.account(account_id)
    scene.crm.save_account(changed(account, name="Renamed by Kim"))
    customer = scene.main.customer(customer_id)
    scene.main.save_customer(changed(customer, email="finn@back.example"))
    new = scene.crm.save_account(
        changed(account, id="", name="New in October", external_ids={}, version="")
    )
    added = record()
    assert (added.changes, added.own) == (3, 0)
    # A run that was killed over the file is made good by the next one.
    file.write_bytes(file.read_bytes()[:-9])
    assert record().changes == 3
    assert record().changes == 0

    recorded = {line["id"]: line for line in lines_of(file) if "values" in line}
    assert recorded[account_id]["values"] == {"name": "Renamed by Kim"}
    assert recorded[account_id]["of"] == customer_id
    assert recorded[customer_id]["values"] == {"email": "finn@back.example"}
    assert recorded[new.id]["values"]["name"] == "New in October"

    happened = list(RecordedChanges.read(file).try_on(policy))
    by_name = {each.name: each for each in happened}
    assert by_name["New in October"].outcome == "create_in_erp"
    steps = {
        step.field: step.says
        for each in happened
        for step in each.steps
        if step.acts and account_id in each.key
    }
    assert "Renamed by Kim" in steps["name"]
    assert (account.email or "") in steps["email"]  # undone: the CRM owns it


def test_what_the_host_wrote_itself_is_recorded_and_not_played(scene, record, tmp_path, changed):
    scene.load.run()
    record()
    (account_id, _), *_ = scene.pairs()
    scene.crm.save_account(changed(scene.crm.account(account_id), name="Written by the host"))

    added = record()

    assert (added.changes, added.own) == (0, 1)
    file = tmp_path / "october.jsonl"
    assert [line["own"] for line in lines_of(file) if "values" in line] == [True]
    with pytest.raises(ConfigError, match="holds no changes"):
        RecordedChanges.read(file)


def test_a_file_that_is_no_recording_is_left_alone(record, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("milk, bread\n")
    with pytest.raises(ConfigError, match=r"is no recording of crm and main: name a file"):
        record("notes.txt")
    assert file.read_text() == "milk, bread\n"


def test_two_records_that_were_linked_then_are_one_in_the_rehearsal(policy, tmp_path):
    file = tmp_path / "changes.jsonl"
    told = [
        ("2026-10-01", "crm", "A-9", "C-9", {"name": "Harbour", "email": ""}),
        ("2026-10-02", "main", "C-9", "A-9", {"name": "Harbour", "email": "a@h.example"}),
        ("2026-10-03", "crm", "A-9", "C-9", {"name": "Harbour Ltd"}),
        ("2026-10-04", "main", "C-8", "A-8", {"name": "Alone", "email": ""}),
    ]
    file.write_text(
        "\n".join(
            json.dumps(
                {"at": f"{at}T09:00:00Z", "system": system, "id": mine, "of": of, "values": values}
            )
            for at, system, mine, of, values in told
        )
    )

    first, second, third, alone = RecordedChanges.read(file).try_on(policy)

    assert first.outcome == "create_in_erp"
    assert (second.key, second.outcome) == (("A-9", "C-9"), "update")
    assert (third.key, third.outcome) == (("A-9", "C-9"), "update")
    assert alone.outcome == "create_in_crm"
