"""Every operation that HubSpot's own Python client has a method for is called by that method.

What the document calls proven by a client is what this tour reached, and nothing else.
"""

from __future__ import annotations

from typing import Any

import pytest
from hubspot import HubSpot

from crossdock.specifications import specification
from crossdock_mocks.dialects.hubspot.apps import (
    DEVELOPER_KEY,
    PRIVATE_APP,
    PUBLIC_APP,
    REFRESH_TOKEN,
)
from crossdock_mocks.engine import serve_in_thread
from crossdock_mocks.engine.document import parse

DOCUMENT: dict[str, Any] = parse(specification("hubspot.openapi.yaml").read_bytes(), "hubspot")
PROVEN = {
    operation["operationId"]
    for item in DOCUMENT["paths"].values()
    for method, operation in item.items()
    if method != "x-aliases" and operation["x-provenance"] == "client"
}
COMPANY, OTHER, CONTACT = "20001001", "20001002", "10001001"
SPEC = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280}
PAIR = {"from": {"id": COMPANY}, "to": {"id": CONTACT}}
STAGE = {"label": "New", "displayOrder": 7, "metadata": {"probability": "0.5"}}


def inputs(*given):
    return {"inputs": list(given)}


@pytest.fixture(scope="module")
def toured(app, seeded):
    """The operations that a tour with the client reached with success."""
    world = seeded.fork("tour")
    with serve_in_thread((app, world)) as (address,):
        base = {"host": address.base_url, "base_url": address.base_url}
        hub = HubSpot(access_token=PRIVATE_APP.token, **base)
        _records(hub)
        _associations(hub)
        _properties(hub)
        _pipelines(hub)
        _schemas(hub)
        _webhooks(HubSpot(api_key=DEVELOPER_KEY, **base))
        _tokens(HubSpot(**base))
    failed = [entry for entry in world.journal if entry.status >= 300]
    assert not failed, [(entry.operation_id, entry.status) for entry in failed]
    agents = {entry.request_headers["user-agent"] for entry in world.journal}
    assert all(each.startswith("hubspot-api-client-python") for each in agents), agents
    yield {entry.operation_id for entry in world.journal}
    world.close()


def _records(hub):
    companies = hub.crm.companies
    made = companies.basic_api.create({"properties": {"name": "Tour"}, "associations": []})
    companies.basic_api.get_page(limit=5, properties=["name"], associations=["contacts"])
    companies.basic_api.get_by_id(made.id)
    companies.basic_api.update(made.id, {"properties": {"city": "Graz"}})
    companies.basic_api.merge({"primaryObjectId": COMPANY, "objectIdToMerge": made.id})
    companies.search_api.do_search({"query": "gmbh"})
    more = companies.batch_api.create(inputs({"properties": {"name": "One"}, "associations": []}))
    key = more.results[0].id
    companies.batch_api.read({**inputs({"id": key}), "properties": [], "propertiesWithHistory": []})
    companies.batch_api.update(inputs({"id": key, "properties": {"city": "Wels"}}))
    companies.batch_api.upsert(inputs({"id": key, "properties": {"city": "Linz"}}))
    companies.batch_api.archive(inputs({"id": key}))
    last = companies.basic_api.create({"properties": {"name": "Last"}, "associations": []})
    companies.basic_api.archive(last.id)
    owner = hub.crm.owners.owners_api.get_page(limit=1).results[0]
    hub.crm.owners.owners_api.get_by_id(int(owner.id))


def _associations(hub):
    v4 = hub.crm.associations.v4
    pair = ("companies", OTHER, "contacts")
    v4.basic_api.create_default("companies", OTHER, "contacts", CONTACT)
    v4.basic_api.create(*pair, CONTACT, [SPEC])
    v4.basic_api.get_page(*pair)
    v4.basic_api.archive(*pair, CONTACT)
    kinds = ("companies", "contacts")
    v4.batch_api.create(*kinds, inputs({**PAIR, "types": [SPEC]}))
    v4.batch_api.create_default(*kinds, inputs(PAIR))
    v4.batch_api.get_page(*kinds, inputs({"id": COMPANY}))
    labels = v4.schema.definitions_api
    label = labels.create(*kinds, {"name": "buyer", "label": "Buyer"}).results[0].type_id
    labels.update(*kinds, {"associationTypeId": label, "label": "Chief buyer"})
    assert label in {each.type_id for each in labels.get_all(*kinds).results}
    own = {"associationCategory": "USER_DEFINED", "associationTypeId": label}
    v4.batch_api.create(*kinds, inputs({**PAIR, "types": [own]}))
    v4.batch_api.archive_labels(*kinds, inputs({**PAIR, "types": [own]}))
    labels.remove(*kinds, label)
    v4.batch_api.archive(*kinds, inputs({"from": {"id": COMPANY}, "to": [{"id": CONTACT}]}))
    v3 = hub.crm.associations
    v3.schema.types_api.get_all(*kinds)
    linked = {**PAIR, "type": "company_to_contact"}
    v3.batch_api.create(*kinds, inputs(linked))
    told = v3.batch_api.read(*kinds, inputs({"id": COMPANY})).results[0].to
    assert CONTACT in {each.id for each in told}
    v3.batch_api.archive(*kinds, inputs(linked))


