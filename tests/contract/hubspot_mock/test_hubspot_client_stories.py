"""Business stories told by HubSpot's own Python client, unmodified, over a socket.

Company, contacts, deal, line items, quote, won: each step looks at what the steps before it left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import (
    AssociationSpec,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
    PublicAssociationMultiPost,
    PublicFetchAssociationsBatchRequest,
)
from hubspot.crm.companies import (
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchReadInputSimplePublicObjectId,
    PublicMergeInput,
    SimplePublicObjectBatchInput,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectId,
)
from hubspot.crm.contacts import (
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.objects import (
    BatchInputSimplePublicObjectBatchInputUpsert,
    SimplePublicObjectBatchInputUpsert,
)
from hubspot.crm.pipelines import PipelineInput, PipelineStageInput
from hubspot.crm.properties import PropertyCreate, PropertyGroupCreate, PropertyUpdate
from hubspot.crm.schemas import (
    ObjectSchemaEgg,
    ObjectTypeDefinitionLabels,
    ObjectTypePropertyCreate,
)

from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP, PUBLIC_APP, REFRESH_TOKEN
from crossdock_mocks.engine import App, World, serve_in_thread

TEMPLATE, DEAL, LINES, CONTACT, COMPANY = 286, 64, 67, 69, 71


@pytest.fixture(scope="module")
def world(app: App, seeded: World) -> Iterator[World]:
    made = seeded.fork("stories")
    yield made
    made.close()


@pytest.fixture(scope="module")
def hub(app: App, world: World) -> Iterator[HubSpot]:
    """HubSpot's own client, in one world for all stories."""
    with serve_in_thread((app, world)) as (address,):
        yield HubSpot(
            access_token=PRIVATE_APP.token, host=address.base_url, base_url=address.base_url
        )


def new(**properties):
    return SimplePublicObjectInputForCreate(properties=properties, associations=[])


def change(**properties):
    return SimplePublicObjectInput(properties=properties)


def linked(to, *types):
    return {
        "to": {"id": to},
        "types": [
            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": each} for each in types
        ],
    }


def test_a_company_with_contacts_a_deal_lines_and_a_quote_is_won(hub, world):
    crm = hub.crm
    owner = crm.owners.owners_api.get_page(email="kim@havelbrueck.example").results[0]
    company = crm.companies.basic_api.create(
        new(name="Zanderholm Pumpen GmbH", domain="Zanderholm.example", hubspot_owner_id=owner.id)
    )
    assert company.properties["domain"] == "zanderholm.example"
    assert company.created_at == world.now.astimezone(UTC)

    people = [
        crm.contacts.basic_api.create(
            SimplePublicObjectInputForCreate(
                properties={"email": f"{name}@zanderholm.example", "firstname": name.title()},
                associations=[linked(company.id, 279)],
            )
        )
        for name in ("ada", "bo")
    ]
    deal = crm.deals.basic_api.create(
        SimplePublicObjectInputForCreate(
            properties={
                "dealname": "Pumps for hall 3", "pipeline": "default", "amount": "1200",
                "dealstage": "prospecting", "closedate": "2026-12-24",
            },
            associations=[linked(company.id, 5), linked(people[0].id, 3)],
        )
    )  # fmt: skip
    assert deal.properties["hs_primary_associated_company"] == company.id
    assert deal.properties["closedate"] == "2026-12-24T00:00:00.000Z"

    product = crm.products.basic_api.create(
        new(name="Pump P 7", hs_sku="PMP-7", price="199.90", hs_cost_of_goods_sold="120")
    )
    from_product = crm.line_items.basic_api.create(
        new(hs_product_id=product.id, quantity="6", hs_discount_percentage="5")
    )
    assert from_product.properties["name"] == "Pump P 7"
    assert Decimal(from_product.properties["amount"]) == Decimal("1139.43")
    freight = crm.line_items.basic_api.create(new(name="Freight", quantity="1", price="49"))

    templates = hub.crm.objects.basic_api.get_page(object_type="quote_templates").results
    quote = crm.quotes.basic_api.create(
        SimplePublicObjectInputForCreate(
            properties={"hs_title": "Offer to Zanderholm", "hs_expiration_date": "2026-12-31"},
            associations=[
                linked(deal.id, DEAL), linked(company.id, COMPANY), linked(people[0].id, CONTACT),
                linked(from_product.id, LINES), linked(freight.id, LINES),
                linked(templates[0].id, TEMPLATE),
            ],
        )
    )  # fmt: skip
    assert quote.properties["hs_status"] == "DRAFT"
    assert Decimal(quote.properties["hs_quote_amount"]) == Decimal("1188.43")

    crm.line_items.basic_api.update(from_product.id, change(quantity="10"))
    quote = crm.quotes.basic_api.get_by_id(
        quote.id, properties=["hs_quote_amount", "hs_status"], associations=["line_items", "deals"]
    )
    assert Decimal(quote.properties["hs_quote_amount"]) == Decimal("1948.05")
    assert {each.id for each in quote.associations["line items"].results} == {
        from_product.id,
        freight.id,
    }
    assert [each.id for each in quote.associations["deals"].results] == [deal.id]

    quote = crm.quotes.basic_api.update(quote.id, change(hs_status="APPROVAL_NOT_NEEDED"))
    assert quote.properties["hs_locked"] == "true"
    assert quote.properties["hs_quote_link"].startswith("https://")

    won = crm.deals.basic_api.update(deal.id, change(dealstage="won", amount="1948.05"))
    assert won.properties["hs_is_closed_won"] == "true"
    assert won.properties["hs_deal_stage_probability"] == "1.0"

    order = hub.crm.objects.basic_api.create(
        "orders",
        SimplePublicObjectInputForCreate(
            properties={"hs_order_name": "Zanderholm 1", "hs_currency_code": "EUR"},
            associations=[linked(company.id, 509), linked(deal.id, 512)],
        ),
    )
    assert order.properties["hs_pipeline_stage"]

    world.clock.advance(timedelta(seconds=3))
    found = crm.deals.search_api.do_search(
        {
            "filterGroups": [
                {
                    "filters": [
                        {
                            "propertyName": "associations.company",
                            "operator": "EQ",
                            "value": company.id,
                        },
                        {"propertyName": "hs_is_closed_won", "operator": "EQ", "value": "true"},
                    ]
                }
            ],
            "properties": ["amount"],
        }
    )
    assert [(each.id, each.properties["amount"]) for each in found.results] == [
        (deal.id, "1948.05")
    ]
    history = crm.deals.basic_api.get_by_id(
        deal.id, properties_with_history=["dealstage"]
    ).properties_with_history["dealstage"]
    assert [each.value for each in history] == ["won", "prospecting"]


