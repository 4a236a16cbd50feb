"""What was sold to the trading accounts of an account: read once, summed up in several ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from attrs import frozen

from crossdock import Unknown
from crossdock.records import CreditNote, Invoice, TradingAccount
from crossdock.rules import (
    PurchaseRhythm,
    Sale,
    SalesHistory,
    purchase_rhythm,
    sales_history,
    sales_of_invoices,
    sales_of_orders,
)

from .sources import Reader


@frozen
class Sold:
    """What was sold to each trading account that could be read.

    Attributes:
        sales: by trading account; those without any sale are not among them.
        told: every trading account that could be read.
        invoices, notes: what the sales were made of; empty where they were made of orders.
    """

    sales: tuple[tuple[TradingAccount, tuple[Sale, ...]], ...]
    told: tuple[TradingAccount, ...]
    invoices: tuple[Invoice, ...] = ()
    notes: tuple[CreditNote, ...] = ()

    def rhythms(self, reader: Reader) -> dict[str, PurchaseRhythm]:
        """Say how often was bought, by currency."""
        found = purchase_rhythm(self.invoices, self.notes, as_of=reader.today)
        return {rhythm.currency: rhythm for rhythm in found}

    def histories(
        self, reader: Reader
    ) -> Iterator[tuple[SalesHistory, tuple[TradingAccount, ...]]]:
        """Give one history for each currency, the default's first, with those it is about."""
        every = [sale for _, sales in self.sales for sale in sales]
        found = {history.currency: history for history in sales_history(every, as_of=reader.today)}
        for currency in reader.in_order(found):
            yield (
                found[currency],
                tuple(
                    trading_account
                    for trading_account, sales in self.sales
                    if any(sale.net.currency == currency for sale in sales)
                ),
            )


def read_sales(reader: Reader, basis: str) -> Sold:
    """Read what all trading accounts bought, leaving out those that cannot be read."""
    return _ordered(reader) if basis == "orders" else _invoiced(reader)


def _ordered(reader: Reader) -> Sold:
    erp = reader.ctx.erp
    reader.ahead(*reader.of_each("orders", erp.orders))
    known: list[tuple[TradingAccount, tuple[Sale, ...]]] = []
    for each in reader.trading_accounts:
        orders = reader.read("orders", each, partial(erp.orders, each))
        if not isinstance(orders, Unknown):
            known.append((each, sales_of_orders(orders)))
    return Sold(sales=_some(known), told=tuple(each for each, _ in known))


def _invoiced(reader: Reader) -> Sold:
    erp = reader.ctx.erp
    reader.ahead(
        *reader.of_each("invoices", erp.invoices),
        *reader.of_each("credit notes", erp.credit_notes),
    )
    known: list[tuple[TradingAccount, tuple[Sale, ...]]] = []
    all_invoices: list[Invoice] = []
    all_notes: list[CreditNote] = []
    for each in reader.trading_accounts:
        invoices = reader.read("invoices", each, partial(erp.invoices, each))
        if isinstance(invoices, Unknown):
            continue
        # Without its credit notes a customer's sales would be too high: they are not shown at all.
        notes = reader.read("credit notes", each, partial(erp.credit_notes, each))
        if isinstance(notes, Unknown):
            continue
        known.append((each, sales_of_invoices(invoices, notes)))
        all_invoices += invoices
        all_notes += notes
    return Sold(
        sales=_some(known),
        told=tuple(each for each, _ in known),
        invoices=tuple(all_invoices),
        notes=tuple(all_notes),
    )


def _some(
    known: Iterable[tuple[TradingAccount, tuple[Sale, ...]]],
) -> tuple[tuple[TradingAccount, tuple[Sale, ...]], ...]:
    return tuple((each, sales) for each, sales in known if sales)
