"""Trading accounts in the hands of people: proposed, confirmed, rejected, undone."""

from __future__ import annotations

import pytest
from attrs import evolve

from crossdock.errors import AccessDenied, ConfigError, LinkConflict, NotFound


@pytest.fixture
def known(scene, made):
    """One account, three customers in two ERPs that may be its."""
    account, customer = made["account"], made["customer"]
    scene.crm.put(account(tax_number="DE123456789", address=made["hamburg"]))
    scene.main.put(customer("C-1", tax_number="DE123456789", address=made["hamburg"]))
    scene.main.put(customer("C-2", "Zenith Freight"))
    scene.uk.put(customer("U-1", "Nordhafen Maschinenbau Ltd", "uk", currency="GBP"))
    return scene


def test_what_is_alike_is_found_in_every_erp_with_its_reasons(known):
    found = known.linking.suggesting.suggestions(known.crm.all["A-1"])

    assert [(each.customer.ref, each.match.sureness) for each in found.found] == [
        ("main:C-1", "certain"),
        ("uk:U-1", "possible"),
    ]
    assert "the same tax number" in [each.text for each in found.found[0].match.reasons]


def test_an_erp_that_is_away_leaves_the_others_and_is_said(known):
    known.uk.away = True

    found = known.linking.suggesting.suggestions(known.crm.all["A-1"])

    assert [each.customer.ref for each in found.found] == ["main:C-1"]
    assert found.away == ("uk does not answer",)


def test_a_search_of_ones_own_gives_everything_it_finds(known):
    found = known.linking.suggesting.suggestions(known.crm.all["A-1"], "zenith")

    assert [each.customer.ref for each in found.found] == ["main:C-2"]


def test_the_first_link_is_the_default_and_the_evidence_is_kept(known, made):
    known.linking.link("A-1", "main:C-1", made["ada"])
    known.linking.link("A-1", "uk:U-1", made["ada"], comment="seen on their letterhead")

    assert known.refs() == ["main:C-1*", "uk:U-1"]
    first, second = known.trail("link.confirmed")
    assert (first[0], first[2]["account"], first[2]["score"]) == ("user:U-ada", "A-1", 100)
    assert "the same tax number" in first[2]["reasons"]
    assert second[2]["comment"] == "seen on their letterhead"
    links = known.store.links.of_account("crm", "A-1")
    assert links[0].evidence.startswith("confirmed by Ada Okafor: the same tax number")
    assert (links[1].customer_name, links[1].currency) == ("Nordhafen Maschinenbau Ltd", "GBP")


def test_who_does_not_have_the_right_is_refused_and_that_is_written_down(known, made):
    with pytest.raises(AccessDenied, match="the role accounting or desk has"):
        known.linking.link("A-1", "main:C-1", made["kim"])

    assert known.refs() == []
    (line,) = known.store.audit.entries(action="access.")
    assert (line.actor, line.subject) == ("user:U-kim", "links:write")


def test_new_orders_go_where_somebody_says(known, made):
    known.linking.link("A-1", "main:C-1", made["ada"])
    known.linking.link("A-1", "uk:U-1", made["ada"])

    known.linking.set_default("A-1", "uk:U-1", made["ada"])

    assert known.refs() == ["uk:U-1*", "main:C-1"]
    assert known.read() == ["uk:U-1*", "main:C-1"]


def test_what_was_rejected_is_not_proposed_again(known, made):
    known.linking.reject("A-1", "uk:U-1", made["ada"], comment="their sister company")

    looked = known.linking.proposing.look()

    assert looked.proposed == 1
    assert [each.ref for each in known.store.proposals.list("crm")] == ["main:C-1"]
    (rejected,) = known.store.proposals.list("crm", states=("rejected",))
    assert (rejected.ref, rejected.comment) == ("uk:U-1", "their sister company")
    found = known.linking.suggesting.suggestions(known.crm.all["A-1"]).found
    assert [each.rejected for each in found] == [False, True]


def test_a_default_that_is_unlinked_hands_it_on_and_the_link_does_not_come_back(known, made):
    known.crm.put(evolve(known.crm.all["A-1"], external_ids={"main": "C-1"}))
    known.linking.link("A-1", "main:C-1", made["ada"])
    known.linking.link("A-1", "uk:U-1", made["ada"])

    known.linking.unlink("A-1", "main:C-1", made["ada"], comment="sold to somebody else")

    assert known.refs() == ["uk:U-1*"]
    assert known.read() == ["uk:U-1*"]  # although the account still names C-1
    (removed,) = known.trail("link.removed")
    assert (removed[2]["default"], removed[2]["comment"]) == ("uk:U-1", "sold to somebody else")


def test_a_person_may_link_again_what_was_unlinked(known, made):
    known.linking.link("A-1", "main:C-1", made["ada"])
    known.linking.unlink("A-1", "main:C-1", made["ada"], comment="by mistake")

    known.linking.link("A-1", "main:C-1", made["ada"])

    assert known.refs() == ["main:C-1*"]


def test_a_customer_belongs_to_one_account(known, made):
    known.crm.put(made["account"]("A-2", "Nordhafen Handel"))
    known.linking.link("A-1", "main:C-1", made["ada"])

    with pytest.raises(LinkConflict, match="belongs to account A-1"):
        known.linking.link("A-2", "main:C-1", made["ada"])

    assert known.refs("A-2") == []
    with pytest.raises(LinkConflict):
        known.linking.link("A-2", "main:C-1", made["ada"], default=True)


@pytest.mark.parametrize(
    ("ref", "error"), [("C-1", ConfigError), ("oslo:C-1", ConfigError), ("main:C-9", NotFound)]
)
def test_a_customer_that_cannot_be_is_refused(known, made, ref, error):
    with pytest.raises(error):
        known.linking.link("A-1", ref, made["ada"])


def test_everything_is_looked_through_page_by_page_and_told(known, made):
    for n in range(5):
        known.crm.put(made["account"](f"A-{n + 10}", f"Prospect {n}"))
    steps = []

    looked = known.linking.proposing.look(tell=steps.append)

    assert (looked.accounts, looked.customers, looked.proposed) == (6, 3, 2)
    assert [step.count for step in steps if step.what == "accounts"] == [2, 4, 6]
    assert known.linking.proposing.look().proposed == 2  # the same two, asked once
    assert known.store.proposals.count("crm") == 2


def test_what_is_confirmed_settles_what_was_asked_of_the_customer(known, made):
    known.crm.put(made["account"]("A-2", "Nordhafen Maschinenbau"))
    known.linking.proposing.look()
    assert len(known.store.proposals.list("crm")) == 4

    known.linking.link("A-2", "main:C-1", made["ada"])

    open_ones = {(each.account_id, each.ref) for each in known.store.proposals.list("crm")}
    assert open_ones == {("A-1", "uk:U-1"), ("A-2", "uk:U-1")}
