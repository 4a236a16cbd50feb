"""The cards: how many are on each list, and what is owed in sum."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from crossdock import Action, Card, Component, Context, Metric, Metrics, Money, Provenance, View
from crossdock.rules import pays_itself
from crossdock_plugins.watch_list.standing import Standing, standings, tests


def cards(ctx: Context) -> list[Card]:
    """Name the cards that the reader may see."""
    found = [Card(id="attention", title="Accounts to look after", render=_attention, order=10)]
    if "credit" not in ctx.hidden:
        found.append(Card(id="receivables", title="Receivables", render=_receivables, order=20))
    return found


def _attention(ctx: Context) -> View:
    everybody = tuple(standings(ctx))
    metrics, links = [], []
    for name, (title, description, test) in tests(ctx).items():
        count = sum(map(test, everybody))
        metrics.append(
            Metric(
                label=title,
                value=count,
                tone="warning" if count and name != "dormant" else "neutral",
                help=description,
            )
        )
        if count:
            links.append(Action(label=title, target=f"segment/watch-list/{name}"))
    shown: list[Component] = [Metrics(metrics=metrics, provenance=_provenance(ctx, everybody))]
    return View([*shown, *links])


def _receivables(ctx: Context) -> View:
    return View(tuple(_owed(ctx, tuple(standings(ctx)))))


def _owed(ctx: Context, everybody: tuple[Standing, ...]) -> Iterator[Component]:
    """Add up what is owed, currency by currency; each bill-to customer once."""
    payers = [each.status for each in everybody if pays_itself(each.status)]
    for currency in sorted({status.currency for status in payers}):
        mine = [status for status in payers if status.currency == currency]
        none = Money.zero(currency)
        balance = sum((status.balance or none for status in mine), start=none)
        late = sum((status.past_due or none for status in mine), start=none)
        share = late.amount / balance.amount if balance.amount > 0 else Decimal(0)
        yield Metrics(
            title=currency,
            metrics=[
                Metric(label="Balance", value=balance),
                Metric(
                    label="Past due",
                    value=late,
                    tone="bad" if late else "neutral",
                    help=f"{share:.0%} of the balance" if late else "",
                ),
                Metric(
                    label="Customers that owe",
                    value=sum(bool(status.balance) for status in mine),
                ),
            ],
            provenance=_provenance(ctx, everybody),
        )


def _provenance(ctx: Context, everybody: tuple[Standing, ...]) -> Provenance:
    return Provenance(
        source=", ".join(ctx.erp.systems),
        as_of=ctx.now,
        note=f"{len(everybody)} customers",
    )
