"""Entering an order: priced, reserved, checked for credit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.credit_status import check_credit
from crossdock_mocks.backoffice.customers import NO_ADDRESS, bill_to, trading_customer
from crossdock_mocks.backoffice.decimals import plain
from crossdock_mocks.backoffice.drafts import draft_lines, not_in_the_future
from crossdock_mocks.backoffice.kinds import ORDER
from crossdock_mocks.backoffice.order_status import Quantities
from crossdock_mocks.backoffice.orders import NO_APPROVAL, source_of, write_order_amounts
from crossdock_mocks.backoffice.promises import promise_line
from crossdock_mocks.backoffice.refusals import Invalid
from crossdock_mocks.backoffice.reservation import cover


def enter_order(books: Books, asked: Mapping[str, Any]) -> Document:
    """Enter an order.

    Raises:
        Invalid: Customer or item are unknown, a line is not valid, the currency is not the
            customer's, or the company's policy refuses the order for credit.
    """
    customer = trading_customer(books, asked["customerId"], "/customerId")
    biller = bill_to(books, customer)
    _check_currency(asked, customer, biller)
    on = not_in_the_future(books, asked.get("priceOn"), "/priceOn")
    header = _header(books, asked, customer, biller)
    lines = new_lines(books, customer, asked["lines"], on, header)
    order = books.add(ORDER, header, lines)
    reserve(books, order, lines)
    quantities = [Quantities.read(line["quantities"]) for line in lines]
    write_order_amounts(books, header, lines, quantities)
    books.record(order, "entered", note=asked.get("note"))
    judge_credit(books, order, customer, Decimal(header["total"]))
    return order


def new_lines(
    books: Books,
    customer: Row,
    asked: Sequence[Mapping[str, Any]],
    on: date,
    header: Row,
    *,
    numbered: Sequence[int] = (),
    pointer: str = "/lines",
) -> list[Row]:
    """Order lines as they are asked for, priced, with nothing reserved yet."""
    drafted = draft_lines(books, customer, asked, on, numbered=numbered, pointer=pointer)
    lines = []
    for (line, _, quantity), each in zip(drafted, asked, strict=True):
        requested = each.get("requestedOn") or header["requestedOn"]
        source = source_of(each, header["source"])
        lines.append(
            {
                **line,
                "requestedOn": requested,
                "promisedOn": None,
                "quantities": Quantities(ordered=quantity).written(),
                "source": source,
            }
        )
    return lines


def reserve(books: Books, order: Document, lines: Sequence[Row]) -> None:
    """Reserve for lines that are new or changed, and promise a day."""
    for line in lines:
        cover(books, order, line)
    for line in lines:
        promise_line(books, order, line)


def judge_credit(books: Books, order: Document, customer: Row, added: Decimal) -> None:
    """Check the credit of an order: let it pass, put it on hold awaiting approval, or refuse it.

    Raises:
        Invalid: The company's policy is to refuse.
    """
    answer = check_credit(books, customer, added)
    if answer.outcome == "passed":
        return
    told = " ".join(each.message for each in answer.reasons)
    if answer.outcome == "refuse":
        first = next(each for each in answer.reasons if each.leads_to == "refuse")
        raise Invalid(first.code, told, received=plain(added))
    header = order.header
    header["approval"] = {
        **NO_APPROVAL,
        "status": "pending",
        "requestedAt": books.now,
        "reasons": answer.reasons_view,
    }
    header["holds"] = [each for each in header["holds"] if each["code"] != "credit"]
    header["holds"].append(
        {"code": "credit", "reason": told, "placedAt": books.now, "placedBy": "credit check"}
    )
    books.record(order, "approval_requested", note=told)


def _check_currency(asked: Mapping[str, Any], customer: Row, biller: Row) -> None:
    currency = customer["currency"]
    if asked.get("currency", currency) != currency:
        raise Invalid(
            "currency_mismatch",
            f"Customer {customer['id']} is billed in {currency}, not {asked['currency']}.",
            "/currency",
            expected=currency,
            received=asked["currency"],
        )
    if biller["currency"] != currency:
        raise Invalid(
            "currency_mismatch",
            f"{customer['id']} trades in {currency}, but is billed to {biller['id']}"
            f" in {biller['currency']}.",
            "/customerId",
            expected=currency,
            received=biller["currency"],
        )


def _header(books: Books, asked: Mapping[str, Any], customer: Row, biller: Row) -> Row:
    ship_to = {**customer["address"], "name": customer["name"]}
    return {
        "customerId": customer["id"],
        "billToId": biller["id"],
        "externalReference": asked.get("externalReference"),
        "customerReference": asked.get("customerReference"),
        "source": source_of(asked),
        "currency": customer["currency"],
        "orderedOn": books.today.isoformat(),
        "requestedOn": asked.get("requestedOn"),
        "promisedOn": None,
        "status": "confirmed",
        "open": True,
        "approval": NO_APPROVAL,
        "holds": [],
        "shippingStatus": "none",
        "invoicingStatus": "none",
        "paymentStatus": "none",
        "shipTo": {**NO_ADDRESS, **(asked.get("shipTo") or ship_to)},
        "carrier": asked.get("carrier"),
        "createdBy": books.actor,
        "createdAt": books.now,
        "updatedAt": books.now,
    }
