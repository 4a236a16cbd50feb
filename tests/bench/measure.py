"""How things are measured: side by side in one run, the median of each, and their ratio."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

ROOT: Final = Path(__file__).parent.parent.parent
CACHE: Final = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "crossdock" / "bench"
)


@frozen(kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was measured.
        goal: what DESIGN wants.
        measured: the figure, as a ratio where there is something to compare with.
        met: whether the goal holds; `None` where it could not be measured here.
        detail: the figures behind it.
    """

    what: str
    goal: str
    measured: str
    met: bool | None
    detail: str = ""


def environment() -> dict[str, str]:
    """The environment of a measured process: with compiled modules, as any second start has."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode")}


def not_measured(what: str, goal: str, why: str) -> Row:
    """Say that a row could not be measured, and why."""
    return Row(what=what, goal=goal, measured="not measured", met=None, detail=why)


def side_by_side(
    *functions: Callable[[], object], rounds: int = 7, calls: int = 200
) -> Sequence[float]:
    """Time functions in turn, so that a machine whose speed drifts is the same to all.

    Returns:
        Seconds per call of each: the median over all rounds.
    """
    for function in functions:
        for _ in range(max(1, calls // 10)):
            function()
    samples: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for place, function in enumerate(functions):
            for _ in range(calls):
                started = time.perf_counter()
                function()
                samples[place].append(time.perf_counter() - started)
    return [statistics.median(each) for each in samples]


def micros(seconds: float) -> str:
    """Give a duration as text."""
    return f"{seconds * 1e6:.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"
