from datetime import date
from decimal import Decimal

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money
from crossdock.rules import (
    Basket,
    basket_of,
    better_variants,
    item_gaps,
    line_gaps,
    lines_of_invoices,
    peers_of,
)

TODAY = date(2026, 11, 21)


def basket(customer_id, items, net=10):
    return Basket(
        customer_id=customer_id,
        items=frozenset(items),
        spent={each: Money(net, "EUR") for each in items},
    )


def test_similarity_is_what_both_buy_over_what_either_buys():
    mine = basket("C-1", "ABCD")
    others = [mine, basket("C-2", "CDE"), basket("C-3", "ABCD"), basket("C-4", "XYZ")]

    found = peers_of(mine, others)

    assert [("C-3", Decimal(1), 4), ("C-2", Decimal("0.4"), 2)] == [
        (peer.customer_id, peer.similarity, peer.common) for peer in found
    ]
    assert [peer.customer_id for peer in peers_of(mine, others, most=1)] == ["C-3"]


def test_a_basket_holds_what_was_kept_and_what_was_spent_on_it_in_one_currency(make):
    lines = lines_of_invoices(
        [
            make.bill("IN-1", TODAY, make.billed("A", 2, 5), make.billed("B", 1, 3)),
            make.bill("IN-2", TODAY, make.billed("C", 1, 9, currency="USD")),
        ],
        [make.bill("CN-1", TODAY, make.billed("B", 1, 3), maker=make.credit_note)],
    )

    found = basket_of("C-1", lines, currency="EUR")

    assert {"A", "C"} == found.items
    assert {"A": make.euro(10)} == found.spent


def test_a_gap_is_a_product_line_that_enough_peers_buy_and_the_customer_does_not(make):
    lines = {"A": "X", "B": "X", "L": "L", "M": "L", "O": "O"}
    items = {each: make.item(each, line) for each, line in lines.items()}
    mine = basket("C-1", "AB")
    others = [
        mine,
        basket("C-2", "ABL", net=100),
        basket("C-3", "ABLM", net=30),
        basket("C-4", "ABO"),
        basket("C-5", "AB"),
    ]

    (gap,) = line_gaps(mine, others, items)

    assert ("L", 2, 4, Decimal("0.5")) == (gap.name, gap.buyers, gap.peers, gap.share)
    assert gap.items == ("L", "M")
    assert make.euro(80) == gap.typical  # the median of 100 and of 30 + 30
    assert [each.name for each in item_gaps(mine, others)] == ["L"]


def test_an_item_of_no_product_line_makes_no_gap_and_nobody_similar_makes_none(make):
    mine = basket("C-1", "A")
    items = {"A": make.item("A", "X"), "B": make.item("B", "")}

    assert line_gaps(mine, [mine, basket("C-2", "ABZ")], items) == ()
    assert line_gaps(mine, [basket("C-2", "QRS")], items) == ()


def test_a_better_variant_is_dearer_of_the_same_kind_and_bought_beside_the_plain_one(make):
    items = {
        each.id: each
        for each in (
            make.item("PLAIN", "Lamps", list_price=10),
            make.item("BETTER", "Lamps", list_price=15),
            make.item("DEARER", "Lamps", list_price=20),
            make.item("OTHER", "Oil", list_price=15),
            make.item("LUXURY", "Lamps", list_price=31),
            make.item("CHEAP", "Lamps", list_price=5),
            evolve(make.item("OLD", "Lamps", list_price=15), active=False),
        )
    }
    mine = basket("C-1", ["PLAIN"])
    others = [basket(f"C-{n}", list(items)) for n in (2, 3)] + [
        basket("C-4", ["PLAIN", "BETTER"]),
        basket("C-5", ["PLAIN", "DEARER"]),
    ]

    (found,) = better_variants(mine, others, items)

    assert (
        found.item.id,
        found.variant.id,
        found.buyers,
        found.peers,
    ) == ("PLAIN", "BETTER", 3, 4)
    assert better_variants(mine, others[2:], items) == ()  # one peer is no pattern


_sets = st.frozensets(st.sampled_from("ABCDEFGH"), min_size=1)


@given(_sets, st.lists(_sets, max_size=12))
def test_gaps_are_never_what_the_customer_has_and_similarity_is_mutual(make, own, others):
    mine = basket("C-0", own)
    everybody = [mine, *(basket(f"C-{n}", each) for n, each in enumerate(others, start=1))]
    items = {each: make.item(each, "ONE" if each < "D" else each) for each in "ABCDEFGH"}

    peers = peers_of(mine, everybody)

    for peer in peers:
        (back,) = (
            each
            for each in peers_of(
                next(b for b in everybody if b.customer_id == peer.customer_id), [mine]
            )
        )
        assert (peer.similarity, peer.common) == (back.similarity, back.common)
        assert 0 < peer.similarity <= 1
    lines = {items[each].product_line for each in own}
    for gap in line_gaps(mine, everybody, items):
        assert gap.name not in lines
        assert 0 < gap.share <= 1
    for gap in item_gaps(mine, everybody):
        assert gap.name not in own
