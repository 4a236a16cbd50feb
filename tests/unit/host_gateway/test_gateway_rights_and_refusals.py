"""Who may do what, and the line of the audit trail for who may not: each rule by itself."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from crossdock.errors import AccessDenied
from crossdock.host import RoleConfig
from crossdock.host.gateway.permission import Permission
from crossdock.host.gateway.refusals import KINDS_PER_PLUGIN, Refusal, Refusals
from crossdock.host.gateway.rights import Rights, RightsByRole, closed, may_open
from crossdock.records import User

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = frozenset({"bank", "cost", "credit", "margin", "personal"})


def user(*roles: str) -> User:
    return User(id="U-kim", name="Kim", roles=roles)


@pytest.fixture
def rights() -> RightsByRole:
    return RightsByRole(
        {
            "sales": RoleConfig(scopes=("erp.items:*", "crm.*"), fields=("personal",)),
            "buyer": RoleConfig(scopes=("erp.invoices:read",), fields=("cost", "margin")),
            "chief": RoleConfig(scopes=("*",), fields=("*",), rights=("deliveries:write",)),
            "clerk": RoleConfig(rights=("deliveries:write",)),
        }
    )


@pytest.mark.parametrize(
    ("hidden", "all_of_it"),
    [
        ((), ()),
        (("bank",), ("bank",)),
        (("cost",), ("cost", "margin")),
        (["margin"], ("cost", "margin")),
    ],
)
def test_what_gives_something_hidden_away_is_hidden_with_it(hidden, all_of_it):
    assert closed(hidden) == frozenset(all_of_it)


SCOPES = frozenset(
    {"erp.items:read", "erp.invoices:read", "crm.quotes:write", "field:cost", "field:personal"}
)


@pytest.mark.parametrize(
    ("roles", "scopes", "hidden"),
    [
        (("sales",), {"erp.items:read", "crm.quotes:write"}, ALL - {"personal"}),
        # The margin is not among the scopes, so the cost, which would tell it, is hidden as well.
        (("buyer",), {"erp.invoices:read"}, ALL),
        (("sales", "unknown"), {"erp.items:read", "crm.quotes:write"}, ALL - {"personal"}),
        (("chief",), {s for s in SCOPES if not s.startswith("field:")}, ALL - {"personal"}),
        ((), (), ALL),
    ],
)  # fmt: skip
def test_a_plugin_may_what_both_it_and_the_user_may(rights, roles, scopes, hidden):
    found = rights.of(SCOPES, user(*roles))

    assert (found.scopes, found.hidden) == (frozenset(scopes), hidden)
    assert rights.of(SCOPES, user(*roles)) is found


def test_without_a_user_the_scopes_alone_decide(rights):
    found = rights.of(frozenset({*SCOPES, "field:margin"}), None)

    assert found.scopes == {"erp.items:read", "erp.invoices:read", "crm.quotes:write"}
    assert found.hidden == {"bank", "credit"}
    assert rights.of(frozenset({"erp.items:read"}), None).hidden == ALL
    assert rights.of(frozenset({"erp.items:read"}), user("chief")).hidden == ALL


def test_the_profile_is_the_same_for_the_same_rights_and_for_no_others():
    here = Rights(scopes=frozenset({"a", "b"}), hidden=frozenset({"cost", "bank"}))

    assert here.profile == Rights(scopes=here.scopes, hidden=here.hidden).profile
    # In every process and every version: what is kept is found again by it.
    assert here.profile == "47ed0becdf7bfc5b"
    others = [
        Rights(scopes=frozenset({"a"}), hidden=here.hidden),
        Rights(scopes=here.scopes, hidden=frozenset({"cost"})),
        Rights(scopes=frozenset({"a", "b", "cost", "bank"}), hidden=frozenset()),
    ]
    assert len({here.profile, *(each.profile for each in others)}) == 4


def test_what_a_user_sees_is_what_any_of_his_roles_lets_him(rights):
    assert rights.hidden_from(user("sales")) == ALL - {"personal"}
    assert rights.hidden_from(user("sales", "buyer")) == {"bank", "credit"}
    assert rights.hidden_from(user("sales", "chief")) == frozenset()
    assert rights.hidden_from(user()) == ALL
    assert rights.hidden_from(user("sales")) is rights.hidden_from(user("sales"))


def test_a_right_of_the_host_is_had_by_any_role_that_gives_it(rights):
    assert rights.may(user("sales", "clerk"), "deliveries:write")
    assert rights.may(user("chief"), "deliveries:write")
    assert not rights.may(user("sales", "unknown"), "deliveries:write")
    assert not rights.may(user("clerk"), "deliveries:read")
    assert rights.who_may("deliveries:write") == ("chief", "clerk")
    assert rights.who_may("accounts:write") == ()


def test_what_names_no_role_is_for_everybody():
    assert may_open((), user())
    assert may_open(["sales"], user("buyer", "sales"))
    assert not may_open(["sales"], user("buyer"))
    assert not may_open(["sales"], user())


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Trail(list):
    """The audit trail, as a list of what was to be written."""

    def append(self, **line) -> None:
        super().append(line)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trail() -> Trail:
    return Trail()


@pytest.fixture
def refusals(trail, clock) -> Refusals:
    return Refusals(lambda: trail, lambda: NOW, clock)


REFUSAL = Refusal("spy", "tab", "U-kim", "erp.items:read", "kept")


def test_a_refusal_is_written_with_all_that_is_known_of_it(refusals, trail, caplog):
    with caplog.at_level(logging.WARNING, logger="crossdock.gateway"):
        refusals.record(REFUSAL)
        refusals.record(Refusal("", "desk", "U-kim", "deliveries:write"))
        refusals.record(Refusal("spy", "job", "", "erp.items:read"))

    assert trail == [
        {
            "actor": "plugin:spy", "action": "access.refused", "subject": "erp.items:read",
            "detail": {"point": "tab", "user": "U-kim", "reason": "kept"}, "at": NOW,
        },
        {
            "actor": "user:U-kim", "action": "access.refused", "subject": "deliveries:write",
            "detail": {"point": "desk", "user": "U-kim"}, "at": NOW,
        },
        {
            "actor": "plugin:spy", "action": "access.refused", "subject": "erp.items:read",
            "detail": {"point": "job", "user": ""}, "at": NOW,
        },
    ]  # fmt: skip
    assert caplog.messages == [
        "refused erp.items:read to spy in tab for user U-kim",
        "refused deliveries:write to a person in desk for user U-kim",
        "refused erp.items:read to spy in job for user -",
    ]


def test_those_like_it_within_a_minute_are_one_line_with_how_many_there_were(
    refusals, trail, clock
):
    for _ in range(4):
        refusals.record(REFUSAL)
    clock.seconds += 60
    refusals.record(REFUSAL)
    assert len(trail) == 1

    clock.seconds += 0.5
    refusals.record(REFUSAL)

    assert [line["detail"].get("times") for line in trail] == [None, 4, None]
    assert trail[1]["detail"] == {"point": "tab", "user": "U-kim", "reason": "kept", "times": 4}


def test_what_was_only_counted_is_written_at_the_end_and_once(refusals, trail):
    refusals.record(REFUSAL)
    refusals.flush()
    assert len(trail) == 1

    refusals.record(REFUSAL)
    refusals.record(REFUSAL)
    refusals.flush()
    refusals.flush()

    assert [line["detail"].get("times") for line in trail] == [None, None, 1]


def test_a_plugin_that_is_refused_all_sorts_of_things_gets_one_line_for_the_rest(refusals, trail):
    for number in range(KINDS_PER_PLUGIN + 3):
        refusals.record(Refusal("spy", "tab", "U-kim", f"scope {number}"))
    refusals.record(Refusal("spy", "tab", "U-kim", "scope 0"))
    refusals.record(Refusal("other", "tab", "U-kim", "scope 0"))
    refusals.flush()

    assert [line["subject"] for line in trail[99:]] == [
        "scope 99", "others", "scope 0", "scope 0", "others",
    ]  # fmt: skip
    assert trail[100]["detail"] == {
        "point": "others", "user": "", "reason": "too many to name each",
    }  # fmt: skip
    assert [line["actor"] for line in trail[100:]] == [
        "plugin:spy", "plugin:other", "plugin:spy", "plugin:spy",
    ]  # fmt: skip
    assert [line["detail"].get("times") for line in trail[100:]] == [None, None, 1, 2]


def test_who_has_the_right_is_let_through_and_nothing_is_written(rights, refusals, trail):
    permission = Permission("deliveries:write", "deliveries", rights=rights, refusals=refusals)

    permission.require(user("clerk"), "retry D-1")

    assert permission.objection(user("clerk")) == ""
    assert trail == []


@pytest.mark.parametrize(
    ("roles", "who"),
    [
        (["a"], "which the role a has"),
        (["b", "a"], "which the role a or b has"),
        (["c", "b", "a"], "which the role a, b or c has"),
        ([], "which no role has; [roles.NAME] rights in crossdock.toml gives it"),
    ],
)
def test_who_has_not_is_told_who_could_help_and_it_is_written_down(refusals, trail, roles, who):
    granting = {name: RoleConfig(rights=("deliveries:write",)) for name in roles}
    permission = Permission(
        "deliveries:write", "D-1", rights=RightsByRole(granting), refusals=refusals
    )

    with pytest.raises(AccessDenied) as refused:
        permission.require(user("sales"), "retry")

    assert str(refused.value) == (
        f"Kim may only look: this needs the right deliveries:write, {who}"
    )
    assert refused.value.scope == "deliveries:write"
    assert [(line["actor"], line["subject"], line["detail"]) for line in trail] == [
        (
            "user:U-kim",
            "deliveries:write",
            {"point": "D-1", "user": "U-kim", "reason": "retry"},
        )
    ]
