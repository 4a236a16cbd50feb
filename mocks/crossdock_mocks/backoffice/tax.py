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

    By line, each line's tax is rounded and summed. By document, each code's tax is rounded once on
    the sum of its bases; the difference from the lines' own rounded taxes (the residue) is put on
    the largest line of that code, the first of equals.

    Args:
        lines: The lines.
        mode: How to round.
        places: Decimal places of the currency.
    """
    taxes = [rounded(line.net * line.rate, places) for line in lines]
    codes: dict[str, list[int]] = {}
    for position, line in enumerate(lines):
        codes.setdefault(line.tax_code, []).append(position)
    totals: list[TaxTotal] = []
    residues: list[Residue] = []
    for code, positions in codes.items():
        base = sum((lines[at].net for at in positions), ZERO)
        tax = sum((taxes[at] for at in positions), ZERO)
        rate = lines[positions[0]].rate
        if mode == "document":
            whole = rounded(base * rate, places)
            if whole != tax:
                carrier = max(positions, key=lambda at: (lines[at].net, -at))
                taxes[carrier] += whole - tax
                residues.append(Residue(code, lines[carrier].line, whole - tax))
                tax = whole
        totals.append(TaxTotal(code, rate, base, tax))
    return DocumentTax(
        mode=mode,
        by_line=tuple(taxes),
        totals=tuple(totals),
        residues=tuple(residues),
        net=sum((total.base for total in totals), ZERO),
        tax=sum((total.tax for total in totals), ZERO),
    )
