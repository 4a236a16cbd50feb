"""Documents as PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crossdock_mocks.backoffice.paper import on_paper
from crossdock_mocks.dialects.quickbooks.wire import Row

_TITLES: Final = {
    "Invoice": "INVOICE",
    "Estimate": "ESTIMATE",
    "CreditMemo": "CREDIT MEMO",
    "SalesReceipt": "SALES RECEIPT",
    "Payment": "PAYMENT RECEIPT",
}


def printed(kind: str, row: Row, company: str) -> bytes:
    """One document as PDF.

    Args:
        kind: Name of its entity.
        row: The document.
        company: Who issues it.
    """
    return on_paper(_text(kind, row, company))


def _text(kind: str, row: Row, company: str) -> Iterable[str]:
    yield company
    yield ""
    yield f"{_TITLES[kind]} {row.get('DocNumber') or row.get('PaymentRefNum') or row['Id']}"
    yield f"Date {row['TxnDate']}"
    if "DueDate" in row:
        yield f"Due {row['DueDate']}"
    yield f"Customer {row['CustomerRef']['name']}"
    yield ""
    for line in row["Line"]:
        yield _line(line)
    currency = row["CurrencyRef"]["value"]
    yield ""
    if "TxnTaxDetail" in row:
        yield f"Tax {row['TxnTaxDetail']['TotalTax']:.2f} {currency}"
    yield f"Total {row['TotalAmt']:.2f} {currency}"
    if "Balance" in row:
        yield f"Balance {row['Balance']:.2f} {currency}"


def _line(line: Row) -> str:
    amount = f"{line['Amount']:.2f}" if "Amount" in line else ""
    if line.get("DetailType") == "SubTotalLineDetail":
        return f"Subtotal {amount}"
    detail = line.get("SalesItemLineDetail", {})
    if detail:
        words = line.get("Description") or detail["ItemRef"]["name"]
        return f"{detail.get('Qty', 1)} x {words[:60]}  {amount}"
    if "LinkedTxn" in line:
        linked = line["LinkedTxn"][0]
        return f"{linked['TxnType']} {linked['TxnId']}  {amount}"
    return f"{line.get('Description') or 'Discount'}  {amount}".rstrip()
