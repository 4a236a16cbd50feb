"""Thresholds by configuration: whose agreement a quote needs, and what nobody may read from it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import Money, QuoteLine, User

PLUGIN = "approval-rules"
KIM = User(id="U-kim", name="Kim", roles=("sales",))
MAX = User(id="U-max", name="Max", roles=("manager",))


@pytest.fixture
def judge(open_scene):
    """Ask the rules about a quote of one line: list price 100, ten pieces."""

    def judge_(*rules, user=KIM, discount="0", cost=None, account="A-1001", currency="EUR", **line):
        scene = open_scene(PLUGIN, **({"approval_rules": {"rules": list(rules)}} if rules else {}))
        net = Money("1000.00", currency) * (1 - Decimal(discount) / 100)
        made = QuoteLine(
            number=1,
            item_id="BRG-1001",
            quantity=Decimal(10),
            list_price=Money("100.00", currency),
            discount_percent=Decimal(discount),
            net=net.rounded(),
            unit_cost=None if cost is None else Money(cost, currency),
        )
        quote = evolve(
            scene.host.crm.quote(scene.story["quote"]),
            account_id=account,
            currency=currency,
            lines=(evolve(made, **line),),
            net=evolve(made, **line).net,
        )
        warned = scene.host.before_quote_save(quote, user=user)
        asked = scene.host.before_order_promote(quote, user=user)
        assert not warned.faults + asked.faults
        assert [each.code for each in warned.warnings] == [each.code for each in asked.approvals]
        assert warned.allowed
        return [(each.role, each.field, each.message) for each in asked.approvals]

    return judge_


def rule(limit, role="manager", **more):
    return {"limit": limit, "role": role, **more}


def test_without_settings_a_discount_over_15_percent_needs_a_manager(judge):
    assert judge(discount="15") == []
    assert judge(discount="16") == [
        ("manager", "lines.0.discount_percent", "A discount of 16 % is more than 15 %.")
    ]


def test_a_price_below_the_list_price_is_a_discount(judge):
    low = {"net": Money("700.00", "EUR")}
    (asked,) = judge(rule("discount", over="20"), **low)
    assert asked[2] == "A discount of 30 % is more than 20 %."


def test_an_amount_over_the_limit_needs_agreement_in_its_currency(judge):
    limit = rule("amount", over="900", currency="EUR")
    (asked,) = judge(limit)
    assert asked == ("manager", "net", "A net amount of 1,000.00 EUR is more than 900 EUR.")
    assert judge(limit, currency="SEK") == []
    assert judge(limit, net=None) == []


def test_rules_are_for_some_roles_and_some_kinds_of_account(judge):
    for_sales = rule("amount", over="1", for_roles=["sales"])
    assert judge(for_sales)
    assert judge(for_sales, user=MAX) == []
    assert judge(rule("amount", over="1", kinds=["customer"]))
    assert judge(rule("amount", over="1", kinds=["former"])) == []


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_one_role_is_asked_once_with_the_furthest_limit_that_was_passed(judge):
    steps = [rule("amount", over=over) for over in ("500", "900", "2000")]
    (asked,) = judge(*steps, rule("amount", role="accounting", over="800"))[:1]
    assert asked[2].endswith("more than 900 EUR.")
    roles = [each[0] for each in judge(*steps, rule("amount", role="accounting", over="800"))]
    assert sorted(roles) == ["accounting", "manager"]


def test_a_thin_margin_needs_agreement_where_costs_may_be_seen(judge):
    thin = rule("margin", role="accounting", under="12")
    (asked,) = judge(thin, cost="90.00", user=MAX)
    assert asked == ("accounting", "net", "A margin of 10 % is less than 12 %.")
    assert judge(thin, cost="80.00", user=MAX) == []


def test_a_margin_that_may_not_be_seen_is_asked_about_each_time_where_that_is_set(judge):
    unseen = rule("margin", role="accounting", under="12", when_hidden="ask")
    for cost in ("90.00", "10.00"):
        (asked,) = judge(unseen, cost=cost, user=KIM)
        assert asked[:2] == ("accounting", "net")
        assert not any(letter.isdigit() for letter in asked[2])
    assert judge(unseen, cost="80.00", user=MAX) == []


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_who_may_not_see_costs_learns_nothing_of_a_margin(judge):
    assert judge(rule("margin", under="99"), cost="99.00", user=KIM) == []
