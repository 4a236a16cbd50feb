from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money
from crossdock.rules import explain_difference


def causes(found):
    return [(cause.kind, str(cause.gross.amount)) for cause in found.causes]


def check(found, make):
    """The causes and the residue are the whole difference, and the residue is zero."""
    assert make.euro(0) == found.residue
    explained = sum((cause.gross for cause in found.causes), start=make.euro(0))
    assert found.difference == explained


def test_a_quote_that_has_the_erps_price_has_no_difference(make):
    found = explain_difference(
        make.quote(make.quote_line(price="10", tax_rate="0.20")), make.pricing(make.priced_line())
    )

    assert found.causes == ()
    assert make.euro(0) == found.difference == found.residue


def test_another_price_is_told_with_its_rule_and_its_source(make):
    found = explain_difference(
        make.quote(make.quote_line(quantity=3, price="12.50", tax_rate="0.20")),
        make.pricing(make.priced_line(quantity=3, price="12", rule="contract", source="CT-7")),
    )

    assert causes(found) == [("price_rule", "-1.80")]
    assert "contract (CT-7)" in found.causes[0].text
    assert "12.50" in found.causes[0].text
    check(found, make)


def test_the_base_of_a_discount_is_88_or_90(make):
    # 10 % and then 2 % off 100, which the quote added up to 12 %, against 10 % in the ERP.
    found = explain_difference(
        make.quote(make.quote_line(price="100", discount=12, tax_rate="0")),
        make.pricing(make.priced_line(price="100", discount=10, tax_rate="0")),
    )

    assert causes(found) == [("discount", "2.00")]
    check(found, make)


def test_gross_taken_for_net_is_a_matter_of_the_tax_base(make):
    found = explain_difference(
        make.quote(make.quote_line(quantity=2, price="12.00", tax_rate="0.20")),
        make.pricing(make.priced_line(quantity=2, price="10.00")),
    )

    assert causes(found) == [("tax_base", "-4.80")]
    check(found, make)


def test_a_tax_that_the_quote_did_not_have(make):
    found = explain_difference(
        make.quote(make.quote_line(price="10")), make.pricing(make.priced_line(price="10"))
    )

    assert causes(found) == [("tax_rate", "2.00")]
    check(found, make)


def test_rounding_by_document_instead_of_by_line_is_a_penny(make):
    lines = [make.priced_line(number, price="10.01") for number in (1, 2, 3)]
    quoted = [
        make.quote_line(
            number,
            price="10.01",
            tax_rate="0.20",
            net=make.euro("10.01"),
            tax=make.euro("2.00"),
        )
        for number in (1, 2, 3)
    ]

    found = explain_difference(
        make.quote(*quoted, net=make.euro("30.03"), tax=make.euro("6.00")),
        make.pricing(*lines, tax=make.euro("6.01"), rounding="document"),
    )

    assert causes(found) == [("rounding", "0.01")]
    assert "by document" in found.causes[0].text
    assert make.euro("36.04") == found.gross
    check(found, make)


def test_rounding_a_unit_price_first_is_rounding(make):
    found = explain_difference(
        make.quote(
            make.quote_line(
                quantity=16, price="348.35", discount=4, tax_rate="0", net=make.euro("5350.72")
            )
        ),
        make.pricing(make.priced_line(quantity=16, price="348.35", discount=4, tax_rate="0")),
    )

    assert causes(found) == [("rounding", "-0.06")]
    check(found, make)


def test_boxes_taken_for_pieces_are_a_matter_of_the_unit(make):
    found = explain_difference(
        make.quote(make.quote_line(quantity=2, price="10", tax_rate="0")),
        make.pricing(make.priced_line(quantity=24, price="10", tax_rate="0")),
        units={1: Decimal(12)},
    )

    assert causes(found) == [("unit", "220.00")]
    check(found, make)


