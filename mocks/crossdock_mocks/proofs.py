"""A pytest plugin that writes down which operation of which mock each test reached, and how.

pytest -p crossdock_mocks.proofs --proofs specs/proofs.json tests

Nothing has to be marked: whatever goes through a mock in the test's own process while the test's
function runs is seen, and it counts when the test passes. `crossdock coverage` reads the file.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, final

import pytest

from crossdock_mocks.engine import App

_PROPERTY: Final = "crossdock_mocks.reached"
_NAMED: Final = 2
"""So many tests are named for an answer; the rest is counted."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `--proofs`."""
    parser.addoption(
        "--proofs", type=Path, metavar="FILE", help="write which tests reach which operations"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record, where it is asked for."""
    file = config.getoption("--proofs")
    if file is not None:
        config.pluginmanager.register(Recorder(file, writes=not hasattr(config, "workerinput")))


@final
class Recorder:
    """Records what goes through any mock, and writes it at the end of the session.

    Args:
        file: Where to.
        writes: Whether this process writes; workers of pytest-xdist hand on what they have.
    """

    def __init__(self, file: Path, *, writes: bool) -> None:
        self._file = file
        self._writes = writes
        self._reached: set[tuple[str, str, int]] = set()
        self._tests: dict[str, set[tuple[str, str, int]]] = defaultdict(set)

    def pytest_sessionstart(self) -> None:
        """Look over the shoulder of every mock."""
        enter = App._enter
        reached = self._reached

        def note(app: App, *entered: Any) -> None:
            _, _, operation, response, verdict, *_ = entered
            if operation is not None and verdict != "fault":  # a fault proves nothing of the mock
                reached.add((app.dialect.name, operation.id, response.status))
            enter(app, *entered)

        setattr(App, "_enter", note)  # noqa: B010 - mypy takes no assignment to a method

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Collect what one test reaches."""
        self._reached.clear()
        yield
        item.user_properties.append((_PROPERTY, sorted(self._reached)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test reached that passed; with pytest-xdist, from all workers."""
        if report.when == "call" and report.passed:
            for name, value in report.user_properties:
                if name == _PROPERTY and isinstance(value, Iterable):
                    test = report.nodeid.partition("[")[0]
                    self._tests[test].update(tuple(each) for each in value)

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        if self._writes:
            self._file.write_text(_lines(self._proofs()), encoding="utf-8")

    def _proofs(self) -> dict[str, dict[str, Any]]:
        """Mock, operation and status to the tests: the most particular ones by name."""
        breadth = Counter({test: len(reached) for test, reached in self._tests.items()})
        found: dict[tuple[str, str, int], list[str]] = defaultdict(list)
        for test, reached in self._tests.items():
            for each in reached:
                found[each].append(test)
        proofs: dict[str, dict[str, Any]] = {}
        for (mock, operation, status), tests in found.items():
            tests.sort(key=lambda test: (breadth[test], test))
            answers = proofs.setdefault(mock, {}).setdefault(operation, {})
            answers[str(status)] = {"count": len(tests), "tests": tests[:_NAMED]}
        return proofs


def _lines(proofs: dict[str, dict[str, Any]]) -> str:
    """JSON with one line for each operation, so that a change of one is a change of one line."""
    mocks = []
    for mock, operations in sorted(proofs.items()):
        lines = ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(answers, sort_keys=True)}"
            for name, answers in sorted(operations.items())
        )
        mocks.append(f" {json.dumps(mock)}: {{\n{lines}\n }}")
    return "{\n" + ",\n".join(mocks) + "\n}\n"
