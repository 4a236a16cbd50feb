"""What the account may still buy on credit, and what its exposure is made of (A5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from crossdock import (
    Badge,
    Column,
    Component,
    Context,
    Fields,
    Metric,
    Metrics,
    Money,
    Notice,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, CreditStatus, TradingAccount
from crossdock.rules import NEAR, CreditAssessment, CreditState, assess, credit_in_words

from .sources import NOT_VISIBLE, Reader

_STATES: Final[Mapping[CreditState, Badge]] = {
    "on_hold": Badge("on hold", "bad"),
    "over_limit": Badge("over the limit", "bad"),
    "near_limit": Badge("near the limit", "warning"),
    "within": Badge("within the limit", "good"),
    "unlimited": Badge("no limit", "info"),
    "not_told": Badge("no limit kept", "neutral"),
    "not_visible": Badge("not visible to you", "neutral"),
}
_NOT_TOLD: Final = Unknown("the ERP does not tell")


def credit_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show limit, exposure and what is left, for each trading account."""
    reader = Reader(ctx, account, params)
    reader.ahead(*reader.of_each("the credit status", ctx.erp.credit))
    sections: list[Component] = []
    for trading_account in reader.trading_accounts:
        status = credit_of(reader, trading_account)
        if not isinstance(status, Unknown):
            sections += _section(reader, trading_account, status)
    return View([*reader.notices, *sections])


def credit_of(reader: Reader, trading_account: TradingAccount) -> CreditStatus | Unknown:
    """Read one trading account's credit status."""
    erp = reader.ctx.erp
    return reader.read("the credit status", trading_account, lambda: erp.credit(trading_account))


def credit_badge(status: CreditStatus) -> Badge:
    """Say in a word where a customer stands."""
    return _STATES[assess(status).state]


def figure(status: CreditStatus, money: Money | None) -> Value:
    """Give an amount, or say that it may not be seen, or that the ERP does not know it."""
    if money is not None:
        return money
    # Who may not see figures sees none of them.
    return NOT_VISIBLE if status.balance is None else _NOT_TOLD


def limit(status: CreditStatus) -> Value:
    """Give the limit, or say that there is none; a masked one is neither."""
    return "Unlimited" if status.unlimited else figure(status, status.limit)


def available(status: CreditStatus, found: CreditAssessment) -> Value:
    """Give what is left; without a limit there is no such figure."""
    if status.unlimited:
        return "Unlimited"
    left = status.available if status.available is not None else found.headroom
    return figure(status, left)


def _section(
    reader: Reader, trading_account: TradingAccount, status: CreditStatus
) -> Iterator[Component]:
    found = assess(status)
    provenance = reader.provenance([trading_account])
    badge = _STATES[found.state]
    whose = reader.whose(trading_account)
    if found.state in ("on_hold", "over_limit", "near_limit") or found.past_due:
        yield Notice(text=credit_in_words(status), tone="bad" if badge.tone == "bad" else "warning")
    over = found.headroom is not None and found.headroom.amount < 0
    yield Metrics(
        title=f"{trading_account.name}, {status.currency}",
        metrics=[
            Metric(label="Standing", value=badge, tone=badge.tone),
            Metric(label="Credit limit", value=limit(status)),
            Metric(
                label="Exposure",
                value=figure(status, status.exposure),
                tone=badge.tone if found.used is not None and found.used >= NEAR else "neutral",
                help="" if found.used is None else f"{found.used:.0%} of the limit",
            ),
            Metric(
                label="Available",
                value=available(status, found),
                tone="bad" if over else "neutral",
            ),
            Metric(
                label="Past due",
                value=figure(status, status.past_due),
                tone="bad" if found.past_due else "neutral",
            ),
        ],
        provenance=provenance,
    )
    parts = [
        ("Balance of the ledger", status.balance),
        ("Shipped, not invoiced", status.shipped_not_invoiced),
        ("Open orders", status.open_orders),
    ]
    if status.returns_not_credited:
        parts.append(("Returned, not credited", -status.returns_not_credited))
    yield Table(
        title=f"What the exposure{whose} is made of",
        columns=[
            Column(key="part", label="Part"),
            Column(key="amount", label="Amount, tax included", align="end"),
        ],
        rows=[{"part": part, "amount": figure(status, amount)} for part, amount in parts],
        total={"part": "Exposure", "amount": figure(status, status.exposure)},
        provenance=provenance,
    )
    yield Fields(
        title=f"Terms{whose}",
        items=[
            ("Trading account", trading_account.ref),
            ("Payment terms", _terms(status, trading_account)),
            ("Hold", _hold(status)),
            ("Bill to", trading_account.bill_to_id or trading_account.id),
        ],
        provenance=provenance,
    )


def _terms(status: CreditStatus, trading_account: TradingAccount) -> Value:
    days = trading_account.terms_days if status.terms_days is None else status.terms_days
    if days is None:
        return Unknown("the ERP does not say")
    return f"{days} days net" if days else "due at once"


def _hold(status: CreditStatus) -> Value:
    if not status.on_hold:
        return Badge("none", "good")
    return Badge(f"on hold: {status.hold_reason}" if status.hold_reason else "on hold", "bad")
