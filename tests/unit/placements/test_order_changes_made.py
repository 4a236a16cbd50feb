"""Whether an order shows a change already, of an ERP that keeps no history of its orders."""

from datetime import date
from decimal import Decimal

import pytest

from crossdock.host.order_changes.order_changes import is_made
from crossdock.records import LineChange, Order, OrderChange, OrderLine

ORDER = Order(
    id="7",
    system="books",
    currency="EUR",
    requested_on=date(2026, 12, 1),
    lines=(OrderLine(number=1, item_id="BRG", quantity=Decimal(3)),),
)


def change(**what):
    return OrderChange(id="CO-1", order_id="R-1", **{"kind": "change", **what})


@pytest.mark.parametrize(
    ("what", "made"),
    [
        ({"requested_on": date(2026, 12, 1)}, True),
        ({"requested_on": date(2026, 12, 2)}, False),
        ({"lines": (LineChange(number=1, quantity=Decimal(3)),)}, True),
        ({"lines": (LineChange(number=1, quantity=Decimal(4)),)}, False),
        ({"lines": (LineChange(number=1, cancel=True),)}, False),
        ({"added": (OrderLine(number=2, item_id="SEA", quantity=Decimal(1)),)}, False),
        ({"kind": "cancel"}, False),
    ],
)
def test_a_change_is_told_by_what_the_order_has_become(what, made):
    assert is_made(ORDER, change(**what)) == made
