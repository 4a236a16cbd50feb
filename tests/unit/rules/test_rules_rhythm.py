from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money
from crossdock.rules import purchase_rhythm

TODAY = date(2026, 11, 21)


def rhythm_of(*args, **more):
    (found,) = purchase_rhythm(*args, **more, as_of=more.pop("as_of", TODAY))
    return found


def invoices_on(make, *days):
    return [make.invoice(f"IN-{n}", 10, on) for n, on in enumerate(days)]


def test_the_expected_next_order_is_the_last_day_plus_the_mean_of_the_last_five_intervals(make):
    # Six orders; the long pause before the last five counts in the mean over all, not in theirs.
    days = [date(2025, 1, 1), *(date(2026, 1, 1) + timedelta(days=n) for n in (0, 10, 20, 35, 43))]

    found = rhythm_of(invoices_on(make, *days))

    assert Decimal("10.75") == found.recent_interval
    assert date(2026, 2, 13) + timedelta(days=11) == found.expected_next_on
    assert Decimal(365 + 43) / 5 == found.mean_interval
    assert (TODAY - date(2026, 2, 24)).days == found.days_overdue


def test_with_fewer_than_five_the_available_ones_are_used_and_one_gives_no_interval(make):
    two = rhythm_of(invoices_on(make, date(2026, 11, 1), date(2026, 11, 15)))
    one = rhythm_of(invoices_on(make, date(2026, 11, 1)))

    assert (Decimal(14), date(2026, 11, 29)) == (two.recent_interval, two.expected_next_on)
    assert two.days_overdue == 0
    assert (one.mean_interval, one.recent_interval, one.expected_next_on) == (None, None, None)


def test_several_invoices_of_one_day_are_one_occasion(make):
    found = rhythm_of(invoices_on(make, date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 11)))

    assert (found.invoices, found.occasions, found.active_months) == (3, 2, 1)
    assert Decimal(10) == found.mean_interval


def test_amounts_and_counts_tell_invoices_and_credit_notes_apart(make):
    found = rhythm_of(
        invoices_on(make, date(2026, 3, 1), date(2026, 5, 1)),
        [make.credit_note("CN-1", 4, date(2026, 6, 1))],
    )

    assert (make.euro(20), make.euro(4), make.euro(16)) == (found.gross, found.credits, found.net)
    assert (found.invoices, found.credit_notes, found.orders) == (2, 1, None)
    assert (date(2026, 3, 1), date(2026, 5, 1)) == (found.first_on, found.last_on)
    assert found.days_since_last == (TODAY - date(2026, 5, 1)).days


def test_orders_make_the_rhythm_where_they_are_read_without_drafts_and_cancelled_ones(make):
    orders = [
        make.order("SO-1", ordered_on=date(2026, 1, 1)),
        make.order("SO-2", ordered_on=date(2026, 1, 31)),
        make.order("SO-3", ordered_on=date(2026, 2, 2), status="cancelled"),
        make.order("SO-4", ordered_on=date(2026, 2, 3), status="draft"),
    ]

    found = rhythm_of(invoices_on(make, date(2026, 2, 9)), (), orders)

    assert (found.orders, found.invoices, found.occasions) == (2, 1, 2)
    assert date(2026, 3, 2) == found.expected_next_on


def test_who_has_only_credit_notes_never_bought(make):
    found = rhythm_of([], [make.credit_note("CN-1", 4, date(2026, 6, 1))])

    assert (
        found.first_on,
        found.last_on,
        found.days_since_last,
        found.active_months,
    ) == (None, None, None, 0)
    assert make.euro(-4) == found.net


@given(
    st.lists(
        st.tuples(
            st.dates(date(2020, 1, 1), date(2027, 12, 31)),
            st.integers(-9_999, 99_999),
            st.booleans(),
            st.sampled_from(["EUR", "USD"]),
        ),
        max_size=40,
    )
)
def test_gross_less_credits_is_net_in_each_currency_and_days_are_in_order(make, documents):
    invoices, notes = [], []
    for number, (on, pennies, credited, currency) in enumerate(documents):
        maker, to = (make.credit_note, notes) if credited else (make.invoice, invoices)
        to.append(maker(f"{number}", Decimal(pennies) / 100, on, currency=currency))

    found = purchase_rhythm(invoices, notes, as_of=TODAY)

    for each in found:
        assert each.net == each.gross - each.credits
        wanted = sum(
            Decimal(-pennies if credited else pennies)
            for on, pennies, credited, currency in documents
            if on <= TODAY and currency == each.currency
        )
        assert Money(wanted / 100, each.currency) == each.net
        if each.expected_next_on is not None:
            assert each.first_on < each.last_on <= each.as_of
            assert each.last_on < each.expected_next_on
            days = each.mean_interval * (each.occasions - 1)
            assert round(days, 9) == (each.last_on - each.first_on).days
    assert len(found) == len({c for on, _, _, c in documents if on <= TODAY})
