"""Place a CRM order in the ERP exactly once (D1).

The host has stored the event before this runs, with an idempotency key that stays the same over all
retries. It sends an order once per key, whether or not the ERP keeps keys: what was asked of the
ERP and not answered is looked up there by the CRM order's id before anything is sent again.
"""

from __future__ import annotations

from crossdock import EventContext
from crossdock.errors import RemoteRefused, RemoteRejectedData
from crossdock.records import Acknowledgement, Order, OrderEvent, TradingAccount
from crossdock_plugins.straight_through.fulfilment import bring_up_to_date


class NoCustomer(RemoteRefused):
    """The account has no customer in any ERP, so nobody can take its order."""


def place(ctx: EventContext, order: Order) -> None:
    """Place an order and write the acknowledgement into the CRM.

    Raises:
        RemoteRefused: the ERP will not take the order; the CRM's order says so.
        RemoteMisbehaved: the ERP acknowledged another order than ours.
    """
    try:
        acknowledgement = ctx.step("place order", _place, ctx, order)
    except (RemoteRefused, RemoteRejectedData) as refused:
        ctx.step("tell the CRM that it was refused", _tell_refused, ctx, order, str(refused))
        raise
    # No step: it comes to nothing when it is done again, and recording one costs more than that.
    _tell_placed(ctx, order, acknowledgement)


def _find_customer(ctx: EventContext, order: Order) -> TradingAccount:
    account = ctx.crm.account(order.account_id)
    customer = ctx.trading_account(account, order.trading_account)
    if customer is None:
        raise NoCustomer(
            f"{account.name} has no customer in the ERP"
            + (f" called {order.trading_account}" if order.trading_account else "")
            + "; link the account to its customer, then retry",
            system=order.system,
            code="customer.missing",
        )
    return customer


def _place(ctx: EventContext, order: Order) -> Acknowledgement:
    customer = _find_customer(ctx, order)
    return ctx.erp.place_order(customer, order, idempotency_key=ctx.idempotency_key)


def _tell_placed(ctx: EventContext, order: Order, acknowledgement: Acknowledgement) -> None:
    placed = acknowledgement.order
    crm_order = ctx.crm.order(order.id)
    if crm_order.erp_order_id == placed.id:
        # The ERP's feed was quicker, or this is done again: what was acknowledged is old by now.
        placed = ctx.erp.using(placed.system).order(placed.id)
    bring_up_to_date(ctx, crm_order, placed)
    ctx.crm.add_order_event(
        order.id,
        OrderEvent(
            key=f"acknowledged:{placed.system}:{placed.id}",
            # The ERP's own instant, so that what it did next does not seem to come before.
            at=placed.history[0].at if placed.history else ctx.now,
            kind="acknowledged",
            title=f"Acknowledged by {placed.system} as {placed.id}",
            text=f"On hold: {placed.hold_reason}" if placed.hold_reason else "",
            document_id=placed.id,
            actor="straight-through",
        ),
    )


def _tell_refused(ctx: EventContext, order: Order, reason: str) -> None:
    ctx.crm.add_order_event(
        order.id,
        OrderEvent(
            key=f"refused:{ctx.idempotency_key}",
            at=ctx.now,
            kind="failed",
            title="The order could not be placed",
            text=reason,
            actor="straight-through",
        ),
    )
