"""What is known of the pricing of a quote or order, by our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crossdock.connectors.reading import unfit
from crossdock.connectors.sdata.sheets import Sheet
from crossdock.connectors.vendor_crm import documents
from crossdock.connectors.writing import Unwritable
from crossdock.records import Check, Money, Order, Quote

TOTALS: Final = ("net", "tax", "gross")
SHOWN: Final = {name: f"shown_{name}" for name in TOTALS}
"""The words for the CRM's own fields with totals, which are there for people only."""


def pricing(sheet: Sheet, currency: str) -> dict[str, Any]:
    """Read it."""
    status = sheet.text("pricing_status", "unpriced")
    if status not in documents.PRICING:
        raise unfit("pricing_status", f"one of {', '.join(documents.PRICING)}", status)
    return {
        "trading_account": sheet.text("trading_account"),
        "pricing_status": status,
        "priced_at": sheet.instant("priced_at"),
        "price_source": sheet.text("price_source"),
        "checks": _checks(sheet),
        **{name: sheet.money(name, currency) for name in TOTALS},
    }


def _checks(sheet: Sheet) -> tuple[Check, ...]:
    kept = sheet.kept("checks") or []
    if not isinstance(kept, list) or not all(isinstance(each, dict) for each in kept):
        raise unfit("checks", "a list of objects", kept)
    return tuple(map(documents.check, kept))


def pricing_written(document: Quote | Order, has: Callable[[str], bool]) -> dict[str, Any]:
    """Write it.

    Args:
        document: a quote or order.
        has: says whether the CRM has a field of its own for a word.

    Raises:
        Unwritable: the totals do not add up, or are of another currency.
    """

    def amount(value: Money | None, name: str) -> Any:
        if value is not None and value.currency != document.currency:
            raise Unwritable(name, f"is in {value.currency}, the document in {document.currency}")
        return None if value is None else value.amount

    totals = documents.totals(document, amount)
    held = [check for check in document.checks if check.level == "error"]
    words = {
        "trading_account": document.trading_account,
        "pricing_status": document.pricing_status,
        "priced_at": document.priced_at,
        "price_source": document.price_source,
        "checks": [*map(documents.check_written, document.checks)] or None,
        **totals,
    }
    for_people = {SHOWN[name]: value for name, value in totals.items()} | {
        "guard": "held" if held else _GUARD.get(document.pricing_status),
        "guard_reasons": "\n".join(check.message for check in held),
    }
    return words | {word: value for word, value in for_people.items() if has(word)}


_GUARD: Final = {"priced": "clean", "unchecked": "unchecked"}
