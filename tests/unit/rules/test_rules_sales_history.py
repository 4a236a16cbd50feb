from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money
from crossdock.rules import Sale, sales_history, sales_of_invoices, sales_of_orders

TODAY = date(2026, 11, 21)


def history(*sales, as_of=TODAY):
    (found,) = sales_history([Sale(on, Money(net, "EUR")) for on, net in sales], as_of=as_of)
    return found


def test_credit_notes_count_against_the_month_they_are_posted_in(make):
    (found,) = sales_history(
        sales_of_invoices(
            [
                make.invoice("IN-1", 100, date(2026, 3, 31)),
                make.invoice("IN-2", 50, date(2026, 4, 1)),
            ],
            [make.credit_note("CN-1", 20, date(2026, 4, 30))],
        ),
        as_of=TODAY,
    )

    assert make.euro(100) == found.month(2026, 3)
    assert make.euro(30) == found.month(2026, 4)
    assert make.euro(130) == found.year(2026)


def test_a_month_without_sales_is_zero_and_one_outside_the_history_is_a_gap(make):
    found = history((date(2025, 3, 1), "10"), (date(2026, 5, 1), "20"))

    assert make.euro(0) == found.month(2025, 4)
    assert found.month(2025, 2) is None
    assert found.month(2026, 12) is None
    assert found.years == (2025, 2026)


def test_what_is_dated_after_the_day_is_told_apart_from_its_history(make):
    found = history((date(2026, 11, 1), "10"), (date(2027, 1, 2), "20"))

    assert (make.euro(10), make.euro(20)) == (found.total, found.later)
    assert found.month(2027, 1) is None
    assert found.years == (2026,)
    assert make.euro(10) == found.year_to_date().this_year


def test_a_customer_whose_every_sale_is_dated_later_has_no_history_yet(make):
    assert sales_history([Sale(date(2027, 1, 2), make.euro(20))], as_of=TODAY) == ()


def test_the_history_as_of_an_earlier_day_is_the_one_that_was_told_then():
    sales = [(date(2025, 3, 1), "10"), (date(2025, 8, 9), "-4"), (date(2026, 5, 1), "20")]

    then = history(*sales, as_of=date(2025, 12, 31))

    assert history(*sales[:2], as_of=date(2025, 12, 31)).months == then.months
    assert then.years == (2025,)


def test_a_quarter_is_its_three_months_and_a_gap_where_none_of_them_is_told(make):
    found = history((date(2025, 6, 1), "10"), (date(2026, 2, 1), "20"), (date(2026, 3, 31), "1"))

    assert found.quarter(2025, 1) is None
    assert make.euro(10) == found.quarter(2025, 2)
    assert make.euro(0) == found.quarter(2025, 3)
    assert make.euro(21) == found.quarter(2026, 1)
    assert list(found.quarters)[:4] == [(2025, 2), (2025, 3), (2025, 4), (2026, 1)]
    assert {2025: make.euro(10), 2026: make.euro(21)} == found.yearly
    with pytest.raises(ValueError, match="quarters 1 to 4"):
        found.quarter(2026, 5)


def test_year_to_date_is_held_against_the_same_days_of_last_year(make):
    found = history(
        (date(2025, 1, 31), "60"),
        (date(2025, 11, 21), "40"),
        (date(2025, 11, 22), "999"),
        (date(2026, 1, 1), "50"),
        (date(2026, 11, 21), "75"),
    )

    ytd = found.year_to_date()

    assert (make.euro(125), make.euro(100)) == (ytd.this_year, ytd.last_year)
    assert Decimal("0.25") == ytd.change
    assert date(2025, 11, 21) == ytd.until_before


def test_no_change_is_claimed_against_a_year_in_which_the_customer_was_still_to_come(make):
    ytd = history((date(2025, 11, 3), "100"), (date(2026, 2, 3), "900")).year_to_date()

    assert make.euro(100) == ytd.last_year
    assert ytd.change is None


def test_a_leap_day_is_held_against_28_february_and_no_change_is_claimed_from_nothing():
    ytd = history((date(2028, 2, 1), "5"), as_of=date(2028, 2, 29)).year_to_date()

    assert date(2027, 2, 28) == ytd.until_before
    assert ytd.change is None


def test_only_complete_months_count_for_the_trend(make):
    sales = [(date(2026, month, 1), str(month)) for month in range(1, 12)]

    assert [make.euro(month) for month in range(1, 11)] == list(history(*sales).last_months(24))
    on_the_last_day = history(*sales, as_of=date(2026, 11, 30))
    assert make.euro(11) == on_the_last_day.last_months(24)[-1]


def test_a_customer_who_stopped_buying_is_falling():
    sales = [
        (date(year, month, 3), str(1000 - 10 * month))
        for year in (2024, 2025)
        for month in range(1, 13)
    ]

    assert history(*sales).trend().direction == "falling"


def test_orders_count_without_drafts_rejected_and_cancelled_ones(make):
    orders = [
        make.order("SO-1", net=make.euro(100)),
        make.order("SO-2", net=make.euro(999), status="cancelled"),
        make.order("SO-3", net=make.euro(999), status="rejected"),
        make.order("SO-4", net=make.euro(999), status="draft"),
        make.order("SO-5", net=make.euro(7), ordered_on=None),
    ]

    assert [make.euro(100)] == [sale.net for sale in sales_of_orders(orders)]


def test_the_cancelled_part_of_a_line_is_no_sale(make):
    lines = [
        make.order_line(1, 10, cancelled=4, net=make.euro(100)),
        make.order_line(2, 3, net=make.euro(5)),
    ]

    (sale,) = sales_of_orders([make.order("SO-1", lines, net=make.euro(105))])

    assert make.euro(65) == sale.net


@given(
    st.lists(
        st.tuples(st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(-10_000, 10_000)),
        min_size=1,
        max_size=60,
    ),
    st.dates(date(2020, 1, 1), date(2027, 1, 1)),
)
def test_months_quarters_years_and_days_tell_the_same_total(sales, as_of):
    found = sales_history(
        [Sale(on, Money(f"{cents}e-2", "EUR")) for on, cents in sales], as_of=as_of
    )
    every = Money(Decimal(sum(cents for _, cents in sales)).scaleb(-2), "EUR")
    if not found:
        assert all(on > as_of for on, _ in sales)
        return
    (told,) = found

    def total(amounts):
        return sum((each for each in amounts if each is not None), start=Money.zero("EUR"))

    assert every == told.total + told.later
    assert told.total == total(told.yearly.values())
    assert told.total == total(told.quarters.values())
    assert told.total == told.between(told.first, told.last + timedelta(days=1))
    assert told.total == total(told.month(y, m) for y in told.years for m in range(1, 13))
