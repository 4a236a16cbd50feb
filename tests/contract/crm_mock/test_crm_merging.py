"""Accounts that are merged: what hung on the one hangs on the other, and the feed says which."""


def test_a_merged_account_leaves_everything_to_the_other_one(crm):
    one = crm.post(
        "/accounts",
        json={
            "name": "Twice",
            "external_ids": {"erp": "C-7", "shop": "S-1"},
            "parent_id": "A-1002",
        },
    ).json()
    two = crm.post("/accounts", json={"name": "Once", "external_ids": {"erp": "C-8"}}).json()
    child = crm.post("/accounts", json={"name": "Branch", "parent_id": one["id"]}).json()
    person = crm.post("/contacts", json={"account_id": one["id"], "last_name": "Field"}).json()
    since = crm.get("/changes", params={"limit": 1000}).json()["next"]

    into = crm.post(f"/accounts/{one['id']}/merge", json={"into": two["id"]}).json()

    assert into["external_ids"] == {"erp": "C-8", "shop": "S-1"}
    assert crm.get(f"/accounts/{one['id']}").status_code == 404
    assert crm.get(f"/accounts/{child['id']}").json()["parent_id"] == two["id"]
    assert crm.get(f"/contacts/{person['id']}").json()["account_id"] == two["id"]
    told = crm.get("/changes", params={"since": since}).json()["items"]
    gone = [each for each in told if each["action"] == "deleted"]
    assert [(each["id"], each["successor"], each["by"]) for each in gone] == [
        (one["id"], two["id"], "U-kim")
    ]


def test_an_account_merged_with_its_own_child_is_no_child_of_itself(crm):
    one = crm.post("/accounts", json={"name": "Group"}).json()
    two = crm.post("/accounts", json={"name": "Branch", "parent_id": one["id"]}).json()
    into = crm.post(f"/accounts/{one['id']}/merge", json={"into": two["id"]})
    assert into.json()["parent_id"] is None
    again = crm.post(f"/accounts/{two['id']}/merge", json={"into": two["id"]})
    assert again.status_code == 422


def test_a_change_without_a_user_is_its_programs(crm, stranger, token):
    since = crm.get("/changes", params={"limit": 1000}).json()["next"]
    headers = {"Authorization": f"Bearer {token()}"}
    stranger.post("/accounts", json={"name": "By itself"}, headers=headers)
    told = crm.get("/changes", params={"since": since}).json()["items"]
    assert [(each["user_id"], each["by"]) for each in told] == [(None, "crossdock")]


def test_all_accounts_are_read_on_behind_the_last_one_whatever_is_added(crm):
    seen, after = [], None
    while True:
        query = {"sort": "id", "page_size": 1} | ({"after": after} if after else {})
        page = crm.get("/accounts", params=query).json()["data"]
        if not page:
            break
        after = page[0]["id"]
        seen.append(after)
        crm.post("/contacts", json={"account_id": after, "last_name": "New"})
    assert seen == sorted(set(seen))
    assert len(seen) == crm.get("/accounts").json()["total"]
