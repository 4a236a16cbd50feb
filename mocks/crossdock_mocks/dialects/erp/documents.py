"""Orders, shipments, invoices, credit notes, payments, returns and changes on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from crossdock_mocks.backoffice.billing import bill
from crossdock_mocks.backoffice.books import Books, Document
from crossdock_mocks.backoffice.crediting import credit
from crossdock_mocks.backoffice.fulfilment import pick, ship
from crossdock_mocks.backoffice.goods_returns import take_back
from crossdock_mocks.backoffice.invoice_paper import print_invoice, send_invoice
from crossdock_mocks.backoffice.kinds import (
    CHANGES,
    CREDIT_NOTE,
    INVOICE,
    ORDER,
    PAYMENT,
    RETURN,
    SHIPMENT,
    Kind,
)
from crossdock_mocks.backoffice.order_changes import change_order
from crossdock_mocks.backoffice.order_decisions import approve, cancel, hold, reject, release
from crossdock_mocks.backoffice.order_entry import enter_order
from crossdock_mocks.backoffice.payments import apply_later, pay
from crossdock_mocks.dialects.erp.idempotency import creating
from crossdock_mocks.dialects.erp.wire import (
    Action,
    behaviour,
    expected_version,
    on_days,
    page,
    reply,
    sorted_by,
    wanted,
)
from crossdock_mocks.engine import Behaviour, Call, Problem, Reply, Violation, gt


def _body(call: Call) -> Mapping[str, Any]:
    """The body; an empty one where it was left out."""
    return call.body if call.body is not None else {}


def _one(kind: Kind, parameter: str) -> Behaviour:
    """Answer with one document."""
    return behaviour(lambda books, call: reply(books, books.get(kind, call.path[parameter])))


def _list(kind: Kind, day: str, first: str, last: str, *names: str) -> Behaviour:
    """Answer with a page of documents by their date."""

    def listed(_: Books, call: Call) -> Reply:
        where = wanted(call, *names)
        days = on_days(call, first, last)
        if days is not None:
            where[day] = days
        return page(call, kind.table, where, sorted_by(call, day), kind.lines_table or "")

    return behaviour(listed)


# Orders


def _enter(books: Books, call: Call) -> Reply:
    order = enter_order(books, call.body)
    books.flush()
    return reply(books, order, 201, "/sales-orders")


def _change(books: Books, call: Call) -> Reply:
    order = _order(books, call)
    change_order(books, order, call.body)
    books.flush()
    return reply(books, order)


def _order(books: Books, call: Call) -> Document:
    order = books.get(ORDER, call.path["orderId"])
    books.expect(order, expected_version(call))
    return order


def _decide(decision: Callable[[Books, Document, Any], None], told: str = "note") -> Action:
    """Carry out a decision about an order."""

    def decided(books: Books, call: Call) -> Reply:
        order = _order(books, call)
        decision(books, order, _body(call).get(told))
        books.flush()
        return reply(books, order)

    return decided


def _pick(books: Books, call: Call) -> Reply:
    order = _order(books, call)
    pick(books, order, _body(call))
    books.flush()
    return reply(books, order)


def _ship(books: Books, call: Call) -> Reply:
    shipment = ship(books, _order(books, call), _body(call))
    books.flush()
    return reply(books, shipment, 201, "/shipments")


def _bill(books: Books, call: Call) -> Reply:
    invoice = bill(books, _order(books, call), _body(call))
    books.flush()
    return reply(books, invoice, 201, "/invoices")


def _print(books: Books, call: Call) -> Reply:
    made = print_invoice(books, books.get(INVOICE, call.path["invoiceId"]))
    return Reply(200, made, {"content-type": "application/pdf"})


def _send(books: Books, call: Call) -> Reply:
    invoice = books.get(INVOICE, call.path["invoiceId"])
    return Reply(202, send_invoice(books, invoice, _body(call).get("to")))


# Credit notes, payments, returns


def _credit(books: Books, call: Call) -> Reply:
    note = credit(books, call.body)
    books.flush()
    return reply(books, note, 201, "/credit-notes")


def _pay(books: Books, call: Call) -> Reply:
    payment = pay(books, call.body)
    books.flush()
    return reply(books, payment, 201, "/payments")


def _apply(kind: Kind, parameter: str) -> Behaviour:
    """Apply what is left of a payment or credit note."""

    def applied(books: Books, call: Call) -> Reply:
        means = books.get(kind, call.path[parameter])
        apply_later(books, means, call.body)
        books.flush()
        return reply(books, means)

    return creating(applied)


def _take_back(books: Books, call: Call) -> Reply:
    returned = take_back(books, call.body)
    books.flush()
    return reply(books, returned, 201, "/returns")


# Changes


def _changes(_: Books, call: Call) -> Reply:
    """Entries behind a cursor, which is the sequence of the last one seen."""
    since = call.query.get("since", "0")
    if not (since.isascii() and since.isdigit()) or len(since) > 18:
        told = Violation("/since", "is no cursor of this feed", "a `next`", since, "query")
        raise Problem(400, "invalid_cursor", "The cursor is not valid", errors=[told])
    table, limit = call.world.table(CHANGES), call.query["limit"]
    where = {"sequence": gt(int(since)), **wanted(call, "entity")}
    found = table.find(where, "sequence", limit=limit)
    if len(found) == limit:
        seen = found[-1]["sequence"]
    else:
        # All there is was looked at, so what other entities have in between is behind us too.
        latest = table.first(order="-sequence")
        seen = max(int(since), 0 if latest is None else latest["sequence"])
    return Reply(200, {"items": found, "next": str(seen)})


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "listSalesOrders": _list(
        ORDER, "orderedOn", "orderedFrom", "orderedTo",
        "customerId", "status", "open", "externalReference", "customerReference",
    ),
    "createSalesOrder": creating(_enter),
    "getSalesOrder": _one(ORDER, "orderId"),
    "changeSalesOrder": behaviour(_change),
    "approveSalesOrder": behaviour(_decide(approve)),
    "rejectSalesOrder": behaviour(_decide(reject)),
    "holdSalesOrder": behaviour(_decide(hold, "reason")),
    "releaseSalesOrder": behaviour(_decide(release)),
    "cancelSalesOrder": behaviour(_decide(cancel)),
    "pickSalesOrder": behaviour(_pick),
    "createShipment": creating(_ship),
    "createInvoice": creating(_bill),
    "listShipments": _list(
        SHIPMENT, "shippedOn", "shippedFrom", "shippedTo", "customerId", "orderId"
    ),
    "getShipment": _one(SHIPMENT, "shipmentId"),
    "listInvoices": _list(
        INVOICE, "issuedOn", "issuedFrom", "issuedTo", "customerId", "orderId", "open"
    ),
    "getInvoice": _one(INVOICE, "invoiceId"),
    "printInvoice": behaviour(_print),
    "sendInvoice": behaviour(_send),
    "listCreditNotes": _list(
        CREDIT_NOTE, "issuedOn", "issuedFrom", "issuedTo",
        "customerId", "orderId", "invoiceId", "open",
    ),
    "createCreditNote": creating(_credit),
    "getCreditNote": _one(CREDIT_NOTE, "creditNoteId"),
    "applyCreditNote": _apply(CREDIT_NOTE, "creditNoteId"),
    "listPayments": _list(
        PAYMENT, "receivedOn", "receivedFrom", "receivedTo", "customerId", "open"
    ),
    "createPayment": creating(_pay),
    "getPayment": _one(PAYMENT, "paymentId"),
    "applyPayment": _apply(PAYMENT, "paymentId"),
    "listReturns": _list(RETURN, "receivedOn", "", "", "customerId", "orderId"),
    "createReturn": creating(_take_back),
    "getReturn": _one(RETURN, "returnId"),
    "listChanges": behaviour(_changes),
}  # fmt: skip
"""Behaviour of each operation on documents, by operation id."""
