"""The rules that fill in what is missing, on a few documents worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock_mocks.datasets import Header
from crossdock_mocks.datasets.importing.draft import Draft
from crossdock_mocks.datasets.importing.fills import FILLS

AS_OF = date(2026, 3, 31)


@pytest.fixture(params=["line"])
def empty(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Draft]:
    header = Header(name="n", company="c", currency="EUR", as_of=AS_OF, rounding=request.param)
    made = Draft(tmp_path, header)
    made.add("tax_codes", {"id": "STD", "name": "Standard", "rate": Decimal("0.20")})
    yield made
    made.close()


@pytest.fixture
def draft(empty: Draft) -> Draft:
    made = empty
    for item in ("A", "B"):
        made.add("items", {"id": item, "name": item, "tax_code": "STD"})
    made.add("customers", {"id": "C-1", "currency": "EUR", "terms_days": 14, "credit_limit": None})
    invoice(made, "I-1", date(2026, 1, 5), ("A", 10, "1.00"))
    invoice(made, "I-2", date(2026, 2, 5), ("A", 10, "1.00"), ("B", 3, "10.01"))
    invoice(made, "I-3", date(2026, 3, 30), ("B", 100, "10.00"))
    return made


def invoice(draft: Draft, id_: str, day: date, *lines: tuple[str, int, str]) -> None:
    head = {"id": id_, "customer_id": "C-1", "issued_on": day, "due_on": None, "currency": "EUR"}
    draft.add("invoices", dict(head))
    write_lines(draft, "invoice", id_, lines)


def credit_note(draft: Draft, id_: str, day: date, *lines: tuple[str, int, str]) -> None:
    draft.add(
        "credit_notes",
        {"id": id_, "customer_id": "C-1", "issued_on": day, "invoice_id": None, "currency": "EUR"},
    )
    write_lines(draft, "credit_note", id_, lines)


def write_lines(draft: Draft, head: str, id_: str, lines: tuple[tuple[str, int, str], ...]) -> None:
    for number, (item, quantity, price) in enumerate(lines, 1):
        draft.add_line(
            f"{head}_lines",
            {
                f"{head}_id": id_,
                "line": number,
                "item_id": item,
                "quantity": Decimal(quantity),
                "unit_price": Decimal(price),
                "tax_code": "STD",
            },
        )


def fill(draft: Draft, method: str, **parameters) -> str:
    return FILLS[method][1](draft, parameters)


def column(draft: Draft, kind: str, name: str) -> list:
    return [row.get(name) for row in draft.records(kind)]


def test_due_dates_follow_the_terms(draft: Draft):
    assert fill(draft, "due_dates_from_terms") == "3 due dates"
    expected = [date(2026, 1, 19), date(2026, 2, 19), date(2026, 4, 13)]
    assert expected == column(draft, "invoices", "due_on")


def test_totals_are_gross_and_rounded_by_line(draft: Draft):
    # 3 x 10.01 = 30.03, tax 6.006 -> 6.01; 10.00 with tax 2.00
    assert Decimal("48.04") == draft.totals("invoice")["I-2"]


@pytest.mark.parametrize(
    ("empty", "total"), [("line", "36.03"), ("document", "36.04")], indirect=["empty"]
)
def test_three_lines_of_ten_pounds_one_penny_by_line_and_by_document(empty: Draft, total: str):
    invoice(empty, "I-1", AS_OF, ("A", 1, "10.01"), ("A", 1, "10.01"), ("A", 1, "10.01"))
    assert Decimal(total) == empty.totals("invoice")["I-1"]


def test_a_limit_is_the_best_months_rounded_up(draft: Draft):
    fill(draft, "credit_limits_from_sales", months=2, round_to=500)
    # February and March: 48.04 + 1200.00
    assert [Decimal(1500)] == column(draft, "customers", "credit_limit")


def test_a_customer_without_a_limit_stays_so(draft: Draft):
    fill(draft, "credit_limits_from_sales", unlimited=["C-1"])
    assert column(draft, "customers", "credit_limit") == [None]


def test_invoices_are_paid_after_the_delay_and_what_is_not_due_stays_open(draft: Draft):
    fill(draft, "due_dates_from_terms")
    assert fill(draft, "payments_on_terms", days_after_due=[2, 2]) == "2 payments, 2 applications"
    assert [date(2026, 1, 21), date(2026, 2, 21)] == column(draft, "payments", "received_on")
    assert [Decimal("12.00"), Decimal("48.04")] == column(draft, "payments", "amount")


def test_a_customer_that_pays_at_once(draft: Draft):
    fill(draft, "payments_on_terms", at_once=["C-1"])
    assert column(draft, "invoices", "issued_on") == column(draft, "payments", "received_on")


def test_a_credit_note_is_linked_to_the_last_earlier_invoice_with_all_of_its_lines(draft: Draft):
    credit_note(draft, "K-1", date(2026, 2, 10), ("A", 10, "1.00"))
    credit_note(draft, "K-2", date(2026, 2, 1), ("A", 10, "1.00"))
    credit_note(draft, "K-3", date(2026, 2, 10), ("A", 10, "1.00"), ("B", 3, "10.01"))
    credit_note(draft, "K-4", date(2026, 2, 10), ("A", 9, "1.00"))
    credit_note(draft, "K-5", date(2026, 1, 1), ("A", 10, "1.00"))
    assert "3 of 5" in fill(draft, "link_credit_notes")
    assert column(draft, "credit_notes", "invoice_id") == ["I-2", "I-1", "I-2", None, None]


def test_credits_are_set_off_before_money_is_paid(draft: Draft):
    fill(draft, "due_dates_from_terms")
    credit_note(draft, "K-1", date(2026, 2, 10), ("A", 10, "1.00"))
    fill(draft, "link_credit_notes")
    fill(draft, "payments_on_terms", days_after_due=[0, 0])
    assert [Decimal("12.00"), Decimal("36.04")] == column(draft, "payments", "amount")
    applied = [row for row in draft.records("payment_applications") if row.get("credit_note_id")]
    assert [("K-1", "I-2", Decimal("12.00"))] == [
        (row["credit_note_id"], row["invoice_id"], row["amount"]) for row in applied
    ]


def test_a_credit_that_no_invoice_takes_stays_unapplied(draft: Draft):
    fill(draft, "due_dates_from_terms")
    credit_note(draft, "K-1", date(2026, 3, 20), ("B", 5, "10.00"))
    fill(draft, "payments_on_terms", days_after_due=[0, 0])
    assert len(draft.records("payment_applications")) == 2


def test_stock_is_what_was_sold_lately(draft: Draft):
    fill(draft, "stock_from_sales", days=60, location="X")
    assert [("A", "X", Decimal(10)), ("B", "X", Decimal(103))] == [
        (row["item_id"], row["location"], row["on_hand"]) for row in draft.records("stock")
    ]


def test_demo_quotes_need_two_customers(draft: Draft):
    assert "no quotes" in fill(draft, "demo_quotes")
    assert draft.records("quotes") == []


def test_demo_quotes_are_of_a_regular_buyer_with_credit_and_of_one_with_little_left(draft: Draft):
    for number, customer in enumerate(("C-1", "C-2", "C-3"), 1):
        draft.add("accounts", {"id": f"A-{number}", "customer_id": customer})
        if number > 1:
            draft.add("customers", {"id": customer, "currency": "EUR", "credit_limit": None})
    limits = (Decimal(5000), Decimal(130), Decimal(99_999))
    for row, limit in zip(draft.records("customers"), limits, strict=True):
        row["credit_limit"] = limit
    invoice(draft, "I-4", date(2026, 3, 1), ("A", 100, "1.00"))
    invoice(draft, "I-5", date(2026, 3, 1), ("A", 1, "1.00"))
    draft.records("invoices")[-2]["customer_id"] = "C-2"
    draft.records("invoices")[-1]["customer_id"] = "C-3"
    for item in ("A", "B"):
        draft.add("stock", {"item_id": item, "location": "X", "on_hand": Decimal(500)})
    fill(draft, "demo_quotes", user="U-kim")
    assert draft.header.story == {
        "user": "kim",
        "account": "A-1",
        "quote": "Q-DEMO-1",
        "over_limit_account": "A-2",
        "over_limit_quote": "Q-DEMO-2",
    }
    lines = list(draft.lines("quote_lines", "quote_id", "item_id", "quantity", "unit_price"))
    assert [line[:2] for line in lines] == [("Q-DEMO-1", "A"), ("Q-DEMO-1", "B"), ("Q-DEMO-2", "A")]
    assert lines[2][2] * lines[2][3] > 10  # 130.00 less 120.00 owed
