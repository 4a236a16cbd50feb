"""What the rules say word by word, whole records, and their edges.

Each was found by changing the code on purpose: docs/mutation.md.
"""

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import CreditStatus, ExchangeRate, Money
from crossdock.rules import (
    Basket,
    TaxedLine,
    age,
    basket_of,
    better_variants,
    contradictions,
    credit_in_words,
    discount_document,
    document_steps,
    explain_difference,
    item_gaps,
    late_lines,
    line_gaps,
    line_status,
    lines_of_invoices,
    lines_of_orders,
    order_status,
    peers_of,
    price_steps,
    product_line_sales,
    purchase_history,
    rate_on,
    spread,
    total_aging,
    trend,
    unshipped_orders,
)

TODAY = date(2026, 11, 21)


# Credit, in the words that a person reads


def standing(make, **figures):
    amounts = {name: make.euro(value) for name, value in figures.items() if name != "more"}
    plain = {"currency": "EUR", "on_hold": False, **figures.get("more", {})}
    return CreditStatus(customer_id="C-1", system="main", **{**amounts, **plain})


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        ({"limit": 100, "exposure": 50, "balance": 50}, "C-1 is within its credit limit."),
        (
            {"limit": 100, "exposure": 99, "balance": 50},
            "C-1 has used nearly all of its credit limit.",
        ),
        ({"limit": 100, "exposure": 101, "balance": 50}, "C-1 is over its credit limit."),
        ({"exposure": 101, "balance": 50}, "The ERP keeps no credit limit for C-1."),
        ({}, "The credit figures of C-1 are not visible to you."),
        ({"more": {"unlimited": True}, "balance": 5}, "C-1 has no credit limit."),
        ({"more": {"on_hold": True}}, "C-1 is on hold. New orders wait until it is released."),
        (
            {"more": {"on_hold": True, "hold_reason": "overdue"}},
            "C-1 is on hold: overdue. New orders wait until it is released.",
        ),
    ],
)
def test_where_a_customer_stands_is_one_sentence(make, figures, says):
    status = standing(make, **figures)
    assert credit_in_words(status) == says
    if figures and "on_hold" not in figures.get("more", {}):
        late = evolve(status, past_due=make.euro("0.50"))
        assert credit_in_words(late) == f"{says} Part of the balance is past due."
        assert credit_in_words(evolve(status, past_due=make.euro(0))) == says


# Prices, step by step


def test_each_step_of_a_price_has_its_line_its_text_and_only_the_rules_have_a_rule(make):
    line = evolve(
        make.priced_line(7, 3, "0.90", discount=10, tax_rate="0.19", rule="price_level"),
        list_price=make.euro("1.00"),
        net=make.euro("2.42"),
        tax=make.euro("0.47"),
    )

    found = price_steps(line)

    assert [(step.kind, step.line, step.rule, step.text) for step in found.steps] == [
        ("list", 7, "", "3 at the list price 1.00"),
        ("price_rule", 7, "price_level", "0.90 instead of 1.00 by price level"),
        ("discount", 7, "", "10 % discount"),
        ("rounding", 7, "", "rounded to the currency's smallest unit"),
        ("tax", 7, "", "19 % tax on 2.42"),
        ("tax_rounding", 7, "", "tax is rounded at another step"),
    ]
    assert {step.source for step in found.steps} == {""}
    assert [str(step.amount.amount) for step in found.steps[3:]] == ["-0.01", "0.46", "0.01"]
    assert make.euro(0) == found.residue


def test_a_price_without_a_list_price_names_rule_and_source(make):
    line = evolve(
        make.priced_line(1, 2, "5", rule="customer_contract", source="CT-7"), list_price=None
    )
    first = price_steps(line).steps[0]
    assert first.text == "2 at 5 by customer contract (CT-7)"
    assert (first.rule, first.source) == ("customer_contract", "CT-7")
    bare = price_steps(evolve(line, source="")).steps[0]
    assert bare.text == "2 at 5 by customer contract"


