"""Quotes and orders with their lines."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final

from crossdock_mocks.dialects.salesforce.rules import quotes
from crossdock_mocks.dialects.salesforce.rules.base import exact, rounded, total
from crossdock_mocks.dialects.salesforce.seeding.fields import EXTERNAL_KEY, ORDER_NUMBER
from crossdock_mocks.dialects.salesforce.seeding.filling import Filling, Row, day_of, stamp

_QUOTE_STATUS: Final = {
    "draft": "Draft", "sent": "Presented", "accepted": "Accepted", "declined": "Denied",
    "ordered": "Accepted",
}  # fmt: skip


def quotes_and_orders(to: Filling, deals: dict[str, Row]) -> None:
    """Make quotes and orders with their lines, each in its opportunity."""
    by_quote: dict[str, list[Row]] = defaultdict(list)
    for row in to.rows("quote_lines"):
        by_quote[row["quote_id"]].append(row)
    (book,) = to.world.table("sf_Pricebook2").find()
    erp = {row["id"]: row for row in to.rows("orders")}
    made: dict[str, list[Row]] = {
        name: [] for name in ("Quote", "QuoteLineItem", "Order", "OrderItem")
    }
    for row in to.rows("quotes"):
        deal = deals.get(row["opportunity_id"] or "")
        quote = None
        if deal is not None:
            quote = _quote(to, row, deal, by_quote[row["id"]], book["Id"], made)
        if row["status"] == "ordered":
            _order(to, row, deal, quote, by_quote[row["id"]], book["Id"], erp, made)
    for name, rows in made.items():
        to.put(name, rows)


def _quote(
    to: Filling, row: Row, deal: Row, given: list[Row], book: str, made: dict[str, list[Row]]
) -> Row:
    quote = to.made(
        "Quote",
        {
            "Name": f"{deal['Name']} {row['id']}"[:255], "OpportunityId": deal["Id"],
            "AccountId": deal["AccountId"], "Pricebook2Id": book,
            "ContactId": to.key("contacts", row["contact_id"]),
            "Status": _QUOTE_STATUS.get(row["status"] or "", "Draft"),
            "ExpirationDate": day_of(row["valid_until"]),
            "OwnerId": to.key("users", row["owner_id"]), EXTERNAL_KEY: row["id"],
        },
        stamp(row["created_at"]),
    )  # fmt: skip
    lines = [_line(to, "QuoteLineItem", "QuoteId", quote, each, discounted=True) for each in given]
    quote.update(quotes.sums(quote, lines))
    made["Quote"].append(quote)
    made["QuoteLineItem"] += lines
    return quote


def _line(to: Filling, entity: str, link: str, head: Row, row: Row, *, discounted: bool) -> Row:
    quantity, price = row["quantity"], row["unit_price"] or Decimal(0)
    discount = row["discount_percent"] or Decimal(0)
    gross = quantity * price
    net = gross - gross * discount / 100
    values: Row = {
        link: head["Id"], "Product2Id": to.key("items", row["item_id"]),
        "PricebookEntryId": to.key("prices", row["item_id"]),
        "Quantity": float(quantity), "UnitPrice": rounded(price),
        "ListPrice": _list_price(to, row["item_id"]), "Description": row["description"],
        "TotalPrice": rounded(net),
    }  # fmt: skip
    if discounted:
        values.update(Discount=float(discount) or None, Subtotal=rounded(gross))
    elif discount:
        # Lines of orders know no discount: it is in the price.
        values["UnitPrice"] = rounded(price - price * discount / 100)
        values["TotalPrice"] = rounded(quantity * exact(values["UnitPrice"]))
    return to.made(entity, values, head["CreatedDate"])


def _list_price(to: Filling, item: str) -> float | None:
    key = to.key("prices", item)
    row = to.world.table("sf_PricebookEntry").get(key) if key else None
    return None if row is None else float(row["UnitPrice"])


def _order(
    to: Filling, row: Row, deal: Row | None, quote: Row | None, given: list[Row], book: str,
    erp: dict[str, Row], made: dict[str, list[Row]],
) -> None:  # fmt: skip
    known = erp.get(row.get("order_id") or "")
    created = stamp(row["created_at"])
    start = known["ordered_on"] if known is not None else None
    order = to.made(
        "Order",
        {
            "AccountId": to.key("accounts", row["account_id"]),
            "OpportunityId": None if deal is None else deal["Id"],
            "QuoteId": None if quote is None else quote["Id"], "Pricebook2Id": book,
            "Name": f"Order of {row['id']}", "Status": "Activated", "StatusCode": "Activated",
            "EffectiveDate": day_of(start) or (created or to.at)[:10],
            "OwnerId": to.key("users", row["owner_id"]), EXTERNAL_KEY: row["id"],
            "ActivatedDate": created or to.at, "ActivatedById": to.user,
            ORDER_NUMBER: row.get("order_id"),
            "ERP_Status__c": None if known is None else known["status"],
            "PoNumber": None if known is None else known["reference"],
        },
        created,
    )  # fmt: skip
    lines = [_line(to, "OrderItem", "OrderId", order, each, discounted=False) for each in given]
    order["TotalAmount"] = rounded(total(each["TotalPrice"] for each in lines))
    if not lines:
        order.update(Status="Draft", StatusCode="Draft", ActivatedDate=None,
                     ActivatedById=None)  # fmt: skip
    made["Order"].append(order)
    made["OrderItem"] += lines
