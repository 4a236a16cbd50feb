"""What a project of a connector or a mock tells people, and whether its own tests hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from crossdock.testing.rule import Finding, NotAsked
from crossdock.testing.systems.project import System
from crossdock.testing.systems.registry import BOTH_CHECKS, BOTH_TRIALS

UNDER_WAY: Final = "CROSSDOCK_CERTIFYING"
"""Set while a project's own tests run for a rule, so that they do not begin it all again."""
_MOST_SECONDS: Final = 600
_COUNTS: Final = re.compile(r"(\d+) (passed|failed|error|errors|skipped|xfailed|xpassed)")


@BOTH_CHECKS.rule("silver")
def is_explained(system: System) -> Iterator[Finding]:
    """It tells people what it speaks to: a README, and a docstring at its entry point.

    The README says which version of the system it was made for, what it does and what it leaves
    out; the docstring which settings it takes.
    """
    if not (system.root / "README.md").is_file():
        yield Finding(
            what="there is no README.md",
            do="write one beside pyproject.toml: which system, which version, what is left out",
        )
    try:
        entry = system.load()
    except Exception:  # noqa: BLE001 - the rule that opens it says what is wrong
        return
    if not (entry.__doc__ or "").strip():
        yield Finding(
            what=f"{system.target} has no docstring", do="say in it which settings it takes"
        )


@frozen(kw_only=True)
class OwnTests:
    """What came of a project's own tests.

    Attributes:
        good: whether they ended well.
        counts: how many passed, failed, were skipped.
        output: what pytest said.
        reached: the statuses that passing tests reached, by operation, by mock.
    """

    good: bool
    counts: Mapping[str, int]
    output: str
    reached: Mapping[str, Mapping[str, frozenset[int]]]


_ran: dict[Path, OwnTests] = {}


def own_tests(system: System) -> OwnTests:
    """Run a project's own tests, once for all rules and for all of its systems.

    Raises:
        NotAsked: they are under way: one of them asks for its own certification.
    """
    if os.environ.get(UNDER_WAY):
        raise NotAsked("these tests are under way")
    if system.root not in _ran:
        _ran[system.root] = _run(system.root)
    return _ran[system.root]


def forget_tests(root: Path) -> None:
    """Let a project's tests run anew when they are asked about next."""
    _ran.pop(root, None)


def _run(root: Path) -> OwnTests:
    with tempfile.TemporaryDirectory() as folder:
        proofs = Path(folder) / "proofs.json"
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-p", "crossdock_mocks.proofs", "--proofs", str(proofs)),
        ]
        environment = {**os.environ, UNDER_WAY: "1", "PYTEST_ADDOPTS": "", "NO_COLOR": "1"}
        try:
            done = subprocess.run(  # noqa: S603 - the project's own tests, as its author runs them
                command,
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_MOST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return OwnTests(
                good=False, counts={}, output=f"not done in {_MOST_SECONDS} s", reached={}
            )
        told = json.loads(proofs.read_text(encoding="utf-8")) if proofs.is_file() else {}
    last = done.stdout.strip().rpartition("\n")[2]
    return OwnTests(
        good=done.returncode == 0,
        counts={word: int(number) for number, word in _COUNTS.findall(last)},
        output=(done.stdout + done.stderr).strip(),
        reached=_reached(told),
    )


def _reached(told: Mapping[str, Any]) -> Mapping[str, Mapping[str, frozenset[int]]]:
    return {
        mock: {name: frozenset(map(int, answers)) for name, answers in operations.items()}
        for mock, operations in told.items()
    }


@BOTH_TRIALS.rule("bronze")
def own_tests_pass(system: System) -> Iterator[Finding]:
    """The project has tests of its own, and all of them pass; none is skipped.

    They are run as its author runs them: `pytest` in the folder of pyproject.toml.
    """
    ran = own_tests(system)
    if not ran.good:
        yield Finding(what=f"its tests fail: {_in_short(ran.output)}", do="run pytest and mend it")
    elif not ran.counts.get("passed"):
        yield Finding(
            what="it has no tests", do="write some; `crossdock new` shows what they look like"
        )
    if skipped := ran.counts.get("skipped", 0):
        yield Finding(
            what=f"{skipped} of its tests are skipped",
            do="let them run, or take them out: what was not tried is not certified",
        )


def _in_short(output: str) -> str:
    failed = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return "; ".join(failed[:3]) or output.rpartition("\n")[2]
