"""Exposure and the credit check, worked by hand."""

from decimal import Decimal

from crossdock_mocks.backoffice.credit import CreditTerms, Exposure, credit_check

EXPOSURE = Exposure(
    open_invoices=Decimal("400.00"),
    unapplied_credits=Decimal("30.00"),
    unapplied_payments=Decimal("20.00"),
    shipped_not_invoiced=Decimal("100.00"),
    open_orders=Decimal("200.00"),
    returns_not_credited=Decimal("50.00"),
    past_due=Decimal("75.00"),
)


def check(added, *, limit="1000.00", hold_reason=None, policy="hold", past_due_policy="ignore"):
    terms = CreditTerms(
        limit=None if limit is None else Decimal(limit),
        hold_reason=hold_reason,
        policy=policy,
        past_due_policy=past_due_policy,
    )
    outcome, reasons = credit_check(EXPOSURE, Decimal(added), terms, "GBP")
    return outcome, [reason.code for reason in reasons]


def test_the_balance_is_invoices_less_credits_and_payments():
    assert Decimal("350.00") == EXPOSURE.balance


def test_the_exposure_adds_what_is_shipped_and_ordered_and_takes_returns_off():
    assert Decimal("600.00") == EXPOSURE.total


def test_a_document_up_to_the_limit_passes():
    assert check("400.00") == ("passed", [])


def test_a_document_over_the_limit_by_a_penny_is_held():
    assert check("400.01") == ("hold", ["credit_limit_exceeded"])


def test_the_companys_policy_may_be_to_refuse():
    assert check("400.01", policy="refuse") == ("refuse", ["credit_limit_exceeded"])


def test_no_limit_is_unlimited():
    assert check("1000000.00", limit=None) == ("passed", [])


def test_a_limit_of_zero_allows_nothing():
    assert check("0.01", limit="0.00") == ("hold", ["credit_limit_exceeded"])


def test_a_change_that_makes_an_order_smaller_passes_even_over_the_limit():
    assert check("-10.00", limit="100.00") == ("passed", [])


def test_a_customer_on_hold_is_held_whatever_the_amount():
    assert check("1.00", hold_reason="Disputed invoice") == ("hold", ["customer_on_hold"])


def test_a_hold_without_a_reason_is_a_hold():
    assert check("1.00", hold_reason="") == ("hold", ["customer_on_hold"])


def test_past_due_counts_only_by_policy():
    assert check("1.00", past_due_policy="ignore") == ("passed", [])
    assert check("1.00", past_due_policy="hold") == ("hold", ["past_due"])
    assert check("1.00", past_due_policy="refuse") == ("refuse", ["past_due"])


def test_all_reasons_are_told_and_the_hardest_decides():
    assert check("500.00", hold_reason="Disputed", past_due_policy="refuse") == (
        "refuse",
        ["customer_on_hold", "credit_limit_exceeded", "past_due"],
    )
