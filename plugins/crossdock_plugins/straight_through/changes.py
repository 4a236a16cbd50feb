"""Change or cancel an order that the ERP has already (D3); what it refuses is shown as such."""

from __future__ import annotations

from crossdock import EventContext
from crossdock.errors import RemoteRefused, RemoteRejectedData
from crossdock.records import Order, OrderChange, OrderEvent
from crossdock_plugins.straight_through.fulfilment import bring_up_to_date

_ACCEPTED = {"change": "Changed as wished", "cancel": "Cancelled as wished"}
_REFUSED = {"change": "The change was refused", "cancel": "The cancellation was refused"}


def carry_out(ctx: EventContext, order: Order, change: OrderChange) -> None:
    """Make a change in the ERP and write its answer onto the CRM's timeline."""
    try:
        ctx.step("change the order", _change, ctx, order, change)
    except (RemoteRefused, RemoteRejectedData) as refused:
        # An answer of the business: the change document and the timeline tell it.
        ctx.step(
            "tell that it was refused", _tell, ctx, change, _REFUSED[change.kind], str(refused)
        )
        return
    ctx.step("update the CRM's order", _update, ctx, order)
    ctx.step("tell that it was made", _tell, ctx, change, _ACCEPTED[change.kind], change.reason)


def _change(ctx: EventContext, order: Order, change: OrderChange) -> Order:
    erp = ctx.erp.using(order.erp_system)
    return erp.change_order(erp.order(order.erp_order_id), change)


def _update(ctx: EventContext, order: Order) -> None:
    # As the ERP has it now: what it answered may be long ago when this delivery is resumed.
    there = ctx.erp.using(order.erp_system).order(order.erp_order_id)
    bring_up_to_date(ctx, ctx.crm.order(order.id), there)


def _tell(ctx: EventContext, change: OrderChange, title: str, text: str) -> None:
    ctx.crm.add_order_event(
        change.order_id,
        OrderEvent(
            key=f"change:{change.id}",
            at=ctx.now,
            kind="note",
            title=f"{title} ({change.id})",
            text=text,
            document_id=change.id,
            actor="straight-through",
        ),
    )
