"""Quotes and orders without a wire: numbering, totals, belonging, transitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crossdock_mocks.engine import Problem
from crossdock_mocks.frontoffice import Office, activities, opportunities, orders, parties, quotes
from crossdock_mocks.frontoffice.resources import OPPORTUNITY

Refusal = Callable[..., Problem]
LINE = {"item_code": "BRG-1001", "quantity": "2", "unit_price": "5", "tax_rate": "0.20"}


@pytest.fixture
def quote(office: Office, deal: dict[str, Any]) -> dict[str, Any]:
    values = {"account_id": "A-1001", "opportunity_id": deal["id"], "lines": [LINE]}
    return quotes.create_quote(office, values)


def pointers(problem: Problem) -> list[str]:
    return [each.pointer for each in problem.errors]


def test_lines_without_a_number_get_the_free_ones(office: Office):
    given = [LINE, {**LINE, "line": 1}, {**LINE, "line": 7}, LINE]
    made = quotes.create_quote(office, {"account_id": "A-1001", "lines": given})
    assert [line["line"] for line in made["lines"]] == [1, 2, 3, 7]


def test_all_that_is_wrong_with_the_lines_is_told_at_once(office: Office, refusal: Refusal):
    given = [{**LINE, "line": 1}, {**LINE, "line": 1, "quantity": "0"}]
    values = {"account_id": "A-1001", "lines": given}
    problem = refusal(422, "invalid", quotes.create_quote, office, values)
    assert pointers(problem) == ["/lines/1/line", "/lines/1/quantity"]


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ({"net_total": "10.00"}, ["/tax_total", "/gross_total"]),
        ({"net_total": "10.00", "tax_total": "2.00", "gross_total": "13.00"}, ["/gross_total"]),
        ({"net_total": "11.00", "tax_total": "2.00", "gross_total": "13.00"}, ["/net_total"]),
    ],
)
def test_totals_that_do_not_add_up_are_refused(
    office: Office, refusal: Refusal, totals: dict[str, str], expected: list[str]
):
    values = {"account_id": "A-1001", "lines": [LINE], **totals}
    assert pointers(refusal(422, "invalid", quotes.create_quote, office, values)) == expected


def test_a_quote_takes_the_currency_of_its_account(office: Office):
    made = quotes.create_quote(office, {"account_id": "A-1001"})
    assert (made["currency"], made["status"], made["pricing_status"]) == (
        "GBP",
        "draft",
        "unpriced",
    )


def test_a_quote_names_only_what_belongs_to_its_account(
    office: Office, deal: dict[str, Any], refusal: Refusal
):
    contact = parties.create_contact(office, {"account_id": "A-1001", "last_name": "Ode"})
    values = {
        "account_id": "A-1002",
        "opportunity_id": deal["id"],
        "contact_id": contact["id"],
    }
    problem = refusal(422, "invalid", quotes.create_quote, office, values)
    assert pointers(problem) == ["/opportunity_id", "/contact_id"]


def test_an_unknown_account_is_named(office: Office, refusal: Refusal):
    values = {"account_id": "A-9"}
    problem = refusal(422, "unknown_reference", quotes.create_quote, office, values)
    assert pointers(problem) == ["/account_id"]


def test_new_lines_make_a_priced_quote_unpriced_and_drop_its_checks(
    office: Office, quote: dict[str, Any]
):
    check = {"level": "info", "code": "in_stock", "message": "All in stock"}
    priced = quotes.change_quote(
        office,
        quote,
        {"lines": [LINE], "pricing_status": "priced", "price_source": "erp", "checks": [check]},
    )
    assert priced["priced_at"] == "2026-11-21T09:00:00Z"
    assert priced["checks"] == [{**check, "field": None}]
    changed = quotes.change_quote(office, priced, {"lines": [{**LINE, "quantity": "3"}]})
    assert (changed["pricing_status"], changed["priced_at"], changed["price_source"]) == (
        "unpriced",
        None,
        None,
    )
    assert changed["checks"] == []
    assert changed["net_total"] == "15.00"


def test_another_currency_needs_new_lines(office: Office, quote: dict[str, Any], refusal: Refusal):
    values = {"currency": "JPY"}
    problem = refusal(422, "invalid", quotes.change_quote, office, quote, values)
    assert pointers(problem) == ["/lines"]
    changed = quotes.change_quote(office, quote, {"currency": "JPY", "lines": [LINE]})
    assert changed["gross_total"] == "12"


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        (["sent", "accepted", "declined"], "accepted"),
        (["declined", "draft", "sent"], "ordered"),
        (["accepted"], "sent"),
    ],
)
def test_a_quote_goes_only_the_legal_ways(
    office: Office, quote: dict[str, Any], refusal: Refusal, steps: list[str], wrong: str
):
    for status in steps:
        quote = quotes.change_quote(office, quote, {"status": status})
        assert quote["status"] == status
    refusal(409, "illegal_transition", quotes.change_quote, office, quote, {"status": wrong})


def test_declined_quotes_do_not_count_in_the_opportunity(
    office: Office, quote: dict[str, Any], deal: dict[str, Any]
):
    assert office.read(OPPORTUNITY, deal["id"])["quoted_net"] == "10.00"
    quotes.change_quote(office, quote, {"status": "declined"})
    after = office.read(OPPORTUNITY, deal["id"])
    assert (after["quoted_net"], after["version"]) == ("0.00", deal["version"])


def test_a_quote_moved_to_another_opportunity_counts_there(
    office: Office, quote: dict[str, Any], deal: dict[str, Any]
):
    other = opportunities.create_opportunity(
        office, {"account_id": "A-1001", "name": "Other", "close_on": "2026-12-02"}
    )
    quotes.change_quote(office, quote, {"opportunity_id": other["id"]})
    sums = [office.read(OPPORTUNITY, key)["quoted_net"] for key in (deal["id"], other["id"])]
    assert sums == ["0.00", "10.00"]


def test_an_order_takes_over_what_the_quote_says(office: Office, quote: dict[str, Any]):
    order, made = orders.order_quote(office, quote["id"], {"customer_reference": "PO 7"})
    assert made
    assert (order["reference"], order["quote_id"]) == (quote["id"], quote["id"])
    assert (order["gross_total"], order["customer_reference"]) == ("12.00", "PO 7")
    assert order["lines"][0]["ordered_quantity"] == "2"


def test_a_reference_that_is_taken_stops_the_quote_of_that_name(
    office: Office, quote: dict[str, Any], refusal: Refusal
):
    values = {"reference": quote["id"], "account_id": "A-1002", "lines": [LINE]}
    orders.create_order(office, values)
    refusal(409, "duplicate_reference", orders.order_quote, office, quote["id"], {})


def test_amounts_of_the_erp_replace_those_of_an_order(office: Office, quote: dict[str, Any]):
    order, _ = orders.order_quote(office, quote["id"], {})
    change = {"line": 1, "net_amount": "9.00", "tax_amount": "1.80"}
    changed = orders.change_order(office, order, {"lines": [change]})
    assert changed["gross_total"] == "10.80"
    freight = {"net_total": "14.00", "tax_total": "2.80", "gross_total": "16.80"}
    assert orders.change_order(office, changed, freight)["gross_total"] == "16.80"


def test_an_activity_finds_its_account_by_what_it_is_about(
    office: Office, quote: dict[str, Any], refusal: Refusal
):
    call = {"kind": "call", "subject": "Chase"}
    made, _ = activities.create_activity(office, {**call, "quote_id": quote["id"]})
    assert made["account_id"] == "A-1001"
    elsewhere = {**call, "quote_id": quote["id"], "account_id": "A-1002"}
    refusal(422, "invalid", activities.create_activity, office, elsewhere)


def test_an_activity_with_a_known_key_is_not_made_again(office: Office):
    task = {"kind": "task", "subject": "Overdue 30 days", "key": "overdue/IN-7"}
    first, made = activities.create_activity(office, task)
    again, made_again = activities.create_activity(office, {**task, "subject": "Other"})
    assert (made, made_again, again) == (True, False, first)


def test_completing_an_activity_twice_changes_nothing(office: Office, refusal: Refusal):
    task, _ = activities.create_activity(office, {"kind": "task", "subject": "Call"})
    done = activities.complete_activity(office, task, None)
    assert (done["completed_at"], done["completed_by"]) == ("2026-11-21T09:00:00Z", "U-kim")
    assert activities.complete_activity(office, done, "2026-11-20T09:00:00Z") == done
    later = "2026-11-22T09:00:00Z"
    refusal(422, "invalid", activities.complete_activity, office, task, later)


def test_prices_may_be_dated_by_a_clock_that_is_ahead(office: Office, quote: dict[str, Any]):
    ahead = {"pricing_status": "priced", "priced_at": "2026-11-21T11:00:30.5+01:00"}
    assert quotes.change_quote(office, quote, ahead)["priced_at"] == "2026-11-21T10:00:30Z"
    values = {"reference": "W", "account_id": "A-1001", "lines": [LINE], **ahead}
    assert orders.create_order(office, values)["priced_at"] == "2026-11-21T10:00:30Z"
