"""Whether a series of months rises or falls, by a plain statistical test.

The Mann-Kendall test asks only how many later months are above or below how many earlier ones, so
one exceptional order does not decide it. H. B. Mann, "Nonparametric tests against trend",
Econometrica 13 (1945); M. G. Kendall, "Rank Correlation Methods" (1975), with his correction of the
variance for ties and the continuity correction. The size of the change is the median of all slopes
between two months (P. K. Sen, JASA 63, 1968).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from math import erfc, sqrt
from statistics import median
from typing import Final, Literal

from attrs import frozen

SIGNIFICANT: Final = Decimal("0.05")
FEWEST: Final = 12
"""Months below which no trend is claimed: less than a year cannot tell a trend from a season."""


@frozen(kw_only=True)
class MannKendall:
    """The outcome of the test.

    Attributes:
        s: pairs that rise less pairs that fall.
        variance: of `s` if there were no trend.
        p_value: how likely an `s` at least as far from zero is without a trend, both directions
            counted; by the normal approximation, good from ten values on.
    """

    s: int
    variance: Decimal
    z: float
    p_value: Decimal


@frozen(kw_only=True)
class Trend:
    """What can be said about a series.

    Attributes:
        direction: `rising` and `falling` are claimed at p < 0.05 only; `too_short` below a year.
        slope: the median change from one value to the next, in the values' unit.
    """

    direction: Literal["rising", "falling", "steady", "too_short"]
    length: int
    slope: Decimal | None = None
    test: MannKendall | None = None


def trend(values: Sequence[Decimal]) -> Trend:
    """Judge a series of equal steps, such as net sales of complete months, oldest first."""
    if len(values) < FEWEST:
        return Trend(direction="too_short", length=len(values))
    test = mann_kendall(values)
    direction: Literal["rising", "falling", "steady"] = "steady"
    if test.p_value < SIGNIFICANT:
        direction = "rising" if test.s > 0 else "falling"
    return Trend(direction=direction, length=len(values), slope=sen_slope(values), test=test)


def mann_kendall(values: Sequence[Decimal]) -> MannKendall:
    """Run the Mann-Kendall test, two-sided.

    Raises:
        ValueError: there are fewer than three values.
    """
    n = len(values)
    if n < 3:
        raise ValueError("the Mann-Kendall test needs at least three values")
    s = sum((later > earlier) - (later < earlier) for earlier, later in combinations(values, 2))
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values())
    variance = Decimal(n * (n - 1) * (2 * n + 5) - ties) / 18
    # S moves in steps of two, so it is drawn one towards zero before it is read as a normal.
    z = (s - (s > 0) + (s < 0)) / sqrt(variance) if variance else 0.0
    p_value = Decimal(erfc(abs(z) / sqrt(2))).quantize(Decimal("0.000001"))
    return MannKendall(s=s, variance=variance, z=z, p_value=p_value)


def sen_slope(values: Sequence[Decimal]) -> Decimal:
    """Give the median slope over all pairs of values, per step.

    Raises:
        ValueError: there are fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("a slope needs at least two values")
    return median((values[j] - values[i]) / (j - i) for i, j in combinations(range(len(values)), 2))
