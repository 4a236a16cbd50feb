"""Orders that are entered without a quote go straight through as well (D1)."""

from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.testing import an_order, of
from crossdock_mocks.engine import Fault

PLUGINS = ("straight-through", "credit-policy")


@pytest.fixture
def scene(open_scene):
    return open_scene(*PLUGINS)


@pytest.fixture
def order(scene):
    goods = of(2, "BRG-1001")
    return an_order(scene.story["account"], goods, reference="desk-1", owner_id="U-kim")


def published(scene):
    return [scene.deliveries.event(each.id) for each in scene.deliveries.list()]


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_an_order_is_priced_by_the_erp_entered_once_and_placed(scene, order):
    saved = scene.host.save_order(order, user="kim")
    entered = saved.order
    assert (entered.status, entered.pricing_status, entered.price_source) == (
        "submitted", "priced", "main",
    )  # fmt: skip
    assert entered.trading_account == "main:C-10001"
    assert entered.net == entered.lines[0].net
    assert entered.gross == entered.net + entered.tax
    again = scene.host.save_order(order, user="kim")
    assert again.order.id == entered.id
    scene.deliveries.run()
    (placed,) = scene.erp.rows("sales_orders", externalReference=entered.id)
    told = scene.host.crm.order(entered.id)
    assert (told.erp_order_id, told.gross) == (placed["id"], entered.gross)


def test_a_price_that_somebody_entered_gives_way_to_the_erps_and_is_told(scene, order):
    gross = evolve(scene.host.save_order(order, user="kim").order.gross, amount=Decimal("1.00"))
    saved = scene.host.save_order(
        evolve(order, reference="desk-2", net=gross, tax=gross - gross, gross=gross), user="kim"
    )
    (amendment,) = saved.verdict.amendments
    assert amendment.reason.endswith("not 1.00 EUR.")


def test_what_the_erp_would_not_take_is_told_beside_its_field(scene, order):
    wrong = evolve(order, lines=(evolve(order.lines[0], item_id="NO-SUCH"),))
    saved = scene.host.save_order(wrong, user="kim")
    assert saved.order is None
    assert [each.field for each in saved.verdict.objections] == ["lines.0.item_id"]
    empty = scene.host.save_order(evolve(order, lines=()), user="kim")
    assert [each.code for each in empty.verdict.objections] == ["order.empty"]


def test_an_order_over_the_limit_is_stopped_and_its_draft_only_warned(scene, order):
    line = evolve(order.lines[0], quantity=Decimal(100000))
    huge = evolve(order, account_id=scene.story["over_limit_account"], lines=(line,))
    saved = scene.host.save_order(huge, user="kim")
    assert saved.order is None
    assert "credit.over_limit" in [each.code for each in saved.verdict.objections]
    draft = scene.host.save_order(evolve(huge, status="draft"), user="kim")
    assert draft.order.status == "draft"
    assert "credit.over_limit" in [each.code for each in draft.order.checks]
    assert published(scene) == []


def test_while_the_erp_is_away_a_draft_is_kept_unchecked_and_an_order_is_not(scene, order):
    away = Fault(kind="status", status=503, operation="simulatePrices", every=1)
    scene.erp.faults.add(away)
    refused = scene.host.save_order(order, user="kim")
    assert refused.order is None
    assert [fault.remote for fault in refused.verdict.faults] == [True]
    kept = scene.host.save_order(evolve(order, status="draft"), user="kim").order
    assert (kept.status, kept.pricing_status) == ("draft", "unchecked")
    assert "unchecked" in [each.code for each in kept.checks]
    scene.erp.faults.clear()
    entered = scene.host.save_order(evolve(kept, status="submitted"), user="kim")
    assert (entered.order.status, entered.order.pricing_status) == ("submitted", "priced")
    assert {each.level for each in entered.order.checks} == {"info"}
    assert [event.order for event in published(scene)] == [entered.order]


def test_an_account_without_a_customer_may_have_a_draft_and_no_order(scene, order):
    account = scene.host.crm.save_account(
        evolve(scene.host.crm.account(order.account_id), id="", external_ids={}, name="New")
    )
    theirs = evolve(order, account_id=account.id)
    saved = scene.host.save_order(theirs, user="kim")
    assert [each.code for each in saved.verdict.objections] == ["customer.missing"]
    assert scene.host.save_order(evolve(theirs, status="draft"), user="kim").order is not None
