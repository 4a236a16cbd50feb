"""What similar customers buy besides: lines that are missing here, better variants (A2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from crossdock import Column, Component, Notice, Percent, Provenance, Table, Unknown, Value
from crossdock.records import Item, TradingAccount
from crossdock.rules import (
    Basket,
    BetterVariant,
    Gap,
    SoldLine,
    basket_of,
    better_variants,
    item_gaps,
    line_gaps,
    lines_of_invoices,
    peers_of,
)

from .sources import Reader

_DAYS: Final = 365
_CANDIDATES: Final = 200
_SHOWN: Final = 20
_NAMED: Final = 3
_GAPS: Final = (
    Column(key="name", label="Product line"),
    Column(key="share", label="Similar customers who buy it", align="end"),
    Column(key="buyers", label="How many", align="end"),
    Column(key="typical", label="What they spend a year", align="end", help="in the median"),
    Column(key="items", label="Most bought"),
)
_ITEM_GAPS: Final = (Column(key="name", label="Item"), *_GAPS[1:4])
_VARIANTS: Final = (
    Column(key="item", label="Bought here"),
    Column(key="price", label="List price", align="end"),
    Column(key="variant", label="Better variant"),
    Column(key="variant_price", label="Its list price", align="end"),
    Column(key="buyers", label="Similar customers with both", align="end"),
)


def suggestions(
    reader: Reader,
    trading_account: TradingAccount,
    lines: Sequence[SoldLine],
    items: Mapping[str, Item],
) -> Iterator[Component]:
    """Compare what a customer bought in the last year with what similar customers did."""
    start = reader.today - timedelta(days=_DAYS)
    basket = basket_of(
        trading_account.id,
        [line for line in lines if line.on >= start],
        currency=trading_account.currency,
    )
    whose = reader.whose(trading_account)
    others = _others(reader, trading_account)
    if isinstance(others, Unknown):
        return
    peers = peers_of(basket, others)
    provenance = Provenance(
        source=trading_account.system,
        trading_account=trading_account.id,
        as_of=reader.ctx.now,
        note=f"the last {_DAYS} days; {len(peers)} similar customers of {len(others)} compared",
    )
    if not peers:
        yield Notice(
            text=f"None of {len(others)} customers compared buys enough of what "
            f"{trading_account.id} bought in the last year to be called similar."
        )
        return
    yield Table(
        title=f"Product lines that similar customers buy{whose}",
        columns=_GAPS,
        rows=[_gap(each, items) for each in line_gaps(basket, others, items, peers=peers)],
        empty="They buy no product line that is not bought here too.",
        id=reader.table_id("gaps", trading_account),
        provenance=provenance,
    )
    yield Table(
        title=f"Items that similar customers buy{whose}",
        columns=_ITEM_GAPS,
        rows=[_gap(each, items) for each in item_gaps(basket, others, peers=peers)[:_SHOWN]],
        empty="They buy no item that is not bought here too.",
        id=reader.table_id("item-gaps", trading_account),
        provenance=provenance,
    )
    yield Table(
        title=f"Better variants{whose}",
        columns=_VARIANTS,
        rows=[_variant(each) for each in better_variants(basket, others, items, peers=peers)],
        empty="No dearer variant of what is bought here is common among them.",
        id=reader.table_id("variants", trading_account),
        provenance=provenance,
    )


def _others(reader: Reader, trading_account: TradingAccount) -> list[Basket] | Unknown:
    """Read the baskets of as many customers as the settings allow, of the same currency."""
    erp = reader.ctx.erp.using(trading_account.system)
    most = int(reader.ctx.config.get("compared_customers", 25))
    since = reader.today - timedelta(days=_DAYS)
    page = reader.read("customers", trading_account, lambda: erp.customers(limit=_CANDIDATES))
    if isinstance(page, Unknown):
        return page
    wanted = [
        each
        for each in page.items
        if each.id != trading_account.id and each.currency == trading_account.currency
    ]
    # Neighbours first: who lives in the same country is more likely to be alike.
    wanted.sort(key=lambda each: (each.address.country != trading_account.address.country, each.id))
    chosen = wanted[:most]
    asks = [partial(erp.invoices, customer, since=since, lines=True) for customer in chosen]
    found: list[Basket] = []
    for customer, answer in zip(chosen, reader.ctx.together(*asks), strict=True):
        invoices = reader.read(
            "invoices of other customers", trading_account, partial(getattr, answer, "value")
        )
        if isinstance(invoices, Unknown):
            return invoices
        lines = lines_of_invoices(invoices)
        found.append(basket_of(customer.id, lines, currency=trading_account.currency))
    return found


def _gap(gap: Gap, items: Mapping[str, Item]) -> dict[str, Value]:
    item = items.get(gap.name)
    return {
        "name": f"{gap.name} {item.name}" if item else gap.name,
        "share": Percent(gap.share, places=0),
        "buyers": gap.buyers,
        "typical": gap.typical,
        "items": ", ".join(_called(each, items) for each in gap.items[:_NAMED]),
    }


def _variant(found: BetterVariant) -> dict[str, Value]:
    return {
        "item": f"{found.item.id} {found.item.name}",
        "price": found.item.list_price,
        "variant": f"{found.variant.id} {found.variant.name}",
        "variant_price": found.variant.list_price,
        "buyers": found.buyers,
    }


def _called(item_id: str, items: Mapping[str, Item]) -> str:
    item = items.get(item_id)
    return f"{item_id} {item.name}" if item else item_id
