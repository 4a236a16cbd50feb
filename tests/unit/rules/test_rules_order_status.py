from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.rules import (
    contradictions,
    late_lines,
    line_status,
    open_quantity,
    order_status,
    to_invoice,
)

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("progress", "status"),
    [
        ({}, "open"),
        ({"reserved": 10}, "reserved"),
        ({"reserved": 4, "back_ordered": 6}, "back_ordered"),
        ({"shipped": 4, "reserved": 6}, "partly_shipped"),
        ({"shipped": 10}, "shipped"),
        ({"shipped": 10, "invoiced": 4}, "partly_invoiced"),
        ({"shipped": 10, "invoiced": 10}, "invoiced"),
        ({"shipped": 6, "cancelled": 4, "invoiced": 6}, "invoiced"),
        ({"shipped": 10, "returned": 3, "invoiced": 7}, "invoiced"),
        ({"cancelled": 10}, "cancelled"),
        ({"shipped": 10, "invoiced": 10, "returned": 10}, "returned"),
    ],
)
def test_a_line_has_come_as_far_as_its_quantities_say(make, progress, status):
    assert status == line_status(make.order_line(1, 10, **progress))


@pytest.mark.parametrize(
    ("lines", "more", "status"),
    [
        ([{}, {}], {}, "confirmed"),
        ([{}, {}], {"mark": "on_hold"}, "on_hold"),
        ([], {"mark": "submitted"}, "submitted"),
        ([{"shipped": 10}, {}], {}, "partly_shipped"),
        ([{"shipped": 10, "invoiced": 10}, {"back_ordered": 10}], {}, "partly_shipped"),
        ([{"shipped": 10}, {"cancelled": 10}], {}, "shipped"),
        ([{"shipped": 10, "invoiced": 10}, {"shipped": 10}], {}, "partly_invoiced"),
        ([{"shipped": 10, "invoiced": 10}, {"cancelled": 10}], {}, "invoiced"),
        ([{"shipped": 10, "invoiced": 10}], {"paid": True}, "paid"),
        ([{"cancelled": 10}, {"cancelled": 10}], {}, "cancelled"),
        ([{"shipped": 10, "invoiced": 10, "returned": 10}], {}, "returned"),
        ([{"invoiced": 10}], {}, "partly_invoiced"),
        ([{"shipped": 10}], {"mark": "rejected"}, "rejected"),
    ],
)
def test_an_order_has_come_as_far_as_its_lines(make, lines, more, status):
    given_lines = [make.order_line(n, 10, **line) for n, line in enumerate(lines, start=1)]

    assert status == order_status(given_lines, **more)


def test_lines_promised_for_an_earlier_day_are_late_until_shipped_or_cancelled(make):
    orders = [
        make.order(
            "SO-1",
            [
                make.order_line(1, 10, promised_on=date(2026, 11, 20)),
                make.order_line(2, 10, promised_on=TODAY),
                make.order_line(3, 10, promised_on=date(2026, 11, 1), shipped=10),
                make.order_line(4, 10, promised_on=date(2026, 11, 1), shipped=6, cancelled=4),
                make.order_line(5, 10),
            ],
            promised_on=date(2026, 10, 22),
        ),
        make.order(
            "SO-2", [make.order_line(1, 10, promised_on=date(2026, 1, 1))], status="cancelled"
        ),
    ]

    late = late_lines(orders, as_of=TODAY)

    assert [(found.order.id, found.line.number, found.days) for found in late] == [
        ("SO-1", 5, 30),
        ("SO-1", 1, 1),
    ]
    assert [found.open for found in late] == [10, 10]


def test_contradictory_quantities_are_named(make):
    assert contradictions(make.order_line(1, 10, shipped=4, reserved=5, back_ordered=1)) == ()
    assert len(contradictions(make.order_line(1, 10, shipped=8, cancelled=4))) == 1
    assert len(contradictions(make.order_line(1, 10, shipped=4, reserved=5))) == 1
    assert len(contradictions(make.order_line(1, 10, shipped=4, reserved=6, returned=5))) == 1
    prepaid = make.order_line(1, 10, reserved=10, invoiced=10)
    assert len(contradictions(prepaid)) == 1
    assert contradictions(prepaid, prepaid=True) == ()


@given(ordered=st.integers(1, 50), parts=st.lists(st.integers(0, 50), min_size=5, max_size=5))
def test_sound_quantities_are_never_called_contradictory(make, ordered, parts):
    cancelled = min(parts[0], ordered)
    shipped = min(parts[1], ordered - cancelled)
    left = ordered - cancelled - shipped
    reserved = min(parts[2], left)
    line = make.order_line(
        1,
        ordered,
        cancelled=cancelled,
        shipped=shipped,
        reserved=reserved,
        back_ordered=left - reserved,
        returned=min(parts[3], shipped),
        invoiced=min(parts[4], shipped),
    )

    assert contradictions(line) == ()
    assert left == open_quantity(line)
    assert to_invoice(line) >= 0
    nothing_shipped = shipped == 0
    assert (line_status(line) == "cancelled") == (left == 0 and nothing_shipped)
