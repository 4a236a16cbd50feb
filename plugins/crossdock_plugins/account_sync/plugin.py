"""The hooks: changes of either side are followed, and the CRM's users told who owns a field."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock import Context, Decision, EventContext, Job, hookimpl
from crossdock.records import Account, Change, Contact
from crossdock_plugins.account_sync import catalogue, following, governing


@hookimpl
def before_account_save(
    ctx: Context, account: Account, before: Account | None
) -> Sequence[Decision]:
    """Refuse, or route, a change of what the ERP owns."""
    return governing.judge_account(ctx, account, before)


@hookimpl
def before_contact_save(
    ctx: Context, contact: Contact, before: Contact | None
) -> Sequence[Decision]:
    """Refuse, or route, a change of what the ERP owns."""
    return governing.judge_contact(ctx, contact, before)


@hookimpl
def record_changed(ctx: EventContext, change: Change) -> None:
    """Bring what changed in line with the other system."""
    following.follow(ctx, change)


@hookimpl
def scheduled_jobs(ctx: Context) -> Sequence[Job]:
    """Bring in line what somebody linked by hand, and what no feed tells of."""
    return [
        Job(id="linked", cron=ctx.config["cron"], run=following.bring_linked_in_line),
        Job(id="catalogue", cron=ctx.config["catalogue"], run=catalogue.bring_in_line),
    ]
