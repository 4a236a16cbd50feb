"""Sales by product line, and what similar customers buy that this one does not (A2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crossdock import (
    Action,
    Chart,
    Column,
    Component,
    Context,
    Link,
    Percent,
    Provenance,
    Series,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, Money, TradingAccount
from crossdock.rules import ProductLines, SoldLine, product_line_sales

from .lines import ask_for_lines, items_of, lines_of
from .peers import suggestions
from .sources import Reader, in_words

_HERE: Final = "tab/erp-tabs/products"
_PURCHASES: Final = "tab/erp-tabs/purchases"
_NO_LINE: Final = "(no product line)"
_CHARTED: Final = 8
_YEARS: Final = 3


def products_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show net sales by product line and year; with `compare` beside similar customers."""
    reader = Reader(ctx, account, params)
    compare = params.get("compare") == "yes"
    ask_for_lines(reader)
    sections: list[Component] = []
    for trading_account in reader.trading_accounts:
        lines = lines_of(reader, trading_account)
        if not isinstance(lines, Unknown):
            sections += _section(reader, trading_account, lines, compare=compare)
    if sections and not compare:
        kept = {name: params[name] for name in ("trading_account",) if params.get(name)}
        sections.append(
            Action(
                label="Compare with similar customers",
                target=_HERE,
                params=kept | {"compare": "yes"},
                tone="info",
            )
        )
    return View([*reader.notices, *sections])


def _section(
    reader: Reader, trading_account: TradingAccount, lines: Sequence[SoldLine], *, compare: bool
) -> Iterator[Component]:
    items = items_of(reader, trading_account)
    found = product_line_sales(lines, items, as_of=reader.today)
    if items and not any(item.product_line for item in items.values()):
        reader.note(
            "info",
            f"{trading_account.system} tells no product lines",
            "No item of this ERP belongs to a product line, so all of them stand together.",
        )
    provenance = reader.provenance(
        [trading_account], note="net of tax, invoices less credit notes, by posting date"
    )
    if not found:
        yield Table(
            title=f"Sales by product line{reader.whose(trading_account)}",
            columns=[Column(key="line", label="Product line")], rows=(),
            empty="Nothing was bought yet.", provenance=provenance,
        )  # fmt: skip
    for sales in found:
        several = len(found) > 1
        title = f"Sales by product line{reader.whose(trading_account)}, {sales.currency}"
        name = f"product-lines-{sales.currency}" if several else "product-lines"
        years = _years(sales, reader.today)
        if len(sales.lines) > 1:
            yield _chart(sales, years, title, provenance)
        yield _table(
            sales, years, title, reader.table_id(name, trading_account), trading_account, provenance
        )
    if compare:
        yield from suggestions(reader, trading_account, lines, items)


def _years(sales: ProductLines, today: date) -> tuple[int, ...]:
    return tuple(year for year in sales.years if year > today.year - _YEARS)


def _chart(sales: ProductLines, years: Sequence[int], title: str, provenance: Provenance) -> Chart:
    shown = sales.lines[:_CHARTED]
    top = sales.lines[0]
    share = f", {top.share:.0%} of all" if top.share is not None else ""
    return Chart(
        kind="bar",
        title=title,
        categories=[line.product_line or _NO_LINE for line in shown],
        series=[
            Series(
                label=str(year),
                values=[_amount(line.by_year.get(year), sales.currency) for line in shown],
            )
            for year in years
        ],
        currency=sales.currency,
        summary=(
            f"Most was bought of {top.product_line or _NO_LINE}: {in_words(top.net)}{share}. "
            f"{len(sales.lines)} product lines in all."
        ),
        provenance=provenance,
    )


def _amount(net: Money | None, currency: str) -> Decimal:
    return (net or Money.zero(currency)).rounded().amount


def _table(
    sales: ProductLines,
    years: Sequence[int],
    title: str,
    table_id: str,
    trading_account: TradingAccount,
    provenance: Provenance,
) -> Table:
    zero = Money.zero(sales.currency)
    total: dict[str, Value] = {"line": "Total", "net": sales.total, "share": Percent(Decimal(1))}
    for year in years:
        total[str(year)] = sum((line.by_year.get(year, zero) for line in sales.lines), start=zero)
    columns = [
        Column(key="line", label="Product line"),
        *(Column(key=str(year), label=str(year), align="end") for year in years),
        Column(key="net", label="In all", align="end"),
        Column(key="share", label="Share", align="end"),
        Column(key="items", label="Items", align="end", help="different items bought of it"),
    ]
    rows: list[dict[str, Value]] = []
    for line in sales.lines:
        row: dict[str, Value] = {str(year): line.by_year.get(year, zero) for year in years}
        share: Value = None if line.share is None else Percent(line.share)
        rows.append(
            row
            | {
                "line": _to_items(line.product_line, trading_account),
                "net": line.net,
                "share": share,
                "items": len(line.items),
            }
        )
    if sales.total.amount <= 0:
        total.pop("share")
    return Table(
        title=title, columns=columns, rows=rows, total=total, id=table_id, provenance=provenance
    )


def _to_items(product_line: str, trading_account: TradingAccount) -> Value:
    if not product_line:
        return _NO_LINE
    params = {"trading_account": trading_account.ref, "purchases.find": product_line}
    return Link(product_line, _PURCHASES, params)
