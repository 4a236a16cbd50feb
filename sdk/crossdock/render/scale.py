"""The scale of a chart: round numbers at even steps that hold every value."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from attrs import frozen

_NICE: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10), Decimal(20))


@frozen
class Scale:
    """From the lowest tick to the highest; zero is always among them."""

    low: Decimal
    high: Decimal
    step: Decimal

    @property
    def ticks(self) -> tuple[Decimal, ...]:
        """The round numbers, lowest first."""
        count = int((self.high - self.low) / self.step)
        return tuple(self.low + self.step * index for index in range(count + 1))

    def share(self, value: Decimal) -> float:
        """Say how far up a value stands, from 0 at the lowest tick to 1 at the highest."""
        return float((value - self.low) / (self.high - self.low))


def nice_scale(values: Iterable[Decimal], *, most: int = 7) -> Scale:
    """Choose the scale that holds every value, and zero, with the least room left over.

    Steps are 1, 2, 2.5 or 5 times a power of ten.

    Args:
        values: what must find its place.
        most: how many steps there is room for.
    """
    given = [*values, Decimal(0)]
    lowest, highest = min(given), max(given)
    if lowest == highest:
        return Scale(Decimal(0), Decimal(1), Decimal(1))
    power = Decimal(1).scaleb(((highest - lowest) / most).adjusted())
    fitting: list[Scale] = []
    for step in (nice * power for nice in _NICE):
        low = (lowest / step).to_integral_value(rounding=ROUND_FLOOR) * step
        high = (highest / step).to_integral_value(rounding=ROUND_CEILING) * step
        if (high - low) / step <= most:
            fitting.append(Scale(low, high, step))
    return min(fitting, key=lambda scale: (scale.high - scale.low, scale.step))
