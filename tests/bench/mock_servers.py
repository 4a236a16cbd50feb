"""Our mock on a port against others on the same document: rate, start and memory, on one core."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Final

from tests.bench import anchors, rivals
from tests.bench.measure import ROOT, Row, not_measured
from tests.bench.servers import Server, Unavailable, Wrk, free_port, require, status_of

_ROUNDS: Final = 4
_STARTS: Final = 5
_READY: Final = ("mock server, seconds to its first answer, warm cache", "< 0.5 s")
_MEMORY: Final = ("mock server, memory before the data grows", "< 80 MB")
_GOALS: Final = {"Prism": 5.0, "Prism silent": 2.0, "WireMock": 1.0}


def measure() -> list[Row]:
    """Measure read one, list 50 and create, each validated both ways where the server can."""
    try:
        if not anchors.available():
            raise Unavailable(anchors.MISSING)
        require("wrk", "taskset")
    except Unavailable as reason:
        everything = [_READY, _MEMORY, *((_what(*each), _goal(*each)) for each in _compared())]
        return [not_measured(what, goal, str(reason)) for what, goal in everything]
    rows = [_ready()]
    with ExitStack() as stack:
        ours = stack.enter_context(_ours("mock"))
        idle = ours.megabytes
        bare = stack.enter_context(_ours("bare"))
        others, missing = _others(stack)
        rates = _rates([ours, bare, *others])
        loaded = ours.megabytes
        bad = (anchors.FOLDER / "bad.json").read_bytes()
        verdicts = {server.name: status_of(server, bad) for server in [ours, *others]}
    rows.append(
        Row(
            what=_MEMORY[0],
            goal=_MEMORY[1],
            measured=f"{idle:.0f} MB",
            met=idle < 80,
            detail=f"{loaded:.0f} MB after the measurement, orders and journal included",
        )
    )
    for rival, operation in _compared():
        if rival in missing:
            rows.append(
                not_measured(_what(rival, operation), _goal(rival, operation), missing[rival])
            )
            continue
        mine, limit, theirs = (rates[name, operation] for name in ("mock", "bare", rival))
        rows.append(
            Row(
                what=_what(rival, operation),
                goal=_goal(rival, operation),
                measured=f"{mine / theirs:.1f} x",
                met=mine >= _GOALS[rival] * theirs,
                detail=f"{mine:,.0f}/s against {theirs:,.0f}/s; bare ASGI {limit:,.0f}/s"
                + (
                    f"; a bad body: {verdicts['mock']}, {verdicts[rival]}" * (operation == "create")
                ),
            )
        )
    return rows


def _compared() -> list[tuple[str, str]]:
    pairs = [(rival, operation) for rival in _GOALS for operation in Wrk.PATHS]
    return [pair for pair in pairs if pair[0] != "WireMock" or pair[1] == "create"]


def _what(rival: str, operation: str) -> str:
    return f"mock server, {operation}, against {rival}"


def _goal(rival: str, _operation: str) -> str:
    return f">= {_GOALS[rival]:.0f} x"


def _ours(name: str) -> Server:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.anchors_server", str(port)]
    return Server(name, [*command, "--bare"] if name == "bare" else command, port, folder=ROOT)


def _ready() -> Row:
    taken = []
    for _ in range(1 + _STARTS):  # the first fills the cache
        with _ours("mock") as server:
            taken.append(server.ready_seconds)
    seconds = statistics.median(taken[1:])
    return Row(
        what=_READY[0],
        goal=_READY[1],
        measured=f"{seconds:.2f} s",
        met=seconds < 0.5,
        detail=f"between {min(taken[1:]):.2f} and {max(taken[1:]):.2f} s",
    )


def _others(stack: ExitStack) -> tuple[list[Server], dict[str, str]]:
    others: list[Server] = []
    missing: dict[str, str] = {}
    makers: dict[str, Callable[[], Server]] = {
        "Prism": partial(rivals.prism, silent=False),
        "Prism silent": partial(rivals.prism, silent=True),
        "WireMock": rivals.wiremock,
    }
    for name, make in makers.items():
        try:
            others.append(stack.enter_context(make()))
        except Unavailable as reason:
            missing[name] = str(reason)
    return others, missing


def _rates(servers: list[Server]) -> dict[tuple[str, str], float]:
    """The median rate of each server and operation, in rounds, so that noise comes to all."""
    wrk = Wrk(anchors.FOLDER / "post.lua")
    measured = [
        (server, operation)
        for operation in Wrk.PATHS
        for server in servers
        if server.name != "WireMock" or (server.name, operation) in _compared()
    ]
    for server, operation in measured:
        wrk.warm_up(server, operation)
    samples: dict[tuple[str, str], list[float]] = {}
    for _ in range(_ROUNDS):
        for server, operation in measured:
            samples.setdefault((server.name, operation), []).append(wrk.rate(server, operation))
    return {key: statistics.median(each) for key, each in samples.items()}