def test_a_price_per_box_is_the_same_price_per_piece(make):
    found = explain_difference(
        make.quote(make.quote_line(quantity=2, price="120", tax_rate="0")),
        make.pricing(make.priced_line(quantity=24, price="10", tax_rate="0")),
        units={1: Decimal(12)},
    )

    assert causes(found) == []
    check(found, make)


def test_units_with_other_names_are_named_as_the_cause(make):
    found = explain_difference(
        make.quote(make.quote_line(quantity=2, price="100", tax_rate="0", unit="box")),
        make.pricing(make.priced_line(quantity=24, price="10", tax_rate="0", unit="piece")),
    )

    assert causes(found) == [("unit", "40.00")]
    assert "2 box at 100" in found.causes[0].text
    check(found, make)


def test_another_quantity_is_told(make):
    found = explain_difference(
        make.quote(make.quote_line(quantity=9, price="1", tax_rate="0")),
        make.pricing(make.priced_line(quantity=10, price="1", tax_rate="0")),
    )

    assert causes(found) == [("quantity", "1.00")]


def test_an_unpriced_line_comes_in_whole_by_the_erps_rule(make):
    found = explain_difference(
        make.quote(make.quote_line(quantity=2)), make.pricing(make.priced_line(quantity=2))
    )

    assert causes(found) == [("price_rule", "20.00"), ("tax_rate", "4.00")]
    check(found, make)


def test_lines_on_one_side_only_are_named(make):
    found = explain_difference(
        make.quote(make.quote_line(1, price="5", tax_rate="0.20")),
        make.pricing(make.priced_line(2, price="7")),
    )

    assert causes(found) == [("line_removed", "-6.00"), ("line_added", "8.40")]
    check(found, make)


def test_currencies_need_a_stated_rate(make):
    quote = make.quote(make.quote_line(price="100", tax_rate="0", currency="USD"), currency="USD")
    pricing = make.pricing(make.priced_line(price="93", tax_rate="0"))

    with pytest.raises(ValueError, match="rate"):
        explain_difference(quote, pricing)
    found = explain_difference(quote, pricing, rate=Decimal("0.92"))

    assert make.euro("92.00") == found.quoted_gross
    assert causes(found) == [("currency", "0"), ("price_rule", "1.00")]
    check(found, make)


def test_a_figure_that_contradicts_its_own_factors_is_left_as_residue(make):
    wrong = evolve(make.priced_line(price="10", tax_rate="0"), net=make.euro("17"))

    found = explain_difference(
        make.quote(make.quote_line(price="10", tax_rate="0")), make.pricing(wrong)
    )

    assert make.euro(7) == found.residue
    assert found.causes == ()


money = st.integers(1, 10_000_000).map(lambda units: Decimal(units) / 10_000)
discounts = st.integers(0, 1000).map(lambda permille: Decimal(permille) / 10)
rates = st.sampled_from(["0", "0.05", "0.20", "0.22"])
factors = st.tuples(st.integers(1, 500), money, discounts, rates)


@given(st.lists(st.tuples(factors, factors), min_size=1, max_size=6), st.booleans())
def test_causes_always_add_up_to_the_difference_with_no_residue(make, pairs, by_document):
    quoted = [
        make.quote_line(n, quantity=q, price=p, discount=d, tax_rate=t)
        for n, ((q, p, d, t), _) in enumerate(pairs, start=1)
    ]
    lines = [
        make.priced_line(n, quantity=q, price=str(p), discount=d, tax_rate=t)
        for n, (_, (q, p, d, t)) in enumerate(pairs, start=1)
    ]
    tax = None
    if by_document:
        exact = sum((line.net * line.tax_rate for line in lines), start=make.euro(0))
        tax = exact.rounded()

    found = explain_difference(make.quote(*quoted), make.pricing(*lines, tax=tax))

    check(found, make)
    cent = Money("0.01", "EUR")
    for cause in found.causes:
        assert cause.gross == cause.gross.rounded()
        if cause.kind == "rounding":
            assert abs(cause.gross) < cent * 300