@pytest.mark.parametrize(("off", "told"), [("0.01", True), ("0.02", False)])
def test_tax_that_is_off_by_more_than_a_cent_is_no_rounding(make, off, told):
    line = make.priced_line(1, 1, "10")
    found = price_steps(evolve(line, tax=line.tax + make.euro(off)))
    assert ("tax_rounding" in {step.kind for step in found.steps}) is told
    assert found.residue == make.euro(0 if told else off)


@pytest.mark.parametrize(("off", "told"), [("0.01", True), ("0.02", False)])
def test_rounding_explains_half_a_cent_for_each_step_and_each_piece(make, off, told):
    line = make.priced_line(1, 1, "10", tax_rate="0")  # a step, the line itself and one piece
    found = price_steps(evolve(line, net=line.net + make.euro(off)))
    assert ("rounding" in {step.kind for step in found.steps}) is told


def test_a_document_s_own_rounding_is_told_and_what_is_left_is_its_residue(make):
    pricing = make.pricing(make.priced_line(1, 1, "10"), rounding="document")
    off = evolve(
        pricing, residue=make.euro("0.01"), tax=make.euro("2.01"), gross=make.euro("12.03")
    )
    found = document_steps(off)
    assert found.steps[-1].text == "tax is rounded by document"
    assert found.residue == make.euro("0.02")


# A quote beside the ERP's price


def told(found):
    return [(each.kind, each.line, str(each.gross.amount), each.text) for each in found.causes]


def test_each_cause_has_its_line_and_a_sentence_with_both_values(make):
    quote = make.quote(
        make.quote_line(1, 2, "10", discount=5, tax_rate="0.20"),
        make.quote_line(2, 1, None, tax_rate="0.07"),
        make.quote_line(3, 1, "4", tax_rate="0.20"),
    )
    pricing = make.pricing(
        make.priced_line(1, 3, "9", discount=10, rule="price_level"),
        make.priced_line(2, 1, "5", rule="list_price"),
        make.priced_line(4, 1, "1", rule="freight"),
    )

    found = explain_difference(quote, pricing)

    assert told(found) == [
        ("quantity", 1, "11.40", "quantity 3 instead of 2"),
        ("price_rule", 1, "-3.42", "price 9 by price level; the quote had 10"),
        ("discount", 1, "-1.62", "discount 10 % instead of 5 %"),
        ("price_rule", 2, "5.35", "price 5 by list price; the quote had none"),
        ("tax_rate", 2, "0.65", "tax at 20 % instead of 7 %"),
        ("line_removed", 3, "-4.80", "the ERP does not price ITEM-3"),
        ("line_added", 4, "1.20", "the ERP adds ITEM-4"),
    ]
    assert found.of_line(2) == found.causes[3:5]
    assert (found.currency, found.residue) == ("EUR", make.euro(0))


def test_a_quote_of_another_currency_is_compared_at_the_rate_with_what_it_states(make):
    line = make.quote_line(
        1, 1, "10", tax_rate="0.20", currency="USD",
        net=Money("10.00", "USD"), tax=Money("2.00", "USD"),
    )  # fmt: skip
    quote = make.quote(line, currency="USD", net=Money("10.00", "USD"), tax=Money("2.00", "USD"))
    found = explain_difference(
        quote, make.pricing(make.priced_line(1, 1, "5")), rate=Decimal("0.5")
    )
    assert told(found) == [("currency", None, "0", "the quote's USD are compared as EUR at 0.5")]
    assert (found.quoted_net, found.quoted_tax) == (make.euro("5.00"), make.euro("1.00"))


def test_a_rate_that_nobody_needs_changes_nothing(make):
    quote = make.quote(make.quote_line(1, 1, "10", tax_rate="0.20"))
    pricing = make.pricing(make.priced_line(1, 1, "10"))
    assert explain_difference(quote, pricing, rate=Decimal(7)).causes == ()


