"""Lines of quotes and orders, and the totals of a document.

Amounts that the caller gives are those of a pricing system, and are kept. What is left out is
computed here; where there is nothing to compute from it stays null, which is not zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.engine import Violation
from crossdock_mocks.frontoffice import amounts
from crossdock_mocks.frontoffice.office import Row
from crossdock_mocks.frontoffice.refusals import invalid, wrong

TOTALS: Final = ("net_total", "tax_total", "gross_total")
_PLAIN: Final = ("description", "unit", "tax_rate", "price_rule", "price_source", "promised_on")


def complete(given: Sequence[Mapping[str, Any]], currency: str) -> list[Row]:
    """Number the lines and compute the amounts that they lack.

    Raises:
        Problem: 422, a line number occurs twice or a quantity is zero.
    """
    faults = []
    taken = {line["line"] for line in given if line.get("line") is not None}
    seen: set[int] = set()
    free = 1
    rows = []
    for position, line in enumerate(given):
        number = line.get("line")
        if number is None:
            while free in taken:
                free += 1
            number = free
            taken.add(number)
        if number in seen:
            faults.append(
                Violation(
                    f"/lines/{position}/line",
                    f"repeats line {number}",
                    "a number of its own",
                    number,
                )
            )
        seen.add(number)
        if not Decimal(line["quantity"]):
            faults.append(
                Violation(
                    f"/lines/{position}/quantity", "is zero", "more than zero", line["quantity"]
                )
            )
        rows.append(_line(line, number, currency))
    if faults:
        raise invalid(*faults)
    return sorted(rows, key=lambda row: row["line"])


def _line(line: Mapping[str, Any], number: int, currency: str) -> Row:
    row: Row = {
        "line": number,
        "item_code": line["item_code"],
        "quantity": line["quantity"],
        "discount_percent": line.get("discount_percent", "0"),
        **{field: line.get(field) for field in _PLAIN},
        **{
            field: _money(line.get(field), currency)
            for field in ("list_price", "unit_price", "net_amount", "tax_amount")
        },
    }
    return with_amounts(row, currency)


def with_amounts(row: Row, currency: str) -> Row:
    """Compute the amounts that a line lacks, as far as there is something to compute from."""
    net, tax = row["net_amount"], row["tax_amount"]
    if net is None and row["unit_price"] is not None:
        quantity, price, discount = (
            Decimal(row[field]) for field in ("quantity", "unit_price", "discount_percent")
        )
        net = format(amounts.line_net(quantity, price, discount, currency), "f")
    if tax is None and net is not None and row["tax_rate"] is not None:
        tax = format(amounts.line_tax(Decimal(net), Decimal(row["tax_rate"]), currency), "f")
    return {**row, "net_amount": net, "tax_amount": tax}


def _money(value: str | None, currency: str) -> str | None:
    return None if value is None else amounts.text(value, currency)


def summed(lines: Sequence[Row], currency: str, rounding: str = "line") -> dict[str, str | None]:
    """Totals as the sums of the lines; tax by `document` is rounded once for each rate."""
    net = amounts.total((line["net_amount"] for line in lines), currency)
    tax = amounts.total((line["tax_amount"] for line in lines), currency)
    if rounding == "document" and tax is not None:
        bases: dict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            bases[line["tax_rate"]] += Decimal(line["net_amount"])
        taxes = (amounts.line_tax(base, Decimal(rate), currency) for rate, base in bases.items())
        tax = amounts.total((format(each, "f") for each in taxes), currency)
    return {
        "net_total": net,
        "tax_total": tax,
        "gross_total": None if tax is None else amounts.total((net, tax), currency),
    }


def given_totals(values: Mapping[str, Any], currency: str) -> dict[str, str] | None:
    """The totals that the caller gives, or `None` where it gives none.

    Raises:
        Problem: 422, only some of the three are given, or they do not add up.
    """
    given = {field: values[field] for field in TOTALS if values.get(field) is not None}
    if not given:
        return None
    missing = [field for field in TOTALS if field not in given]
    if missing:
        raise invalid(
            *(Violation(f"/{field}", "is needed beside the other totals") for field in missing)
        )
    net, tax, gross = (Decimal(given[field]) for field in TOTALS)
    if net + tax != gross:
        raise wrong(
            "/gross_total",
            f"is {gross}, but net and tax make {net + tax}",
            format(net + tax, "f"),
            given["gross_total"],
        )
    return {field: amounts.text(given[field], currency) for field in TOTALS}


def totals(values: Mapping[str, Any], lines: Sequence[Row], currency: str) -> dict[str, str | None]:
    """The totals of a document: those given, if they agree with its lines, or else the sums.

    Tax may differ from the sum of the lines, because it may be rounded by document.

    Raises:
        Problem: 422, the net total is not the sum of the lines, or the totals do not add up.
    """
    sums = summed(lines, currency)
    given = given_totals(values, currency)
    if given is None:
        return sums
    if sums["net_total"] is not None and Decimal(given["net_total"]) != Decimal(sums["net_total"]):
        raise wrong(
            "/net_total",
            f"is {given['net_total']}, but the lines make {sums['net_total']}",
            sums["net_total"],
            given["net_total"],
        )
    return {**sums, **given}
