"""The wire's conventions: keys, pages, filters, ETags, idempotency, problems."""

import pytest

ORDER = {"customerId": "C-10002", "lines": [{"itemId": "BRG-1001", "quantity": "2"}]}


def ids(rows):
    return [row["id"] for row in rows]


# Who may call


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_without_a_good_key_nothing_is_told(erp, key):
    headers = {} if key is None else {"X-Api-Key": key}
    del erp.http.headers["X-Api-Key"]

    response = erp.http.get("/customers", headers=headers)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("ApiKey")
    assert "items" not in response.json()


def test_the_holder_of_the_key_is_the_actor_unless_one_is_named(erp):
    mine = erp.post("/sales-orders", ORDER)
    named = erp.post("/sales-orders", {**ORDER, "actor": "kim"})

    assert (mine["createdBy"], named["createdBy"]) == ("integration", "kim")


# Lists


def test_pages_are_walked_by_their_cursor(erp):
    first = erp.get("/customers", limit=4)
    second = erp.get("/customers", limit=4, after=first["next"])

    assert ids(first["items"] + second["items"]) == [f"C-1000{n}" for n in range(1, 7)]
    assert second["next"] is None


def test_a_page_is_stable_while_documents_come_in_before_it(erp):
    first = erp.get("/sales-orders", limit=2, sort="-date")
    erp.post("/sales-orders", ORDER)
    second = erp.get("/sales-orders", limit=2, sort="-date", after=first["next"])

    assert ids(first["items"]) == ["SO-100004", "SO-100003"]
    assert ids(second["items"]) == ["SO-100001", "SO-100002"]


def test_a_cursor_of_another_list_is_refused(erp):
    cursor = erp.get("/customers", limit=1)["next"]

    assert erp.refused("GET", f"/invoices?after={cursor}") == (400, "invalid_cursor")
    assert erp.refused("GET", "/changes?since=x") == (400, "invalid_cursor")


def test_documents_come_by_their_date(erp):
    assert ids(erp.get("/invoices")["items"]) == ["IN-300001", "IN-300002", "IN-300003"]
    assert ids(erp.get("/invoices", sort="-date")["items"]) == [
        "IN-300003",
        "IN-300002",
        "IN-300001",
    ]


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/customers", {"search": "acme"}, ["C-10001", "C-10004"]),
        ("/customers", {"search": "acme plant"}, ["C-10004"]),
        ("/customers", {"search": "hu1 borough"}, ["C-10002"]),
        ("/customers", {"taxNumber": "GB123"}, ["C-10001"]),
        ("/customers", {"email": "buying@ACME.example"}, ["C-10001"]),
        ("/customers", {"email": "acme.example"}, []),
        ("/customers", {"billToId": "C-10001"}, ["C-10004"]),
        ("/customers", {"onHold": "true"}, ["C-10003"]),
        ("/items", {"search": "BEARING 6205"}, ["BRG-1002"]),
        ("/items", {"kind": "service"}, ["SRV-1"]),
        ("/items", {"active": "false"}, ["OLD-1"]),
        ("/items", {"productLine": "Belts"}, []),
        ("/prices", {"customerId": "C-10002"}, ["PR-4"]),
        ("/prices", {"priceLevel": "B"}, ["PR-5"]),
        ("/prices", {"promotion": "true"}, ["PR-6"]),
        ("/prices", {"itemId": "BLT-2001"}, ["PR-5"]),
        ("/sales-orders", {"customerId": "C-10001"}, ["SO-100002"]),
        ("/sales-orders", {"open": "true"}, ["SO-100001", "SO-100003", "SO-100004"]),
        ("/sales-orders", {"status": "on_hold"}, ["SO-100004"]),
        ("/sales-orders", {"customerReference": "PO-77"}, ["SO-100002"]),
        ("/sales-orders", {"orderedFrom": "2026-11-18"}, ["SO-100003", "SO-100004"]),
        ("/sales-orders", {"orderedTo": "2026-11-17"}, ["SO-100002", "SO-100001"]),
        ("/shipments", {"orderId": "SO-100002"}, ["SH-200001"]),
        ("/shipments", {"shippedFrom": "2026-10-06"}, []),
        ("/invoices", {"open": "true", "issuedTo": "2026-10-31"}, ["IN-300001"]),
        ("/invoices", {"issuedFrom": "2026-11-10", "issuedTo": "2026-11-10"}, ["IN-300002"]),
        ("/invoices", {"orderId": "SO-100002"}, ["IN-300001"]),
        ("/credit-notes", {"invoiceId": "IN-300001"}, ["CN-400001"]),
        ("/credit-notes", {"open": "false"}, []),
        ("/payments", {"customerId": "C-10001", "open": "true"}, ["PY-500001"]),
        ("/payments", {"receivedTo": "2026-10-31"}, []),
        ("/returns", {"orderId": "SO-100002"}, ["RT-600001"]),
        ("/contracts", {"customerId": "C-10002"}, []),
    ],
)
def test_lists_are_filtered(erp, path, query, expected):
    assert ids(erp.get(path, **query)["items"]) == expected


