"""Mock systems, workers and a host as a user starts them: real processes, real sockets."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from tests import postgres

from crossdock import secret
from crossdock.cli import main
from crossdock.demo.processes import Process, Processes
from crossdock.demo.setting import ERP_KEY, write_configuration
from crossdock.host import Host
from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.records import Order, Quote, QuoteLine
from crossdock.server.desk.back_office import BackOffice

_HERE = Path(__file__).parent
_ON_ONE_STACK = frozenset({"desk", "embed"})
_PATIENCE_SECONDS = 45.0
_CHROMIUM_SWITCHES = (
    "--headless",
    "--no-sandbox",  # the tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
)
_CALLER = re.compile(
    r"crossdock/\S+ \(worker (?P<worker>w-\d+-\w+); pid (?P<pid>\d+); plugin (?P<plugin>[\w-]+)\)"
)


def wait_until(holds: Callable[[], Any], what: Callable[[], object]) -> Any:
    """Wait until something is true and give it; patience ends in a failure that tells `what`."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (found := holds()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {_PATIENCE_SECONDS:.0f} s in vain; {what()}")
        time.sleep(0.02)
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one stack together in one process, so that only one stack is started."""
    for item in items:
        folder = item.path.parent.name
        if item.path.parent.parent == _HERE and folder in _ON_ONE_STACK:
            item.add_marker(pytest.mark.xdist_group(folder))


class MockSystems:
    """A mock CRM and a mock ERP on one data set."""

    def __init__(self, crm_url: str, erp_url: str) -> None:
        self.crm_url = crm_url
        self.erp_url = erp_url
        self._clients = {
            "crm": httpx.Client(base_url=crm_url, timeout=10),
            "erp": httpx.Client(base_url=erp_url, timeout=10, headers={"X-Api-Key": ERP_KEY}),
        }

    @classmethod
    def start(cls, processes: Processes) -> MockSystems:
        """Start both in one process."""
        mocks = processes.start("mocks", "mock", "crm", "erp", "--json", "--scale", "0.05")
        return cls(mocks.ready["mocks"]["crm"], mocks.ready["mocks"]["erp"])

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def get(self, system: str, path: str, **query: Any) -> Any:
        return self._clients[system].get(path, params=query).raise_for_status().json()

    def reset(self) -> None:
        """Back to how they started: state, journal, faults, clock."""
        for client in self._clients.values():
            client.post("/_mock/reset").raise_for_status()

    def now(self) -> datetime:
        return datetime.fromisoformat(self.get("crm", "/_mock/clock")["now"])

    def break_(self, system: str, operation: str | None, kind: str, **rule: Any) -> None:
        """Let an operation go wrong, or all of them; see the mock engine's `Fault`."""
        fault = {"kind": kind, **rule}
        if operation is not None:
            fault["operation"] = operation
        self._clients[system].post("/_mock/faults", json=fault).raise_for_status()

    def mend(self) -> None:
        for client in self._clients.values():
            client.delete("/_mock/faults").raise_for_status()

    def strikes(self, system: str) -> int:
        """How often faults struck."""
        return sum(each["strikes"] for each in self.get(system, "/_mock/faults")["faults"])

    def journal(self, system: str, operation: str, **filters: Any) -> list[dict[str, Any]]:
        """Exchanges of one operation, oldest first."""
        entries: list[dict[str, Any]] = self.get(
            system, "/_mock/journal", operation=operation, limit=10_000, **filters
        )["entries"]
        return entries

    def placements(self, reference: str) -> list[dict[str, Any]]:
        """Every call of the ERP that wanted to place the order of this reference."""
        return [
            entry
            for entry in self.journal("erp", "createSalesOrder")
            if json.loads(entry["request_body"] or "{}").get("externalReference") == reference
        ]

    def erp_orders(self, reference: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(
            "erp", "/sales-orders", externalReference=reference, limit=500
        )["items"]
        return found

    def lift_credit_limit(self, customer_id: str) -> None:
        """Let a customer order as much as the test wants."""
        customer = f"/customers/{customer_id}"
        etag = self._clients["erp"].get(customer).raise_for_status().headers["ETag"]
        self._clients["erp"].patch(
            customer, json={"creditLimit": None}, headers={"If-Match": etag}
        ).raise_for_status()

    def count(self, system: str, table: str) -> int:
        """Rows of a mock's table."""
        return int(self.get(system, "/_mock/state")["tables"][table])


class Stage:
    """A host of its own on the mock systems: the CRM's own program, and workers beside it."""

    def __init__(self, mocks: MockSystems, folder: Path, plugins: Sequence[Path] = ()) -> None:
        self.mocks = mocks
        self.folder = folder
        self.config = write_configuration(
            folder,
            crm_url=mocks.crm_url,
            erp_url=mocks.erp_url,
            now=mocks.now(),
            plugins=plugins,
            feed_seconds=0.2,
            inherit_seconds=0.2,
        )
        self.host = Host.open(self.config, role="crm")
        self.processes = Processes(folder)
        self.workers: list[Process] = []
        self._orders_before = mocks.count("erp", "sales_orders")
        self._back_office = BackOffice(self.host.config.erps)

    def close(self) -> None:
        for process in self.processes.running:  # one that did not come up in time as well
            if process.alive():
                process.kill()  # quicker than asking; nothing is to be finished here
        self._back_office.close()
        self.host.close()

    # Who does what.

    def save(self, account: str = "A-1001", *lines: tuple[str, str]) -> Quote:
        """Save a quote of items and quantities as its salesperson would."""
        wanted = lines or (("BRG-1001", "2"), ("HYD-1001", "3.5"))
        saved = self.host.save_quote(
            Quote(
                id="",
                account_id=account,
                currency="EUR",
                lines=tuple(
                    QuoteLine(number=number, item_id=item, quantity=Decimal(quantity))
                    for number, (item, quantity) in enumerate(wanted, start=1)
                ),
                owner_id="U-kim",
            ),
            user="kim",
        )
        assert saved.quote is not None, saved.verdict
        return saved.quote

    def promote(self, account: str = "A-1001", *lines: tuple[str, str]) -> Order:
        """Save a quote and make it an order."""
        promotion = self.host.promote_quote(self.save(account, *lines).id, user="kim")
        assert promotion.order is not None, promotion.verdict
        return promotion.order

    def play(self, order: Order, act: str) -> None:
        """Let the warehouse or the bookkeeper do something with an order that the ERP has."""
        now = self.host.crm.order(order.id)
        said = self._back_office.play(
            act, now.erp_system, now.erp_order_id, key=f"{order.id}-{act}", actor="test"
        )
        assert said.done, said.text

    def start_worker(self) -> Process:
        name = f"worker-{len(self.workers) + 1}"
        worker = self.processes.start(name, "worker", "--config", str(self.config), "--json")
        self.workers.append(worker)
        return worker

    # What became of it.

    def state(self) -> str:
        """Where things stand, for a person who looks for what went wrong."""
        deliveries = [
            (each.id, each.subject, each.state, each.attempts, each.cause)
            for each in self.host.deliveries.list(limit=20)
        ]
        logs = [worker.log.read_text(encoding="utf-8")[-1500:] for worker in self.workers]
        return "\n".join([f"deliveries {deliveries}", *logs])

    def until(self, holds: Callable[[], Any]) -> Any:
        return wait_until(holds, self.state)

    def until_struck(self, system: str, times: int = 1) -> None:
        """Wait until a fault has struck so often."""
        self.until(lambda: self.mocks.strikes(system) >= times)

    def until_told(self) -> None:
        """Wait until everything that the ERP's feed says is delivered, and nothing is under way."""

        def told() -> bool:
            cursor = self.host.store.watermarks.cursor("main", "changes") or "0"
            news = self.mocks.get("erp", "/changes", since=cursor, limit=1)["items"]
            return not news and not set(self.host.deliveries.counts()) - {"done", "dead"}

        self.until(told)

    def dead(self) -> list[str]:
        return [each.cause for each in self.host.deliveries.list(states=["dead"])]

    def callers(self, entries: Sequence[dict[str, Any]]) -> list[tuple[int, str]]:
        """Process id and plugin behind each call, as its User-Agent says."""
        found = []
        for entry in entries:
            agent = entry["request_headers"].get("user-agent", "")
            caller = _CALLER.fullmatch(agent)
            assert caller is not None, f"not a plugin in a worker: {agent}"
            assert int(caller["worker"].split("-")[1]) == int(caller["pid"])
            found.append((int(caller["pid"]), caller["plugin"]))
        return found

    def prove_placed_once(self, order: Order) -> str:
        """Prove that an order is in the ERP once, by the plugin in a worker, and linked in the CRM.

        Returns:
            The ERP's order.
        """
        (erp_order,) = self.mocks.erp_orders(order.id)

        calls = self.mocks.placements(order.id)
        created = [call for call in calls if call["committed"]]
        assert len(created) == 1, [(c["status"], c["committed"], c["fault"]) for c in calls]
        for call in calls:
            if call["status"] == 201 and call is not created[0]:
                assert call["response_headers"]["idempotency-replayed"] == "true"
        assert len({call["request_headers"]["idempotency-key"] for call in calls}) == 1
        pids = {worker.pid for worker in self.workers}
        assert {plugin for _, plugin in self.callers(calls)} == {"straight-through"}
        assert {pid for pid, _ in self.callers(calls)} <= pids

        crm_order = self.host.crm.order(order.id)
        there = self.host.erp.order(erp_order["id"])
        assert (crm_order.erp_system, crm_order.erp_order_id) == ("main", there.id)
        assert crm_order.status == there.status
        assert crm_order.customer_id == there.customer_id
        assert (crm_order.net, crm_order.tax, crm_order.gross) == (
            there.net,
            there.tax,
            there.gross,
        )
        assert [_essence(line) for line in crm_order.lines] == [
            _essence(line) for line in there.lines
        ]
        assert [(line.item_id, line.quantity) for line in order.lines] == [
            (line.item_id, line.quantity) for line in crm_order.lines
        ]

        keys = [event.key for event in self.host.crm.order_events(order.id)]
        assert len(keys) == len(set(keys)), keys
        assert f"acknowledged:main:{there.id}" in keys
        return there.id

    def prove_nothing_else_was_ordered(self, orders: int) -> None:
        """Prove that the ERP has so many more orders than it started with, and no other one."""
        assert self.mocks.count("erp", "sales_orders") - self._orders_before == orders


def _essence(line: Any) -> tuple[Any, ...]:
    return (
        line.number, line.item_id, line.quantity, line.unit_price, line.net, line.reserved,
        line.back_ordered, line.shipped, line.invoiced, line.returned, line.cancelled,
        line.promised_on,
    )  # fmt: skip


@pytest.fixture(scope="session")
def postgres_server(require_tool: Callable[[str], str]) -> Iterator[str]:
    """A PostgreSQL server of our own, gone afterwards; gives the URL of its first database."""
    initdb, pg_ctl = require_tool("initdb"), require_tool("pg_ctl")
    with postgres.postgres_server(initdb, pg_ctl, "fsync=off") as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store without tables, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'host.db'}"
    server = request.getfixturevalue("postgres_server")
    return postgres.new_database(server, f"t_{uuid.uuid4().hex[:12]}")


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a database with the tables of a store, which takes seconds to make."""
    name = "crossdock_template"
    with Store.open(postgres.new_database(postgres_server, name)) as store:
        Deliveries.open(store).close()
    return name


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store without anything in it, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'host.db'}"
    template = request.getfixturevalue("postgres_template")
    server = request.getfixturevalue("postgres_server")
    return postgres.new_database(server, f"t_{uuid.uuid4().hex[:12]}", template=template)


@pytest.fixture(scope="session")
def standing_mocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockSystems]:
    """The mock systems of this test process; take `mocks` for a fresh state."""
    with Processes(tmp_path_factory.mktemp("mocks")) as processes:
        started = MockSystems.start(processes)
        yield started
        started.close()


@pytest.fixture
def mocks(standing_mocks: MockSystems) -> MockSystems:
    """A mock CRM and a mock ERP as they are when they are started."""
    standing_mocks.reset()
    return standing_mocks


@pytest.fixture
def stage(mocks: MockSystems, tmp_path: Path) -> Iterator[Stage]:
    """A host on fresh mock systems, and no worker yet."""
    made = Stage(mocks, tmp_path)
    yield made
    made.close()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Start further commands; they are stopped afterwards."""
    with Processes(tmp_path) as started:
        yield started


