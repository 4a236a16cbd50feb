"""Raw files in SQLite: the other side of every comparison, without a line of our own code."""

from __future__ import annotations

import csv
import io
import lzma
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from crossdock.connectors import crm as crm_connector
from crossdock.connectors import erp as erp_connector
from crossdock.demo.setting import CRM_CLIENT, ERP_KEY
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock_mocks.datasets import DataSet
from crossdock_mocks.dialects import crm as crm_dialect
from crossdock_mocks.dialects import erp as erp_dialect
from crossdock_mocks.engine import App, MockTransport

TextRows = Iterator[list[str]]


def read_csv(file: Path) -> TextRows:
    opened = lzma.open if file.suffix == ".xz" else open
    with opened(file, "rb") as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as text:
        yield from csv.reader(text)


@pytest.fixture(scope="session")
def load_table() -> Callable[[sqlite3.Connection, str, Path], int]:
    """Puts a CSV file into a table of texts as it stands; gives the number of rows."""

    def load(database: sqlite3.Connection, table: str, file: Path) -> int:
        rows = read_csv(file)
        header = next(rows)
        columns = ", ".join(f'"{name}" TEXT' for name in header)
        places = ", ".join("?" * len(header))
        database.execute(f'CREATE TABLE "{table}" ({columns})')
        database.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)
        (count,) = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        return int(count)

    return load


@pytest.fixture(scope="session")
def run_import(
    request: pytest.FixtureRequest,
) -> Callable[[str, Path, Path], tuple[int, str, int]]:
    """Runs a recipe's import as a person does: (exit code, output, peak memory in MB)."""

    def run(recipe: str, source: Path, out: Path) -> tuple[int, str, int]:
        map_file = request.config.rootpath / "cookbook" / recipe / "map.toml"
        arguments = ["data", "import", "--map", str(map_file), str(source), str(out)]
        log = out.with_suffix(".log")
        with log.open("w") as stream:
            child = subprocess.Popen(
                [sys.executable, "-m", "crossdock", *arguments], stdout=stream, stderr=stream
            )
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        return child.returncode, log.read_text(), usage.ru_maxrss // 1024

    return run


@pytest.fixture
def host_on(tmp_path: Path) -> Callable[[Path], AbstractContextManager[Host]]:
    """Opens a host with `erp_tabs` on mocks in process that hold an imported data set."""

    @contextmanager
    def open_(folder: Path) -> Iterator[Host]:
        data = DataSet.load(folder)
        now = datetime.combine(data.as_of, time(12), tzinfo=UTC)
        crm_app, erp_app = App(crm_dialect.dialect()), App(erp_dialect.dialect())
        crm = MockTransport(crm_app, crm_app.open_world(data, now=now))
        erp = MockTransport(erp_app, erp_app.open_world(data, now=now))
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="crm"),
            erps=(SystemConfig(name="main", connector="erp"),),
            enabled=("erp-tabs",),
            inline="*",
            roles={"sales": RoleConfig(fields=("credit", "personal"))},
        )
        store = Store.open(f"sqlite:///{tmp_path}/host.db")
        settings = {"url": "http://crm.test", **CRM_CLIENT}
        key = {"url": "http://erp.test", "api_key": ERP_KEY}
        host = Host(
            config,
            crm=crm_connector.connect("crm", settings, transport=crm),
            erp=Router({"main": erp_connector.connect("main", key, transport=erp)}),
            store=store,
            deliveries=Deliveries.open(store),
            identity="test",
            now=lambda: now,
        )
        with host:
            assert not host.quarantined
            yield host

    return open_
