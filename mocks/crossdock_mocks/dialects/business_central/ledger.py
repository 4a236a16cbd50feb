"""Customer ledger entries: what is open, what settles it, and the balances that follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.dialects.business_central.records import (
    HOUSEKEEPING,
    LEDGER,
    Records,
    Row,
)

INVOICE: Final = "Invoice"
CREDIT_MEMO: Final = "Credit Memo"
PAYMENT: Final = "Payment"

_PERIOD: Final = 30
_STATE: Final = "aging"


def enter(
    records: Records,
    kind: str,
    customer_id: str,
    document: Row,
    number: str,
    amount: Decimal,
    posted: str,
    due: str,
) -> Row:
    """Enter a posted document into the customer's ledger.

    Args:
        records: The world's records.
        kind: What it is: invoice, credit memo or payment.
        customer_id: The bill-to customer.
        document: The document; its id is kept.
        number: Its number.
        amount: Its amount; what the customer is owed is negative.
        posted: Posting date.
        due: Due date.
    """
    entry: Row = {
        "id": str(records.world.sequence(LEDGER)),
        "kind": kind,
        "customerId": customer_id,
        "documentId": document["id"],
        "number": number,
        "postingDate": posted,
        "dueDate": due,
        "amount": plain(amount),
        "remaining": plain(amount),
        "open": amount != ZERO,
        "applications": [],
    }
    records.table(LEDGER).insert(entry)
    return entry


def of_document(records: Records, document_id: str) -> Row | None:
    """The entry of a posted document."""
    return records.table(LEDGER).first({"documentId": document_id})


def apply(records: Records, debit: Row, credit: Row, most: Decimal | None = None) -> Decimal:
    """Settle an invoice's entry by a credit memo's or a payment's, as far as both reach.

    Args:
        records: The world's records.
        debit: Entry of what is owed.
        credit: Entry of what settles it.
        most: At most so much.

    Returns:
        How much was applied.
    """
    amount = min(Decimal(debit["remaining"]), -Decimal(credit["remaining"]))
    if most is not None:
        amount = min(amount, most)
    if amount <= ZERO:
        return ZERO
    for entry, change, other in ((debit, -amount, credit), (credit, amount, debit)):
        entry["remaining"] = plain(Decimal(entry["remaining"]) + change)
        entry["open"] = Decimal(entry["remaining"]) != ZERO
        entry["applications"].append(
            {"entry": other["id"], "amount": plain(amount), "on": records.today}
        )
        records.table(LEDGER).replace(entry)
        show_remaining(records, entry)
    return amount


def unapply(records: Records, credit: Row) -> None:
    """Take back all that an entry settled."""
    table = records.table(LEDGER)
    for application in credit["applications"]:
        debit = table.get(application["entry"])
        if debit is None:
            raise LookupError(f"no ledger entry {application['entry']}")
        debit["remaining"] = plain(Decimal(debit["remaining"]) + Decimal(application["amount"]))
        debit["open"] = True
        debit["applications"] = [
            each for each in debit["applications"] if each["entry"] != credit["id"]
        ]
        table.replace(debit)
        show_remaining(records, debit)
    credit["remaining"], credit["open"], credit["applications"] = credit["amount"], True, []
    table.replace(credit)


def show_remaining(records: Records, entry: Row) -> None:
    """Carry what is open of an entry to its invoice or credit memo."""
    open_ = Decimal(entry["remaining"]) != ZERO
    if entry["kind"] == INVOICE:
        invoice = records.get("salesInvoices", entry["documentId"])
        if invoice is not None:
            invoice["remainingAmount"] = entry["remaining"]
            if invoice["status"] in ("Open", "Paid"):
                invoice["status"] = "Open" if open_ else "Paid"
            records.replace("salesInvoices", invoice)
    elif entry["kind"] == CREDIT_MEMO:
        memo = records.get("salesCreditMemos", entry["documentId"])
        if memo is not None and memo["status"] in ("Open", "Paid"):
            memo["status"] = "Open" if open_ else "Paid"
            records.replace("salesCreditMemos", memo)


# Balances


def refresh_customer(records: Records, customer_id: str) -> None:
    """Bring a customer's balances up to date with the ledger and the day."""
    customer = records.get("customers", customer_id)
    if customer is None:
        return
    entries = records.find(LEDGER, {"customerId": customer_id})
    today = date.fromisoformat(records.today)
    balance = _total(entries)
    overdue = _total(each for each in entries if each["dueDate"] < records.today)
    buckets = [ZERO, ZERO, ZERO, ZERO]
    for each in entries:
        late = (today - date.fromisoformat(each["dueDate"])).days
        place = 0 if late <= 0 else min(3, (late - 1) // _PERIOD + 1)
        buckets[place] += Decimal(each["remaining"])
    if customer["balanceDue"] != plain(balance):
        customer["balanceDue"], customer["_quiet"] = plain(balance), True
        # A balance is computed when it is looked at: the customer itself has not changed.
        records.table("customers").replace(customer)
    _update(
        records, "customerFinancialDetails", customer_id,
        number=customer["number"], balance=plain(balance), overdueAmount=plain(overdue),
        totalSalesExcludingTax=plain(_sales(records, customer_id)),
    )  # fmt: skip
    _update(
        records, "agedAccountsReceivables", customer_id,
        customerNumber=customer["number"], name=customer["displayName"],
        currencyCode=customer["currencyCode"], balanceDue=plain(balance),
        currentAmount=plain(buckets[0]), period1Amount=plain(buckets[1]),
        period2Amount=plain(buckets[2]), period3Amount=plain(buckets[3]),
        agedAsOfDate=records.today, periodLengthFilter=f"{_PERIOD}D",
    )  # fmt: skip


def _total(entries: Iterable[Row]) -> Decimal:
    return sum((Decimal(each["remaining"]) for each in entries), ZERO)


def _sales(records: Records, customer_id: str) -> Decimal:
    """Posted sales less credit memos, without tax."""
    total = ZERO
    for set_name, sign in (("salesInvoices", 1), ("salesCreditMemos", -1)):
        for each in records.find(set_name, {"billToCustomerId": customer_id}):
            if each["status"] != "Draft":
                total += sign * Decimal(each["totalAmountExcludingTax"])
    return total


def _update(records: Records, set_name: str, key: str, **values: str) -> None:
    row = records.get(set_name, key)
    if row is not None and any(row[name] != value for name, value in values.items()):
        row.update(values)
        records.replace(set_name, row)


def catch_up(records: Records) -> None:
    """Bring what follows from the day up to date, where a new one has begun."""
    table = records.world.table(HOUSEKEEPING)
    state = table.get(_STATE)
    if state is not None and state["on"] == records.today:
        return
    if state is None:
        table.insert({"id": _STATE, "on": records.today})
    else:
        table.replace({"id": _STATE, "on": records.today})
    for row in records.find("customers"):
        refresh_customer(records, row["id"])
    for quote in records.find("salesQuotes", {"status": ["Draft", "Sent"]}):
        if "0001-01-01" < quote["validUntilDate"] < records.today:
            quote["status"] = "Expired"
            records.replace("salesQuotes", quote)
