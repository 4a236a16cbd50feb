"""Test workers share the work of rewriting the assertions of a thousand test files.

Each worker imports every test file, and pytest keeps what it rewrote of one beside its byte code.
Where nothing is kept yet, all workers would go through the same files side by side; here each
begins with a share of its own, and finds most of the rest done.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.assertion import rewrite  # there is no public way; pytest's version is bounded
from _pytest.assertion.rewrite import assertstate_key


def share(files: Iterable[Path]) -> list[Path]:
    """Give the files that this worker begins with; none where there is but one process."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if not worker.startswith("gw") or workers == 1:
        return []
    return sorted(files)[int(worker[2:]) :: workers]


def rewrite_ahead(config: pytest.Config, files: Iterable[Path]) -> None:
    """Rewrite and keep what is not kept yet; what cannot be read is told when it is collected."""
    if sys.dont_write_bytecode:
        return
    state = config.stash[assertstate_key]
    for file in files:
        folder = rewrite.get_cache_dir(file)
        kept = folder / f"{file.stem}{rewrite.PYC_TAIL}"
        if rewrite._read_pyc(file, kept) is not None or not rewrite.try_makedirs(folder):
            continue
        try:
            stat, code = rewrite._rewrite_test(file, config)
        except (SyntaxError, UnicodeDecodeError, OSError):
            continue
        rewrite._write_pyc(state, code, stat, kept)
