from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money, minor_units
from crossdock.rules import (
    TaxedLine,
    discount_document,
    line_net,
    spread,
    tax_by_document,
    tax_by_line,
)

VAT = Decimal("0.20")


def lines(*nets, rate=VAT):
    return [
        TaxedLine(number=number, net=Money(net, "EUR"), rate=rate)
        for number, net in enumerate(nets, start=1)
    ]


def test_three_lines_of_10_01_come_to_36_03_by_line_and_36_04_by_document():
    given_lines = lines("10.01", "10.01", "10.01")

    by_line = tax_by_line(given_lines)
    by_document = tax_by_document(given_lines)

    assert Money("36.03", "EUR") == by_line.gross
    assert Money("36.04", "EUR") == by_document.gross
    assert Money("0.01", "EUR") == by_document.residue
    assert by_document.residue_line == 3
    assert [str(tax.amount) for _, tax in by_document.taxes] == ["2.00", "2.00", "2.01"]


def test_one_line_differs_by_the_order_of_its_steps():
    net = line_net(Decimal(16), Money("348.35", "EUR"), Decimal(4))
    unrounded = line_net(Decimal(16), Money("348.35", "EUR"), Decimal(4), round_at="end")

    assert Money("6527.81", "EUR") == (net * Decimal("1.22")).rounded()
    assert Money("6527.80", "EUR") == (unrounded * Decimal("1.22")).rounded()


def test_rounding_the_unit_price_first_is_a_third_way():
    net = line_net(Decimal(16), Money("348.35", "EUR"), Decimal(4), round_at="unit_price")

    assert Money("5350.72", "EUR") == net


def test_a_discount_of_10_00_over_three_lines_is_3_33_3_33_3_34():
    parts = spread(Money("10.00", "EUR"), [1, 1, 1])

    assert [str(part.amount) for part in parts] == ["3.33", "3.33", "3.34"]


def test_a_discount_on_the_net_or_on_what_tax_was_added_to_is_88_or_90():
    # ERPNext takes a document's discount off the grand total, Shopify off the net: 20 off 100 at
    # 10 % (frappe/ecommerce_integrations, issue 154).
    given_lines = lines("100.00", rate=Decimal("0.10"))

    _, on_net = discount_document(given_lines, Money("20.00", "EUR"))
    _, on_gross = discount_document(given_lines, Money("20.00", "EUR"), base="gross")

    assert figures(on_net) == ("80.00", "8.00", "88.00")
    assert figures(on_gross) == ("81.82", "8.18", "90.00")


def figures(document):
    return tuple(str(each.amount) for each in (document.net, document.tax, document.gross))


def test_a_documents_discount_stands_on_its_lines_as_totals_that_add_up():
    found, document = discount_document(lines("10.00", "10.00", "10.00"), Money("10.00", "EUR"))

    assert [str(line.net.amount) for line in found] == ["6.67", "6.67", "6.66"]
    assert figures(document) == ("20.00", "3.99", "23.99")  # 1.33 of tax on each line


@pytest.mark.parametrize(
    ("nets", "discount", "why"),
    [
        (["10.00"], "10.01", "more than"),
        (["10.00"], "-1.00", "a discount is"),
        (["-10.00", "30.00"], "1.00", "negative share"),
    ],
)
def test_a_discount_that_cannot_be_spread_is_refused(nets, discount, why):
    with pytest.raises(ValueError, match=why):
        discount_document(lines(*nets), Money(discount, "EUR"))


@given(
    nets=st.lists(st.integers(0, 50_000), min_size=1, max_size=12),
    rates=st.lists(st.sampled_from(["0", "0.055", "0.10", "0.20"]), min_size=12, max_size=12),
    part=st.integers(0, 100),
    base=st.sampled_from(["net", "gross"]),
)
def test_a_discount_takes_exactly_its_amount_off_its_base(nets, rates, part, base):
    given_lines = [
        TaxedLine(number=n, net=Money(Decimal(net) / 100, "EUR"), rate=Decimal(rate))
        for n, (net, rate) in enumerate(zip(nets, rates, strict=False), start=1)
    ]
    before = tax_by_line(given_lines)
    discount = (getattr(before, base) * (Decimal(part) / 100)).rounded()

    found, after = discount_document(given_lines, discount, base=base)

    zero = Money.zero("EUR")
    assert getattr(after, base) == getattr(before, base) - discount
    assert after.net == sum((line.net for line in found), start=zero)
    assert after.tax == sum((tax for _, tax in after.taxes), start=zero)
    assert after.gross == after.net + after.tax
    assert all(line.net >= zero for line in found)


def test_a_small_amount_over_many_lines_leaves_no_large_residue_on_one():
    parts = spread(Money("1.00", "EUR"), [1] * 200)

    assert {Decimal("0.00"), Decimal("0.01")} == {part.amount for part in parts}


def test_a_line_of_weight_zero_takes_no_share():
    assert [str(part.amount) for part in spread(Money("-0.01", "EUR"), [0, 1, 0])] == [
        "0.00",
        "-0.01",
        "0.00",
    ]


@pytest.mark.parametrize(
    ("total", "weights", "why"),
    [
        ("1.00", [], "no line"),
        ("1.00", [1, -1], "negative"),
        ("1.005", [1], "minor unit"),
    ],
)
def test_what_cannot_be_spread_is_refused(total, weights, why):
    with pytest.raises(ValueError, match=why):
        spread(Money(total, "EUR"), weights)


@given(
    units=st.integers(-(10**9), 10**9),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=40),
)
def test_parts_add_up_and_none_is_a_minor_unit_off(units, currency, weights):
    step = Decimal(1).scaleb(-minor_units(currency))
    total = Money(units * step, currency)

    parts = spread(total, weights)

    assert total == sum(parts, start=Money.zero(currency))
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if sum(weights) else [1] * len(weights), strict=True):
        assert abs(part.amount * whole - total.amount * weight) < step * whole


@given(
    nets=st.lists(st.integers(-100_000, 100_000), min_size=1, max_size=20),
    rates=st.lists(st.sampled_from(["0", "0.05", "0.20", "0.22"]), min_size=20, max_size=20),
)
def test_document_rounding_differs_from_line_rounding_by_its_residue(nets, rates):
    given_lines = [
        TaxedLine(number=n, net=Money(Decimal(net) / 100, "EUR"), rate=Decimal(rate))
        for n, (net, rate) in enumerate(zip(nets, rates, strict=False), start=1)
    ]

    by_line = tax_by_line(given_lines)
    by_document = tax_by_document(given_lines)

    assert by_document.gross == by_line.gross + by_document.residue
    assert by_document.tax == sum((tax for _, tax in by_document.taxes), start=Money.zero("EUR"))
