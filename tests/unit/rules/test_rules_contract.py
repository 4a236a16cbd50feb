from datetime import date, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from crossdock.records import Contract, Money
from crossdock.rules import (
    Profit,
    contract_profit,
    contract_profit_between,
    contract_state,
    total_contract_profit,
    total_profit,
    years_between,
)

TODAY = date(2026, 11, 21)
CONTRACT = Contract(
    id="CT-1",
    system="main",
    customer_id="C-1",
    kind="maintenance",
    name="Maintenance",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    annual_value=Money("1200", "EUR"),
    annual_cost=Money("900", "EUR"),
)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "state"),
    [
        (date(2026, 11, 22), date(2027, 11, 21), "future"),
        (TODAY, date(2027, 11, 21), "current"),
        (date(2020, 1, 1), None, "current"),
        (date(2026, 1, 1), date(2026, 12, 22), "current"),
        (date(2026, 1, 1), date(2026, 12, 21), "expiring"),
        (date(2026, 1, 1), TODAY, "expiring"),
        (date(2026, 1, 1), date(2026, 11, 20), "lapsed"),
        (date(2026, 12, 1), date(2026, 11, 20), "lapsed"),
    ],
)
def test_a_contract_stands_by_its_own_dates(starts_on, ends_on, state):
    contract = evolve(CONTRACT, starts_on=starts_on, ends_on=ends_on)

    assert state == contract_state(contract, as_of=TODAY)


def test_the_notice_can_be_longer():
    contract = evolve(CONTRACT, ends_on=date(2027, 2, 1))

    assert contract_state(contract, as_of=TODAY) == "current"
    assert contract_state(contract, as_of=TODAY, notice_days=90) == "expiring"


def test_a_contract_is_delivered_at_a_profit_when_it_brings_more_than_it_costs():
    found = contract_profit(CONTRACT)

    assert Money("300", "EUR") == found.profit
    assert (Decimal("0.25"), True) == (found.margin, found.at_a_profit)
    even = contract_profit(evolve(CONTRACT, annual_cost=Money("1200", "EUR")))
    assert even.at_a_profit is False


def test_without_its_cost_nothing_is_said_of_a_profit():
    found = contract_profit(evolve(CONTRACT, annual_cost=None))

    assert (found.profit, found.margin, found.at_a_profit) == (None, None, None)


def test_a_part_of_a_year_brings_the_part_that_its_days_are():
    june = contract_profit_between(CONTRACT, date(2026, 6, 1), date(2026, 6, 30))
    whole = contract_profit_between(CONTRACT, date(2020, 1, 1), date(2030, 1, 1))
    never = contract_profit_between(CONTRACT, date(2027, 1, 1), date(2027, 12, 31))

    assert (Money("98.63", "EUR"), Money("73.97", "EUR")) == (june.revenue, june.cost)
    assert Money("1200", "EUR") == whole.revenue
    assert Money("0", "EUR") == never.revenue


def test_contracts_add_up_by_currency_and_one_unknown_cost_leaves_the_sum_unknown():
    dollars = evolve(CONTRACT, annual_value=Money(10, "USD"), annual_cost=None)

    euro, dollar = total_contract_profit([CONTRACT, CONTRACT, dollars])

    assert (Money("2400", "EUR"), Money("600", "EUR")) == (euro.revenue, euro.profit)
    assert (Money("10", "USD"), None) == (dollar.revenue, dollar.cost)
    unknown = Profit(revenue=Money(1, "EUR"), cost=None)
    assert total_profit([euro, unknown])[0].profit is None


_days = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@given(st.tuples(_days, _days, _days))
def test_the_years_of_two_stretches_are_those_of_both_together(days):
    first, middle, last = sorted(days)

    parts = years_between(first, middle) + years_between(middle + timedelta(days=1), last)

    assert parts == years_between(first, last)
    assert years_between(date(first.year, 1, 1), date(first.year, 12, 31)) == 1