def test_stock_is_searched(erp):
    found = erp.get("/stock", search="6205")["items"]

    assert [(each["itemId"], each["onHand"], each["backordered"]) for each in found] == [
        ("BRG-1002", "5", "3")
    ]


@pytest.mark.parametrize("path", ["/sales-orders", "/shipments", "/invoices", "/credit-notes"])
def test_lines_come_only_when_they_are_asked_for(erp, path):
    without = erp.get(path)["items"]
    with_lines = erp.get(path, include="lines")["items"]

    assert all("lines" not in each for each in without)
    assert [{**each, "lines": full["lines"]} for each, full in zip(without, with_lines, strict=True)
            ] == with_lines  # fmt: skip
    single = erp.get(f"{path}/{with_lines[0]['id']}")
    single.pop("history", None)
    assert single == with_lines[0]


def test_a_description_with_quotes_does_not_break_the_lines(erp):
    body = {**ORDER, "lines": [{**ORDER["lines"][0], "description": '6" x "lines":[1] \\'}]}
    order = erp.post("/sales-orders", body)

    found = erp.get("/sales-orders", include="lines", sort="-date")["items"]
    assert next(e for e in found if e["id"] == order["id"])["lines"][0]["description"] == (
        '6" x "lines":[1] \\'
    )


# ETags


def test_a_change_needs_the_version_that_it_is_based_on(erp):
    path = "/customers/C-10001"
    etag = erp.call("GET", path).headers["etag"]

    assert erp.refused("PATCH", path, {"name": "A"}) == (428, "precondition_required")
    changed = erp.call("PATCH", path, {"name": "Acme Ltd"}, If_Match=etag)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert erp.refused("PATCH", path, {"name": "B"}, If_Match=etag) == (412, "stale")
    assert erp.refused("PATCH", path, {"name": "B"}, If_Match="nonsense") == (412, "stale")
    assert erp.call("PATCH", path, {"name": "C"}, If_Match="*").status_code == 200


def test_a_decision_may_be_based_on_a_version(erp):
    order = erp.order("C-10003", ("BRG-1001", 1))
    path = f"/sales-orders/{order['id']}/approve"

    assert erp.refused("POST", path, {}, If_Match='"9"') == (412, "stale")
    assert erp.call("POST", path, {}, If_Match=f'"{order["version"]}"').status_code == 200


# Idempotency


