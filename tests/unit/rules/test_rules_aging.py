from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money
from crossdock.rules import age, bucket_labels, bucket_of, total_aging

TODAY = date(2026, 11, 21)


def days_ago(days):
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "label"),
    [
        (-400, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "over 90"),
        (4000, "over 90"),
    ],
)
def test_days_past_due_fall_into_the_usual_buckets(days, label):
    assert label == bucket_labels("due")[bucket_of(days)]


@pytest.mark.parametrize("basis", ["posted", "issued"])
def test_nothing_is_current_when_aged_by_another_day_than_the_due_date(basis):
    assert bucket_labels(basis) == ("0-30", "31-60", "61-90", "over 90")
    assert [bucket_labels(basis)[bucket_of(days, basis)] for days in (-5, 0, 30, 31, 91)] == [
        "0-30",
        "0-30",
        "0-30",
        "31-60",
        "over 90",
    ]


def test_an_amount_due_in_the_future_is_current_and_does_not_vanish(make):
    (aging,) = age([make.invoice("IN-1", 100, TODAY, due_on=TODAY + timedelta(365))], as_of=TODAY)

    assert make.euro(100) == aging.buckets[0] == aging.balance
    assert make.euro(0) == aging.past_due


def test_each_basis_ages_from_its_own_day(make):
    invoices = [
        make.invoice(
            "IN-1", 100, days_ago(40), issued_on=days_ago(70), due_on=days_ago(10), reference="PO 7"
        )
    ]
    found = {
        basis: age(invoices, as_of=TODAY, basis=basis)[0] for basis in ("due", "posted", "issued")
    }

    assert {basis: aging.documents[0].days for basis, aging in found.items()} == {
        "due": 10,
        "posted": 40,
        "issued": 70,
    }
    assert {basis: aging.labels[aging.documents[0].bucket] for basis, aging in found.items()} == {
        "due": "1-30",
        "posted": "31-60",
        "issued": "61-90",
    }
    with pytest.raises(ValueError, match="past due"):
        _ = found["posted"].past_due


def test_an_invoice_without_a_due_date_is_aged_from_its_posting_date(make):
    (aging,) = age([make.invoice("IN-1", 50, days_ago(45))], as_of=TODAY)

    assert aging.documents[0].days == 45
    assert make.euro(50) == aging.buckets[2]


def test_as_of_an_earlier_day_what_was_applied_later_is_still_open(make):
    paid = make.application("PY-1", "IN-1", days_ago(5), 100)
    invoices = [
        make.invoice("IN-1", 100, days_ago(60), due_on=days_ago(30), open=0, applications=[paid])
    ]
    payments = [make.payment("PY-1", 100, days_ago(5), applications=[paid], unapplied=make.euro(0))]

    (now,) = age(invoices, [], payments, as_of=TODAY)
    (before,) = age(invoices, [], payments, as_of=days_ago(6))
    (on_the_day,) = age(invoices, [], payments, as_of=days_ago(5))

    assert make.euro(0) == now.balance == on_the_day.balance
    assert now.documents == ()
    assert make.euro(100) == before.balance
    assert before.documents[0].days == 24
    assert make.euro(-100) == before.later


def test_unapplied_credits_and_payments_stand_in_a_negative_column_of_their_own(make):
    (aging,) = age(
        [make.invoice("IN-1", 100, days_ago(50), due_on=days_ago(20))],
        [make.credit_note("CN-1", 30, days_ago(10))],
        [make.payment("PY-1", 25, days_ago(3))],
        as_of=TODAY,
    )

    assert make.euro(100) == aging.buckets[1]
    assert make.euro(-55) == aging.unapplied
    assert make.euro(45) == aging.balance
    assert [document.id for document in aging.documents] == ["IN-1", "CN-1", "PY-1"]
    assert [make.euro(100), make.euro(-30), make.euro(-25)] == [d.open for d in aging.documents]


def test_an_application_told_by_one_document_only_counts_on_both(make):
    told_by_payment = make.application("PY-1", "IN-1", days_ago(1), 60)
    (aging,) = age(
        [make.invoice("IN-1", 100, days_ago(9), open=40)],
        [],
        [make.payment("PY-1", 60, days_ago(1), applications=[told_by_payment])],
        as_of=TODAY,
    )

    assert make.euro(40) == aging.balance == aging.buckets[1]
    assert make.euro(0) == aging.unapplied


def test_a_payment_applied_to_an_invoice_posted_later_is_unapplied_until_then(make):
    early = make.application("PY-1", "IN-1", days_ago(10), 100)
    books = (
        [make.invoice("IN-1", 100, days_ago(2), applications=[early])],
        [],
        [make.payment("PY-1", 100, days_ago(10), applications=[early])],
    )

    (before,) = age(*books, as_of=days_ago(5))
    (after,) = age(*books, as_of=TODAY)

    assert make.euro(-100) == before.unapplied == before.balance
    assert make.euro(0) == after.balance == after.unapplied


def test_what_is_posted_after_the_day_is_told_apart(make):
    (aging,) = age(
        [make.invoice("IN-1", 10, TODAY), make.invoice("IN-2", 90, TODAY + timedelta(1))],
        as_of=TODAY,
    )

    assert make.euro(10) == aging.balance
    assert make.euro(90) == aging.later


