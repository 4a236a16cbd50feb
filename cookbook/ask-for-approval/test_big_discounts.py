from pathlib import Path

import pytest

from crossdock.errors import ApprovalRefused
from crossdock.testing import a_quote, of

BIG_DISCOUNTS = Path(__file__).parent / "big-discounts"
pytestmark = pytest.mark.dock("straight-through", BIG_DISCOUNTS)


@pytest.fixture
def asked(dock):
    """A quote with a large discount that a salesperson wants to order, and who is asked."""
    quote = dock.save(a_quote(dock.story["account"], of(2, "BRG-1001", less=20))).quote
    promotion = dock.host.promote_quote(quote.id, user=dock.user("sales"))
    assert promotion.order is None
    (wanted,) = promotion.approvals
    return quote, wanted


def test_once_the_manager_agrees_it_is_ordered_by_itself(dock, asked):
    quote, wanted = asked
    assert (wanted.role, wanted.reason) == ("manager", "BRG-1001 is sold at 20 % off.")
    with pytest.raises(ApprovalRefused):
        dock.host.approvals.decide(wanted.id, approve=True, user=dock.user("sales"))

    dock.host.approvals.decide(
        wanted.id, approve=True, user=dock.user("manager"), comment="they always pay"
    )
    dock.deliveries.run()
    order = dock.host.crm.order(dock.host.crm.quote(quote.id).order_id)
    assert order.erp_order_id


def test_what_is_declined_stays_a_quote_and_says_why(dock, asked):
    quote, wanted = asked
    dock.host.approvals.decide(
        wanted.id, approve=False, user=dock.user("manager"), comment="they owe us already"
    )
    dock.deliveries.run()
    again = dock.host.promote_quote(quote.id, user=dock.user("sales"))
    assert again.order is None
    assert [each.comment for each in again.approvals] == ["they owe us already"]


def test_a_usual_discount_needs_nobody(dock):
    quote = dock.save(a_quote(dock.story["account"], of(2, "BRG-1001", less=15))).quote
    assert dock.host.promote_quote(quote.id, user=dock.user("sales")).order
