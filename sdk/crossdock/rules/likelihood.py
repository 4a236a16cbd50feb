"""How likely a deal is won, from a base rate and what is known beyond it.

Evidence moves the odds, not the probability: twice the odds of 50 % are 67 %, of 98 % they are
99 %, so no amount of it leaves the range from 0 to 1 (Bayes' rule in odds form).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import frozen


@frozen
class Evidence:
    """One thing that is known of a deal.

    Attributes:
        text: what it is, as a sentence.
        odds: what it multiplies the odds by; above 1 it speaks for the deal.
    """

    text: str
    odds: Decimal


def likelihood(base: Decimal, evidence: Iterable[Evidence], *, places: int = 4) -> Decimal:
    """Give the probability that a base rate becomes by evidence.

    Args:
        base: the base rate, a fraction from 0 to 1; 0 and 1 are certain and stay.
        evidence: what is known, each piece taken as independent of the others.
        places: decimal places of the result.

    Raises:
        ValueError: the base rate is no fraction, or odds are not positive.
    """
    if not 0 <= base <= 1:
        raise ValueError(f"a probability is from 0 to 1, not {base}")
    if base in (0, 1):
        return base
    odds = base / (1 - base)
    for each in evidence:
        if each.odds <= 0:
            raise ValueError(f"odds are multiplied by what is above 0, not by {each.odds}")
        odds *= each.odds
    return round(odds / (1 + odds), places)
