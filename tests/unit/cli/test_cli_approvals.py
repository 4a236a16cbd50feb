"""`crossdock approvals` and `crossdock placements` on a store of their own."""

from __future__ import annotations

import json
from contextlib import nullcontext
from decimal import Decimal

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.host import Host
from crossdock.host.approvals.approvals import Approvals
from crossdock.host.approvals.policy import ApprovalPolicy
from crossdock.host.asking.verdict import Finding
from crossdock.host.placements.placements import Placements
from crossdock.host.placements.rows import Rows
from crossdock.host.store import Store
from crossdock.records import Quote, QuoteLine, User

PEOPLE = {
    "kim": User(id="U-kim", name="Kim", roles=("sales",)),
    "max": User(id="U-max", name="Max", roles=("manager",)),
}


class Opened:
    """A host of one store."""

    def __init__(self, store):
        self.store = store
        self.approvals = Approvals(store, lambda _within, _event: None, ApprovalPolicy())
        self.placements = Placements(store, "crm")

    def user(self, user_id):
        return PEOPLE[user_id]

    def deny_placement(self, reference, *, actor, reason):
        return self.placements.deny(reference, actor=actor, reason=reason)


@pytest.fixture
def opened(tmp_path, monkeypatch):
    store = Store.open(f"sqlite:///{tmp_path}/host.db")
    host = Opened(store)
    monkeypatch.setattr(Host, "open", lambda *_a, **_k: nullcontext(host))
    quote = Quote(
        id="Q-1", account_id="A-1", currency="EUR",
        lines=(QuoteLine(number=1, item_id="X", quantity=Decimal(1)),),
    )  # fmt: skip
    wanted = Finding(plugin_id="rules", message="Too cheap.", code="c", field="net", role="manager")
    host.approvals.request(quote, [wanted], PEOPLE["kim"])
    yield host
    store.close()


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_what_waits_is_listed_for_who_may_answer(opened):
    assert "AP-1  pending  Q-1  for manager, until" in run("approvals", "list").output
    mine = run("approvals", "list", "--user", "max", "--json")
    assert [each["id"] for each in json.loads(mine.output)] == ["AP-1"]
    assert run("approvals", "list", "--user", "kim").output == "There are no such approvals.\n"


def test_a_manager_approves_and_a_salesperson_cannot(opened):
    refused = run("approvals", "approve", "AP-1", "--user", "kim")
    assert refused.exit_code == 1
    assert "Kim may not answer AP-1: that is for the role manager" in refused.output
    done = run("approvals", "approve", "AP-1", "--user", "max", "--comment", "fine", "--json")
    assert done.exit_code == 0
    told = json.loads(done.output)
    assert (told["state"], told["decided_by"], told["comment"]) == ("approved", "U-max", "fine")
    shown = run("approvals", "show", "AP-1")
    assert "answered by  U-max" in shown.output


def test_declining_needs_a_comment(opened):
    assert run("approvals", "decline", "AP-1", "--user", "max").exit_code == 2
    done = run("approvals", "decline", "AP-1", "--user", "max", "--comment", "no")
    assert "AP-1  declined" in done.output


def test_an_approval_that_is_not_there_is_told(opened):
    missing = run("approvals", "show", "AP-9")
    assert (missing.exit_code, missing.output) == (
        1, "Error: there is no approval 'AP-9'; they look like AP-7\n",
    )  # fmt: skip


def test_an_order_in_doubt_is_listed_with_its_evidence_and_denied(opened):
    rows = Rows(opened.store)
    placement, _new = rows.begin("crm", "R-1", "main", "C-1", "key", "sent; the ERP keeps no keys")
    rows.move(placement, "possibly_created", "not found")
    listed = run("placements", "list", "--state", "possibly_created")
    assert "R-1  possibly_created  in main for C-1" in listed.output
    assert "sent; the ERP keeps no keys" in listed.output
    done = run("placements", "deny", "R-1", "--reason", "looked", "--user", "max", "--json")
    told = json.loads(done.output)
    assert told["state"] == "intended"
    assert told["evidence"][-1]["text"].startswith("user:U-max says that the ERP does not have it")
