"""The three-way merge of two systems' records, by the written policy."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Account, Address, ListPrice, Money, PriceList, TradingAccount
from crossdock.rules.ownership import (
    Agreed,
    EntityPolicy,
    FieldPolicy,
    Limit,
    Settlement,
    Side,
    account_side,
    customer_side,
    normal,
    plan,
    policy_from,
    price_id,
    price_list_side,
    price_side,
    with_values,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWNERS = ("crm", "erp", "newest", "ask")


def policy(owner: str = "newest", **more: object) -> EntityPolicy:
    fields = {"name": FieldPolicy(name="name", owner=owner, **more)}  # type: ignore[arg-type]
    return EntityPolicy(entity="account", fields=fields)


def crm(name: str, minutes: float = 0, **values: str) -> Side:
    return Side(
        system="crm", id="A-1", kind="customer", values={"name": name, **values},
        changed_at=NOON + timedelta(minutes=minutes), version="4",
    )  # fmt: skip


def erp(name: str, minutes: float = 0, **values: str) -> Side:
    return Side(
        system="main", id="C-1", values={"name": name, **values},
        changed_at=NOON + timedelta(minutes=minutes), version="7",
    )  # fmt: skip


def agreed(name: str) -> Agreed:
    return Agreed(crm={"name": name}, erp={"name": name})


def outcome(owner: str, here: Side, there: Side, base: Agreed | None, **more: object) -> str:
    return plan(policy(owner, **more), here, there, base).decisions[0].outcome


@pytest.mark.parametrize("owner", OWNERS)
def test_what_neither_changed_is_left_alone(owner):
    assert outcome(owner, crm("Old"), erp("Old"), agreed("Old")) == "unchanged"


@pytest.mark.parametrize(
    ("owner", "crm_changed", "erp_changed", "both"),
    [
        ("crm", "take_crm", "take_crm", "take_crm"),
        ("erp", "take_erp", "take_erp", "take_erp"),
        ("newest", "take_crm", "take_erp", "take_erp"),
        ("ask", "take_crm", "take_erp", "conflict"),
    ],
)
def test_the_policy_says_whose_change_counts(owner, crm_changed, erp_changed, both):
    base = agreed("Old")

    assert outcome(owner, crm("New", 1), erp("Old"), base) == crm_changed
    assert outcome(owner, crm("Old"), erp("New", 1), base) == erp_changed
    assert outcome(owner, crm("Mine", 1), erp("Yours", 9), base) == both


@pytest.mark.parametrize("owner", OWNERS)
def test_both_changed_it_the_same_way_is_no_conflict(owner):
    assert outcome(owner, crm("New"), erp("New"), agreed("Old")) == "unchanged"


def test_a_change_where_a_field_is_not_owned_may_be_asked_about_rather_than_undone():
    assert outcome("crm", crm("Old"), erp("New"), agreed("Old"), others="ask") == "conflict"


def test_instants_within_the_clocks_tolerance_say_nothing_about_which_is_newer():
    made = plan(policy("newest"), crm("Mine", 0.5), erp("Yours", 0), agreed("Old"))

    assert made.outcome == "conflict"
    assert made.conflicts[0].reason == "both changed it, and which is newer cannot be told"


def test_a_conflict_shows_what_each_has_and_what_both_had():
    found = plan(policy("ask"), crm("Mine"), erp("Yours"), agreed("Old")).conflicts[0]

    assert (found.crm, found.erp, found.agreed_crm, found.agreed_erp) == (
        "Mine", "Yours", "Old", "Old",
    )  # fmt: skip
    assert (found.to_crm, found.to_erp) == (None, None)


@pytest.mark.parametrize("owner", OWNERS)
def test_records_that_meet_first_never_lose_a_value_to_an_empty_one(owner):
    assert plan(policy(owner), crm(""), erp("Yours")).to_crm == {"name": "Yours"}
    assert plan(policy(owner), crm("Mine"), erp("")).to_erp == {"name": "Mine"}


def test_a_value_that_was_emptied_since_both_agreed_is_emptied_on_the_other_side():
    assert plan(policy("newest"), crm("", 1), erp("Old"), agreed("Old")).to_erp == {"name": ""}


@pytest.mark.parametrize(
    ("take", "to_crm", "to_erp"),
    [("crm", {}, {"name": "Mine"}), ("erp", {"name": "Yours"}, {}),
     ("value", {"name": "Third"}, {"name": "Third"})],
)  # fmt: skip
def test_a_persons_word_counts_for_the_values_that_the_person_saw(take, to_crm, to_erp):
    word = Settlement(take=take, crm="Mine", erp="Yours", value="Third", by="Kim")

    made = plan(policy("ask"), crm("Mine"), erp("Yours"), agreed("Old"), {"name": word})
    later = plan(policy("ask"), crm("Mine too"), erp("Yours"), agreed("Old"), {"name": word})

    assert (made.to_crm, made.to_erp) == (to_crm, to_erp)
    assert later.outcome == "conflict"


def test_a_value_that_the_target_is_too_short_for_is_refused_and_nothing_is_written():
    made = plan(policy("crm", erp=Limit(longest=5)), crm("Hinterland"), erp("Old"), agreed("Old"))

    assert (made.outcome, made.to_erp) == ("refused", {})
    assert "name has 10 characters, and the ERP takes 5" in made.refused[0].reason


def test_a_value_that_may_be_cut_is_cut_with_a_note_and_does_not_come_back_as_a_change():
    cut = policy("newest", erp=Limit(longest=6, cut="truncate"))
    here, there = crm("Hinterland AG", 1), erp("Old")

    made = plan(cut, here, there, agreed("Old"))
    after = plan(cut, here, erp("Hinter", 9), made.agreed(here, erp("Hinter"), agreed("Old")))

    assert made.to_erp == {"name": "Hinter"}
    assert made.notes == ("name was cut to 6 characters for the ERP: 'Hinter'",)
    assert after.outcome == "unchanged"


def test_what_the_system_itself_takes_counts_beside_the_policy():
    short = Side(system="main", id="C-1", values={"name": "Old"}, longest={"name": 4})

    assert plan(policy("crm"), crm("Longer"), short, agreed("Old")).outcome == "refused"


@pytest.mark.parametrize(
    ("form", "country", "one", "other"),
    [
        ("phone", "DE", "030 1234567", "+49 30 1234567"),
        ("phone", "Germany", "0049 (30) 123-4567", "+49301234567"),
        ("phone", "DE", "+49 (0)30 1234567", "030/1234567"),
        ("phone", "US", "1 555 010 9999", "+15550109999"),
        ("phone", "IT", "06 1234 5678", "+39 06 12345678"),
        ("country", "", "Deutschland", "DE"),
        ("country", "", "USA", "United States of America"),
        ("country", "", "GBR", "U.K."),
        ("email", "", "Info@Example.COM", "info@example.com "),
        ("website", "", "https://www.example.com/", "example.com"),
        ("tax_number", "", "DE 123.456.789", "de123456789"),
        ("title", "", "ACME WORKS", "Acme Works"),
        ("text", "", " two  words", "two words"),
    ],
)
def test_values_that_say_the_same_are_no_change(form, country, one, other):
    assert normal(form, one, country) == normal(form, other, country)


@pytest.mark.parametrize(
    ("form", "one", "other"),
    [("phone", "0301234567", "0301234568"), ("phone", "030 1234567 ext. 3", "030 1234567"),
     ("country", "Atlantis", "AT"), ("text", "Acme", "ACME")],
)  # fmt: skip
def test_values_that_differ_are_told_apart(form, one, other):
    assert normal(form, one, "DE") != normal(form, other, "DE")


def test_a_telephone_number_reaches_the_other_side_as_e164_and_a_country_as_its_code():
    both = EntityPolicy(
        entity="account",
        fields={
            "phone": FieldPolicy(name="phone", owner="crm", form="phone"),
            "address.country": FieldPolicy(name="address.country", owner="crm", form="country"),
        },
    )
    values = {"phone": "030 / 123 45 67", "address.country": "Deutschland"}
    here = Side(system="crm", id="A-1", values=values, kind="customer")

    assert plan(both, here, None).to_erp == {"phone": "+49301234567", "address.country": "DE"}


def test_only_what_the_policy_lets_in_is_created_in_the_other_system():
    one_way = EntityPolicy(entity="account", fields=policy().fields, entered_in="crm")
    prospect = Side(system="crm", id="A-2", kind="prospect", values={"name": "Later"})

    assert plan(one_way, crm("New"), None).outcome == "create_in_erp"
    assert plan(one_way, None, erp("New")).outcome == "ignored"
    assert plan(one_way, prospect, None).outcome == "ignored"


@pytest.mark.parametrize(
    ("meaning", "expected", "to_crm"),
    [("keep", "ignored", {}), ("inactivate", "update", {"active": "no"}), ("ask", "conflict", {})],
)
def test_the_policy_says_what_a_deletion_means(meaning, expected, to_crm):
    gone = EntityPolicy(entity="account", fields=policy().fields, deleted_in_erp=meaning)

    made = plan(gone, crm("Left", active="yes"), None, agreed("Left"))

    assert (made.outcome, made.to_crm) == (expected, to_crm)


def test_an_address_is_a_part_of_its_account_in_the_policy():
    written = policy_from(
        {
            "defaults": {"others": "ask"},
            "account": {"inactivated": "erp", "fields": {"name": "crm"}},
            "address": {"fields": {"city": {"owner": "erp", "in_crm": "route"}, "country": "ask"}},
        }
    ).of("account")

    assert list(written.fields) == ["name", "address.city", "address.country", "active"]
    assert written.fields["address.city"].in_crm == "route"
    assert written.fields["address.country"].form == "country"
    assert written.fields["active"].owner == "erp"
    assert {each.others for each in written.fields.values()} == {"ask", "overwrite"}


def test_what_a_plan_writes_stands_in_the_record_and_nothing_else_changes():
    account = Account(id="A-1", name="Old", phone=None, address=Address(city="Ulm", street="1"))
    customer = TradingAccount(id="C-1", system="main", name="Old", currency="EUR")

    changed = with_values(account, {"name": "New", "address.city": "Bonn", "phone": ""})

    assert changed == Account(id="A-1", name="New", address=Address(city="Bonn", street="1"))
    assert account_side(account, "crm").values["address.city"] == "Ulm"
    assert customer_side(customer, {"name": 30, "email": None}).values == {
        "name": "Old", "email": "",
    }  # fmt: skip
    assert customer_side(customer, {"name": 30}).longest == {"name": 30}


_VALUES = st.sampled_from(["", "Acme", "Acme ", "ACME", "Bolt", "Bolt & Nut Works"])


@given(
    owner=st.sampled_from(OWNERS),
    others=st.sampled_from(["overwrite", "ask"]),
    form=st.sampled_from(["text", "title", "upper", "exact"]),
    cut=st.sampled_from(["refuse", "truncate"]),
    mine=_VALUES,
    yours=_VALUES,
    old=st.none() | _VALUES,
    apart=st.integers(-5, 5),
)
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(
    owner, others, form, cut, mine, yours, old, apart
):
    """Settling is one step: what was written is recognised as its own by what it says."""
    by = policy(owner, others=others, form=form, erp=Limit(longest=8, cut=cut))
    base = None if old is None else agreed(old)
    here, there = crm(mine, apart), erp(yours)

    made = plan(by, here, there, base)
    now = (
        crm(made.to_crm.get("name", mine), 99 if made.to_crm else apart),
        erp(made.to_erp.get("name", yours), 200 if made.to_erp else 0),
    )
    again = plan(by, *now, made.agreed(*now, base))

    assert again.to_crm == again.to_erp == {}
    if made.outcome in ("conflict", "refused"):
        assert again.outcome in ("conflict", "refused")
        assert (made.to_crm, made.to_erp) == ({}, {})
    else:
        assert again.outcome == "unchanged"


@given(owner=st.sampled_from(["newest", "ask"]), mine=_VALUES, yours=_VALUES, old=_VALUES,
       apart=st.integers(-5, 5))  # fmt: skip
def test_the_merge_does_not_care_which_system_is_called_which(owner, mine, yours, old, apart):
    swapped = {"take_crm": "take_erp", "take_erp": "take_crm"}

    one = outcome(owner, crm(mine, apart), erp(yours), agreed(old))
    other = outcome(owner, crm(yours), erp(mine, apart), agreed(old))

    assert swapped.get(one, one) == other


def test_what_waits_for_a_person_is_not_decided_by_another_change_of_the_record():
    base = agreed("Old")
    here, there = crm("Mine", 90), erp("Yours")

    assert plan(policy("newest"), here, there, base).outcome == "update"
    assert plan(policy("newest"), here, there, base, contested=["name"]).outcome == "conflict"


def test_a_price_is_what_it_says_and_goes_back_into_its_record():
    price = ListPrice(
        price_list_id="OEM", item_id="BRG/7", system="main", price=Money("12.50", "EUR"),
        minimum_quantity=Decimal("10.0"), discount_percent=Decimal("2.50"),
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    side = price_side(price, "main")

    assert side.id == price_id(price) == "OEM/BRG/7/10"
    assert side.values == {
        "price": "12.50 EUR", "discount_percent": "2.50", "valid_from": "2026-01-01",
        "valid_to": "", "active": "yes",
    }  # fmt: skip
    blank = ListPrice(price_list_id="OEM", item_id="BRG/7", system="main")
    again = with_values(blank, side.values)
    assert evolve(again, minimum_quantity=price.minimum_quantity) == price
    assert with_values(price, {"valid_from": "", "price": "", "active": "no"}) == evolve(
        price, valid_from=None, price=None, active=False
    )
    only = price_side(price, "crm", {"price": None})
    assert only.values == {"price": "12.50 EUR"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("12.50 EUR", "12.5 EUR"), ("2.50", "2.5"), ("0.00", "0"), ("1000 EUR", "1000.00  EUR")],
)
def test_amounts_say_the_same_whatever_zeros_end_them(one, other):
    assert normal("amount", one) == normal("amount", other)


def test_amounts_in_other_currencies_and_other_numbers_differ():
    said = ["12.5 EUR", "12.5 USD", "12.51 EUR", "12.5", "", "by agreement"]
    assert len({normal("amount", each) for each in said}) == len(said)


def test_price_lists_and_prices_have_a_policy_of_their_own():
    document = {
        "account": {"fields": {"name": "erp"}},
        "price_list": {"inactivated": "erp", "fields": {"name": "erp", "valid_to": "ask"}},
        "price": {"inactivated": "keep", "fields": {"price": "crm"}},
    }
    found = policy_from(document)
    lists, prices = found.of("price_list"), found.of("price")
    assert [(each.name, each.owner) for each in lists.fields.values()] == [
        ("name", "erp"), ("valid_to", "ask"), ("active", "erp"),
    ]  # fmt: skip
    assert [(each.name, each.form) for each in prices.fields.values()] == [("price", "amount")]
    listed = PriceList(id="OEM", name="Machine builders", system="main", currency="EUR")
    made = plan(lists, None, price_list_side(listed, "main"))
    assert made.outcome == "create_in_crm"
    assert made.to_crm == {"name": "Machine builders", "valid_to": "", "active": "yes"}
