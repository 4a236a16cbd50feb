"""Postings: orders shipped and invoiced, invoices and credit memos entered into the books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.dialects.business_central import ledger
from crossdock_mocks.dialects.business_central.documents import (
    CREDIT_MEMO,
    INVOICE,
    ORDER,
    SHIPMENT_SERIES,
    Document,
    check_blocked,
    copy_lines,
    due_date,
    headers,
    is_posted,
    lines_of,
    posted_series,
)
from crossdock_mocks.dialects.business_central.errors import dialog
from crossdock_mocks.dialects.business_central.model import entity
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.totals import spread, write_amounts

_NOTHING: Final = (
    "There is nothing to post because the document does not contain a quantity or amount"
)


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


def _parties(records: Records, document: Row) -> tuple[Row, Row]:
    customer = records.get("customers", document["customerId"])
    bill_to = records.get("customers", document["billToCustomerId"])
    if customer is None or bill_to is None:
        raise dialog("The sell-to customer cannot be found")
    return customer, bill_to


# Orders


def ship_and_invoice(records: Records, order: Row) -> Row | None:
    """Ship and invoice what an order's lines say is next.

    The order goes when all of it is invoiced; a shipment and a posted invoice appear.

    Returns:
        The posted invoice; None where there was nothing to invoice.

    Raises:
        Problem: There is nothing to post, a customer is blocked, or more is to be invoiced than
            is shipped.
    """
    lines = check_content(records, ORDER, order)
    parts = item_lines(lines)
    to_ship = {line["id"]: Decimal(line["shipQuantity"]) for line in parts}
    to_invoice = {line["id"]: Decimal(line["invoiceQuantity"]) for line in parts}
    if not any(to_ship.values()) and not any(to_invoice.values()):
        raise dialog(_NOTHING)
    for party in _parties(records, order):
        check_blocked(party, ORDER, shipping=any(to_ship.values()), posting=True)
    for line in parts:
        shipped = Decimal(line["shippedQuantity"]) + to_ship[line["id"]]
        if Decimal(line["invoicedQuantity"]) + to_invoice[line["id"]] > shipped:
            raise dialog(
                f"You cannot invoice order line {line['sequence']} for more than is shipped"
            )
    if not order["partialShipping"] and any(
        Decimal(line["shippedQuantity"]) + to_ship[line["id"]] < Decimal(line["quantity"])
        for line in parts
    ):
        raise dialog(
            f"This order must be a complete shipment: Sales Order {order['number']} is not to be "
            "shipped in part"
        )
    if any(to_ship.values()):
        _ship(records, order, lines, to_ship)
    invoice = _invoice(records, order, lines, to_invoice) if any(to_invoice.values()) else None
    _settle_order(records, order, parts, to_ship, to_invoice)
    return invoice


def _ship(
    records: Records, order: Row, lines: Sequence[Row], to_ship: Mapping[str, Decimal]
) -> None:
    shipment = records.insert(
        "salesShipments",
        {
            **headers(order, _SHIPMENT, {}),
            "number": records.next_number(*SHIPMENT_SERIES, "salesShipments"),
            "orderNumber": order["number"],
            "invoiceDate": records.today,
            "postingDate": records.today,
            "dueDate": due_date(records, order["paymentTermsId"], records.today),
            "paymentTermsCode": _code(records, "paymentTerms", order["paymentTermsId"]),
            "shipmentMethodCode": _code(records, "shipmentMethods", order["shipmentMethodId"]),
        },
    )
    for line in lines:
        quantity = to_ship.get(line["id"], ZERO)
        if line["lineType"] != "Comment" and not quantity:
            continue
        records.insert(
            "salesShipmentLines",
            {
                **{n: line[n] for n in entity("salesShipmentLines").properties if n in line},
                "id": NO_GUID,
                "documentId": shipment["id"],
                "documentNo": shipment["number"],
                "lineType": "Item" if line["lineType"] == "Item" else "_x0020_",
                "quantity": plain(quantity),
                "shipmentDate": records.today,
                "_orderLine": line["id"],
            },
        )
        move_stock(records, line, -quantity)


_SHIPMENT: Final = Document("salesShipments", "salesShipmentLines", "Shipment", "", 0, "")


def _code(records: Records, set_name: str, key: str) -> str:
    found = records.get(set_name, key)
    return "" if found is None else str(found["code"])


def _invoice(
    records: Records, order: Row, lines: Sequence[Row], to_invoice: Mapping[str, Decimal]
) -> Row:
    """A posted invoice of so much of an order's lines."""
    invoice = records.insert(
        INVOICE.set,
        {
            **headers(order, INVOICE, {}),
            "number": _posted_number(records, INVOICE),
            "invoiceDate": records.today,
            "postingDate": records.today,
            "dueDate": due_date(records, order["paymentTermsId"], records.today),
            "orderId": order["id"],
            "orderNumber": order["number"],
            "discountAmount": plain(_share_of_discount(records, order, lines, to_invoice)),
            "status": "Open",
            "_posted": True,
        },
    )
    for line in lines:
        quantity = to_invoice.get(line["id"], ZERO)
        if line["lineType"] != "Comment" and not quantity:
            continue
        part = dict(line)
        fixed = line.get("_discountAmount")
        if fixed is not None:
            places = records.places(order["currencyCode"])
            part["_discountAmount"] = plain(
                _share(Decimal(fixed), quantity, Decimal(line["quantity"]), places)
            )
        copy_lines(records, [part], INVOICE, invoice, quantity=plain(quantity),
                   shipmentDate=records.today)  # fmt: skip
    return _book_invoice(records, invoice)


