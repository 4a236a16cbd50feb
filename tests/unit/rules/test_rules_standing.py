"""Since when a customer owes, and since when it is quiet."""

from datetime import date

import pytest

from crossdock.records import CreditStatus, Money
from crossdock.rules import days_overdue, days_quiet, pays_itself

TODAY = date(2026, 11, 21)


def status(**fields):
    return CreditStatus(
        **{"customer_id": "C-1", "system": "main", "currency": "EUR", "on_hold": False, **fields}
    )


@pytest.mark.parametrize(
    ("past_due", "since", "days"),
    [
        (Money("10", "EUR"), date(2026, 10, 22), 30),
        (Money("10", "EUR"), date(2026, 11, 20), 1),
        (Money("0", "EUR"), None, 0),
        (None, None, None),
        (Money("10", "EUR"), date(2026, 12, 1), 0),
    ],
)
def test_days_overdue_count_from_the_oldest_due_date(past_due, since, days):
    assert days_overdue(status(past_due=past_due, past_due_since=since), TODAY) == days


@pytest.mark.parametrize(
    ("last", "days"), [(date(2026, 11, 21), 0), (date(2025, 11, 21), 365), (None, None)]
)
def test_days_quiet_count_from_the_last_invoice(last, days):
    assert days_quiet(status(last_invoiced_on=last), TODAY) == days


@pytest.mark.parametrize(("payer", "own"), [("C-1", True), ("", True), ("C-2", False)])
def test_who_is_billed_elsewhere_does_not_pay_itself(payer, own):
    assert pays_itself(status(bill_to_id=payer)) == own
