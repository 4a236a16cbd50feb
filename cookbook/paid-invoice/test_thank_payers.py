from pathlib import Path

import pytest

from crossdock.testing import Crash

THANK_PAYERS = Path(__file__).parent / "thank-payers"
pytestmark = pytest.mark.dock("straight-through", THANK_PAYERS)


@pytest.fixture
def invoiced(dock):
    """An order that was shipped and invoiced, and is not paid yet."""
    quote = dock.save(dock.host.crm.quote(dock.story["quote"])).quote
    promotion = dock.host.promote_quote(quote.id, user=dock.user("sales"))
    dock.deliveries.run()
    order = dock.host.crm.order(promotion.order.id)
    for act in ("ship", "invoice"):
        dock.play(act, order.erp_order_id)
    dock.deliveries.run()
    assert not thanks(dock, order.account_id)
    return order


def thanks(dock, account_id):
    tasks = dock.host.crm.activities(account_id)
    return [each for each in tasks if "is paid: thank them" in each.subject]


def test_who_paid_is_thanked_once(dock, invoiced):
    dock.play("pay", invoiced.erp_order_id)
    dock.deliveries.run()
    (task,) = thanks(dock, invoiced.account_id)
    assert task.owner_id == dock.host.crm.account(invoiced.account_id).owner_id
    assert task.due_at is not None


def test_a_worker_that_dies_right_after_the_task_opens_no_second_one(dock, invoiced):
    dock.play("pay", invoiced.erp_order_id)
    with dock.deliveries.crash_after("open a task"), pytest.raises(Crash):
        dock.deliveries.run()
    dock.deliveries.run()
    assert len(thanks(dock, invoiced.account_id)) == 1
