from decimal import Decimal

import pytest

from crossdock.records import CreditStatus, Money
from crossdock.rules import assess, credit_in_words, exposure, headroom


def euro(amount):
    return Money(amount, "EUR")


def status(limit="1000", used="0", **more):
    return CreditStatus(
        customer_id="C-1",
        system="main",
        currency="EUR",
        on_hold=more.pop("on_hold", False),
        limit=None if limit is None else euro(limit),
        exposure=None if used is None else euro(used),
        **more,
    )


def test_exposure_adds_what_is_owed_and_will_be_and_takes_off_returns_and_prepayments():
    assert euro(185) == exposure(
        euro(100),
        shipped_not_invoiced=euro(20),
        open_orders=euro(50),
        delta=euro(40),
        returns_received=euro(10),
        prepayments=euro(15),
    )


def test_an_edit_of_an_order_adds_only_its_difference():
    assert euro(400) == headroom(status(used="600"))
    assert euro(350) == headroom(status(used="600"), euro(50))
    assert euro(450) == headroom(status(used="600"), euro(-50))


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (status(used="899.99"), "within"),
        (status(used="900"), "near_limit"),
        (status(used="1000"), "near_limit"),
        (status(used="1000.01"), "over_limit"),
        (status(limit="0", used="0"), "near_limit"),
        (status(limit="0", used="0.01"), "over_limit"),
        (status(limit=None, used="5000", unlimited=True), "unlimited"),
        (status(limit=None, used=None), "not_visible"),
        (status(limit=None, used=None, on_hold=True), "on_hold"),
        (status(used="2000", on_hold=True), "on_hold"),
    ],
)
def test_the_most_serious_state_is_told(given, state):
    assert state == assess(given).state


def test_no_limit_is_not_the_same_as_a_limit_that_may_not_be_seen():
    unlimited = status(limit=None, unlimited=True)
    masked = status(limit=None, used=None)

    assert headroom(unlimited) is None
    assert headroom(masked) is None
    assert "no credit limit" in credit_in_words(unlimited)
    assert "not visible" in credit_in_words(masked)


def test_overdue_is_a_test_of_its_own():
    late = status(used="10", past_due=euro(10))

    assert assess(late).state == "within"
    assert assess(late).past_due is True
    assert "past due" in credit_in_words(late)
    assert assess(status()).past_due is None


def test_a_hold_is_told_with_its_reason():
    held = status(on_hold=True, hold_reason="unpaid since May")

    assert "on hold: unpaid since May" in credit_in_words(held)


def test_the_share_of_the_limit_that_is_used():
    assert Decimal("0.25") == assess(status(used="250")).used
    assert assess(status(limit="0")).used is None
