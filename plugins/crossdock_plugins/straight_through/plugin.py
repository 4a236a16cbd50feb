"""The hooks: guards of a quote, the order on its way out, documents on their way back.

Each guard asks the ERP once for the whole quote: prices, tax and promises come in one answer. What
a customer over the limit or a line that is short meets is the matter of `credit-policy` and
`stock-promise`.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock import Amend, Context, Decision, EventContext, Veto, Warn, hookimpl
from crossdock.errors import RemoteError, RemoteRefused, RemoteRejectedData, RemoteUnavailable
from crossdock.records import (
    Document,
    Order,
    OrderChange,
    Pricing,
    Quote,
    TradingAccount,
    price_request,
)
from crossdock_plugins.straight_through import (
    changes,
    entry,
    explaining,
    fulfilment,
    placement,
    pricing,
)

_NO_CUSTOMER = (
    "This account has no customer in the ERP yet, so the ERP cannot price or check the quote. "
    "Link the account to its customer, or have one created."
)


@hookimpl
def before_quote_save(ctx: Context, quote: Quote, before: Quote | None) -> Sequence[Decision]:
    """Price the quote by the ERP, and explain each line's price and what it differs by."""
    if not quote.lines:
        return [Warn("This quote has no lines yet.", code="quote.empty", field="lines")]
    customer = _customer(ctx, quote)
    if customer is None:
        return [Warn(_NO_CUSTOMER, code="customer.missing", field="account_id")]
    answer = _price(ctx, customer, quote)
    if isinstance(answer, list):
        return answer
    priced = pricing.apply(quote, answer, ctx.now)
    difference = explaining.difference(ctx, quote, before, answer)
    return [
        Amend(priced, reason=explaining.reason(answer, difference)),
        *pricing.judge_tax(answer),
        *explaining.told(quote, answer, difference),
    ]


@hookimpl
def before_order_promote(ctx: Context, quote: Quote) -> Sequence[Decision]:
    """Let only what the ERP would accept today become an order."""
    if not quote.lines:
        return [Veto("A quote without lines cannot be ordered.", code="quote.empty", field="lines")]
    customer = _customer(ctx, quote)
    if customer is None:
        return [Veto(_NO_CUSTOMER, code="customer.missing", field="account_id")]
    answer = _price(ctx, customer, quote)
    if isinstance(answer, list):
        return answer
    return pricing.judge_staleness(quote, answer)


@hookimpl
def before_order_save(ctx: Context, order: Order) -> Sequence[Decision]:
    """Price an order without a quote by the ERP, and let only what it would accept go on to it.

    A draft is told where it falls short, as a quote is; an order is stopped there.
    """
    if not order.lines:
        message = "An order without lines cannot be entered."
        return [Veto(message, code="order.empty", field="lines")]
    customer = _customer(ctx, order)
    if customer is None:
        return entry.cannot_be_priced(order, _NO_CUSTOMER, "customer.missing", "account_id")
    answer = _price(ctx, customer, order)
    if isinstance(answer, list):
        return answer
    return [entry.amend(order, answer, ctx.now), *pricing.judge_tax(answer)]


@hookimpl
def order_promoted(ctx: EventContext, order: Order) -> None:
    """Place the order in the ERP, once, and tell the CRM."""
    placement.place(ctx, order)


@hookimpl
def order_change_requested(ctx: EventContext, order: Order, change: OrderChange) -> None:
    """Change or cancel the order in the ERP, once, and tell the CRM what it said."""
    changes.carry_out(ctx, order, change)


@hookimpl
def document_changed(ctx: EventContext, document: Document, before: Document | None) -> None:
    """Show in the CRM how far the order behind an ERP document has come."""
    fulfilment.follow(ctx, document, before)


def _customer(ctx: Context, document: Quote | Order) -> TradingAccount | None:
    account = ctx.crm.account(document.account_id)
    return ctx.trading_account(account, document.trading_account)


def _price(
    ctx: Context, customer: TradingAccount, document: Quote | Order
) -> Pricing | list[Decision]:
    """Ask the ERP for its prices; what it refuses comes back as vetoes beside the fields."""
    try:
        return ctx.erp.price(customer, price_request(document, on=ctx.now.date()))
    except RemoteUnavailable:
        raise
    except (RemoteRefused, RemoteRejectedData) as refused:
        return list(_vetoes(refused))


def _vetoes(refused: RemoteError) -> Sequence[Veto]:
    if not refused.fields:
        return [Veto(str(refused), code=refused.code, field="lines")]
    return [Veto(error.message, code=refused.code, field=error.field) for error in refused.fields]
