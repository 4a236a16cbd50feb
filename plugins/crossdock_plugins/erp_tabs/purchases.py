"""What was bought, item by item: how much, at which price, when last; and how often (A6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from crossdock import (
    Action,
    Column,
    Component,
    Context,
    Link,
    Metric,
    Metrics,
    Notice,
    Percent,
    Provenance,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, TradingAccount
from crossdock.rules import PurchasedItem, PurchaseHistory, SoldLine, purchase_history

from .lines import ask_for_lines, items_of, lines_of
from .sources import Reader, document

_HERE: Final = "tab/erp-tabs/purchases"
_COLUMNS: Final = (
    Column(key="item", label="Item code"),
    Column(key="name", label="Item name"),
    Column(key="description", label="Description"),
    Column(key="line", label="Product line"),
    Column(key="quantity", label="Quantity", align="end", help="bought less returned"),
    Column(key="price", label="Unit price", align="end", help="of the last purchase"),
    Column(key="discount", label="Discount", align="end", help="of the last purchase"),
    Column(key="last", label="Last purchase"),
    Column(key="times", label="Times bought", align="end", help="invoices that it stands on"),
    Column(key="net", label="Net", align="end", help="less credit notes, before tax"),
)
_LINE_COLUMNS: Final = (
    Column(key="document", label="Document"),
    Column(key="on", label="Date"),
    Column(key="description", label="Description"),
    Column(key="quantity", label="Quantity", align="end"),
    Column(key="price", label="Unit price", align="end"),
    Column(key="discount", label="Discount", align="end"),
    Column(key="net", label="Net", align="end"),
)


def purchases_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show what was bought item by item; with the parameter `item` each purchase of that one."""
    reader = Reader(ctx, account, params)
    item = params.get("item")
    ask_for_lines(reader)
    sections: list[Component] = []
    for trading_account in reader.trading_accounts:
        lines = lines_of(reader, trading_account)
        if isinstance(lines, Unknown):
            continue
        if item:
            sections += _each_purchase(reader, trading_account, lines, item)
        else:
            sections += _items(reader, trading_account, lines)
    if item:
        kept = {name: str(params[name]) for name in ("trading_account",) if params.get(name)}
        sections.append(Action(label="All items", target=_HERE, params=kept))
    return View([*reader.notices, *sections])


def _items(
    reader: Reader, trading_account: TradingAccount, lines: Sequence[SoldLine]
) -> Iterator[Component]:
    items = items_of(reader, trading_account) if lines else {}
    histories = purchase_history(lines, items, as_of=reader.today)
    whose = reader.whose(trading_account)
    provenance = reader.provenance(
        [trading_account], note="invoices less credit notes, by posting date"
    )
    if not histories:
        yield Table(
            title=f"Purchases{whose}", columns=_COLUMNS, rows=(), provenance=provenance,
            empty="Nothing was bought yet.", id=reader.table_id("purchases", trading_account),
        )  # fmt: skip
    for history in histories:
        several = len(histories) > 1
        in_currency = f", {history.currency}" if several else ""
        name = f"purchases-{history.currency}" if several else "purchases"
        yield _metrics(history, f"Purchases{whose}{in_currency}", provenance)
        yield Table(
            title=f"Items bought{whose}{in_currency}",
            columns=_COLUMNS,
            rows=[_row(item, trading_account) for item in history.items],
            total={"net": history.net},
            id=reader.table_id(name, trading_account),
            provenance=provenance,
        )


def _metrics(history: PurchaseHistory, title: str, provenance: Provenance) -> Metrics:
    metrics = [
        Metric(label="Items bought", value=history.distinct_items),
        Metric(label="Net", value=history.net),
    ]
    top = history.top_item
    if top is not None:
        metrics.append(
            Metric(label="Most bought", value=top.name or top.item_id, help=f"item {top.item_id}")
        )
    days = [item.last_on for item in history.items if item.last_on is not None]
    if days:
        metrics.append(Metric(label="Last purchase", value=max(days)))
    return Metrics(title=title, metrics=metrics, provenance=provenance)


def _row(item: PurchasedItem, trading_account: TradingAccount) -> dict[str, Value]:
    params = {"item": item.item_id, "trading_account": trading_account.ref}
    return {
        "item": Link(item.item_id, _HERE, params),
        "name": item.name or Unknown("not in the catalogue"),
        "description": item.description,
        "line": item.product_line,
        "quantity": item.quantity,
        "price": item.unit_price,
        "discount": Percent(item.discount_percent / 100),
        "last": item.last_on,
        "times": item.times,
        "net": item.net,
    }


def _each_purchase(
    reader: Reader, trading_account: TradingAccount, lines: Sequence[SoldLine], item: str
) -> Iterator[Component]:
    mine = [line for line in lines if line.item_id == item]
    provenance = reader.provenance([trading_account], note="by posting date")
    if not mine:
        yield Notice(text=f"{item} was never bought by {trading_account.ref}.")
        return
    currencies = {line.net.currency for line in mine}
    total: dict[str, Value] = {"quantity": sum(line.quantity for line in mine)}
    if len(currencies) == 1:
        total["net"] = sum((line.net for line in mine[1:]), start=mine[0].net)
    yield Table(
        title=f"Purchases of {item}{reader.whose(trading_account)}",
        columns=_LINE_COLUMNS,
        rows=[
            {
                "document": document(line.kind, line.document_id, trading_account.system),
                "on": line.on,
                "description": line.description,
                "quantity": line.quantity,
                "price": line.unit_price,
                "discount": Percent(line.discount_percent / 100),
                "net": line.net,
            }
            for line in sorted(mine, key=lambda line: line.on, reverse=True)
        ],
        total=total,
        id=reader.table_id("lines", trading_account),
        provenance=provenance,
    )
