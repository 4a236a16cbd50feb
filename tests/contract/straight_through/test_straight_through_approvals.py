"""A promotion that somebody has to agree to: it ends, and the answer starts it again."""

import pytest
from attrs import evolve

from crossdock.errors import ApprovalRefused
from crossdock.records import Money, OrderPromoted, QuoteApproved, User

MAX = User(id="U-max", name="Max", roles=("manager",))


@pytest.fixture
def asking(open_scene, story):
    """A scene whose plugin asks a manager about orders over the limit, and the quote of one."""
    scene = open_scene(over_limit="approve", role="manager")
    quote = scene.host.save_quote(scene.host.crm.quote(story["over_limit_quote"]), user="kim").quote
    return scene, quote


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_it_is_ordered_by_itself_once_a_manager_agrees(asking):
    scene, quote = asking
    promotion = scene.host.promote_quote(quote.id, user="kim")
    (wanted,) = promotion.approvals
    assert (promotion.order, wanted.state, wanted.role) == (None, "pending", "manager")
    assert "credit limit" in wanted.reason

    scene.host.approvals.decide(wanted.id, approve=True, user=MAX, comment="they always pay")
    released = scene.host.deliveries.events[-1]
    assert isinstance(released, QuoteApproved)
    scene.deliver(released, to="crossdock.host")

    order = scene.host.crm.order(scene.host.crm.quote(quote.id).order_id)
    promoted = scene.host.deliveries.events[-1]
    assert isinstance(promoted, OrderPromoted)
    assert promoted.order.id == order.id
    assert scene.host.approvals.get(wanted.id).outcome == f"ordered as {order.id}"


def test_asking_again_while_it_waits_asks_nobody_twice(asking):
    scene, quote = asking
    first = scene.host.promote_quote(quote.id, user="kim")
    again = scene.host.promote_quote(quote.id, user="kim")

    assert first.approvals == again.approvals
    assert len(scene.host.approvals.list(quote_id=quote.id)) == 1


def test_what_was_declined_is_not_ordered_and_says_why(asking):
    scene, quote = asking
    (wanted,) = scene.host.promote_quote(quote.id, user="kim").approvals
    events = len(scene.host.deliveries.events)
    scene.host.approvals.decide(wanted.id, approve=False, user=MAX, comment="they owe us already")

    promotion = scene.host.promote_quote(quote.id, user="kim")

    assert promotion.order is None
    assert [(each.state, each.comment) for each in promotion.approvals] == [
        ("declined", "they owe us already")
    ]
    assert len(scene.host.deliveries.events) == events


def test_a_salesperson_cannot_agree(asking):
    scene, quote = asking
    (wanted,) = scene.host.promote_quote(quote.id, user="kim").approvals
    with pytest.raises(ApprovalRefused):
        scene.host.approvals.decide(wanted.id, approve=True, user=scene.host.user("kim"))


def test_guards_are_asked_again_when_it_goes_on(asking):
    scene, quote = asking
    (wanted,) = scene.host.promote_quote(quote.id, user="kim").approvals
    scene.host.approvals.decide(wanted.id, approve=True, user=MAX)
    released = scene.host.deliveries.events[-1]
    # Meanwhile somebody writes a price that the ERP does not have.
    line = quote.lines[0]
    net = (line.quantity * (line.unit_price - Money("1.00", "EUR"))).rounded()
    cheaper = evolve(line, unit_price=line.unit_price - Money("1.00", "EUR"), net=net, tax=None)
    unpriced = evolve(
        scene.host.crm.quote(quote.id), lines=(cheaper, *quote.lines[1:]),
        net=None, tax=None, gross=None,
    )  # fmt: skip
    scene.host.crm.save_quote(unpriced)

    scene.deliver(released, to="crossdock.host")

    assert scene.host.crm.quote(quote.id).order_id is None
    outcome = scene.host.approvals.get(wanted.id).outcome
    assert outcome.startswith("not ordered: ")
