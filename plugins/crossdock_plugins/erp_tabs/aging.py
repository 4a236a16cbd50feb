"""What the account owes, by how long it has been owing, as of any day (A3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from crossdock import (
    Chart,
    Column,
    Component,
    Context,
    Drill,
    Metric,
    Metrics,
    Money,
    Notice,
    Provenance,
    Series,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, TradingAccount
from crossdock.rules import Aging, Basis, age, bucket_labels, total_aging

from .aged_documents import open_documents, remarks
from .converted import in_one_currency
from .sources import Reader, in_words

_BY: Final[Mapping[Basis, str]] = {
    "due": "by due date",
    "posted": "by posting date",
    "issued": "by document date",
}
_HERE: Final = "tab/erp-tabs/aging"


def aging_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show the buckets of each trading account, and the open documents behind them."""
    reader = Reader(ctx, account, params)
    basis: Basis = params.get("basis") or "due"
    as_of: date = params.get("as_of") or reader.today
    erp = ctx.erp
    reader.ahead(
        *reader.of_each("invoices", erp.invoices),
        *reader.of_each("credit notes", erp.credit_notes),
        *reader.of_each("payments", erp.payments),
    )
    found: dict[str, list[tuple[TradingAccount, Aging]]] = {}
    unknown: list[tuple[TradingAccount, Unknown]] = []
    for trading_account in reader.trading_accounts:
        agings = aging_of(reader, trading_account, as_of, basis)
        if isinstance(agings, Unknown):
            unknown.append((trading_account, agings))
            continue
        for aging in agings:
            found.setdefault(aging.currency, []).append((trading_account, aging))
    for trading_account, _ in unknown:  # a row that says so, beside those that are known
        found.setdefault(trading_account.currency, [])
    components: list[Component] = list(reader.notices)
    for currency in reader.in_order(found):
        missing = [each for each in unknown if each[0].currency == currency]
        components += _currency(reader, currency, found[currency], missing, as_of, basis)
    balances = [aging.balance for agings in found.values() for _, aging in agings]
    components += in_one_currency(
        reader, params, "Balance", balances, as_of=as_of, complete=not unknown
    )
    if reader.trading_accounts and not found:
        components.append(
            Notice(text=f"{account.name} has no invoices, credit notes or payments.", tone="good")
        )
    return View(components)


def aging_of(
    reader: Reader, trading_account: TradingAccount, as_of: date, basis: Basis
) -> tuple[Aging, ...] | Unknown:
    """Age one trading account; unknown where any part of it cannot be read."""
    erp = reader.ctx.erp
    invoices = reader.read("invoices", trading_account, lambda: erp.invoices(trading_account))
    if isinstance(invoices, Unknown):
        return invoices
    notes = reader.read("credit notes", trading_account, lambda: erp.credit_notes(trading_account))
    if isinstance(notes, Unknown):
        return notes
    if not reader.knows(trading_account, "payments"):
        reader.note(
            "info",
            f"{trading_account.ref} tells no payments",
            "What they settled is known by the invoices, as of the day of the last change; what "
            "was paid and settles nothing yet is not.",
        )
        return age(invoices, notes, (), as_of=as_of, basis=basis)
    payments = reader.read("payments", trading_account, lambda: erp.payments(trading_account))
    if isinstance(payments, Unknown):
        return payments
    return age(invoices, notes, payments, as_of=as_of, basis=basis)


def _currency(
    reader: Reader,
    currency: str,
    found: Sequence[tuple[TradingAccount, Aging]],
    unknown: Sequence[tuple[TradingAccount, Unknown]],
    as_of: date,
    basis: Basis,
) -> Iterator[Component]:
    whose = [trading_account for trading_account, _ in (*found, *unknown)]
    provenance = reader.provenance(whose, as_of=as_of, note=_BY[basis])
    if found:
        total = total_aging([aging for _, aging in found])
        yield _metrics(total, provenance, complete=not unknown)
        if any(total.buckets):
            yield _chart(found, total, provenance)
    yield _buckets(reader, currency, basis, found, unknown, provenance)
    if found:
        yield open_documents(found, total, provenance)
        yield from remarks(total)


