"""The rules of one world, and the draw: which of them strikes a call."""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import final

import attrs

from crossdock_mocks.engine.faults.kinds import TOKENS, WEBHOOKS
from crossdock_mocks.engine.faults.rules import Asked, Fault
from crossdock_mocks.engine.faults.story import Strike

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.define
class _Armed:
    rule: Fault
    seed: str
    at: datetime
    calls: int = 0
    strikes: int = 0
    period: int = -1
    used: int = 0

    def draw(self, now: datetime) -> Fault | None:
        """Count a call, and give what strikes it."""
        self.calls += 1
        rule = self.rule
        if not rule.within(now, self.at):
            return None
        if rule.times is not None and self.strikes >= rule.times:
            return None
        if rule.kind == "quota":
            return self._over(now)
        if (
            (rule.nth is not None and self.calls != rule.nth)
            or (rule.every is not None and self.calls % rule.every)
            or (rule.probability is not None and self._chance() >= rule.probability)
        ):
            return None
        self.strikes += 1
        return rule

    def _over(self, now: datetime) -> Fault | None:
        rule = self.rule
        period, since = divmod(now.timestamp(), rule.period)
        if self.period != period:
            self.period, self.used = int(period), 0
        self.used += 1
        if rule.limit is None or self.used <= rule.limit:
            return None
        self.strikes += 1
        if rule.retry_after is not None:
            return rule
        return attrs.evolve(rule, retry_after=math.ceil(rule.period - since))

    def _chance(self) -> float:
        """A number from 0 to 1 that depends on seed and call alone, whatever else is going on."""
        digest = hashlib.blake2b(f"{self.seed}/{self.calls}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64


@final
class Faults:
    """The rules of one world, in order; the first one that strikes decides.

    Args:
        world: Name of the world.
        now: Tells the time by the world's clock.
        remember: Called with the number of commits that a stale read may reach back, so that the
            state is kept.
    """

    def __init__(
        self,
        world: str = "",
        now: Callable[[], datetime] = lambda: _BEGINNING,
        remember: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._world = world
        self._now = now
        self._remember = remember
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()
        self._dead: dict[str, Fault] = {}
        self._story: list[Strike] = []
        self.lag = 0
        """How many commits back a stale read may reach; 0 when none is asked for."""
        self.asks_credentials = False
        """Whether a rule is about tokens."""
        self.asks_pages = False
        """Whether a rule is about pages."""

    def __bool__(self) -> bool:
        return bool(self._armed)

    @property
    def rules(self) -> tuple[Fault, ...]:
        """The rules, in order."""
        return tuple(each.rule for each in self._armed)

    @property
    def story(self) -> tuple[Strike, ...]:
        """What struck which call, oldest first."""
        return tuple(self._story)

    def tally(self) -> list[tuple[Fault, int, int]]:
        """Each rule with the calls it has seen and how often it struck."""
        return [(each.rule, each.calls, each.strikes) for each in self._armed]

    def add(self, fault: Fault, seed: int = 0) -> None:
        """Add a rule; it begins to count now."""
        self.arm([fault], seed)

    def arm(self, rules: Iterable[Fault], seed: int = 0) -> None:
        """Add rules; they begin to count now.

        Args:
            rules: The rules.
            seed: What their probabilities are drawn from, with world and place in the list.
        """
        with self._lock:
            for rule in rules:
                place = f"{seed}/{self._world}/{len(self._armed)}"
                self._armed.append(_Armed(rule, place, self._now()))
                if rule.kind == "stale_read":
                    self.lag = max(self.lag, rule.behind)
                self.asks_credentials |= rule.kind in TOKENS
                self.asks_pages |= rule.kind == "shifting_page"
        if self.lag:
            self._remember(self.lag)

    def remove(self, position: int) -> None:
        """Remove one rule by its position, from 0; what it did is still told."""
        with self._lock:
            del self._armed[position : position + 1]

    def clear(self) -> None:
        """Remove all rules, and forget what they did."""
        with self._lock:
            self._armed.clear()
            self._dead.clear()
            self._story.clear()
            self.lag = 0
            self.asks_credentials = self.asks_pages = False

    def draw(self, asked: Asked | str) -> Fault | None:
        """The fault that strikes this call, if one does; each rule counts the calls it is about."""
        if isinstance(asked, str):
            asked = Asked(asked)
        now = self._now()
        with self._lock:
            struck = self._dead.get(asked.credential or "")
            for each in self._armed:
                if not each.rule.meets(asked, self._world):
                    continue
                if struck is None:
                    struck = each.draw(now)
                else:
                    each.calls += 1
            if struck is not None and struck.kind in TOKENS and asked.credential is not None:
                self._dead[asked.credential] = struck
            return struck

    def draw_webhook(self, event: str) -> Fault | None:
        """The fault that strikes a webhook before it is first sent."""
        if not any(each.rule.kind in WEBHOOKS for each in self._armed):
            return None
        return self.draw(Asked(event, "POST", webhook=True))

    def tell(self, strike: Strike) -> None:
        """Add to the story."""
        with self._lock:
            self._story.append(strike)
