"""Faults as data: which call of which operation goes wrong, and how.

    world.faults.add(Fault("drop_after_commit", operation="createOrder", nth=1))

A fault is drawn by the door before the exchange and carried out by the door: the exchange itself
stays whole, and the journal tells what was committed and what the client was denied.
"""

from __future__ import annotations

import threading
from typing import Literal, final, get_args

import attrs

Kind = Literal[
    "latency_before",
    "latency_after_commit",
    "status",
    "status_after_commit",
    "drop_before",
    "drop_after_commit",
    "half_body",
]
KINDS: tuple[str, ...] = get_args(Kind)


@attrs.frozen
class Fault:
    """One rule.

    Attributes:
        kind: What goes wrong.
            `latency_before`: the request waits before anything happens.
            `latency_after_commit`: the work is done and kept, the answer comes late.
            `status`: nothing happens, the answer is this status.
            `status_after_commit`: the work is done and kept, the answer is this status.
            `drop_before`: nothing happens, the connection is cut without an answer.
            `drop_after_commit`: the work is done and kept, the connection is cut.
            `half_body`: the work is done and kept, the connection is cut within the body.
        operation: The operation it applies to; `None` for all.
        nth: Only the nth call (from 1), counted from when the rule was added.
        every: Each so-many-th call.
        times: How often it may strike; `None` without limit.
        seconds: How long a latency lasts.
        status: The status to answer.
        retry_after: Seconds for the `Retry-After` header of a `status`.
    """

    kind: Kind = attrs.field(validator=attrs.validators.in_(KINDS))
    operation: str | None = None
    nth: int | None = None
    every: int | None = None
    times: int | None = None
    seconds: float = 0.0
    status: int = 503
    retry_after: int | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("nth", "every", "times"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} counts from 1, not {value}")
        if self.nth is not None and self.every is not None:
            raise ValueError("give nth or every, not both")
        if self.kind.startswith("latency") and self.seconds <= 0:
            raise ValueError(f"{self.kind} needs seconds above 0")
        if not 400 <= self.status <= 599:
            raise ValueError(f"a fault answers 400 to 599, not {self.status}")


@attrs.define
class _Armed:
    rule: Fault
    calls: int = 0
    strikes: int = 0

    def strikes_now(self) -> bool:
        self.calls += 1
        rule = self.rule
        if rule.times is not None and self.strikes >= rule.times:
            return False
        if rule.nth is not None and self.calls != rule.nth:
            return False
        if rule.every is not None and self.calls % rule.every:
            return False
        self.strikes += 1
        return True


@final
class Faults:
    """The rules of one world, in order; the first one that strikes decides."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._armed)

    @property
    def rules(self) -> tuple[Fault, ...]:
        """The rules, in order."""
        return tuple(each.rule for each in self._armed)

    def tally(self) -> list[tuple[Fault, int, int]]:
        """Each rule with the calls it has seen and how often it struck."""
        return [(each.rule, each.calls, each.strikes) for each in self._armed]

    def add(self, fault: Fault) -> None:
        """Add a rule; it begins to count now."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._armed.clear()

    def draw(self, operation: str) -> Fault | None:
        """The fault that strikes this call of an operation, if one does; each rule counts it."""
        with self._lock:
            struck: Fault | None = None
            for each in self._armed:
                if each.rule.operation not in (None, operation):
                    continue
                if struck is None:
                    struck = each.rule if each.strikes_now() else None
                else:
                    each.calls += 1
            return struck