def test_the_same_key_and_body_give_the_first_answer_again(erp):
    first = erp.call("POST", "/sales-orders", ORDER, Idempotency_Key="k-1")
    again = erp.call("POST", "/sales-orders", dict(reversed(ORDER.items())), Idempotency_Key="k-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(erp.all("/sales-orders")) == 5


def test_the_answer_is_the_first_one_even_after_the_document_changed(erp):
    first = erp.call("POST", "/sales-orders", ORDER, Idempotency_Key="k-1").json()
    erp.post(f"/sales-orders/{first['id']}/cancel")

    assert erp.call("POST", "/sales-orders", ORDER, Idempotency_Key="k-1").json() == first


def test_the_same_key_with_another_body_is_refused(erp):
    erp.call("POST", "/sales-orders", ORDER, Idempotency_Key="k-1")

    refused = erp.refused("POST", "/sales-orders", {**ORDER, "carrier": "X"}, Idempotency_Key="k-1")
    assert refused == (422, "idempotency_key_reused")
    assert len(erp.all("/sales-orders")) == 5


def test_a_key_that_was_refused_may_be_used_again(erp):
    bad = {**ORDER, "customerId": "C-0"}
    assert erp.refused("POST", "/sales-orders", bad, Idempotency_Key="k-1")[0] == 422

    assert erp.call("POST", "/sales-orders", ORDER, Idempotency_Key="k-1").status_code == 201


def test_a_lost_answer_does_not_make_a_second_order(erp):
    import httpx

    from crossdock_mocks.engine import Fault

    erp.world.faults.add(Fault(operation="createSalesOrder", kind="drop_after_commit", times=1))
    with pytest.raises(httpx.TransportError):
        erp.call("POST", "/sales-orders", ORDER, Idempotency_Key="k-1")
    again = erp.call("POST", "/sales-orders", ORDER, Idempotency_Key="k-1")

    assert again.headers["idempotency-replayed"] == "true"
    assert len(erp.all("/sales-orders", customerId="C-10002")) == 3


def test_an_external_reference_is_stored_and_found_and_not_unique(erp):
    body = {**ORDER, "externalReference": "crm-R-1"}
    erp.post("/sales-orders", body)
    erp.post("/sales-orders", body)

    assert len(erp.get("/sales-orders", externalReference="crm-R-1")["items"]) == 2
    assert erp.get("/sales-orders", externalReference="crm-R")["items"] == []


# Refusals


def test_all_that_is_wrong_is_told_at_once_with_its_place(erp):
    body = {"customerId": 7, "lines": [{"itemId": "BRG-1001", "quantity": "-1"}], "colour": "red"}

    problem = erp.call("POST", "/sales-orders", body).json()

    assert (problem["status"], problem["code"]) == (422, "invalid_body")
    assert {each["pointer"] for each in problem["errors"]} >= {"/customerId", "/lines/0/quantity"}


def test_a_refused_request_leaves_nothing_behind(erp):
    before = {name: erp.world.query(f"SELECT _key, _body FROM {name} ORDER BY _key")
              for name in erp.world.tables}  # fmt: skip
    body = {
        "customerId": "C-10002",
        "lines": [{"itemId": "BRG-1001", "quantity": "9"}, {"itemId": "NONE", "quantity": "1"}],
    }

    assert erp.refused("POST", "/sales-orders", body, Idempotency_Key="k")[0] == 422

    assert before == {
        name: erp.world.query(f"SELECT _key, _body FROM {name} ORDER BY _key")
        for name in erp.world.tables
    }
    assert erp.order("C-10002", ("BRG-1001", 1))["id"] == "SO-100005"


# Customers


def test_a_customer_is_created_and_found_by_the_callers_reference(erp):
    created = erp.call(
        "POST", "/customers",
        {"name": "Fresh Ltd", "externalReference": "A-1", "creditLimit": "500",
         "address": {"city": "York"}},
    )  # fmt: skip

    customer = created.json()
    assert created.headers["location"] == f"/customers/{customer['id']}"
    assert (customer["id"], customer["creditLimit"], customer["currency"]) == (
        "C-10007", "500.00", "GBP",
    )  # fmt: skip
    assert ids(erp.get("/customers", externalReference="A-1")["items"]) == ["C-10007"]


def test_parts_of_an_address_are_changed_and_a_limit_taken_away(erp):
    changed = erp.patch(
        "/customers/C-10001",
        {
            "address": {"street": "2 Quay"},
            "creditLimit": None,
            "onHold": True,
            "holdReason": "Late",
        },
    )

    assert (changed["address"]["street"], changed["address"]["city"]) == ("2 Quay", "Hull")
    assert (changed["creditLimit"], changed["holdReason"]) == (None, "Late")
    assert erp.patch("/customers/C-10001", {"onHold": False})["holdReason"] is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"priceListId": "NONE"}, "unknown_price_list"),
        ({"billToId": "C-0"}, "unknown_customer"),
        ({"billToId": "C-10002"}, "bill_to_chain"),
        ({"billToId": "C-10004"}, "bill_to_chain"),
        ({"billToId": "C-10005"}, "currency_mismatch"),
        ({"holdReason": "Why?"}, "hold_reason_without_hold"),
    ],
)
def test_a_customer_cannot_be_made_to_contradict_itself(erp, change, code):
    refused = erp.refused("PATCH", "/customers/C-10002", change, If_Match="*")

    assert refused == (422, code)
