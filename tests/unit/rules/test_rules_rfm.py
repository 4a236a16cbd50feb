from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money
from crossdock.rules import Buyer, rank

TODAY = date(2026, 11, 21)


def buyer(number, days_ago, times, net, currency="EUR"):
    return Buyer(
        customer_id=f"C-{number}",
        last_on=TODAY - timedelta(days=days_ago),
        times=times,
        net=Money(net, currency),
    )


def test_ten_customers_are_two_to_a_fifth():
    found = rank([buyer(n, days_ago=n, times=10 - n, net=1000 - n) for n in range(10)])

    assert [each.recency for each in found] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert all(each.recency == each.frequency == each.money for each in found)


def test_who_is_equal_has_the_same_rank():
    found = rank([buyer(n, days_ago=5, times=1, net=n) for n in range(5)])

    assert {1} == {each.recency for each in found} == {each.frequency for each in found}
    assert [each.money for each in found] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("days_ago", "times", "net", "segment"),
    [
        (0, 99, 9999, "champions"),
        (40, 98, 1, "loyal"),
        (0, 0, 1, "new"),
        (200, 60, 9999, "at_risk"),
        (200, 0, 1, "lost"),
        (40, 45, 500, "others"),
    ],
)
def test_segments_are_plain_cuts_of_the_ranks(days_ago, times, net, segment):
    others = [buyer(n, days_ago=n, times=100 - n, net=1000 - n * 10) for n in range(1, 100)]

    found = rank([*others, buyer("X", days_ago, times, net)])

    (ranked,) = (each for each in found if each.buyer.customer_id == "C-X")
    assert segment == ranked.segment


def test_customers_are_ranked_in_one_currency():
    with pytest.raises(ValueError, match="one currency"):
        rank([buyer(1, 1, 1, 1), buyer(2, 1, 1, 1, "USD")])


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(1, 30), st.integers(-100, 5000)), max_size=40
    ),
    st.randoms(use_true_random=False),
)
def test_ranks_follow_the_figures_whatever_order_customers_come_in(figures, random):
    buyers = [buyer(n, *each) for n, each in enumerate(figures)]
    shuffled = random.sample(buyers, len(buyers))

    found = rank(buyers)

    assert found == rank(shuffled)
    for each in found:
        assert {each.recency, each.frequency, each.money} <= {1, 2, 3, 4, 5}
        for other in found:
            assert (each.buyer.net > other.buyer.net) <= (each.money >= other.money)
            assert (each.buyer.last_on > other.buyer.last_on) <= (each.recency >= other.recency)
