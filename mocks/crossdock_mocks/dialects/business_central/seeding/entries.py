"""Ledger entries of a data set, what settles what, and the series of numbers behind it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.dialects.business_central.records import LEDGER, Records, Row, guid
from crossdock_mocks.dialects.business_central.sales_kinds import (
    CREDIT_MEMO,
    INVOICE,
    ORDER,
    SHIPMENT_SERIES,
    draft_series,
    posted_series,
)
from crossdock_mocks.dialects.business_central.seeding.setting import Seeding


def add_payments(seeding: Seeding) -> None:
    """Posted payments are ledger entries: no entity of the service shows them."""
    for row in seeding.source.table("payments").find():
        enter(seeding,
            "Payment", row, guid("payments", row["id"]), -Decimal(row["amount"]),
            -Decimal(row["unappliedAmount"]), row["receivedOn"], row["receivedOn"],
        )  # fmt: skip


def enter(
    seeding: Seeding,
    kind: str,
    row: Row,
    document_id: str,
    amount: Decimal,
    remaining: Decimal,
    posted: str,
    due: str,
) -> None:
    """Enter a document into its payer's ledger, with what it settles.

    Args:
        seeding: The seeding.
        kind: What it is: `Invoice`, `Credit Memo` or `Payment`.
        row: The document as the back office has it.
        document_id: Its id here.
        amount: Its amount; what the customer is owed is negative.
        remaining: What is open of it.
        posted: Posting date.
        due: Due date.
    """
    entry: Row = {
        "id": str(seeding.records.world.sequence(LEDGER)),
        "kind": kind,
        "customerId": seeding.customers[row["billToId"]]["id"],
        "documentId": document_id,
        "number": row["id"],
        "postingDate": posted,
        "dueDate": due,
        "amount": plain(amount),
        "remaining": plain(remaining),
        "open": remaining != ZERO,
        "applications": [],
    }
    seeding.entries[kind, row["id"]] = entry
    if kind == "Invoice":
        return
    for each in row["applications"]:
        debit = seeding.entries["Invoice", each["invoiceId"]]
        share = {"amount": plain(Decimal(each["amount"])), "on": each["appliedOn"]}
        debit["applications"].append({"entry": entry["id"], **share})
        entry["applications"].append({"entry": debit["id"], **share})


def show_settled(seeding: Seeding) -> None:
    """What settles an invoice or credit memo changes it, on the day of the application."""
    sets = {"Invoice": INVOICE.set, "Credit Memo": CREDIT_MEMO.set}
    for (kind, _), entry in seeding.entries.items():
        days = [each["on"] for each in entry["applications"]]
        row = seeding.records.get(sets[kind], entry["documentId"]) if kind in sets else None
        if row is not None and days:
            seeding.on(max(*days, entry["postingDate"]))
            row["lastModifiedDateTime"] = seeding.records.now
            seeding.records.table(sets[kind]).replace(row)


def reserve(seeding: Seeding, orders: Iterable[Row]) -> None:
    """Let the series go on behind what the data set uses."""
    world = seeding.records.world
    used = {
        draft_series(ORDER): [row["id"] for row in orders],
        SHIPMENT_SERIES[0]: _numbers(seeding.records, "salesShipments"),
        posted_series(INVOICE): _numbers(seeding.records, INVOICE.set),
        posted_series(CREDIT_MEMO): _numbers(seeding.records, CREDIT_MEMO.set),
        "customers": _numbers(seeding.records, "customers"),
        "contacts": _numbers(seeding.records, "contacts"),
        "payments.number": [row["id"] for row in seeding.source.table("payments").find()],
    }
    for series, numbers in used.items():
        tails = [int(text) for text in map(_tail, numbers) if text]
        if tails:
            world.reserve(series, max(tails))


def _numbers(records: Records, set_name: str) -> list[str]:
    return [row["number"] for row in records.find(set_name)]


def _tail(number: str) -> str:
    """The digits at the end of a number."""
    return number[len(number.rstrip("0123456789")) :][:15]
