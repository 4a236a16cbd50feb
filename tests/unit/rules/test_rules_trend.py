from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.rules import mann_kendall, sen_slope, trend

series = st.lists(st.integers(-1000, 1000).map(Decimal), min_size=3, max_size=24)


def test_a_steadily_falling_year_is_a_significant_fall():
    found = trend([Decimal(100 - month) for month in range(12)])

    assert found.direction == "falling"
    assert Decimal(-1) == found.slope
    assert found.test is not None
    assert found.test.s == -66
    # n(n-1)(2n+5)/18 for n = 12, and z = (66 - 1) / sqrt(212.67) = 4.457
    assert Decimal(12 * 11 * 29) / 18 == found.test.variance
    assert pytest.approx(found.test.z, abs=0.001) == -4.457
    assert found.test.p_value < Decimal("0.00001")


def test_a_season_without_change_is_no_trend():
    season = [Decimal(v) for v in (5, 3, 8, 6, 7, 2, 1, 4, 9, 12, 15, 20)]

    assert trend(season * 2).direction == "steady"


def test_one_exceptional_order_decides_nothing():
    months = [Decimal(v) for v in (10, 11, 9, 10, 12, 8, 10, 11, 9, 10, 9, 100_000)]

    assert trend(months).direction == "steady"


def test_less_than_a_year_is_too_short_to_say():
    assert trend([Decimal(v) for v in range(11)]).direction == "too_short"


def test_ties_reduce_the_variance():
    # A worked case by hand: 1 2 2 3 has S = 5 and one tie of two: (4*3*13 - 2*1*9) / 18.
    found = mann_kendall([Decimal(v) for v in (1, 2, 2, 3)])

    assert found.s == 5
    assert Decimal(156 - 18) / 18 == found.variance


def test_a_constant_series_has_no_trend_and_no_division_by_zero():
    found = mann_kendall([Decimal(7)] * 12)

    assert (0, Decimal(1)) == (found.s, found.p_value)


def test_the_p_value_is_close_to_the_exact_one_over_all_orders():
    # Every order of seven different values is equally likely without a trend: count them.
    values = (3, 1, 2, 4, 6, 5, 7)
    observed = mann_kendall([Decimal(v) for v in values])
    extreme = total = 0
    for order in permutations(range(7)):
        s = sum((b > a) - (b < a) for i, a in enumerate(order) for b in order[i + 1 :])
        total += 1
        extreme += abs(s) >= abs(observed.s)

    assert extreme / total == pytest.approx(float(observed.p_value), abs=0.01)


@given(series)
def test_turned_around_a_series_has_the_opposite_trend(values):
    forward, back = mann_kendall(values), mann_kendall(values[::-1])

    assert forward.s == -back.s
    assert forward.p_value == back.p_value
    assert sen_slope(values) == -sen_slope(values[::-1])


@given(series, st.integers(-50, 50))
def test_adding_a_line_moves_the_slope_by_exactly_that(values, per_step):
    steeper = [value + per_step * index for index, value in enumerate(values)]

    assert sen_slope(values) + per_step == pytest.approx(sen_slope(steeper), abs=Decimal("1e-20"))


@pytest.mark.parametrize("call", [mann_kendall, sen_slope])
def test_a_single_value_is_refused(call):
    with pytest.raises(ValueError, match="at least"):
        call([Decimal(1)])
