"""A host with a hostile plugin and a well-behaved one, each in processes of their own."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from crossdock.errors import NotFound
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.isolation.settings import IsolationSettings
from crossdock.host.settings.config import Deadlines
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.ports import Guards
from crossdock.records import Item, Quote, QuoteLine, User

_HERE = Path(__file__).parent
KIM = User(id="U-kim", name="Kim", roles=("sales",))


class _Crm:
    system = "crm"
    guards = Guards()


class _Erp:
    system = "main"
    capabilities = frozenset({"idempotency_key"})

    def item(self, item_id: str) -> Item:
        if item_id != "I-1":
            raise NotFound(f"there is no item {item_id}", system="main", status=404)
        return Item(id="I-1", name="Bearing", system="main")

    def close(self) -> None:
        pass


class _NoDeliveries:
    def close(self) -> None:
        pass


class Bystanders:
    """Threads that ask the well-behaved plugin without a pause, and judge each answer."""

    def __init__(self, host: Host, threads: int = 2) -> None:
        self._host = host
        self._over = threading.Event()
        self.answers = 0
        self.wrong: list[str] = []
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._ask, args=(number,)) for number in range(threads)
        ]

    def __enter__(self) -> Bystanders:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        count = 0
        while not self._over.is_set():
            count += 1
            quote = quote_called(f"Q-{number}-{count}")
            verdict = self._host.before_order_promote(quote, user=KIM)
            said = [warning.message for warning in verdict.warnings]
            time.sleep(0.02)  # a steady load, and no contest for the processor
            with self._lock:
                self.answers += 1
                if said != [f"{quote.id}: Bearing for Kim"] or verdict.faults:
                    self.wrong.append(f"{quote.id}: {said} {verdict.faults}")


def quote_called(quote_id: str) -> Quote:
    line = QuoteLine(number=1, item_id="I-1", quantity=Decimal(2))
    return Quote(id=quote_id, account_id="A-1", currency="EUR", lines=(line,))


@pytest.fixture
def called() -> Callable[[str], Quote]:
    """Make a quote whose id tells the hostile plugin what to do."""
    return quote_called


@pytest.fixture
def bystanders() -> type[Bystanders]:
    return Bystanders


@pytest.fixture
def kim() -> User:
    return KIM


@pytest.fixture
def wait_for() -> Callable[[Callable[[], Any]], Any]:
    """Wait until something is true."""

    def wait(holds: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 30
        while not (found := holds()):
            assert time.monotonic() < deadline, "waited 30 s in vain"
            time.sleep(0.01)
        return found

    return wait


def _children() -> set[int]:
    """Give the processes below this one, but for a browser that other tests keep open."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if not child.name().startswith("chrom"):
                found.add(child.pid)
    return found


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def open_host(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """Open a host; afterwards nothing of its plugins may be left in this process or beside it."""
    from crossdock.host.isolation.nursery import nursery

    nursery()  # lives as long as this process; what follows is counted without it
    children, descriptors, opened = _children(), _descriptors(), list[Host]()

    def open_(
        *plugins: str,
        guard_seconds: float = 1.5,
        inline: tuple[str, ...] | str = (),
        paths: tuple[Path, ...] = (_HERE,),
        crm: Any = None,
        policy: dict[str, str] | None = None,
        **isolation: Any,
    ) -> Host:
        settings = {"restart_seconds": 0.01, "frame_mb": 8, "memory_mb": 256} | isolation
        host = Host(
            HostConfig(
                crm=SystemConfig(name="crm", connector="memory"),
                erps=(SystemConfig(name="main", connector="memory"),),
                enabled=plugins or ("hostile", "bystander"),
                plugin_paths=paths,
                inline=inline,
                isolation=IsolationSettings(**settings),
                roles={"sales": RoleConfig(), "accounting": RoleConfig(fields=("*",))},
                policy=policy or {},
                deadlines=Deadlines(guard=guard_seconds),
            ),
            crm=crm or _Crm(),  # type: ignore[arg-type]
            erp=Router({"main": _Erp()}),  # type: ignore[dict-item]
            store=Store.open(f"sqlite:///{tmp_path}/host-{len(opened)}.db"),
            deliveries=_NoDeliveries(),  # type: ignore[arg-type]
            identity="test",
            now=lambda: datetime.now(UTC),
        )
        opened.append(host)
        return host

    yield open_
    for host in opened:
        host.close()
    deadline = time.monotonic() + 10
    while (left := _children() - children) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, [psutil.Process(pid) for pid in left]
    while _descriptors() > descriptors and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _descriptors() <= descriptors, _open_files()


def _open_files() -> list[str]:
    found = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            found.append(f"{each.name} {each.readlink()}")
        except OSError:
            continue
    return found


@pytest.fixture
def plugin_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a plugin that is not the hostile one; gives the folder for `paths`."""

    def write(plugin_id: str, code: str, **manifest: Any) -> Path:
        folder = tmp_path / "plugins" / plugin_id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        points = manifest.get("points", ["before_quote_save"])
        (folder / "plugin.toml").write_text(
            f'id = "{plugin_id}"\nname = "{plugin_id}"\nsdk = ">=0.1"\npoints = {points}\n'
            f"scopes = {manifest.get('scopes', [])}\n"
        )
        (folder / "plugin.py").write_text(code)
        return tmp_path / "plugins"

    return write
