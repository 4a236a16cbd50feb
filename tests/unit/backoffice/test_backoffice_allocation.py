"""Available to promise, promises and first come first served."""

from datetime import date, timedelta
from decimal import Decimal

from crossdock_mocks.backoffice.allocation import (
    Dated,
    available_to_promise,
    first_come,
    promise,
)

MONDAY = date(2026, 11, 23)


def day(number):
    return MONDAY + timedelta(days=number)


def dated(*pairs):
    return [Dated(day(number), Decimal(quantity)) for number, quantity in pairs]


def atp(free, supplies=(), demands=()):
    return available_to_promise(Decimal(free), dated(*supplies), dated(*demands), MONDAY)


def on_each_day(steps, days):
    """The cumulative figure as a planner's table shows it, one per day."""
    return [
        int([step.cumulative for step in steps if step.start <= day(number)][-1])
        for number in range(days)
    ]


def test_the_cumulative_form_is_that_of_the_planners_table():
    """JD Edwards' example: 25, 25, 45, 45, 45, 70, 70, 70."""
    steps = atp(25, supplies=[(2, 20), (5, 25)])

    assert on_each_day(steps, 8) == [25, 25, 45, 45, 45, 70, 70, 70]


def test_each_day_tells_what_it_adds():
    steps = atp(25, supplies=[(2, 20), (5, 25)])

    assert [Decimal(25), Decimal(20), Decimal(25)] == [step.quantity for step in steps]


def test_what_is_needed_later_and_not_covered_by_then_is_not_promised_now():
    steps = atp(25, demands=[(3, 15)])

    assert on_each_day(steps, 4) == [10, 10, 10, 10]


def test_what_is_needed_later_and_covered_by_then_leaves_the_stock_free():
    steps = atp(25, supplies=[(2, 15)], demands=[(3, 15)])

    assert on_each_day(steps, 4) == [25, 25, 25, 25]


def test_back_orders_of_today_take_the_next_receipt_first():
    steps = atp(0, supplies=[(4, 20)], demands=[(0, 12)])

    assert on_each_day(steps, 5) == [0, 0, 0, 0, 8]


def test_nothing_is_ever_promised_below_zero():
    assert on_each_day(atp(3, demands=[(0, 10)]), 1) == [0]


def test_a_receipt_that_is_late_counts_from_today():
    assert on_each_day(atp(4, supplies=[(-3, 5)]), 1) == [9]


def promised(quantity, steps, **more):
    terms = {"today": MONDAY, "wanted": None, "lead_time_days": 7, **more}
    return promise(Decimal(quantity), steps, **terms)


def test_what_is_in_stock_is_promised_today():
    found = promised(5, atp(5))

    assert (MONDAY, "stock", Decimal(5)) == (found.on, found.basis, found.from_stock)


def test_what_is_missing_waits_for_the_receipt_that_covers_it():
    found = promised(30, atp(5, supplies=[(2, 20), (5, 25)]))

    assert (day(5), "incoming", Decimal(5)) == (found.on, found.basis, found.from_stock)


def test_what_nothing_covers_is_bought_in_the_lead_time():
    found = promised(30, atp(5))

    assert (day(7), "lead_time") == (found.on, found.basis)


def test_without_a_lead_time_nobody_can_promise():
    found = promised(30, atp(5), lead_time_days=None)

    assert (found.on, found.basis) == (None, "unknown")


def test_it_is_never_promised_before_it_is_wanted():
    assert day(10) == promised(5, atp(5), wanted=day(10)).on


def test_lines_of_one_draft_do_not_get_the_same_goods_twice():
    steps = atp(5, supplies=[(2, 20)])

    found = promised(4, steps, taken=Decimal(3))

    assert (day(2), Decimal(2)) == (found.on, found.from_stock)


def test_the_first_to_ask_is_served_first_and_the_last_gets_the_rest():
    wanted = [Decimal(4), Decimal(3), Decimal(5), Decimal(1)]

    assert first_come(Decimal(9), wanted) == [4, 3, 2, 0]