def test_totals_that_no_rounding_explains_are_the_residue_with_what_lines_leave(make):
    line = make.quote_line(1, 1, "10", tax_rate="0.20", net=make.euro("10"), tax=make.euro("2"))
    quote = make.quote(line, net=make.euro("11"), tax=make.euro("2.50"))
    pricing = make.pricing(make.priced_line(1, 1, "10", net=make.euro("10"), tax=make.euro("3")))
    found = explain_difference(quote, pricing)
    assert (found.quoted_net, found.quoted_tax) == (make.euro("11.00"), make.euro("2.50"))
    # The line's tax is one off; the totals of the quote 1 and 0.50 beyond its lines.
    assert found.residue == make.euro("-0.50") == found.difference


def test_totals_that_are_a_cent_off_are_rounded_elsewhere(make):
    line = make.quote_line(1, 1, "10", tax_rate="0.20", net=make.euro("10"), tax=make.euro("2"))
    quote = make.quote(line, net=make.euro("10.00"), tax=make.euro("2.01"))
    found = explain_difference(quote, make.pricing(make.priced_line(1, 1, "10")))
    assert told(found) == [("rounding", None, "-0.01", "the totals are rounded by line in the ERP")]


def test_a_line_that_both_sides_round_elsewhere_says_so(make):
    line = make.quote_line(1, 1, "10", tax_rate="0.20", net=make.euro("10.01"))
    found = explain_difference(make.quote(line), make.pricing(make.priced_line(1, 1, "10")))
    assert told(found) == [("rounding", 1, "-0.01", "both sides round at other steps")]


def test_a_price_with_tax_in_it_is_told_with_both_prices(make):
    found = explain_difference(
        make.quote(make.quote_line(1, 1, "12.00", tax_rate="0.20")),
        make.pricing(make.priced_line(1, 1, "10.00")),
    )
    assert told(found) == [
        (
            "tax_base", 1, "-2.40",
            "the quoted price 12.00 had 20 % tax in it; before tax it is 10.00",
        )
    ]  # fmt: skip


# Lines that were sold


def test_a_line_of_an_order_is_taken_over_whole_and_of_invoices_with_its_kind(make):
    line = evolve(
        make.order_line(4, 10, cancelled=4, net=make.euro("100.00")),
        description="Bearing", unit_price=make.euro("10"), discount_percent=Decimal(5),
    )  # fmt: skip
    (sold,) = lines_of_orders([make.order("SO-9", [line], ordered_on=TODAY)])
    assert (sold.on, sold.kind, sold.document_id, sold.number) == (TODAY, "order", "SO-9", 4)
    assert (sold.item_id, sold.description, sold.quantity) == ("ITEM-4", "Bearing", 6)
    assert (sold.unit_price, sold.discount_percent) == (make.euro("10"), 5)
    assert sold.net == make.euro("60.00")
    nothing = evolve(line, quantity=Decimal(0), cancelled=Decimal(1))
    (kept,) = lines_of_orders([make.order("SO-9", [nothing], ordered_on=TODAY)])
    assert kept.net == make.euro("100.00")

    goods = make.billed("X", 2, 5, description="Screw")
    bill = make.bill("IN-1", TODAY, goods)
    credited = make.bill("CN-1", TODAY, goods, maker=make.credit_note)
    plus, minus = lines_of_invoices([bill], [credited])
    assert (plus.kind, plus.description, plus.quantity) == ("invoice", "Screw", 2)
    assert (minus.kind, minus.quantity, minus.net) == ("credit_note", -2, make.euro(-10))
    assert (plus.bought, minus.bought) == (True, False)


# Customers like this one


def basket(customer_id, items, net=10, currency="EUR"):
    spent = {each: Money(net, currency) for each in items}
    return Basket(customer_id=customer_id, items=frozenset(items), spent=spent)