def test_an_overpaid_invoice_counts_as_an_unapplied_credit(make):
    paid = make.application("PY-1", "IN-1", TODAY, 120)
    (aging,) = age(
        [make.invoice("IN-1", 100, days_ago(9), applications=[paid])],
        [],
        [make.payment("PY-1", 120, TODAY, applications=[paid])],
        as_of=TODAY,
    )

    assert make.euro(-20) == aging.unapplied == aging.balance
    assert (make.euro(0),) * 5 == aging.buckets


def test_a_document_whose_open_amount_its_applications_do_not_explain_is_named(make):
    (aging,) = age([make.invoice("IN-1", 100, days_ago(9), open=0)], as_of=TODAY)

    (found,) = aging.unexplained
    assert ("IN-1", make.euro(0), make.euro(100)) == (found.id, found.told, found.computed)
    assert make.euro(100) == aging.balance


def test_currencies_are_kept_apart(make):
    agings = age(
        [
            make.invoice("IN-1", 100, days_ago(9)),
            make.invoice("IN-2", 70, days_ago(9), currency="GBP"),
        ],
        as_of=TODAY,
    )

    assert [(aging.currency, str(aging.balance.amount)) for aging in agings] == [
        ("EUR", "100"),
        ("GBP", "70"),
    ]
    with pytest.raises(ValueError, match="one currency"):
        total_aging(agings)


def test_a_total_adds_up_column_by_column(make):
    one = age([make.invoice("IN-1", 100, days_ago(40), due_on=days_ago(40))], as_of=TODAY)[0]
    other = age(
        [make.invoice("IN-2", 7, days_ago(1), due_on=TODAY)],
        [make.credit_note("CN-1", 2, TODAY)],
        as_of=TODAY,
    )[0]

    total = total_aging([one, other])

    assert [make.euro(amount) for amount in (7, 0, 100, 0, 0)] == list(total.buckets)
    assert make.euro(105) == total.balance == sum(total.buckets, start=total.unapplied)
    assert [document.id for document in total.documents] == ["IN-1", "IN-2", "CN-1"]


days = st.integers(-200, 200).map(days_ago)
amounts = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def ledgers(draw, make):
    """Invoices, credit notes and payments, with applications told on either side or on both."""
    invoices = [
        make.invoice(
            f"IN-{n}",
            draw(amounts),
            draw(days),
            due_on=draw(days | st.none()),
            issued_on=draw(days),
        )
        for n in range(draw(st.integers(0, 5)))
    ]
    sources = [
        (draw(st.sampled_from(["credit", "payment"])), draw(amounts), draw(days))
        for _ in range(draw(st.integers(0, 5)))
    ]
    # Some name documents that are not in the books: another customer's, or from before the time.
    names = [invoice.id for invoice in invoices] + ["IN-ELSEWHERE"]
    sides: dict[str, list] = {}
    for _ in range(draw(st.integers(0, 8))):
        source = draw(st.integers(0, len(sources)))
        applied = make.application(
            f"S-{source}", draw(st.sampled_from(names)), draw(days), draw(amounts)
        )
        told_by = draw(st.sampled_from(["invoice", "source", "both"]))
        if told_by != "source":
            sides.setdefault(applied.invoice_id, []).append(applied)
        if told_by != "invoice":
            sides.setdefault(applied.source_id, []).append(applied)
    return (
        [
            make.invoice(
                each.id,
                each.gross.amount,
                each.posted_on,
                due_on=each.due_on,
                issued_on=each.issued_on,
                applications=sides.get(each.id, ()),
            )
            for each in invoices
        ],
        [
            make.credit_note(f"S-{n}", amount, on, applications=sides.get(f"S-{n}", ()))
            for n, (kind, amount, on) in enumerate(sources)
            if kind == "credit"
        ],
        [
            make.payment(f"S-{n}", amount, on, applications=sides.get(f"S-{n}", ()))
            for n, (kind, amount, on) in enumerate(sources)
            if kind == "payment"
        ],
    )


@given(data=st.data(), as_of=days, basis=st.sampled_from(["due", "posted", "issued"]))
def test_buckets_and_unapplied_always_equal_the_balance(make, data, as_of, basis):
    for aging in age(*data.draw(ledgers(make)), as_of=as_of, basis=basis):
        assert aging.balance == sum(aging.buckets, start=aging.unapplied)
        assert aging.balance == sum(
            (document.open for document in aging.documents), start=Money.zero("EUR")
        )
        assert all(amount >= Money.zero("EUR") for amount in aging.buckets)


@given(data=st.data(), as_of=days)
def test_the_balance_does_not_depend_on_the_basis(make, data, as_of):
    ledger = data.draw(ledgers(make))
    balances = {
        basis: [aging.balance for aging in age(*ledger, as_of=as_of, basis=basis)]
        for basis in ("due", "posted", "issued")
    }
    assert balances["due"] == balances["posted"] == balances["issued"]


@given(data=st.data(), as_of=days)
def test_balance_and_what_is_posted_later_add_up_to_the_final_balance(make, data, as_of):
    ledger = data.draw(ledgers(make))
    end = TODAY + timedelta(days=1000)
    now = {aging.currency: aging for aging in age(*ledger, as_of=as_of)}
    for final in age(*ledger, as_of=end):
        assert make.euro(0) == final.later
        assert final.balance == now[final.currency].balance + now[final.currency].later
