"""Two draft quotes for a demonstration on imported data: one that passes, one over the limit."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

from crossdock_mocks.datasets.amounts import line_net
from crossdock_mocks.datasets.importing.draft import Draft, Record
from crossdock_mocks.datasets.importing.settlement import balances

__all__ = ["add_demo_quotes"]


def add_demo_quotes(draft: Draft, parameters: dict[str, Any]) -> str:
    """Draft quotes of what two customers bought last, and the story of the data set.

    Among those with a limit and an account that bought in the last 90 days, the first customer is
    the one with most invoices then that has half of its limit left; the second has least left.
    """
    accounts = {row["customer_id"]: row for row in draft.records("accounts") if row["customer_id"]}
    left = _credit_left(draft)
    bought = _last_bought(draft)
    candidates = [
        (left[row["id"]], str(row["id"]), cast("Decimal", row["credit_limit"]))
        for row in draft.records("customers")
        if row["id"] in left and row["id"] in accounts and bought.get(str(row["id"]))
    ]
    sound = [one for one in candidates if one[0] * 2 >= one[2]]
    orders = _recent_invoices(draft)
    healthy = max(sound, key=lambda one: (orders[one[1]], one[2], one[1]), default=None)
    short = min((one for one in candidates if one[0] > 0 and one != healthy), default=None)
    if healthy is None or short is None:
        return "no quotes: there are no two customers with a limit, an account and stocked items"
    user = parameters.get("user")
    few = [
        (line, min(cast("Decimal", line["quantity"]), Decimal(10))) for line in bought[healthy[1]]
    ]
    worth = Decimal(0)
    fitting: list[tuple[Record, Decimal]] = []
    for line, quantity in few:
        worth += line_net(quantity, cast("Decimal", line["unit_price"]), Decimal(0)) * 2
        if worth < healthy[0] or not fitting:
            fitting.append((line, quantity))
    dear = max(bought[short[1]], key=lambda line: cast("Decimal", line["unit_price"]))
    much = (short[0] * 2 / cast("Decimal", dear["unit_price"])).to_integral_value() + 1
    through = _quote(draft, "1", accounts[healthy[1]], fitting, user)
    stopped = _quote(draft, "2", accounts[short[1]], [(dear, much)], user)
    draft.header = draft.header.with_story(
        {
            **({"user": str(user).removeprefix("U-")} if user else {}),
            "account": str(accounts[healthy[1]]["id"]),
            "quote": through,
            "over_limit_account": str(accounts[short[1]]["id"]),
            "over_limit_quote": stopped,
        }
    )
    return f"2 draft quotes ({through} passes, {stopped} is over the limit)"


def _credit_left(draft: Draft) -> dict[object, Decimal]:
    owed = balances(draft)
    for customer, amount in _open_orders(draft).items():
        owed[customer] += amount
    return {
        row["id"]: cast("Decimal", row["credit_limit"]) - owed[row["id"]]
        for row in draft.records("customers")
        if row.get("credit_limit") and not row.get("on_hold")
    }


def _open_orders(draft: Draft) -> dict[object, Decimal]:
    """Value of open orders without tax; good enough to choose a customer."""
    waiting = {
        row["id"]: row["customer_id"]
        for row in draft.records("orders")
        if row.get("status") in ("open", "hold")
    }
    value: dict[object, Decimal] = defaultdict(Decimal)
    columns = ("order_id", "quantity", "unit_price", "discount_percent")
    for order, quantity, price, discount in draft.lines("order_lines", *columns) if waiting else ():
        if order in waiting:
            value[waiting[order]] += line_net(quantity, price, discount)
    return value


def _is_recent(draft: Draft, invoice: Record) -> bool:
    return cast("date", invoice["issued_on"]) > draft.as_of - timedelta(days=90)


def _recent_invoices(draft: Draft) -> Counter[str]:
    recent = (row for row in draft.records("invoices") if _is_recent(draft, row))
    return Counter(str(row["customer_id"]) for row in recent)


def _last_bought(draft: Draft) -> dict[str, list[Record]]:
    """Up to three stocked items of the last 90 days, by customer."""
    stock: dict[object, Decimal] = defaultdict(Decimal)
    for row in draft.records("stock"):
        stock[row["item_id"]] += cast("Decimal", row["on_hand"])
    active = {row["id"] for row in draft.records("items") if row.get("active") in (None, True)}
    customers = {
        row["id"]: str(row["customer_id"])
        for row in draft.records("invoices")
        if _is_recent(draft, row)
    }
    found: dict[str, list[Record]] = defaultdict(list)
    columns = ("invoice_id", "item_id", "description", "quantity", "unit_price")
    for invoice, *facts in draft.lines("invoice_lines", *columns):
        customer = customers.get(invoice)
        if customer is None or len(found[customer]) == 3:
            continue
        line: Record = dict(zip(columns[1:], facts, strict=True))
        if not line["unit_price"] or line["item_id"] not in active:
            continue
        lines = found[customer]
        known = {one["item_id"] for one in lines}
        if stock[line["item_id"]] >= 20 and line["item_id"] not in known:
            lines.append(line)
    return found


def _quote(
    draft: Draft,
    number: str,
    account: Record,
    lines: list[tuple[Record, Decimal]],
    user: str | None,
) -> str:
    quote = f"Q-DEMO-{number}"
    draft.add(
        "quotes",
        {
            "id": quote,
            "account_id": account["id"],
            "status": "draft",
            "currency": draft.header.currency,
            "valid_until": draft.as_of + timedelta(days=30),
            "created_at": datetime.combine(draft.as_of, time(8), UTC),
            "owner_id": user,
        },
    )
    for position, (line, quantity) in enumerate(lines, 1):
        draft.add_line(
            "quote_lines",
            {
                "quote_id": quote,
                "line": position,
                "item_id": line["item_id"],
                "description": line["description"],
                "quantity": quantity,
                "unit_price": line["unit_price"],
                "discount_percent": Decimal(0),
            },
        )
    return quote