def _metrics(total: Aging, provenance: Provenance, *, complete: bool) -> Metrics:
    so_far = "" if complete else "without what could not be read"
    metrics = [
        Metric(label="Balance", value=total.balance, help=so_far),
        Metric(
            label="Unapplied",
            value=total.unapplied,
            help="credits and payments that settle nothing yet",
        ),
    ]
    if total.basis == "due":
        owing = [document.days for document in total.documents if document.bucket]
        late = total.past_due
        metrics.insert(
            1, Metric(label="Past due", value=late, tone="bad" if late else "good", help=so_far)
        )
        if owing:
            metrics.append(
                Metric(
                    label="Longest overdue",
                    value=f"{max(owing)} days",
                    tone="bad" if max(owing) > 60 else "warning",
                )
            )
    return Metrics(title=f"Receivables, {total.currency}", metrics=metrics, provenance=provenance)


def _chart(
    found: Sequence[tuple[TradingAccount, Aging]], total: Aging, provenance: Provenance
) -> Chart:
    parts = [
        f"{in_words(amount)} {label}"
        for label, amount in zip(total.labels, total.buckets, strict=True)
        if amount
    ]
    return Chart(
        kind="bar",
        title=f"Receivables by age in days, {total.currency}",
        categories=total.labels,
        series=[
            Series(label=trading_account.ref, values=[bucket.amount for bucket in aging.buckets])
            for trading_account, aging in found
        ],
        currency=total.currency,
        summary=f"Owing {_BY[total.basis]}: {'; '.join(parts)}.",
        provenance=provenance,
    )


def _buckets(
    reader: Reader,
    currency: str,
    basis: Basis,
    found: Sequence[tuple[TradingAccount, Aging]],
    unknown: Sequence[tuple[TradingAccount, Unknown]],
    provenance: Provenance,
) -> Table:
    labels = bucket_labels(basis)
    columns = [
        Column(key="whose", label="Trading account"),
        *(Column(key=label, label=_column(label), align="end") for label in labels),
        Column(
            key="unapplied",
            label="Unapplied",
            align="end",
            help="credits and payments that settle nothing yet",
        ),
        Column(key="balance", label="Balance", align="end"),
    ]
    rows: list[dict[str, Value]] = [
        {"whose": _name(trading_account), **_leading(reader, trading_account, aging)}
        for trading_account, aging in found
    ]
    for trading_account, reason in unknown:
        row: dict[str, Value] = dict.fromkeys((*labels, "unapplied", "balance"), reason)
        rows.append({"whose": _name(trading_account), **row})
    total: dict[str, Value] | None = None
    if len(found) > 1:
        label = "Total" if not unknown else "Total of what is known"
        total = {"whose": label, **_figures(total_aging([aging for _, aging in found]))}
    return Table(
        title=f"Aging {_BY[basis]}, {currency}",
        columns=columns,
        rows=rows,
        total=total,
        id=f"aging-{currency}",
        provenance=provenance,
    )


def _leading(reader: Reader, trading_account: TradingAccount, aging: Aging) -> dict[str, Value]:
    """Let each bucket lead to the documents in it."""
    here = {"as_of": aging.as_of.isoformat(), "basis": aging.basis}
    if reader.several:
        here["trading_account"] = trading_account.ref
    find = f"documents-{aging.currency}.find"
    figures = _figures(aging)
    return figures | {
        key: Drill(money, _HERE, here | {find: key})
        for key in (*aging.labels, "unapplied")
        if isinstance(money := figures[key], Money) and money
    }


def _figures(aging: Aging) -> dict[str, Value]:
    return {
        **dict(zip(aging.labels, aging.buckets, strict=True)),
        "unapplied": aging.unapplied,
        "balance": aging.balance,
    }


def _name(trading_account: TradingAccount) -> str:
    return f"{trading_account.ref} {trading_account.name}"


def _column(label: str) -> str:
    return "Current" if label == "current" else f"{label[0].upper()}{label[1:]} days"
