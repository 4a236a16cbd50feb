"""What the lines of a document come to: net, discount and tax of each, and the totals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock_mocks.backoffice.decimals import HUNDRED, ZERO, plain, rounded, unit_of
from crossdock_mocks.backoffice.tax import RoundingMode, TaxableLine, net_amount, tax_document
from crossdock_mocks.dialects.business_central.errors import bad_request
from crossdock_mocks.dialects.business_central.records import Records, Row

if TYPE_CHECKING:
    from crossdock_mocks.dialects.business_central.sales_kinds import Document

_PERCENT_PLACES = 5
_MOST = Decimal(10) ** 15


def spread(amount: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """An amount as parts by weight that add up to it: 10.00 over three is 3.33, 3.33 and 3.34.

    Args:
        amount: The amount.
        weights: The weights; none is negative.
        places: Decimal places of the parts.
    """
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO for _ in weights]
    parts, given, seen = [], ZERO, ZERO
    for weight in weights:
        seen += weight
        upto = rounded(amount * seen / whole, places)
        parts.append(upto - given)
        given = upto
    return parts


def line_net(line: Row, quantity: Decimal, places: int) -> Decimal:
    """The net amount of so much of a line, its own discount taken off."""
    price, whole = Decimal(line["unitPrice"]), Decimal(line["quantity"])
    fixed = line.get("_discountAmount")
    if fixed is not None and whole:
        gross = rounded(quantity * price, places)
        return gross - rounded(Decimal(fixed) * quantity / whole, places)
    return net_amount(quantity, price, Decimal(line["discountPercent"]), places)


def write_amounts(
    records: Records, document: Row, lines: Sequence[Row], quantities: Sequence[Decimal]
) -> None:
    """Write the amounts of lines, and the totals of their document.

    Args:
        records: The world's records.
        document: The document; `discountAmount` is its invoice discount.
        lines: Its lines.
        quantities: How much of each line counts.
    """
    places = records.places(document["currencyCode"])
    mode: RoundingMode = "document" if records.company["rounding"] == "document" else "line"
    nets = [
        line_net(line, quantity, places) for line, quantity in zip(lines, quantities, strict=True)
    ]
    if any(abs(net) >= _MOST for net in nets):
        raise bad_request("An amount is out of range: Overflow under type conversion of Decimal")
    discount = min(Decimal(document.get("discountAmount", "0")), max(sum(nets, ZERO), ZERO))
    shares = spread(discount, [max(net, ZERO) for net in nets], places)
    taxed = tax_document(
        [
            TaxableLine(
                int(line["sequence"]), line["taxCode"], Decimal(line["_taxRate"]), net - share
            )
            for line, net, share in zip(lines, nets, shares, strict=True)
        ],
        mode,
        places,
    )
    for line, quantity, net, share, tax in zip(
        lines, quantities, nets, shares, taxed.by_line, strict=True
    ):
        gross = rounded(quantity * Decimal(line["unitPrice"]), places)
        own_tax = tax if not share else rounded(net * Decimal(line["_taxRate"]), places)
        line.update(
            discountAmount=plain(gross - net),
            amountExcludingTax=plain(net),
            totalTaxAmount=plain(own_tax),
            amountIncludingTax=plain(net + own_tax),
            netAmount=plain(net - share),
            netTaxAmount=plain(tax),
            netAmountIncludingTax=plain(net - share + tax),
        )
        if "invoiceDiscountAllocation" in line:
            line["invoiceDiscountAllocation"] = plain(share)
        if line.get("_discountAmount") is not None and gross:
            percent = (gross - net) / gross * HUNDRED
            line["discountPercent"] = plain(
                percent.quantize(unit_of(_PERCENT_PLACES)) if percent else ZERO
            )
    document.update(
        totalAmountExcludingTax=plain(taxed.net),
        totalTaxAmount=plain(taxed.tax),
        totalAmountIncludingTax=plain(taxed.total),
    )
    if "discountAmount" in document:
        document["discountAmount"] = plain(discount)
    if "remainingAmount" in document:
        document["remainingAmount"] = plain(taxed.total)


def total(records: Records, kind: Document, document: Row) -> Row:
    """Bring a document's amounts up to date with its lines, and keep a new version of it."""
    lines = sorted(
        records.find(kind.lines, {"documentId": document["id"]}),
        key=lambda line: int(line["sequence"]),
    )
    before = [dict(line) for line in lines]
    write_amounts(records, document, lines, [Decimal(line["quantity"]) for line in lines])
    for line, old in zip(lines, before, strict=True):
        if line != old:
            records.replace(kind.lines, line)
    return records.replace(kind.set, document)
