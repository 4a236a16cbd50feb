"""Price lists: one price for each product and quantity, and each change of one is told."""


def test_a_price_is_there_once_for_a_product_and_a_quantity_and_changes_its_list(crm):
    made = crm.post("/price-lists", json={"name": "Retail"}).json()
    assert (made["currency"], made["active"], made["version"]) == ("GBP", True, 1)
    path = f"/price-lists/{made['id']}/prices"
    body = {"product_id": "BRG-1001", "min_quantity": "10.0", "price": "4.5"}

    first = crm.put(path, json=body).json()
    same = crm.put(path, json={**body, "min_quantity": "10"}).json()
    less = crm.put(path, json={**body, "price": "4.4", "discount_percent": "2.50"}).json()

    assert (first["price"], first["min_quantity"]) == ("4.50", "10")
    assert same == first
    assert (less["id"], less["price"], less["discount_percent"]) == (first["id"], "4.40", "2.5")
    assert crm.get(path).json()["data"] == [less]
    told = crm.get("/changes", params={"entity": "price_list"}).json()["items"]
    assert [(each["action"], each["version"], each["by"]) for each in told] == [
        ("created", 1, "U-kim"), ("updated", 2, "U-kim"), ("updated", 3, "U-kim"),
    ]  # fmt: skip


def test_a_price_is_of_a_product_that_is_there_and_ends_after_it_begins(crm):
    path = "/price-lists/PB-1001/prices"
    unknown = crm.put(path, json={"product_id": "NONE", "price": "1"})
    backwards = {"product_id": "BRG-1001", "valid_from": "2027-02-01", "valid_to": "2027-01-31"}

    assert unknown.json()["error"]["code"] == "unknown_reference"
    assert crm.put(path, json=backwards).status_code == 422
    ended = {"version": 1, "valid_from": "2027-02-01", "valid_to": "2027-01-31"}
    assert crm.patch("/price-lists/PB-1001", json=ended).status_code == 422
    assert [each["price"] for each in crm.get(path).json()["data"]] == ["4.80"]
