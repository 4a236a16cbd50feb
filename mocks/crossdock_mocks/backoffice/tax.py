"""Net and tax of a document, rounded by line or by document; pure computation.

Worked example (facts of the trade): 3 lines of 10.01 at 20 % come to 36.03 rounded by line and
36.04 rounded by document.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import frozen

from crossdock_mocks.backoffice.decimals import HUNDRED, ONE, ZERO, rounded

RoundingMode: TypeAlias = Literal["line", "document"]


def net_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal, places: int) -> Decimal:
    """Quantity x unit price x (1 - discount per cent), rounded once, at the end.

    The order of steps matters: 16 x 348.35 less 4 % is 5350.66, and with 22 % tax 6527.81.
    """
    return rounded(quantity * unit_price * (ONE - discount / HUNDRED), places)


@frozen
class TaxableLine:
    """One line before tax.

    Attributes:
        line: Its number.
        tax_code: Its tax code.
        rate: The code's rate as a fraction.
        net: Net amount, rounded.
    """

    line: int
    tax_code: str
    rate: Decimal
    net: Decimal


@frozen
class TaxTotal:
    """Tax of one code over a document."""

    tax_code: str
    rate: Decimal
    base: Decimal
    tax: Decimal


@frozen
class Residue:
    """What rounding by document adds to (or takes from) one line."""

    tax_code: str
    line: int
    amount: Decimal


@frozen
class DocumentTax:
    """Tax of a document.

    Attributes:
        mode: How it was rounded.
        by_line: Tax of each line, in the order given; it adds up to `tax`.
        totals: Per tax code, in the order in which the codes first occur.
        residues: Where document rounding moved a line's tax.
        net: Sum of the lines' net amounts.
        tax: Sum of the taxes.
    """

    mode: RoundingMode
    by_line: tuple[Decimal, ...]
    totals: tuple[TaxTotal, ...]
    residues: tuple[Residue, ...]
    net: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        """Net and tax."""
        return self.net + self.tax


def tax_document(lines: Sequence[TaxableLine], mode: RoundingMode, places: int) -> DocumentTax:
    """Tax the lines of a document.

    By line, each line's tax is rounded and summed. By document, the tax of each rate is rounded
    once on the sum of its bases; the difference from the lines' own rounded taxes (the residue) is
    put on the largest line of that rate, the first of equals.

    Args:
        lines: The lines.
        mode: How to round.
        places: Decimal places of the currency.
    """
    taxes = [rounded(line.net * line.rate, places) for line in lines]
    residues = _spread_residues(lines, taxes, places) if mode == "document" else []
    totals: dict[str, TaxTotal] = {}
    for line, tax in zip(lines, taxes, strict=True):
        before = totals.get(line.tax_code, TaxTotal(line.tax_code, line.rate, ZERO, ZERO))
        totals[line.tax_code] = TaxTotal(
            line.tax_code, line.rate, before.base + line.net, before.tax + tax
        )
    return DocumentTax(
        mode=mode,
        by_line=tuple(taxes),
        totals=tuple(totals.values()),
        residues=tuple(residues),
        net=sum((line.net for line in lines), ZERO),
        tax=sum(taxes, ZERO),
    )


def _spread_residues(
    lines: Sequence[TaxableLine], taxes: list[Decimal], places: int
) -> list[Residue]:
    """Make the taxes of each rate add up to its tax on the whole; tells which lines changed."""
    rates: dict[Decimal, list[int]] = {}
    for position, line in enumerate(lines):
        rates.setdefault(line.rate, []).append(position)
    residues: list[Residue] = []
    for rate, positions in rates.items():
        base = sum((lines[at].net for at in positions), ZERO)
        residue = rounded(base * rate, places) - sum((taxes[at] for at in positions), ZERO)
        if residue:
            carrier = max(positions, key=lambda at: (lines[at].net, -at))
            taxes[carrier] += residue
            residues.append(Residue(lines[carrier].tax_code, lines[carrier].line, residue))
    return residues
