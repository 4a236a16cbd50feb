"""Corrections: posted invoices and credit memos taken back by another document."""

from __future__ import annotations

from decimal import Decimal

from crossdock_mocks.dialects.business_central import ledger
from crossdock_mocks.dialects.business_central.errors import dialog
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.posting import (
    book_amounts,
    book_invoice,
    check_posted,
    item_lines,
    move_stock,
    post_credit_memo,
    posted_number,
)
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.sales_kinds import (
    CREDIT_MEMO,
    INVOICE,
    copy_lines,
    headers,
    lines_of,
)


def draft_credit_memo(records: Records, invoice: Row) -> Row:
    """A draft of a credit memo over all of a posted invoice.

    Raises:
        Problem: The invoice is not posted, or was cancelled.
    """
    check_posted(invoice, "invoice")
    if invoice["status"] == "Canceled":
        raise dialog("The invoice cannot be canceled because it has already been canceled")
    memo = records.insert(
        CREDIT_MEMO.set,
        {
            **headers(invoice, CREDIT_MEMO, {}),
            "number": records.next_number(
                f"{CREDIT_MEMO.set}.number", CREDIT_MEMO.prefix, CREDIT_MEMO.start, CREDIT_MEMO.set
            ),
            "creditMemoDate": records.today,
            "postingDate": records.today,
            "dueDate": records.today,
            "invoiceId": invoice["id"],
            "invoiceNumber": invoice["number"],
            "status": "Draft",
        },
    )
    copy_lines(records, lines_of(records, INVOICE, invoice), CREDIT_MEMO, memo)
    book_amounts(records, CREDIT_MEMO, memo)
    return records.replace(CREDIT_MEMO.set, memo)


def cancel_invoice(records: Records, invoice: Row) -> Row:
    """Cancel a posted invoice by a posted credit memo over all of it.

    Raises:
        Problem: It is not posted, was cancelled, or is paid or credited in part.
    """
    check_posted(invoice, "invoice")
    if invoice["status"] == "Canceled":
        raise dialog("The invoice cannot be canceled because it has already been canceled")
    if Decimal(invoice["remainingAmount"]) != Decimal(invoice["totalAmountIncludingTax"]):
        raise dialog(
            "You cannot correct this posted sales invoice because it is fully or partially paid"
        )
    memo = draft_credit_memo(records, invoice)
    post_credit_memo(records, memo, "Corrective")
    invoice = records.get(INVOICE.set, invoice["id"]) or invoice
    invoice["status"], invoice["remainingAmount"] = "Canceled", "0"
    return records.replace(INVOICE.set, invoice)


def cancel_credit_memo(records: Records, memo: Row) -> Row:
    """Cancel a posted credit memo by an invoice over all of it; what it settled is open again.

    Raises:
        Problem: It is not posted, was cancelled, or is not that of an invoice.
    """
    check_posted(memo, "credit memo")
    if memo["status"] == "Canceled":
        raise dialog("The credit memo cannot be canceled because it has already been canceled")
    if memo["invoiceId"] == NO_GUID:
        raise dialog("You cannot cancel this posted sales credit memo because it is not corrective")
    entry = ledger.of_document(records, memo["id"])
    if entry is None:
        raise LookupError(f"credit memo {memo['number']} has no ledger entry")
    ledger.unapply(records, entry)
    invoice = records.insert(
        INVOICE.set,
        {
            **headers(memo, INVOICE, {}),
            "number": posted_number(records, INVOICE),
            "invoiceDate": records.today,
            "postingDate": records.today,
            "dueDate": records.today,
            "status": "Corrective",
            "_posted": True,
        },
    )
    lines = lines_of(records, CREDIT_MEMO, memo)
    copy_lines(records, lines, INVOICE, invoice)
    for line in item_lines(lines):
        move_stock(records, line, -Decimal(line["quantity"]))
    book_invoice(records, invoice)
    debit = ledger.of_document(records, invoice["id"])
    if debit is None:
        raise LookupError(f"invoice {invoice['number']} has no ledger entry")
    ledger.apply(records, debit, entry)
    original = records.get(INVOICE.set, memo["invoiceId"])
    if original is not None and original["status"] == "Canceled":
        original["status"] = "Open"
        original["remainingAmount"] = original["totalAmountIncludingTax"]
        records.replace(INVOICE.set, original)
    ledger.refresh_customer(records, memo["billToCustomerId"])
    memo = records.get(CREDIT_MEMO.set, memo["id"]) or memo
    memo["status"] = "Canceled"
    return records.replace(CREDIT_MEMO.set, memo)
