"""The numbers that matter on one page: money, orders, and the relationship (A11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from crossdock import (
    Action,
    Component,
    Context,
    Metric,
    Metrics,
    Money,
    Notice,
    Provenance,
    Unknown,
    View,
)
from crossdock.records import (
    Account,
    Contract,
    Order,
    TradingAccount,
)
from crossdock.rules import (
    PurchaseRhythm,
    assess,
    contract_state,
    late_lines,
    sums_by_currency,
)

from .contracts import contracts_of
from .converted import in_one_currency
from .credit import available, credit_badge, credit_of, figure
from .orders import is_open, orders_of
from .quotes import open_quotes
from .relationship import relationship
from .sales import year_on_year
from .sold import read_sales
from .sources import ALL, NO_SHIPMENTS, Reader

_TABS: Final = (
    ("sales", "Sales history"),
    ("products", "Product lines"),
    ("purchases", "Purchases"),
    ("aging", "Aging"),
    ("credit", "Credit"),
    ("orders", "Orders"),
    ("shipments", "Shipments"),
    ("invoices", "Invoices"),
    ("returns", "Returns and credits"),
    ("contracts", "Contracts"),
    ("prices", "Prices and stock"),
)


def overview_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show the key figures of the other tabs, and what the CRM knows of the relationship."""
    reader = Reader(ctx, account, params, needs_erp=False)
    erp, crm = ctx.erp, ctx.crm
    reader.ahead(
        *reader.of_each("the credit status", erp.credit),
        *reader.of_each("invoices", erp.invoices),
        *reader.of_each("credit notes", erp.credit_notes),
        *reader.of_each("orders", erp.orders),
        *reader.of_each("contracts", erp.contracts),
        ("the stages", crm.system, crm.stages),
        ("opportunities", crm.system, partial(crm.opportunities, account.id)),
        ("activities", crm.system, partial(crm.activities, account.id)),
        ("service cases", crm.system, partial(crm.cases, account.id)),
        ("quotes", crm.system, partial(crm.quotes, account.id)),
    )
    sections: list[Component] = [
        *_money(reader, params),
        *_sales(reader),
        *_orders(reader),
        *_service(reader),
        *relationship(reader, account),
        *_quotes(reader),
    ]
    links: list[Component] = []
    if reader.trading_accounts:
        chosen = params.get("trading_account") or ALL
        carried = {} if chosen == ALL else {"trading_account": chosen}
        links = [
            Action(label=label, target=f"tab/erp-tabs/{tab}", params=carried)
            for tab, label in _TABS
        ]
    return View([*reader.notices, *sections, *links])


def _money(reader: Reader, params: Mapping[str, Any]) -> Iterator[Component]:
    balances: list[Money] = []
    complete = True
    for trading_account in reader.trading_accounts:
        status = credit_of(reader, trading_account)
        if isinstance(status, Unknown) or status.balance is None:
            complete = False
        else:
            balances.append(status.balance)
        whose = reader.whose(trading_account)
        if isinstance(status, Unknown):
            metrics = [
                Metric(label=label, value=status)
                for label in ("Balance", "Past due", "Credit available")
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
    yield from in_one_currency(reader, params, "Balance", balances, complete=complete)


def _sales(reader: Reader) -> Iterator[Component]:
    sold = read_sales(reader, "invoices")
    histories = tuple(sold.histories(reader))
    rhythms = sold.rhythms(reader)
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
                *_expected(rhythms.get(history.currency)),
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


def _expected(rhythm: PurchaseRhythm | None) -> Iterator[Metric]:
    """Say when the next order may be expected, by the customer's own rhythm."""
    if rhythm is None or rhythm.expected_next_on is None or rhythm.recent_interval is None:
        return
    late = rhythm.days_overdue
    yield Metric(
        label="Next purchase expected",
        value=rhythm.expected_next_on,
        tone="warning" if late else "neutral",
        help=f"every {rhythm.recent_interval:.0f} days of late"
        + (f"; {late} days ago" if late else ""),
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


def _service(reader: Reader) -> Iterator[Component]:
    found: list[Contract] = []
    told: list[TradingAccount] = []
    for trading_account in reader.trading_accounts:
        if not reader.knows(trading_account, "contracts"):
            continue  # its own tab says so; here it would only be one more sentence
        contracts = contracts_of(reader, trading_account)
        if not isinstance(contracts, Unknown):
            found += contracts
            told.append(trading_account)
    if not told:
        return
    states = [contract_state(each, as_of=reader.today) for each in found]
    expiring, lapsed = states.count("expiring"), states.count("lapsed")
    yield Metrics(
        title="Service contracts",
        metrics=[
            Metric(label="In force", value=states.count("current") + expiring),
            Metric(label="Expiring", value=expiring, tone="warning" if expiring else "neutral"),
            Metric(label="Lapsed", value=lapsed),
        ],
        provenance=reader.provenance(told),
    )


def _quotes(reader: Reader) -> Iterator[Component]:
    waiting, told = open_quotes(reader)
    if told:
        yield Metrics(
            title="Quotes",
            metrics=[
                Metric(label="Open quotes", value=len(waiting)),
                *(
                    Metric(label="Quoted", value=net, help="net of tax")
                    for net in sums_by_currency(q.net for q in waiting if q.net is not None)
                ),
            ],
            provenance=Provenance(source=", ".join(told), as_of=reader.ctx.now),
        )
