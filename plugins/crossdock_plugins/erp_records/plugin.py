"""The hooks: what the ERP tells is shown in the CRM."""

from __future__ import annotations

from crossdock import EventContext, hookimpl
from crossdock.errors import NotFound, NotSupported
from crossdock.records import (
    Change,
    CreditNote,
    Document,
    Invoice,
    Payment,
    Shipment,
    TradingAccount,
)


@hookimpl
def document_changed(ctx: EventContext, document: Document) -> None:
    """Show an invoice, credit note or shipment; of a payment, the invoices that it settles."""
    if isinstance(document, Payment):
        erp = ctx.erp.using(document.system)
        for invoice_id in dict.fromkeys(each.invoice_id for each in document.applications):
            if invoice_id:
                _show(ctx, document.customer_id, erp.invoice(invoice_id))
    elif isinstance(document, Invoice | CreditNote | Shipment):
        _show(ctx, document.customer_id, document)


@hookimpl
def record_changed(ctx: EventContext, change: Change) -> None:
    """Show a customer of the ERP as it is now."""
    if change.entity != "trading_account" or change.action == "deleted":
        return
    try:
        customer = ctx.erp.using(change.system).customer(change.id)
    except NotFound:
        return  # it is gone since
    _show(ctx, customer.id, customer)


def _show(
    ctx: EventContext, customer_id: str, record: Invoice | CreditNote | Shipment | TradingAccount
) -> None:
    ref = f"{record.system}:{customer_id}"
    account_id = ctx.account_ids([ref]).get(ref)
    if account_id is None:
        return
    try:
        ctx.crm.show_erp_record(account_id, record)
    except NotSupported as no_place:
        ctx.log.debug("not shown: %s", no_place)
