"""Sums of several currencies in one of them, at rates that somebody states (B1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from crossdock import Column, Component, Money, Notice, Param, Provenance, Table, Unknown, Value
from crossdock.records import AccountLink, ExchangeRate
from crossdock.rules import ConvertedPart, convert_sum

from .sources import Reader


def currency_param(links: Sequence[AccountLink]) -> tuple[Param, ...]:
    """Offer one currency for sums, where the trading accounts have several."""
    known = sorted({link.currency for link in links if link.currency})
    if len(known) < 2:
        return ()
    return (
        Param(
            name="currency",
            label="Sum in",
            kind="choice",
            default="each",
            choices=("each", *known),
        ),
    )


def in_one_currency(
    reader: Reader,
    params: Mapping[str, Any],
    what: str,
    amounts: Sequence[Money],
    *,
    as_of: date | None = None,
    complete: bool = True,
) -> Iterator[Component]:
    """Add up amounts in the currency that was asked for, each with the rate that it became by.

    Nothing where nobody asked, or where all of them have that currency already.

    Args:
        reader: the tab's.
        params: the tab's; `currency` names the currency.
        what: what is added up.
        amounts: in any currencies.
        as_of: the day whose rates count; today where not given.
        complete: whether every amount could be read.
    """
    to = params.get("currency") or "each"
    if to == "each" or {amount.currency for amount in amounts} <= {to}:
        return
    on = as_of or reader.today
    rates: Sequence[ExchangeRate] = reader.ctx.exchange_rates(to, on=on)
    found = convert_sum(amounts, to, rates, on=on)
    if found.missing:
        lacking = " and ".join(money.currency for money in found.missing)
        yield Notice(
            tone="warning",
            title=f"No rate from {lacking} to {to}",
            text="Nobody states one, so these amounts are left out of the sum below.",
        )
    rows = [_row(part) for part in found.parts]
    rows += [
        {
            "amount": missing,
            "rate": Unknown("no rate is stated"),
            "converted": Unknown("not part of the sum"),
        }
        for missing in found.missing
    ]
    whole = complete and not found.missing
    yield Table(
        title=f"{what} of all, in {to}",
        columns=[
            Column(key="amount", label=what, align="end"),
            Column(key="rate", label="Rate", align="end", help=f"{to} for one of the other"),
            Column(key="on", label="Rate of"),
            Column(key="source", label="Stated by"),
            Column(key="converted", label=f"In {to}", align="end"),
        ],
        rows=rows,
        total={
            "amount": "In all" if whole else "What is known, in all",
            "converted": found.total,
        },
        provenance=Provenance(
            source=", ".join(dict.fromkeys(part.rate.source for part in found.parts if part.rate))
            or "no rates",
            as_of=on,
            note="converted at stated rates",
        ),
    )


def _row(part: ConvertedPart) -> dict[str, Value]:
    row: dict[str, Value] = {"amount": part.original, "converted": part.converted}
    if part.rate is None:
        return row | {"rate": None, "source": "its own currency"}
    return row | {"rate": part.rate.rate, "on": part.rate.on, "source": part.rate.source}
