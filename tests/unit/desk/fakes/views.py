"""What plugins show on the desk's tabs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.unit.desk.fakes.setting import NOW, TODAY, eur

from crossdock import Badge, Chart, Column, Link, Metric, Metrics, Provenance, Series, Table, View


def provenance() -> Provenance:
    return Provenance(source="main", trading_account="C-10001", as_of=NOW)


def sales_view() -> View:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    now = [Decimal(n) for n in (4200, 3900, 5100, 4700, 4400, 4100, 3600, 3300, 3000, 2700, 2100)]
    before = [Decimal(4000 + (n * 733) % 1500) for n in range(12)]
    return View(
        (
            Metrics(
                metrics=(
                    Metric(label="Sales this year", value=eur("41100.00")),
                    Metric(label="Same months last year", value=eur("52310.50")),
                    Metric(label="Trend", value=Badge("Declining", "warning"), tone="warning"),
                ),
                provenance=provenance(),
            ),
            Chart(
                kind="bar",
                title="Sales by month",
                categories=months,
                series=(
                    Series(label="2025", values=tuple(before)),
                    Series(label="2026", values=(*now, None)),
                ),
                summary="Sales fell from July on and stand 21 % below last year.",
                currency="EUR",
                provenance=provenance(),
            ),
        )
    )


def aging_view(as_of: date | None) -> View:
    return View(
        (
            Metrics(
                metrics=(
                    Metric(label="Balance", value=eur("12400.10")),
                    Metric(label="Overdue", value=eur("3100.00"), tone="warning"),
                ),
                provenance=Provenance(
                    source="main", trading_account="C-10001", as_of=as_of or TODAY
                ),
            ),
            Table(
                title="Open invoices",
                columns=(
                    Column(key="id", label="Invoice"),
                    Column(key="due", label="Due"),
                    Column(key="bucket", label="Bucket"),
                    Column(key="open", label="Open", align="end"),
                ),
                rows=(
                    {
                        "id": Link("IN-100001", "invoice/IN-100001"),
                        "due": date(2026, 9, 30),
                        "bucket": Badge("31-60 days", "warning"),
                        "open": eur("3100.00"),
                    },
                    {
                        "id": Link("IN-100002", "invoice/IN-100002"),
                        "due": date(2026, 12, 30),
                        "bucket": Badge("Current", "good"),
                        "open": eur("9300.10"),
                    },
                ),
                total={"id": "Total", "open": eur("12400.10")},
                provenance=provenance(),
            ),
        )
    )
