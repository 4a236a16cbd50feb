from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money
from crossdock.rules import (
    lines_of_invoices,
    lines_of_orders,
    product_line_sales,
    purchase_history,
)

TODAY = date(2026, 11, 21)


def history(invoices, credit_notes=(), items=None, *, as_of=TODAY):
    (found,) = purchase_history(lines_of_invoices(invoices, credit_notes), items, as_of=as_of)
    return found


def test_an_item_has_its_quantity_last_price_discount_and_last_purchase(make):
    found = history(
        [
            make.bill("IN-1", date(2026, 1, 5), make.billed("A", 10, "2.50")),
            make.bill("IN-2", date(2026, 3, 5), make.billed("A", 4, "2.75", discount=10)),
        ],
        items={"A": make.item("A", "Lamps", name="Desk lamp")},
    )

    (item,) = found.items
    assert (item.item_id, item.name, item.product_line) == ("A", "Desk lamp", "Lamps")
    assert Decimal(14) == item.quantity
    assert make.euro("34.90") == item.net
    assert (make.euro("2.75"), Decimal(10)) == (item.unit_price, item.discount_percent)
    assert (date(2026, 1, 5), date(2026, 3, 5)) == (item.first_on, item.last_on)
    assert item.times == 2


def test_what_was_credited_counts_against_quantity_and_net_and_is_no_purchase(make):
    found = history(
        [make.bill("IN-1", date(2026, 1, 5), make.billed("A", 10, "2.50"))],
        [make.bill("CN-1", date(2026, 6, 5), make.billed("A", 3, "9"), maker=make.credit_note)],
    )

    (item,) = found.items
    assert (Decimal(7), Decimal(10), Decimal(3)) == (item.quantity, item.bought, item.returned)
    assert make.euro("-2.00") == item.net
    assert (make.euro("2.50"), date(2026, 1, 5)) == (item.unit_price, item.last_on)


def test_an_item_that_was_only_credited_was_never_bought(make):
    found = history(
        [], [make.bill("CN-1", date(2026, 6, 5), make.billed("A", 3, 9), maker=make.credit_note)]
    )

    (item,) = found.items
    assert (item.unit_price, item.last_on, item.times) == (None, None, 0)
    assert (found.distinct_items, found.top_item) == (0, None)


def test_the_last_price_of_a_day_is_that_of_its_highest_document_and_line_number(make):
    found = history(
        [
            make.bill("IN-100", TODAY, make.billed("A", 1, 3), make.billed("A", 1, 4, number=2)),
            make.bill("IN-99", TODAY, make.billed("A", 1, 5)),
        ]
    )

    assert make.euro(4) == found.items[0].unit_price


def test_the_top_item_brought_the_most_and_nothing_later_than_the_day_counts(make):
    found = history(
        [
            make.bill("IN-1", date(2026, 1, 5), make.billed("A", 1, 10), make.billed("B", 1, 20)),
            make.bill("IN-2", date(2026, 7, 1), make.billed("A", 9, 10)),
        ],
        as_of=date(2026, 6, 30),
    )

    assert found.top_item.item_id == "B"
    assert found.distinct_items == 2
    assert (Decimal(2), make.euro(30)) == (found.quantity, found.net)


def test_a_line_of_an_order_counts_without_what_was_cancelled_of_it(make):
    lines = [
        make.order_line(1, 10, cancelled=4, net=make.euro(100)),
        make.order_line(2, 3, cancelled=3, net=make.euro(5)),
    ]
    orders = [make.order("SO-1", lines), make.order("SO-2", lines, status="cancelled")]

    (line,) = lines_of_orders(orders)

    assert ("SO-1", Decimal(6), make.euro(60)) == (line.document_id, line.quantity, line.net)


def test_product_lines_have_their_share_their_years_and_their_items(make):
    items = {"A": make.item("A", "Lamps"), "B": make.item("B", "Lamps"), "C": make.item("C", "Oil")}
    lines = lines_of_invoices(
        [
            make.bill("IN-1", date(2025, 5, 1), make.billed("A", 1, 30), make.billed("C", 1, 20)),
            make.bill("IN-2", date(2026, 5, 1), make.billed("B", 1, 45), make.billed("X", 1, 5)),
        ]
    )

    (found,) = product_line_sales(lines, items, as_of=TODAY)

    lamps, oil, none = found.lines
    assert ("Lamps", make.euro(75), Decimal("0.75")) == (lamps.product_line, lamps.net, lamps.share)
    assert {2025: make.euro(30), 2026: make.euro(45)} == lamps.by_year
    assert lamps.items == ("B", "A")
    assert (oil.product_line, none.product_line) == ("Oil", "")
    assert found.years == (2025, 2026)
    (this_year,) = product_line_sales(lines, items, as_of=TODAY, start=date(2026, 1, 1))
    assert make.euro(50) == this_year.total


_bought = st.tuples(
    st.sampled_from("ABCDE"),
    st.integers(1, 40),
    st.decimals(0, 99, places=3),
    st.integers(0, 30),
    st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    st.booleans(),
    st.sampled_from(["EUR", "GBP", "JPY"]),
)


@given(st.lists(_bought, max_size=40))
def test_items_and_product_lines_add_up_to_what_was_invoiced_and_credited(make, bought):
    documents = [
        (
            make.credit_note if credited else make.invoice,
            number,
            on,
            make.billed(item, quantity, price, discount=discount, currency=currency),
        )
        for number, (item, quantity, price, discount, on, credited, currency) in enumerate(bought)
    ]
    invoices = [make.bill(f"IN-{n}", on, x) for m, n, on, x in documents if m is make.invoice]
    notes = [
        make.bill(f"CN-{n}", on, x, maker=m) for m, n, on, x in documents if m is make.credit_note
    ]
    lines = lines_of_invoices(invoices, notes)
    items = {each: make.item(each, line) for each, line in zip("ABC", ("L", "L", ""), strict=True)}
    wanted: dict[str, Decimal] = {}
    for document, sign in [(each, 1) for each in invoices] + [(each, -1) for each in notes]:
        if document.posted_on <= TODAY:
            net = wanted.setdefault(document.currency, Decimal(0))
            wanted[document.currency] = net + sign * document.net.amount

    by_item = purchase_history(lines, items, as_of=TODAY)
    by_line = product_line_sales(lines, items, as_of=TODAY)

    assert wanted == {found.currency: found.net.amount for found in by_item}
    assert wanted == {found.currency: found.total.amount for found in by_line}
    for found in by_line:
        assert found.total == sum((x.net for x in found.lines), start=Money.zero(found.currency))
        for each in found.lines:
            years = sum(each.by_year.values(), start=Money.zero(found.currency))
            assert each.net == years
    for item in (item for found in by_item for item in found.items):
        assert item.quantity == item.bought - item.returned
        assert (item.times == 0) == (item.last_on is None) == (item.unit_price is None)
