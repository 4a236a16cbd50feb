"""Rules that make what a source does not have. Each is deterministic, and named in dataset.toml."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, cast
from zlib import crc32

from crossdock_mocks.datasets.importing.draft import Draft, Record
from crossdock_mocks.datasets.importing.settlement import settle
from crossdock_mocks.datasets.importing.showcase import add_demo_quotes

__all__ = ["FILLS"]

Fill = Callable[[Draft, dict[str, Any]], str]


def _due_dates_from_terms(draft: Draft, _parameters: dict[str, Any]) -> str:
    """Due date = document date + the customer's terms, where it is blank."""
    terms = {row["id"]: row.get("terms_days") or 0 for row in draft.records("customers")}
    made = 0
    for invoice in draft.records("invoices"):
        if invoice.get("due_on") is None:
            days = cast("int", terms.get(invoice["customer_id"], 0))
            invoice["due_on"] = cast("date", invoice["issued_on"]) + timedelta(days=days)
            made += 1
    for note in draft.records("credit_notes"):
        if note.get("due_on") is None:
            note["due_on"] = note["issued_on"]
            made += 1
    return f"{made:,} due dates"


def _credit_limits_from_sales(draft: Draft, parameters: dict[str, Any]) -> str:
    """Limit = the largest invoiced sum of some months in a row, rounded up."""
    months = int(parameters.get("months", 2))
    step = int(parameters.get("round_to", 500))
    unlimited = set(parameters.get("unlimited", ()))
    totals = draft.totals("invoice")
    by_month: dict[object, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for invoice in draft.records("invoices"):
        day = cast("date", invoice["issued_on"])
        month = day.year * 12 + day.month
        by_month[invoice["customer_id"]][month] += totals.get(str(invoice["id"]), Decimal(0))
    made = 0
    for customer in draft.records("customers"):
        if customer.get("credit_limit") is not None or customer["id"] in unlimited:
            continue
        sums = by_month[customer["id"]]
        largest = max(
            sum((sums.get(at + back, Decimal(0)) for back in range(months)), Decimal(0))
            for at in (*sums, 0)
        )
        steps = (largest / step).to_integral_value(ROUND_CEILING)
        customer["credit_limit"] = max(steps, Decimal(1)) * step
        made += 1
    return f"{made:,} credit limits"


def _payments_on_terms(draft: Draft, parameters: dict[str, Any]) -> str:
    """Every invoice is paid in full, each customer with its own delay after the due date."""
    first, last = parameters.get("days_after_due", (-3, 21))
    at_once = set(parameters.get("at_once", ()))

    def pays_on(invoice: Record) -> date:
        if invoice["customer_id"] in at_once:
            return cast("date", invoice["issued_on"])
        delay = first + crc32(str(invoice["customer_id"]).encode()) % (last - first + 1)
        due = cast("date", invoice.get("due_on") or invoice["issued_on"])
        return max(due + timedelta(days=delay), cast("date", invoice["issued_on"]))

    payments, applications = settle(draft, pays_on, str(parameters.get("payment_prefix", "PY-")))
    return f"{payments:,} payments, {applications:,} applications"


def _stock_from_sales(draft: Draft, parameters: dict[str, Any]) -> str:
    """On hand = what was invoiced in some days before the as-of day."""
    days = int(parameters.get("days", 60))
    location = str(parameters.get("location", "MAIN"))
    since = draft.as_of - timedelta(days=days)
    recent = {
        row["id"] for row in draft.records("invoices") if cast("date", row["issued_on"]) > since
    }
    sold: dict[object, Decimal] = defaultdict(Decimal)
    for invoice, item, quantity in draft.lines(
        "invoice_lines", "invoice_id", "item_id", "quantity"
    ):
        if invoice in recent:
            sold[item] += quantity
    known = {row["item_id"] for row in draft.records("stock")}
    made = 0
    for item in draft.records("items"):
        if item["id"] not in known and item.get("kind") in (None, "goods"):
            quantity = sold[item["id"]].to_integral_value()
            draft.add("stock", {"item_id": item["id"], "location": location, "on_hand": quantity})
            made += 1
    return f"{made:,} stock levels"


def _link_credit_notes(draft: Draft, _parameters: dict[str, Any]) -> str:
    """A credit note credits the last earlier invoice of its customer that has all of its lines.

    A line fits if item, quantity and unit price are the same.
    """
    wanted: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    customers = {str(row["id"]): row["customer_id"] for row in draft.records("credit_notes")}
    compared = ("item_id", "quantity", "unit_price")
    for note, *facts in draft.lines("credit_note_lines", "credit_note_id", *compared):
        wanted[note].append((customers.get(note), *facts))
    keys = {key for lines in wanted.values() for key in lines}
    billed = {str(row["id"]): row for row in draft.records("invoices")}
    holders: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for invoice, *facts in draft.lines("invoice_lines", "invoice_id", *compared):
        customer = billed[invoice]["customer_id"] if invoice in billed else None
        key = (customer, *facts)
        if key in keys:
            holders[key].add(invoice)
    made = 0
    for row in draft.records("credit_notes"):
        lines = wanted.get(str(row["id"]), [])
        if row.get("invoice_id") is not None or not lines:
            continue
        fitting = set.intersection(*(holders[key] for key in lines))
        day = cast("date", row["issued_on"])
        earlier = [
            (cast("date", billed[one]["issued_on"]), one)
            for one in fitting
            if cast("date", billed[one]["issued_on"]) <= day
        ]
        if earlier:
            row["invoice_id"] = max(earlier)[1]
            made += 1
    return f"{made:,} of {len(customers):,} credit notes linked to an invoice"


FILLS: dict[str, tuple[str, Fill]] = {
    "due_dates_from_terms": ("invoices.due_on, credit_notes.due_on", _due_dates_from_terms),
    "credit_limits_from_sales": ("customers.credit_limit", _credit_limits_from_sales),
    "payments_on_terms": ("payments, payment_applications", _payments_on_terms),
    "stock_from_sales": ("stock", _stock_from_sales),
    "link_credit_notes": ("credit_notes.invoice_id", _link_credit_notes),
    "demo_quotes": ("quotes, quote_lines", add_demo_quotes),
}
"""By method: what it makes (for dataset.toml), and the function, which says how much it made."""
