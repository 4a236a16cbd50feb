"""Quotes and sales orders with their lines, as far as the data set's ERP has come with them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.dialects.saleslogix.rules.documents import ORDER, QUOTE, Kind, total
from crossdock_mocks.dialects.saleslogix.rules.lines import extend
from crossdock_mocks.frontoffice.seeding import ERP
from crossdock_mocks.frontoffice.shipped import ErpLine, Fulfilment, fulfilments
from crossdock_mocks.sdata import KEY, Filling, Row
from crossdock_mocks.sdata.values import exact, read_instant

_STATUS: Final = {
    "draft": "Draft", "sent": "Sent", "accepted": "Accepted", "declined": "Declined",
    "ordered": "Ordered",
}  # fmt: skip


def quotes_and_orders(to: Filling, source: Any) -> None:
    """Make quotes, and the sales orders that came of some."""
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in source.rows("quote_lines"):
        lines[row["quote_id"]].append(row)
    heads = list(source.rows("quotes"))
    wanted = {row["order_id"] for row in heads if row["status"] == "ordered"} - {None}
    known = fulfilments(source.rows, wanted)
    made: dict[str, list[Row]] = defaultdict(list)
    for count, row in enumerate(heads):
        quote = _quote(to, source, row, lines[row["id"]], made)
        if row["status"] == "ordered":
            erp = known.get(row["order_id"])
            _order(to, source, row, quote, lines[row["id"]], erp, f"R-{1001 + count}", made)
    for name, rows in made.items():
        to.put(name, rows)


def _head(to: Filling, source: Any, row: Row) -> Row:
    return {
        "Account": to.key("accounts", row["account_id"]),
        "Opportunity": to.key("opportunities", row["opportunity_id"]),
        "RequestedBy": to.key("contacts", row["contact_id"]),
        "AccountManager": to.key("users", row["owner_id"]),
        "CurrencyCode": row["currency"], "BaseCurrencyCode": source.currency,
        "StatusDate": row["created_at"],
    }  # fmt: skip


def _quote(to: Filling, source: Any, row: Row, given: list[Row], made: dict[str, list[Row]]) -> Row:
    quote = to.made(
        "quotes",
        {**_head(to, source, row), "QuoteNumber": row["id"],
         "Status": _STATUS[row["status"] or "draft"], "EndDate": row["valid_until"],
         "DocumentDate": row["created_at"], "StartDate": row["created_at"]},
        row["created_at"],
    )  # fmt: skip
    lines = [_line(to, QUOTE, quote, each, row["created_at"]) for each in given]
    total(QUOTE, quote, lines)
    made["quotes"].append(to.note("quotes", row["id"], quote))
    made["quoteItems"] += lines
    return quote


def _order(
    to: Filling, source: Any, row: Row, quote: Row, given: list[Row], erp: Fulfilment | None,
    number: str, made: dict[str, list[Row]],
) -> None:  # fmt: skip
    at = row["created_at"]
    order = to.made(
        "salesOrders",
        {**_head(to, source, row), "SalesOrderNumber": number, "Quote": quote[KEY],
         "OrderDate": at, "CustomerPurchaseOrderNumber": f"Quote {row['id']}"},
        at,
    )  # fmt: skip
    if erp is not None:
        order.update(
            OrderDate=read_instant(erp.placed_at), ErpExtId=erp.order_id, ErpLogicalId=ERP,
            ErpStatus=erp.status, ErpDocumentDate=read_instant(erp.placed_at),
            DueDate=erp.requested_on and read_instant(erp.requested_on),
            DatePromised=erp.promised_on and read_instant(erp.promised_on),
            Status="Transmitted to Accounting", SyncStatus="Synced",
        )  # fmt: skip
    lines = []
    for each in given:
        told = erp.lines.get(each["line"]) if erp is not None else None
        line = _line(to, ORDER, order, each, at, told)
        line["ErpOpenQuantity"] = line["Quantity"]
        if told is not None:
            line["ErpLineNumber"] = each["line"]
            line["ErpShippedQuantity"] = float(told.shipped)
            line["ErpOpenQuantity"] = float(told.ordered - told.cancelled - told.shipped)
            line["DatePromised"] = told.promised_on and read_instant(told.promised_on)
        lines.append(line)
    total(ORDER, order, lines)
    quote["SalesOrder"] = order[KEY]
    made["salesOrders"].append(to.note("orders", number, order))
    made["salesOrderItems"] += lines


def _line(
    to: Filling, kind: Kind, head: Row, row: Row, at: Any, told: ErpLine | None = None
) -> Row:
    product = to.key("items", row["item_id"])
    known = to.world.table("sdata_products").get(product) if product else None
    price, discount = row["unit_price"], row["discount_percent"] or Decimal(0)
    quantity = row["quantity"]
    if told is not None:
        quantity, price, discount = told.ordered, told.unit_price, told.discount_percent
    values: Row = {
        kind.link: head[KEY], "LineNumber": row["line"], "Product": product,
        "ActualID": row["item_id"], "ProductName": known and known["Name"],
        "Family": known and known["Family"], "Description": row["description"],
        "UnitOfMeasure": known and known["UnitOfMeasure"], "Quantity": quantity,
        "Price": price, "Discount": exact(discount) / 100,
    }  # fmt: skip
    line = to.made(kind.lines, values, at)
    extend(line, None, {}, 1)
    return line
