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
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.connectors import crm as crm_connector
from crossdock.connectors import erp as erp_connector
from crossdock.demo.setting import CRM_CLIENT, ERP_KEY
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.ports import ErpPort
from crossdock_mocks.datasets import DataSet
from crossdock_mocks.dialects import crm as crm_dialect
from crossdock_mocks.dialects import erp as erp_dialect
from crossdock_mocks.engine import App, MockTransport

TextRows = Iterator[list[str]]
Load = Callable[[sqlite3.Connection, str, Path], int]
Imported = tuple[sqlite3.Connection, Path]

NORTHWIND_RAW = ("customers", "employees", "products", "orders", "order_details", "suppliers")
NORTHWIND_RAW += ("categories", "shippers")
NORTHWIND = ("orders", "order_lines", "shipments", "invoices", "invoice_lines", "customers")
SAMPLE = 15_000
# Prices have three decimals at most, so thousandths are whole numbers; an amount is rounded to
# the penny on its line, half away from zero.
RAW_LINES = """
    CREATE TABLE raw_lines AS
    SELECT InvoiceNo AS document, StockCode AS item, trim(Description) AS description,
           CAST(Quantity AS INTEGER) AS quantity,
           CAST(round(UnitPrice * 1000) AS INTEGER) AS price,
           iif(CustomerID = '', 'ANONYMOUS', CustomerID) AS customer,
           substr(InvoiceDate, 1, 10) AS day, Country AS country
    FROM raw
"""
OUR_LINES = """
    CREATE TABLE our_lines AS
    SELECT invoice_id AS document, item_id AS item, description,
           CAST(quantity AS INTEGER) AS quantity,
           CAST(round(unit_price * 1000) AS INTEGER) AS price,
           customer_id AS customer, issued_on AS day
    FROM invoice_lines JOIN invoices ON invoices.id = invoice_id
    UNION ALL
    SELECT credit_note_id, item_id, description, -CAST(quantity AS INTEGER),
           CAST(round(unit_price * 1000) AS INTEGER), customer_id, issued_on
    FROM credit_note_lines JOIN credit_notes ON credit_notes.id = credit_note_id
"""


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


def both_sides(load: Load, raw: Path, folder: Path, database: Path) -> sqlite3.Connection:
    """Online Retail, or anything in its form, and the data set made of it, as tables."""
    both = sqlite3.connect(database)
    load(both, "raw", raw)
    for name in ("customers", "items", "invoices", "invoice_lines", "credit_notes"):
        load(both, name, folder / f"{name}.csv")
    load(both, "credit_note_lines", folder / "credit_note_lines.csv")
    both.execute(RAW_LINES)
    both.execute(OUR_LINES)
    return both


@pytest.fixture(scope="session")
def sample(real_data, load_table: Load, run_import, tmp_path_factory) -> Iterator[Imported]:
    """The first lines of the file, as a plain CSV under another name."""
    base = tmp_path_factory.mktemp("sample")
    raw, folder = base / "sample.csv", base / "set"
    with (
        lzma.open(real_data / "online-retail.csv.xz", "rb") as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
        raw.open("w", encoding="utf-8", newline="") as out,
    ):
        csv.writer(out).writerows(islice(csv.reader(text), SAMPLE + 1))
    code, output, _ = run_import("import-online-retail", raw, folder)
    assert code == 1
    assert f"has {SAMPLE:,} rows; the map expects 541,909" in output
    both = both_sides(load_table, raw, folder, base / "both.db")
    yield both, folder
    both.close()


@pytest.fixture(scope="session")
def whole(real_data, load_table: Load, run_import, tmp_path_factory) -> Iterator[Imported]:
    base = tmp_path_factory.mktemp("whole")
    raw, folder = real_data / "online-retail.csv.xz", base / "set"
    code, output, megabytes = run_import("import-online-retail", raw, folder)
    assert code == 0, output
    assert "Every row is accounted for" in output
    assert megabytes < 400
    both = both_sides(load_table, raw, folder, base / "both.db")
    yield both, folder
    both.close()


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, load_table: Load, tmp_path_factory) -> Iterator[Imported]:
    """A small shop of our own in the form of Online Retail, as dirty as that."""
    raw = Path(__file__).with_name("shop.csv")
    folder = tmp_path_factory.mktemp("shop") / "set"
    map_file = request.config.rootpath / "cookbook" / "import-online-retail" / "map.toml"
    done = CliRunner().invoke(
        main, ["data", "import", "--map", str(map_file), str(raw), str(folder)]
    )
    assert done.exit_code == 1, done.output  # the map counts the rows of another file
    assert "can be used, but counts are not as the map expects them" in done.output
    both = both_sides(load_table, raw, folder, folder.with_name("both.db"))
    yield both, folder
    both.close()


@pytest.fixture(scope="session")
def northwind(real_data, load_table: Load, run_import, tmp_path_factory) -> Iterator[Imported]:
    base = tmp_path_factory.mktemp("northwind")
    code, output, _ = run_import("import-northwind", real_data / "northwind", base / "set")
    assert code == 0, output
    both = sqlite3.connect(base / "both.db")
    for name in NORTHWIND_RAW:
        load_table(both, f"raw_{name}", real_data / "northwind" / f"{name}.csv")
    for name in NORTHWIND:
        load_table(both, f"our_{name}", base / "set" / f"{name}.csv")
    yield both, base / "set"
    both.close()


@pytest.fixture(scope="session")
def erp_on() -> Callable[[Path], ErpPort]:
    """The reference ERP's connector on a mock in process that holds an imported data set."""

    def open_(folder: Path) -> ErpPort:
        data = DataSet.load(folder)
        app = App(erp_dialect.dialect())
        now = datetime.combine(data.as_of, time(12), tzinfo=UTC)
        transport = MockTransport(app, app.open_world(data, now=now))
        settings = {"url": "http://erp.test", "api_key": ERP_KEY, "timeout": 60}
        return erp_connector.connect("main", settings, transport=transport)

    return open_


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