def test_a_basket_adds_up_what_was_bought_more_than_once(make):
    bills = [make.bill("IN-1", TODAY, make.billed("X", 2, 5)),
             make.bill("IN-2", TODAY, make.billed("X", 1, 7))]  # fmt: skip
    returned = make.bill("CN-1", TODAY, make.billed("X", 1, 5), maker=make.credit_note)
    found = basket_of("C-1", lines_of_invoices(bills, [returned]), currency="EUR")
    assert (found.customer_id, found.items) == ("C-1", {"X"})
    assert found.spent == {"X": make.euro(12)}


def test_gaps_stand_in_the_order_of_buyers_amount_and_name_and_their_items_by_buyers(make):
    items = {each.id: each for each in (
        make.item("P", "Pumps"), make.item("Q", "Pumps"), make.item("V", "Valves"),
        make.item("G", "Gaskets"), make.item("H", "Hoses"),
    )}  # fmt: skip
    mine = basket("C-0", "A")
    others = [
        basket("C-1", "APQGH", 10), basket("C-2", "AQGH", 10), basket("C-3", "AQVGH", 20),
        basket("C-4", "A"),
    ]  # fmt: skip
    found = line_gaps(mine, others, items)
    assert [(gap.name, gap.buyers, gap.peers, gap.items) for gap in found] == [
        ("Pumps", 3, 4, ("Q", "P")),
        ("Gaskets", 3, 4, ("G",)),
        ("Hoses", 3, 4, ("H",)),
    ]
    dearer = line_gaps(mine, [*others, basket("C-5", "AV", 90)], items)
    assert [gap.name for gap in dearer] == ["Pumps", "Gaskets", "Hoses", "Valves"]
    exactly = line_gaps(mine, others, items, least_share=Decimal("0.75"))
    assert [gap.name for gap in exactly] == ["Pumps", "Gaskets", "Hoses"]

    # Only of the peers that are given.
    (only,) = peers_of(mine, others, most=1)
    assert only.customer_id == "C-4"
    assert line_gaps(mine, others, items, peers=[only]) == ()
    assert item_gaps(mine, others, peers=[only]) == ()
    assert better_variants(mine, others, items, peers=[only]) == ()


def test_of_two_gaps_with_as_many_buyers_the_dearer_stands_first(make):
    mine = basket("C-0", "A")
    others = [
        Basket(customer_id=name, items=frozenset("AXYZ"),
               spent={"X": make.euro(1), "Y": make.euro(9), "Z": Money(99, "USD")})
        for name in ("C-1", "C-2")
    ]  # fmt: skip
    found = item_gaps(mine, others)
    assert [(gap.name, gap.typical) for gap in found] == [
        ("Y", make.euro(9)), ("X", make.euro(1)), ("Z", None),
    ]  # fmt: skip


def test_a_customer_who_is_just_similar_enough_is_a_peer():
    mine, other = basket("C-1", "ABCDEFGHIJ"), basket("C-2", "A")
    assert [each.similarity for each in peers_of(mine, [other])] == [Decimal("0.1")]


def test_the_variant_that_most_peers_buy_is_suggested_and_of_those_the_cheapest(make):
    line = {"product_line": "Pumps"}
    items = {each.id: each for each in (
        make.item("A", **line, list_price=10), make.item("B", **line, list_price=30),
        make.item("C", **line, list_price=20), make.item("D", **line, list_price="30.01"),
        make.item("E", **line, list_price=10), make.item("F", **line, list_price=15, active=False),
        make.item("G", "", list_price=15), make.item("K", "Valves", list_price=10),
        make.item("L", "Valves", list_price=12), make.item("M", **line),
        make.item("N", **line, list_price=15, currency="USD"),
        make.item("O", **line, list_price=15, unit="box"),
    )}  # fmt: skip
    mine = basket("C-0", "AKMG?")
    others = [basket("C-1", "AKBCDEFGLMNO"), basket("C-2", "AKBCDEFGLMNO"), basket("C-3", "AKL")]
    found = better_variants(mine, others, items)
    assert [(each.item.id, each.variant.id, each.buyers, each.peers) for each in found] == [
        ("K", "L", 3, 3),
        ("A", "C", 2, 3),
    ]


# How far an order has come


