"""Every operation of the document reaches its success and each refusal that it documents.

The cases are enumerated from the document itself, so an operation or an answer that is added there
without a way to reach it fails here.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import httpx
import pytest

from crossdock.specifications import specification
from crossdock_mocks.dialects.hubspot.apps import (
    CONTACTS_ONLY,
    DEVELOPER_KEY,
    PRIVATE_APP,
    PUBLIC_APP,
    REFRESH_TOKEN,
)
from crossdock_mocks.engine import MockTransport
from crossdock_mocks.engine.document import parse

NUMBERS = itertools.count(1)

DOCUMENT: dict[str, Any] = parse(specification("hubspot.openapi.yaml").read_bytes(), "hubspot")
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "x-aliases"
}
ANSWERS = [
    (name, int(status))
    for name, (_, _, operation) in OPERATIONS.items()
    for status in operation["responses"]
    if status != "default"
]

COMPANY, OTHER, CONTACT, DEAL = "20001001", "20001002", "10001001", "30001001"
TOKEN = {
    "grant_type": "refresh_token", "client_id": PUBLIC_APP.client_id,
    "client_secret": PUBLIC_APP.secret, "refresh_token": REFRESH_TOKEN,
}  # fmt: skip
PLACES = {
    "objectType": "companies", "objectId": COMPANY, "toObjectType": "contacts",
    "toObjectId": CONTACT, "fromObjectType": "companies", "fromObjectId": COMPANY,
    "associationType": "company_to_contact", "ownerId": "50001", "propertyName": "crossdock_email",
    "groupName": "spare", "pipelineId": "default", "stageId": "prospecting", "appId": PUBLIC_APP.id,
    "token": REFRESH_TOKEN, "subscriptionId": "{subscription}",
}  # fmt: skip
# Places that an operation needs others in than those above.
ELSEWHERE: dict[str, dict[str, Any]] = {
    **{name: {"objectType": "deals"} for name, (_, path, _) in OPERATIONS.items()
       if path.startswith("/crm/v3/pipelines")},
    **{name: {"objectType": "thing"} for name, (_, path, _) in OPERATIONS.items()
       if "{objectType}" in path and path.startswith("/crm-object-schemas")},
    "getPipeline": {"objectType": "deals"},
    "archivePipeline": {"objectType": "deals", "pipelineId": "{pipeline}"},
    "archiveStage": {"objectType": "deals", "pipelineId": "{pipeline}", "stageId": "{stage}"},
    "getAccessToken": {"token": "{access}"},
    "archiveAssociationLabel": {"associationTypeId": "{label}"},
    "archiveSchema": {"objectType": "empty"},
    "archiveSchemaAssociation": {"objectType": "thing", "associationIdentifier": "{link}"},
}  # fmt: skip
SPEC = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280}
PAIR = {"from": {"id": COMPANY}, "to": {"id": CONTACT}}
PROPERTY = {
    "name": "colour", "label": "Colour", "type": "string", "fieldType": "text",
    "groupName": "crossdock",
}  # fmt: skip
STAGE = {"label": "New", "displayOrder": 7, "metadata": {"probability": "0.5"}}
STAGES = [{**STAGE, "stageId": each} for each in ("prospecting", "initiate")]
SETTINGS = {"targetUrl": "http://127.0.0.1:9/hook", "throttling": {"maxConcurrentRequests": 10}}
SERIAL = {"name": "serial", "label": "Serial", "type": "string", "fieldType": "text"}
SCHEMA = {
    "name": "machine", "labels": {"singular": "Machine", "plural": "Machines"},
    "requiredProperties": [], "associatedObjects": ["COMPANY"], "properties": [SERIAL],
}  # fmt: skip
ONE = {"inputs": [{"id": COMPANY}]}
# A body that is accepted.
BODIES: dict[str, Any] = {
    "issueToken": TOKEN,
    "getPrivateAppToken": {"tokenKey": PRIVATE_APP.token},
    "createObject": {"properties": {"name": "New Ltd"}},
    "updateObject": {"properties": {"city": "Graz"}},
    "mergeObjects": {"primaryObjectId": COMPANY, "objectIdToMerge": OTHER},
    "searchObjects": {"query": "gmbh"},
    "batchReadObjects": ONE,
    "batchCreateObjects": {"inputs": [{"properties": {"name": "New Ltd"}}]},
    "batchUpdateObjects": {"inputs": [{"id": COMPANY, "properties": {"city": "Graz"}}]},
    "batchUpsertObjects": {"inputs": [{"id": COMPANY, "properties": {"city": "Graz"}}]},
    "batchArchiveObjects": ONE,
    "batchReadAssociationsV3": ONE,
    "batchCreateAssociationsV3": {"inputs": [{**PAIR, "type": "company_to_contact"}]},
    "batchArchiveAssociationsV3": {"inputs": [{**PAIR, "type": "company_to_contact"}]},
    "associateByLabels": [SPEC],
    "batchReadAssociations": ONE,
    "batchCreateAssociations": {"inputs": [{**PAIR, "types": [SPEC]}]},
    "batchAssociateByDefault": {"inputs": [PAIR]},
    "batchArchiveAssociations": {"inputs": [{"from": {"id": COMPANY}, "to": [{"id": CONTACT}]}]},
    "batchArchiveAssociationLabels": {"inputs": [{**PAIR, "types": [SPEC]}]},
    "createAssociationLabel": {"name": "boss", "label": "Boss"},
    "updateAssociationLabel": {"associationTypeId": "{label}", "label": "Former buyer"},
    "createProperty": PROPERTY,
    "updateProperty": {"label": "E-mail of the company"},
    "batchReadProperties": {"inputs": [{"name": "name"}]},
    "batchCreateProperties": {"inputs": [PROPERTY]},
    "batchArchiveProperties": {"inputs": [{"name": "crossdock_email"}]},
    "createPropertyGroup": {"name": "more", "label": "More"},
    "updatePropertyGroup": {"label": "Spare parts"},
    "createPipeline": {"label": "Second", "displayOrder": 1, "stages": [STAGE]},
    "replacePipeline": {"label": "Empty", "displayOrder": 1, "stages": [STAGE]},
    "updatePipeline": {"label": "Sales"},
    "createStage": STAGE,
    "replaceStage": STAGE,
    "updateStage": {"label": "Prospects"},
    "createSchema": SCHEMA,
    "updateSchema": {"labels": {"plural": "Many"}},
    "createSchemaAssociation": {"fromObjectTypeId": "thing", "toObjectTypeId": "0-3"},
    "putWebhookSettings": SETTINGS,
    "createSubscription": {"eventType": "contact.creation"},
    "updateSubscription": {"active": True},
    "batchUpdateSubscriptions": {"inputs": [{"id": "{subscription}", "active": True}]},
}  # fmt: skip
ELSEWHERE["replacePipeline"] = {"objectType": "deals", "pipelineId": "{pipeline}"}
QUERY = {
    "authorize": {"client_id": PUBLIC_APP.client_id, "redirect_uri": PUBLIC_APP.redirects[0]},
}
# What else is sent to reach an answer: a body, or `path` and `query` that differ.
GONE = {"inputs": [{"id": COMPANY}, {"id": "999"}]}
TRACED = [{"properties": properties, "objectWriteTraceId": f"t{number}"}
          for number, properties in enumerate([{"name": "Good"}, {"nothing": "1"}])]  # fmt: skip
MISSING = {"to": {"id": "999"}, "types": [SPEC]}
NO_PAIR = {"from": {"id": COMPANY}, "to": {"id": "999"}}
SPECIAL: dict[tuple[str, int], dict[str, Any]] = {
    ("authorize", 400): {"query": {"client_id": "x", "redirect_uri": "http://x"}},
    ("issueToken", 400): {"body": {**TOKEN, "client_secret": "x"}},
    ("getPrivateAppToken", 401): {"body": {"tokenKey": "x"}},
    ("getPrivateAppToken", 400): {"body": {}},
    ("createObject", 404): {"body": {"properties": {"name": "x"}, "associations": [MISSING]}},
    ("createObject", 409): {"path": {"objectType": "contacts"},
                            "body": {"properties": {"email": "{email}"}}},
    ("updateObject", 409): {"path": {"objectType": "contacts", "objectId": "10001002"},
                            "body": {"properties": {"email": "{email}"}}},
    ("mergeObjects", 404): {"body": {"primaryObjectId": COMPANY, "objectIdToMerge": "999"}},
    ("batchReadObjects", 207): {"body": GONE},
    ("batchCreateObjects", 207): {"body": {"inputs": TRACED}},
    ("batchCreateObjects", 404): {
        "body": {"inputs": [{"properties": {"name": "x"}, "associations": [MISSING]}]}},
    ("batchCreateObjects", 409): {"path": {"objectType": "contacts"},
                                  "body": {"inputs": [{"properties": {"email": "{email}"}}]}},
    ("batchUpdateObjects", 207): {"body": {"inputs": [{"id": "999", "properties": {}}]}},
    ("batchUpdateObjects", 409): {
        "path": {"objectType": "contacts"},
        "body": {"inputs": [{"id": "10001002", "properties": {"email": "{email}"}}]}},
    ("batchUpsertObjects", 207): {"body": {"inputs": [{**TRACED[0], "id": "999"}]}},
    ("batchUpsertObjects", 404): {"body": {"inputs": [{"id": "999", "properties": {}}]}},
    ("batchUpsertObjects", 409): {
        "path": {"objectType": "contacts"},
        "body": {"inputs": [{"id": "10001002", "properties": {"email": "{email}"}}]}},
    ("dissociateObjects", 404): {"path": {"objectId": "999"}},
    ("dissociateByLabels", 404): {"path": {"objectId": "999"}},
    ("associateObjects", 404): {"path": {"toObjectId": "999"}},
    ("batchReadAssociationsV3", 207): {"body": GONE},
    ("batchCreateAssociationsV3", 207): {
        "body": {"inputs": [{**NO_PAIR, "type": "company_to_contact"}]}},
    ("associateByLabels", 404): {"path": {"toObjectId": "999"}},
    ("associateByDefault", 404): {"path": {"toObjectId": "999"}},
    ("batchReadAssociations", 207): {"body": GONE},
    ("batchCreateAssociations", 207): {"body": {"inputs": [{**NO_PAIR, "types": [SPEC]}]}},
    ("batchAssociateByDefault", 207): {"body": {"inputs": [NO_PAIR]}},
    ("createAssociationLabel", 409): {"body": {"name": "buyer", "label": "Buyer"}},
    ("updateAssociationLabel", 404): {"body": {"associationTypeId": 99_999, "label": "x"}},
    ("listOwners", 400): {"query": {"limit": 501}},
    ("getOwner", 400): {"query": {"idProperty": "email"}},
    ("createProperty", 409): {"body": {**PROPERTY, "name": "name"}},
    ("batchReadProperties", 207): {"body": {"inputs": [{"name": "nothing"}]}},
    ("batchCreateProperties", 207): {"body": {"inputs": [PROPERTY, PROPERTY]}},
    ("createPropertyGroup", 409): {"body": {"name": "crossdock", "label": "x"}},
    ("createPipeline", 409): {
        "body": {"label": "Sales Pipeline", "displayOrder": 1, "stages": [STAGE]}},
    ("replacePipeline", 409): {
        "body": {"label": "Sales Pipeline", "displayOrder": 1, "stages": [STAGE]}},
    ("updatePipeline", 409): {"path": {"pipelineId": "{pipeline}"},
                              "body": {"label": "Sales Pipeline"}},
    ("createStage", 409): {"body": {**STAGE, "label": "Initiate"}},
    ("replaceStage", 409): {"body": {**STAGE, "label": "Initiate"}},
    ("updateStage", 409): {"body": {"label": "Initiate"}},
    ("listSchemas", 400): {"query": {"archived": "perhaps"}},
    ("createSchema", 409): {"body": {**SCHEMA, "name": "thing"}},
    ("createSchema", 400): {"body": {**SCHEMA, "requiredProperties": ["nothing"]}},
    ("updateSchema", 400): {"body": {"requiredProperties": ["nothing"]}},
    ("archiveSchema", 400): {"path": {"objectType": "thing"}},
    ("createSchemaAssociation", 400): {
        "body": {"fromObjectTypeId": "0-1", "toObjectTypeId": "0-3"}},
    ("createSchemaAssociation", 409): {
        "body": {"fromObjectTypeId": "thing", "toObjectTypeId": "0-2"}},
    ("putWebhookSettings", 400): {"body": {**SETTINGS, "targetUrl": "ftp://x"}},
    ("createSubscription", 400): {"body": {"eventType": "contact.propertyChange"}},
    ("createSubscription", 409): {"body": {"eventType": "contact.deletion"}},
    ("updateSubscription", 400): {"body": {"active": "yes"}},
    ("batchUpdateSubscriptions", 400): {"body": {"inputs": []}},
    ("batchUpdateSubscriptions", 207): {"body": {"inputs": [{"id": 1, "active": True}]}},
    ("archivePipeline", 400): {"path": {"pipelineId": "default"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def prepared(app, seeded):
    """A world in which there is what some operations need, and names for it as in braces above."""
    world = seeded.fork("prepared")
    transport = MockTransport(app, world)
    with httpx.Client(transport=transport, base_url="http://m") as client:
        yield world, _prepare(client)
    world.close()


def _prepare(client):
    bearer = {"Authorization": f"Bearer {PRIVATE_APP.token}"}
    key = {"hapikey": DEVELOPER_KEY}
    webhooks = f"/webhooks/v3/{PUBLIC_APP.id}"

    def post(path, body):
        developer = path.startswith(webhooks)
        headers, query = ({}, key) if developer else (bearer, {})
        answer = client.post(path, json=body, headers=headers, params=query)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    made: dict[str, Any] = {}
    labels = "/crm/v4/associations/companies/contacts/labels"
    made["label"] = post(labels, {"name": "buyer", "label": "Buyer"})["results"][0]["typeId"]
    post("/crm/v3/properties/companies/groups", {"name": "spare", "label": "Spare"})
    body = {"label": "Empty", "displayOrder": 5, "stages": [STAGE, {**STAGE, "label": "Two"}]}
    pipeline = post("/crm/v3/pipelines/deals", body)
    made["pipeline"], made["stage"] = pipeline["id"], pipeline["stages"][0]["id"]
    for name in ("thing", "empty"):
        schema = post("/crm-object-schemas/v3/schemas", {**SCHEMA, "name": name})
        if name == "thing":
            made["link"] = schema["associations"][0]["id"]
    post("/crm/v3/objects/thing", {"properties": {"serial": "1"}})
    client.put(f"{webhooks}/settings", params=key, json=SETTINGS).raise_for_status()
    event = {"eventType": "contact.deletion"}
    made["subscription"] = post(f"{webhooks}/subscriptions", event)["id"]
    made["access"] = client.post("/oauth/v1/token", data=TOKEN).json()["access_token"]
    contact = client.get(f"/crm/v3/objects/contacts/{CONTACT}", headers=bearer).json()
    made["email"] = contact["properties"]["email"]
    return made


@pytest.fixture
def world(prepared):
    made = prepared[0].fork(f"answer-{next(NUMBERS)}")
    yield made
    made.close()


def filled(given, values):
    """A body or path with what stands in braces filled in."""
    if isinstance(given, dict):
        return {name: filled(each, values) for name, each in given.items()}
    if isinstance(given, list):
        return [filled(each, values) for each in given]
    if isinstance(given, str) and (found := re.fullmatch(r"\{(\w+)\}", given)):
        value = values[found[1]]
        # Ids travel as text in a path and as numbers in some bodies.
        return int(value) if found[1] in ("subscription", "label") else value
    return given


def first_wrong(path):
    """The last place of a path that can name something that is not there."""
    names = re.findall(r"\{(\w+)\}", path)
    for name in reversed(names):
        if name not in ("objectType", "toObjectType", "fromObjectType", "associationType"):
            return {name: 999 if name in ("appId", "associationTypeId") else "999"}
    return {"objectType": "nothing"}


@pytest.mark.parametrize(("name", "status"), ANSWERS, ids=[f"{n}-{s}" for n, s in ANSWERS])
def test_an_operation_reaches_an_answer_that_it_documents(
    open_client, world, prepared, name, status
):
    method, path, operation = OPERATIONS[name]
    special = SPECIAL.get((name, status), {})
    values = prepared[1]
    places = {**PLACES, **ELSEWHERE.get(name, {})}
    body, query = special.get("body", BODIES.get(name)), dict(QUERY.get(name, {}))
    webhooks = operation.get("security") == [{"developer_key": []}]
    token = None if webhooks or operation.get("security") == [] else PRIVATE_APP.token
    if webhooks and status != 401:
        query["hapikey"] = DEVELOPER_KEY
    if status == 401:
        token = None
    elif status == 403:
        token = CONTACTS_ONLY.token
    elif status == 429:
        limits = {"enforced": "always", "private": 0, "search": 0}
        world.table("hubspot_settings").update("account", limits=limits)
    elif status == 404 and not special:
        places.update(first_wrong(path))
    elif status == 400 and not special:
        assert "{objectType}" in path or "{fromObjectType}" in path
        places.update(objectType="spaceships", fromObjectType="spaceships")
    places.update(special.get("path", {}))
    query.update(special.get("query", {}))
    target = re.sub(r"\{(\w+)\}", lambda m: str(filled(places[m[1]], values)), path)
    content = next(iter(operation.get("requestBody", {}).get("content", {})), "application/json")
    sent = (
        {"data" if "form" in content else "json": filled(body, values)} if body is not None else {}
    )
    answer = open_client(token).request(method.upper(), target, params=query, **sent)
    assert answer.status_code == status, answer.text
    if status >= 400 and name != "issueToken":
        assert answer.json()["status"] == "error"
