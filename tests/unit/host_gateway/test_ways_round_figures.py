"""Ways round the gateway: totals, margins, and what can be computed from what."""

import pytest


def test_whatever_a_port_answers_has_no_secret_in_it(world, secrets):
    # Way 1: read everything that there is, lists and pages included.
    world.guard("return Warn(repr(everything(ctx)))")

    assert secrets(world.said("kim")) == set()
    # The same plugin on behalf of somebody who may see it all finds what the test looks for.
    assert secrets(world.said("ada")) >= {
        "cost", "limit", "left", "e-mail", "phone", "tax number", "iban", "person",
    }  # fmt: skip


def test_a_margin_that_would_tell_the_cost_is_hidden_with_it(world, secrets):
    # Way 2: the role may see cost and not margin; price less cost is the margin.
    world.guard(
        """
        line = ctx.erp.price(
            ctx.erp.customer("C-1"),
            PriceRequest(lines=(PriceRequestLine(number=1, item_id="BRG-1", quantity=Decimal(1)),)),
        ).lines[0]
        return Warn(str(line.unit_price - line.unit_cost))
        """
    )

    assert secrets(world.said("lee")) == set()
    assert secrets(world.said("ada")) == {"margin"}


def test_the_cost_of_a_line_is_not_in_its_totals_or_its_contract(world, secrets):
    # Way 3: sum over lines, contracts and pages instead of reading one.
    world.guard(
        """
        customer = ctx.erp.customer("C-1")
        costs = [line.unit_cost for line in quote.lines]
        costs += [each.annual_cost for each in ctx.erp.contracts(customer)]
        costs += [each.cost for each in ctx.erp.items().items]
        return Warn(repr(costs))
        """
    )

    assert world.said("kim") == "[None, None, None, None, None]"


def test_no_credit_figure_is_left_to_compute_another_from(world, secrets):
    # Way 4: limit = exposure + available; over_by = exposure_after - limit.
    world.guard(
        """
        customer = ctx.erp.customer("C-1")
        status = ctx.erp.credit(customer)
        lines = (PriceRequestLine(number=1, item_id="BRG-1", quantity=Decimal(99)),)
        outcome = ctx.erp.price(customer, PriceRequest(lines=lines)).credit
        figures = [
            status.limit, status.exposure, status.available, status.balance, status.past_due,
            status.past_due_since, status.unlimited, customer.credit_limit,
            outcome.limit, outcome.exposure_after, outcome.over_by,
        ]
        return Warn(repr(figures) + outcome.result)
        """
    )

    said = world.said("kim")

    assert said.count("None") == 10
    assert "False" in said
    assert said.endswith("over_limit"), "that it is over the limit is a business answer, and stays"


def test_what_is_left_of_the_limit_cannot_be_found_by_halving(world, secrets):
    # Way 5: price one draft after another and look whether it still passes.
    world.guard(
        """
        customer = ctx.erp.customer("C-1")
        low, high, told = Decimal(0), Decimal(100), 0
        for _ in range(40):
            middle = (low + high) / 2
            lines = (PriceRequestLine(number=1, item_id="BRG-1", quantity=middle),)
            outcome = ctx.erp.price(customer, PriceRequest(lines=lines)).credit
            if outcome is None:
                break
            told += 1
            low, high = (middle, high) if outcome.result == "ok" else (low, middle)
        return Warn(f"{told} answers, between {low * 1000} and {high * 1000}")
        """
    )

    assert world.said("kim").startswith("3 answers, between 0")
    assert world.said("ada").startswith("40 answers")


def test_figures_in_words_are_taken_out_and_the_words_stay(world, secrets):
    # Way 6: free text beside the masked figure: hold reasons, outcomes, notes, kept checks.
    world.guard(
        """
        customer = ctx.erp.customer("C-1")
        order = ctx.erp.order("SO-1")
        return [
            Warn(customer.hold_reason), Warn(ctx.erp.credit(customer).hold_reason),
            Warn(order.hold_reason), Warn(order.history[0].note), Warn(quote.checks[0].message),
            Warn(quote.checks[1].message),
        ]
        """
    )

    said = world.said("kim").splitlines()

    assert said == [
        "limit of [hidden] passed since 2026-05-01",
        "only [hidden] are left",
        "over the credit limit of [hidden]",
        "limit [hidden]",
        "This would pass the limit of [hidden].",
        "3 of 5 are free.",
    ]


@pytest.mark.parametrize("field", ["method", "reference"])
def test_a_bank_account_in_a_payments_words_is_taken_out(world, secrets, field):
    # Way 7: bank details in a text.
    world.guard(f'return Warn(ctx.erp.payments(ctx.erp.customer("C-1"))[0].{field})')

    assert world.said("kim") == {"method": "transfer from [hidden]", "reference": "IN-1001"}[field]
