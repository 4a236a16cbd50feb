"""One process makes the changes, collects the tests, and tries each change in a fork of itself.

mutmut makes the changes and keeps what came of them; how it tries them starts pytest again for
each, which takes ten times as long as the tests that a change needs. Here tests are collected once.
First they run unchanged and say which functions each of them reaches; then a fork runs for each
change, with the tests that reach its function: first those that noticed another change of the same
function, then those that notice much, then the quickest.

Run in a folder that `tests.mutation` laid out.
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import gc
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants, setup_source_paths
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import walk_mutatable_files

NOTICED, NOT_NOTICED, TIMED_OUT, NO_TESTS = 1, 0, 36, 33
"""What came of a change, in mutmut's numbers."""

_SECONDS_OF_CPU = 2
"""What a change may use beyond three times what its tests use."""

_QUICKLY = (
    "--rootdir=.", "--capture=no", "--override-ini=timeout=0", "--tb=native", "--assert=plain",
)  # fmt: skip
"""Nobody reads why a test failed, and to say it takes longer than the test."""

_SECONDS = 60
"""What a change may take on a busy machine: one that waits for ever uses no processor."""


class Trial:
    """Takes pytest's loop over the collected tests, and runs it once for each change."""

    def __init__(self, wanted: Sequence[str], again: bool, first: int | None) -> None:
        self.wanted = wanted
        self.first = first
        self.again = again

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        reached, seconds = _reached(session.items)
        gc.collect()
        gc.freeze()
        _see_that_forks_notice_nothing(session.items, sum(seconds))
        noticers: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for path in sorted(walk_mutatable_files(), key=str):
            for mutant, keep in self._asked_for(path):
                function = mutant.partition("__mutmut_")[0]
                tests = sorted(
                    reached[function],
                    key=lambda test: (
                        -noticers[function][test], -noticers[""][test], seconds[test]
                    ),
                )[: self.first]  # fmt: skip
                limit = _SECONDS_OF_CPU + 3 * sum(seconds[test] for test in tests)
                fate, noticer = _try([session.items[test] for test in tests], mutant, limit)
                if noticer is not None:
                    noticers[function][tests[noticer]] += 1
                    noticers[""][tests[noticer]] += 1
                if fate != NOTICED:
                    print(f"{fate:3} {mutant} ({len(tests)} tests)", flush=True)
                keep(fate)
        return True

    def _asked_for(self, path: Path) -> Iterator[tuple[str, Callable[[int], None]]]:
        data = SourceFileMutationData(path=str(Path("..") / path))
        data.meta_path = Path(str(path) + ".meta")
        data.load()
        tried = 0
        for mutant, fate in list(data.exit_code_by_key.items()):
            if self.wanted and not any(fnmatch.fnmatch(mutant, each) for each in self.wanted):
                continue
            if fate is not None and not (self.again and fate != NOTICED):
                continue

            def keep(fate: int, mutant: str = mutant) -> None:
                data.exit_code_by_key[mutant] = fate
                data.save()

            yield mutant, keep
            tried += 1
        if tried:
            counted = Counter(data.exit_code_by_key.values())
            print(f"{path}: {counted[NOTICED]} of {counted.total()} noticed", flush=True)


def _reached(items: Sequence[pytest.Item]) -> tuple[Mapping[str, Sequence[int]], Sequence[float]]:
    """Say which tests reach which function, and how many seconds of processor each test uses."""
    set_mutant_under_test("stats")
    reached: defaultdict[str, list[int]] = defaultdict(list)
    seconds = []
    memory = Memory()
    for number, item in enumerate(items):
        state()._stats.clear()
        begun = time.process_time()
        if not _passes(item, None):
            pytest.exit(f"{item.nodeid} does not pass before anything is changed.", 1)
        seconds.append(time.process_time() - begun)
        for function in state()._stats:
            reached[function].append(number)
        memory.forget()
    set_mutant_under_test("")
    print(f"{len(items)} tests use {sum(seconds):.1f} s of processor", flush=True)
    return reached, seconds


