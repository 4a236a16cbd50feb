"""Pieces of documents as they stand in a row."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock_mocks.dialects.quickbooks.wire import Row, number

_CURRENCIES: Final = {
    "EUR": "Euro", "GBP": "British Pound Sterling", "USD": "United States Dollar",
    "CHF": "Swiss Franc", "SEK": "Swedish Krona", "CAD": "Canadian Dollar",
    "AUD": "Australian Dollar",
}  # fmt: skip


def currency_reference(code: str) -> Row:
    """A reference to a currency."""
    return {"value": code, "name": _CURRENCIES.get(code, code)}


def subtotal_line(amount: Decimal) -> Row:
    """The line that a sale ends with."""
    return {
        "Amount": number(amount),
        "DetailType": "SubTotalLineDetail",
        "SubTotalLineDetail": {},
    }


def tax_line(rate: Row, amount: Decimal, base: Decimal) -> Row:
    """The tax of one rate on a sale."""
    return {
        "Amount": number(amount),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate["Id"]},
            "PercentBased": True,
            "TaxPercent": rate["RateValue"],
            "NetAmountTaxable": number(base),
        },
    }


def payment_line(amount: Decimal, kind: str, key: str) -> Row:
    """What a payment does to one document."""
    return {"Amount": number(amount), "LinkedTxn": [{"TxnId": key, "TxnType": kind}]}


def link(key: str, kind: str) -> Row:
    """A link to another document."""
    return {"TxnId": key, "TxnType": kind}
