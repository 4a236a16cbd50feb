"""Where a customer's credit stands with a document added, as far as the user may see it."""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import frozen

from crossdock import Context, Money
from crossdock.errors import NotSupported
from crossdock.records import (
    CreditStatus,
    Order,
    Quote,
    TradingAccount,
    price_request,
)
from crossdock.rules import convert, headroom

_HIDDEN_LIMIT: Final = "This would pass the customer's credit limit."


@frozen
class Unknown:
    """The limit could not be judged; `why` is a sentence for the user."""

    why: str


@frozen(kw_only=True)
class Standing:
    """Where the customer stands.

    Attributes:
        limit: the sentence that says that the limit is passed, empty where it is not, or why that
            is not known.
        held: why the customer is on hold, as a sentence; empty where he is not.
        past_due: what is past due; `None` where nothing is, or where the user may not see it.
        past_due_since: the due date of the oldest of it.
        told: the whole in a sentence; empty for who may not see credit figures.
    """

    limit: str | Unknown
    held: str
    past_due: Money | None
    past_due_since: date | None
    told: str


def standing(
    ctx: Context, customer: TradingAccount, document: Quote | Order, before: Order | None
) -> Standing:
    """Ask the ERP where a customer stands, and add what the document adds.

    Raises:
        NotSupported: the ERP keeps no credit.
    """
    status = ctx.erp.credit(customer)
    held = ""
    if status.on_hold:
        held = "The customer is on hold" + (
            f": {status.hold_reason}." if status.hold_reason else "."
        )
    hidden = "credit" in ctx.hidden
    due = status.past_due if status.past_due and status.past_due.amount > 0 else None
    added = None if hidden else _added(ctx, document, before, status.currency)
    limit: str | Unknown
    if hidden:
        limit = _without_figures(ctx, customer, document)
    elif isinstance(added, Unknown):
        limit = Unknown(added.why) if status.limit is not None else ""
    else:
        limit = _over(status, added)
    return Standing(
        limit=limit,
        held=held,
        past_due=due,
        past_due_since=status.past_due_since,
        told="" if hidden else _in_words(status, added),
    )


def _added(
    ctx: Context, document: Quote | Order, before: Order | None, currency: str
) -> Money | Unknown | None:
    """Give what a document adds to the exposure: all of a new one, the difference of an edited one.

    `None` where it is not priced: then nothing can be said yet.
    """
    if document.gross is None:
        return None
    added = document.gross
    known = isinstance(document, Order) and document.erp_order_id and before is not None
    if known and before is not None and before.gross is not None:
        if before.gross.currency != added.currency:
            return Unknown("The order's currency was changed, so what it adds is not known.")
        added = added - before.gross
    if added.currency == currency:
        return added
    rates = {rate.of: rate for rate in ctx.exchange_rates(currency, on=ctx.now.date())}
    rate = rates.get(added.currency)
    if rate is None:
        return Unknown(
            f"The credit limit is kept in {currency} and this is in {added.currency}: nobody "
            "states a rate, so whether the limit is passed is not known."
        )
    return convert(added, rate)


def _over(status: CreditStatus, added: Money | None) -> str:
    left = headroom(status, added)
    if left is None or added is None or left.amount >= 0 or added.amount <= 0:
        return ""
    return f"This would pass the customer's credit limit of {status.limit} by {-left}."


def _in_words(status: CreditStatus, added: Money | Unknown | None) -> str:
    """Say where the customer stands, for who may see it."""
    parts: list[str] = []
    if status.unlimited:
        parts.append("no credit limit")
    elif status.limit is not None:
        parts.append(f"credit limit {status.limit}")
    if status.exposure is not None:
        used = "of it in use" if status.limit else "owed"
        parts.append(f"{status.exposure} {used}")
    left = headroom(status, added if isinstance(added, Money) else None)
    if left is not None:
        with_this = " with this" if isinstance(added, Money) else ""
        parts.append(f"{left} left{with_this}" if left.amount >= 0 else f"{-left} over{with_this}")
    if status.past_due is not None and status.past_due.amount > 0:
        since = f" since {status.past_due_since:%d %b %Y}" if status.past_due_since else ""
        parts.append(f"{status.past_due} past due{since}")
    text = ", ".join(parts)
    whose = f" (of {status.bill_to_id}, who pays)" if _pays_elsewhere(status) else ""
    return f"{text[:1].upper()}{text[1:]}{whose}." if text else ""


def _pays_elsewhere(status: CreditStatus) -> bool:
    return bool(status.bill_to_id) and status.bill_to_id != status.customer_id


def _without_figures(
    ctx: Context, customer: TradingAccount, document: Quote | Order
) -> str | Unknown:
    """Let the ERP itself judge, for a user who may not see the figures."""
    request = price_request(document, on=ctx.now.date())
    try:
        outcome = ctx.erp.price(customer, request).credit
    except NotSupported:
        outcome = None
    if outcome is None:
        return Unknown("Whether this passes the customer's credit limit is not visible to you.")
    return _HIDDEN_LIMIT if outcome.result == "over_limit" else ""
