"""What a sale comes to: subtotal, discount, tax of each rate, total.

Tax is rounded once for each rate, on the sum of what it applies to (assumed; a data set may round
otherwise, and such figures stay until lines are changed).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import attrs

from crossdock_mocks.backoffice.decimals import rounded
from crossdock_mocks.dialects.quickbooks.entities import TAX_CODE, TAX_RATE
from crossdock_mocks.dialects.quickbooks.forms import subtotal_line, tax_line
from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.refusals import business, refused
from crossdock_mocks.dialects.quickbooks.sale_lines import discount_line, item_lines
from crossdock_mocks.dialects.quickbooks.wire import MOST, ZERO, Row, decimal, number

_HUNDRED = Decimal(100)


@attrs.define
class _Sums:
    """Amounts by tax code; empty for lines without one."""

    by_code: dict[str, Decimal]
    subtotal: Decimal


def add_up(ledger: Ledger, row: Row, lines: list[Row], places: int) -> None:
    """Set lines, tax and total of a sale.

    Raises:
        Problem: 400 with code 6000, it comes to less than nothing.
    """
    inclusive = row["GlobalTaxCalculation"] == "TaxInclusive"
    sums = _sums(lines, inclusive=inclusive)
    reduction = _discount(lines, sums.subtotal, places)
    shares = _after_discount(row, sums, reduction)
    tax_lines: list[Row] = []
    tax = ZERO
    for code, base in shares.items():
        for rate, amount, net in _taxes(ledger, code, base, places, inclusive=inclusive):
            tax += amount
            tax_lines.append(tax_line(rate, amount, net))
    if inclusive:
        _net_of_tax(ledger, lines, places)
    total = sums.subtotal - reduction + (ZERO if inclusive else tax)
    if total < 0:
        raise business("Transaction amount must be 0 or greater.", "TotalAmt")
    if total > MOST:
        raise refused(2090, "Invalid Number : TotalAmt is too large", "TotalAmt")
    row["Line"] = [*lines, subtotal_line(sums.subtotal - tax if inclusive else sums.subtotal)]
    row["TxnTaxDetail"] = {"TotalTax": number(tax), **({"TaxLine": tax_lines} if tax_lines else {})}
    row["TotalAmt"] = number(total)


def same_figures(old: Row, new: Row, lines: list[Row]) -> bool:
    """Whether nothing has changed that tax and total follow from."""
    stood = [line for line in old["Line"] if line["DetailType"] != "SubTotalLineDetail"]
    modes = ("GlobalTaxCalculation", "ApplyTaxAfterDiscount")
    return [_figure(each) for each in stood] == [_figure(each) for each in lines] and all(
        old.get(name) == new.get(name) for name in modes
    )


def _figure(line: Row) -> tuple[Any, ...]:
    detail = line.get("SalesItemLineDetail") or line.get("DiscountLineDetail") or {}
    return (
        line["DetailType"],
        line.get("Amount"),
        (detail.get("TaxCodeRef") or {}).get("value"),
        detail.get("TaxInclusiveAmt"),
        detail.get("DiscountPercent"),
    )


def _sums(lines: list[Row], *, inclusive: bool) -> _Sums:
    by_code: dict[str, Decimal] = defaultdict(lambda: ZERO)
    subtotal = ZERO
    for line in item_lines(lines):
        detail = line["SalesItemLineDetail"]
        amount = decimal(detail["TaxInclusiveAmt"] if inclusive else line["Amount"])
        by_code[detail.get("TaxCodeRef", {}).get("value", "")] += amount
        subtotal += amount
    return _Sums(dict(by_code), subtotal)


def _discount(lines: list[Row], subtotal: Decimal, places: int) -> Decimal:
    """The discount; one by per cent gets its amount here."""
    line = discount_line(lines)
    if line is None:
        return ZERO
    percent = line["DiscountLineDetail"].get("DiscountPercent")
    if percent is not None:
        amount = rounded(subtotal * decimal(percent) / _HUNDRED, places)
        line["Amount"] = number(amount)
    return decimal(line["Amount"])


def _after_discount(row: Row, sums: _Sums, reduction: Decimal) -> dict[str, Decimal]:
    """What each tax code applies to: less its share of the discount, if tax comes after that."""
    if not (row.get("ApplyTaxAfterDiscount") and reduction and sums.subtotal):
        return sums.by_code
    return {
        code: amount - reduction * amount / sums.subtotal for code, amount in sums.by_code.items()
    }


def _rates(ledger: Ledger, code: str) -> list[Row]:
    if not code:
        return []
    details = ledger.get(TAX_CODE, code)["SalesTaxRateList"]["TaxRateDetail"]
    return [ledger.get(TAX_RATE, each["TaxRateRef"]["value"]) for each in details]


def _taxes(
    ledger: Ledger, code: str, base: Decimal, places: int, *, inclusive: bool
) -> list[tuple[Row, Decimal, Decimal]]:
    """Each rate of a code with its tax, and the net amount that it is on."""
    rates = _rates(ledger, code)
    if not rates:
        return []
    whole = sum((decimal(rate["RateValue"]) for rate in rates), ZERO) / _HUNDRED
    net = rounded(base / (1 + whole), places) if inclusive else rounded(base, places)
    exact = net if inclusive else base
    told = [
        (rate, rounded(exact * decimal(rate["RateValue"]) / _HUNDRED, places), net)
        for rate in rates
    ]
    if inclusive:
        # What is left of the gross amount is tax, to the cent; the last rate carries the residue.
        rate, tax, _ = told[-1]
        told[-1] = (rate, tax + base - net - sum((each[1] for each in told), ZERO), net)
    return told


def _net_of_tax(ledger: Ledger, lines: list[Row], places: int) -> None:
    for line in item_lines(lines):
        detail = line["SalesItemLineDetail"]
        rates = _rates(ledger, detail.get("TaxCodeRef", {}).get("value", ""))
        whole = sum((decimal(rate["RateValue"]) for rate in rates), ZERO) / _HUNDRED
        line["Amount"] = number(rounded(decimal(detail["TaxInclusiveAmt"]) / (1 + whole), places))
