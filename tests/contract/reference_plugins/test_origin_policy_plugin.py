"""Where quotes may begin, and whether each hangs on an opportunity (C6)."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock import Money, Veto, Warn
from crossdock.errors import NotFound
from crossdock.records import Opportunity, Order, Quote, Stage
from crossdock_plugins.origin_policy import plugin

SETTINGS = {
    "begin_in": ["crm", "erp"],
    "opportunity": "warn",
    "from_amount": "0",
    "without_quote": "allow",
}
ZERO = Money("0", "EUR")
DEALS = {
    "O-1": Opportunity(id="O-1", account_id="A-1", name="Mine", stage_id="open", amount=ZERO),
    "O-2": Opportunity(id="O-2", account_id="A-2", name="Theirs", stage_id="open", amount=ZERO),
    "O-3": Opportunity(id="O-3", account_id="A-1", name="Gone", stage_id="lost", amount=ZERO),
}


def deal(opportunity_id):
    if opportunity_id not in DEALS:
        raise NotFound(f"no {opportunity_id}", system="crm", status=404)
    return DEALS[opportunity_id]


def ctx(**settings):
    lost = Stage(id="lost", name="Lost", position=9, kind="lost", probability=Decimal(0))
    crm = SimpleNamespace(opportunity=deal, stages=lambda: [lost])
    return SimpleNamespace(config={**SETTINGS, **settings}, crm=crm)


def quote(opportunity_id=None, net="100"):
    return Quote(
        id="Q-1", account_id="A-1", currency="EUR", opportunity_id=opportunity_id,
        net=Money(net, "EUR"),
    )  # fmt: skip


def kinds(decisions):
    return [(type(each), each.code) for each in decisions]


@pytest.mark.parametrize(
    ("policy", "saved", "ordered"),
    [
        ("never", [], []),
        ("warn", [Warn], []),
        ("ordered", [Warn], [Veto]),
        ("always", [Veto], [Veto]),
    ],
)
def test_a_quote_without_an_opportunity_meets_the_policy(policy, saved, ordered):
    at_save = plugin.before_quote_save(ctx(opportunity=policy), quote(), quote())
    at_order = plugin.before_order_promote(ctx(opportunity=policy), quote())

    assert [type(each) for each in at_save] == saved
    assert [type(each) for each in at_order] == ordered
    assert {each.field for each in (*at_save, *at_order)} <= {"opportunity_id"}


def test_a_small_quote_needs_none():
    policy = ctx(opportunity="always", from_amount="500")

    assert plugin.before_order_promote(policy, quote(net="499.99")) == []
    assert kinds(plugin.before_order_promote(policy, quote(net="500"))) == [
        (Veto, "origin.opportunity")
    ]


@pytest.mark.parametrize(
    ("named", "answer"),
    [
        ("O-1", []),
        ("O-2", [(Veto, "origin.opportunity")]),
        ("O-9", [(Veto, "origin.opportunity")]),
        ("O-3", [(Warn, "origin.lost")]),
    ],
)
def test_the_opportunity_is_one_of_this_account_that_can_be_won(named, answer):
    assert kinds(plugin.before_quote_save(ctx(), quote(named), quote())) == answer


def test_where_quotes_begin_in_the_erp_a_new_one_is_refused_and_an_old_one_is_not():
    policy = ctx(begin_in=["erp"], opportunity="never")

    assert kinds(plugin.before_quote_save(policy, quote(), None)) == [(Veto, "origin.crm")]
    assert plugin.before_quote_save(policy, quote(), quote()) == []
    assert kinds(plugin.before_order_save(policy)) == [(Veto, "origin.crm")]
    assert kinds(plugin.before_order_save(ctx(without_quote="stop"))) == [(Veto, "origin.no_quote")]
    assert plugin.before_order_save(ctx()) == []


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_an_order_that_went_past_the_crm_is_told_to_the_owner_of_its_account(open_scene):
    scene = open_scene("origin-policy", origin_policy={"begin_in": ["crm"]})
    account = scene.host.crm.account(scene.story["account"])
    (customer, *_) = scene.host.trading_accounts(account)
    order = Order(
        id="SO-900001", system="main", currency="EUR", customer_id=customer.id,
        gross=Money("119.00", "EUR"),
    )  # fmt: skip
    ours = Order(id="SO-900002", system="main", currency="EUR", customer_id=customer.id,
                 reference="R-1")  # fmt: skip

    for document in (order, order, ours):
        scene.deliver(_changed(document))

    tasks = [
        each for each in scene.host.crm.activities(account.id) if "past the CRM" in each.subject
    ]
    assert [task.subject for task in tasks] == ["Order SO-900001 was entered in main, past the CRM"]
    assert tasks[0].owner_id == account.owner_id


def _changed(order):
    from crossdock.records import DocumentChanged
    from crossdock.testing import a_change

    return DocumentChanged(change=a_change("order", order.id, system="main"), document=order)
