"""What a recorded step costs in a delivery, against a bare DBOS workflow of as many steps.

Both sides run three steps that do nothing, in as many workflows, on the same kind of database, with
the same serializer, from a queue of the same kind (one of a partition at a time, the same limits
and polling), each in a process of its own, in turn. The bare side is what the engine's manual has;
ours also keeps the delivery's own states, order per account, liveness and inheritance. Counted is
the processor's time, which other work on the machine disturbs least; the clock is in the detail.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final

from tests.bench.measure import ROOT, Row, environment, not_measured
from tests.bench.postgres import new_database, postgres_server

_WORKFLOWS: Final = 100
_STEPS: Final = 3
_ROUNDS: Final = 3
_GOAL: Final = 1.3


def measure() -> list[Row]:
    """Measure on both databases."""
    numbers = count()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgres_server())
        rows = [_row("SQLite", lambda: f"sqlite:///{folder / f'steps-{next(numbers)}.db'}")]
        if server is None:
            rows.append(not_measured(_what("PostgreSQL"), _wanted(), "it is not installed"))
        else:
            rows.append(_row("PostgreSQL", lambda: new_database(server, f"steps_{next(numbers)}")))
    return rows


def _what(database: str) -> str:
    return f"a step of a delivery against bare DBOS, {database}"


def _wanted() -> str:
    return f"<= {_GOAL:.1f}x"


def _row(database: str, new_url: Callable[[], str]) -> Row:
    processor: dict[str, list[float]] = {"ours": [], "bare": []}
    clock: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(_ROUNDS):
        for side in processor:
            took = _run(side, new_url())
            processor[side].append(took["processor"])
            clock[side].append(took["clock"])
    per_step = {
        side: statistics.median(each) / (_WORKFLOWS * _STEPS) for side, each in processor.items()
    }
    ratio = statistics.median(
        ours / bare for ours, bare in zip(processor["ours"], processor["bare"], strict=True)
    )
    by_clock = statistics.median(
        ours / bare for ours, bare in zip(clock["ours"], clock["bare"], strict=True)
    )
    return Row(
        what=_what(database),
        goal=_wanted(),
        measured=f"{ratio:.2f}x",
        met=ratio <= _GOAL,
        detail=f"{_STEPS} steps a workflow: {per_step['ours'] * 1e3:.2f} ms of the processor a "
        f"step against {per_step['bare'] * 1e3:.2f}; by the clock {by_clock:.2f}x",
    )


def _run(side: str, url: str) -> dict[str, float]:
    module = "tests.bench.steps_process"
    done = subprocess.run(
        [sys.executable, "-m", module, side, url, str(_WORKFLOWS), str(_STEPS)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took
