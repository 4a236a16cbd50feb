"""What a recorded step costs in a delivery, against a bare DBOS workflow of as many steps.

Both sides run three steps that do nothing, in as many workflows, on the same kind of database, over
the same kind of connections, with the same serializer, from a queue of the same kind (one of a
partition at a time, the same limits and polling). Each has a process of its own, and both run at
the same time, so that whatever else the machine does slows both. The bare side is what the engine's
manual has; ours also keeps the delivery's own states, order per account, liveness and inheritance.
Counted is the processor's time of each process; the clock is in the detail.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final

from tests.bench.measure import ROOT, Row, environment, not_measured
from tests.bench.postgres import new_database, postgres_server

_MODULE: Final = "tests.bench.steps_process"
_SIDES: Final = ("ours", "bare")
_WORKFLOWS: Final = 150
_STEPS: Final = 3
_ROUNDS: Final = 5
_PATIENCE_SECONDS: Final = 600.0
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
    processor: list[float] = []
    clock: list[float] = []
    per_step: dict[str, list[float]] = {side: [] for side in _SIDES}
    for _ in range(_ROUNDS):
        took = _run({side: new_url() for side in _SIDES})
        processor.append(took["ours"]["processor"] / took["bare"]["processor"])
        clock.append(took["ours"]["clock"] / took["bare"]["clock"])
        for side in _SIDES:
            per_step[side].append(took[side]["processor"] / (_WORKFLOWS * _STEPS) * 1e3)
    ratio = statistics.median(processor)
    ours, bare = (statistics.median(per_step[side]) for side in _SIDES)
    return Row(
        what=_what(database),
        goal=_wanted(),
        measured=f"{ratio:.2f}x",
        met=ratio <= _GOAL,
        detail=f"{_STEPS} steps a workflow: {ours:.2f} ms of the processor a step against "
        f"{bare:.2f}, {min(processor):.2f}x to {max(processor):.2f}x in {_ROUNDS} rounds; by the "
        f"clock {statistics.median(clock):.2f}x",
    )


def _run(urls: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Run both sides at the same time; gives the seconds of each."""
    with ExitStack() as stack:
        running = {
            side: stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", _MODULE, side, url, str(_WORKFLOWS), str(_STEPS)],
                    cwd=ROOT,
                    env=environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for side, url in urls.items()
        }
        for side, process in running.items():
            stack.callback(process.kill)
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"{side} did not come up")
        for process in running.values():
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        took: dict[str, dict[str, float]] = {}
        for side, process in running.items():
            said, _ = process.communicate(timeout=_PATIENCE_SECONDS)
            if process.returncode:
                raise RuntimeError(f"{side} failed")
            took[side] = json.loads(said.splitlines()[-1])
        return took
