"""What came back, and what was credited (A9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from crossdock import Badge, Column, Component, Context, Table, Unknown, Value, View
from crossdock.records import Account, CreditNote, Return, TradingAccount

from .shipments import items_in_words, quantity_of
from .sources import Reader, document

_RETURNS: Final = (
    Column(key="return", label="Return"),
    Column(key="on", label="Received on"),
    Column(key="order", label="Order"),
    Column(key="reason", label="Reason"),
    Column(key="quantity", label="Quantity", align="end"),
    Column(key="items", label="Items"),
)
_NOTES: Final = (
    Column(key="note", label="Credit note"),
    Column(key="on", label="Date"),
    Column(key="invoice", label="Credits invoice"),
    Column(key="reason", label="Reason"),
    Column(key="status", label="Status"),
    Column(key="net", label="Net", align="end"),
    Column(key="gross", label="Value", align="end", help="tax included"),
    Column(key="open", label="Not applied yet", align="end"),
)


def returns_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show returns and credit notes, newest first."""
    reader = Reader(ctx, account, params)
    erp = reader.ctx.erp
    reader.ahead(
        *reader.of_each("returns", erp.returns),
        *reader.of_each("credit notes", erp.credit_notes),
    )
    sections: list[Component] = []
    for trading_account in reader.trading_accounts:
        goods = reader.read("returns", trading_account, partial(erp.returns, trading_account))
        if not isinstance(goods, Unknown):
            sections.append(_returns(reader, trading_account, goods))
        notes = reader.read(
            "credit notes", trading_account, partial(erp.credit_notes, trading_account)
        )
        if not isinstance(notes, Unknown):
            sections.append(_credit_notes(reader, trading_account, notes))
    return View([*reader.notices, *sections])


def _returns(reader: Reader, trading_account: TradingAccount, goods: Sequence[Return]) -> Table:
    system = trading_account.system
    return Table(
        title=f"Returns{reader.whose(trading_account)}",
        columns=_RETURNS,
        rows=[
            {
                "return": document("return", each.id, system),
                "on": each.received_on,
                "order": document("order", each.order_id, system) if each.order_id else None,
                "reason": each.reason,
                "quantity": quantity_of(each.lines),
                "items": items_in_words(each.lines),
            }
            for each in goods
        ],
        empty="Nothing came back.",
        id=reader.table_id("returns", trading_account),
        provenance=reader.provenance([trading_account]),
    )


def _credit_notes(
    reader: Reader, trading_account: TradingAccount, notes: Sequence[CreditNote]
) -> Table:
    rows: list[dict[str, Value]] = []
    for note in notes:
        system = trading_account.system
        rows.append(
            {
                "note": document("credit_note", note.id, system),
                "on": note.issued_on,
                "invoice": document("invoice", note.invoice_id, system)
                if note.invoice_id
                else None,
                "reason": note.reason,
                "status": Badge("open", "info") if note.open else Badge("used", "neutral"),
                "net": note.net,
                "gross": note.gross,
                "open": note.open,
            }
        )
    return Table(
        title=f"Credit notes{reader.whose(trading_account)}",
        columns=_NOTES,
        rows=rows,
        empty="Nothing was credited.",
        id=reader.table_id("credit-notes", trading_account),
        provenance=reader.provenance([trading_account]),
    )
