"""Bound actions: what can be done with a record besides changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from crossdock_mocks.dialects.business_central.corrections import (
    cancel_credit_memo,
    cancel_invoice,
    draft_credit_memo,
)
from crossdock_mocks.dialects.business_central.errors import dialog
from crossdock_mocks.dialects.business_central.order_posting import (
    ship_and_invoice,
)
from crossdock_mocks.dialects.business_central.parties import (
    check_blocked,
    due_date,
)
from crossdock_mocks.dialects.business_central.payments import post_journal
from crossdock_mocks.dialects.business_central.posting import (
    check_content,
    post_credit_memo,
    post_invoice,
)
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.sales_kinds import (
    CREDIT_MEMO,
    INVOICE,
    ORDER,
    QUOTE,
    Document,
    copy_lines,
    headers,
    is_posted,
    lines_of,
)
from crossdock_mocks.dialects.business_central.totals import total

Made: TypeAlias = tuple[str, str] | None
"""Entity set and id of what came of an action, for `Location`."""

Action: TypeAlias = Callable[[Records, Row], Made]


def _convert(records: Records, quote: Row, kind: Document) -> Row:
    """Make an order or an invoice of a quote, which goes."""
    for party in (quote["customerId"], quote["billToCustomerId"]):
        customer = records.get("customers", party)
        if customer is None:
            raise dialog("The sell-to customer cannot be found")
        check_blocked(customer, kind)
    lines = lines_of(records, QUOTE, quote)
    values = headers(quote, kind, {kind.day: records.today, "postingDate": records.today})
    values["number"] = records.next_number(f"{kind.set}.number", kind.prefix, kind.start, kind.set)
    values["status"] = "Draft"
    if kind is ORDER:
        values.update(partialShipping=True)
    else:
        values["dueDate"] = due_date(records, quote["paymentTermsId"], records.today)
    made = records.insert(kind.set, values)
    for line in lines:
        more = {} if kind is not ORDER else {
            "shipQuantity": line["quantity"], "invoiceQuantity": line["quantity"]
        }  # fmt: skip
        copy_lines(records, [line], kind, made, **more)
        records.delete(QUOTE.lines, line)
    records.delete(QUOTE.set, quote)
    return total(records, kind, made)


def _make_order(records: Records, quote: Row) -> Made:
    return ORDER.set, _convert(records, quote, ORDER)["id"]


def _make_invoice(records: Records, quote: Row) -> Made:
    return INVOICE.set, _convert(records, quote, INVOICE)["id"]


def _check_mail(records: Records, document: Row) -> None:
    customer = records.get("customers", document["customerId"])
    if not document.get("email") and (customer is None or not customer["email"]):
        raise dialog(
            "The send-to email is empty. Specify email either for the customer or for the "
            "document in email preview"
        )


def _send_quote(records: Records, quote: Row) -> Made:
    check_content(records, QUOTE, quote)
    _check_mail(records, quote)
    quote["status"], quote["sentDate"] = "Sent", records.now
    records.replace(QUOTE.set, quote)
    return QUOTE.set, quote["id"]


def _send(kind: Document) -> Action:
    def send(records: Records, document: Row) -> Made:
        if not is_posted(document):
            check_content(records, kind, document)
        _check_mail(records, document)
        return kind.set, document["id"]

    return send


def _both(first: Callable[[Records, Row], Row], kind: Document) -> Action:
    """Post or cancel a document, and send it."""

    def both(records: Records, document: Row) -> Made:
        _check_mail(records, document)
        return kind.set, first(records, document)["id"]

    return both


def _done(action: Callable[[Records, Row], Row], set_name: str) -> Action:
    return lambda records, row: (set_name, action(records, row)["id"])


def _ship_and_invoice(records: Records, order: Row) -> Made:
    invoice = ship_and_invoice(records, order)
    return None if invoice is None else (INVOICE.set, invoice["id"])


def _post_journal(records: Records, journal: Row) -> Made:
    post_journal(records, journal)
    return "journals", journal["id"]


ACTIONS: Final[Mapping[tuple[str, str], Action]] = {
    ("salesQuotes", "makeOrder"): _make_order,
    ("salesQuotes", "makeInvoice"): _make_invoice,
    ("salesQuotes", "send"): _send_quote,
    ("salesOrders", "shipAndInvoice"): _ship_and_invoice,
    ("salesInvoices", "post"): _done(post_invoice, INVOICE.set),
    ("salesInvoices", "postAndSend"): _both(post_invoice, INVOICE),
    ("salesInvoices", "send"): _send(INVOICE),
    ("salesInvoices", "cancel"): _done(cancel_invoice, INVOICE.set),
    ("salesInvoices", "cancelAndSend"): _both(cancel_invoice, INVOICE),
    ("salesInvoices", "makeCorrectiveCreditMemo"): _done(draft_credit_memo, CREDIT_MEMO.set),
    ("salesCreditMemos", "post"): _done(post_credit_memo, CREDIT_MEMO.set),
    ("salesCreditMemos", "postAndSend"): _both(post_credit_memo, CREDIT_MEMO),
    ("salesCreditMemos", "send"): _send(CREDIT_MEMO),
    ("salesCreditMemos", "cancel"): _done(cancel_credit_memo, CREDIT_MEMO.set),
    ("salesCreditMemos", "cancelAndSend"): _both(cancel_credit_memo, CREDIT_MEMO),
    ("journals", "post"): _post_journal,
}
"""Actions by entity set and name."""
