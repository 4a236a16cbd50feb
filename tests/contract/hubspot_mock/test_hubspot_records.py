"""Records of any kind: paging, merging, archiving, computed properties, batches, links."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

OBJECTS = "/crm/v3/objects"


def put(client, path):
    answer = client.put(path)
    assert answer.status_code == 200, answer.text


def read(client, kind, key, **query):
    answer = client.get(f"{OBJECTS}/{kind}/{key}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_pages_hold_each_record_once_in_the_order_of_ids(hubspot, dataset):
    seen, after = [], None
    while True:
        query = {"limit": 7, **({"after": after} if after else {})}
        page = hubspot.get(f"{OBJECTS}/contacts", params=query).json()
        seen += [int(row["id"]) for row in page["results"]]
        following = page.get("paging", {}).get("next")
        if following is None:
            break
        after = following["after"]
        assert f"after={after}" in following["link"]
    assert seen == sorted(set(seen))
    assert len(seen) == len(list(dataset.rows("contacts")))


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=x", "after=-1"])
def test_a_page_that_makes_no_sense_is_refused(hubspot, query):
    answer = hubspot.get(f"{OBJECTS}/contacts?{query}")
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_properties_are_asked_for_with_commas_or_repeated(hubspot):
    for query in ("properties=city,phone", "properties=city&properties=phone",
                  "properties=city, phone,nothing"):  # fmt: skip
        told = hubspot.get(f"{OBJECTS}/companies/20001001?{query}").json()["properties"]
        assert set(told) == {"city", "phone", "createdate", "hs_lastmodifieddate", "hs_object_id"}
    told = read(hubspot, "companies", "20001001", properties="annualrevenue")["properties"]
    assert told["annualrevenue"] is None


def test_an_archived_record_is_shown_only_to_who_asks_for_it(hubspot, create):
    key = create("companies", name="Gone")["id"]
    assert hubspot.delete(f"{OBJECTS}/companies/{key}").status_code == 204
    assert hubspot.delete(f"{OBJECTS}/companies/{key}").status_code == 204
    assert hubspot.get(f"{OBJECTS}/companies/{key}").status_code == 404
    assert hubspot.patch(f"{OBJECTS}/companies/{key}", json={"properties": {}}).status_code == 404
    told = read(hubspot, "companies", key, archived="true")
    assert (told["archived"], "archivedAt" in told) == (True, True)
    assert hubspot.get(f"{OBJECTS}/companies/20001001?archived=true").status_code == 404
    gone = hubspot.get(f"{OBJECTS}/companies?archived=true").json()["results"]
    assert [row["id"] for row in gone] == [key]


def test_archiving_ends_links_and_what_was_computed_of_them(hubspot, create):
    company = create("companies", name="Short-lived")["id"]
    contact = create("contacts", email="left@behind.example")["id"]
    put(hubspot, f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    told = read(hubspot, "contacts", contact, properties="associatedcompanyid")
    assert told["properties"]["associatedcompanyid"] == company
    hubspot.delete(f"{OBJECTS}/companies/{company}")
    told = read(hubspot, "contacts", contact, properties="associatedcompanyid")
    assert told["properties"]["associatedcompanyid"] is None
    links = hubspot.get(f"/crm/v4/objects/contacts/{contact}/associations/companies").json()
    assert links["results"] == []


def test_a_merged_record_leaves_what_the_other_lacks_and_its_links(hubspot, create):
    one = create("companies", name="One", city="Linz")["id"]
    other = create("companies", name="Other", city="Graz", phone="123")["id"]
    contact = create("contacts", email="m@erged.example")["id"]
    put(hubspot, f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{other}")
    body = {"primaryObjectId": one, "objectIdToMerge": other}
    assert hubspot.post(f"{OBJECTS}/companies/merge", json=body).status_code == 200
    told = read(hubspot, "companies", one, properties="name,city,phone", associations="contacts")
    assert [told["properties"][name] for name in ("name", "city", "phone")] == [
        "One",
        "Linz",
        "123",
    ]
    assert {each["id"] for each in told["associations"]["contacts"]["results"]} == {contact}
    # Whoever knows the old id only is given the record that goes on.
    assert read(hubspot, "companies", other)["id"] == one
    batch = {"inputs": [{"id": other}], "properties": ["name"], "propertiesWithHistory": []}
    told = hubspot.post(f"{OBJECTS}/companies/batch/read", json=batch).json()
    assert [each["id"] for each in told["results"]] == [one]
    assert hubspot.patch(f"{OBJECTS}/companies/{other}", json={"properties": {}}).is_error
    told = read(hubspot, "contacts", contact, properties="associatedcompanyid")
    assert told["properties"]["associatedcompanyid"] == one
    assert hubspot.post(f"{OBJECTS}/companies/merge", json=body).status_code == 404
    body = {"primaryObjectId": one, "objectIdToMerge": one}
    assert hubspot.post(f"{OBJECTS}/companies/merge", json=body).status_code == 400


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ({"quantity": "3", "price": "10.005"}, "30.02"),
        ({"price": "9.99"}, "9.99"),
        ({"quantity": "3", "price": "10", "hs_discount_percentage": "12.5"}, "26.25"),
        ({"quantity": "3", "price": "10", "discount": "1.5"}, "25.50"),
        ({"quantity": "-2", "price": "10"}, "-20.00"),
        ({"quantity": "3"}, None),
    ],
)
def test_the_amount_of_a_line_is_computed(create, given, amount):
    assert create("line_items", **given)["properties"].get("amount") == amount


def test_the_amount_of_a_quote_follows_its_lines_whatever_is_done(hubspot, create):
    """At random: lines are added, changed, taken off, linked and archived."""
    chance = random.Random(7)
    quote = create("quotes", hs_title="Random", hs_expiration_date="2027-01-01")["id"]
    link = f"/crm/v4/objects/quotes/{quote}/associations"
    on_quote, others = {}, {}

    def amount(row):
        return Decimal(row["properties"]["amount"])

    for _ in range(60):
        step = chance.randrange(5)
        if step == 0 or not on_quote:
            price = str(chance.randrange(1, 5000) / 100)
            row = create("line_items", price=price, quantity=str(chance.randrange(1, 9)))
            put(hubspot, f"{link}/default/line_items/{row['id']}")
            on_quote[row["id"]] = amount(row)
        elif step == 1:
            key = chance.choice(sorted(on_quote))
            body = {"properties": {"hs_discount_percentage": str(chance.randrange(0, 50))}}
            on_quote[key] = amount(hubspot.patch(f"{OBJECTS}/line_items/{key}", json=body).json())
        elif step == 2:
            key = chance.choice(sorted(on_quote))
            hubspot.delete(f"{link}/line_items/{key}")
            others[key] = on_quote.pop(key)
        elif step == 3:
            hubspot.delete(f"{OBJECTS}/line_items/{(key := chance.choice(sorted(on_quote)))}")
            del on_quote[key]
        elif others:
            key, _ = others.popitem()
            put(hubspot, f"{link}/default/line_items/{key}")
            on_quote[key] = amount(read(hubspot, "line_items", key, properties="amount"))
        told = read(hubspot, "quotes", quote, properties="hs_quote_amount")["properties"]
        assert Decimal(told["hs_quote_amount"]) == sum(on_quote.values())


def test_a_roll_up_is_no_change_of_the_record_by_somebody(hubspot, world, create):
    quote = create("quotes", hs_title="Q", hs_expiration_date="2027-01-01")
    line = create("line_items", price="5")["id"]
    world.clock.advance(timedelta(minutes=5))
    put(hubspot, f"/crm/v4/objects/quotes/{quote['id']}/associations/default/line_items/{line}")
    assert read(hubspot, "quotes", quote["id"])["updatedAt"] == quote["updatedAt"]


def test_a_change_that_changes_nothing_is_no_change(hubspot, state):
    before = state()
    answer = hubspot.patch(f"{OBJECTS}/companies/20001001", json={"properties": {"city": "Linz"}})
    assert answer.status_code == 200
    assert state() == before


def test_a_refused_batch_leaves_nothing_behind(hubspot, state):
    before = state()
    inputs = [{"properties": {"name": f"Company {n}"}} for n in range(5)]
    inputs.append({"properties": {"name": "Bad", "nothing": "1"}})
    answer = hubspot.post(f"{OBJECTS}/companies/batch/create", json={"inputs": inputs})
    assert answer.status_code == 400
    assert state() == before


def test_traced_inputs_of_a_batch_stand_for_themselves(hubspot):
    inputs = [
        {"properties": {"email": email}, "objectWriteTraceId": f"t{number}"}
        for number, email in enumerate(["a@b.example", "broken", "A@B.example", "c@d.example"])
    ]
    answer = hubspot.post(f"{OBJECTS}/contacts/batch/create", json={"inputs": inputs})
    told = answer.json()
    assert (answer.status_code, told["numErrors"]) == (207, 2)
    assert [each["objectWriteTraceId"] for each in told["results"]] == ["t0", "t3"]
    refused = [(e["category"], e["context"]["objectWriteTraceId"]) for e in told["errors"]]
    assert refused == [("VALIDATION_ERROR", ["t1"]), ("CONFLICT", ["t2"])]
    found = hubspot.get(f"{OBJECTS}/contacts/A@b.EXAMPLE?idProperty=email")
    assert found.json()["id"] == told["results"][0]["id"]


def test_an_upsert_goes_by_a_unique_property_alone(hubspot):
    path = f"{OBJECTS}/companies/batch/upsert"
    body = {"inputs": [{"id": "x", "idProperty": "name", "properties": {}}]}
    assert hubspot.post(path, json=body).json()["errors"][0]["code"] == "INVALID_ID_PROPERTY"
    body = {"inputs": [{"id": "x", "idProperty": "nothing", "properties": {}}]}
    assert hubspot.post(path, json=body).json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"


def test_of_two_primary_companies_the_second_takes_the_place_of_the_first(hubspot, create):
    deal = create("deals", dealname="Two companies")["id"]
    base = f"/crm/v4/objects/deals/{deal}/associations"
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    for company in ("20001001", "20001002"):
        answer = hubspot.put(f"{base}/companies/{company}", json=primary)
        assert answer.json()["labels"] == ["Primary"]
    found = hubspot.get(f"{base}/companies").json()["results"]
    labels = {row["toObjectId"]: [t["label"] for t in row["associationTypes"]] for row in found}
    assert labels == {"20001001": [None], "20001002": [None, "Primary"]}
    back = hubspot.get("/crm/v4/objects/companies/20001001/associations/deals").json()["results"]
    (row,) = [row for row in back if row["toObjectId"] == deal]
    assert [each["typeId"] for each in row["associationTypes"]] == [342]


def test_links_have_pages_too(hubspot, create):
    company = create("companies", name="Crowd")["id"]
    inputs = [
        {"properties": {"email": f"{n}@crowd.example"},
         "associations": [{"to": {"id": company}, "types": [
             {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]}]}
        for n in range(12)
    ]  # fmt: skip
    made = hubspot.post(f"{OBJECTS}/contacts/batch/create", json={"inputs": inputs}).json()
    seen, after = [], None
    while True:
        query = {"limit": 5, **({"after": after} if after else {})}
        path = f"/crm/v4/objects/companies/{company}/associations/contacts"
        page = hubspot.get(path, params=query).json()
        seen += [row["toObjectId"] for row in page["results"]]
        if "paging" not in page:
            break
        after = page["paging"]["next"]["after"]
    assert seen == [row["id"] for row in made["results"]]


def test_a_record_is_not_linked_with_itself(hubspot):
    path = "/crm/v4/objects/companies/20001001/associations/default/companies/20001001"
    assert hubspot.put(path).json()["errors"][0]["code"] == "SELF_ASSOCIATION"


def test_each_scope_opens_its_own_kind_of_record(contacts_only, reader):
    assert contacts_only.get(f"{OBJECTS}/contacts").status_code == 200
    assert contacts_only.get(f"{OBJECTS}/tasks").status_code == 200  # they go with contacts
    for kind in ("companies", "deals", "quotes", "0-123", "LINE_ITEM"):
        assert contacts_only.get(f"{OBJECTS}/{kind}").status_code == 403
    assert contacts_only.get("/crm/v3/owners").status_code == 403
    assert contacts_only.get("/crm/objects/2026-03/companies").status_code == 403
    for kind in ("contacts", "companies", "orders"):
        assert reader.get(f"{OBJECTS}/{kind}").status_code == 200
        answer = reader.post(f"{OBJECTS}/{kind}", json={"properties": {}})
        assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    path = f"{OBJECTS}/companies/batch/update"
    assert reader.post(path, json={"inputs": []}).status_code == 403
