"""What every test may rely on: tools that may be missing, and where the real data are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chaos",
        action="store_true",
        help="run the long forms too: proofs by SIGKILL in full length, whole real data sets",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long forms to `make chaos`; each has a short form that runs always."""
    if config.getoption("--chaos"):
        return
    long = [item for item in items if item.get_closest_marker("full")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


def _missing(what: str, how: str) -> None:
    """Skip loudly; where continuous integration promised the tool, fail instead."""
    message = f"{what} is not here: {how}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], str]:
    """Give the path of a program that `make system-deps` provides, or skip (in CI: fail)."""

    def require(name: str) -> str:
        candidates = [shutil.which(name)]
        candidates += sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))
        found = next((path for path in candidates if path), None)
        if found is None:
            _missing(name, "run `make system-deps`")
        assert found is not None
        return found

    return require


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Give the folder of the real data sets, or skip: they lie outside the project."""
    folder = Path(os.environ.get("CROSSDOCK_REAL_DATA", _ROOT.parent / "shared" / "data"))
    if not (folder / "online-retail.csv.xz").is_file():
        pytest.skip(
            f"the real data sets are not in {folder}; name their folder in CROSSDOCK_REAL_DATA"
        )
    return folder


@pytest.fixture
def chaos(request: pytest.FixtureRequest) -> bool:
    """Whether the proofs by SIGKILL run in their full length."""
    return bool(request.config.getoption("--chaos"))
