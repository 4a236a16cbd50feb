"""What becomes of one field of two records: what is written where, what is asked, and why.

Each was found by changing the code on purpose: docs/mutation.md.
"""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from crossdock.rules.ownership import (
    Agreed,
    Decision,
    EntityPolicy,
    FieldPolicy,
    Limit,
    Plan,
    Settlement,
    Side,
    plan,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AG, GMBH, OLD = "Hinterland AG", "Hinterland GmbH", "Hinterland"


def policy(*fields, **more):
    return EntityPolicy(
        entity="account", fields={each.name: each for each in fields or (owned("ask"),)}, **more
    )


def owned(owner, name="name", **more):
    return FieldPolicy(name=name, owner=owner, **more)


def crm(name=None, seconds=0, **values):
    named = {} if name is None else {"name": name}
    return Side(
        system="crm", id="A-1", kind="customer", values={**named, **values}, version="4",
        changed_at=NOON + timedelta(seconds=seconds),
    )  # fmt: skip


def erp(name=None, **values):
    named = {} if name is None else {"name": name}
    return Side(
        system="main", id="C-1", values={**named, **values}, version="7", changed_at=NOON
    )  # fmt: skip


def decided(made):
    """Give outcome, what is written to the CRM, to the ERP, and why, of the only field."""
    (one,) = made.decisions
    return one.outcome, one.to_crm, one.to_erp, one.reason


# One field of two records


@pytest.mark.parametrize(
    ("owner", "here", "there", "says"),
    [
        ("crm", AG, OLD, ("take_crm", None, AG, "only the CRM changed it")),
        ("newest", AG, OLD, ("take_crm", None, AG, "only the CRM changed it")),
        ("ask", AG, OLD, ("take_crm", None, AG, "only the CRM changed it")),
        ("erp", AG, OLD,
         ("take_erp", OLD, None, "the ERP owns it, so the change in the CRM is undone")),
        ("erp", OLD, AG, ("take_erp", AG, None, "only the ERP changed it")),
        ("newest", OLD, AG, ("take_erp", AG, None, "only the ERP changed it")),
        ("ask", OLD, AG, ("take_erp", AG, None, "only the ERP changed it")),
        ("crm", OLD, AG,
         ("take_crm", None, OLD, "the CRM owns it, so the change in the ERP is undone")),
        ("crm", AG, GMBH, ("take_crm", None, AG, "both changed it, and the CRM owns it")),
        ("erp", AG, GMBH, ("take_erp", GMBH, None, "both changed it, and the ERP owns it")),
        ("ask", AG, GMBH, ("conflict", None, None, "both changed it, and nobody owns it")),
        ("ask", AG, AG, ("unchanged", None, None, "both have it")),
    ],
)  # fmt: skip
def test_what_was_changed_since_both_agreed_is_carried_over_undone_or_asked_about(
    owner, here, there, says
):
    base = Agreed(crm={"name": OLD}, erp={"name": OLD})
    outcome, to_crm, to_erp, reason = says

    assert plan(policy(owned(owner)), crm(here), erp(there), base) == Plan(
        entity="account",
        outcome="update" if to_crm or to_erp else outcome,
        decisions=(
            Decision(
                field="name", outcome=outcome, crm=here, erp=there, agreed_crm=OLD, agreed_erp=OLD,
                to_crm=to_crm, to_erp=to_erp, reason=reason,
            ),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("owner", "here", "there", "why"),
    [
        ("erp", AG, OLD, "the ERP owns it, and it was changed in the CRM"),
        ("crm", OLD, AG, "the CRM owns it, and it was changed in the ERP"),
    ],
)
def test_a_person_is_told_whose_field_was_changed_where(owner, here, there, why):
    base = Agreed(crm={"name": OLD}, erp={"name": OLD})
    made = plan(policy(owned(owner, others="ask")), crm(here), erp(there), base)
    assert decided(made) == ("conflict", None, None, why)


@pytest.mark.parametrize(
    ("owner", "here", "there", "says"),
    [
        ("crm", AG, GMBH, ("take_crm", None, AG, "different values, and the CRM owns it")),
        ("erp", AG, GMBH, ("take_erp", GMBH, None, "different values, and the ERP owns it")),
        ("ask", AG, GMBH, ("conflict", None, None, "different values, and nobody owns it")),
        ("erp", AG, "", ("take_crm", None, AG, "only one has it, and they meet first now")),
        ("crm", "", AG, ("take_erp", AG, None, "only one has it, and they meet first now")),
    ],
)
@pytest.mark.parametrize(
    "base",
    [None, Agreed(), Agreed(crm={"name": OLD}), Agreed(erp={"name": OLD})],
    ids=["never met", "never on it", "the CRM alone had it", "the ERP alone had it"],
)
def test_a_field_that_was_never_agreed_on_is_judged_as_where_two_records_meet_first(
    base, owner, here, there, says
):
    outcome, to_crm, to_erp, reason = decided(
        plan(policy(owned(owner)), crm(here), erp(there), base)
    )
    assert (outcome, to_crm, to_erp) == says[:3]
    assert reason in (says[3], f"they meet first now with {says[3]}")


def test_what_differed_when_both_agreed_may_go_on_to_differ():
    base = Agreed(crm={"name": AG}, erp={"name": OLD})
    made = plan(policy(owned("crm")), crm(AG), erp(OLD), base)
    assert decided(made) == ("unchanged", None, None, "neither changed since both agreed")
    assert (made.outcome, made.decisions[0].agreed_crm, made.decisions[0].agreed_erp) == (
        "unchanged", AG, OLD,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "tolerance", "says"),
    [
        (61, 60, ("take_crm", None, AG, "the CRM's change is newer")),
        (-61, 60, ("take_erp", GMBH, None, "the ERP's change is newer")),
        (60, 60, ("conflict", None, None, "which is newer cannot be told")),
        (-60, 60, ("conflict", None, None, "which is newer cannot be told")),
        (0.5, 0, ("take_crm", None, AG, "the CRM's change is newer")),
        (0, 0, ("conflict", None, None, "which is newer cannot be told")),
    ],
)
def test_the_newer_of_two_changes_counts_if_the_clocks_can_tell(seconds, tolerance, says):
    newest = policy(owned("newest"), clock_tolerance_seconds=tolerance)
    made = plan(newest, crm(AG, seconds), erp(GMBH))
    why = f"they meet first now with different values, and {says[3]}"
    assert decided(made) == (*says[:3], why)


def test_where_a_system_does_not_tell_when_neither_change_is_the_newer_one():
    told, untold = crm(AG, 3600), evolve(erp(GMBH), changed_at=None)
    for here, there in ((told, untold), (evolve(told, changed_at=None), erp(GMBH))):
        assert plan(policy(owned("newest")), here, there).outcome == "conflict"


def test_a_field_that_a_person_is_asked_about_stays_so_and_only_that_one():
    both = policy(owned("newest"), owned("newest", "website"))
    made = plan(
        both, crm(AG, 90, website="ag.example"), erp(GMBH, website="gmbh.example"),
        contested=["name"],
    )  # fmt: skip
    name, website = made.decisions
    assert (name.outcome, website.outcome) == ("conflict", "take_crm")
    assert name.reason.endswith("different values, and a person is asked already")


# A person's word


@pytest.mark.parametrize(("by", "who"), [("Kim", "Kim"), ("", "somebody")])
def test_what_a_person_decided_says_who_it_was(by, who):
    def word(take, value=""):
        settled = {"name": Settlement(take=take, crm=AG, erp=GMBH, value=value, by=by)}
        return decided(plan(policy(), crm(AG), erp(GMBH), settled=settled))

    another = f"{who} decided for another value"
    assert word("crm") == ("take_crm", None, AG, f"{who} decided for the CRM")
    assert word("erp") == ("take_erp", GMBH, None, f"{who} decided for the ERP")
    assert word("value", OLD) == ("set_both", OLD, OLD, another)
    assert word("value", AG) == ("set_both", None, AG, another)
    assert word("value", GMBH) == ("set_both", GMBH, None, another)


@pytest.mark.parametrize("short", ["crm", "erp"])
def test_a_value_that_either_system_cannot_take_is_refused_whoever_decided_for_it(short):
    field = owned("ask", **{short: Limit(longest=13)})
    word = Settlement(take="value", crm=AG, erp=OLD, value=GMBH)
    made = plan(policy(field), crm(AG), erp(OLD), settled={"name": word})
    assert made.outcome == "refused"
    assert decided(made) == (
        "refused", None, None,
        f"name has 15 characters, and the {short.upper()} takes 13: shorten 'Hinterland GmbH', "
        "or let the policy truncate it",
    )  # fmt: skip


def test_a_decided_value_is_written_as_each_system_takes_it():
    cut = owned("ask", crm=Limit(longest=10, cut="truncate"), erp=Limit(longest=4, cut="truncate"))
    word = Settlement(take="value", crm=AG, erp=OLD, value=GMBH)
    made = plan(policy(cut), crm(AG), erp(OLD), settled={"name": word})
    assert (made.to_crm, made.to_erp) == ({"name": "Hinterland"}, {"name": "Hint"})
    assert made.notes == (
        "name was cut to 10 characters for the CRM: 'Hinterland'",
        "name was cut to 4 characters for the ERP: 'Hint'",
    )


# What a system takes


def test_a_value_of_the_erp_is_cut_or_refused_as_the_crm_takes_it():
    base = Agreed(crm={"name": "X"}, erp={"name": "X"})

    def made(cut):
        return plan(policy(owned("erp", crm=Limit(longest=10, cut=cut))), crm("X"), erp(AG), base)

    cut, refused = made("truncate"), made("refuse")
    assert (cut.to_crm, cut.outcome) == ({"name": "Hinterland"}, "update")
    assert cut.notes == ("name was cut to 10 characters for the CRM: 'Hinterland'",)
    assert (refused.to_crm, refused.to_erp, refused.outcome) == ({}, {}, "refused")
    assert [each.reason for each in refused.refused] == [
        "name has 13 characters, and the CRM takes 10: shorten 'Hinterland AG', or let the "
        "policy truncate it"
    ]


@pytest.mark.parametrize("short", ["crm", "erp"])
def test_records_that_meet_first_are_alike_where_one_is_the_other_cut_short(short):
    cut = policy(owned("ask", **{short: Limit(longest=10, cut="truncate")}))
    whole, part = (AG, OLD) if short == "erp" else (OLD, AG)
    assert decided(plan(cut, crm(whole), erp(part)))[::3] == ("unchanged", "both have it")
    assert plan(cut, crm(part), erp(whole)).outcome == "conflict"


def test_a_system_that_takes_more_than_the_policy_lets_it_is_given_what_the_policy_says():
    roomy = evolve(erp(OLD), longest={"name": 80})
    strict, free = owned("crm", erp=Limit(longest=4)), owned("crm")
    assert plan(policy(strict), crm(AG), roomy).outcome == "refused"
    assert plan(policy(free), crm(AG), roomy).to_erp == {"name": AG}
    tight = evolve(roomy, values={"name": "X"}, longest={"name": 10})
    cut = owned("crm", erp=Limit(longest=80, cut="truncate"))
    assert plan(policy(cut), crm(AG), tight).to_erp == {"name": "Hinterland"}


def test_a_number_is_read_in_the_country_of_the_record_that_it_stands_in():
    phone = policy(owned("newest", "phone", form="phone"))
    vienna = {"address.country": "AT"}
    base = Agreed(crm={"phone": "01 234567"}, erp={"phone": "+431234567"})
    here, there = crm(phone="01 765432", **vienna), erp(phone="+431234567")

    assert plan(phone, here, there, base).to_erp == {"phone": "+431765432"}
    same = Agreed(crm={"phone": "+43 1 765432"}, erp={"phone": "+43 1 2345678"})
    assert plan(phone, here, there, same).to_crm == {"phone": "+431234567"}


def test_a_number_in_a_record_without_an_address_is_written_as_it_was_entered():
    mobile = policy(owned("newest", "mobile", form="phone"))
    base = Agreed(crm={"mobile": ""}, erp={"mobile": ""})
    assert plan(mobile, crm(mobile="0151  234567"), erp(mobile=""), base).to_erp == {
        "mobile": "0151 234567"
    }
