"""Lists: pages, search, filters, sorting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from crossdock_mocks.engine.world import World


def ids(crm: httpx.Client, path: str, **params: Any) -> list[str]:
    answer = crm.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["data"]]


def test_pages_together_hold_each_record_once(crm: httpx.Client):
    for number in range(7):
        crm.post("/accounts", json={"name": f"Same name {number % 2}"})
    first = crm.get("/accounts", params={"page_size": 4}).json()
    assert (first["page"], first["page_size"], first["total"]) == (1, 4, 9)
    pages = [ids(crm, "/accounts", page_size=4, page=page) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [4, 4, 1, 0]
    assert len({key for page in pages for key in page}) == 9


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("acme", ["A-1001"]),
        ("LEEDS", ["A-1001"]),
        ("ring ac", ["A-1001"]),
        ("10001", ["A-1001"]),
        ("a-1002", ["A-1002"]),
        ("acme birch", []),
        ("main", []),
        ("%", []),
    ],
)
def test_accounts_are_found_by_words_of_name_city_and_numbers(
    crm: httpx.Client, words: str, expected: list[str]
):
    assert expected == ids(crm, "/accounts", q=words)


@pytest.mark.parametrize(
    ("path", "params", "expected"),
    [
        ("/accounts", {"kind": "prospect"}, ["A-1002"]),
        ("/accounts", {"owner_id": "U-kim"}, ["A-1001"]),
        ("/accounts", {"country": "DE"}, ["A-1002"]),
        ("/accounts", {"external_id": "main:C-10001"}, ["A-1001"]),
        ("/accounts", {"external_id": "old:C-10001"}, []),
        ("/accounts", {"sort": "-name"}, ["A-1002", "A-1001"]),
        ("/contacts", {"account_id": "A-1002"}, ["P-1002"]),
        ("/contacts", {"q": "ann"}, ["P-1001"]),
        ("/leads", {"status": "converted"}, ["L-1002"]),
        ("/campaigns/CA-1001/members", {"responded": "true"}, ["CM-1"]),
        ("/campaigns/CA-1001/members", {"responded": "false"}, []),
        ("/stages", {"kind": "open"}, ["discover", "prove"]),
        ("/opportunities", {"stage_kind": "open", "close_to": "2026-12-15"}, ["O-1001"]),
        ("/opportunities", {"close_from": "2026-12-16"}, []),
        ("/opportunities", {"forecast_category": "best_case"}, ["O-1001"]),
        ("/stage-history", {"from": "2026-11-09T00:00:00Z"}, ["SH-2"]),
        ("/stage-history", {"to": "2026-11-09T09:00:00+01:00"}, ["SH-1"]),
        ("/stage-history", {"user_id": "U-kim"}, ["SH-2"]),
        ("/play-answers", {"play": "budget"}, ["PA-1"]),
        ("/quotes", {"status": "ordered"}, ["Q-1002"]),
        ("/quotes", {"q": "brg q-1001"}, ["Q-1001"]),
        ("/quotes", {"sort": "gross_total"}, ["Q-1001", "Q-1002"]),
        ("/orders", {"erp_system": "main", "erp_order_id": "SO-100001"}, ["R-1001"]),
        ("/orders", {"linked": "false"}, []),
        ("/orders", {"quote_id": "Q-1002", "status": "partly_shipped"}, ["R-1001"]),
        ("/activities", {"completed": "false", "due_before": "2026-11-26T00:00:00Z"}, ["T-1001"]),
        ("/activities", {"completed": "true"}, []),
        ("/cases", {"open": "true"}, ["CS-1001"]),
        ("/cases", {"open": "false", "account_id": "A-1001"}, ["CS-1002"]),
        ("/cases", {"status": "working", "q": "damaged"}, ["CS-1001"]),
        ("/users", {"active": "false"}, ["U-old"]),
        ("/users", {"manager_id": "U-lee"}, ["U-kim"]),
        ("/users", {"login": "kim"}, ["U-kim"]),
        ("/logins", {"user_id": "U-kim"}, ["LG-1"]),
        ("/logins", {"to": "2026-11-20T08:00:00Z"}, ["LG-2"]),
    ],
)
def test_lists_are_filtered(
    crm: httpx.Client, path: str, params: dict[str, str], expected: list[str]
):
    assert expected == ids(crm, path, **params)


def test_an_unknown_filter_is_refused_not_ignored(crm: httpx.Client):
    answer = crm.get("/accounts", params={"colour": "red"})
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["error"]["fields"]] == ["colour"]


def test_amounts_are_sorted_as_numbers(crm: httpx.Client):
    for amount in ("9.00", "10.00"):
        body = {"account_id": "A-1001", "name": amount, "close_on": "2026-12-01", "amount": amount}
        assert crm.post("/opportunities", json=body).status_code == 201
    answer = crm.get("/opportunities", params={"sort": "-amount"}).json()
    assert [each["amount"] for each in answer["data"]] == ["2000000.00", "10.00", "9.00"]


def test_updated_since_gives_what_changed_from_then_on(crm: httpx.Client, world: World):
    world.clock.advance(timedelta(minutes=5))
    crm.patch("/accounts/A-1002", json={"version": 1, "industry": "Paper"})
    assert ids(crm, "/accounts", updated_since="2026-11-21T09:05:00Z") == ["A-1002"]
    assert ids(crm, "/accounts", updated_since="2026-11-21T09:05:01Z") == []
