"""The CRM's own arithmetic, against worked examples."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock_mocks.frontoffice import amounts, lines


def line(**fields: Any) -> dict[str, Any]:
    return {"item_code": "X", "quantity": "1", **fields}


def totals(given: list[dict[str, Any]], currency: str = "EUR", **head: str) -> tuple[Any, ...]:
    made = lines.totals(head, lines.complete(given, currency), currency)
    return made["net_total"], made["tax_total"], made["gross_total"]


def test_three_lines_of_10_01_at_20_percent_are_36_03_when_rounded_by_line():
    given = [line(unit_price="10.01", tax_rate="0.20")] * 3
    assert totals(given) == ("30.03", "6.00", "36.03")


def test_the_same_lines_take_the_document_rounding_of_the_pricing_system():
    given = [line(unit_price="10.01", tax_rate="0.20")] * 3
    erp = {"net_total": "30.03", "tax_total": "6.01", "gross_total": "36.04"}
    assert totals(given, **erp) == ("30.03", "6.01", "36.04")


def test_the_same_lines_are_36_04_when_rounded_by_document():
    made = lines.complete([line(unit_price="10.01", tax_rate="0.20")] * 3, "EUR")
    assert lines.summed(made, "EUR", "document")["gross_total"] == "36.04"


def test_discount_is_taken_before_the_one_rounding_of_a_line():
    # 16 x 348.35 - 4 % + 22 %: net 5350.656, so 5350.66, and tax on that.
    given = [line(quantity="16", unit_price="348.35", discount_percent="4", tax_rate="0.22")]
    assert totals(given) == ("5350.66", "1177.15", "6527.81")


def test_half_a_penny_is_rounded_up_and_a_negative_one_away_from_zero():
    assert amounts.rounded(Decimal("0.125"), "EUR") == Decimal("0.13")
    assert amounts.rounded(Decimal("-0.125"), "EUR") == Decimal("-0.13")


@pytest.mark.parametrize(
    ("currency", "expected"), [("JPY", "10"), ("EUR", "10.49"), ("KWD", "10.494")]
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, expected: str):
    assert totals([line(unit_price="10.494")], currency)[0] == expected


def test_a_line_without_a_price_has_no_amount_and_neither_has_the_document():
    given = [line(unit_price="5"), line()]
    assert totals(given) == (None, None, None)


def test_without_a_tax_rate_net_is_known_and_gross_is_not():
    assert totals([line(unit_price="5")]) == ("5.00", None, None)


def test_a_document_without_lines_comes_to_zero():
    assert totals([]) == ("0.00", "0.00", "0.00")


def test_amounts_of_the_pricing_system_are_kept_as_they_are():
    given = [line(unit_price="10", net_amount="9.99", tax_rate="0.20", tax_amount="2.01")]
    assert totals(given) == ("9.99", "2.01", "12.00")


def test_a_line_as_long_as_can_be_loses_no_penny():
    given = [
        line(
            quantity="999999999.999999", unit_price="999999999.999999", discount_percent="0.000001"
        )
    ]
    exact = (
        Decimal("999999999.999999") * Decimal(999999999999999) * Decimal("99.999999")
    ) / Decimal(100000000)
    assert abs(Decimal(totals(given)[0]) - exact) <= Decimal("0.005")
