"""The frozen plugin in a host on both mocks, once inline and once in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from crossdock.host import Host
from crossdock.testing import Dock


@pytest.fixture(params=["inline", "process"])
def dock(request: pytest.FixtureRequest, open_dock: Callable[..., Dock]) -> Dock:
    """A dock with the frozen plugin alone."""
    roles = {"sales": {"fields": ["credit", "personal"]}}
    plugin = Path(__file__).parent / "plugin"
    return open_dock(plugin, roles=roles, inline=request.param == "inline")


@pytest.fixture
def host(dock: Dock) -> Host:
    return dock.host


@pytest.fixture
def story(dock: Dock) -> Mapping[str, str]:
    """What the data set wants played."""
    return dock.story
