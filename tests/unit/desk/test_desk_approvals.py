"""Approvals at the desk: who waits for whom, the answer, and what became of it."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from crossdock.host.asking.verdict import Finding
from crossdock.host.gateway import RightsByRole
from crossdock.host.settings.config import RoleConfig


@pytest.fixture
def ada(browser_of, sign_in):
    """A manager."""
    return sign_in(browser_of(), "U-ada")


@pytest.fixture
def waiting(kim, host, quote):
    """A quote over the limit that Kim promoted; it waits for a manager."""
    host.approval_role = "manager"
    big = host.save_quote(quote(("BRG-1001", "5000")), user=host.crm.people[0]).quote
    kim.open(f"/quotes/{big.id}")
    fields = {
        "version": big.version,
        "lines__0__number": "1",
        "lines__0__item_id": "BRG-1001",
        "lines__0__quantity": "5000",
        "lines__0__discount_percent": "",
    }
    kim.send(f"/quotes/{big.id}", action="promote", **fields)
    (approval,) = host.approvals.list()
    return approval


def test_the_quote_says_beside_its_total_who_has_to_agree_and_until_when(kim, waiting):
    assert kim.path == f"/quotes/{waiting.quote_id}"
    text = kim.text()
    assert "It waits for approval now" in text
    totals = text[text.index("Totals") :]
    assert "Waits for the agreement of manager" in totals
    assert "This would pass the customer's credit limit" in totals
    assert "Since 21 Nov 2026, 09:30 , until 5 Dec 2026, 09:30 , asked by Kim Aalto." in totals
    assert 'class="primary" name="action" value="promote"' not in kim.html


def test_only_who_may_answer_sees_the_count_in_the_navigation(kim, ada, waiting):
    assert "waiting for you" not in kim.text()
    ada.open("/accounts")
    assert "Approvals 1 waiting for you" in ada.text()


def test_a_manager_sees_why_and_what_and_approves(ada, host, waiting):
    ada.open("/approvals")
    assert f"/approvals/{waiting.id}" in ada.html
    ada.open(f"/approvals/{waiting.id}")
    text = ada.text()
    for said in ("Baltic Bearings", "BRG-1001", "5,000", "Kim Aalto", "credit limit"):
        assert said in text
    ada.send(f"/approvals/{waiting.id}", action="approve", comment="they always pay")
    assert f"You approved {waiting.id}" in ada.text()
    assert "It is being made an order" in ada.text()
    assert host.approvals.get(waiting.id).state == "approved"
    assert len(host.released) == 1
    host.approvals.note_outcome(waiting.quote_id, waiting.fingerprint, "ordered as R-3001")
    ada.open(f"/approvals/{waiting.id}")
    assert "Ordered as R-3001." in ada.text()
    ada.open("/approvals?show=history")
    assert "Ordered as R-3001." in ada.text()


def test_declining_needs_a_comment_and_says_so_beside_the_field(ada, host, waiting):
    ada.open(f"/approvals/{waiting.id}")
    ada.send(f"/approvals/{waiting.id}", action="decline", comment="  ")
    assert 'aria-describedby="f-comment-said" aria-invalid="true"' in ada.html
    assert "Say why, so that the salesperson knows." in ada.text()
    assert host.approvals.get(waiting.id).state == "pending"


def test_what_was_declined_shows_the_comment_on_the_quote(kim, ada, waiting):
    ada.open(f"/approvals/{waiting.id}")
    ada.send(f"/approvals/{waiting.id}", action="decline", comment="they owe us already")
    kim.open(f"/quotes/{waiting.quote_id}")
    text = kim.text()
    assert "Declined by Ada Okafor" in text
    assert "They owe us already." in text
    assert "Change the quote, and promoting it asks anew." in text


def test_what_lapsed_can_be_asked_anew(kim, host, waiting):
    host.clock += timedelta(days=15)
    host.approvals.tick()
    kim.open(f"/quotes/{waiting.quote_id}")
    assert "Nobody answered in time" in kim.text()
    assert ">Ask anew</button>" in kim.html


@pytest.mark.parametrize("ticked", [True, False])
def test_what_lapsed_cannot_be_answered(ada, host, waiting, ticked):
    host.clock += timedelta(days=15)
    if ticked:
        host.approvals.tick()
    ada.open(f"/approvals/{waiting.id}")
    assert "Lapsed without an answer" in ada.text()
    assert ">Approve</button>" not in ada.html
    ada.open("/approvals")
    ada.send(f"/approvals/{waiting.id}", action="approve")
    assert "Nothing was answered" in ada.text()


def test_the_wrong_role_is_told_whose_answer_it_is(kim, host, waiting):
    kim.open(f"/approvals/{waiting.id}")
    assert "Kim Aalto may not answer AP-1: that is for the role manager." in kim.text()
    assert ">Approve</button>" not in kim.html
    kim.send(f"/approvals/{waiting.id}", action="approve")
    assert "Nothing was answered" in kim.text()
    assert host.approvals.get(waiting.id).state == "pending"


def test_nobody_approves_what_he_asked_for_himself(ada, host, quote):
    boss = host.crm.people[1]
    host.approval_role = "manager"
    big = host.save_quote(quote(("BRG-1001", "5000")), user=boss).quote
    (approval,) = host.promote_quote(big.id, user=boss).approvals
    ada.open(f"/approvals/{approval.id}")
    assert "Ada Okafor asked for AP-1, so somebody else has to agree to it." in ada.text()
    assert ">Approve</button>" not in ada.html
    ada.send(f"/approvals/{approval.id}", action="approve")
    assert host.approvals.get(approval.id).state == "pending"


def test_a_quote_that_was_changed_since_is_said_to_be_another(ada, host, quote, waiting):
    now = host.crm.quote(waiting.quote_id)
    lines = quote(("BRG-1001", "6000")).lines
    host.crm.all_quotes[now.id] = attrs.evolve(now, lines=lines)
    ada.open(f"/approvals/{waiting.id}")
    assert "The quote was changed since" in ada.text()


def test_an_unknown_approval_is_a_page_that_says_so(ada):
    ada.open("/approvals/AP-99", status=404)
    ada.open("/approvals/nonsense", status=404)


def test_who_asked_finds_his_requests(kim, waiting):
    kim.open("/approvals?show=asked")
    assert "Waits for an answer" in kim.text()
    assert f"/approvals/{waiting.id}" in kim.html


def test_who_may_not_see_credit_reads_the_reason_without_its_amount(kim, ada, host, waiting):
    ada.open(f"/approvals/{waiting.id}")
    assert "20,000" in ada.text()
    host.rights = RightsByRole({"manager": RoleConfig(fields=("personal",))})
    for page in (f"/approvals/{waiting.id}", "/approvals", f"/quotes/{waiting.quote_id}"):
        ada.open(page)
        text = ada.text()
        assert "This would pass the customer's credit limit of [hidden]" in text
        assert "20,000" not in text


def test_a_reason_about_prices_is_read_whole_by_everybody(ada, host, waiting):
    host.rights = RightsByRole({"manager": RoleConfig()})
    wanted = Finding(
        plugin_id="approval-rules", message="A discount of 25 % is more than 20 %.",
        code="approval.discount", field="lines.0.discount_percent", role="manager",
    )  # fmt: skip
    quote = host.crm.quote(waiting.quote_id)
    (_, asked) = (waiting, *host.approvals.request(quote, [wanted], host.crm.people[0]))
    ada.open(f"/approvals/{asked.id}")
    assert "A discount of 25 % is more than 20 %." in ada.text()
