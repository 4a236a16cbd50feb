"""Python and the packages that a host needs."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from crossdock.host.diagnosis.findings import Finding, Findings

_find = Findings("this host")
_LEAST = (3, 11)
_EXTRAS = ("", "host")


def examine_machine() -> Iterator[Finding]:
    """Look at Python, and at each package that Crossdock names for a host."""
    here = f"Python {platform.python_version()} on {platform.system()} ({sys.executable})"
    if sys.version_info < _LEAST:
        yield _find.fail(f"{here} is too old", "host", "use Python 3.11 or later")
    else:
        yield _find.ok(here)
    wrong = 0
    checked = 0
    for text in requires("crossdock") or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is not None and not any(marker.evaluate({"extra": each}) for each in _EXTRAS):
            continue
        checked += 1
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong += 1
            yield _find.fail(
                f"{requirement.name} is not installed",
                "host",
                'run: pip install "crossdock[host]"',
            )
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong += 1
            yield _find.fail(
                f"{requirement.name} is {installed}, and Crossdock needs {requirement.specifier}",
                "host",
                f'run: pip install "{_without_marker(text)}"',
            )
    if not wrong:
        yield _find.ok(f"crossdock {version('crossdock')}, and the {checked} packages it needs")


def _without_marker(text: str) -> str:
    return re.split(r"\s*;", text)[0]
