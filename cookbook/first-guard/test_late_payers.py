from pathlib import Path

import pytest

from crossdock.testing import a_quote, certify, of

LATE_PAYERS = Path(__file__).parent / "late-payers"
pytestmark = pytest.mark.dock(LATE_PAYERS)


@pytest.fixture
def debts(dock):
    """What the customer of each account owes past its due date, by the ERP's own word."""
    return {
        account.id: dock.host.erp.credit(customer).past_due
        for account in dock.host.crm.accounts(limit=100).items
        for customer in dock.host.trading_accounts(account)
    }


@pytest.fixture
def late(debts):
    return max(debts, key=lambda account: debts[account].amount)


def test_who_owes_money_is_named_beside_the_account(dock, debts, late):
    saved = dock.save(a_quote(late, of(1, "HYD-1003")))
    (warning,) = saved.verdict.warnings
    assert warning.message == f"{dock.host.crm.account(late).name} owes {debts[late]}, past due."
    assert warning.field == "account_id"
    assert saved.quote is not None  # a warning stops nothing
    assert warning.message in {check.message for check in saved.quote.checks}


def test_who_pays_in_time_is_left_alone(dock, debts):
    in_time = next(account for account, debt in debts.items() if not debt)
    assert not dock.judge(a_quote(in_time, of(1, "HYD-1003"))).warnings


def test_who_may_not_see_credit_learns_nothing(dock, late):
    verdict = dock.judge(a_quote(late, of(1, "HYD-1003")), by="service")
    assert not verdict.warnings
    assert not verdict.faults


def test_it_is_certified():
    certify(LATE_PAYERS, level="bronze", upto="bronze")
