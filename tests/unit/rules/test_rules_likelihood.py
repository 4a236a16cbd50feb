"""Evidence moves the odds of a base rate."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.rules import Evidence, likelihood

fractions = st.decimals("0.01", "0.99", places=2)
odds = st.decimals("0.1", "10", places=2)


@pytest.mark.parametrize(
    ("base", "factors", "expected"),
    [
        ("0.5", ["2"], "0.6667"),
        ("0.98", ["2"], "0.9899"),
        ("0.2", ["0.5"], "0.1111"),
        ("0.2", ["1.5", "6"], "0.6923"),
        ("0", ["10"], "0"),
        ("1", ["0.1"], "1"),
        ("0.3", [], "0.3"),
    ],
)
def test_odds_are_multiplied(base, factors, expected):
    evidence = [Evidence("Something.", Decimal(each)) for each in factors]
    assert likelihood(Decimal(base), evidence) == Decimal(expected)


@given(fractions, st.lists(odds, max_size=6))
def test_it_never_leaves_the_range_and_the_order_of_evidence_does_not_matter(base, factors):
    evidence = [Evidence("Something.", each) for each in factors]
    found = likelihood(base, evidence, places=8)
    assert 0 <= found <= 1
    assert found == likelihood(base, evidence[::-1], places=8)


@pytest.mark.parametrize("base", ["-0.1", "1.01"])
def test_a_base_rate_is_a_fraction(base):
    with pytest.raises(ValueError, match="from 0 to 1"):
        likelihood(Decimal(base), ())


def test_odds_are_positive():
    with pytest.raises(ValueError, match="above 0"):
        likelihood(Decimal("0.5"), [Evidence("Nothing.", Decimal(0))])