def test_the_seeded_companies_are_all_found_page_by_page(hub, dataset):
    seen = hub.crm.companies.get_all(properties=["name", "erp_customer_number"])
    known = {row["name"]: row["customer_id"] for row in dataset.rows("accounts")}
    found = {
        each.properties["name"]: each.properties["erp_customer_number"]
        for each in seen
        if each.properties["name"] in known
    }
    assert found == known


def test_contacts_are_searched_with_every_kind_of_argument(hub, dataset):
    request = PublicObjectSearchRequest(
        filter_groups=[
            {
                "filters": [
                    {"propertyName": "associatedcompanyid", "operator": "EQ", "value": "20001001"}
                ]
            }
        ],
        sorts=["-lastname"], properties=["lastname"], limit=2, after="0",
    )  # fmt: skip
    told = hub.crm.contacts.search_api.do_search(request)
    wanted = sorted(
        (row["last_name"] for row in dataset.rows("contacts") if row["account_id"] == "A-1001"),
        key=str.lower,
        reverse=True,
    )
    assert told.total == len(wanted)
    assert [each.properties["lastname"] for each in told.results] == wanted[:2]
    assert told.paging.next.after == "2"


def test_links_are_made_read_and_ended(hub):
    api = hub.crm.associations.v4
    made = hub.crm.companies.basic_api.create(new(name="Linked"))
    contact = hub.crm.contacts.basic_api.create(new(email="linked@linked.example"))
    done = api.basic_api.create_default("contacts", contact.id, "companies", made.id)
    assert {each.association_spec.association_type_id for each in done.results} == {279, 280}
    api.basic_api.create(
        "contacts", contact.id, "companies", "20001002",
        [AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)],
    )  # fmt: skip
    page = api.basic_api.get_page("contacts", contact.id, "companies", limit=500)
    labels = {
        each.to_object_id: [kind.label for kind in each.association_types] for each in page.results
    }
    assert labels == {made.id: [None], "20001002": [None, "Primary"]}
    batch = api.batch_api.get_page(
        "contacts", "companies",
        BatchInputPublicFetchAssociationsBatchRequest(
            inputs=[PublicFetchAssociationsBatchRequest(id=contact.id)]
        ),
    )  # fmt: skip
    assert {each.to_object_id for each in batch.results[0].to} == {made.id, "20001002"}
    done = api.batch_api.create(
        "companies", "contacts",
        BatchInputPublicAssociationMultiPost(
            inputs=[
                PublicAssociationMultiPost(
                    types=[{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280}],
                    _from={"id": "20001003"}, to={"id": contact.id},
                )
            ]
        ),
    )  # fmt: skip
    assert done.results[0].to_object_id == contact.id
    api.basic_api.archive("contacts", contact.id, "companies", "20001002")
    page = api.basic_api.get_page("contacts", contact.id, "companies")
    assert {each.to_object_id for each in page.results} == {made.id, "20001003"}
    labels = hub.crm.associations.v4.schema.definitions_api.get_all("contacts", "companies").results
    assert {(each.type_id, each.label) for each in labels} >= {(279, None), (1, "Primary")}


