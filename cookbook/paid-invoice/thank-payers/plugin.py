from datetime import timedelta

from crossdock import hookimpl
from crossdock.records import Activity, Invoice


@hookimpl
def document_changed(ctx, document, before):
    """Open one task for each invoice, however often its payment is told."""
    if not isinstance(document, Invoice) or document.open or not document.applications:
        return
    if before is not None and not before.open:
        return  # it was paid already; something else changed
    customer = f"{document.system}:{document.customer_id}"
    account_id = ctx.account_ids([customer]).get(customer)
    if account_id:
        ctx.step("open a task", open_task, ctx, account_id, document.id)


def open_task(ctx, account_id, invoice_id):
    task = Activity(
        id="",
        account_id=account_id,
        kind="task",
        subject=f"Invoice {invoice_id} is paid: thank them, and ask what comes next",
        owner_id=ctx.crm.account(account_id).owner_id,
        due_at=ctx.now + timedelta(days=2),
    )
    return ctx.crm.add_activity(task, key=f"thank-payers:{invoice_id}").id
