import itertools
import runpy
from pathlib import Path

import pytest

from crossdock_mocks.engine import Fault

entry = runpy.run_path(str(Path(__file__).with_name("order_entry.py")))
ORDER = {"customerId": "C-10001", "lines": [{"itemId": "BRG-1001", "quantity": "2"}]}
# What may go wrong with one call, before or after the ERP did its work.
BAD = (
    "drop_before",
    "drop_after_commit",
    "timeout_before",
    "timeout_after_commit",
    "status",
    "status_after_commit",
    "half_body",
)


@pytest.fixture
def erp(open_mock):
    return open_mock("erp")


@pytest.fixture
def enter(erp):
    key = {"X-Api-Key": "erp-demo-key"}
    with erp.client(headers=key, timeout=5) as client:
        yield lambda **more: entry["enter"](client, ORDER, key="PO-4711", **more)


def test_two_answers_in_a_row_are_lost_in_every_way_and_the_order_is_there_once(erp, enter):
    for first, second in itertools.product(BAD, repeat=2):
        erp.reset()
        before = len(erp.rows("sales_orders"))
        for number, kind in enumerate((first, second), 1):
            seconds = {"seconds": 60} if kind.startswith("timeout") else {}
            erp.faults.add(Fault(kind, operation="createSalesOrder", nth=number, **seconds))

        number = enter()

        new = erp.rows("sales_orders")[before:]
        assert [each["id"] for each in new] == [number], f"{first}, then {second}"


def test_where_nothing_is_answered_at_all_nobody_is_told_that_it_worked(erp, enter):
    erp.faults.add(Fault("timeout_after_commit", operation="createSalesOrder", seconds=60))
    with pytest.raises(entry["NotKnownError"], match="PO-4711: no answer in 3 tries"):
        enter()
    erp.faults.clear()
    orders = len(erp.rows("sales_orders"))
    enter()  # later, by hand: the same key finds what is there
    assert len(erp.rows("sales_orders")) == orders
