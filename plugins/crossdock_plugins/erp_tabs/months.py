"""Sales by month, years side by side, as a table whose figures lead to their documents (A1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from crossdock import Column, Drill, Money, Percent, Provenance, Table, Value
from crossdock.records import TradingAccount
from crossdock.rules import SalesHistory

from .periods import Period
from .sources import ALL

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@frozen
class Leading:
    """Where a month's figure leads: to the documents that it is made of.

    Attributes:
        tab: which shows them.
        params: what has to be handed on besides the month.
    """

    tab: str
    params: Mapping[str, str]

    @classmethod
    def of(
        cls, basis: str, params: Mapping[str, Any], whose: tuple[TradingAccount, ...]
    ) -> Leading:
        """Lead to the same trading account, or the only one that a figure is about."""
        chosen = params.get("trading_account") or ALL
        if chosen == ALL and len(whose) == 1:
            chosen = whose[0].ref
        kept = {} if chosen == ALL else {"trading_account": chosen}
        return cls("orders" if basis == "orders" else "invoices", kept)

    def month(self, year: int, month: int, net: Money | None) -> Value:
        """Give a month's figure; one of nothing leads nowhere."""
        if not net:
            return None if net is None else net.rounded()
        params = {**Period.month(year, month).params, **self.params}
        return Drill(net.rounded(), f"tab/erp-tabs/{self.tab}", params)


def months_table(
    history: SalesHistory, shown: tuple[int, ...], provenance: Provenance, leading: Leading
) -> Table:
    """Show net sales by month, the years side by side, each figure leading to its documents."""
    compared = len(shown) > 1
    columns = [
        Column(key="month", label="Month", sortable=False),
        *(Column(key=str(year), label=str(year), align="end") for year in shown),
    ]
    if compared:
        columns.append(
            Column(
                key="change",
                label="Change",
                align="end",
                help=f"{shown[-1]} against {shown[-2]}, complete months only",
            )
        )
    rows: list[dict[str, Value]] = []
    for month, name in enumerate(MONTHS, start=1):
        row: dict[str, Value] = {"month": name}
        for year in shown:
            net = history.month(year, month)
            row[str(year)] = leading.month(year, month, net)
        if compared and (shown[-1], month) < (history.as_of.year, history.as_of.month):
            row["change"] = _change(
                history.month(shown[-2], month), history.month(shown[-1], month)
            )
        rows.append(row)
    return Table(
        title=f"Net sales by month and year, {history.currency}",
        columns=columns,
        rows=rows,
        total={"month": "Year"} | {str(year): history.year(year).rounded() for year in shown},
        id=f"months-{history.currency}",
        provenance=provenance,
    )


def _change(before: Money | None, after: Money | None) -> Value:
    if before is None or after is None or before.amount <= 0:
        return None
    return Percent((after.amount - before.amount) / before.amount)
