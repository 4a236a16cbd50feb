"""Webhooks of an app: subscribed to with the developer's key, signed, a hundred at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hubspot.utils.signature import Signature

from crossdock_mocks.dialects.hubspot.apps import DEVELOPER_KEY, PORTAL, PUBLIC_APP
from crossdock_mocks.engine.webhooks import WebhookCatcher

APP = f"/webhooks/v3/{PUBLIC_APP.id}"
KEY = {"hapikey": DEVELOPER_KEY}


@pytest.fixture
def catcher(world):
    made = WebhookCatcher(scheme="none")
    world.webhooks.post = made.post
    return made


@pytest.fixture
def subscribe(open_client, catcher):
    """Subscribes the app to types of event; `contact.propertyChange:city` names a property."""
    developer = open_client(None)

    def give(*types, active=True):
        settings = {"targetUrl": f"{catcher.url}hook", "throttling": {"maxConcurrentRequests": 10}}
        answer = developer.put(f"{APP}/settings", params=KEY, json=settings)
        assert answer.status_code == 200, answer.text
        made = []
        for each in types:
            event, _, name = each.partition(":")
            event, _, type_id = event.partition("@")
            body = {"eventType": event, "active": active}
            if name:
                body["propertyName"] = name
            if type_id:
                body["objectTypeId"] = type_id
            answer = developer.post(f"{APP}/subscriptions", params=KEY, json=body)
            assert answer.status_code == 201, answer.text
            made.append(answer.json())
        return made

    return give


def sent(world, catcher):
    """The events that were sent since the last time."""
    before = len(catcher.caught)
    world.webhooks.flush()
    return [event for caught in catcher.caught[before:] for event in caught.json()]


def test_an_app_is_told_what_it_subscribed_to(world, catcher, subscribe, hubspot, create):
    made, city = subscribe("contact.creation", "company.propertyChange:city")
    key = create("contacts", email="new@example.com", city="Linz")["id"]
    for value in ("Graz", "Graz"):
        hubspot.patch("/crm/v3/objects/companies/20001001", json={"properties": {"city": value}})
    hubspot.patch("/crm/v3/objects/companies/20001001", json={"properties": {"phone": "1"}})
    first, second = sent(world, catcher)
    assert first == {
        "eventId": first["eventId"], "subscriptionId": int(made["id"]), "portalId": PORTAL,
        "appId": PUBLIC_APP.id, "occurredAt": int(world.now.timestamp() * 1000),
        "subscriptionType": "contact.creation", "attemptNumber": 0, "objectId": int(key),
        "changeSource": "INTEGRATION", "sourceId": "3010002", "changeFlag": "CREATED",
    }  # fmt: skip
    assert second["subscriptionId"] == int(city["id"])
    told = [second[name] for name in ("objectId", "propertyName", "propertyValue")]
    assert told == [20001001, "city", "Graz"]
    assert sent(world, catcher) == []


def test_creation_deletion_merge_and_links_are_told(world, catcher, subscribe, hubspot, create):
    subscribe(
        "company.creation", "company.deletion", "company.merge", "contact.associationChange",
        "object.creation@0-123", "object.propertyChange@0-123:hs_order_name",
    )  # fmt: skip
    one, other = (create("companies", name=each)["id"] for each in ("One", "Other"))
    contact = "/crm/v4/objects/contacts/10001001/associations"
    hubspot.put(f"{contact}/default/companies/{one}")
    hubspot.delete(f"{contact}/companies/{one}")
    hubspot.post(
        "/crm/v3/objects/companies/merge", json={"primaryObjectId": one, "objectIdToMerge": other}
    )
    hubspot.delete(f"/crm/v3/objects/companies/{one}")
    order = create("orders", hs_order_name="First")["id"]
    told = [
        (each["subscriptionType"], each.get("objectId", each.get("fromObjectId")))
        for each in sent(world, catcher)
    ]
    assert told == [
        ("company.creation", int(one)),
        ("company.creation", int(other)),
        ("contact.associationChange", 10001001),
        ("contact.associationChange", 10001001),
        ("company.deletion", int(other)),
        ("company.merge", int(one)),
        ("company.deletion", int(one)),
        ("object.creation", int(order)),
        ("object.propertyChange", int(order)),
    ]


def test_a_message_has_up_to_a_hundred_events(world, catcher, subscribe, hubspot):
    subscribe("contact.creation")
    for start, end in ((0, 100), (100, 200), (200, 250)):
        inputs = [
            {"properties": {"email": f"p{number}@many.example"}} for number in range(start, end)
        ]
        answer = hubspot.post("/crm/v3/objects/contacts/batch/create", json={"inputs": inputs})
        assert answer.status_code == 201, answer.text
    world.webhooks.flush()
    sizes = [len(caught.json()) for caught in catcher.caught]
    assert sizes == [100, 100, 50]
    for caught in catcher.caught:
        assert caught.headers["x-hubspot-signature-v3"] == Signature.get_signature(
            PUBLIC_APP.secret, caught.body.decode(), "v3", f"{catcher.url}hook", "POST",
            caught.headers["x-hubspot-request-timestamp"],
        )  # fmt: skip


def test_what_a_refused_request_would_have_changed_is_not_told(world, catcher, subscribe, hubspot):
    subscribe("contact.creation")
    inputs = [{"properties": {"email": "a@x.example"}}, {"properties": {"email": "broken"}}]
    answer = hubspot.post("/crm/v3/objects/contacts/batch/create", json={"inputs": inputs})
    assert answer.status_code == 400
    assert sent(world, catcher) == []


def test_the_vendors_own_client_believes_the_signature(app, dataset, catcher):
    """It checks the time against the real clock, so this world goes by that."""
    world = app.open_world(dataset, now=datetime.now(UTC), name="signed")
    world.webhooks.post = catcher.post
    world.webhooks.subscribe(f"{catcher.url}hook?x=1", ["*"], PUBLIC_APP.secret, "hubspot-v3")
    event = {"attemptNumber": 0}
    world.table("hubspot_events").insert({"n": 1, "app": PUBLIC_APP.id, "event": event})
    world.webhooks.flush()
    (caught,) = catcher.caught
    given = {
        "client_secret": PUBLIC_APP.secret, "request_body": caught.body.decode(),
        "http_method": "POST", "signature_version": "v3",
        "signature": caught.headers["x-hubspot-signature-v3"],
        "timestamp": caught.headers["x-hubspot-request-timestamp"],
    }  # fmt: skip
    assert Signature.is_valid(http_uri=f"{catcher.url}hook?x=1", **given)
    assert not Signature.is_valid(http_uri=f"{catcher.url}hook?x=2", **given)
    assert not Signature.is_valid(
        http_uri=f"{catcher.url}hook?x=1", **{**given, "client_secret": "another"}
    )
    world.close()


def test_what_is_not_taken_is_sent_again_for_a_day(world, catcher, subscribe, create):
    subscribe("company.creation")
    catcher.answer(*[500] * 11)
    create("companies", name="Stubborn")
    for _ in range(30):
        world.webhooks.flush()
        world.clock.advance(timedelta(hours=1))
    attempts = [caught.json()[0]["attemptNumber"] for caught in catcher.caught]
    assert attempts == list(range(11))
    assert len({caught.json()[0]["eventId"] for caught in catcher.caught}) == 1
    assert [each.state for each in world.webhooks.deliveries] == ["given_up"]


def test_a_paused_subscription_tells_nothing(world, catcher, subscribe, open_client, create):
    (made,) = subscribe("company.creation", active=False)
    create("companies", name="Unheard")
    assert sent(world, catcher) == []
    place = f"{APP}/subscriptions/{made['id']}"
    answer = open_client(None).patch(place, params=KEY, json={"active": True})
    assert answer.json()["active"] is True
    create("companies", name="Heard")
    assert len(sent(world, catcher)) == 1


def test_without_settings_nothing_is_sent_any_more(world, catcher, subscribe, open_client, create):
    subscribe("company.creation")
    developer = open_client(None)
    assert developer.delete(f"{APP}/settings", params=KEY).status_code == 204
    create("companies", name="Unheard")
    assert sent(world, catcher) == []
    assert developer.get(f"{APP}/settings", params=KEY).status_code == 404
    assert developer.get(f"{APP}/subscriptions", params=KEY).json() == {"results": []}


@pytest.mark.parametrize(
    "body",
    [
        {"eventType": "contact.propertyChange"},
        {"eventType": "contact.creation", "propertyName": "city"},
        {"eventType": "spaceship.creation"},
        {"eventType": "object.creation"},
        {"eventType": "object.creation", "objectTypeId": "9-9"},
        {"eventType": "contact.explosion"},
        {},
    ],
)
def test_a_subscription_that_makes_no_sense_is_refused(open_client, body):
    answer = open_client(None).post(f"{APP}/subscriptions", params=KEY, json=body)
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_webhooks_are_managed_with_the_developers_key_alone(open_client, hubspot):
    assert hubspot.get(f"{APP}/subscriptions").status_code == 401
    answer = open_client(None).get(f"{APP}/subscriptions", params={"hapikey": "wrong"})
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert open_client(None).get("/webhooks/v3/1/subscriptions", params=KEY).status_code == 404
