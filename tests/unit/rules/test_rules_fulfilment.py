from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Shipment, ShipmentLine
from crossdock.rules import delivery_record, late_shipments, unshipped_orders

TODAY = date(2026, 11, 21)


def shipment(number, order_id, shipped_on, *lines):
    return Shipment(
        id=number,
        system="main",
        customer_id="C-1",
        order_id=order_id,
        shipped_on=shipped_on,
        lines=tuple(
            ShipmentLine(number=n, item_id=f"ITEM-{n}", quantity=Decimal(1), order_line=n)
            for n in lines
        ),
    )


def test_a_shipment_is_held_against_the_promises_of_the_lines_in_it(make):
    lines = [
        make.order_line(1, 5, shipped=5, promised_on=date(2026, 10, 1)),
        make.order_line(2, 5, shipped=5, promised_on=date(2026, 10, 20)),
    ]
    orders = [make.order("SO-1", lines)]

    on_time = late_shipments(orders, [shipment("SH-1", "SO-1", date(2026, 10, 10), 2)])
    (late,) = late_shipments(orders, [shipment("SH-2", "SO-1", date(2026, 10, 10), 1, 2)])

    assert on_time == ()
    assert (date(2026, 10, 1), 9) == (late.promised_on, late.days)


def test_without_a_promise_of_its_own_a_line_has_that_of_its_order(make):
    orders = [make.order("SO-1", [make.order_line(1)], promised_on=date(2026, 10, 1))]

    (late,) = late_shipments(orders, [shipment("SH-1", "SO-1", date(2026, 10, 2), 1)])

    assert (late.days, late.order.id) == (1, "SO-1")
    assert late_shipments(orders, [shipment("SH-1", "SO-9", date(2026, 10, 2), 1)]) == ()


def test_an_order_is_unshipped_while_nothing_of_it_left_and_something_still_has_to(make):
    late = date(2026, 11, 1)
    orders = [
        make.order("SO-1", [make.order_line(1, 5, promised_on=late), make.order_line(2, 1)]),
        make.order("SO-2", [make.order_line(1, 5, shipped=1), make.order_line(2, 1)]),
        make.order("SO-3", [make.order_line(1, 5, cancelled=5)]),
        make.order("SO-4", [make.order_line(1, 5)], status="cancelled"),
        make.order("SO-5", [make.order_line(1, 5)], promised_on=date(2026, 12, 1)),
        make.order("SO-6", [make.order_line(1, 5)], ordered_on=date(2026, 11, 22)),
    ]

    found = unshipped_orders(orders, as_of=TODAY)

    assert [("SO-1", late, 20), ("SO-5", date(2026, 12, 1), 0)] == [
        (each.order.id, each.promised_on, each.days_late) for each in found
    ]


def test_how_reliably_a_customer_is_delivered_to(make):
    orders = [
        make.order(f"SO-{n}", [make.order_line(1)], promised_on=date(2026, 10, 10))
        for n in range(4)
    ]
    orders.append(make.order("SO-9", [make.order_line(1)]))
    sent = [
        shipment("SH-0", "SO-0", date(2026, 10, 10), 1),
        shipment("SH-1", "SO-1", date(2026, 10, 12), 1),
        shipment("SH-2", "SO-2", date(2026, 10, 15), 1),
        shipment("SH-3", "SO-3", date(2026, 10, 1), 1),
        shipment("SH-9", "SO-9", date(2026, 10, 1), 1),
    ]

    found = delivery_record(orders, sent)

    assert (found.shipments, found.promised, found.late) == (5, 4, 2)
    assert (Decimal("0.5"), Decimal("3.5")) == (found.on_time, found.mean_days_late)
    assert delivery_record((), ()).on_time is None


@given(
    st.lists(
        st.tuples(st.integers(-30, 30), st.none() | st.integers(-30, 30), st.booleans()),
        max_size=20,
    )
)
def test_every_shipment_is_late_or_on_time_or_was_not_promised(make, given_):
    orders, sent = [], []
    for number, (left, promised, of_the_line) in enumerate(given_):
        day = None if promised is None else TODAY + timedelta(days=promised)
        line = make.order_line(1, 1, shipped=1, promised_on=day if of_the_line else None)
        orders.append(make.order(f"SO-{number}", [line], promised_on=None if of_the_line else day))
        sent.append(shipment(f"SH-{number}", f"SO-{number}", TODAY + timedelta(days=left), 1))

    found = delivery_record(orders, sent)

    late = late_shipments(orders, sent)
    assert len(late) == found.late == sum(p is not None and left > p for left, p, _ in given_)
    assert found.promised == sum(promised is not None for _, promised, _ in given_)
    assert [each.days for each in late] == sorted((each.days for each in late), reverse=True)
