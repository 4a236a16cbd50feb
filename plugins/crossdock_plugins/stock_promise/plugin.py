"""The hooks: each line is looked up in the stock of the ERP that its order would go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from crossdock import Amend, Context, Decision, Inform, hookimpl
from crossdock.records import Order, OrderLine, Quote, QuoteLine
from crossdock_plugins.stock_promise.judging import judge
from crossdock_plugins.stock_promise.looking import Look, look


@hookimpl
def before_quote_save(ctx: Context, quote: Quote) -> Sequence[Decision]:
    """Tell what is there for each line, and promise those that nobody promised yet."""
    return _looked_up(ctx, quote, amend=True, ordering=False)


@hookimpl
def before_order_save(ctx: Context, order: Order) -> Sequence[Decision]:
    """Do the same for an order that is entered without a quote."""
    return _looked_up(ctx, order, amend=True, ordering=order.status != "draft")


@hookimpl
def before_order_promote(ctx: Context, quote: Quote) -> Sequence[Decision]:
    """Look again before the order goes to the ERP: stock moves while a quote waits."""
    return _looked_up(ctx, quote, amend=False, ordering=True)


def _looked_up(
    ctx: Context, document: Quote | Order, *, amend: bool, ordering: bool
) -> list[Decision]:
    if not document.lines:
        return []
    account = ctx.crm.account(document.account_id)
    customer = ctx.trading_account(account, document.trading_account)
    if customer is None:
        return []  # there is no stock without an ERP; who prices the quote says so
    port = ctx.erp.using(customer.system)
    if "stock" not in port.capabilities:
        text = f"{customer.system} does not tell its stock, so no line is promised by it."
        return [Inform(text, code="stock.unknown", field="lines")]
    found = look(ctx, port, document)
    decisions: list[Decision] = []
    if amend and (promised := _promised(document, found)) != document:
        decisions.append(Amend(promised, reason=f"Promised by the stock of {customer.system}."))
    if ctx.config["tell"] and amend:
        decisions += [
            Inform(each.in_words, code="stock.told", field=f"lines.{each.index}.promised_on")
            for each in found
        ]
    return [*decisions, *judge(found, ctx.config, today=ctx.now.date(), ordering=ordering)]


def _promised(document: Quote | Order, found: Sequence[Look]) -> Quote | Order:
    """Write the stock's promise into lines that have none of the ERP's pricing."""
    days = {each.index: each.promised_on for each in found}
    lines: Sequence[QuoteLine | OrderLine] = document.lines
    promised: Any = tuple(
        line if line.promised_on is not None else evolve(line, promised_on=days.get(index))
        for index, line in enumerate(lines)
    )
    return evolve(document, lines=promised)
