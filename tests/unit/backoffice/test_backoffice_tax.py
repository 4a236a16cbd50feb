"""Tax, rounded by line or by document. Expected figures are worked by hand or from the trade."""

from decimal import Decimal

import pytest

from crossdock_mocks.backoffice.tax import TaxableLine, net_amount, tax_document

STANDARD = Decimal("0.20")
REDUCED = Decimal("0.05")


def lines(*nets, code="STD", rate=STANDARD):
    return [TaxableLine(number, code, rate, Decimal(net)) for number, net in enumerate(nets, 1)]


def test_three_lines_of_10_01_at_20_percent_are_36_03_by_line():
    assert Decimal("36.03") == tax_document(lines("10.01", "10.01", "10.01"), "line", 2).total


def test_three_lines_of_10_01_at_20_percent_are_36_04_by_document():
    assert Decimal("36.04") == tax_document(lines("10.01", "10.01", "10.01"), "document", 2).total


def test_the_residue_of_document_rounding_stands_on_a_named_line():
    found = tax_document(lines("10.01", "10.01", "10.01"), "document", 2)

    (residue,) = found.residues
    assert (1, Decimal("0.01")) == (residue.line, residue.amount)
    assert (Decimal("2.01"), Decimal("2.00"), Decimal("2.00")) == found.by_line


def test_the_residue_goes_to_the_largest_line_of_its_rate():
    taxable = [
        TaxableLine(1, "STD", STANDARD, Decimal("10.01")),
        TaxableLine(2, "STD", STANDARD, Decimal("20.01")),
        TaxableLine(3, "STD", STANDARD, Decimal("10.01")),
        TaxableLine(4, "RED", REDUCED, Decimal("500.00")),
    ]

    found = tax_document(taxable, "document", 2)

    # 40.03 x 0.20 = 8.006 -> 8.01, by line 2.00 + 4.00 + 2.00 = 8.00
    assert [(2, Decimal("0.01"))] == [(each.line, each.amount) for each in found.residues]
    assert Decimal("4.01") == found.by_line[1]


def test_by_line_there_is_no_residue():
    assert tax_document(lines("10.01", "10.01", "10.01"), "line", 2).residues == ()


def test_codes_of_the_same_rate_are_rounded_together_and_told_apart():
    taxable = [
        TaxableLine(1, "STD", STANDARD, Decimal("10.01")),
        TaxableLine(2, "IMPORT", STANDARD, Decimal("10.01")),
        TaxableLine(3, "STD", STANDARD, Decimal("10.01")),
    ]

    found = tax_document(taxable, "document", 2)

    assert Decimal("6.01") == found.tax
    assert {"STD": Decimal("4.01"), "IMPORT": Decimal("2.00")} == {
        each.tax_code: each.tax for each in found.totals
    }


@pytest.mark.parametrize("mode", ["line", "document"])
def test_taxes_of_lines_and_totals_add_up_to_the_document(mode):
    taxable = [
        TaxableLine(1, "STD", STANDARD, Decimal("33.33")),
        TaxableLine(2, "RED", REDUCED, Decimal("0.09")),
        TaxableLine(3, "RED", REDUCED, Decimal("0.09")),
        TaxableLine(4, "STD", STANDARD, Decimal("66.67")),
    ]

    found = tax_document(taxable, mode, 2)

    assert found.tax == sum(found.by_line) == sum(each.tax for each in found.totals)
    assert Decimal("100.18") == found.net == sum(each.base for each in found.totals)


def test_a_document_without_lines_comes_to_nothing():
    assert Decimal(0) == tax_document([], "document", 2).total


def test_a_net_amount_is_rounded_once_at_the_end():
    """16 x 348.35 less 4 % is 5350.656; with 22 % tax 6527.81, not the 6527.80 of other orders."""
    net = net_amount(Decimal(16), Decimal("348.35"), Decimal(4), 2)

    assert Decimal("5350.66") == net
    assert Decimal("6527.81") == tax_document(lines(net, rate=Decimal("0.22")), "line", 2).total


def test_half_a_cent_is_rounded_away_from_zero():
    assert Decimal("0.13") == net_amount(Decimal(1), Decimal("0.125"), Decimal(0), 2)


def test_a_currency_without_minor_units_has_whole_amounts():
    found = tax_document([TaxableLine(1, "STD", Decimal("0.10"), Decimal(1005))], "line", 0)

    assert Decimal(101) == found.tax
