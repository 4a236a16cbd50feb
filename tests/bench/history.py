"""Tabs of the largest account of the real Online Retail, over HTTP.

The mocks serve the 541,909 invoice lines from a process of their own. Cold is the first tab of a
host that was just opened in a new process: no connection, no token, nothing read before. Warm is
the same tab in the same host, reading every figure anew: only the connections are kept. Again is
the tab that is given what was read a moment ago, which also counts in the table as a part of warm.
The purchase history reads all lines of the account; the others read heads.
"""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tests.bench.measure import CACHE, ROOT, Row, environment, micros, not_measured

from crossdock.demo.processes import Processes
from crossdock.demo.setting import write_configuration

_SOURCE: Final = Path(os.environ.get("CROSSDOCK_REAL_DATA", ROOT.parent / "shared" / "data"))
_MAP: Final = ROOT / "cookbook" / "import-online-retail" / "map.toml"
_TABS: Final = ("erp-tabs/aging", "erp-tabs/sales")
_WITH_LINES: Final = ("erp-tabs/purchases",)
_ROUNDS: Final = 5
_COLD: Final = 0.500
_WARM: Final = 0.050
_LIMITS: Final = (("cold", _COLD), ("warm", _WARM))
_IMPORT_SECONDS: Final = 600
_NOBODY: Final = "ANONYMOUS"  # gathers the lines without a customer number: nobody's history


def measure() -> list[Row]:
    """Measure both tabs; the data set is imported once and kept in the cache."""
    if not (_SOURCE / "online-retail.csv.xz").is_file():
        why = f"online-retail.csv.xz is not in {_SOURCE}; name its folder in CROSSDOCK_REAL_DATA"
        return [not_measured(_what(tab, "cold"), "< 500 ms", why) for tab in _TABS] + [
            not_measured(_what(tab, "warm"), "< 50 ms", why) for tab in _TABS
        ]
    data = _data_set()
    account, lines = _largest(data)
    rows = []
    with tempfile.TemporaryDirectory() as name, Processes(Path(name)) as parts:
        mocks = parts.start(
            "mocks", "mock", "crm", "erp", "--json", "--data", str(data), seconds=300
        )
        config = write_configuration(
            Path(name),
            crm_url=mocks.ready["mocks"]["crm"],
            erp_url=mocks.ready["mocks"]["erp"],
            now=datetime.fromisoformat(mocks.ready["now"]),
        )
        _open_once(config, account, _TABS[0])  # makes the store's tables, which is no part of a tab
        for tab in _TABS:
            found = [_open_once(config, account, tab) for _ in range(_ROUNDS)]
            rows += [_row(tab, kind, limit, found, account, lines) for kind, limit in _LIMITS]
            rows.append(_again(tab, found))
        for tab in _WITH_LINES:
            found = [_open_once(config, account, tab) for _ in range(_ROUNDS)]
            rows += [_row(tab, kind, None, found, account, lines) for kind, _ in _LIMITS]
            rows.append(_again(tab, found))
    return rows


def _row(
    tab: str,
    kind: str,
    limit: float | None,
    found: Sequence[Mapping[str, float]],
    account: str,
    lines: int,
) -> Row:
    seconds = statistics.median(each[kind] for each in found)
    best = min(each[kind] for each in found)
    before = f"; Host.open {micros(found[0]['open'])} before it" if kind == "cold" else ""
    share = "" if limit is None else f"; {seconds / limit:.2f} of what is allowed"
    return Row(
        what=_what(tab, kind),
        goal="" if limit is None else f"< {limit * 1e3:.0f} ms",
        measured=micros(seconds),
        met=None if limit is None else seconds < limit,
        detail=f"account {account}, {lines:,} invoice lines; best {micros(best)}{share}{before}",
    )


def _again(tab: str, found: Sequence[Mapping[str, float]]) -> Row:
    """What keeping answers for a moment saves, as a ratio to reading them anew."""
    warm, again = (statistics.median(each[kind] for each in found) for kind in ("warm", "again"))
    return Row(
        what=_what(tab, "again"),
        goal="",
        measured=f"{again / warm:.2f} x",
        met=None,
        detail=f"{micros(again)} of what was read a moment ago, {micros(warm)} read anew",
    )


def _what(tab: str, kind: str) -> str:
    return f"{tab} of the largest of 4,372 accounts, {kind}"


def _data_set() -> Path:
    """The data set folder, made anew when the map has changed."""
    folder = CACHE / f"online-retail-{int(_MAP.stat().st_mtime)}"
    if not (folder / "dataset.toml").is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "crossdock", "data", "import", "--map", str(_MAP)]
        subprocess.run(
            [*command, str(_SOURCE), str(folder), "--json"],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=_IMPORT_SECONDS,
        )
    return folder


def _largest(data: Path) -> tuple[str, int]:
    """The CRM account whose customer has the most invoice lines, and how many."""
    with (data / "invoices.csv").open(encoding="utf-8", newline="") as file:
        buyer = {row["id"]: row["customer_id"] for row in csv.DictReader(file)}
    lines: Counter[str] = Counter()
    with (data / "invoice_lines.csv").open(encoding="utf-8", newline="") as file:
        lines.update(buyer[row["invoice_id"]] for row in csv.DictReader(file))
    with (data / "accounts.csv").open(encoding="utf-8", newline="") as file:
        accounts = {row["customer_id"]: row["id"] for row in csv.DictReader(file)}
    del lines[_NOBODY]
    return next((accounts[who], n) for who, n in lines.most_common() if who in accounts)


def _open_once(config: Path, account: str, tab: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.one_tab", str(config), account, tab],
        cwd=ROOT,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
