"""Changing an order after it was entered: quantities, prices, dates, new and cancelled lines."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.catalogue import PriceBook, item
from crossdock_mocks.backoffice.customers import NO_ADDRESS
from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.backoffice.drafts import positive, priced
from crossdock_mocks.backoffice.kinds import CUSTOMER
from crossdock_mocks.backoffice.order_entry import judge_credit, new_lines, reserve
from crossdock_mocks.backoffice.order_status import Quantities
from crossdock_mocks.backoffice.orders import NO_APPROVAL, write_order_amounts
from crossdock_mocks.backoffice.refusals import Invalid, WrongState

Change = dict[str, Any]


def change_order(books: Books, order: Document, asked: Mapping[str, Any]) -> None:
    """Change an order; the difference is checked for credit.

    Raises:
        WrongState: Nothing of it is open any more.
        Invalid: A line is unknown, or its quantity would go below what cannot be undone.
    """
    header = order.header
    if not header["open"]:
        raise WrongState(
            "order_closed", f"Order {order.id} is {header['status']}: it cannot be changed."
        )
    customer = books.get(CUSTOMER, header["customerId"]).header
    before = Decimal(header["total"])
    changes = _change_header(header, asked)
    touched = []
    for position, each in enumerate(asked.get("lines", ())):
        line = order.line(each["line"], f"/lines/{position}/line")
        changes += _change_line(books, customer, line, each, f"/lines/{position}")
        touched.append(line)
    if "requestedOn" in asked:
        touched += _inherit_date(order, asked["requestedOn"], touched)
    if "addLines" in asked:
        added = new_lines(
            books, customer, asked["addLines"], books.today, header,
            numbered=[line["line"] for line in order.lines], pointer="/addLines",
        )  # fmt: skip
        order.lines.extend(added)
        touched += added
        changes += [_told(line["line"], "quantity", None, line["quantity"]) for line in added]
    reserve(books, order, touched)
    quantities = [Quantities.read(line["quantities"]) for line in order.lines]
    if all(each.open <= ZERO for each in quantities):
        lift(header)
    write_order_amounts(books, header, order.lines, quantities)
    books.record(order, "changed", note=asked.get("note"), changes=changes)
    added_value = Decimal(header["total"]) - before
    if added_value > ZERO:
        judge_credit(books, order, customer, added_value)


def _told(line: int | None, name: str, before: str | None, after: str | None) -> Change:
    return {"line": line, "field": name, "from": before, "to": after}


def _change_header(header: Row, asked: Mapping[str, Any]) -> list[Change]:
    changes = []
    for name in ("customerReference", "carrier", "requestedOn"):
        if name in asked and asked[name] != header[name]:
            changes.append(_told(None, name, header[name], asked[name]))
            header[name] = asked[name]
    if "shipTo" in asked:
        after = {**NO_ADDRESS, **header["shipTo"], **asked["shipTo"]}
        for part, value in after.items():
            if value != header["shipTo"].get(part):
                changes.append(_told(None, f"shipTo.{part}", header["shipTo"].get(part), value))
        header["shipTo"] = after
    return changes


def _inherit_date(order: Document, requested: str | None, touched: list[Row]) -> list[Row]:
    """A new date of the order holds for its open lines too, unless they are changed themselves."""
    inheriting = [
        line
        for line in order.lines
        if not any(line is each for each in touched)
        and Quantities.read(line["quantities"]).open > ZERO
    ]
    for line in inheriting:
        line["requestedOn"] = requested
    return inheriting


def _change_line(
    books: Books, customer: Row, line: Row, asked: Mapping[str, Any], pointer: str
) -> list[Change]:
    number, changes = line["line"], []
    if "requestedOn" in asked and asked["requestedOn"] != line["requestedOn"]:
        changes.append(_told(number, "requestedOn", line["requestedOn"], asked["requestedOn"]))
        line["requestedOn"] = asked["requestedOn"]
    resized = []
    if "quantity" in asked:
        resized = _change_quantity(line, asked["quantity"], f"{pointer}/quantity")
        changes += resized
    if resized or "unitPrice" in asked or "discountPercent" in asked:
        changes += _change_price(books, customer, line, asked, pointer)
    if asked.get("cancel"):
        quantities = Quantities.read(line["quantities"])
        if quantities.open <= ZERO:
            raise Invalid(
                "nothing_to_cancel", f"Nothing of line {number} is open.", f"{pointer}/cancel"
            )
        before = line["quantities"]["cancelled"]
        drop_open(line)
        changes.append(_told(number, "cancelled", before, line["quantities"]["cancelled"]))
    return changes


def _change_quantity(line: Row, asked: str, pointer: str) -> list[Change]:
    wanted = positive(asked, pointer)
    quantities = Quantities.read(line["quantities"])
    least = quantities.shipped + quantities.cancelled + quantities.picked
    if wanted < least:
        raise Invalid(
            "quantity_below_done",
            f"Line {line['line']}: {plain(least)} are shipped, picked or cancelled already.",
            pointer,
            expected=f"at least {plain(least)}",
            received=asked,
        )
    if wanted == quantities.ordered:
        return []
    change = _told(line["line"], "quantity", line["quantity"], plain(wanted))
    # What is reserved beyond it is given back when the line is covered again.
    quantities.ordered = wanted
    line["quantity"] = plain(wanted)
    line["quantities"] = quantities.written()
    return [change]


def _change_price(
    books: Books, customer: Row, line: Row, asked: Mapping[str, Any], pointer: str
) -> list[Change]:
    """Price a line anew; what was agreed before stays agreed unless it is asked otherwise."""
    if "unitPrice" not in asked and "discountPercent" not in asked:
        if line["priceRule"] in ("agreed", "imported"):
            return []
        if line["discountSource"] == "requested":
            asked = {**asked, "discountPercent": line["discountPercent"]}
    elif "unitPrice" not in asked and line["priceRule"] in ("agreed", "imported"):
        asked = {**asked, "unitPrice": line["unitPrice"]}
    prices = PriceBook(books, customer, books.today)
    after = priced(
        books, prices, item(books, line["itemId"]), Decimal(line["quantity"]), asked, pointer
    )
    changes = [
        _told(line["line"], name, line[name], after[name])
        for name in ("unitPrice", "discountPercent")
        if line[name] != after[name]
    ]
    # The tax code is the one that the line was entered with.
    line.update({**after, "taxCode": line["taxCode"], "taxRate": line["taxRate"]})
    return changes


def drop_open(line: Row) -> None:
    """Cancel what is open of a line; what was reserved for it has to be given back by `cover`."""
    quantities = Quantities.read(line["quantities"])
    quantities.cancelled += quantities.open
    quantities.picked = ZERO
    line["quantities"] = quantities.written()


def lift(header: Row) -> None:
    """Lift what keeps an order back of which nothing is open any more.

    There is nothing left to approve; what was asked for, and why, stays in the history.
    """
    header["holds"] = []
    if header["approval"]["status"] == "pending":
        header["approval"] = NO_APPROVAL
