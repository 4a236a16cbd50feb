"""The ERP's records in SalesLogix: what its Back Office Extension shows of them.

Each is made once, under `<ERP>:<number>` in `CrossdockKey`, and brought to what the ERP says now.
`ErpExtId` and `ErpLogicalId` name the ERP's record, as the extension has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.reading import Row
from crossdock.connectors.saleslogix import forms
from crossdock.connectors.sdata.records import Records, key_of
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.records import CreditNote, Invoice, Money, Shipment, TradingAccount

_ZERO: Final = Decimal(0)


class BackOffice:
    """Shows records of ERPs.

    Args:
        records: reads and writes records.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def show(
        self, account_id: str, record: Invoice | CreditNote | Shipment | TradingAccount
    ) -> None:
        """Show a record on an account; the same again changes nothing."""
        match record:
            case TradingAccount():
                self._brought(forms.BILL_TO, record.system, record.id, _bill_to(account_id, record))
                self._brought(forms.SHIP_TO, record.system, record.id, _bill_to(account_id, record))
            case Shipment():
                words = _shipment(account_id, record)
                lines = [_shipped(line) for line in record.lines]
                self._brought(forms.SHIPMENT, record.system, record.id, words, lines)
            case Invoice() | CreditNote():
                words = _invoice(account_id, record)
                lines = [_billed(line) for line in record.lines]
                invoice = self._brought(forms.INVOICE, record.system, record.id, words, lines)
                owed = _receivable(account_id, record) | {"of": Reference(invoice)}
                self._brought(forms.RECEIVABLE, record.system, record.id, owed)

    def _brought(
        self,
        form: Form,
        system: str,
        number: str,
        words: Mapping[str, Any],
        lines: list[dict[str, Any]] | None = None,
    ) -> str:
        """Make a record, or bring it to what is wanted; gives its key."""
        mark = key_of(form.kind, system, number)
        given = {**words, "number": number, "system": system}
        there = self._records.by_mark(form, mark)
        if not there:
            fields: dict[str, Any] = self._records.written(form, given)
            if lines:
                fields[form.lines] = {"$resources": lines}
            key, made = self._records.create_once(form, mark, fields)
            if made:
                return key
            there = self._records.by_mark(form, mark)
        now: Row = there[0]
        self._records.change(form, now, self._records.written(form, given, Sheet(now, form)))
        return Sheet(now, form).id


def _bill_to(account_id: str, customer: TradingAccount) -> dict[str, Any]:
    return {
        "account": Reference(account_id),
        "name": customer.name,
        "currency": customer.currency,
        "default": customer.default,
        "status": "On hold" if customer.on_hold else "Active",
    }


def _shipment(account_id: str, shipment: Shipment) -> dict[str, Any]:
    return {
        "account": Reference(account_id),
        "issued_on": shipment.shipped_on,
        "shipped_on": shipment.shipped_on,
        "carrier": shipment.carrier,
        "tracking": shipment.tracking,
        "status": "Shipped",
    }


def _shipped(line: Any) -> dict[str, Any]:
    return {
        "ErpLineNumber": line.number,
        "ActualID": line.item_id,
        "ProductName": line.description or line.item_id,
        "ErpShippedQuantity": float(line.quantity),
    }


def _signed(document: Invoice | CreditNote, amount: Money) -> Decimal:
    """Give an amount as it counts: a credit takes away from what is owed."""
    return -amount.amount if isinstance(document, CreditNote) else amount.amount


def _invoice(account_id: str, document: Invoice | CreditNote) -> dict[str, Any]:
    credit = isinstance(document, CreditNote)
    paid = document.open.amount == _ZERO
    return {
        "account": Reference(account_id),
        "invoice": document.id,
        "issued_on": document.issued_on,
        "due_on": document.due_on if isinstance(document, Invoice) else None,
        "currency": document.currency,
        "net": _signed(document, document.net),
        "gross": _signed(document, document.gross),
        "status": ("Applied" if paid else "Credit") if credit else "Paid" if paid else "Open",
    }


def _billed(line: Any) -> dict[str, Any]:
    return {
        "ErpLineNumber": line.number,
        "ActualID": line.item_id,
        "ProductName": line.description or line.item_id,
        "Quantity": float(line.quantity),
        "Price": float(line.unit_price.amount),
        "ExtendedPrice": float(line.net.amount),
    }


def _receivable(account_id: str, document: Invoice | CreditNote) -> dict[str, Any]:
    settled = document.gross - document.open
    words = _invoice(account_id, document)
    kept = ("account", "invoice", "issued_on", "due_on", "currency", "status")
    return {name: words[name] for name in kept} | {
        "amount": _signed(document, document.gross),
        "received": _signed(document, settled),
    }
