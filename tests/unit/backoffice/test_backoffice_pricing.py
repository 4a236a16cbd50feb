"""Which price an item has for a customer: two policies, quantity breaks, rule and source."""

from datetime import date
from decimal import Decimal

from crossdock_mocks.backoffice.pricing import PriceRow, find_price, quantity_breaks

TODAY = date(2026, 11, 20)
LIST = Decimal("10.00")


def row(name, rule, price=None, discount=None, at=0, since=None, until=None):
    return PriceRow(
        id=name,
        rule=rule,
        name=name,
        price=None if price is None else Decimal(price),
        discount=None if discount is None else Decimal(discount),
        min_quantity=Decimal(at),
        valid_from=since,
        valid_to=until,
    )


def find(*rows, quantity=1, policy="hierarchy", list_price=LIST, on=TODAY):
    return find_price("BRG", list_price, rows, Decimal(quantity), on, policy)


def test_without_any_row_the_list_price_holds():
    found = find()

    assert (
        found.unit_price, found.rule, found.source_kind, found.source_id,
    ) == (LIST, "list_price", "item", "BRG")  # fmt: skip


def test_a_contract_goes_before_a_cheaper_price_list():
    found = find(row("list", "price_list", "7.00"), row("contract", "contract", "8.00"))

    assert (Decimal("8.00"), "contract", "contract") == (
        found.unit_price, found.rule, found.source_id,
    )  # fmt: skip


def test_a_price_list_goes_before_a_price_level():
    found = find(row("level", "price_level", "7.00"), row("list", "price_list", "8.00"))

    assert found.rule == "price_list"


def test_a_price_level_goes_before_the_list_price_even_when_it_is_dearer():
    assert Decimal("11.00") == find(row("level", "price_level", "11.00")).unit_price


def test_the_highest_quantity_break_that_is_reached_counts():
    rows = [
        row("1", "price_list", "9.00", at=1),
        row("10", "price_list", "8.50", at=10),
        row("100", "price_list", "8.00", at=100),
    ]

    assert [str(find(*rows, quantity=quantity).unit_price) for quantity in (1, 9, 10, 99, 100)] == [
        "9.00",
        "9.00",
        "8.50",
        "8.50",
        "8.00",
    ]
    assert Decimal(10) == find(*rows, quantity=99).min_quantity


def test_a_promotion_replaces_the_price_when_it_is_better():
    rows = [row("contract", "contract", "8.00"), row("promo", "promotion", "7.50")]

    assert find(*rows).rule == "promotion"


def test_a_promotion_that_is_not_better_is_left_out():
    rows = [row("contract", "contract", "7.00"), row("promo", "promotion", "7.50")]

    assert find(*rows).rule == "contract"


def test_a_discount_counts_in_the_comparison_with_a_promotion():
    rows = [row("list", "price_list", "8.00", discount=10), row("promo", "promotion", "7.50")]

    found = find(*rows)

    assert ("price_list", Decimal("7.20")) == (found.rule, found.net_price)


def test_rows_hold_on_their_first_and_last_day_and_not_beyond():
    offer = row("promo", "promotion", "5.00", since=date(2026, 11, 10), until=date(2026, 11, 20))

    rules = [
        find(offer, on=on).rule
        for on in (date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 20), date(2026, 11, 21))
    ]

    assert rules == ["list_price", "promotion", "promotion", "list_price"]


def test_a_row_without_a_price_gives_a_discount_on_the_list_price():
    found = find(row("level", "price_level", discount="12.5"))

    assert (LIST, Decimal("12.5"), Decimal("8.75")) == (
        found.unit_price, found.discount, found.net_price,
    )  # fmt: skip


def test_a_discount_alone_is_no_price_where_there_is_no_list_price():
    assert find(row("level", "price_level", discount=10), list_price=None) is None


def test_the_best_price_is_the_lowest_of_all_that_apply():
    rows = [
        row("contract", "contract", "8.00"),
        row("list", "price_list", "7.00"),
        row("level", "price_level", "9.00"),
    ]

    found = find(*rows, policy="best_price")

    assert (Decimal("7.00"), "price_list") == (found.unit_price, found.rule)


def test_the_best_price_takes_the_highest_discount_from_another_row_and_says_so():
    rows = [row("list", "price_list", "7.00"), row("level", "price_level", discount=15)]

    found = find(*rows, policy="best_price")

    assert (Decimal("5.95"), "price_list", "level") == (
        found.net_price, found.rule, found.discount_from,
    )  # fmt: skip


def test_the_best_price_may_be_the_list_price():
    found = find(row("contract", "contract", "12.00"), policy="best_price")

    assert (found.rule, found.unit_price) == ("list_price", LIST)


def test_the_best_price_minds_the_minimum_quantity():
    offer = row("list", "price_list", "6.00", at=50)

    assert [LIST, Decimal("6.00")] == [
        find(offer, quantity=quantity, policy="best_price").unit_price for quantity in (49, 50)
    ]


def test_breaks_are_the_quantities_at_which_the_net_price_changes():
    rows = [
        row("1", "price_list", "9.00", at=1),
        row("10", "price_list", "8.50", at=10),
        row("20", "price_list", "8.50", at=20),
        row("100", "price_list", "8.00", discount=5, at=100),
    ]

    found = quantity_breaks(rows, TODAY, lambda quantity: find(*rows, quantity=quantity))

    assert [(Decimal(10), Decimal("8.50")), (Decimal(100), Decimal("7.60"))] == [
        (step, price.net_price) for step, price in found
    ]


def test_the_source_of_a_break_is_named_for_people():
    assert (
        find(row("Trade", "price_list", "8.50", at=10), quantity=12).source_name == "Trade, from 10"
    )
