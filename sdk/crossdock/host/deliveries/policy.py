"""How often and when a delivery that failed is tried again."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Literal

from attrs import field, frozen


@frozen(kw_only=True)
class RetryPolicy:
    """Exponential back-off with jitter.

    The jitter comes from the delivery's own number, so that a schedule can be computed again, and
    yet thousands that failed together do not come back together.

    Attributes:
        first: the wait after the first failure.
        factor: how much longer each following wait is.
        longest: no wait is longer, unless the remote system asks for more.
        jitter: 0.2 spreads each wait over 80 % to 120 %.
        max_attempts: after so many the delivery is dead; the default is about three days.
        max_starts: after a worker died so often with the same attempt, the delivery is dead.
        after_dead: whether later deliveries of the lane `pass` a dead one or `hold` behind it.
    """

    first: timedelta = timedelta(seconds=1)
    factor: float = field(default=2.0)
    longest: timedelta = timedelta(minutes=15)
    jitter: float = 0.2
    max_attempts: int = 300
    max_starts: int = 5
    after_dead: Literal["pass", "hold"] = "pass"

    def wait(self, number: int, attempts: int, *, asked: float | None = None) -> timedelta:
        """Give how long to wait after a failure.

        Args:
            number: the delivery's number.
            attempts: how many attempts there were, from 1.
            asked: seconds that the remote system asked to wait (`Retry-After`), where it did.
        """
        # The exponent is bounded, as 2.0 ** 2000 is no number any more.
        seconds = self.first.total_seconds() * self.factor ** min(attempts - 1, 64)
        seconds = min(seconds, self.longest.total_seconds())
        seconds *= 1 + self.jitter * (2 * _fraction(number, attempts) - 1)
        return timedelta(seconds=max(seconds, asked or 0.0))


def _fraction(number: int, attempts: int) -> float:
    digest = hashlib.sha256(f"{number}.{attempts}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
