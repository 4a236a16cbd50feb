"""Goods that customers send back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Document
from crossdock_mocks.backoffice.catalogue import is_stocked, item
from crossdock_mocks.backoffice.decimals import plain
from crossdock_mocks.backoffice.drafts import not_in_the_future
from crossdock_mocks.backoffice.fulfilment import at_most, named_lines
from crossdock_mocks.backoffice.kinds import ORDER, RETURN
from crossdock_mocks.backoffice.orders import change_quantities
from crossdock_mocks.backoffice.receipts import put_back


def take_back(books: Books, asked: Mapping[str, Any]) -> Document:
    """Take back shipped goods of an order, into stock unless told otherwise.

    Raises:
        Invalid: The order or a line is unknown, more is named than was shipped and not returned,
            or the day lies in the future.
    """
    order = books.referred(ORDER, asked["orderId"], "/orderId")
    received = not_in_the_future(books, asked.get("receivedOn"), "/receivedOn")
    named = named_lines(order, asked["lines"])
    for line, quantity, pointer in named:
        kept = Decimal(line["quantities"]["shipped"]) - Decimal(line["quantities"]["returned"])
        told = f"Of line {line['line']} can come back"
        at_most(quantity, kept, pointer, "quantity_exceeds_shipped", told)
    restocked = asked.get("restock", True)
    document = books.add(
        RETURN,
        {
            "customerId": order.header["customerId"],
            "orderId": order.id,
            "externalReference": asked.get("externalReference"),
            "receivedOn": received.isoformat(),
            "reason": asked.get("reason"),
            "restocked": restocked,
            "source": order.header["source"],
            "lineCount": len(named),
            "createdAt": books.now,
        },
        [
            {
                "line": number,
                "orderId": order.id,
                "orderLine": line["line"],
                "itemId": line["itemId"],
                "description": line["description"],
                "unit": line["unit"],
                "quantity": plain(quantity),
                "creditedQuantity": "0",
            }
            for number, (line, quantity, _) in enumerate(named, 1)
        ],
    )
    for line, quantity, _ in named:
        change_quantities(line, returned=quantity)
    books.record(order, "returned", document_id=document.id, note=asked.get("reason"))
    for line, quantity, _ in named:
        if restocked and is_stocked(item(books, line["itemId"])):
            put_back(books, line["itemId"], quantity, document.id)
    return document
