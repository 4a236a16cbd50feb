"""Prices for this customer, with stock: browsed and searched without a quote (A14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock import (
    Action,
    Badge,
    Column,
    Component,
    Context,
    Percent,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.ports import Page
from crossdock.records import (
    Account,
    Availability,
    Item,
    PricedLine,
    PriceRequest,
    PriceRequestLine,
    TradingAccount,
)

from .sources import Reader

_HERE: Final = "tab/erp-tabs/prices"
_PAGE: Final = 20
_COLUMNS: Final = (
    Column(key="item", label="Item code"),
    Column(key="name", label="Item name"),
    Column(key="line", label="Product line"),
    Column(key="unit", label="Unit"),
    Column(key="list", label="List price", align="end"),
    Column(key="price", label="Price for this customer", align="end", help="of one unit, net"),
    Column(key="discount", label="Discount", align="end"),
    Column(key="rule", label="Price by"),
    Column(key="stock", label="In stock"),
    Column(key="available", label="Available", align="end", help="on hand less reserved"),
    Column(key="incoming", label="Next receipt"),
    Column(key="promised", label="One unit by"),
)
_NO_STOCK: Final = Unknown("not kept in stock")


def prices_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show a page of the catalogue, priced for one trading account as of now."""
    reader = Reader(ctx, account, params)
    if not reader.trading_accounts:
        return View(reader.notices)
    customer = next(filter(reader.answers, reader.trading_accounts))
    search, after = params.get("search") or "", params.get("after") or None
    page = reader.read("items", customer, lambda: _items(reader, customer, search, after))
    if isinstance(page, Unknown):
        return View(reader.notices)
    priced = _priced(reader, customer, page.items)
    table = Table(
        title=f"Prices for {customer.id} {customer.name}",
        columns=_COLUMNS,
        rows=[_row(reader, customer, item, priced) for item in page.items],
        empty=f"Nothing is called “{search}”." if search else "The catalogue is empty.",
        id="items",
        rows_per_page=0,
        provenance=reader.provenance([customer], note=f"one unit of each, in {customer.currency}"),
    )
    return View([*reader.notices, table, *_more(customer, page, search, after)])


def _items(reader: Reader, customer: TradingAccount, search: str, after: str | None) -> Page[Item]:
    erp = reader.ctx.erp.using(customer.system)
    return erp.items(search, after=after, limit=_PAGE)


def _more(
    customer: TradingAccount, page: Page[Item], search: str, after: str | None
) -> list[Component]:
    here = {"search": search, "trading_account": customer.ref}
    kept = {name: value for name, value in here.items() if value}
    found: list[Component] = []
    if after is not None:
        found.append(Action(label="First items", target=_HERE, params=kept))
    if page.next is not None:
        found.append(Action(label="Next items", target=_HERE, params=kept | {"after": page.next}))
    return found


def _priced(
    reader: Reader, customer: TradingAccount, items: Sequence[Item]
) -> Mapping[str, PricedLine] | Unknown:
    """Price one unit of everything in one request; items that cannot be sold are left out."""
    erp = reader.ctx.erp
    wanted = [item for item in items if item.active and item.list_price is not None]
    if not wanted:
        return {}
    request = PriceRequest(
        lines=tuple(
            PriceRequestLine(number=number, item_id=item.id, quantity=Decimal(1))
            for number, item in enumerate(wanted, start=1)
        ),
        currency=customer.currency,
    )
    pricing = reader.read("prices", customer, lambda: erp.price(customer, request))
    if isinstance(pricing, Unknown):
        return pricing
    return {line.item_id: line for line in pricing.lines}


def _row(
    reader: Reader,
    customer: TradingAccount,
    item: Item,
    priced: Mapping[str, PricedLine] | Unknown,
) -> dict[str, Value]:
    line = None if isinstance(priced, Unknown) else priced.get(item.id)
    missing: Value = priced if isinstance(priced, Unknown) else Unknown("has no price")
    row: dict[str, Value] = {
        "item": item.id,
        "name": item.name,
        "line": item.product_line,
        "unit": item.unit,
        "list": item.list_price,
        "price": missing,
    }
    if line is not None:
        row["price"] = line.unit_price
        row["discount"] = Percent(line.discount_percent / 100) if line.discount_percent else None
        row["rule"] = line.rule
    if item.kind != "goods":
        return row | {"stock": _NO_STOCK}
    there = line.availability if line is not None else None
    return row | _stock(there or _asked(reader, customer, item))


def _asked(reader: Reader, customer: TradingAccount, item: Item) -> Availability | Unknown:
    """Ask for one item's stock, where a price does not say it."""
    erp = reader.ctx.erp.using(customer.system)
    return reader.read("stock", customer, lambda: erp.stock(item.id))


def _stock(there: Availability | Unknown) -> dict[str, Value]:
    if isinstance(there, Unknown):
        return {"stock": there, "available": there}
    badge = Badge("in stock", "good") if there.available > 0 else Badge("none free", "warning")
    incoming = there.incoming[0].due_on if there.incoming else None
    return {
        "stock": badge,
        "available": there.available,
        "incoming": incoming,
        "promised": there.promised_on or Unknown("the ERP cannot say"),
    }