def _properties(hub):
    api = hub.crm.properties
    group = {"name": "tour", "label": "Tour"}
    api.groups_api.create("deals", group)
    api.groups_api.get_all("deals")
    api.groups_api.get_by_name("deals", "tour")
    api.groups_api.update("deals", "tour", {"label": "The tour"})
    given = {"label": "X", "type": "string", "fieldType": "text", "groupName": "tour"}
    api.core_api.create("deals", {"name": "one", **given})
    api.core_api.get_all("deals")
    api.core_api.get_by_name("deals", "one")
    api.core_api.update("deals", "one", {"label": "One"})
    api.core_api.archive("deals", "one")
    api.batch_api.create("deals", inputs({"name": "two", **given}))
    api.batch_api.read("deals", {**inputs({"name": "two"}), "archived": False})
    api.batch_api.archive("deals", inputs({"name": "two"}))
    api.groups_api.archive("deals", "tour")


def _pipelines(hub):
    pipelines, stages = hub.crm.pipelines.pipelines_api, hub.crm.pipelines.pipeline_stages_api
    made = pipelines.create("deals", {"label": "Tour", "displayOrder": 3, "stages": [STAGE]})
    place = ("deals", made.id)
    pipelines.get_all("deals")
    pipelines.get_by_id(*place)
    pipelines.update(*place, {"label": "The tour"})
    pipelines.replace(*place, {"label": "Tour", "displayOrder": 4, "stages": [STAGE]})
    second = stages.create(*place, {**STAGE, "label": "Second"})
    stages.get_all(*place)
    stages.get_by_id(*place, second.id)
    stages.update(*place, second.id, {"label": "2nd"})
    stages.replace(*place, second.id, {**STAGE, "label": "Two"})
    stages.archive(*place, second.id)
    pipelines.archive(*place)


def _schemas(hub):
    api = hub.crm.schemas.core_api
    made = api.create(
        {
            "name": "machine", "labels": {"singular": "Machine", "plural": "Machines"},
            "requiredProperties": [], "associatedObjects": ["COMPANY"],
            "properties": [
                {"name": "serial", "label": "Serial", "type": "string", "fieldType": "text"}
            ],
        }
    )  # fmt: skip
    key = made.object_type_id
    api.get_all()
    api.get_by_id(key)
    api.update(key, {"primaryDisplayProperty": "serial"})
    link = api.create_association(key, {"fromObjectTypeId": key, "toObjectTypeId": "0-3"})
    api.archive_association(key, link.id)
    api.archive(key)


def _webhooks(developer):
    app = PUBLIC_APP.id
    settings, subscriptions = developer.webhooks.settings_api, developer.webhooks.subscriptions_api
    throttling = {"maxConcurrentRequests": 10}
    settings.configure(app, {"targetUrl": "https://app.example/hook", "throttling": throttling})
    settings.get_all(app)
    made = subscriptions.create(app, {"eventType": "contact.creation", "active": False})
    subscriptions.get_all(app)
    subscriptions.get_by_id(int(made.id), app)
    subscriptions.update_batch(app, inputs({"id": int(made.id), "active": True}))
    subscriptions.update(int(made.id), app, {"active": False})
    subscriptions.archive(int(made.id), app)
    settings.clear(app)


def _tokens(hub):
    given = {"client_id": PUBLIC_APP.client_id, "client_secret": PUBLIC_APP.secret}
    tokens = hub.oauth.tokens_api.create(
        grant_type="refresh_token", refresh_token=REFRESH_TOKEN, **given
    )
    hub.oauth.access_tokens_api.get(tokens.access_token)
    hub.oauth.refresh_tokens_api.get(REFRESH_TOKEN)
    hub.oauth.refresh_tokens_api.archive(REFRESH_TOKEN)


def test_what_is_called_proven_by_a_client_is_what_the_client_reached(toured):
    assert toured == PROVEN
