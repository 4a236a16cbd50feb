"""What is open of invoices, payments and credit notes, from their applications; pure computation.

An application is kept with both documents that it links: with the invoice that it settles and with
the payment or credit note that it uses. Open amounts always follow from applications.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from crossdock_mocks.backoffice.decimals import ZERO, amount_text

Document = dict[str, Any]


@frozen
class Settlement:
    """How an invoice is settled.

    Attributes:
        paid: Applied from payments.
        credited: Applied from credit notes.
        open: What is left.
    """

    paid: Decimal
    credited: Decimal
    open: Decimal

    @property
    def status(self) -> str:
        """One word: open, partly_paid, paid, or credited (settled by credit alone)."""
        if self.open > ZERO:
            return "partly_paid" if self.paid or self.credited else "open"
        return "credited" if self.credited and not self.paid else "paid"


def settlement(
    total: Decimal, applications: Sequence[Mapping[str, Any]], on: date | None = None
) -> Settlement:
    """How an invoice is settled, today or as of a day.

    Args:
        total: The invoice's total.
        applications: Its applications.
        on: Only those applied on or before this day count.
    """
    paid = credited = ZERO
    for each in applications:
        if on is not None and each["appliedOn"] > on.isoformat():
            continue
        if each.get("paymentId") is not None:
            paid += Decimal(each["amount"])
        else:
            credited += Decimal(each["amount"])
    return Settlement(paid, credited, total - paid - credited)


def settle_invoice(invoice: Document, places: int) -> None:
    """Write into an invoice what follows from its applications."""
    found = settlement(Decimal(invoice["total"]), invoice["applications"])
    invoice["paidAmount"] = amount_text(found.paid, places)
    invoice["creditedAmount"] = amount_text(found.credited, places)
    invoice["openAmount"] = amount_text(found.open, places)
    invoice["open"] = found.open != ZERO
    invoice["status"] = found.status


def settle_means(document: Document, amount_field: str, places: int) -> None:
    """Write into a payment or credit note what follows from its applications.

    Args:
        document: The payment or credit note.
        amount_field: Field of its whole amount: `amount` or `total`.
        places: Decimal places of its currency.
    """
    applied = sum((Decimal(each["amount"]) for each in document["applications"]), ZERO)
    left = Decimal(document[amount_field]) - applied
    document["appliedAmount"] = amount_text(applied, places)
    document["unappliedAmount"] = amount_text(left, places)
    document["open"] = left != ZERO
