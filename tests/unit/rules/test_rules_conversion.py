from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Money, minor_units
from crossdock.rules import ExchangeRate, convert, convert_sum, rate_on, sums_by_currency

TODAY = date(2026, 11, 21)


def rate(of, to, value, on=date(2026, 1, 1), source="ECB"):
    return ExchangeRate(of=of, to=to, rate=Decimal(value), on=on, source=source)


def test_sums_keep_their_currencies_apart():
    amounts = [Money(5, "USD"), Money(1, "EUR"), Money("2.50", "EUR")]

    assert (Money("3.50", "EUR"), Money(5, "USD")) == sums_by_currency(amounts)


def test_an_amount_is_converted_at_the_stated_rate_and_rounded_to_its_new_minor_unit():
    assert Money("0.92", "EUR") == convert(Money("1.00", "USD"), rate("USD", "EUR", "0.9150"))
    assert Money("164", "JPY") == convert(Money("1.00", "EUR"), rate("EUR", "JPY", "163.87"))
    with pytest.raises(ValueError, match="cannot be converted at a rate of USD"):
        convert(Money(1, "GBP"), rate("USD", "EUR", "0.9"))


def test_each_currency_is_converted_once_at_the_newest_rate_of_the_day():
    rates = [
        rate("USD", "EUR", "0.90"),
        rate("USD", "EUR", "0.91", on=date(2026, 11, 20)),
        rate("USD", "EUR", "0.99", on=date(2026, 11, 22)),
    ]

    found = convert_sum(
        [Money("1.05", "USD"), Money("1.05", "USD"), Money(10, "EUR")], "EUR", rates, on=TODAY
    )

    assert (Money("11.91", "EUR"), TODAY) == (found.total, found.on)
    euro, dollar = found.parts
    assert (None, rates[1]) == (euro.rate, dollar.rate)
    assert Money("1.91", "EUR") == dollar.converted


def test_what_has_no_rate_is_told_apart_and_no_rate_is_turned_round():
    found = convert_sum(
        [Money(1, "EUR"), Money(7, "GBP")], "EUR", [rate("EUR", "GBP", "0.86")], on=TODAY
    )

    assert Money(1, "EUR") == found.total
    assert (Money(7, "GBP"),) == found.missing


def test_before_the_first_rate_there_is_none():
    assert rate_on([rate("USD", "EUR", "0.9")], "USD", "EUR", date(2025, 12, 31)) is None


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_above_zero(value):
    with pytest.raises(ValueError, match="above zero"):
        rate("USD", "EUR", value)


def test_a_rate_is_never_a_float():
    with pytest.raises(TypeError, match="never a float"):
        ExchangeRate(of="USD", to="EUR", rate=0.9, on=TODAY, source="ECB")


_amounts = st.lists(
    st.builds(
        Money, st.decimals(-99_999, 99_999, places=2), st.sampled_from(["EUR", "USD", "JPY", "KWD"])
    ),
    max_size=20,
)


@given(_amounts, st.decimals("0.001", 999, places=4))
def test_the_parts_make_the_total_and_with_what_is_missing_nothing_is_lost(amounts, value):
    found = convert_sum(amounts, "EUR", [rate("USD", "EUR", value)], on=TODAY)

    assert found.total == sum((each.converted for each in found.parts), start=Money.zero("EUR"))
    assert sums_by_currency(amounts) == sums_by_currency(
        [*(each.original for each in found.parts), *found.missing]
    )
    step = Decimal(1).scaleb(-minor_units("EUR"))
    for each in found.parts:
        if each.rate is not None:
            exact = each.original.amount * each.rate.rate
            assert abs(each.converted.amount - exact) <= step / 2
