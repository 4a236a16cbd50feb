"""Customers, their people, items and list prices are kept, merged, and told of in the feed."""

import pytest


def feed(erp, since):
    found = erp.get("/changes", since=since)["items"]
    return [(each["entity"], each["id"], each["action"], each["successor"]) for each in found]


def test_a_merged_customer_leaves_its_documents_people_and_successor(erp):
    since = erp.get("/changes", limit="500")["next"]
    other = erp.post("/customers", {"name": "Alpine Tools Twice", "externalReference": "A-1"})["id"]
    order = erp.order(other, ("BRG-1001", 1))
    person = erp.post("/contacts", {"customerId": other, "lastName": "Adams"})["id"]

    into = erp.post(f"/customers/{other}/merge", {"into": "C-10001"})

    assert into["id"] == "C-10001"
    assert erp.http.get(f"/customers/{other}").status_code == 404
    assert erp.get(f"/sales-orders/{order['id']}")["customerId"] == "C-10001"
    assert erp.get(f"/contacts/{person}")["customerId"] == "C-10001"
    assert ("customer", other, "deleted", "C-10001") in feed(erp, since)
    credit = erp.get("/customers/C-10001/credit")
    assert float(credit["openOrders"]) >= float(order["total"])


@pytest.mark.parametrize(
    ("into", "code"), [("C-99999", "unknown_customer"), ("self", "merge_into_itself")]
)
def test_a_customer_is_merged_into_another_one_that_there_is(erp, into, code):
    other = erp.post("/customers", {"name": "Twice"})["id"]
    answer = erp.http.post(
        f"/customers/{other}/merge", json={"into": other if into == "self" else into}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_an_inactive_customer_gets_no_orders_and_is_found_as_such(erp):
    erp.http.patch("/customers/C-10001", json={"active": False}, headers={"If-Match": "*"})

    refused = erp.http.post(
        "/sales-orders",
        json={"customerId": "C-10001", "lines": [{"itemId": "BRG-1001", "quantity": "1"}]},
    )

    assert refused.json()["code"] == "inactive_customer"
    assert [each["id"] for each in erp.get("/customers", active="false")["items"]] == ["C-10001"]


def test_a_delivery_address_is_changed_in_part_and_taken_away(erp):
    def change(body):
        answer = erp.http.patch("/customers/C-10001", json=body, headers={"If-Match": "*"})
        return answer.json()["shippingAddress"]

    assert change({"shippingAddress": {"city": "Lyon"}})["city"] == "Lyon"
    both = change({"shippingAddress": {"street": "Quai 1"}})
    assert (both["city"], both["street"]) == ("Lyon", "Quai 1")
    assert change({"shippingAddress": None}) is None


def test_items_and_list_prices_that_change_are_in_the_feed_with_who_changed_them(erp):
    since = erp.get("/changes", limit="500")["next"]
    item = erp.http.patch(
        "/items/BRG-1001", json={"listPrice": "12.5"}, headers={"If-Match": "*"}
    ).json()
    row = erp.http.put("/price-lists/TRADE/items/BRG-1001", json={"price": "9"}).json()
    again = erp.http.put("/price-lists/TRADE/items/BRG-1001", json={"price": "8"}).json()

    assert (item["listPrice"], item["updatedBy"]) == ("12.50", "integration")
    assert (again["id"], again["price"]) == (row["id"], "8.00")
    changes = erp.get("/changes", since=since)["items"]
    assert [(each["entity"], each["id"], each["by"]) for each in changes] == [
        ("item", "BRG-1001", "integration"),
        ("price_list", "TRADE", "integration"),
        ("price_list", "TRADE", "integration"),
    ]
