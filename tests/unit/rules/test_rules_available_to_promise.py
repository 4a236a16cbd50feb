from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Availability, Receipt
from crossdock.rules import Movement, available_to_promise, earliest, promise_of

START = date(2026, 11, 2)
WEEKS = [START + timedelta(weeks=n) for n in range(8)]


def moved(*quantities):
    return [
        Movement(due_on=WEEKS[week], quantity=Decimal(quantity))
        for week, quantity in enumerate(quantities)
        if quantity
    ]


def test_the_time_series_of_jd_edwards():
    found = available_to_promise(
        Decimal(80),
        Decimal(0),
        moved(0, 0, 60, 0, 0, 60, 0, 0),
        moved(30, 25, 30, 10, 0, 35, 0, 0),
        periods=WEEKS,
    )

    assert [each.discrete for each in found] == [25, 0, 20, 0, 0, 25, 0, 0]
    assert [each.cumulative for each in found] == [25, 25, 45, 45, 45, 70, 70, 70]


def test_what_is_reserved_already_is_neither_there_nor_needed_again():
    found = available_to_promise(
        Decimal(10),
        Decimal(4),
        [Movement(due_on=WEEKS[1], quantity=Decimal(8), reserved=Decimal(3))],
        [Movement(due_on=WEEKS[1], quantity=Decimal(9), reserved=Decimal(7))],
        periods=WEEKS[:2],
    )

    assert [(each.supply, each.demand) for each in found] == [(6, 0), (5, 2)]
    assert [each.cumulative for each in found] == [6, 9]


def test_stock_is_held_back_for_what_a_later_receipt_does_not_cover():
    found = available_to_promise(
        Decimal(10), Decimal(0), moved(0, 5), moved(0, 12), periods=WEEKS[:3]
    )

    assert [each.discrete for each in found] == [3, 0, 0]


def test_more_spoken_for_than_there_is_shows_below_zero_and_is_covered_by_what_comes_next():
    found = available_to_promise(Decimal(0), Decimal(10), moved(0, 30), (), periods=WEEKS[:2])

    assert [each.cumulative for each in found] == [-10, 20]
    assert WEEKS[1] == earliest(found, Decimal(20))
    assert earliest(found, Decimal(21)) is None


def test_what_is_overdue_counts_in_the_first_period():
    late = [Movement(due_on=START - timedelta(days=9), quantity=Decimal(4))]

    (found,) = available_to_promise(Decimal(10), Decimal(0), (), late, periods=[START])

    assert Decimal(6) == found.cumulative


def test_an_item_is_promised_from_its_stock_and_the_receipts_on_their_way():
    availability = Availability(
        item_id="A",
        asked=Decimal(1),
        on_hand=Decimal(10),
        reserved=Decimal(8),
        available=Decimal(2),
        incoming=(
            Receipt(due_on=WEEKS[2], quantity=Decimal(20)),
            Receipt(due_on=START, quantity=Decimal(1)),
        ),
    )

    found = promise_of(availability, as_of=START)

    assert [(START, 3), (WEEKS[2], 23)] == [(each.start, each.cumulative) for each in found]
    assert earliest(found, Decimal(3)) == START


@pytest.mark.parametrize("periods", [[], [START, START], WEEKS[::-1]])
def test_periods_are_days_in_order(periods):
    with pytest.raises(ValueError, match="periods are days"):
        available_to_promise(Decimal(1), Decimal(0), (), (), periods=periods)


_moved = st.lists(
    st.builds(
        lambda day, quantity, part: Movement(
            due_on=START + timedelta(days=day),
            quantity=Decimal(quantity),
            reserved=Decimal(quantity * part // 4),
        ),
        st.integers(-10, 70),
        st.integers(0, 100),
        st.integers(0, 4),
    ),
    max_size=12,
)


@given(st.integers(0, 200), st.integers(0, 200), _moved, _moved)
def test_nothing_is_promised_twice_and_nothing_is_lost(on_hand, reserved, receipts, requirements):
    found = available_to_promise(
        Decimal(on_hand), Decimal(reserved), receipts, requirements, periods=WEEKS
    )

    free = on_hand - reserved + sum(x.free for x in receipts) - sum(x.free for x in requirements)
    assert free == sum(each.discrete for each in found) == found[-1].cumulative
    assert all(each.discrete >= 0 for each in found[1:])
    # Whatever is promised for a period, what was promised to others for later ones is still there.
    for index in range(len(found)):
        balance = sum(each.supply - each.demand for each in found[: index + 1])
        assert found[index].cumulative <= balance