def test_many_records_are_written_and_read_at_once(hub):
    api = hub.crm.companies.batch_api
    made = api.create(
        BatchInputSimplePublicObjectBatchInputForCreate(
            inputs=[
                SimplePublicObjectBatchInputForCreate(
                    properties={"name": f"Batch {n}"}, associations=[]
                )
                for n in range(3)
            ]
        )
    )
    ids = [each.id for each in made.results]
    api.update(
        BatchInputSimplePublicObjectBatchInput(
            inputs=[
                SimplePublicObjectBatchInput(id=each, properties={"city": "Wels"}) for each in ids
            ]
        )
    )
    told = api.read(
        BatchReadInputSimplePublicObjectId(
            inputs=[SimplePublicObjectId(id=each) for each in [*ids, "1"]],
            properties=["city"], properties_with_history=[],
        )
    )  # fmt: skip
    assert [each.properties["city"] for each in told.results] == ["Wels"] * 3
    assert told.num_errors == 1
    assert told.errors[0].category == "OBJECT_NOT_FOUND"
    assert told.errors[0].context == {"ids": ["1"]}
    kept = hub.crm.companies.basic_api.merge(
        PublicMergeInput(primary_object_id=ids[0], object_id_to_merge=ids[1])
    )
    assert kept.id == ids[0]
    hub.crm.companies.basic_api.archive(ids[2])
    gone = hub.crm.companies.basic_api.get_page(archived=True).results
    assert {each.id for each in gone} >= {ids[1], ids[2]}
    assert all(each.archived_at for each in gone)


def test_a_portal_gets_properties_and_records_are_kept_by_a_key_of_ours(hub):
    core = hub.crm.properties
    core.groups_api.create("orders", PropertyGroupCreate(name="ours", label="Ours"))
    made = core.core_api.create(
        "orders",
        PropertyCreate(
            name="our_key", label="Our key", type="string", field_type="text", group_name="ours",
            has_unique_value=True,
        ),
    )  # fmt: skip
    assert (made.has_unique_value, made.hubspot_defined) == (True, False)
    assert core.core_api.update("orders", "our_key", PropertyUpdate(label="Key")).label == "Key"
    assert {each.name for each in core.core_api.get_all("orders").results} >= {"our_key", "hs_tax"}

    def upsert(name):
        return hub.crm.objects.batch_api.upsert(
            "orders",
            BatchInputSimplePublicObjectBatchInputUpsert(
                inputs=[
                    SimplePublicObjectBatchInputUpsert(
                        id="K-1", id_property="our_key", properties={"hs_order_name": name}
                    )
                ]
            ),
        ).results[0]

    first, second = upsert("One"), upsert("Two")
    assert (first.new, second.new) == (True, False)
    assert first.id == second.id
    read = hub.crm.objects.basic_api.get_by_id(
        "orders", "K-1", id_property="our_key", properties=["hs_order_name"]
    )
    assert read.properties["hs_order_name"] == "Two"


