"""Sales by month, years side by side, with a test for a trend (A1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from crossdock import (
    Badge,
    Chart,
    Component,
    Context,
    Metric,
    Metrics,
    Money,
    Notice,
    Percent,
    Provenance,
    Series,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account
from crossdock.rules import (
    SalesHistory,
    Trend,
)

from .months import MONTHS, Leading, months_table
from .sold import read_sales
from .sources import Reader, in_words

_MOST_YEARS: Final = 20


def sales_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show net sales by month and year, from invoices less credit notes or from orders."""
    reader = Reader(ctx, account, params)
    basis = params.get("basis") or "invoices"
    years = min(max(int(params.get("years") or 3), 1), _MOST_YEARS)
    sold = read_sales(reader, basis)
    note = (
        "net of tax, by order date"
        if basis == "orders"
        else "net of tax, invoices less credit notes, by posting date"
    )
    components: list[Component] = list(reader.notices)
    for history, whose in sold.histories(reader):
        provenance = reader.provenance(whose, note=note)
        leading = Leading.of(basis, params, whose)
        components += _history(history, years, provenance, leading)
    if sold.told and not sold.sales:
        what = "ordered" if basis == "orders" else "invoiced"
        components.append(Notice(text=f"Nothing was ever {what} for {account.name}."))
    return View(components)


def _history(
    history: SalesHistory, years: int, provenance: Provenance, leading: Leading
) -> Iterator[Component]:
    shown = history.years[-years:]
    trend = history.trend()
    if trend.direction == "falling":
        yield Notice(
            tone="warning",
            title="Sales are declining",
            text=f"{_claim(trend, history.currency)} A customer who buys less may be unhappy.",
        )
    yield _year_to_date(history, trend, provenance)
    yield Chart(
        kind="bar",
        title=f"Net sales by month, {history.currency}",
        categories=MONTHS,
        series=[
            Series(label=str(year), values=[_amount(history, year, m) for m in range(1, 13)])
            for year in shown
        ],
        currency=history.currency,
        summary=_summary(history, shown),
        provenance=provenance,
    )
    yield months_table(history, shown, provenance, leading)


def _year_to_date(history: SalesHistory, trend: Trend, provenance: Provenance) -> Metrics:
    ytd = history.year_to_date()
    change = year_on_year(history)
    fell = ytd.change is not None and ytd.change < 0
    return Metrics(
        title=f"{ytd.until.year} so far, {history.currency}",
        metrics=[
            Metric(label="This year to date", value=ytd.this_year.rounded()),
            Metric(
                label="Same days of last year",
                value=ytd.last_year.rounded(),
                help=f"until {ytd.until_before.day} {MONTHS[ytd.until_before.month - 1]}",
            ),
            Metric(label="Change", value=change, tone="warning" if fell else "neutral"),
            Metric(
                label="Trend",
                value=_trend_badge(trend),
                help=_evidence(trend),
            ),
        ],
        provenance=provenance,
    )


def year_on_year(history: SalesHistory) -> Value:
    """Give the change on last year, or say why there is none to give."""
    change = history.year_to_date().change
    if change is not None:
        return Percent(change)
    if history.first.year >= history.as_of.year - 1:
        return Unknown(f"sales began in {MONTHS[history.first.month - 1]} {history.first.year}")
    return Unknown("nothing sold last year")


def _trend_badge(trend: Trend) -> Badge:
    match trend.direction:
        case "falling":
            return Badge("falling", "bad")
        case "rising":
            return Badge("rising", "good")
        case "steady":
            return Badge("none found", "neutral")
        case "too_short":
            return Badge("too early to say", "neutral")


def _claim(trend: Trend, currency: str) -> str:
    slope = Money(abs(trend.slope or Decimal(0)), currency)
    return (
        f"In the median of {trend.length} complete months each month brought {in_words(slope)} "
        f"less than the one before ({_evidence(trend)})."
    )


def _evidence(trend: Trend) -> str:
    if trend.test is None:
        return f"{trend.length} complete months; it takes 12 to tell a trend from a season"
    small = trend.test.p_value < Decimal("0.001")
    p = "p < 0.001" if small else f"p = {trend.test.p_value:.3f}"
    return f"Mann-Kendall test over {trend.length} months, {p}"


def _amount(history: SalesHistory, year: int, month: int) -> Decimal | None:
    net = history.month(year, month)
    return None if net is None else net.rounded().amount


def _summary(history: SalesHistory, shown: tuple[int, ...]) -> str:
    totals = "; ".join(f"{year}: {in_words(history.year(year))}" for year in shown)
    known = [
        (net, year, month)
        for year in shown
        for month in range(1, 13)
        if (net := history.month(year, month)) is not None
    ]
    if not known:
        return f"Net sales {totals}."
    best, year, month = max(known, key=lambda each: each[0].amount)
    return (
        f"Net sales {totals}. The best month was {MONTHS[month - 1]} {year} with {in_words(best)}."
    )
