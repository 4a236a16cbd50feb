"""What the lines of a document come to: net, discount and tax of each, and the totals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from attrs import frozen

from crossdock_mocks.backoffice.decimals import ZERO, amount_text, plain, rounded
from crossdock_mocks.backoffice.tax import (
    DocumentTax,
    RoundingMode,
    TaxableLine,
    net_amount,
    tax_document,
)

Row = dict[str, Any]


@frozen
class Money:
    """How amounts of a document are rounded.

    Attributes:
        places: Decimal places of its currency.
        mode: Tax by line or by document.
    """

    places: int
    mode: RoundingMode

    def text(self, value: Decimal) -> str:
        """An amount as text."""
        return amount_text(value, self.places)


def line_nets(lines: Sequence[Row], quantities: Sequence[Decimal], money: Money) -> list[Decimal]:
    """The net amount of so much of each line."""
    return [
        net_amount(
            quantity, Decimal(line["unitPrice"]), Decimal(line["discountPercent"]), money.places
        )
        for line, quantity in zip(lines, quantities, strict=True)
    ]


def taxed(lines: Sequence[Row], nets: Sequence[Decimal], money: Money) -> DocumentTax:
    """The tax on the lines' net amounts."""
    return tax_document(
        [
            TaxableLine(line["line"], line["taxCode"], Decimal(line["taxRate"]), net)
            for line, net in zip(lines, nets, strict=True)
        ],
        money.mode,
        money.places,
    )


def valued(lines: Sequence[Row], quantities: Sequence[Decimal], money: Money) -> Decimal:
    """What so much of each line comes to, tax included."""
    return taxed(lines, line_nets(lines, quantities, money), money).total


def write_amounts(
    header: Row,
    lines: Sequence[Row],
    quantities: Sequence[Decimal],
    money: Money,
    nets: Sequence[Decimal] | None = None,
) -> None:
    """Write net and tax into the lines, and totals, taxes and rounding into the header.

    Args:
        header: The document's header.
        lines: Its lines with unitPrice, discountPercent, taxCode and taxRate.
        quantities: How much of each line counts.
        money: How to round.
        nets: The net amounts, where they do not follow from the quantities.
    """
    nets = line_nets(lines, quantities, money) if nets is None else nets
    result = taxed(lines, nets, money)
    for line, quantity, net, tax in zip(lines, quantities, nets, result.by_line, strict=True):
        if "discount" in line:
            gross = rounded(quantity * Decimal(line["unitPrice"]), money.places)
            line["discount"] = money.text(gross - net)
        line["net"] = money.text(net)
        line["tax"] = money.text(tax)
    header.update(totals(result, money))


def totals(result: DocumentTax, money: Money) -> Row:
    """The header fields that tell a document's totals."""
    largest = max(result.residues, key=lambda each: abs(each.amount), default=None)
    return {
        "net": money.text(result.net),
        "tax": money.text(result.tax),
        "total": money.text(result.total),
        "taxes": [
            {
                "taxCode": each.tax_code,
                "taxRate": plain(each.rate),
                "base": money.text(each.base),
                "tax": money.text(each.tax),
            }
            for each in result.totals
        ],
        "rounding": {
            "mode": result.mode,
            "residue": money.text(sum((each.amount for each in result.residues), ZERO)),
            "residueLine": None if largest is None else largest.line,
            "residues": [
                {
                    "taxCode": each.tax_code,
                    "line": each.line,
                    "residue": money.text(each.amount),
                }
                for each in result.residues
            ],
        },
    }