def test_a_ticket_is_closed_with_its_stage_and_opened_again(hub):
    (support,) = hub.crm.pipelines.pipelines_api.get_all("tickets").results
    stages = {stage.label: stage for stage in support.stages}
    states = {label: stage.metadata["ticketState"] for label, stage in stages.items()}
    assert states == {
        "New": "OPEN", "Waiting on contact": "OPEN", "Waiting on us": "OPEN", "Closed": "CLOSED"
    }  # fmt: skip
    company, contact = "20001001", hub.crm.contacts.basic_api.get_page(limit=1).results[0].id
    defined = {"associationCategory": "HUBSPOT_DEFINED"}
    ticket = hub.crm.tickets.basic_api.create(
        {
            "properties": {
                "subject": "Seal leaks", "hs_pipeline": support.id,
                "hs_pipeline_stage": stages["New"].id, "hs_ticket_priority": "HIGH",
            },
            "associations": [
                {"to": {"id": to}, "types": [{**defined, "associationTypeId": kind}]}
                for to, kind in ((company, 339), (contact, 16))
            ],
        }
    )  # fmt: skip
    shown = ["closed_date", "hs_primary_company"]
    read = hub.crm.tickets.basic_api.get_by_id(ticket.id, properties=shown)
    assert read.properties["closed_date"] is None
    assert read.properties["hs_primary_company"] == company
    found = hub.crm.associations.v4.basic_api.get_page("companies", company, "tickets").results
    types = {each.to_object_id: {t.type_id for t in each.association_types} for each in found}
    assert types[ticket.id] == {25, 340}
    hub.crm.tickets.basic_api.update(ticket.id, change(hs_pipeline_stage=stages["Closed"].id))
    read = hub.crm.tickets.basic_api.get_by_id(ticket.id, properties=shown)
    assert read.properties["closed_date"] is not None
    hub.crm.tickets.basic_api.update(ticket.id, change(hs_pipeline_stage=stages["New"].id))
    read = hub.crm.tickets.basic_api.get_by_id(ticket.id, properties=shown)
    assert read.properties["closed_date"] is None


def test_pipelines_and_kinds_of_record_are_defined(hub):
    pipeline = hub.crm.pipelines.pipelines_api.create(
        "deals",
        PipelineInput(
            label="Service", display_order=1,
            stages=[
                PipelineStageInput(label=label, display_order=n, metadata={"probability": chance})
                for n, (label, chance) in enumerate([("Asked", "0.3"), ("Done", "1.0")])
            ],
        ),
    )  # fmt: skip
    asked, done = pipeline.stages
    deal = hub.crm.deals.basic_api.create(new(dealname="Check-up", pipeline=pipeline.id))
    assert deal.properties["dealstage"] == asked.id
    deal = hub.crm.deals.basic_api.update(deal.id, change(dealstage=done.id))
    assert deal.properties["hs_is_closed_won"] == "true"
    schema = hub.crm.schemas.core_api.create(
        ObjectSchemaEgg(
            name="machine",
            labels=ObjectTypeDefinitionLabels(singular="Machine", plural="Machines"),
            required_properties=["serial"], searchable_properties=["serial"],
            primary_display_property="serial", associated_objects=["COMPANY"],
            properties=[
                ObjectTypePropertyCreate(
                    name="serial", label="Serial", type="string", field_type="text",
                    has_unique_value=True,
                )
            ],
        )
    )  # fmt: skip
    machine = hub.crm.objects.basic_api.create(schema.object_type_id, new(serial="M-1"))
    hub.crm.associations.v4.basic_api.create_default(
        schema.fully_qualified_name, machine.id, "companies", "20001001"
    )
    page = hub.crm.associations.v4.basic_api.get_page("companies", "20001001", "machine")
    assert [each.to_object_id for each in page.results] == [machine.id]
    assert hub.crm.schemas.core_api.get_all().results[0].name == "machine"


def test_a_token_is_refreshed_described_and_expires(hub, world):
    base = hub.config["host"]
    client = HubSpot(host=base, base_url=base)
    given = {
        "grant_type": "refresh_token", "client_id": PUBLIC_APP.client_id,
        "client_secret": PUBLIC_APP.secret, "refresh_token": REFRESH_TOKEN,
    }  # fmt: skip
    tokens = client.oauth.tokens_api.create(**given)
    assert (tokens.expires_in, tokens.refresh_token) == (1800, REFRESH_TOKEN)
    told = client.oauth.access_tokens_api.get(tokens.access_token)
    assert (told.app_id, "crm.objects.deals.read" in told.scopes) == (PUBLIC_APP.id, True)
    assert client.oauth.refresh_tokens_api.get(REFRESH_TOKEN).client_id == PUBLIC_APP.client_id
    mine = HubSpot(access_token=tokens.access_token, host=base, base_url=base)
    assert mine.crm.companies.basic_api.get_page(limit=1).results
    world.clock.advance(timedelta(minutes=30))
    with pytest.raises(Exception, match="EXPIRED_AUTHENTICATION") as refused:
        mine.crm.companies.basic_api.get_page(limit=1)
    assert refused.value.status == 401


def test_what_the_client_has_no_method_for_goes_by_dated_paths(hub):
    for version in ("2025-09", "2026-03", "2026-09"):
        answer = hub.api_request({"path": f"/crm/objects/{version}/companies/20001001"})
        assert answer.json()["id"] == "20001001"
        answer = hub.api_request(
            {"path": f"/crm/associations/{version}/deals/companies/labels", "method": "GET"}
        )
        assert {each["typeId"] for each in answer.json()["results"]} == {5, 341}