def _see_that_forks_notice_nothing(items: Sequence[pytest.Item], seconds: float) -> None:
    """Run all tests in a fork with nothing changed: what fails there would notice every change."""
    fate, failed = _try(items, "", _SECONDS_OF_CPU + 3 * seconds, _SECONDS + 10 * seconds)
    if fate != NOT_NOTICED:
        name = "too slow" if failed is None else items[failed].nodeid
        pytest.exit(f"Nothing was changed, and a fork did not pass: {name}.", 1)


class Memory:
    """What our modules keep for later: caches of functions, and collections that they fill.

    A changed function that is not asked, as its answer is known, is noticed by nobody.
    """

    def __init__(self) -> None:
        gc.unfreeze()  # what tests/conftest.py froze is not listed
        self._caches = [
            each
            for each in gc.get_objects()
            if isinstance(each, functools._lru_cache_wrapper)
            and (each.__module__ or "").startswith("crossdock")
        ]
        self._collections = [
            (value, value.copy())
            for name, module in list(sys.modules.items())
            if name.startswith("crossdock")
            for value in vars(module).values()
            if type(value) in (dict, list, set)
        ]

    def forget(self) -> None:
        """Bring everything to where it was when this was made."""
        for cache in self._caches:
            cache.cache_clear()
        for value, before in self._collections:
            if value != before:
                value.clear()
                value.extend(before) if isinstance(value, list) else value.update(before)


def _try(
    tests: Sequence[pytest.Item], mutant: str, limit: float, wait: float = _SECONDS
) -> tuple[int, int | None]:
    """Say what came of a change, and which of the tests noticed."""
    if not tests:
        return NO_TESTS, None
    read, write = os.pipe()

    def run() -> int:
        set_mutant_under_test(mutant)
        for number, item in enumerate(tests):
            following = tests[number + 1] if number + 1 < len(tests) else None
            if not _passes(item, following):
                os.write(write, str(number).encode())
                return NOTICED
        return NOT_NOTICED

    fate = _in_a_fork(run, limit, wait)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        noticer = pipe.read()
    if fate in (-signal.SIGXCPU, -signal.SIGKILL):
        return TIMED_OUT, None
    return (NOTICED if fate else NOT_NOTICED), int(noticer) if noticer else None


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    try:
        reports = runtestprotocol(item, log=False, nextitem=following)
    except BaseException:  # noqa: BLE001 - a change may raise whatever it likes, in pytest itself too
        return False
    return all(report.passed for report in reports)


def _in_a_fork(work: Callable[[], int], limit: float, wait: float) -> int:
    """Run work in a child with files of its own, and answer with its exit code."""
    files = tempfile.mkdtemp(prefix="mutant-")
    child = os.fork()
    if not child:
        code = 1
        try:
            os.setsid()  # whatever it starts ends with it
            os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.tempdir = files
            used = int(time.process_time() + limit)
            resource.setrlimit(resource.RLIMIT_CPU, (used, used + 5))
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            code = work()
        finally:
            os._exit(code)
    handle = os.pidfd_open(child)
    ended, _, _ = select.select([handle], [], [], wait)
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(handle)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    shutil.rmtree(files, ignore_errors=True)
    return os.waitstatus_to_exitcode(status)


def _main(again: bool, first: int | None, wanted: Sequence[str]) -> int:
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        copy_src_dir()
        copy_also_copy_files()
        setup_source_paths()
        create_mutants(1)
    tests = config().pytest_add_cli_args_test_selection
    options = config().pytest_add_cli_args
    os.chdir("mutants")
    return int(
        pytest.main(
            [*_QUICKLY, *options, *tests],
            plugins=[Trial(wanted, again, first)],
        )
    )


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1] == "again", int(sys.argv[2]) or None, sys.argv[3:]))
