"""What becomes of a pair of records as a whole: both there, one of them new, one of them gone.

Each was found by changing the code on purpose: docs/mutation.md.
"""

import pytest
from attrs import evolve

from crossdock.rules.ownership import (
    DECIDED,
    RECORD,
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

AG, GMBH, OLD = "Hinterland AG", "Hinterland GmbH", "Hinterland"
OTHER = {"crm": "erp", "erp": "crm"}


def policy(*fields, **more):
    return EntityPolicy(
        entity="account", fields={each.name: each for each in fields or (owned("ask"),)}, **more
    )


def owned(owner, name="name", **more):
    return FieldPolicy(name=name, owner=owner, **more)


def crm(name=None, *, kind="customer", **values):
    named = {} if name is None else {"name": name}
    return Side(system="crm", id="A-1", kind=kind, values={**named, **values}, version="4")


def erp(name=None, **values):
    named = {} if name is None else {"name": name}
    return Side(system="main", id="C-1", values={**named, **values}, version="7")


# Both are there


def test_the_gravest_of_the_fields_is_what_becomes_of_the_pair():
    website, city = owned("crm", "website"), owned("crm", "address.city", erp=Limit(longest=3))
    fields = policy(owned("ask"), city, website)
    site, towns = {"website": "x.example"}, {"address.city": "Ulm"}
    after = {"website": "y.example"}

    update = plan(fields, crm(AG, **site, **towns), erp(AG, **after, **towns))
    refused = plan(fields, crm(AG, **site, **{"address.city": "Bonn"}), erp(AG, **after, **towns))
    conflict = plan(
        fields, crm(AG, **site, **{"address.city": "Bonn"}), erp(GMBH, **after, **towns)
    )

    assert [each.outcome for each in (update, refused, conflict)] == [
        "update", "refused", "conflict",
    ]  # fmt: skip
    assert {each.entity for each in (update, refused, conflict)} == {"account"}
    assert [each.to_erp for each in (update, refused, conflict)] == [{"website": "x.example"}] * 3
    assert [each.field for each in conflict.conflicts] == ["name"]
    assert [each.field for each in conflict.refused] == ["address.city"]


def test_a_field_that_only_one_of_the_systems_keeps_is_left_alone():
    both = policy(owned("crm"), owned("crm", "website"), owned("erp", "phone"))
    made = plan(both, crm(AG, website="ag.example"), erp(OLD, phone="+49301234567"))
    assert [each.field for each in made.decisions] == ["name"]


def test_what_both_agree_on_afterwards_leaves_out_what_is_still_open():
    fields = policy(
        owned("ask"), owned("crm", "website", erp=Limit(longest=3)), owned("crm", "email"),
    )  # fmt: skip
    before = Agreed(
        crm={"name": OLD, "website": "old", "email": "a@x", RECORD: DECIDED, "phone": "1"},
        erp={"name": OLD, "website": "old", "email": "a@x", "phone": "2"},
        crm_version="3", erp_version="6",
    )  # fmt: skip
    here = crm(AG, website="new.example", email="b@x")
    there = erp(GMBH, website="old", email="a@x")

    made = plan(fields, here, there, before)

    assert made.agreed(here, evolve(there, values={**there.values, **made.to_erp}), before) == (
        Agreed(
            crm={"name": OLD, "website": "old", "email": "b@x", "phone": "1"},
            erp={"name": OLD, "website": "old", "email": "b@x", "phone": "2"},
            crm_version="4", erp_version="7",
        )
    )  # fmt: skip


def test_a_field_that_the_new_record_does_not_keep_is_agreed_on_as_empty():
    fields = policy(owned("crm"), owned("crm", "website"))
    full, bare = {"name": AG, "website": "ag.example"}, {"name": AG, "website": ""}

    to_erp = plan(fields, crm(**full), None).agreed(crm(**full), erp(AG), None)
    to_crm = plan(fields, None, erp(**full)).agreed(crm(AG), erp(**full), None)

    assert (to_erp.crm, to_erp.erp) == (full, bare)
    assert (to_crm.crm, to_crm.erp) == (bare, full)


# One is new


def ignored(reason):
    return Plan(entity="account", outcome="ignored", reason=reason)


@pytest.mark.parametrize(
    ("entered_in", "to_erp", "to_crm"),
    [
        ("both", "create_in_erp", "create_in_crm"),
        ("crm", "create_in_erp", "a new account is not carried over from the ERP"),
        ("erp", "a new account is not carried over from the CRM", "create_in_crm"),
        ("none", "a new account is not carried over from the CRM",
         "a new account is not carried over from the ERP"),
    ],
)  # fmt: skip
def test_the_policy_says_where_a_new_record_may_be_entered(entered_in, to_erp, to_crm):
    some = policy(entered_in=entered_in)
    made = plan(some, crm(AG), None), plan(some, None, erp(AG))
    assert [each.reason or each.outcome for each in made] == [to_erp, to_crm]
    assert all(each == ignored(each.reason) for each in made if each.reason)


def test_an_account_waits_until_it_is_of_a_kind_that_is_carried_over():
    some = policy(kinds=("customer", "partner"))
    waits = ignored("it is a prospect; customer and partner are carried over")

    assert plan(some, crm(AG, kind="prospect"), None) == waits
    assert plan(some, crm(AG, kind="partner"), None).outcome == "create_in_erp"
    assert plan(some, crm(AG, kind=""), None).outcome == "create_in_erp"
    assert plan(policy(kinds=()), crm(AG, kind="prospect"), None).outcome == "create_in_erp"
    of_erp = evolve(erp(AG), kind="prospect")
    assert plan(some, None, of_erp).outcome == "create_in_crm"


def test_a_new_record_that_is_not_in_use_is_not_carried_over():
    over = ignored("it is not in use any more")
    assert plan(policy(), crm(AG, active="no"), None) == over
    assert plan(policy(), None, erp(AG, active="no")) == over
    assert plan(policy(), crm(AG, active="yes"), None).outcome == "create_in_erp"
    assert plan(policy(), None, None) == ignored("it is in neither system")


@pytest.mark.parametrize("here", ["crm", "erp"])
def test_a_new_record_is_written_field_by_field_as_the_other_system_takes_it(here):
    other = OTHER[here]
    fields = policy(
        owned("crm", "website"),
        owned("ask", **{other: Limit(longest=10, cut="truncate"), here: Limit(longest=1)}),
        owned("erp", "address.city", **{other: Limit(longest=3)}),
        owned("crm", "phone", form="phone"),
    )
    values = {"name": AG, "address.city": "Bonn", "phone": "0228 12345", "address.country": "DE"}
    sides = (crm(**values), None) if here == "crm" else (None, erp(**values))

    def decision(field, outcome, value, given, reason, notes=()):
        return Decision(
            field=field, outcome=outcome, reason=reason, notes=notes,
            **{here: value, other: None, f"to_{other}": given},
        )  # fmt: skip

    took, new = f"take_{here}", f"it is new in the {here.upper()}"
    long = (
        f"address.city has 4 characters, and the {other.upper()} takes 3: shorten 'Bonn', or let "
        "the policy truncate it"
    )
    cut = f"name was cut to 10 characters for the {other.upper()}: 'Hinterland'"
    assert plan(fields, *sides) == Plan(
        entity="account",
        outcome=f"create_in_{other}",
        decisions=(
            decision("name", took, AG, "Hinterland", new, (cut,)),
            decision("address.city", "refused", "Bonn", None, long),
            decision("phone", took, "0228 12345", "+4922812345", new),
        ),
    )


# One is gone


GONE = {"crm": "the ERP's is gone", "erp": "the CRM's is gone"}


def left_in(left, **values):
    """Give both sides, of which only one is left."""
    return (crm(**values), None) if left == "crm" else (None, erp(**values))


def gone(left, meaning):
    """Give a policy that says this of what is left there, and something else of the other side."""
    other = "keep" if meaning == "ask" else "ask"
    return policy(**{f"deleted_in_{OTHER[left]}": meaning, f"deleted_in_{left}": other})


def about(left, reason, outcome="unchanged"):
    return Decision(
        field=RECORD, outcome=outcome, reason=reason, **{left: AG, OTHER[left]: None}
    )  # fmt: skip


def put_out(left, reason):
    return Decision(
        field="active", outcome=f"take_{OTHER[left]}", reason=f"{reason}, so it goes out of use",
        **{left: "yes", OTHER[left]: None, f"to_{left}": "no"},
    )  # fmt: skip


@pytest.mark.parametrize("left", ["crm", "erp"])
def test_what_is_left_of_a_pair_is_kept_put_out_of_use_or_asked_about(left):
    why = GONE[left]
    in_use = left_in(left, name=AG, active="yes")

    def made(meaning, sides=in_use, base=None):
        return plan(gone(left, meaning), *sides, base or Agreed())

    def stays(reason):
        return Plan(
            entity="account", outcome="ignored", decisions=(about(left, why),), reason=reason
        )

    assert made("keep") == stays(f"{why}; it is kept")
    assert made("ask") == Plan(
        entity="account", outcome="conflict", decisions=(about(left, why, "conflict"),), reason=why
    )
    assert made("inactivate") == Plan(
        entity="account", outcome="update", decisions=(about(left, why), put_out(left, why)),
        reason=why,
    )  # fmt: skip
    assert made("inactivate", left_in(left, name=AG, active="no")) == stays(
        f"{why}; it is out of use"
    )
    assert made("inactivate", left_in(left, name=AG)) == stays(
        f"{why}; its system cannot put it out of use"
    )
    (nameless,) = made("ask", left_in(left, email="a@x")).conflicts
    assert (nameless.crm, nameless.erp) == (("A-1", None) if left == "crm" else (None, "C-1"))


@pytest.mark.parametrize("left", ["crm", "erp"])
def test_what_a_person_decided_on_once_is_not_asked_again(left):
    decided = Agreed(crm={RECORD: DECIDED})
    why = f"{GONE[left]}, and it was decided on before"
    sides = left_in(left, name=AG, active="yes")

    assert plan(gone(left, "ask"), *sides, decided) == Plan(
        entity="account", outcome="ignored", decisions=(about(left, why),),
        reason=f"{why}; it is kept",
    )  # fmt: skip
    assert plan(gone(left, "inactivate"), *sides, decided).outcome == "update"


@pytest.mark.parametrize(("by", "who"), [("Kim", "Kim"), ("", "somebody")])
@pytest.mark.parametrize("left", ["crm", "erp"])
@pytest.mark.parametrize("meaning", ["ask", "keep", "inactivate"])
def test_a_word_for_the_side_that_is_left_keeps_it_and_for_the_other_puts_it_out_of_use(
    left, meaning, by, who
):
    why = f"{GONE[left]}, and {who} decided"

    def made(take):
        word = {RECORD: Settlement(take=take, crm="", erp="", by=by)}
        return plan(gone(left, meaning), *left_in(left, name=AG, active="yes"), Agreed(), word)

    assert made(left) == Plan(
        entity="account", outcome="ignored", decisions=(about(left, why),),
        reason=f"{why}; it is kept",
    )  # fmt: skip
    assert made(OTHER[left]) == Plan(
        entity="account", outcome="update", decisions=(about(left, why), put_out(left, why)),
        reason=why,
    )  # fmt: skip