def test_half_a_unit_counts_like_a_whole_one(make):
    half = Decimal("0.5")
    assert line_status(make.order_line(1, 1, shipped=half)) == "partly_shipped"
    assert line_status(make.order_line(1, half, back_ordered=half)) == "back_ordered"
    assert line_status(make.order_line(1, half, shipped=half)) == "shipped"
    partly = make.order_line(1, 1, shipped=1, invoiced=half)
    assert line_status(partly) == "partly_invoiced"
    assert order_status([partly]) == "partly_invoiced"
    assert order_status([make.order_line(1, 1, shipped=half)]) == "partly_shipped"
    assert order_status([make.order_line(1, half, invoiced=half)]) == "partly_invoiced"
    assert order_status([make.order_line(1, half, shipped=half)]) == "shipped"


def test_a_mark_stays_where_nothing_moves_it(make):
    moved = [make.order_line(1, 2, shipped=1)]
    assert order_status(moved, mark="draft") == "draft"
    assert order_status(moved, mark="rejected") == "rejected"
    assert order_status(moved, mark="on_hold") == "on_hold"
    assert order_status(moved, mark="accepted") == "partly_shipped"


def test_a_line_is_late_by_its_promise_and_no_draft_or_rejected_order_is(make):
    line = make.order_line(1, Decimal("0.5"), promised_on=date(2026, 11, 20))
    (late,) = late_lines([make.order("SO-1", [line])], as_of=TODAY)
    assert (late.promised_on, late.open, late.days) == (date(2026, 11, 20), Decimal("0.5"), 1)
    for status in ("draft", "rejected", "cancelled"):
        assert late_lines([make.order("SO-1", [line], status=status)], as_of=TODAY) == ()


def test_what_cannot_be_true_is_said_in_words(make):
    assert contradictions(make.order_line(1, 1, shipped=2, reserved=0)) == (
        "more is shipped and cancelled than was ordered",
    )
    assert contradictions(make.order_line(1, 2, reserved=1)) == (
        "1 reserved and 0 back-ordered are not the 2 that are open",
    )
    assert contradictions(make.order_line(1, 1, shipped=1, reserved=1)) == (
        "1 reserved and 0 back-ordered are not the 0 that are open",
    )
    assert contradictions(make.order_line(1, 1, shipped=1, returned=2)) == (
        "more came back than was shipped",
    )
    assert contradictions(make.order_line(1, 1, reserved=1, invoiced=1)) == (
        "more is invoiced than was shipped",
    )


def test_a_series_that_rises_says_so_and_a_short_one_how_short_it_is():
    rising = trend([Decimal(each) for each in range(12)])
    assert (rising.direction, rising.length, rising.slope) == ("rising", 12, Decimal(1))
    assert trend([Decimal(1)] * 11).length == 11


# Receivables, sales and rounding at their edges


def test_an_aged_document_tells_all_that_it_is(make):
    invoice = make.invoice(
        "IN-1", 100, date(2026, 10, 1), due_on=date(2026, 10, 31), reference="PO"
    )
    paid = make.payment("PY-1", 30, date(2026, 11, 1), reference="wire")
    note = make.credit_note("CN-1", 5, date(2026, 11, 2))
    (found,) = age([invoice], [note], [paid], as_of=TODAY)
    assert [
        (each.kind, each.id, each.reference, each.dated, each.due_on, each.bucket)
        for each in sorted(found.documents, key=lambda each: each.id)
    ] == [
        ("credit_note", "CN-1", "", date(2026, 11, 2), None, None),
        ("invoice", "IN-1", "PO", date(2026, 10, 31), date(2026, 10, 31), 1),
        ("payment", "PY-1", "wire", date(2026, 11, 1), None, None),
    ]
    originals = {each.id: each.original for each in found.documents}
    assert originals == {"IN-1": make.euro(100), "CN-1": make.euro(-5), "PY-1": make.euro(-30)}
    assert found.as_of == TODAY

    later = make.invoice("IN-2", 7, date(2026, 12, 1))
    (other,) = age([later], as_of=TODAY)
    total = total_aging([found, other])
    assert (total.currency, total.as_of, total.basis) == ("EUR", TODAY, found.basis)
    assert (total.labels, total.later) == (found.labels, make.euro(7))
    assert total_aging([found]) == found


