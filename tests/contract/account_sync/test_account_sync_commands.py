"""`crossdock sync conflicts`, `decide`, `creations` and `found`: people at a shell."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.host import Host
from crossdock_mocks.engine.faults import Fault


@pytest.fixture
def run(scene, monkeypatch):
    """Run `crossdock sync` on the scene's host."""
    monkeypatch.setattr(Host, "open", lambda *_a, **_k: nullcontext(scene.host))

    def run_(*arguments, code=0):
        told = CliRunner().invoke(main, ["sync", *map(str, arguments)])
        assert told.exit_code == code, told.output
        return told.output

    return run_


def test_conflicts_are_listed_with_their_evidence_and_decided_from_a_shell(run, scene):
    ada, kim = (scene.dock.user(role).id for role in ("manager", "sales"))
    assert run("conflicts") == "There are no such conflicts.\n"
    account, customer = scene.pair()
    scene.in_crm(account, name="Harbour Works Ltd", tax_number="DE811111111")
    scene.in_erp(customer, name="Harbour Works GmbH", tax_number="DE822222222")
    scene.run()

    told = run("conflicts")
    (found,) = json.loads(run("conflicts", "--json"))
    number = found["number"]
    assert told.startswith(f"{number}  open  name of Harbour Works Ltd\n")
    assert f"crm        {account}: Harbour Works Ltd, changed " in told
    assert f"main       {customer}: Harbour Works GmbH, changed " in told
    assert "by integration" in told
    assert "agreed     Harbour Works\n" in told
    assert (found["crm_value"], found["erp_value"]) == ("Harbour Works Ltd", "Harbour Works GmbH")
    assert found["roles"] == ["manager"]
    assert run("conflicts", "--account", "A-none") == "There are no such conflicts.\n"
    assert json.loads(run("conflicts", "--state", "over", "--json")) == []

    assert "--take crm, --take erp, or --value" in run("decide", number, "--user", ada, code=2)
    both = run("decide", number, "--take", "crm", "--value", "X", "--user", ada, code=2)
    assert "--take crm, --take erp, or --value" in both
    refused = run("decide", number, "--take", "erp", "--user", kim, code=1)
    assert "leaves name to the role manager" in refused
    assert "there is no conflict 999" in run("decide", 999, "--take", "erp", "--user", ada, code=1)

    said = run("decide", number, "--value", "Harbour AG", "--user", ada, "--comment", "register")
    assert f"{number}  decided  name of" in said
    assert f"decided    Harbour AG, by {ada}" in said
    assert "comment    register" in said
    scene.run()
    assert scene.crm.account(account).name == "Harbour AG" == scene.erp.customer(customer).name
    (over,) = json.loads(run("conflicts", "--state", "carried_out", "--json"))
    assert (over["number"], over["value"], over["decided_by"]) == (
        number, "Harbour AG", f"user:{ada}",
    )  # fmt: skip
    late = run("decide", number, "--take", "erp", "--user", ada, code=1)
    assert f"conflict {number} is settled by now" in late


def test_what_was_possibly_created_is_listed_and_said_to_be_there_or_not(run, scene):
    admin, kim = (scene.dock.user(role).id for role in ("admin", "sales"))
    assert run("creations") == "There are no such records.\n"
    entered = [scene.enter_customer(name) for name in ("Weir & Lock", "Quarry & Son")]
    scene.dock.crm.faults.add(Fault("drop_before", "createAccount", times=2))
    scene.run()

    one, two = (each.id for each in entered)
    told = run("creations")
    assert f"{one}  possibly_created  account of main, in crm\n" in told
    assert "UTC  intended\n" in told
    found = {each["from_id"]: each for each in json.loads(run("creations", "--json"))}
    assert set(found) == {one, two}
    assert found[one]["evidence"][-1]["text"] == "not found"

    assert "--as with its number, or --none" in run("found", one, "--user", admin, code=2)
    assert "Nothing made of C-9 is in question" in run(
        "found", "C-9", "--none", "--user", admin, code=1
    )
    absent = run("found", one, "--as", "A-none", "--user", admin, code=1)
    assert "crm has no A-none" in absent
    assert "sync:write" in run("found", one, "--none", "--user", kim, code=1)

    # Somebody entered the one by hand meanwhile; the other was never made.
    by_hand = scene.enter_account("Weir & Lock", kind="customer", email=None, phone=None)
    said = run("found", one, "--as", by_hand.id, "--reason", "entered by hand", "--user", admin)
    assert f"{one}  made  account of main, in crm as {by_hand.id}" in said
    made = json.loads(run("found", two, "--none", "--user", admin, "--json"))
    assert made["state"] == "intended"
    scene.run()

    assert scene.account_of(one).id == by_hand.id
    assert scene.account_of(two).name == "Quarry & Son"
    assert [len(each) for each in scene.named("Quarry & Son")] == [1, 1]
    assert run("creations") == "There are no such records.\n"
    assert "is in question" in run("found", two, "--none", "--user", admin, code=1)
    actions = [each.action for each in scene.host.store.audit.entries(subject=two)]
    assert "sync.creation_decided" in actions
