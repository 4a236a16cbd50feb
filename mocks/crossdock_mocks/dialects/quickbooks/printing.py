"""Documents as PDF: plain pages of text, written by hand as PDF 1.4 has them (ISO 32000-1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from crossdock_mocks.dialects.quickbooks.wire import Row

_ROWS: Final = 52
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
    lines = list(_text(kind, row, company))
    return _pdf([lines[at : at + _ROWS] for at in range(0, len(lines), _ROWS)])


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


def _pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A file of pages in Helvetica: header, objects, cross-reference table, trailer."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font,
    ]
    for number, lines in enumerate(pages):
        content = _content(lines)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {5 + 2 * number} 0 R >>".encode()
        )
        head = f"<< /Length {len(content)} >>\nstream\n".encode()
        objects.append(head + content + b"\nendstream")
    made = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    made += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    made += f"startxref\n{start}\n%%EOF\n".encode()
    return bytes(made)


def _content(lines: Sequence[str]) -> bytes:
    shown = []
    for text in lines:
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        shown.append(b"(" + escaped.encode("cp1252", "replace") + b") Tj T*")
    return b"BT /F1 10 Tf 14 TL 50 792 Td\n" + b"\n".join(shown) + b"\nET"
