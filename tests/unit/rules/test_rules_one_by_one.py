"""Examples that tell one reading of a rule from another that is nearly the same.

Each was found by changing the code on purpose: docs/mutation.md.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import Contract, Money
from crossdock.rules import (
    Basket,
    Buyer,
    Peer,
    TaxedLine,
    age,
    better_variants,
    contract_profit_between,
    explain_difference,
    item_gaps,
    likelihood,
    lines_of_invoices,
    price_steps,
    product_line_sales,
    purchase_history,
    purchase_rhythm,
    rank,
    sales_history,
    sales_of_invoices,
    sales_of_orders,
    spread,
    tax_by_document,
    total_aging,
)

TODAY = date(2026, 11, 21)


def basket(customer_id, items, net=10):
    spent = {} if net is None else {each: Money(net, "EUR") for each in items}
    return Basket(customer_id=customer_id, items=frozenset(items), spent=spent)


# Aging


def test_what_is_aged_says_what_it_was_and_when_it_is_due(make):
    due = date(2026, 10, 31)
    (aging,) = age(
        [
            make.invoice("IN-1", 100, date(2026, 10, 1), due_on=due),
            make.credit_note("CN-1", 30, date(2026, 10, 5)),
            make.payment("PY-1", 20, date(2026, 10, 6)),
        ],
        as_of=TODAY,
    )

    assert {each.id: (str(each.original.amount), each.due_on) for each in aging.documents} == {
        "IN-1": ("100", due),
        "CN-1": ("-30", None),
        "PY-1": ("-20", None),
    }


def test_what_the_erp_says_is_open_is_what_is_left_after_all_applications(make):
    paid = make.application("PY-1", "IN-1", date(2026, 10, 6), 60)
    documents = [
        make.invoice("IN-1", 100, date(2026, 10, 1), due_on=TODAY, open=40, applications=[paid]),
        make.payment(
            "PY-1", 60, date(2026, 10, 6), applications=[paid], unapplied=make.euro(0)
        ),
    ]  # fmt: skip

    (aging,) = age(documents, as_of=TODAY)
    (wrong,) = age([evolve(documents[0], open=make.euro(45)), documents[1]], as_of=TODAY)

    assert aging.unexplained == ()
    assert [(each.kind, each.id) for each in wrong.unexplained] == [("invoice", "IN-1")]
    assert total_aging([aging, wrong, wrong]).unexplained == wrong.unexplained * 2


def test_what_only_an_invoice_tells_is_taken_off_the_payment_as_well(make):
    paid = make.application("PY-1", "IN-1", date(2026, 10, 6), 60)
    invoice = make.invoice(
        "IN-1", 100, date(2026, 10, 1), due_on=TODAY, open=40, applications=[paid]
    )
    payment = make.payment("PY-1", 70, date(2026, 10, 6), unapplied=make.euro(10))

    (aging,) = age([invoice, payment], as_of=TODAY)
    (wrong,) = age([invoice, evolve(payment, unapplied=make.euro(9))], as_of=TODAY)

    assert {each.id: each.open for each in aging.documents} == {
        "IN-1": make.euro(40), "PY-1": make.euro(-10),
    }  # fmt: skip
    assert (aging.balance, aging.unexplained) == (make.euro(30), ())
    assert [(each.kind, each.id) for each in wrong.unexplained] == [("payment", "PY-1")]


def test_two_equal_parts_of_which_the_payment_tells_one_are_both_taken_off(make):
    part = make.application("PY-1", "IN-1", date(2026, 10, 6), 30)
    (aging,) = age(
        [
            make.invoice("IN-1", 100, date(2026, 10, 1), due_on=TODAY, applications=[part, part]),
            make.payment("PY-1", 70, date(2026, 10, 6), applications=[part]),
        ],
        as_of=TODAY,
    )

    assert {each.id: each.open for each in aging.documents} == {
        "IN-1": make.euro(40), "PY-1": make.euro(-10),
    }  # fmt: skip


# Contracts


def test_a_contract_without_an_end_runs_on_and_one_without_a_cost_has_none(make):
    contract = Contract(
        id="CT-1", system="main", customer_id="C-1", kind="sla", name="x",
        starts_on=date(2026, 1, 1), ends_on=None, annual_value=make.euro(365), annual_cost=None,
    )  # fmt: skip

    profit = contract_profit_between(contract, date(2025, 1, 1), date(2026, 12, 31))

    assert (profit.revenue, profit.cost) == (make.euro("365.00"), None)
    ended = evolve(contract, ends_on=date(2026, 1, 10), annual_cost=make.euro(73))
    profit = contract_profit_between(ended, date(2025, 1, 1), date(2026, 12, 31))
    assert (profit.revenue, profit.cost) == (make.euro("10.00"), make.euro("2.00"))


# Odds


@pytest.mark.parametrize("base", [Decimal(0), Decimal(1)])
def test_what_is_certain_stays_so(base):
    assert likelihood(base, [], places=2) is base


# Similar customers


def test_a_customer_of_whom_no_amount_is_known_has_gaps_without_an_amount(make):
    mine = basket("C-1", "AB", net=None)
    others = [mine, basket("C-2", "ABX"), basket("C-3", "ABX")]

    (gap,) = item_gaps(mine, others)

    assert (gap.buyers, gap.typical) == (2, None)


def test_of_gaps_with_as_many_buyers_one_of_which_the_amount_is_known_comes_first(make):
    mine = basket("C-1", "AB")
    others = [
        evolve(each, spent={**each.spent, "X": Money("0.50", "EUR"), "W": Money(9, "USD")})
        for each in (basket("C-2", "ABWX"), basket("C-3", "ABWX"))
    ]

    gaps = item_gaps(mine, [mine, *others])

    assert [(gap.name, gap.typical) for gap in gaps] == [
        ("X", make.euro("0.50")),
        ("W", None),
    ]


def test_a_better_variant_is_what_most_of_the_peers_given_buy(make):
    items = {
        "A": make.item("A", "L", list_price=10),
        "few": make.item("few", "L", list_price=11),
        "many": make.item("many", "L", list_price=12),
    }
    mine = basket("C-1", ["A"])
    others = [
        mine, basket("C-2", ["A", "few", "many"]), basket("C-3", ["A", "few", "many"]),
        basket("C-4", ["A", "many"]),
    ]  # fmt: skip

    (found,) = better_variants(mine, others, items)

    assert (found.variant.id, found.buyers) == ("many", 3)
    assert better_variants(mine, others, items, peers=()) == ()
    two = [Peer(customer_id=f"C-{n}", similarity=Decimal(1), common=1) for n in (2, 3)]
    (found,) = better_variants(mine, others, items, peers=two)
    assert (found.variant.id, found.buyers, found.peers) == ("few", 2, 2)


# A quote beside the ERP's price


def test_stated_amounts_of_a_quote_in_another_currency_are_converted(make):
    line = make.quote_line(
        quantity=2, price="20", tax_rate="0.2", currency="USD", net=Money("40", "USD"),
        tax=Money("8", "USD"),
    )  # fmt: skip

    found = explain_difference(
        make.quote(line, currency="USD"),
        make.pricing(make.priced_line(quantity=2, price="10", tax_rate="0.2")),
        rate=Decimal("0.5"),
    )

    assert (found.quoted_net, found.quoted_tax) == (make.euro("20.00"), make.euro("4.00"))
    assert [cause.kind for cause in found.causes] == ["currency"]
    assert found.residue == make.euro(0)
    # What is stated counts, and not what it would come to.
    stated = evolve(line, tax=Money("8.02", "USD"))
    found = explain_difference(
        make.quote(stated, currency="USD"),
        make.pricing(make.priced_line(quantity=2, price="10", tax_rate="0.2")),
        rate=Decimal("0.5"),
    )
    assert found.quoted_tax == make.euro("4.01")


@pytest.mark.parametrize(
    ("price", "causes"),
    [
        # Per box: the same price said in another unit, and six more pieces.
        ("108", [("quantity", "54")]),
        # Per piece: what was thought to be two is 24; then six more, each at a lower price.
        ("10", [("unit", "220"), ("quantity", "60"), ("price_rule", "-30")]),
    ],
)
def test_unit_quantity_and_price_are_changed_one_after_the_other(make, price, causes):
    found = explain_difference(
        make.quote(make.quote_line(quantity=2, price=price, tax_rate="0")),
        make.pricing(make.priced_line(quantity=30, price="9", tax_rate="0")),
        units={1: Decimal(12)},
    )

    assert [(each.kind, f"{each.net.amount:.0f}") for each in found.causes] == causes
    assert found.residue == make.euro(0)


def test_what_several_lines_leave_unexplained_adds_up(make):
    lines = [
        make.priced_line(n, price="10", tax_rate="0", net=make.euro(12)) for n in (1, 2)
    ]  # fmt: skip

    found = explain_difference(
        make.quote(*(make.quote_line(n, price="10", tax_rate="0") for n in (1, 2))),
        make.pricing(*lines),
    )

    assert found.residue == make.euro(4)


def test_only_the_step_of_the_rule_names_its_source(make):
    line = evolve(
        make.priced_line(1, 2, "90", discount=10), list_price=make.euro(100),
        rule="customer_contract", source="CT-7",
    )  # fmt: skip

    assert {step.kind: (step.rule, step.source) for step in price_steps(line).steps} == {
        "list": ("", ""),
        "price_rule": ("customer_contract", "CT-7"),
        "discount": ("", ""),
        "tax": ("", ""),
    }


# What was sold


def test_the_items_of_a_product_line_are_ordered_by_what_they_brought_in_all_years(make):
    items = {each: make.item(each, "L") for each in "AB"}
    lines = lines_of_invoices(
        [
            make.bill("IN-1", date(2025, 5, 1), make.billed("A", 1, 10)),
            make.bill("IN-2", date(2026, 5, 1), make.billed("A", 1, 10), make.billed("B", 1, 15)),
        ]
    )

    (found,) = product_line_sales(lines, items, as_of=TODAY)

    assert list(found.lines[0].items) == ["A", "B"]


def test_what_was_bought_is_all_that_was_bought(make):
    lines = lines_of_invoices(
        [
            make.bill("IN-1", date(2026, 5, 1), make.billed("A", 2, 10)),
            make.bill("IN-2", date(2026, 6, 1), make.billed("A", 3, 10)),
        ],
        [make.bill("CN-1", date(2026, 7, 1), make.billed("A", 1, 10), maker=make.credit_note)],
    )

    (history,) = purchase_history(lines, as_of=TODAY)

    (item,) = history.items
    assert (item.bought, item.returned, item.quantity) == (5, 1, 4)


def test_of_customers_who_are_as_recent_the_more_frequent_and_then_the_larger_comes_first():
    def buyer(name, times, net):
        return Buyer(customer_id=name, last_on=TODAY, times=times, net=Money(net, "EUR"))

    ranked = rank([buyer("a", 1, 9), buyer("b", 9, 1), buyer("c", 9, 2), buyer("d", 1, 9)])
    assert [each.buyer.customer_id for each in ranked] == ["c", "b", "a", "d"]
    many = rank([*(buyer(f"{n:03}", 1, n) for n in range(50))])
    assert [each.buyer.net.amount for each in many] == sorted(range(50), reverse=True)


def test_half_a_day_counts_up_to_when_the_next_order_is_expected(make):
    days = [TODAY - timedelta(days=each) for each in (25, 13, 0)]

    (rhythm,) = purchase_rhythm(
        [make.invoice(f"IN-{n}", 10, on) for n, on in enumerate(days)], as_of=TODAY
    )

    assert rhythm.recent_interval == Decimal("12.5")
    assert rhythm.expected_next_on == TODAY + timedelta(days=13)


def test_a_month_is_complete_on_its_last_day_and_not_the_day_before(make):
    sales = sales_of_invoices(
        [make.invoice("IN-1", 5, date(2026, 10, 3)), make.invoice("IN-2", 7, date(2026, 11, 3))]
    )

    (before,) = sales_history(sales, as_of=date(2026, 11, 29))
    (last,) = sales_history(sales, as_of=date(2026, 11, 30))

    assert before.last_months(1) == (make.euro(5),)
    assert last.last_months(1) == (make.euro(7),)


def test_the_days_of_last_year_begin_on_the_first_of_january(make):
    sales = sales_of_invoices(
        [make.invoice("IN-1", 5, date(2025, 1, 1)), make.invoice("IN-2", 7, date(2026, 1, 1))]
    )

    (history,) = sales_history(sales, as_of=date(2026, 1, 1))

    assert history.year_to_date().last_year == make.euro(5)
    assert history.year_to_date().change == Decimal("0.4")


def test_an_order_counts_on_the_day_on_which_it_was_placed(make):
    order = make.order(
        lines=[make.order_line(net=make.euro(5))], ordered_on=date(2026, 3, 4), net=make.euro(5)
    )

    (sale,) = sales_of_orders([order])

    assert (sale.on, sale.net) == (date(2026, 3, 4), make.euro(5))


# Rounding


@pytest.mark.parametrize(
    ("weights", "parts"),
    [((2, 1), ("0.67", "0.33")), ((3, 4), ("0.43", "0.57")), ((4, 3), ("0.57", "0.43"))],
)
def test_a_unit_that_is_left_over_goes_to_who_lost_most(make, weights, parts):
    assert [str(part.amount) for part in spread(make.euro("1.00"), weights)] == list(parts)


def test_where_nothing_is_left_over_no_line_carries_it(make):
    found = tax_by_document([TaxedLine(number=1, net=make.euro(10), rate=Decimal("0.2"))])

    assert (found.residue, found.residue_line) == (make.euro(0), None)