@pytest.fixture
def stage_with(mocks: MockSystems, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Make a stage whose host loads further plugins, from their folders."""
    made: list[Stage] = []

    def make(*plugins: Path) -> Stage:
        made.append(Stage(mocks, tmp_path, plugins))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def stage_at(tmp_path: Path) -> Iterator[Callable[[str, str], Stage]]:
    """Make a stage on mock systems that the test has started, by their addresses."""
    made: list[tuple[Stage, MockSystems]] = []

    def make(crm_url: str, erp_url: str) -> Stage:
        mocks = MockSystems(crm_url, erp_url)
        made.append((Stage(mocks, tmp_path), mocks))
        return made[-1][0]

    yield make
    for stage, mocks in made:
        stage.close()
        mocks.close()


@pytest.fixture(scope="session")
def stage_on_own_mocks() -> Callable[[Path], AbstractContextManager[Stage]]:
    """Open a stage in a folder, on mock systems that nobody else resets."""

    @contextmanager
    def opened(folder: Path) -> Iterator[Stage]:
        with Processes(folder) as processes:
            mocks = MockSystems.start(processes)
            stage = Stage(mocks, folder)
            try:
                yield stage
            finally:
                stage.close()
                mocks.close()

    return opened


@pytest.fixture(scope="session")
def crossdock() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real command to its end."""

    def run(
        *arguments: object, cwd: Path | None = None, seconds: float = 60, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "crossdock", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def command() -> Callable[..., Result]:
    """Run a command to its end in this process.

    For what a command says: a start of Python costs more than most of what is said. `crossdock`
    runs the same command in a process of its own.
    """

    def run(*arguments: object, cwd: Path | None = None, **environment: str) -> Result:
        with contextlib.chdir(cwd or Path.cwd()), _process_kept():
            done = CliRunner().invoke(
                main, [*map(str, arguments)], env=environment, prog_name="crossdock"
            )
        assert isinstance(done.exception, SystemExit | None), done.exc_info
        return done

    return run


@pytest.fixture(scope="session")
def refused(command: Callable[..., Result]) -> Callable[..., Result]:
    """Run a command that has to say in words that it could not do it, and why."""

    def run(*arguments: object, says: Sequence[str], code: int = 1, **how: Any) -> Result:
        done = command(*arguments, **how)
        told = done.stdout + done.stderr
        assert done.exit_code == code, told
        assert "Traceback" not in told
        flat = " ".join(told.split())  # however wide the terminal is
        for words in says:
            assert " ".join(words.split()) in flat, f"{words!r} is not in:\n{told}"
        return done

    return run


@contextmanager
def _process_kept() -> Iterator[None]:
    """Put back what a command changes for its whole process; it knows no secrets of other tests."""
    secrets = set(secret._known)
    secret._known.clear()
    signals = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    known = logging.root.manager.loggerDict.values()
    loggers = [logging.root, *(each for each in known if isinstance(each, logging.Logger))]
    levels = [(each, each.level, each.handlers[:]) for each in loggers]
    try:
        yield
    finally:
        secret._known.update(secrets)
        for logger, level, handlers in levels:
            logger.setLevel(level)
            logger.handlers[:] = handlers
        for number, handler in signals.items():
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def chromium_with(
    require_tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[webdriver.Chrome]]:
    """Open a headless Chromium with an empty profile, with scripts or without."""

    @contextmanager
    def opened(*, scripts: bool = True) -> Iterator[webdriver.Chrome]:
        options = webdriver.ChromeOptions()
        options.binary_location = require_tool("chromium")
        profile = tmp_path_factory.mktemp("profile")
        for switch in (*_CHROMIUM_SWITCHES, f"--user-data-dir={profile}"):
            options.add_argument(switch)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.set_capability("unhandledPromptBehavior", "ignore")
        if not scripts:
            blocked = {"profile.managed_default_content_settings.javascript": 2}
            options.add_experimental_option("prefs", blocked)
        driver = webdriver.Chrome(options=options, service=Service(require_tool("chromedriver")))
        try:
            yield driver
        finally:
            driver.quit()

    return opened
