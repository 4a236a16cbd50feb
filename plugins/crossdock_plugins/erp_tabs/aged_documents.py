"""The open documents behind an aging, and what has to be said of them (A3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from attrs import evolve

from crossdock import Badge, Column, Money, Notice, Provenance, Table, Value
from crossdock.records import TradingAccount
from crossdock.rules import AgedDocument, Aging

from .sources import document, in_words

_AGE: Final = {
    "current": Badge("current"),
    "0-30": Badge("0-30"),
    "1-30": Badge("1-30", "warning"),
    "31-60": Badge("31-60", "warning"),
    "61-90": Badge("61-90", "bad"),
    "over 90": Badge("over 90", "bad"),
}
_KIND: Final = {"invoice": "Invoice", "credit_note": "Credit note", "payment": "Payment"}


def open_documents(
    found: Sequence[tuple[TradingAccount, Aging]], total: Aging, provenance: Provenance
) -> Table:
    """List what is open in one currency, longest owing first, credits last."""
    several = len(found) > 1
    columns = [
        Column(key="document", label="Document"),
        Column(key="kind", label="Kind"),
        Column(key="reference", label="Reference"),
        Column(key="dated", label="Due" if total.basis == "due" else "Dated"),
        Column(
            key="days",
            label="Days overdue" if total.basis == "due" else "Days",
            align="end",
        ),
        Column(key="bucket", label="Age"),
        Column(key="original", label="Original", align="end"),
        Column(key="open", label="Open", align="end"),
    ]
    if several:
        columns.insert(1, Column(key="whose", label="Trading account"))
    rows = [
        _document(trading_account, aged, total.labels)
        for trading_account, aging in found
        for aged in aging.documents
    ]
    if several:  # as the total has them: longest owing first over all trading accounts
        place = {id_of(aged): at for at, aged in enumerate(total.documents)}
        pairs = [
            (place[id_of(aged)], row)
            for row, aged in zip(
                rows, (d for _, aging in found for d in aging.documents), strict=True
            )
        ]
        rows = [row for _, row in sorted(pairs, key=lambda pair: pair[0])]
    return Table(
        title=f"Open documents, {total.currency}",
        columns=columns,
        rows=rows,
        total={"document": "Balance", "open": total.balance} if rows else None,
        empty="Nothing is open.",
        id=f"documents-{total.currency}",
        provenance=evolve(provenance, note=""),
    )


def id_of(aged: AgedDocument) -> tuple[str, str, date, Money]:
    """Tell documents of several ERPs apart, whose numbers may be the same."""
    return (aged.kind, aged.id, aged.dated, aged.open)


def _document(
    trading_account: TradingAccount, aged: AgedDocument, labels: Sequence[str]
) -> dict[str, Value]:
    row: dict[str, Value] = {
        "document": document(aged.kind, aged.id, trading_account.system),
        "whose": trading_account.ref,
        "kind": _KIND[aged.kind],
        "reference": aged.reference,
        "dated": aged.dated,  # a credit has no due date: its own day stands there
        "original": aged.original,
        "open": aged.open,
    }
    if aged.bucket is None:
        return row | {"bucket": Badge("unapplied", "info")}
    if aged.days > 0:
        row["days"] = aged.days
    return row | {"bucket": _AGE[labels[aged.bucket]]}


def remarks(total: Aging) -> Iterator[Notice]:
    """Say what the figures leave out, and where the ERP says something else."""
    if total.later:
        yield Notice(
            text=f"What was posted after this day comes to {in_words(total.later)} and is not "
            "part of it."
        )
    for found in total.unexplained:
        yield Notice(
            tone="warning",
            title=f"{_KIND[found.kind]} {found.id}",
            text=f"The ERP says that {in_words(found.told)} is open, but what was applied to it "
            f"leaves {in_words(found.computed)}. Here it counts by what was applied.",
        )
