"""Payments that fit invoices: credits first, the rest paid, in the order of the days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import cast

from attrs import define

from crossdock_mocks.datasets.importing.draft import Draft, Record

__all__ = ["balances", "settle"]


@define
class _Credit:
    id: str
    invoice_id: str | None
    day: date
    left: Decimal


def settle(draft: Draft, pays_on: Callable[[Record], date], prefix: str) -> tuple[int, int]:
    """Pay every invoice on its day, as far as the as-of day has come.

    What a customer has in credit notes by then is set against the invoice first: the one that
    credits this invoice, else the oldest. Credits that no later invoice took stay unapplied.

    Returns:
        How many payments and applications were made.
    """
    totals = draft.totals("invoice")
    credited = draft.totals("credit_note")
    notes: dict[object, list[_Credit]] = defaultdict(list)
    for row in sorted(draft.records("credit_notes"), key=lambda one: str(one["issued_on"])):
        identity = str(row["id"])
        day, amount = cast("date", row["issued_on"]), credited.get(identity, Decimal(0))
        linked = cast("str | None", row.get("invoice_id"))
        notes[row["customer_id"]].append(_Credit(identity, linked, day, amount))
    planned = sorted(
        (pays_on(invoice), str(invoice["id"]), invoice) for invoice in draft.records("invoices")
    )
    payments = applications = 0
    for day, identity, invoice in planned:
        open_amount = totals.get(identity, Decimal(0))
        if day > draft.as_of or open_amount <= 0:
            continue
        own = [note for note in notes[invoice["customer_id"]] if note.left > 0 and note.day <= day]
        own.sort(key=lambda note: (note.invoice_id != identity, note.day))
        for note in own:
            amount = min(note.left, open_amount)
            if amount > 0:
                note.left -= amount
                open_amount -= amount
                applications += 1
                _apply(draft, identity, day, amount, credit_note_id=note.id)
        if open_amount > 0:
            payments += 1
            applications += 1
            payment = f"{prefix}{100000 + payments}"
            draft.add(
                "payments",
                {
                    "id": payment,
                    "customer_id": invoice["customer_id"],
                    "received_on": day,
                    "currency": invoice["currency"],
                    "amount": open_amount,
                    "method": "transfer",
                    "reference": identity,
                },
            )
            _apply(draft, identity, day, open_amount, payment_id=payment)
    return payments, applications


def _apply(draft: Draft, invoice: str, day: date, amount: Decimal, **by: str) -> None:
    draft.add(
        "payment_applications",
        {"invoice_id": invoice, "applied_on": day, "amount": amount, **by},
    )


def balances(draft: Draft) -> dict[object, Decimal]:
    """What each customer owes: invoices less credit notes and payments."""
    owed: dict[object, Decimal] = defaultdict(Decimal)
    for head, sign in (("invoice", 1), ("credit_note", -1)):
        totals = draft.totals(head)
        for row in draft.records(f"{head}s"):
            owed[row["customer_id"]] += sign * totals.get(str(row["id"]), Decimal(0))
    for payment in draft.records("payments"):
        owed[payment["customer_id"]] -= cast("Decimal", payment["amount"])
    return owed
