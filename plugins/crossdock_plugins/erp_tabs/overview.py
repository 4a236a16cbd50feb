"""The numbers that matter on one page: money, orders, and the relationship (A11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from crossdock import (
    Action,
    Component,
    Context,
    Metric,
    Metrics,
    Money,
    Notice,
    Unknown,
    View,
)
from crossdock.records import Account, Activity, Opportunity, Order, Stage, TradingAccount
from crossdock.rules import assess, late_lines

from .credit import available, credit_badge, credit_of, figure
from .orders import is_open, orders_of
from .sales import read_sales, year_on_year
from .sources import NO_SHIPMENTS, Reader

_TABS: Final = (
    ("sales", "Sales history"),
    ("aging", "Aging"),
    ("credit", "Credit"),
    ("orders", "Orders"),
    ("invoices", "Invoices"),
)


def overview_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show the key figures of the other tabs, and what the CRM knows of the relationship."""
    reader = Reader(ctx, account, params, needs_erp=False)
    sections: list[Component] = [
        *_money(reader),
        *_sales(reader),
        *_orders(reader),
        *_relationship(reader, account),
    ]
    links: list[Component] = []
    if reader.trading_accounts:
        chosen = params.get("trading_account")
        carried = {"trading_account": chosen} if chosen else {}
        links = [
            Action(label=label, target=f"tab/erp-tabs/{tab}", params=carried)
            for tab, label in _TABS
        ]
    return View([*reader.notices, *sections, *links])


def _money(reader: Reader) -> Iterator[Component]:
    for trading_account in reader.trading_accounts:
        status = credit_of(reader, trading_account)
        whose = f", {trading_account.id}" if reader.several else ""
        if isinstance(status, Unknown):
            metrics = [
                Metric(label=label, value=status) for label in ("Balance", "Past due", "Available")
            ]
        else:
            found = assess(status)
            badge = credit_badge(status)
            metrics = [
                Metric(label="Balance", value=figure(status, status.balance)),
                Metric(
                    label="Past due",
                    value=figure(status, status.past_due),
                    tone="bad" if found.past_due else "neutral",
                ),
                Metric(label="Credit available", value=available(status, found)),
                Metric(
                    label="Credit standing",
                    value=badge,
                    tone=badge.tone,
                    help=status.hold_reason if status.on_hold else "",
                ),
            ]
        yield Metrics(
            title=f"Receivables and credit{whose}",
            metrics=metrics,
            provenance=reader.provenance([trading_account]),
        )


def _sales(reader: Reader) -> Iterator[Component]:
    sold = read_sales(reader, "invoices")
    histories = tuple(sold.histories(reader))
    for history, whose in histories:
        ytd = history.year_to_date()
        change = year_on_year(history)
        fell = ytd.change is not None and ytd.change < 0
        since = (reader.today - history.last).days
        yield Metrics(
            title=f"Net sales, {history.currency}" if len(histories) > 1 else "Net sales",
            metrics=[
                Metric(label="This year to date", value=ytd.this_year.rounded()),
                Metric(label="Same days of last year", value=ytd.last_year.rounded()),
                Metric(label="Change", value=change, tone="warning" if fell else "neutral"),
                Metric(
                    label="Last invoiced or credited",
                    value=history.last,
                    help=f"{since} days ago" if since > 1 else "",
                ),
            ],
            provenance=reader.provenance(whose, note="invoices less credit notes, net of tax"),
        )
        if history.trend().direction == "falling":
            yield Notice(
                title="Sales are declining",
                text=f"The sales history in {history.currency} has the figures behind it.",
                tone="warning",
            )
    if sold.told and not histories:
        yield Metrics(
            title="Net sales",
            metrics=[Metric(label="Invoiced so far", value="nothing yet")],
            provenance=reader.provenance(sold.told),
        )


def _orders(reader: Reader) -> Iterator[Component]:
    orders: list[Order] = []
    told: list[TradingAccount] = []
    for trading_account in reader.trading_accounts:
        found = orders_of(reader, trading_account)
        if not isinstance(found, Unknown):
            orders += found
            told.append(trading_account)
    if not told:
        return
    shipping = {each.system for each in told if reader.knows(each, "shipments")}
    late = late_lines([each for each in orders if each.system in shipping], as_of=reader.today)
    open_orders = [order for order in orders if is_open(order)]
    days = [order.ordered_on for order in orders if order.ordered_on is not None]
    yield Metrics(
        title="Orders",
        metrics=[
            Metric(label="Open orders", value=len(open_orders)),
            Metric(
                label="Late lines",
                value=len(late) if shipping else NO_SHIPMENTS,
                tone="bad" if late else "neutral",
                help=f"up to {late[0].days} days" if late else "",
            ),
            Metric(label="Last ordered", value=max(days) if days else "never"),
        ],
        provenance=reader.provenance(told),
    )


def _relationship(reader: Reader, account: Account) -> Iterator[Component]:
    crm = reader.ctx.crm
    stages = reader.read_crm("the stages", crm.stages)
    deals = reader.read_crm("opportunities", lambda: crm.opportunities(account.id))
    activities = reader.read_crm("activities", lambda: crm.activities(account.id))
    metrics: list[Metric] = []
    if not isinstance(deals, Unknown) and not isinstance(stages, Unknown):
        metrics += _deals(deals, stages)
    if not isinstance(activities, Unknown):
        metrics += _activities(activities, reader.ctx.now)
    if metrics:
        yield Metrics(title="Relationship", metrics=metrics, provenance=reader.crm_provenance())


def _deals(deals: Sequence[Opportunity], stages: Sequence[Stage]) -> Iterator[Metric]:
    still_open = {stage.id for stage in stages if stage.kind == "open"}
    mine = [deal for deal in deals if deal.stage_id in still_open]
    yield Metric(label="Open opportunities", value=len(mine))
    for currency in sorted({deal.amount.currency for deal in mine}):
        amounts = [deal.amount for deal in mine if deal.amount.currency == currency]
        yield Metric(label="Their value", value=sum(amounts, start=Money.zero(currency)))
    closing: list[date] = [deal.close_on for deal in mine if deal.close_on is not None]
    if closing:
        yield Metric(label="Next expected close", value=min(closing))


def _activities(activities: Sequence[Activity], now: datetime) -> Iterator[Metric]:
    done = [
        (when, activity)
        for activity in activities
        if activity.kind in ("call", "email", "meeting")
        and (when := activity.completed_at) is not None
        and when <= now
    ]
    if done:
        when, last = max(done, key=lambda pair: pair[0])
        yield Metric(label="Last communication", value=when.date(), help=last.subject)
    else:
        yield Metric(label="Last communication", value="none on record")
    overdue = sum(
        activity.completed_at is None and activity.due_at is not None and activity.due_at < now
        for activity in activities
    )
    if overdue:
        yield Metric(label="Activities overdue", value=overdue, tone="warning")