def test_the_days_at_both_ends_count(make):
    first, last = date(2026, 1, 1), TODAY
    items = {"X": make.item("X", "Pumps")}
    lines = lines_of_invoices(
        [make.bill("IN-1", first, make.billed("X", 1, 10)),
         make.bill("IN-2", last, make.billed("X", 1, 20)),
         make.bill("IN-3", last, make.billed("X", 2, 20))]
    )  # fmt: skip
    (found,) = product_line_sales(lines, items, as_of=last, start=first)
    assert (found.total, found.start, found.as_of) == (make.euro(70), first, last)
    (line,) = found.lines
    assert (line.share, line.by_year) == (1, {2026: make.euro(70)})
    cents = lines_of_invoices([make.bill("IN-1", last, make.billed("X", 1, "0.50"))])
    assert product_line_sales(cents, items, as_of=last)[0].lines[0].share == 1

    rate = ExchangeRate(of="USD", to="EUR", rate=Decimal("0.9"), on=TODAY, source="ECB")
    assert rate_on([rate], "USD", "EUR", TODAY) == rate

    waiting = make.order_line(1, Decimal("0.5"))
    (order,) = unshipped_orders([make.order("SO-1", [waiting], ordered_on=TODAY)], as_of=TODAY)
    assert (order.promised_on, order.days_late) == (None, 0)


def test_a_purchase_remembers_the_first_day_and_all_that_was_bought_of_it(make):
    lines = lines_of_invoices(
        [make.bill("IN-1", date(2026, 3, 1), make.billed("X", "0.5", 10)),
         make.bill("IN-2", date(2026, 1, 1), make.billed("X", 2, 10))]
    )  # fmt: skip
    found = purchase_history(
        lines, {"X": make.item("X", "Pumps", description="A pump")}, as_of=TODAY
    )
    (history,) = found
    (bought,) = history.items
    assert (bought.first_on, bought.description) == (date(2026, 1, 1), "A pump")
    assert history.as_of == TODAY
    (unknown,) = purchase_history(lines, {}, as_of=TODAY)[0].items
    assert (unknown.name, unknown.description, unknown.product_line) == ("", "", "")


def test_what_is_left_over_goes_to_whoever_lost_most_and_of_equals_to_the_last(make):
    def parts(amount, *weights):
        return [str(each.amount) for each in spread(make.euro(amount), weights)]

    assert parts("0.10", 1, 2, 4) == ["0.01", "0.03", "0.06"]
    assert parts("0.02", 1, 1, 1) == ["0.00", "0.01", "0.01"]
    assert parts("0.00", 0, 0) == ["0.00", "0.00"]
    with pytest.raises(ValueError, match=r"^there is no line to spread an amount over$"):
        spread(make.euro(1), [])
    with pytest.raises(ValueError, match=r"^a line cannot take a negative share$"):
        spread(make.euro(1), [1, -1])


@pytest.mark.parametrize("base", ["net", "gross"])
def test_a_discount_leaves_each_line_its_number_and_its_rate(make, base):
    lines = [TaxedLine(number=3, net=make.euro(60), rate=Decimal("0.1")),
             TaxedLine(number=9, net=make.euro(40), rate=Decimal("0.2"))]  # fmt: skip
    reduced, whole = discount_document(lines, make.euro(10), base=base)
    assert [(each.number, each.rate) for each in reduced] == [
        (3, Decimal("0.1")),
        (9, Decimal("0.2")),
    ]
    assert (whole.residue, whole.net) == (make.euro(0), sum((r.net for r in reduced), make.euro(0)))
    with pytest.raises(ValueError, match=r"^a discount is taken off; what is added to a document"):
        discount_document(lines, make.euro(-1), base=base)
