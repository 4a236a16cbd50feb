"""SData contracts on sockets, and a Node process that plays npm's `sdata-client` against them.

Both contracts are one engine's, so a test here is asked of each unless it says otherwise. What
their records are called is in `HOUSES`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from crossdock_mocks.datasets import generate
from crossdock_mocks.engine import App, MockTransport, World, serve_in_thread
from crossdock_mocks.sdata import Contract

_HERE = Path(__file__).parent


def _sage_crm(world: World) -> dict[str, Any]:
    del world  # its keys are the numbers of the data set
    head = {"orde_companyid": 1001, "orde_currency": 1}
    line = {"orit_productid": 1, "orit_quantity": 2, "orit_quotedprice": 10.01}
    other = {"orit_productid": 2, "orit_quantity": 1, "orit_quotedprice": 5.5}
    return {
        "kind": "company", "key": 1001, "name": "comp_name", "changed": "comp_updateddate",
        "include": "PrimaryPerson,Account", "one": "PrimaryPerson", "many": "Account",
        "where": "comp_name like '%gmbh%'", "double": 'comp_name like "%gmbh%"',
        "other": {"comp_sector": "Steel"}, "keyed": "comp_cdkey",
        "orders": "orders", "lines": "OrderItems", "total": "orde_nettamt",
        "order": {**head, "OrderItems": {"$resources": [line, other]}},
        "wrong_order": {
            **head, "OrderItems": {"$resources": [line, {**other, "orit_quantity": 0}]},
        },
        "ruled": "quotes", "rule": "ConvertToOrder", "ruled_key": 1044, "parameters": None,
    }  # fmt: skip


def _saleslogix(world: World) -> dict[str, Any]:
    def key(resource: str, **having: Any) -> str:
        return str((world.table(f"sdata_{resource}").first(having) or {})["key"])

    account, product = key("accounts", ErpExtId="C-10001"), {"$key": key("products")}
    head = {"Account": {"$key": account}}
    line = {"Product": product, "Quantity": 2, "Price": 10.01}
    other = {"Product": product, "Quantity": 1, "Price": 5.5}
    return {
        "kind": "accounts", "key": account, "name": "AccountName", "changed": "ModifyDate",
        "include": "Address,Contacts", "one": "Address", "many": "Contacts",
        "where": "upper(AccountName) like '%GMBH%'", "double": 'AccountName like "%GmbH%"',
        "other": {"Industry": "Steel"}, "keyed": "CrossdockKey",
        "orders": "salesOrders", "lines": "SalesOrderItems", "total": "OrderTotal",
        "order": {**head, "SalesOrderItems": {"$resources": [line, other]}},
        "wrong_order": {
            **head, "SalesOrderItems": {"$resources": [line, {**other, "Quantity": -1}]},
        },
        "ruled": "accounts", "rule": "CanChangeOwner", "ruled_key": account, "parameters": None,
    }  # fmt: skip


HOUSES = {"sage-crm": ("sage_crm", _sage_crm), "saleslogix": ("saleslogix", _saleslogix)}
"""The package of each contract's dialect, and what stories call its records and write to them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process: two mocks and one Node process are started for them."""
    for item in items:
        if item.path.parent == _HERE:
            item.add_marker(pytest.mark.xdist_group("sdata"))


@attrs.define(eq=False)
class Served:
    """One contract's mock on a socket.

    Attributes:
        base: URL of the contract, with a slash at its end.
        user: Who may do everything, with the password; `reader` may only read.
    """

    name: str
    app: App
    world: World
    contract: Contract
    base: str
    user: tuple[str, str]
    reader: tuple[str, str]
    words: Mapping[str, Any]

    def rows(self, resource: str, **having: Any) -> list[dict[str, Any]]:
        """Rows of a resource in the mock's own tables."""
        return self.world.table(self.contract.resource(resource).table).find(having)

    def client(self, user: tuple[str, str] | None = None) -> httpx.Client:
        """A client in process."""
        return httpx.Client(
            transport=MockTransport(self.app, self.world),
            base_url=f"http://sdata.test{self.contract.base}/",
            auth=user or self.user,
        )


@pytest.fixture(scope="session")
def all_served() -> Iterator[Callable[[str], Served]]:
    """Gives a contract's mock on a socket, the same one when asked again."""
    opened: dict[str, tuple[Served, Any]] = {}

    def give(name: str) -> Served:
        if name not in opened:
            folder, words = HOUSES[name]
            package = import_module(f"crossdock_mocks.dialects.{folder}")
            app = App(package.dialect())
            data = generate(seed=1, scale=0.05)
            world = app.open_world(data, now=datetime.combine(data.as_of, time(9), UTC))
            world.seal()
            server = serve_in_thread((app, world))
            (address,) = server.__enter__()
            served = Served(
                name, app, world, package.CONTRACT,
                f"{address.base_url}{package.CONTRACT.base}/",
                (package.USER, package.PASSWORD), (package.READER, package.READER_PASSWORD),
                words(world),
            )  # fmt: skip
            opened[name] = served, server
        return opened[name][0]

    yield give
    for served, server in opened.values():
        server.__exit__(None, None, None)
        served.world.close()


@pytest.fixture(params=list(HOUSES))
def served(request: pytest.FixtureRequest, all_served: Callable[[str], Served]) -> Iterator[Served]:
    """A contract's mock as it is when it is started."""
    made = all_served(request.param)
    yield made
    made.world.reset()


class Player:
    """npm's `sdata-client` in one Node process that plays stories until it is closed."""

    def __init__(self, node: str, packages: Path, log: Path) -> None:
        self._log = log
        with log.open("wb") as written:
            self._process = subprocess.Popen(
                [node, "--no-deprecation", str(_HERE / "player.mjs")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
                encoding="utf-8",
                env={**os.environ, "NODE_PATH": str(packages)},
            )

    def play(self, story: str, served: Served, **words: Any) -> Any:
        """Play a story; gives what it told, and fails where it could not be played."""
        user, password = served.user
        asked = {
            "story": story, "base": served.base, "user": user, "password": password,
            "words": {**served.words, "reader": list(served.reader), **words},
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, self._log.read_text(encoding="utf-8")
        outcome = json.loads(line)
        assert outcome["ok"], outcome["why"]
        return outcome["told"]

    def close(self) -> None:
        """End the process with its input."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def player(
    require_tool: Callable[[str], str],
    npm_packages: Callable[[Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Player]:
    """One Node process for all stories; without Node there are none, which fails in CI."""
    packages = npm_packages(_HERE) / "node_modules"
    made = Player(require_tool("node"), packages, tmp_path_factory.mktemp("node") / "stderr.txt")
    yield made
    made.close()


@pytest.fixture
def play(player: Player, served: Served) -> Callable[..., Any]:
    """Plays a story on the contract under test."""

    def give(story: str, **words: Any) -> Any:
        return player.play(story, served, **words)

    return give
