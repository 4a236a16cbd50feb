"""Quotes of the CRM and of the ERPs together, newest first (A10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from attrs import frozen

from crossdock import (
    Badge,
    Column,
    Component,
    Context,
    Link,
    Metric,
    Metrics,
    Provenance,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, Quote
from crossdock.rules import sums_by_currency

from .sources import Reader

_OPEN: Final = frozenset({"draft", "sent", "accepted"})
_STATES: Final = {
    "draft": Badge("draft", "neutral"),
    "sent": Badge("sent", "info"),
    "accepted": Badge("accepted", "good"),
    "declined": Badge("declined", "neutral"),
    "ordered": Badge("ordered", "good"),
}
_COLUMNS: Final = (
    Column(key="quote", label="Quote"),
    Column(key="from", label="Kept in"),
    Column(key="status", label="Status"),
    Column(key="created", label="Written on"),
    Column(key="valid", label="Valid until"),
    Column(key="lines", label="Lines", align="end"),
    Column(key="net", label="Net", align="end"),
    Column(key="gross", label="Value", align="end", help="tax included"),
    Column(key="order", label="Order"),
)
_UNPRICED: Final = Unknown("not priced yet")


@frozen
class _Found:
    system: str
    quote: Quote
    in_crm: bool = False

    @property
    def on(self) -> date:
        return self.quote.created_at.date() if self.quote.created_at else date.min


def quotes_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show the quotes that the CRM has and those that the ERPs have; open ones unless all."""
    reader = Reader(ctx, account, params, needs_erp=False)
    everything = params.get("show") == "all"
    found, told = _read(reader)
    waiting = [each for each in found if each.quote.status in _OPEN]
    shown = sorted(
        found if everything else waiting, key=lambda each: (each.on, each.quote.id), reverse=True
    )
    provenance = Provenance(
        source=", ".join(told) or reader.ctx.crm.system,
        trading_account=", ".join(each.id for each in reader.trading_accounts),
        as_of=reader.ctx.now,
    )
    sections: list[Component] = [
        Metrics(
            title="Waiting for an answer",
            metrics=[
                Metric(label="Open quotes", value=len(waiting)),
                *_values(waiting),
                *_expired(reader, waiting),
            ],
            provenance=provenance,
        ),
        Table(
            title="All quotes" if everything else "Open quotes",
            columns=_COLUMNS,
            rows=[_row(reader, each) for each in shown],
            empty="There are no quotes." if everything else "No quote is open.",
            id="quotes",
            provenance=provenance,
        ),
    ]
    return View([*reader.notices, *sections])


def open_quotes(reader: Reader) -> tuple[Sequence[Quote], Sequence[str]]:
    """Read the quotes that wait for an answer, and name the systems that told of theirs."""
    found, told = _read(reader)
    return [each.quote for each in found if each.quote.status in _OPEN], told


def _read(reader: Reader) -> tuple[list[_Found], list[str]]:
    crm, erp = reader.ctx.crm, reader.ctx.erp
    found: list[_Found] = []
    told: list[str] = []
    mine = reader.read_crm("quotes", lambda: crm.quotes(reader.account.id))
    if not isinstance(mine, Unknown):
        found += [_Found(crm.system, quote, in_crm=True) for quote in mine]
        told.append(crm.system)
    for trading_account in reader.trading_accounts:
        if not reader.knows(trading_account, "quotes"):
            continue  # an ERP that keeps none has none: what there is is in the CRM
        theirs = reader.read("quotes", trading_account, partial(erp.quotes, trading_account))
        if not isinstance(theirs, Unknown):
            found += [_Found(trading_account.system, quote) for quote in theirs]
            told.append(trading_account.system)
    return found, list(dict.fromkeys(told))


def _values(waiting: Sequence[_Found]) -> list[Metric]:
    known = [each.quote.net for each in waiting if each.quote.net is not None]
    unpriced = len(waiting) - len(known)
    return [
        Metric(
            label="Their value",
            value=net,
            help=f"net of tax, without {unpriced} not priced yet" if unpriced else "net of tax",
        )
        for net in sums_by_currency(known)
    ]


def _expired(reader: Reader, waiting: Sequence[_Found]) -> list[Metric]:
    over = sum(_is_over(reader, each.quote) for each in waiting)
    return [Metric(label="Past their date", value=over, tone="warning")] if over else []


def _is_over(reader: Reader, quote: Quote) -> bool:
    return quote.valid_until is not None and quote.valid_until < reader.today


def _row(reader: Reader, found: _Found) -> dict[str, Value]:
    quote = found.quote
    badge = _STATES[quote.status]
    if quote.status in _OPEN and _is_over(reader, quote):
        badge = Badge(f"{badge.text}, past its date", "warning")
    order = Link(quote.order_id, f"crm_order/{quote.order_id}") if quote.order_id else None
    return {
        "quote": Link(quote.id, f"quote/{quote.id}") if found.in_crm else quote.id,
        "from": f"{found.system} (CRM)" if found.in_crm else f"{found.system} (ERP)",
        "status": badge,
        "created": found.on if found.on != date.min else None,
        "valid": quote.valid_until or "no end",
        "lines": len(quote.lines),
        "net": _UNPRICED if quote.net is None else quote.net,
        "gross": _UNPRICED if quote.gross is None else quote.gross,
        "order": order,
    }
