"""Links survive what becomes of either side: merges, new names, new numbers, deletions."""

from __future__ import annotations

import pytest
from attrs import evolve

from crossdock.records import AccountLink


@pytest.fixture
def linked(scene, made):
    """An account with customers in two ERPs; both were read once."""
    scene.crm.put(made["account"](tax_number="DE123456789", external_ids={"main": "C-1"}))
    scene.main.put(made["customer"]("C-1", tax_number="DE123456789"))
    scene.uk.put(made["customer"]("U-1", "Nordhafen Ltd", "uk", currency="GBP"))
    scene.linking.link("A-1", "main:C-1", made["ada"])
    scene.linking.link("A-1", "uk:U-1", made["ada"])
    return scene


def test_an_account_that_names_its_customer_is_linked_by_that_without_asking_an_erp(scene, made):
    scene.crm.put(made["account"](external_ids={"main": "C-1", "oslo": "9"}))

    told = scene.linking.linked.told(scene.crm.all["A-1"])

    assert told == (AccountLink(system="main", customer_id="C-1", default=True),)
    assert scene.main.asked == []


def test_a_dry_run_reads_and_writes_nothing_down(scene, made):
    scene.crm.put(made["account"](external_ids={"main": "C-1"}))
    scene.main.put(made["customer"]("C-1"))

    found = scene.linking.linked.read(
        scene.crm.all["A-1"], identity="test", seconds=5, remember=False
    )

    assert [each.ref for each in found] == ["main:C-1"]
    assert scene.refs() == []


def test_a_second_erp_that_an_account_names_later_is_linked_besides(linked, made):
    linked.crm.put(made["account"]("A-2", external_ids={"main": "C-5"}))
    linked.main.put(made["customer"]("C-5"))
    assert linked.read("A-2") == ["main:C-5*"]
    linked.crm.put(made["account"]("A-2", external_ids={"main": "C-5", "uk": "U-5"}))
    linked.uk.put(made["customer"]("U-5", system="uk"))

    assert linked.read("A-2") == ["main:C-5*", "uk:U-5"]


def test_accounts_that_were_merged_give_their_customers_to_the_one_that_goes_on(linked, made):
    linked.crm.put(made["account"]("A-2", "Nordhafen Group"))

    linked.hear("account", "A-1", "deleted", of="crm", successor="A-2")

    assert (linked.refs("A-1"), linked.refs("A-2")) == ([], ["main:C-1*", "uk:U-1"])
    (moved,) = linked.trail("link.moved")
    assert moved[2]["why"] == "the CRM merged the accounts"


def test_a_crm_that_answers_for_a_merged_account_with_the_other_moves_the_links(linked, made):
    kept = made["account"]("A-2", "Nordhafen Group")
    linked.crm.put(kept)
    linked.crm.all["A-1"] = kept

    linked.hear("account", "A-1", "deleted", of="crm")

    assert linked.refs("A-2") == ["main:C-1*", "uk:U-1"]
    assert linked.store.proposals.count("crm") == 0


def test_an_account_made_anew_that_names_the_customer_takes_all_links_along(linked, made):
    del linked.crm.all["A-1"]
    linked.crm.put(made["account"]("A-7", external_ids={"main": "C-1"}))

    assert linked.read("A-7") == ["main:C-1*", "uk:U-1"]
    assert linked.trail("link.moved")[0][2]["from"] == "A-1"


def test_two_accounts_that_name_one_customer_are_a_question_and_no_error(linked, made):
    linked.crm.put(made["account"]("A-7", "Nordhafen again", external_ids={"main": "C-1"}))

    assert linked.read("A-7") == []
    assert linked.read("A-1") == ["main:C-1*", "uk:U-1"]
    (asked,) = linked.store.proposals.list("crm")
    assert (asked.account_id, asked.instead_of_account) == ("A-7", "A-1")


