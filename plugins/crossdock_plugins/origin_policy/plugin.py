"""The hooks: a quote's beginning is judged, and an order that began elsewhere is told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from crossdock import Context, Decision, EventContext, Veto, Warn, hookimpl
from crossdock.errors import NotFound
from crossdock.records import Activity, Document, Order, Quote

_NOT_HERE = "Quotes begin in the ERP here: write it there, and it is followed from there."


@hookimpl
def before_quote_save(ctx: Context, quote: Quote, before: Quote | None) -> Sequence[Decision]:
    """Refuse a new quote where none may begin, and ask what it hangs on."""
    if before is None and "crm" not in ctx.config["begin_in"]:
        return [Veto(_NOT_HERE, code="origin.crm")]
    return list(_opportunity(ctx, quote, ordered=False))


@hookimpl
def before_order_promote(ctx: Context, quote: Quote) -> Sequence[Decision]:
    """Ask again when the quote becomes an order."""
    return list(_opportunity(ctx, quote, ordered=True))


@hookimpl
def before_order_save(ctx: Context) -> Sequence[Decision]:
    """Refuse an order without a quote where every order has one."""
    if ctx.config["without_quote"] == "stop":
        text = "Orders are made of quotes here: write a quote, and promote it."
        return [Veto(text, code="origin.no_quote")]
    if "crm" not in ctx.config["begin_in"]:
        return [Veto("Orders begin in the ERP here: enter it there.", code="origin.crm")]
    return []


@hookimpl
def document_changed(ctx: EventContext, document: Document, before: Document | None) -> None:
    """Tell the account's owner of an order that was entered in the ERP, past the CRM."""
    began_here = "erp" in ctx.config["begin_in"]
    if began_here or before is not None or not isinstance(document, Order) or document.reference:
        return
    ref = f"{document.system}:{document.customer_id}"
    account_id = ctx.account_ids([ref]).get(ref)
    if account_id is None:
        ctx.log.info("%s of %s began in the ERP; no account has it", document.id, ref)
        return
    ctx.step("tell the owner", _tell, ctx, document, account_id)


def _tell(ctx: EventContext, order: Order, account_id: str) -> str:
    amount = f" for {order.gross}" if order.gross else ""
    task = Activity(
        id="",
        account_id=account_id,
        kind="task",
        subject=f"Order {order.id} was entered in {order.system}, past the CRM",
        text=f"It was entered there{amount} without a quote. Orders begin in the CRM here: find "
        "out why, and put the opportunity right.",
        owner_id=ctx.crm.account(account_id).owner_id,
    )
    return ctx.crm.add_activity(task, key=f"origin:{order.system}:{order.id}").id


def _opportunity(ctx: Context, quote: Quote, *, ordered: bool) -> Iterator[Decision]:
    policy = ctx.config["opportunity"]
    if quote.opportunity_id:
        yield from _sound(ctx, quote, quote.opportunity_id)
        return
    small = quote.net is not None and quote.net.amount < Decimal(ctx.config["from_amount"])
    if policy == "never" or small:
        return
    needed = policy == "always" or (policy == "ordered" and ordered)
    if needed:
        text = "A quote hangs on an opportunity here: choose the one that it is for, or make one."
        yield Veto(text, code="origin.opportunity", field="opportunity_id")
    elif not ordered:
        later = ", and it cannot be ordered before" if policy == "ordered" else ""
        text = f"This quote hangs on no opportunity, so no forecast counts it{later}."
        yield Warn(text, code="origin.opportunity", field="opportunity_id")


def _sound(ctx: Context, quote: Quote, opportunity_id: str) -> Iterator[Decision]:
    """See that the opportunity is one of this account's, and that it can still be won."""
    try:
        deal = ctx.crm.opportunity(opportunity_id)
    except NotFound:
        text = f"There is no opportunity {opportunity_id} any more: choose another one."
        yield Veto(text, code="origin.opportunity", field="opportunity_id")
        return
    if deal.account_id != quote.account_id:
        text = f"{deal.name} is an opportunity of another account: choose one of this account's."
        yield Veto(text, code="origin.opportunity", field="opportunity_id")
        return
    lost = {stage.id for stage in ctx.crm.stages() if stage.kind == "lost"}
    if deal.stage_id in lost:
        text = f"{deal.name} was lost: open it again, or choose another one."
        yield Warn(text, code="origin.lost", field="opportunity_id")
