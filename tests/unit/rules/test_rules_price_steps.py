from decimal import Decimal

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money
from crossdock.rules import document_steps, price_steps


def kinds(found):
    return {step.kind: str(step.amount.amount) for step in found.steps}


def test_a_contract_price_with_a_discount_is_told_from_the_list_price_on(make):
    line = evolve(
        make.priced_line(1, 16, "348.35", discount=4, tax_rate="0.22"),
        list_price=make.euro("400.00"),
        rule="customer_contract",
        source="PL-7",
    )

    found = price_steps(line)

    assert kinds(found) == {
        "list": "6400.00",
        "price_rule": "-826.40",
        "discount": "-222.94",
        "tax": "1177.15",
    }
    assert make.euro("6527.81") == found.gross
    assert not found.residue
    (by_rule,) = (step for step in found.steps if step.kind == "price_rule")
    assert (by_rule.rule, by_rule.source) == ("customer_contract", "PL-7")
    assert by_rule.text == "348.35 instead of 400.00 by customer contract (PL-7)"


def test_without_a_list_price_the_rule_is_the_first_step(make):
    found = price_steps(evolve(make.priced_line(1, 3, "10.01"), list_price=None))

    assert kinds(found) == {"price_rule": "30.03", "tax": "6.01"}


def test_what_rounding_leaves_of_a_line_is_a_step_of_its_own(make):
    line = make.priced_line(1, 3, "0.333", discount=10, tax_rate="0")

    found = price_steps(line)

    assert kinds(found) == {"list": "1.00", "discount": "-0.10"}
    twice = evolve(line, quantity=Decimal("1.5"), net=make.euro("0.45"))
    assert kinds(price_steps(twice)) == {"list": "0.50", "discount": "-0.05"}
    by_unit = evolve(line, net=make.euro("0.90") - make.euro("0.01"))
    assert kinds(price_steps(by_unit))["rounding"] == "-0.01"


def test_a_figure_that_contradicts_its_factors_is_left_as_a_residue(make):
    found = price_steps(make.priced_line(1, 1, "100", net=make.euro("90")))

    assert make.euro("-10") == found.residue
    assert "rounding" not in kinds(found)


def test_rounding_by_document_is_a_step_of_the_document(make):
    lines = [make.priced_line(number, 1, "10.01") for number in (1, 2, 3)]

    found = document_steps(make.pricing(*lines, tax=make.euro("6.01"), rounding="document"))

    assert make.euro("36.04") == found.gross
    assert not found.residue
    assert ("tax_rounding", None, make.euro("0.01")) == (
        found.steps[-1].kind,
        found.steps[-1].line,
        found.steps[-1].amount,
    )


_prices = st.decimals("0.001", 5000, places=3)


@given(
    st.lists(
        st.tuples(
            st.decimals("0.5", 500, places=1),
            _prices,
            _prices | st.none(),
            st.decimals(0, 60, places=2),
            st.sampled_from(["0", "0.055", "0.20"]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(-3, 3),
)
def test_the_steps_of_sound_figures_add_up_with_a_residue_of_zero(make, factors, residue):
    lines = [
        evolve(
            make.priced_line(number, quantity, price, discount=discount, tax_rate=rate),
            list_price=None if listed is None else make.euro(listed),
        )
        for number, (quantity, price, listed, discount, rate) in enumerate(factors, start=1)
    ]
    tax = sum((line.tax for line in lines), start=make.euro(residue) * Decimal("0.01"))

    found = document_steps(make.pricing(*lines, tax=tax, rounding="document"))

    assert not found.residue
    assert found.gross == sum((step.amount for step in found.steps), start=Money.zero("EUR"))
    for line in lines:
        assert not price_steps(line).residue
