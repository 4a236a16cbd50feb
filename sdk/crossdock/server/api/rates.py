"""How much each caller may ask: a token bucket in memory for each."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from attrs import define, frozen

from crossdock.server.api.settings import Rate

_MOST_BUCKETS = 10_000


@frozen(kw_only=True)
class Allowance:
    """What a caller has left.

    Attributes:
        granted: whether this request may pass.
        remaining: requests that may follow at once.
        reset_seconds: until the bucket is full again.
        retry_seconds: until the next request may pass.
    """

    granted: bool
    limit: int
    remaining: int
    reset_seconds: int
    retry_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell the caller."""
        told = {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset_seconds),
        }
        if not self.granted:
            told["retry-after"] = str(self.retry_seconds)
        return told


@define
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """The buckets of all callers; the least recently used are forgotten beyond a bound.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, rate: Rate, *, tokens: float = 1.0) -> Allowance:
        """Take from a caller's bucket, if enough is in it; with 0 only look."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.get(name)
            if bucket is None:
                bucket = self._buckets[name] = _Bucket(float(rate.burst), now)
                while len(self._buckets) > _MOST_BUCKETS:
                    self._buckets.popitem(last=False)
            self._buckets.move_to_end(name)
            bucket.tokens = min(
                float(rate.burst), bucket.tokens + (now - bucket.at) * rate.per_second
            )
            bucket.at = now
            granted = bucket.tokens >= max(tokens, 1.0)
            if granted:
                bucket.tokens -= tokens
            missing = max(0.0, 1.0 - bucket.tokens)
            return Allowance(
                granted=granted,
                limit=rate.burst,
                remaining=int(bucket.tokens),
                reset_seconds=math.ceil((rate.burst - bucket.tokens) / rate.per_second),
                retry_seconds=max(1, math.ceil(missing / rate.per_second)),
            )
