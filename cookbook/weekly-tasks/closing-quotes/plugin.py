from datetime import timedelta

from crossdock import Job, hookimpl
from crossdock.records import Activity


@hookimpl
def scheduled_jobs():
    """Look every Monday at six, UTC."""
    return [Job(id="remind", cron="0 6 * * 1", run=remind)]


def remind(ctx):
    """Go through the accounts; each task is a step of its own, remembered when it is done."""
    after = None
    while True:
        page = ctx.crm.accounts(after=after, limit=200)
        for account in page.items:
            for quote in ctx.crm.quotes(account.id):
                if closes_soon(ctx, quote):
                    ctx.step(f"remind of {quote.id}", open_task, ctx, quote)
        if (after := page.next) is None:
            return


def closes_soon(ctx, quote):
    if quote.status not in ("draft", "sent") or quote.valid_until is None:
        return False
    left = quote.valid_until - ctx.now.date()
    return timedelta(0) <= left <= timedelta(days=ctx.config["days"])


def open_task(ctx, quote):
    task = Activity(
        id="",
        account_id=quote.account_id,
        kind="task",
        subject=f"Quote {quote.id} ends on {quote.valid_until}",
        owner_id=quote.owner_id,
        due_at=ctx.now + timedelta(days=1),
    )
    # By the day when it ends: a quote that is prolonged is told of again.
    return ctx.crm.add_activity(task, key=f"closing-quotes:{quote.id}:{quote.valid_until}").id
