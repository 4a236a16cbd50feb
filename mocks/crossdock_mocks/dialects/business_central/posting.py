"""Postings: invoices and credit memos entered into the books."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crossdock_mocks.backoffice.decimals import plain
from crossdock_mocks.dialects.business_central import ledger
from crossdock_mocks.dialects.business_central.errors import dialog
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.parties import (
    check_blocked,
)
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.sales_kinds import (
    CREDIT_MEMO,
    INVOICE,
    Document,
    is_posted,
    lines_of,
    posted_series,
)
from crossdock_mocks.dialects.business_central.totals import write_amounts


def item_lines(lines: Sequence[Row]) -> list[Row]:
    """The lines of items, comments left aside."""
    return [line for line in lines if line["lineType"] != "Comment"]


def check_content(records: Records, kind: Document, document: Row) -> list[Row]:
    """The lines of a document that is to be posted or sent.

    Raises:
        Problem: It has no line of an item, or one without a quantity.
    """
    lines = lines_of(records, kind, document)
    if not item_lines(lines):
        raise dialog("Please add at least one line item to the document")
    for line in item_lines(lines):
        if not Decimal(line["quantity"]):
            raise dialog(
                f"Specify the quantity of line {line['sequence']} of {line['lineObjectNumber']}"
            )
    return lines


def move_stock(records: Records, line: Row, quantity: Decimal) -> None:
    """Take goods out of the inventory, or put them back."""
    item = records.get("items", line["itemId"])
    if item is not None and item["type"] == "Inventory":
        item["inventory"] = plain(Decimal(item["inventory"]) + quantity)
        item["_quiet"] = True
        # As with balances: the item itself has not changed.
        records.table("items").replace(item)


def parties_of(records: Records, document: Row) -> tuple[Row, Row]:
    """Who a document is for, and who pays it.

    Raises:
        Problem: One of them is gone.
    """
    customer = records.get("customers", document["customerId"])
    bill_to = records.get("customers", document["billToCustomerId"])
    if customer is None or bill_to is None:
        raise dialog("The sell-to customer cannot be found")
    return customer, bill_to


def posted_number(records: Records, kind: Document) -> str:
    """The next number of posted documents of a kind."""
    return records.next_number(posted_series(kind), kind.posted_prefix, kind.posted_start, kind.set)


def post_invoice(records: Records, invoice: Row) -> Row:
    """Post a draft of an invoice: its id stays, its number is one of the posted series.

    Raises:
        Problem: It is posted already, has nothing to post, or a customer is blocked.
    """
    check_draft(invoice, "invoice")
    lines = check_content(records, INVOICE, invoice)
    for party in parties_of(records, invoice):
        check_blocked(party, INVOICE, shipping=True, posting=True)
    for line in item_lines(lines):
        move_stock(records, line, -Decimal(line["quantity"]))
    invoice["_draftNumber"] = invoice["number"]
    invoice["number"] = posted_number(records, INVOICE)
    invoice["status"], invoice["_posted"] = "Open", True
    return book_invoice(records, invoice)


def check_draft(document: Row, title: str) -> None:
    """See that a document is not posted yet.

    Raises:
        Problem: It is.
    """
    if is_posted(document):
        raise dialog(f"The action can be applied to a draft {title} only")


def check_posted(document: Row, title: str) -> None:
    """See that a document is posted.

    Raises:
        Problem: It is not.
    """
    if not is_posted(document):
        raise dialog(f"The action can be applied to a posted {title} only")


def book_invoice(records: Records, invoice: Row) -> Row:
    """Write an invoice's amounts and enter it into the ledger."""
    book_amounts(records, INVOICE, invoice)
    whole = Decimal(invoice["totalAmountIncludingTax"])
    if not whole:
        invoice["status"] = "Paid"
    records.replace(INVOICE.set, invoice)
    ledger.enter(
        records, ledger.INVOICE, invoice["billToCustomerId"], invoice, invoice["number"], whole,
        invoice["postingDate"], invoice["dueDate"],
    )  # fmt: skip
    ledger.refresh_customer(records, invoice["billToCustomerId"])
    return invoice


def book_amounts(records: Records, kind: Document, document: Row) -> None:
    """Write the amounts of a document and its lines, and keep the lines."""
    lines = lines_of(records, kind, document)
    write_amounts(records, document, lines, [Decimal(line["quantity"]) for line in lines])
    for line in lines:
        records.replace(kind.lines, line)


def post_credit_memo(records: Records, memo: Row, status: str = "Open") -> Row:
    """Post a draft of a credit memo; one of an invoice settles that as far as it goes.

    Raises:
        Problem: It is posted already, has nothing to post, or the customer is blocked.
    """
    check_draft(memo, "credit memo")
    lines = check_content(records, CREDIT_MEMO, memo)
    for party in parties_of(records, memo):
        check_blocked(party, CREDIT_MEMO, posting=True)
    for line in item_lines(lines):
        move_stock(records, line, Decimal(line["quantity"]))
    memo["_draftNumber"] = memo["number"]
    memo["number"] = posted_number(records, CREDIT_MEMO)
    memo["status"], memo["_posted"] = status, True
    book_amounts(records, CREDIT_MEMO, memo)
    records.replace(CREDIT_MEMO.set, memo)
    whole = Decimal(memo["totalAmountIncludingTax"])
    entry = ledger.enter(
        records, ledger.CREDIT_MEMO, memo["billToCustomerId"], memo, memo["number"], -whole,
        memo["postingDate"], max(memo["postingDate"], memo["dueDate"]),
    )  # fmt: skip
    debit = None
    if memo["invoiceId"] != NO_GUID:
        debit = ledger.of_document(records, memo["invoiceId"])
    if debit is not None:
        ledger.apply(records, debit, entry)
    elif not whole:
        ledger.show_remaining(records, entry)
    ledger.refresh_customer(records, memo["billToCustomerId"])
    return records.get(CREDIT_MEMO.set, memo["id"]) or memo
