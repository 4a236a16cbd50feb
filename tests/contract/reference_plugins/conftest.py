"""Reference plugins in a host on the reference systems, wherever their code runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crossdock.testing import Dock
from crossdock_mocks.datasets import DataSet, generate

ROLES = {
    "sales": {"fields": ["credit", "personal"]},
    "service": {"fields": []},
    "manager": {"fields": ["cost", "credit", "margin", "personal"]},
}


@pytest.fixture(scope="session")
def company() -> DataSet:
    return generate(seed=1, scale=0.4)


# In the normal run each plugin does some things in both ways, by parameters of those tests.
@pytest.fixture(params=["inline", pytest.param("process", marks=pytest.mark.full)])
def isolation(request: pytest.FixtureRequest) -> str:
    """Where plugins run: what they do must be the same."""
    where: str = request.param
    return where


@pytest.fixture
def open_scene(open_dock: Callable[..., Dock], isolation: str) -> Callable[..., Dock]:
    """Open a dock with plugins; settings by plugin id with `_` for `-`."""

    def open_(*enabled: str, **settings: Any) -> Dock:
        config = {name.replace("_", "-"): table for name, table in settings.items()}
        return open_dock(*enabled, config=config, roles=ROLES, inline=isolation == "inline")

    return open_