def _share(amount: Decimal, part: Decimal, whole: Decimal, places: int) -> Decimal:
    return spread(amount, [part, whole - part], places)[0] if whole else ZERO


def _share_of_discount(
    records: Records, order: Row, lines: Sequence[Row], to_invoice: Mapping[str, Decimal]
) -> Decimal:
    """How much of an order's discount belongs to what is invoiced of it now."""
    places = records.places(order["currencyCode"])
    return sum(
        (
            _share(
                Decimal(line["invoiceDiscountAllocation"]), to_invoice[line["id"]],
                Decimal(line["quantity"]), places,
            )
            for line in item_lines(lines)
        ),
        ZERO,
    )  # fmt: skip


def _settle_order(
    records: Records,
    order: Row,
    parts: Sequence[Row],
    shipped: Mapping[str, Decimal],
    invoiced: Mapping[str, Decimal],
) -> None:
    """Note what was shipped and invoiced of an order; one that is all invoiced goes."""
    for line in parts:
        ordered = Decimal(line["quantity"])
        done_ship = Decimal(line["shippedQuantity"]) + shipped[line["id"]]
        done_bill = Decimal(line["invoicedQuantity"]) + invoiced[line["id"]]
        line.update(
            shippedQuantity=plain(done_ship), invoicedQuantity=plain(done_bill),
            shipQuantity=plain(ordered - done_ship), invoiceQuantity=plain(ordered - done_bill),
            _shipped=bool(done_ship),
        )  # fmt: skip
    if all(line["quantity"] == line["invoicedQuantity"] for line in parts):
        for line in lines_of(records, ORDER, order):
            records.delete(ORDER.lines, line)
        records.delete(ORDER.set, order)
        return
    for line in parts:
        records.replace(ORDER.lines, line)
    order["status"] = "Open"
    order["fullyShipped"] = all(line["quantity"] == line["shippedQuantity"] for line in parts)
    records.replace(ORDER.set, order)


# Invoices and credit memos


def _posted_number(records: Records, kind: Document) -> str:
    return records.next_number(posted_series(kind), kind.posted_prefix, kind.posted_start, kind.set)


def post_invoice(records: Records, invoice: Row) -> Row:
    """Post a draft of an invoice: its id stays, its number is one of the posted series.

    Raises:
        Problem: It is posted already, has nothing to post, or a customer is blocked.
    """
    _draft(invoice, "invoice")
    lines = check_content(records, INVOICE, invoice)
    for party in _parties(records, invoice):
        check_blocked(party, INVOICE, shipping=True, posting=True)
    for line in item_lines(lines):
        move_stock(records, line, -Decimal(line["quantity"]))
    invoice["_draftNumber"] = invoice["number"]
    invoice["number"] = _posted_number(records, INVOICE)
    invoice["status"], invoice["_posted"] = "Open", True
    return _book_invoice(records, invoice)


def _draft(document: Row, title: str) -> None:
    if is_posted(document):
        raise dialog(f"The action can be applied to a draft {title} only")


def _posted(document: Row, title: str) -> None:
    if not is_posted(document):
        raise dialog(f"The action can be applied to a posted {title} only")


def _book_invoice(records: Records, invoice: Row) -> Row:
    """Write an invoice's amounts and enter it into the ledger."""
    _amounts(records, INVOICE, invoice)
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


def _amounts(records: Records, kind: Document, document: Row) -> None:
    lines = lines_of(records, kind, document)
    write_amounts(records, document, lines, [Decimal(line["quantity"]) for line in lines])
    for line in lines:
        records.replace(kind.lines, line)


def post_credit_memo(records: Records, memo: Row, status: str = "Open") -> Row:
    """Post a draft of a credit memo; one of an invoice settles that as far as it goes.

    Raises:
        Problem: It is posted already, has nothing to post, or the customer is blocked.
    """
    _draft(memo, "credit memo")
    lines = check_content(records, CREDIT_MEMO, memo)
    for party in _parties(records, memo):
        check_blocked(party, CREDIT_MEMO, posting=True)
    for line in item_lines(lines):
        move_stock(records, line, Decimal(line["quantity"]))
    memo["_draftNumber"] = memo["number"]
    memo["number"] = _posted_number(records, CREDIT_MEMO)
    memo["status"], memo["_posted"] = status, True
    _amounts(records, CREDIT_MEMO, memo)
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


# Corrections


def draft_credit_memo(records: Records, invoice: Row) -> Row:
    """A draft of a credit memo over all of a posted invoice.

    Raises:
        Problem: The invoice is not posted, or was cancelled.
    """
    _posted(invoice, "invoice")
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
    _amounts(records, CREDIT_MEMO, memo)
    return records.replace(CREDIT_MEMO.set, memo)


def cancel_invoice(records: Records, invoice: Row) -> Row:
    """Cancel a posted invoice by a posted credit memo over all of it.

    Raises:
        Problem: It is not posted, was cancelled, or is paid or credited in part.
    """
    _posted(invoice, "invoice")
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
    _posted(memo, "credit memo")
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
            "number": _posted_number(records, INVOICE),
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
    _book_invoice(records, invoice)
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
