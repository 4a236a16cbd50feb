"""Stories: from lead to a shipped order, with one order however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from crossdock_mocks.engine.world import World

LINES = [
    {"item_code": "BRG-1001", "quantity": "3", "unit_price": "10.01", "tax_rate": "0.20"},
    {"item_code": "SEAL-7", "quantity": "2", "unit_price": "4.50", "tax_rate": "0.20"},
]


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert status == answer.status_code, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (status, code) == (answer.status_code, answer.json()["error"]["code"]), answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def test_a_lead_becomes_an_account_an_opportunity_a_quote_and_one_order(
    crm: httpx.Client, world: World
):
    lead = ok(
        crm.post(
            "/leads",
            json={"company": "Elm GmbH", "contact_name": "Eva Maria Elm", "source": "fair"},
        ),
        201,
    )
    converted = ok(
        crm.post(
            f"/leads/{lead['id']}/convert",
            json={
                "version": 1,
                "currency": "EUR",
                "opportunity": {"name": "Line 1", "amount": "39.03", "close_on": "2026-12-20"},
            },
        )
    )
    account, deal = converted["account"], converted["opportunity"]
    assert tuple(account[f] for f in ("name", "kind", "currency")) == (
        "Elm GmbH",
        "prospect",
        "EUR",
    )
    assert (
        converted["contact"]["first_name"],
        converted["contact"]["last_name"],
    ) == ("Eva Maria", "Elm")
    assert ("discover", "7.81", lead["id"]) == (deal["stage_id"], deal["expected"], deal["lead_id"])
    assert converted["lead"]["status"] == "converted"

    world.clock.advance(timedelta(days=1))
    token = ok(
        crm.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": "crossdock",
                "client_secret": "crossdock-secret",
            },
        )
    )["access_token"]
    crm.headers["Authorization"] = f"Bearer {token}"
    quote = ok(
        crm.post(
            "/quotes",
            json={"account_id": account["id"], "opportunity_id": deal["id"], "lines": LINES},
        ),
        201,
    )
    assert tuple(quote[field] for field in ("net_total", "tax_total", "gross_total")) == (
        "39.03",
        "7.81",
        "46.84",
    )
    deal = ok(crm.get(f"/opportunities/{deal['id']}"))
    assert deal["quoted_net"] == "39.03"
    deal = ok(
        crm.patch(
            f"/opportunities/{deal['id']}", json={"version": deal["version"], "stage_id": "won"}
        )
    )
    assert (
        deal["stage_kind"],
        deal["closed_at"],
        deal["expected"],
    ) == ("won", "2026-11-22T09:00:00Z", "39.03")
    history = ok(crm.get(f"/opportunities/{deal['id']}/stage-history"))["data"]
    assert [(each["from_stage_id"], each["stage_id"], each["user_id"]) for each in history] == [
        (None, "discover", "U-kim"),
        ("discover", "won", "U-kim"),
    ]

    order = ok(crm.post(f"/quotes/{quote['id']}/order"), 201)
    again = ok(crm.post(f"/quotes/{quote['id']}/order"))
    assert order == again
    assert [(quote["id"], 1, deal["id"]), (quote["id"], 2, deal["id"])] == [
        (line["quote_id"], line["quote_line"], line["opportunity_id"]) for line in order["lines"]
    ]
    assert ok(crm.get(f"/opportunities/{deal['id']}"))["ordered_net"] == "39.03"
    assert ok(crm.get("/orders", params={"quote_id": quote["id"]}))["total"] == 1

    entry = {"key": "SO-9/ack", "kind": "acknowledged", "title": "Taken by the ERP"}
    first = ok(crm.post(f"/orders/{order['id']}/timeline", json=entry), 201)
    second = ok(
        crm.post(f"/orders/{order['id']}/timeline", json={**entry, "title": "told once more"})
    )
    assert first == second
    assert [first] == ok(crm.get(f"/orders/{order['id']}/timeline"))["data"]


def test_many_at_once_make_one_order_of_a_quote(crm: httpx.Client, world: World):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: crm.post("/quotes/Q-1001/order"), range(64)))
    assert sum(each.status_code == 201 for each in answers) == 1
    assert sum(each.status_code == 200 for each in answers) == 63
    assert len({each.json()["id"] for each in answers}) == 1
    assert world.table("crm_orders").count({"quote_id": "Q-1001"}) == 1


def test_a_repeat_gives_the_order_even_with_the_version_of_before(crm: httpx.Client):
    first = ok(crm.post("/quotes/Q-1001/order", json={"version": 1}), 201)
    assert first["id"] == ok(crm.post("/quotes/Q-1001/order", json={"version": 1}))["id"]


def test_an_ordered_quote_is_not_edited(crm: httpx.Client):
    ok(crm.post("/quotes/Q-1001/order"), 201)
    quote = ok(crm.get("/quotes/Q-1001"))
    assert (quote["status"], quote["version"]) == ("ordered", 2)
    for version in (1, 2):
        refused(
            crm.patch("/quotes/Q-1001", json={"version": version, "notes": "x"}),
            409,
            "quote_ordered",
        )
    refused(crm.delete("/quotes/Q-1001"), 409, "quote_ordered")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"status": "declined"}, 409, "quote_declined"),
        ({"valid_until": "2026-11-20"}, 409, "quote_expired"),
        ({"lines": []}, 422, "quote_without_lines"),
    ],
)
def test_some_quotes_cannot_be_ordered(
    crm: httpx.Client, change: dict[str, Any], status: int, code: str
):
    ok(crm.patch("/quotes/Q-1001", json={"version": 1, **change}))
    refused(crm.post("/quotes/Q-1001/order"), status, code)
    assert ok(crm.get("/orders", params={"quote_id": "Q-1001"}))["total"] == 0


def test_a_quote_is_good_on_its_last_day(crm: httpx.Client):
    ok(crm.patch("/quotes/Q-1001", json={"version": 1, "valid_until": "2026-11-21"}))
    ok(crm.post("/quotes/Q-1001/order"), 201)


def test_of_two_who_change_a_quote_the_second_is_told(crm: httpx.Client):
    ok(crm.patch("/quotes/Q-1001", json={"version": 1, "notes": "mine"}))
    error = refused(
        crm.patch("/quotes/Q-1001", json={"version": 1, "notes": "yours"}), 409, "stale_version"
    )
    assert "version 1 was given and 2 is current" in error["message"]
    assert ok(crm.get("/quotes/Q-1001"))["notes"] == "mine"


def test_each_version_of_a_quote_is_kept_even_after_its_deletion(crm: httpx.Client):
    ok(crm.patch("/quotes/Q-1001", json={"version": 1, "notes": "second"}))
    assert crm.delete("/quotes/Q-1001").status_code == 204
    versions = ok(crm.get("/quotes/Q-1001/versions"))
    assert [(each["version"], each["quote"]["notes"]) for each in versions["data"]] == [
        (1, None),
        (2, "second"),
    ]
    assert [each["user_id"] for each in versions["data"]] == [None, "U-kim"]
    refused(crm.get("/quotes/Q-1001"), 404, "not_found")


def test_an_order_is_entered_directly_once_by_its_reference(crm: httpx.Client):
    body = {"reference": "WEB-77", "account_id": "A-1001", "lines": LINES}
    order = ok(crm.post("/orders", json=body), 201)
    assert (order["currency"], order["quote_id"], order["status"]) == ("GBP", None, "submitted")
    error = refused(crm.post("/orders", json=body), 409, "duplicate_reference")
    assert order["id"] in error["message"]
    found = ok(crm.get("/orders", params={"reference": "WEB-77"}))
    assert [order["id"]] == [each["id"] for each in found["data"]]


def test_an_erp_order_is_linked_once_and_for_ever(crm: httpx.Client):
    order = ok(crm.post("/quotes/Q-1001/order"), 201)
    path = f"/orders/{order['id']}"
    refused(
        crm.patch(path, json={"version": 1, "erp_system": "main", "erp_order_id": "SO-100001"}),
        409,
        "erp_order_taken",
    )
    refused(crm.patch(path, json={"version": 1, "erp_order_id": "SO-8"}), 422, "invalid")
    link = {"erp_system": "erp", "erp_order_id": "SO-8", "status": "confirmed"}
    linked = ok(crm.patch(path, json={"version": 1, **link}))
    assert linked == ok(crm.patch(path, json={"version": 2, **link}))
    refused(
        crm.patch(path, json={"version": 2, "erp_order_id": "SO-9"}),
        409,
        "erp_order_already_linked",
    )
    refused(
        crm.patch(path, json={"version": 2, "erp_system": None, "erp_order_id": None}),
        409,
        "erp_order_already_linked",
    )
    refused(
        crm.patch(path, json={"version": 2, "status": "possibly_created"}),
        409,
        "illegal_transition",
    )


def test_an_order_follows_the_erp_line_by_line(crm: httpx.Client):
    path = "/orders/R-1001"
    shipped = {"line": 1, "shipped_quantity": "6", "backordered_quantity": "4"}
    order = ok(crm.patch(path, json={"version": 1, "status": "partly_shipped", "lines": [shipped]}))
    assert tuple(
        order["lines"][0][f"{name}_quantity"] for name in ("shipped", "backordered", "ordered")
    ) == ("6", "4", "10")
    versions = ok(crm.get(f"{path}/versions"))["data"]
    assert [each["order"]["lines"][0]["shipped_quantity"] for each in versions] == ["4", "6"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shipped_quantity": "8", "cancelled_quantity": "3"}, "lines.0.shipped_quantity"),
        ({"returned_quantity": "5"}, "lines.0.returned_quantity"),
        ({"backordered_quantity": "7"}, "lines.0.backordered_quantity"),
        ({"line": 2}, "lines.0.line"),
    ],
)
def test_quantities_that_contradict_each_other_are_refused(
    crm: httpx.Client, change: dict[str, Any], field: str
):
    answer = crm.patch("/orders/R-1001", json={"version": 1, "lines": [{"line": 1, **change}]})
    assert [field] == [each["field"] for each in refused(answer, 422, "invalid")["fields"]]


def test_a_line_that_was_added_in_the_erp_comes_to_the_order(crm: httpx.Client):
    added = {"line": 7, "item_code": "BRG-1", "ordered_quantity": "3", "net_amount": "30.00"}
    order = ok(crm.patch("/orders/R-1001", json={"version": 1, "lines": [added]}))
    assert [line["line"] for line in order["lines"]] == [1, 7]
    assert (order["lines"][1]["item_code"], order["lines"][1]["quote_line"]) == ("BRG-1", None)


def test_the_item_of_a_line_that_is_there_stays(crm: httpx.Client):
    other = {"line": 1, "item_code": "BRG-2"}
    answer = crm.patch("/orders/R-1001", json={"version": 1, "lines": [other]})
    fields = refused(answer, 422, "invalid")["fields"]
    assert [each["field"] for each in fields] == ["lines.0.item_code"]


def test_what_was_shipped_in_part_is_not_cancelled_and_what_is_cancelled_stays_so(
    crm: httpx.Client,
):
    refused(
        crm.patch("/orders/R-1001", json={"version": 1, "status": "cancelled"}),
        409,
        "illegal_transition",
    )
    order = ok(crm.post("/quotes/Q-1001/order"), 201)
    path = f"/orders/{order['id']}"
    ok(crm.patch(path, json={"version": 1, "status": "cancelled"}))
    refused(crm.patch(path, json={"version": 2, "status": "confirmed"}), 409, "illegal_transition")
    assert ok(crm.get("/opportunities/O-1001"))["ordered_net"] == "0.00"


def test_a_refused_conversion_leaves_neither_account_nor_contact(
    crm: httpx.Client, state: Callable[[], dict[str, Any]]
):
    before = state()
    opportunity = {"name": "x", "close_on": "2026-12-01", "stage_id": "no_such_stage"}
    error = refused(
        crm.post("/leads/L-1001/convert", json={"version": 1, "opportunity": opportunity}),
        422,
        "unknown_reference",
    )
    assert [each["field"] for each in error["fields"]] == ["opportunity.stage_id"]
    assert before == state()


def test_the_change_feed_tells_each_change_once_and_in_order(crm: httpx.Client):
    start = ok(crm.get("/changes"))
    assert start == {"items": [], "next": "0"}
    for number in range(11):
        ok(crm.post("/accounts", json={"name": f"Number {number}"}), 201)
    refused(crm.post("/accounts", json={"name": "x", "owner_id": "U-no"}), 422, "unknown_reference")
    ok(crm.post("/quotes/Q-1001/order"), 201)
    ok(crm.post("/quotes/Q-1001/order"))
    seen: list[dict[str, Any]] = []
    cursor = start["next"]
    while items := (feed := ok(crm.get("/changes", params={"since": cursor, "limit": 4})))["items"]:
        seen += items
        cursor = feed["next"]
    assert list(range(1, 14)) == [each["sequence"] for each in seen]
    assert [(each["entity"], each["action"], each["version"]) for each in seen[-2:]] == [
        ("order", "created", 1),
        ("quote", "updated", 2),
    ]
    assert {"U-kim"} == {each["user_id"] for each in seen}
    assert cursor == ok(crm.get("/changes", params={"since": cursor}))["next"]
    assert [
        each["entity"] for each in ok(crm.get("/changes", params={"entity": "quote"}))["items"]
    ] == ["quote"]


def test_a_change_that_changes_nothing_makes_no_version_and_no_entry(crm: httpx.Client):
    account = ok(crm.get("/accounts/A-1001"))
    same = ok(crm.patch("/accounts/A-1001", json={"version": 1, "name": account["name"]}))
    assert account == same
    assert ok(crm.get("/changes"))["items"] == []


def test_a_key_with_control_characters_is_refused(crm: httpx.Client):
    entry = {"key": "ship/1\x00", "kind": "shipped", "title": "Shipped"}
    error = refused(crm.post("/orders/R-1001/timeline", json=entry), 422, "invalid_body")
    assert [each["field"] for each in error["fields"]] == ["key"]