def test_an_account_that_is_gone_keeps_its_links_until_a_person_says_who_goes_on(linked, made):
    del linked.crm.all["A-1"]
    linked.crm.put(made["account"]("A-8", "NORDHAFEN MASCHINENBAU", tax_number="DE123456789"))

    linked.hear("account", "A-1", "deleted", of="crm")

    assert {link.lost for link in linked.store.links.of_account("crm", "A-1")} == {"account"}
    asked = {each.ref: each for each in linked.store.proposals.list("crm")}
    assert asked["main:C-1"].account_id == "A-8"
    linked.linking.link("A-8", "main:C-1", made["ada"])
    assert (linked.refs("A-1"), linked.refs("A-8")) == (["uk:U-1"], ["main:C-1*"])


def test_a_customer_with_a_new_name_stays_linked_and_is_told_by_it(linked):
    linked.main.put(evolve(linked.main.all["C-1"], name="Nordhafen Group SE"))

    linked.hear("trading_account", "C-1", "updated", of="main")

    names = [each.name for each in linked.linking.linked.told(linked.crm.all["A-1"])]
    assert names == ["Nordhafen Group SE", "Nordhafen Ltd"]


def test_a_customer_with_a_new_number_takes_its_link_and_the_default_along(linked, made):
    linked.main.put(evolve(linked.main.all.pop("C-1"), id="C-100"))

    linked.hear("trading_account", "C-1", "deleted", of="main", successor="C-100")

    assert linked.read() == ["main:C-100*", "uk:U-1"]


def test_a_customer_merged_into_one_of_the_same_account_leaves_one_link(linked, made):
    linked.main.put(made["customer"]("C-2"))
    linked.linking.link("A-1", "main:C-2", made["ada"])

    linked.hear("trading_account", "C-1", "deleted", of="main", successor="C-2")

    assert linked.refs() == ["main:C-2*", "uk:U-1"]


def test_a_customer_that_is_gone_is_left_out_and_what_is_like_it_is_asked_about(linked, made):
    gone = linked.main.all.pop("C-1")
    linked.main.put(evolve(gone, id="C-200", name="Nordhafen Maschinenbau AG"))

    linked.hear("trading_account", "C-1", "deleted", of="main")

    assert linked.read() == ["uk:U-1"]
    assert [each.lost for each in linked.linking.linked.told(linked.crm.all["A-1"])] == [
        True,
        False,
    ]
    (asked,) = linked.store.proposals.list("crm")
    assert (asked.ref, asked.instead_of_customer) == ("main:C-200", "C-1")
    linked.linking.link("A-1", "main:C-200", made["ada"])
    assert linked.read() == ["main:C-200*", "uk:U-1"]  # in its place, the default included


def test_a_customer_made_anew_under_its_number_is_found_again(linked):
    kept = linked.main.all.pop("C-1")
    assert linked.read() == ["uk:U-1"]
    linked.main.put(kept)

    linked.hear("trading_account", "C-1", "created", of="main")

    assert linked.read() == ["main:C-1*", "uk:U-1"]
    assert [action for _, action, _ in linked.trail() if action != "link.confirmed"] == [
        "link.lost",
        "link.found",
    ]


def test_what_no_feed_told_is_noticed_by_a_look_through_everything(linked):
    del linked.main.all["C-1"]

    looked = linked.linking.proposing.look()

    assert looked.lost == 1
    assert linked.linking.proposing.look().lost == 1  # still, and it is told once
    assert len(linked.trail("link.lost")) == 1


def test_nobody_else_is_asked_about_changes_of_strangers(linked):
    linked.main.asked.clear()

    linked.hear("trading_account", "C-999", "updated", of="main")
    linked.hear("account", "A-999", "deleted", of="crm")
    linked.hear("item", "BRG-1", "updated", of="main")

    assert linked.main.asked == []


def test_a_crm_that_keeps_trading_accounts_itself_is_asked_for_all_of_them(scene, made):
    scene.crm.put(made["account"](external_ids={"main": "C-1"}))
    told = [
        AccountLink(system="main", customer_id="C-2", default=True),
        AccountLink(system="main", customer_id="C-1"),
        AccountLink(system="oslo", customer_id="9"),
    ]
    scene.crm.account_links = lambda account_id: told if account_id == "A-1" else []

    linked = scene.linking.linked.told(scene.crm.all["A-1"])

    assert [(link.ref, link.default) for link in linked] == [
        ("main:C-2", True),
        ("main:C-1", False),
    ]
