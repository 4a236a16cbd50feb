"""Price, tax, stock and credit of a draft, over the wire."""

import pytest


def simulate(erp, customer, *lines, **more):
    wanted = [
        line if isinstance(line, dict) else {"itemId": line[0], "quantity": str(line[1])}
        for line in lines
    ]
    return erp.post("/price-simulations", {"customerId": customer, "lines": wanted, **more})


def priced(line):
    return line["unitPrice"], line["discountPercent"], line["net"], line["priceRule"]


@pytest.mark.parametrize(
    ("customer", "item", "quantity", "expected"),
    [
        ("C-10001", "BRG-1001", 1, ("9.00", "0", "9.00", "price_list")),
        ("C-10001", "BRG-1001", 10, ("8.50", "0", "85.00", "price_list")),
        ("C-10001", "BRG-1001", 100, ("8.00", "5", "760.00", "price_list")),
        ("C-10002", "BRG-1001", 100, ("7.90", "0", "790.00", "contract")),
        ("C-10003", "BRG-1001", 1, ("10.00", "0", "10.00", "list_price")),
        ("C-10006", "BLT-2001", 2, ("4.50", "10", "8.10", "price_level")),
        ("C-10003", "BRG-1002", 4, ("10.01", "0", "40.04", "list_price")),
        ("C-10003", "BRG-1002", 5, ("9.50", "0", "47.50", "promotion")),
        ("C-10005", "BRG-1001", 1, ("9.20", "0", "9.20", "contract")),
    ],
)
def test_each_price_follows_its_rule(erp, customer, item, quantity, expected):
    (line,) = simulate(erp, customer, (item, quantity))["lines"]

    assert priced(line) == expected


def test_a_price_names_its_source_and_the_break_that_was_reached(erp):
    (line,) = simulate(erp, "C-10001", ("BRG-1001", 12))["lines"]

    source = line["priceSource"]
    assert (source["kind"], source["name"], source["minQuantity"]) == (
        "price_list", "Price list Trade 2026, from 10", "10",
    )  # fmt: skip
    assert erp.get("/prices", priceListId="TRADE")["items"][1]["id"] == source["id"]


def test_a_promotion_holds_until_its_last_day(erp):
    (line,) = simulate(erp, "C-10003", ("BRG-1002", 5), priceOn="2026-12-01")["lines"]

    assert line["priceRule"] == "list_price"


def test_best_price_is_a_setting_of_the_company(erp):
    erp.patch("/company", {"pricePolicy": "best_price"})

    (line,) = simulate(erp, "C-10001", ("BRG-1001", 100))["lines"]

    assert (line["unitPrice"], line["discountPercent"]) == ("8.00", "5")


def test_a_discount_that_is_asked_for_takes_the_place_of_the_rules_own(erp):
    (line,) = simulate(
        erp, "C-10001", {"itemId": "BRG-1001", "quantity": "100", "discountPercent": "12.5"}
    )["lines"]

    assert (line["discountPercent"], line["ruleDiscountPercent"], line["discountSource"]) == (
        "12.5", "5", "requested",
    )  # fmt: skip
    assert (line["net"], line["discount"]) == ("700.00", "100.00")


def test_an_agreed_price_is_told_as_such(erp):
    (line,) = simulate(
        erp, "C-10001", {"itemId": "BRG-1001", "quantity": "10", "unitPrice": "8.25"}
    )["lines"]

    assert priced(line) == ("8.25", "0", "82.50", "agreed")


def test_the_erps_own_price_sent_back_keeps_its_rule(erp):
    (line,) = simulate(
        erp, "C-10001",
        {"itemId": "BRG-1001", "quantity": "10", "unitPrice": "8.5", "discountPercent": "0"},
    )["lines"]  # fmt: skip

    assert priced(line) == ("8.50", "0", "85.00", "price_list")


def test_three_lines_of_10_01_by_line_and_by_document(erp):
    lines = [("BRG-1002", 1)] * 3
    by_line = simulate(erp, "C-10003", *lines)
    erp.patch("/company", {"rounding": "document"})
    by_document = simulate(erp, "C-10003", *lines)

    assert (by_line["total"], by_document["total"]) == ("36.03", "36.04")
    assert by_line["rounding"]["residueLine"] is None
    assert by_document["rounding"] == {
        "mode": "document",
        "residue": "0.01",
        "residueLine": 1,
        "residues": [{"taxCode": "STD", "line": 1, "residue": "0.01"}],
    }
    assert [line["tax"] for line in by_document["lines"]] == ["2.01", "2.00", "2.00"]


def test_tax_is_told_per_code_with_its_base(erp):
    found = simulate(erp, "C-10003", ("BRG-1001", 3), ("BLT-2001", 2))

    assert found["taxes"] == [
        {"taxCode": "STD", "taxRate": "0.2", "base": "30.00", "tax": "6.00"},
        {"taxCode": "RED", "taxRate": "0.05", "base": "9.00", "tax": "0.45"},
    ]
    assert (found["net"], found["tax"], found["total"]) == ("39.00", "6.45", "45.45")


