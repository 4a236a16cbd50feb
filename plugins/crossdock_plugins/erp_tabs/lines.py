"""What was bought, line by line, and the items that it is: what several tabs are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from crossdock import Unknown
from crossdock.errors import NotSupported
from crossdock.ports import ErpPort, Page
from crossdock.records import Item, TradingAccount
from crossdock.rules import SoldLine, lines_of_invoices

from .sources import Reader

_MOST_ITEMS: Final = 10_000
_PAGE: Final = 500
_PAGE_OF_ACTIVE: Final = 200


def lines_of(reader: Reader, trading_account: TradingAccount) -> tuple[SoldLine, ...] | Unknown:
    """Read what one trading account was invoiced and credited; unknown where a part cannot be."""
    erp = reader.ctx.erp
    invoices = reader.read(
        "invoices", trading_account, partial(erp.invoices, trading_account, lines=True)
    )
    if isinstance(invoices, Unknown):
        return invoices
    notes = reader.read(
        "credit notes", trading_account, partial(erp.credit_notes, trading_account, lines=True)
    )
    return notes if isinstance(notes, Unknown) else lines_of_invoices(invoices, notes)


def ask_for_lines(reader: Reader) -> None:
    """Ask for the lines of all trading accounts side by side."""
    erp = reader.ctx.erp
    reader.ahead(
        *reader.of_each("invoices", erp.invoices, lines=True),
        *reader.of_each("credit notes", erp.credit_notes, lines=True),
    )


def items_of(reader: Reader, trading_account: TradingAccount) -> Mapping[str, Item]:
    """Read the items of an ERP by their codes; empty where they cannot be read.

    Those that are sold no more are among them, where the ERP tells them. A catalogue of more than
    10,000 items is not read to its end; what is missing has no name.
    """
    erp = reader.ctx.erp.using(trading_account.system)
    found = reader.read("items", trading_account, lambda: _items(erp))
    return {} if isinstance(found, Unknown) else found


def _items(erp: ErpPort) -> Mapping[str, Item]:
    try:
        return _to_the_end(partial(erp.all_items, limit=_PAGE))
    except NotSupported:
        return _to_the_end(partial(erp.items, limit=_PAGE_OF_ACTIVE))


def _to_the_end(read: Callable[..., Page[Item]]) -> Mapping[str, Item]:
    found: dict[str, Item] = {}
    after: str | None = None
    while len(found) < _MOST_ITEMS:
        page = read(after=after)
        found.update((item.id, item) for item in page.items)
        after = page.next
        if after is None:
            break
    return found
