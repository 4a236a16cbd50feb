"""Open amounts follow from applications; contracts and decimals."""

from datetime import date
from decimal import Decimal

import pytest

from crossdock_mocks.backoffice.contract_terms import contract_status
from crossdock_mocks.backoffice.decimals import (
    amount_text,
    minor_units,
    plain,
    price_text,
)
from crossdock_mocks.backoffice.receivables import settle_invoice, settle_means, settlement

PAID = {"paymentId": "PY-1", "appliedOn": "2026-11-01", "amount": "60.00"}
CREDITED = {"creditNoteId": "CN-1", "appliedOn": "2026-11-10", "amount": "40.00"}


def test_an_invoice_is_open_by_what_is_not_applied():
    found = settlement(Decimal("120.00"), [PAID, CREDITED])

    assert (Decimal("60.00"), Decimal("40.00"), Decimal("20.00"), "partly_paid") == (
        found.paid, found.credited, found.open, found.status,
    )  # fmt: skip


def test_the_open_amount_as_of_a_day_counts_what_was_applied_by_then():
    days = (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 9), date(2026, 11, 10))

    assert [str(settlement(Decimal("120.00"), [PAID, CREDITED], on).open) for on in days] == [
        "120.00",
        "60.00",
        "60.00",
        "20.00",
    ]


@pytest.mark.parametrize(
    ("expected", "applications"),
    [
        ("open", []),
        ("partly_paid", [PAID]),
        ("paid", [PAID, CREDITED]),
        ("credited", [{**CREDITED, "amount": "100.00"}]),
    ],
)
def test_the_status_of_an_invoice(expected, applications):
    invoice = {"total": "100.00", "applications": applications}
    settle_invoice(invoice, 2)

    assert expected == invoice["status"]
    assert (invoice["status"] in ("open", "partly_paid")) == invoice["open"]


def test_what_is_left_of_a_payment():
    payment = {"amount": "100.00", "applications": [{"amount": "60.00"}, {"amount": "15.50"}]}
    settle_means(payment, "amount", 2)

    assert (
        payment["appliedAmount"], payment["unappliedAmount"], payment["open"],
    ) == ("75.50", "24.50", True)  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "starts", "ends"),
    [
        ("upcoming", date(2026, 12, 1), date(2027, 11, 30)),
        ("current", date(2026, 11, 20), date(2027, 11, 19)),
        ("current", date(2026, 1, 1), None),
        ("current", date(2026, 1, 1), date(2027, 1, 20)),
        ("expiring", date(2026, 1, 1), date(2027, 1, 19)),
        ("expiring", date(2026, 1, 1), date(2026, 11, 20)),
        ("lapsed", date(2025, 1, 1), date(2026, 11, 19)),
    ],
)
def test_where_a_contract_stands(expected, starts, ends):
    assert expected == contract_status(starts, ends, date(2026, 11, 20), notice_days=60)


def test_amounts_have_the_places_of_their_currency():
    assert [
        amount_text(Decimal("12.345"), minor_units(currency)) for currency in ("GBP", "JPY", "KWD")
    ] == ["12.35", "12", "12.345"]


def test_prices_keep_what_they_have_beyond_that():
    assert [price_text(Decimal(price), 2) for price in ("5", "5.1250", "0.001")] == [
        "5.00",
        "5.125",
        "0.001",
    ]


def test_quantities_are_plain():
    assert [plain(Decimal(q)) for q in ("3.000", "0.50", "1E+3", "-0")] == ["3", "0.5", "1000", "0"]
