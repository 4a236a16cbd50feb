"""What a portal begins with: the companies, items and quotes of the data set, nothing else."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import httpx
import pytest

from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP
from crossdock_mocks.engine import MockTransport


@pytest.fixture
def rows(seeded):
    """All records of a kind by id."""

    def give(type_id):
        found = seeded.table("hubspot_records").find({"type": type_id})
        return {row["id"]: row["properties"] for row in found}

    return give


def test_every_company_is_there_with_its_customer_number(rows, dataset):
    known = {row["name"]: row for row in dataset.rows("accounts")}
    found = {each["name"]: each for each in rows("0-2").values()}
    assert set(found) == set(known)
    for name, row in known.items():
        assert found[name].get("erp_customer_number") == row["customer_id"]
        assert found[name].get("city") == row["city"]
        assert found[name]["crossdock_kind"] == row["kind"]


def test_every_item_is_a_product_with_its_code_price_and_cost(rows, dataset):
    found = {each["hs_sku"]: each for each in rows("0-7").values()}
    for row in dataset.rows("items"):
        assert Decimal(found[row["id"]]["price"]) == row["list_price"]
        assert Decimal(found[row["id"]]["hs_cost_of_goods_sold"]) == row["cost"]
    assert len(found) == len(list(dataset.rows("items")))


def test_contacts_stand_at_their_company(rows, seeded, dataset):
    accounts = {row["id"]: row["name"] for row in dataset.rows("accounts")}
    companies = rows("0-2")
    wanted = Counter(accounts[row["account_id"]] for row in dataset.rows("contacts"))
    found = Counter(companies[each["associatedcompanyid"]]["name"] for each in rows("0-1").values())
    assert found == wanted


def test_quotes_have_their_lines_and_come_to_their_amounts(rows, seeded, dataset):
    lines = {}
    for row in dataset.rows("quote_lines"):
        net = (
            row["quantity"]
            * row["unit_price"]
            * (1 - (row["discount_percent"] or Decimal(0)) / 100)
        )
        lines.setdefault(row["quote_id"], []).append(net.quantize(Decimal("0.01"), "ROUND_HALF_UP"))
    found = {each["hs_title"]: each for each in rows("0-14").values()}
    for row in dataset.rows("quotes"):
        quote = found[f"Quote {row['id']}"]
        assert Decimal(quote["hs_quote_amount"]) == sum(lines[row["id"]])
        assert quote["hs_status"] == (
            "DRAFT" if row["status"] == "draft" else "APPROVAL_NOT_NEEDED"
        )
    assert len(found) == len(list(dataset.rows("quotes")))


def test_what_was_ordered_is_an_order_that_names_the_erps(rows, dataset):
    wanted = {row["order_id"] for row in dataset.rows("quotes") if row["status"] == "ordered"}
    found = {each["hs_external_order_id"] for each in rows("0-123").values()}
    assert found == wanted


def test_deals_are_in_their_stage_and_owned(rows, seeded, dataset):
    users = {row["id"]: row["email"] for row in dataset.rows("users")}
    owners = {row["id"]: row["email"] for row in seeded.table("hubspot_owners").find()}
    found = Counter(
        (each["dealname"], each["dealstage"], owners[each["hubspot_owner_id"]], each["amount"])
        for each in rows("0-3").values()
    )
    wanted = Counter(
        (row["name"], row["stage_id"], users[row["owner_id"]], format(row["amount"], "f"))
        for row in dataset.rows("opportunities")
    )
    assert found == wanted


def test_service_cases_are_tickets_of_their_company(rows, dataset):
    accounts = {row["id"]: row["name"] for row in dataset.rows("accounts")}
    companies = rows("0-2")
    found = Counter(
        (
            each["subject"],
            companies[each["hs_primary_company"]]["name"],
            each["hs_pipeline_stage"] == "4",
            "closed_date" in each,
        )
        for each in rows("0-5").values()
    )
    assert found == Counter(
        (
            row["subject"],
            accounts[row["account_id"]],
            row["status"] == "closed",
            row["status"] == "closed",
        )
        for row in dataset.rows("cases")
    )


def test_links_lead_both_ways_between_records_that_are_there(seeded):
    links = seeded.table("hubspot_associations").find()
    ends = {
        (row["from_type"], row["from"], row["to_type"], row["to"], row["typeId"]) for row in links
    }
    kinds = {row["id"]: row for row in seeded.table("hubspot_association_types").find()}
    records = {(row["type"], row["id"]) for row in seeded.table("hubspot_records").find()}
    for from_type, start, to_type, end, type_id in ends:
        kind = kinds[type_id]
        assert (kind["from_type"], kind["to_type"]) == (from_type, to_type)
        assert {(from_type, start), (to_type, end)} <= records
        assert (to_type, end, from_type, start, kind["inverse"]) in ends


def test_the_same_data_set_gives_the_same_portal(app, dataset, seeded):
    again = app.open_world(dataset, now=seeded.now)
    for name in seeded.tables:
        assert list(again.table(name).find_raw()) == list(seeded.table(name).find_raw())
    again.close()


def test_seeding_is_no_change(seeded):
    assert seeded.table("hubspot_events").count() == seeded.table("hubspot_history").count() == 0


def test_every_seeded_value_is_one_that_the_portal_would_take(hubspot, rows, seeded):
    """Writing back what is there is accepted: no value is of another type than its property."""
    definitions = {
        (row["objectType"], row["name"]): row for row in seeded.table("hubspot_properties").find()
    }
    for type_id in ("0-1", "0-2", "0-3", "0-5", "0-7", "0-8", "0-123", "0-27", "0-48"):
        inputs = [
            {
                "id": key,
                "properties": {
                    name: value
                    for name, value in properties.items()
                    if not definitions[type_id, name]["modificationMetadata"]["readOnlyValue"]
                },
            }
            for key, properties in list(rows(type_id).items())[:100]
        ]
        answer = hubspot.post(f"/crm/v3/objects/{type_id}/batch/update", json={"inputs": inputs})
        assert answer.status_code == 200, answer.text


def test_a_portal_without_a_data_set_is_empty_but_works(app):
    world = app.open_world()
    headers = {"Authorization": f"Bearer {PRIVATE_APP.token}"}
    with httpx.Client(
        transport=MockTransport(app, world), base_url="http://m", headers=headers
    ) as client:
        assert client.get("/crm/v3/objects/companies").json() == {"results": []}
        made = client.post("/crm/v3/objects/deals", json={"properties": {"dealname": "First"}})
        assert made.json()["properties"]["dealstage"] == "appointmentscheduled"
    world.close()
