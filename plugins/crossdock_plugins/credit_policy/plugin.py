"""The hooks: a quote is told of when it is saved, an order is judged before the ERP gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from crossdock import Context, Decision, Inform, RequireApproval, Veto, Warn, hookimpl
from crossdock.errors import NotSupported
from crossdock.records import Order, Quote
from crossdock_plugins.credit_policy.judging import Objection, judge
from crossdock_plugins.credit_policy.standing import standing

_ADVICE: Final[Mapping[str, str]] = {
    "over_limit": "Order less, or ask accounting to raise the limit.",
    "on_hold": "Ask accounting to release the customer.",
    "overdue": "Ask the customer to pay what is due, or accounting to let it pass.",
}


@hookimpl
def before_quote_save(ctx: Context, quote: Quote) -> Sequence[Decision]:
    """Tell where the customer's credit stands, and what an order would meet."""
    return _judged(ctx, quote, ctx.config["on_save"])


@hookimpl
def before_order_save(ctx: Context, order: Order, before: Order | None) -> Sequence[Decision]:
    """Judge an order that is entered without a quote; a draft is told, as a quote is."""
    return _judged(ctx, order, ctx.config["on_save"] if order.status == "draft" else "same", before)


@hookimpl
def before_order_promote(ctx: Context, quote: Quote) -> Sequence[Decision]:
    """Judge a quote before it becomes an order."""
    return _judged(ctx, quote, "same")


def _judged(
    ctx: Context, document: Quote | Order, mode: str, before: Order | None = None
) -> list[Decision]:
    if mode == "ignore" or not document.lines:
        return []
    account = ctx.crm.account(document.account_id)
    customer = ctx.trading_account(account, document.trading_account)
    if customer is None:
        return []  # without a customer there is no credit; who prices the quote says so
    try:
        found = standing(ctx, customer, document, before)
    except NotSupported as refused:
        return [Inform(str(refused), code="credit.unknown", field="gross")]
    told: list[Decision] = []
    if found.told:
        told.append(Inform(found.told, code="credit.told", field="gross"))
    told += [
        _decision(ctx.config, mode, objection)
        for objection in judge(found, overdue_days=ctx.config["overdue_days"], today=ctx.now.date())
        if ctx.config[objection.about] != "ignore"
    ]
    return told


def _decision(config: Mapping[str, Any], mode: str, objection: Objection) -> Decision:
    """Give an objection the weight that the settings give it."""
    weight, code = config[objection.about], f"credit.{objection.about}"
    if mode == "warn" and weight != "warn":
        needs = (
            "It cannot be ordered before that is settled."
            if weight == "stop"
            else f"Ordering it needs the agreement of {config['role']}."
        )
        return Warn(f"{objection.text} {needs}", code=code, field="gross")
    match weight:
        case "stop":
            return Veto(f"{objection.text} {_ADVICE[objection.about]}", code=code, field="gross")
        case "approve":
            return RequireApproval(config["role"], objection.text, code=code, field="gross")
        case _:
            return Warn(objection.text, code=code, field="gross")
