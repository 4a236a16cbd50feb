"""The side-car as a user starts it: a process beside mocks and a worker, on real sockets."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock.demo.processes import Process

KEY = "cdk_" + "e" * 40
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Served:
    """A stage with a side-car."""

    def __init__(self, stage: Any, settings: dict[str, Any]) -> None:
        self.stage = stage
        self.count = 0
        self.client: Any = None
        with stage.config.open("a", encoding="utf-8") as file:
            file.write(_toml("server", settings))
        self.start()

    def start(self) -> Process:
        """Start it, on a free port."""
        self.count += 1
        self.process = self.stage.processes.start(
            f"serve-{self.count}", "serve", "--config", str(self.stage.config), "--port", "0",
            "--json",
        )  # fmt: skip
        self.url: str = self.process.ready["url"]
        self.close()
        self.client = httpx.Client(
            base_url=self.url,
            headers={"X-Api-Key": KEY, "X-Crossdock-User": "kim"},
            timeout=30,
        )
        return self.process

    def close(self) -> None:
        if self.client is not None:
            self.client.close()

    @property
    def address(self) -> tuple[str, int]:
        url = httpx.URL(self.url)
        return url.host, int(url.port or 0)

    def connect(self) -> socket.socket:
        """Open a bare connection."""
        connection = socket.create_connection(self.address, timeout=20)
        connection.settimeout(20)
        return connection

    def log(self) -> str:
        return self.process.log.read_text(encoding="utf-8")


def _toml(name: str, table: dict[str, Any]) -> str:
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    text = f"\n[{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in plain.items())
    for key, value in table.items():
        if isinstance(value, dict):
            text += _toml(f"{name}.{key}", value)
    return text


def _settings(changed: dict[str, Any]) -> dict[str, Any]:
    return {
        "keys": {"crm": {"secret": KEY, "scopes": ["*"], "users": ["*"], "burst": 100_000}},
        "senders": {"node": {"secret": WHSEC}},
        **changed,
    }


@pytest.fixture
def serve(stage: Any) -> Iterator[Callable[..., Served]]:
    """Start a side-car on the stage's configuration; arguments change `[server]`."""
    opened: list[Served] = []

    def start(**changed: Any) -> Served:
        opened.append(Served(stage, _settings(changed)))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


@pytest.fixture(scope="session")
def sidecar_on() -> Callable[[Any], Served]:
    """Start a side-car on a stage that lives longer than one test."""
    return lambda stage: Served(stage, _settings({}))


@pytest.fixture(scope="module")
def standing(
    stage_on_own_mocks: Any, sidecar_on: Callable[[Any], Served], tmp_path_factory: Any
) -> Iterator[Served]:
    """One side-car for a whole module; what one request leaves behind, the next one meets."""
    with stage_on_own_mocks(tmp_path_factory.mktemp("standing")) as stage:
        served = sidecar_on(stage)
        yield served
        served.close()


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    return serve()


@pytest.fixture(scope="session")
def cookbook() -> Path:
    return Path(__file__).parents[3] / "cookbook"
