"""Records of SalesLogix: seeded like everywhere, kept by their rules, priced by a back office."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects.saleslogix import (
    PASSWORD,
    READER,
    READER_PASSWORD,
    USER,
    connect_back_office,
)
from crossdock_mocks.dialects.saleslogix.back_office import ADDRESS
from crossdock_mocks.engine import App, World, serve_in_thread

First = Callable[..., dict[str, Any]]


def said(answer: httpx.Response) -> list[str]:
    return [each["message"] for each in answer.json()]


def link(entry: dict[str, Any]) -> dict[str, Any]:
    return {"$key": entry["$key"]}


def test_an_installation_tells_of_the_same_companies_as_its_data_set(
    app: App, seeded: World, reader: httpx.Client
) -> None:
    dataset = generate(seed=1, scale=0.05)
    answer = reader.get("/accounts", params={"count": 1000, "orderby": "Id"}).json()
    told = [(each["AccountName"], each["ErpExtId"]) for each in answer["$resources"]]
    assert told == [(row["name"], row["customer_id"]) for row in dataset.rows("accounts")]
    quotes = list(dataset.rows("quotes"))
    assert reader.get("/quotes/$count").json() == {"$totalResults": len(quotes)}
    ordered = sum(row["status"] == "ordered" for row in quotes)
    assert reader.get("/salesOrders/$count").json() == {"$totalResults": ordered}
    assert reader.get("/erpInvoices/$count").json() == {"$totalResults": 0}
    again = app.open_world(generate(seed=1, scale=0.05), now=seeded.now)
    for name in seeded.tables:
        assert again.table(name).find_raw() == seeded.table(name).find_raw(), name


def test_ids_have_twelve_characters_and_begin_with_the_letter_of_their_table(
    seeded: World,
) -> None:
    letters: dict[str, str] = {}
    for name in seeded.tables:
        for row in seeded.table(name).find():
            if name.startswith("sdata_"):
                assert len(row["key"]) == 12
                assert letters.setdefault(name, row["key"][0]) == row["key"][0]
    assert letters["sdata_accounts"] == "A"
    assert letters["sdata_contacts"] == "C"
    assert letters["sdata_opportunities"] == "O"
    assert len(set(letters.values())) == len(letters)


def test_totals_follow_the_lines_of_a_quote(client: httpx.Client, first: First) -> None:
    account, product = first("accounts"), first("products", "Price gt 0")
    line = {"Product": link(product), "Quantity": 3, "Discount": 0.1}
    other = {"ProductName": "Advice", "Quantity": 2, "Price": 80}
    made = client.post(
        "/quotes",
        params={"include": "QuoteItems"},
        json={"Account": link(account), "Tax": 10, "QuoteItems": {"$resources": [line, other]}},
    )
    assert made.status_code == 201, made.text
    quote = made.json()
    assert made.headers["location"] == quote["$url"]
    first_line, second = quote["QuoteItems"]["$resources"]
    price = product["Price"]
    assert first_line["ProductName"] == product["Name"]
    assert first_line["ActualID"] == product["ActualId"]
    assert first_line["Price"] == price
    assert first_line["CalculatedPrice"] == round(price * 0.9 + 1e-9, 2)
    assert first_line["ExtendedPrice"] == pytest.approx(3 * first_line["CalculatedPrice"])
    assert (first_line["LineNumber"], second["LineNumber"]) == (1, 2)
    net = first_line["ExtendedPrice"] + 160
    assert quote["Total"] == pytest.approx(net)
    assert quote["GrandTotal"] == pytest.approx(net + 10)
    changed = client.put(f"/quoteItems('{second['$key']}')", json={"Quantity": 1})
    assert changed.json()["ExtendedPrice"] == 80
    priced = client.put(
        f"/quoteItems('{second['$key']}')", json={"DocCalculatedPrice": 70, "DocTotalAmount": 84}
    )
    assert priced.json()["DocTotalAmount"] == 84, "what a client got from a back office stands"
    assert client.delete(f"/quoteItems('{first_line['$key']}')").status_code == 200
    left = client.get(f"/quotes('{quote['$key']}')").json()
    assert (left["Total"], left["GrandTotal"], left["DocGrandTotal"]) == (80, 90, 94)
    assert client.put(f"/quotes('{quote['$key']}')", json={"Status": "Ordered"}).status_code == 200
    refused = client.post(
        "/quoteItems", json={"Quote": {"$key": quote["$key"]}, "ProductName": "More", "Price": 1}
    )
    assert refused.status_code == 400
    assert "was ordered: its lines stay" in said(refused)[0]


def test_what_is_wrong_with_a_record_is_told_at_its_property(
    client: httpx.Client, first: First
) -> None:
    account = link(first("accounts"))
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("accounts", {}, "AccountName"),
        ("accounts", {"AccountName": ""}, "AccountName"),
        ("accounts", {"AccountName": "x" * 129}, "AccountName"),
        ("accounts", {"AccountName": "A", "Type": "Friend"}, "Type"),
        ("accounts", {"AccountName": "A", "Colour": "red"}, "Colour"),
        ("accounts", {"AccountName": "A", "ParentId": "ANOBODY00000"}, "ParentId"),
        ("accounts", {"AccountName": "A", "AccountManager": {"$key": "Unobody"}},
         "AccountManager/$key"),
        ("contacts", {"LastName": "A"}, "Account"),
        ("contacts", {"LastName": "A", "Account": {}}, "Account"),
        ("opportunities", {"Description": "A", "Account": account, "CloseProbability": 101},
         "CloseProbability"),
        ("quotes", {"Account": account, "QuoteItems": {"$resources": [{"Price": 1}]}}, "Product"),
        ("quotes", {"Account": account, "QuoteItems": {"$resources": [
            {"ProductName": "A", "Price": 1, "Discount": 10}]}}, "Discount"),
        ("salesOrders", {"Account": account, "OrderDate": "tomorrow"}, "OrderDate"),
        ("activities", {"Type": "atPhoneCall", "StartDate": "2026-01-01", "AccountId": "A"},
         "AccountId"),
        ("campaignTargets", {"EntityId": "C1", "TargetType": "Contact",
                             "Campaign": link(first("campaigns"))}, "EntityId"),
    ]  # fmt: skip
    before = {kind: client.get(f"/{kind}/$count").json() for kind, _, _ in wrong}
    for kind, body, path in wrong:
        answer = client.post(f"/{kind}", json=body)
        assert answer.status_code == 400, (kind, body, answer.text)
        assert path in {each.get("payloadPath") for each in answer.json()}, answer.text
    assert {kind: client.get(f"/{kind}/$count").json() for kind, _, _ in wrong} == before


def test_names_and_dates_are_kept_by_the_server(client: httpx.Client, first: First) -> None:
    made = client.post(
        "/accounts",
        json={
            "AccountName": "Neue Werke", "Address": {"City": "Bonn", "Address1": "Am Tor 1"},
            "Contacts": {"$resources": [{"FirstName": "Ada", "LastName": "Lind"}]},
        },
        params={"include": "Contacts,Address"},
    ).json()  # fmt: skip
    (contact,) = made["Contacts"]["$resources"]
    assert (contact["NameLF"], contact["AccountName"]) == ("Lind, Ada", "Neue Werke")
    assert made["Address"]["FullAddress"] == "Am Tor 1\nBonn"
    assert made["Address"]["EntityId"] == made["$key"]
    assert made["AccountNameUpper"] == "NEUE WERKE"
    user = first("users", "UserName eq 'crossdock'")
    assert made["CreateUser"] == made["ModifyUser"] == user["$key"]
    back = {**made, "AccountName": "Neuere Werke", "CreateUser": "Unobody", "Weighted": 1}
    del back["Weighted"]
    changed = client.put(f'/accounts("{made["$key"]}")', json=back)
    assert changed.status_code == 200, changed.text
    assert changed.json()["CreateUser"] == user["$key"], "what the server keeps is passed over"
    assert client.get(f"/contacts('{contact['$key']}')").json()["AccountName"] == "Neuere Werke"
    assert client.delete(f"/accounts('{made['$key']}')").status_code == 200
    assert client.get(f"/contacts('{contact['$key']}')").status_code == 404
    assert client.get(f"/addresses('{made['Address']['$key']}')").status_code == 404
    used = client.delete(f"/accounts('{first('contacts')['Account']['$key']}')")
    assert used.status_code == 400
    assert "is in use by" in said(used)[0]


def test_what_was_done_with_an_account_goes_with_it_and_forgets_who_went(
    client: httpx.Client,
) -> None:
    mother = client.post("/accounts", json={"AccountName": "Mother"}).json()
    account = client.post(
        "/accounts", json={"AccountName": "Daughter", "ParentId": mother["$key"]}
    ).json()
    contact = client.post("/contacts", json={"LastName": "Lind", "Account": link(account)}).json()
    call = client.post(
        "/activities",
        json={"Type": "atPhoneCall", "StartDate": "2026-12-01", "AccountId": account["$key"],
              "ContactId": contact["$key"], "Description": "Ask"},
    ).json()  # fmt: skip
    assert (call["AccountName"], call["ContactName"]) == ("Daughter", "Lind")
    assert client.delete(f"/contacts('{contact['$key']}')").status_code == 200
    kept = client.get(f"/activities('{call['$key']}')").json()
    assert (kept["ContactId"], kept["ContactName"]) == (None, None)
    assert client.delete(f"/accounts('{mother['$key']}')").status_code == 200
    assert client.get(f"/accounts('{account['$key']}')").json()["ParentId"] is None
    assert client.delete(f"/accounts('{account['$key']}')").status_code == 200
    assert client.get(f"/activities('{call['$key']}')").status_code == 404


def test_an_opportunity_is_worth_what_its_products_come_to(
    client: httpx.Client, first: First
) -> None:
    made = client.post(
        "/opportunities",
        json={
            "Description": "Line 4", "Account": link(first("accounts")), "CloseProbability": 40,
            "Products": {"$resources": [{"ProductName": "Saw", "Price": 100, "Quantity": 5}]},
        },
    ).json()  # fmt: skip
    assert (made["SalesPotential"], made["Weighted"], made["Closed"]) == (500, 200, False)
    won = client.put(f"/opportunities('{made['$key']}')", json={"Status": "Closed - Won"}).json()
    assert won["Closed"] is True
    assert won["ActualClose"] is not None


def test_who_may_only_read_changes_nothing(client: httpx.Client, first: First) -> None:
    account = first("accounts")
    client.auth = httpx.BasicAuth(READER, READER_PASSWORD)
    assert client.get("/accounts").status_code == 200
    refused = client.put(f"/accounts('{account['$key']}')", json={"AccountName": "Mine"})
    assert refused.status_code == 403
    assert "not change anything" in said(refused)[0]
    client.auth = httpx.BasicAuth(READER, "wrong")
    answer = client.get("/accounts")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


# The back office


def _pricing(order: str, service: str, **more: Any) -> dict[str, Any]:
    options = {"entityName": "SalesOrder", "entityId": order, "serviceName": service, **more}
    return {
        "$name": "requestPricingAvailability", "request": {"options": json.dumps(options)},
    }  # fmt: skip


_PRICING = "/salesOrders/$service/requestPricingAvailability"
_VALIDATING = "/salesOrders/$service/validateOrderTotal"


def test_prices_come_from_the_back_office_or_not_at_all(
    client: httpx.Client, first: First, world: World
) -> None:
    order = first("salesOrders", "Account.ErpExtId ne null")
    key = order["$key"]
    nobody = client.post(_PRICING, json=_pricing(key, "OrderTotal"))
    assert nobody.status_code == 400
    assert nobody.json()[0]["applicationCode"] == "BackOfficeNotConfigured"
    assert client.get(f"/salesOrders('{key}')").json()["OrderTotal"] == order["OrderTotal"]

    asked: list[tuple[str, dict[str, Any]]] = []
    totals = {"OrderTotal": "100.00", "GrandTotal": 120, "DocGrandTotal": "n/a"}

    def office(service: str, options: dict[str, Any]) -> dict[str, Any]:
        asked.append((service, options))
        if options.get("serviceName") == "AvailableToPromise":
            place = {"SlxLocation.ErpExtId": "MAIN#", "AvailableQuantity": 7}
            return {"Children": [{"Properties": place}]}
        return {"Children": [{"Properties": totals}]}

    connect_back_office(world, office)
    answer = client.post(_PRICING, json=_pricing(key, "OrderTotal"))
    assert json.loads(answer.json()["response"]["Result"]) == {"Children": [{"Properties": totals}]}
    service, options = asked.pop()
    assert service == "requestPricingAvailability"
    account = client.get(f"/accounts('{order['Account']['$key']}')").json()
    assert options["account"]["ErpExtId"] == account["ErpExtId"]
    lines = client.get(f"/salesOrders('{key}')/SalesOrderItems").json()["$resources"]
    assert [each["ActualID"] for each in options["items"]] == [each["ActualID"] for each in lines]
    now = client.get(f"/salesOrders('{key}')").json()
    assert (now["OrderTotal"], now["GrandTotal"]) == (100, 120)
    assert now["DocGrandTotal"] == order["DocGrandTotal"], "what is no number is not kept"

    one = _pricing(key, "AvailableToPromise", childEntityIds=lines[0]["$key"], quantity=9)
    answer = client.post(_PRICING, json=one)
    assert "AvailableQuantity" in answer.json()["response"]["Result"]
    ((_, options),) = asked
    assert [(each["$key"], each["Quantity"]) for each in options["items"]] == [
        (lines[0]["$key"], 9)
    ]
    product = first("products")
    fresh = _pricing(
        key, "OrderLineTotal", childEntityIds=product["$key"], childEntityName="Product"
    )
    assert client.post(_PRICING, json=fresh).status_code == 200
    assert asked[-1][1]["items"][0]["ActualID"] == product["ActualId"]
    checked = client.post(
        _VALIDATING, json={"$name": "ValidateOrderTotal", "request": {"SalesOrderId": key}}
    )
    assert checked.status_code == 200, checked.text
    assert asked[-1][0] == "validateOrderTotal"


def test_what_a_back_office_is_asked_for_wrongly_is_refused(
    client: httpx.Client, first: First, world: World
) -> None:
    order, other = client.get("/salesOrders", params={"count": 2}).json()["$resources"]
    line = client.get(f"/salesOrders('{other['$key']}')/SalesOrderItems").json()["$resources"][0]
    key = order["$key"]
    connect_back_office(world, lambda *_: {"Status": "Error", "Message": "On hold"})
    wrong: list[tuple[str, dict[str, Any], int, str]] = [
        (_PRICING, {"request": {"options": "no JSON"}}, 400, "JSON object"),
        (_PRICING, {"request": {"options": "[]"}}, 400, "JSON object"),
        (_PRICING, {"request": {}}, 400, "options"),
        (_PRICING, _pricing(key, "Guess"), 400, "serviceName"),
        (_PRICING, _pricing("S0", "OrderTotal"), 404, "was not found"),
        (_PRICING, _pricing(key, "OrderLineTotal"), 400, "childEntityIds"),
        (_PRICING, _pricing(key, "AvailableToPromise", childEntityIds=line["$key"]), 400,
         "belongs to another"),
        (_PRICING, _pricing(key, "OrderTotal"), 400, "On hold"),
        (_VALIDATING, {"request": {"SalesOrderId": "S0"}}, 404, "was not found"),
        ("/salesOrders/$service/UpdateLineItemWithWarehouse",
         {"request": {"options": json.dumps({"entityId": line["$key"]})}}, 400, "warehouse"),
    ]  # fmt: skip
    for path, body, status, message in wrong:
        answer = client.post(path, json=body)
        assert answer.status_code == status, (body, answer.text)
        assert message in " ".join(said(answer))


def test_a_line_is_told_its_warehouse(client: httpx.Client, first: First) -> None:
    place = client.post("/slxLocations", json={"Name": "Main", "ErpExtId": "MAIN"}).json()
    line = first("salesOrderItems")
    options = {
        "entityName": "SalesOrderItem", "entityId": line["$key"], "SlxLocationExtID": "MAIN",
        "ATPDate": "2026-12-01",
    }  # fmt: skip
    answer = client.post(
        "/salesOrders/$service/UpdateLineItemWithWarehouse",
        json={"$name": "UpdateLineItemWithWarehouse", "request": {"options": json.dumps(options)}},
    )
    assert answer.status_code == 200, answer.text
    now = client.get(f"/salesOrderItems('{line['$key']}')").json()
    assert now["SlxLocation"]["$key"] == place["$key"]
    assert now["DatePromised"] == "/Date(1796083200000)/"


def test_a_back_office_over_http_is_asked_by_the_wire_of_saleslogix_itself(
    app: App,
    world: World,
    client: httpx.Client,
    first: First,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another installation of SalesLogix stands for the back office: it speaks the same wire."""
    order = first("salesOrders", "Account.ErpExtId ne null")
    behind = world.fork("behind")
    connect_back_office(behind, lambda *_: {"Children": []})
    with serve_in_thread((app, behind)) as (served,):
        host = f"{USER}:{PASSWORD}@{served.host}:{served.port}"
        monkeypatch.setenv(ADDRESS, f"http://{host}/sdata/slx/dynamic/-/salesOrders")
        answer = client.post(_PRICING, json=_pricing(order["$key"], "OrderTotal"))
        assert answer.status_code == 200, answer.text
        assert json.loads(answer.json()["response"]["Result"]) == {"Children": []}
        connect_back_office(behind, lambda *_: {"Status": "Error", "Message": "On hold"})
        refused = client.post(_PRICING, json=_pricing(order["$key"], "OrderTotal"))
        assert (refused.status_code, said(refused)) == (400, ["On hold"])
    away = client.post(_PRICING, json=_pricing(order["$key"], "OrderTotal"))
    assert away.json()[0]["severity"] == "Transient"
