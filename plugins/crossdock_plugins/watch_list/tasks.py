"""Tasks that open by themselves, each once: who is overdue, and who was put on hold (G4).

They name days and reasons, and no amounts: a task is read by more people than a credit figure.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from crossdock import EventContext
from crossdock.records import Activity, Change
from crossdock_plugins.watch_list.standing import Standing, is_overdue, standings

_MORNING = time(8, tzinfo=UTC)
_KEY = 200


def remind_of_overdue(ctx: EventContext) -> None:
    """Open a task for each account that owes for too long; once for each time that it does."""
    days = ctx.config["overdue_days"]
    late = [
        each for each in standings(ctx) if is_overdue(each, days=days) and each.ref == _payer(each)
    ]
    accounts = ctx.account_ids([each.ref for each in late])
    for each in late:
        if account_id := accounts.get(each.ref):
            ctx.step(f"remind of {each.ref}", _remind, ctx, each, account_id)
        else:
            ctx.log.info("%s is overdue, and no account of the CRM has it", each.ref)


def _payer(standing: Standing) -> str:
    system = standing.ref.partition(":")[0]
    return f"{system}:{standing.status.bill_to_id or standing.status.customer_id}"


def _remind(ctx: EventContext, standing: Standing, account_id: str) -> str:
    since = standing.status.past_due_since
    assert since is not None  # or it would not be overdue
    return _open(
        ctx,
        account_id,
        subject=f"Ask for what {standing.ref} owes",
        text=f"Its oldest unpaid invoice has been due since {since:%d %b %Y}.",
        key=f"watch-list:overdue:{standing.ref}:{since}",
    )


def tell_of_hold(ctx: EventContext, change: Change) -> None:
    """Open a task when a customer is on hold after it was changed; once a month for a reason."""
    if change.entity != "trading_account" or change.action == "deleted":
        return
    if change.system not in ctx.erp.systems:
        return
    customer = ctx.erp.using(change.system).customer(change.id)
    if not customer.on_hold:
        return
    account_id = ctx.account_ids([customer.ref]).get(customer.ref)
    if account_id is None:
        return
    reason = customer.hold_reason or "no reason was given"
    ctx.step(
        "tell of the hold",
        _open,
        ctx,
        account_id,
        f"{customer.ref} is on hold",
        f"New orders wait until it is released: {reason}",
        f"watch-list:hold:{customer.ref}:{change.at:%Y-%m}:{reason}"[:_KEY],
    )


def _open(ctx: EventContext, account_id: str, subject: str, text: str, key: str) -> str:
    task = Activity(
        id="",
        account_id=account_id,
        kind="task",
        subject=subject,
        text=text,
        owner_id=ctx.crm.account(account_id).owner_id,
        due_at=datetime.combine(ctx.now.date() + timedelta(days=1), _MORNING),
    )
    return ctx.crm.add_activity(task, key=key).id