def test_stock_and_promise_of_each_line(erp):
    in_stock, incoming, again, unknown, service = (
        line["stock"]
        for line in simulate(
            erp, "C-10003", ("BRG-1001", 45), ("BRG-1002", 17), ("BRG-1002", 1), ("BLT-2001", 1),
            ("SRV-1", 3),
        )["lines"]
    )  # fmt: skip

    assert (in_stock["available"], in_stock["promisedOn"], in_stock["basis"]) == (
        "45", "2026-11-20", "stock",
    )  # fmt: skip
    # 20 come in on 1 December, 3 of them for the order that waits; so 17 are left.
    assert (incoming["promisedOn"], incoming["backordered"]) == ("2026-12-01", "17")
    assert (again["promisedOn"], again["basis"]) == ("2026-12-10", "incoming")
    assert (unknown["promisedOn"], unknown["basis"]) == (None, "unknown")
    assert (service["promisedOn"], service["basis"]) == ("2026-11-20", "not_stocked")


def test_the_credit_check_tells_what_would_happen(erp):
    # 801.45 are left; 89 x 9.00... is priced at 8.50 from 10: 78 x 8.50 = 663.00, with tax 795.60
    passes = simulate(erp, "C-10001", ("BRG-1001", 78))["credit"]
    stopped = simulate(erp, "C-10001", ("BRG-1001", 79))["credit"]

    assert (passes["documentAmount"], passes["availableAfter"], passes["outcome"]) == (
        "795.60", "5.85", "passed",
    )  # fmt: skip
    assert (stopped["exposureAfter"], stopped["outcome"]) == ("1004.35", "hold")
    assert [each["code"] for each in stopped["reasons"]] == ["credit_limit_exceeded"]


def test_a_draft_that_changes_an_order_counts_with_its_difference(erp):
    credit = simulate(erp, "C-10004", ("BRG-1002", 10), orderId="SO-100003")["credit"]

    # 10 x 9.50 (promotion from 5) = 95.00, with tax 114.00, less the order's 96.10
    assert (credit["exposureBefore"], credit["documentAmount"], credit["exposureAfter"]) == (
        "198.55", "17.90", "216.45",
    )  # fmt: skip


def test_a_simulation_stores_nothing(erp):
    simulate(erp, "C-10001", ("BRG-1001", 78))

    assert erp.get("/changes")["items"] == []
    assert erp.get("/items/BRG-1001/stock")["reserved"] == "10"


def test_the_price_list_of_a_customer_can_be_browsed(erp):
    found = {each["itemId"]: each for each in erp.get("/customers/C-10001/prices")["items"]}

    bearing = found["BRG-1001"]
    assert (bearing["unitPrice"], bearing["available"]) == ("9.00", "45")
    assert [(step["minQuantity"], step["netPrice"]) for step in bearing["breaks"]] == [
        ("10", "8.50"), ("100", "7.60"),
    ]  # fmt: skip
    assert found["SRV-1"]["available"] is None
    assert "OLD-1" not in found  # not sold any more
    assert "EUR-ONLY" not in found  # has no price for this customer


def test_the_price_list_can_be_searched(erp):
    found = erp.get("/customers/C-10001/prices", search="bearing 6205", quantity="5")["items"]

    assert [(each["itemId"], each["unitPrice"]) for each in found] == [("BRG-1002", "9.50")]


def test_available_to_promise_looks_ahead(erp):
    found = erp.get("/items/BRG-1002/stock", quantity="17")

    assert [
        (step["from"], step["quantity"], step["cumulative"]) for step in found["availableToPromise"]
    ] == [("2026-11-20", "0", "0"), ("2026-12-01", "17", "17"), ("2026-12-10", "25", "42")]
    assert found["promise"] == {
        "quantity": "17",
        "fromStock": "0",
        "promisedOn": "2026-12-01",
        "basis": "incoming",
    }


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"customerId": "C-0", "lines": [{"itemId": "BRG-1001", "quantity": "1"}]},
         "unknown_customer", "/customerId"),
        ({"customerId": "C-10001", "lines": [{"itemId": "X", "quantity": "1"}]},
         "unknown_item", "/lines/0/itemId"),
        ({"customerId": "C-10001", "lines": [{"itemId": "OLD-1", "quantity": "1"}]},
         "inactive_item", "/lines/0/itemId"),
        ({"customerId": "C-10001", "lines": [{"itemId": "BRG-1001", "quantity": "0"}]},
         "quantity_not_positive", "/lines/0/quantity"),
        ({"customerId": "C-10001", "lines": [{"itemId": "EUR-ONLY", "quantity": "1"}]},
         "no_price", "/lines/0/itemId"),
        ({"customerId": "C-10001", "lines": [
            {"line": 1, "itemId": "BRG-1001", "quantity": "1"},
            {"line": 1, "itemId": "BRG-1001", "quantity": "1"},
        ]}, "duplicate_line", "/lines/1/line"),
        ({"customerId": "C-10001", "orderId": "SO-100001",
          "lines": [{"itemId": "BRG-1001", "quantity": "1"}]},
         "order_of_another_customer", "/orderId"),
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be_priced_says_why_and_where(erp, body, code, pointer):
    response = erp.call("POST", "/price-simulations", body)

    assert response.status_code == 422
    assert (response.json()["code"], response.json()["errors"][0]["pointer"]) == (code, pointer)
