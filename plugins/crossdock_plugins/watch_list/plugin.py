"""The hooks: lists, cards, a nightly job, and an eye on customers that are put on hold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from crossdock import Card, Context, EventContext, Job, Segment, hookimpl
from crossdock.records import Change
from crossdock_plugins.watch_list import cards, tasks
from crossdock_plugins.watch_list.standing import Test, standings, tests


@hookimpl
def account_segments(ctx: Context) -> Sequence[Segment]:
    """Name the lists that the reader may see; nothing is read before one is opened."""
    return [
        Segment(
            id=name, title=title, description=description, account_ids=partial(_accounts, test=test)
        )
        for name, (title, description, test) in tests(ctx).items()
    ]


def _accounts(ctx: Context, test: Test) -> tuple[str, ...]:
    refs = [each.ref for each in standings(ctx) if test(each)]
    accounts = ctx.account_ids(refs)
    return tuple(accounts[ref] for ref in refs if ref in accounts)


@hookimpl
def dashboard_cards(ctx: Context) -> Sequence[Card]:
    """Name the cards."""
    return cards.cards(ctx)


@hookimpl
def scheduled_jobs(ctx: Context) -> Sequence[Job]:
    """Look for overdue accounts once a night."""
    return [Job(id="overdue", cron=ctx.config["cron"], run=tasks.remind_of_overdue)]


@hookimpl
def record_changed(ctx: EventContext, change: Change) -> None:
    """Open a task where a customer was put on hold."""
    tasks.tell_of_hold(ctx, change)
