"""`crossdock links`: proposed, confirmed, rejected, undone from a shell, in a user's name."""

from __future__ import annotations

import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.host import Host


@pytest.fixture
def run(scene, made, monkeypatch):
    """Run `crossdock links` on an account, its customer and a stranger."""
    people = {"ada": made["ada"], "kim": made["kim"]}
    host = SimpleNamespace(
        linking=scene.linking, store=scene.store, crm=scene.crm, user=people.__getitem__
    )
    monkeypatch.setattr(Host, "open", lambda *_a, **_k: nullcontext(host))
    scene.crm.put(made["account"](tax_number="DE123456789"))
    scene.main.put(made["customer"]("C-1", tax_number="DE123456789"))
    scene.main.put(made["customer"]("C-2", "Zenith Freight"))

    def run_(*arguments, fails=False):
        told = CliRunner().invoke(main, ["links", *arguments])
        assert (told.exit_code != 0) is fails, told.output
        return told.output

    return run_


def test_what_belongs_together_is_proposed_confirmed_and_listed(run):
    looked = run("propose")
    assert "1 accounts and 2 customers; 0 are linked, 1 proposed." in looked
    assert "1 wait for a person" in looked
    assert "A-1 Nordhafen Maschinenbau  is  main:C-1" in run("proposals")
    (asked,) = json.loads(run("proposals", "--json"))
    assert (asked["customer"], asked["reasons"][0]) == (
        "main:C-1", {"text": "the same tax number", "points": 90},
    )  # fmt: skip

    said = run("confirm", "A-1", "main:C-1", "--user", "ada", "--comment", "by phone")

    assert said == "main:C-1 is linked to A-1, new orders go there\n"
    assert "main:C-1 Nordhafen Maschinenbau GmbH  [new orders]: confirmed by Ada" in run("list")
    (link,) = json.loads(run("list", "A-1", "--json"))
    assert (link["customer"], link["default"]) == ("main:C-1", True)
    assert json.loads(run("propose", "--json"))["linked"] == 1


def test_a_default_is_chosen_and_a_link_undone(run, scene):
    run("confirm", "A-1", "main:C-1", "--user", "ada")
    run("confirm", "A-1", "main:C-2", "--user", "ada")

    assert "new orders of A-1 go to main:C-2" in run("default", "A-1", "main:C-2", "--user", "ada")
    run("unlink", "A-1", "main:C-2", "--user", "ada", "--comment", "not theirs")

    assert scene.refs() == ["main:C-1*"]


def test_what_is_rejected_is_not_proposed_again(run):
    run("propose")
    run("reject", "A-1", "main:C-1", "--user", "ada")

    assert "Nothing waits to be confirmed." in run("proposals")
    assert "There are no links." in run("list")
    run("propose")
    assert "Nothing waits to be confirmed." in run("proposals")


def test_who_has_not_the_right_is_told_who_has(run, scene):
    told = run("confirm", "A-1", "main:C-1", "--user", "kim", fails=True)

    assert "Kim Aalto may only look: this needs the right links:write" in told
    assert scene.refs() == []
    assert "write a customer as ERP:number" in run(
        "confirm", "A-1", "C-1", "--user", "ada", fails=True
    )


def test_a_link_that_lost_its_customer_is_told(run, scene):
    run("confirm", "A-1", "main:C-1", "--user", "ada")
    del scene.main.all["C-1"]

    assert "1 links lead to somebody who is gone." in run("propose")
    assert "[new orders, the customer is gone]" in run("list", "A-1")


def test_what_was_done_is_told_to_programs_too(run):
    def told(*arguments):
        return json.loads(run(*arguments, "--user", "ada", "--json"))

    assert told("confirm", "A-1", "main:C-1")["customer"] == "main:C-1"
    assert told("confirm", "A-1", "main:C-2")["default"] is False
    moved = {"account_id": "A-1", "customer": "main:C-2"}
    assert told("default", "A-1", "main:C-2") == {**moved, "default": True}
    gone = told("unlink", "A-1", "main:C-2", "--comment", "not theirs")
    assert gone == {**moved, "state": "unlinked"}
    assert told("reject", "A-1", "main:C-2") == {**moved, "state": "rejected"}
