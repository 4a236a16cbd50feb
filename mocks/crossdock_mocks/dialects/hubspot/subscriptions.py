"""Webhooks: where the events of an app are sent, and which it wants to be told.

A developer manages them, with a key that is for all of its apps. What is to be sent is signed and
sent by the engine; here it is only said which events there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.hubspot import batching
from crossdock_mocks.dialects.hubspot.apps import APPS, App
from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid
from crossdock_mocks.dialects.hubspot.events import NAMED
from crossdock_mocks.dialects.hubspot.kinds import find_kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.engine import Call, Reply, World

_APPS: Final = {each.id: each for each in APPS if each.client_id}
SCHEME: Final = "hubspot-v3"
MOST: Final = 1_000
"""Subscriptions that an app may have, as the vendor documents."""


def get_settings(call: Call) -> Reply:
    """Where the events of an app are sent."""
    return Reply(200, _settings(call))


def put_settings(call: Call) -> Reply:
    """Say where the events of an app are sent."""
    app, portal = _app(call), Portal(call.world)
    table, at = portal.table("settings"), portal.stamp
    before = table.get(_key(app))
    row = {
        "id": _key(app), "app": app.id, **call.body,
        "createdAt": at if before is None else before["createdAt"], "updatedAt": at,
    }  # fmt: skip
    if before is None:
        table.insert(row)
    else:
        table.replace(row)
    return Reply(200, _answer(row))


def delete_settings(call: Call) -> Reply:
    """Stop sending the events of an app; it has no subscriptions any more."""
    app = _app(call)
    _settings(call)
    call.world.table("hubspot_settings").delete(_key(app))
    table = call.world.table("hubspot_subscriptions")
    for each in list(table.find({"app": app.id})):
        table.delete(each["id"])
    return Reply(204)


def list_subscriptions(call: Call) -> Reply:
    """All subscriptions of an app."""
    app = _app(call)
    rows = call.world.table("hubspot_subscriptions").find({"app": app.id})
    return Reply(200, {"results": [_answer(row) for row in rows]})


def get_subscription(call: Call) -> Reply:
    """One subscription."""
    return Reply(200, _answer(_read(call)))


def create_subscription(call: Call) -> Reply:
    """Subscribe to a type of event.

    Raises:
        Refusal: 400, there is no such event; 409, the app has this subscription already.
    """
    app, body, world = _app(call), call.body, call.world
    event, name = body["eventType"], body.get("propertyName")
    prefix, _, verb = event.partition(".")
    type_id = _type_id(world, prefix, body.get("objectTypeId"))
    if (verb == "propertyChange") is (name is None):
        word = "needs" if name is None else "takes no"
        raise invalid(f"{event} {word} propertyName.", "INVALID_SUBSCRIPTION")
    table = world.table("hubspot_subscriptions")
    for each in table.find({"app": app.id}):
        if (each["eventType"], each["propertyName"], each["objectTypeId"]) == (
            event,
            name,
            type_id,
        ):
            raise Refusal(409, f"The app is subscribed to {event} already.")
    if table.count({"app": app.id}) >= MOST:
        raise invalid(f"An app has at most {MOST} subscriptions.", "LIMIT_REACHED")
    at = Portal(world).stamp
    row = {
        "id": world.sequence("hubspot_subscriptions", start=2_000_001), "app": app.id,
        "eventType": event, "propertyName": name, "objectTypeId": type_id,
        "active": body.get("active", False), "createdAt": at, "updatedAt": at,
    }  # fmt: skip
    table.insert(row)
    return Reply(201, _answer(row))


def update_subscription(call: Call) -> Reply:
    """Pause a subscription, or go on with it."""
    return Reply(200, _answer(_switched(call.world, _read(call), call.body["active"])))


def update_subscriptions(call: Call) -> Reply:
    """Pause some subscriptions, or go on with them."""
    app, table = _app(call), call.world.table("hubspot_subscriptions")

    def do(each: Mapping[str, Any]) -> dict[str, Any]:
        key = str(int(each["id"]))
        row = table.get(key)
        if row is None or row["app"] != app.id:
            raise _unknown(key)
        return _answer(_switched(call.world, row, each["active"]))

    portal = Portal(call.world)
    results, errors = batching.each_alone(portal, batching.limited(call.body["inputs"]), do)
    return batching.answer(portal, results, errors)


def archive_subscription(call: Call) -> Reply:
    """End a subscription."""
    call.world.table("hubspot_subscriptions").delete(_read(call)["id"])
    return Reply(204)


def connect(world: World) -> None:
    """Let the engine send what the settings of the apps ask for.

    It is called before an exchange does anything: what the engine watches is no part of a
    transaction, and no event can come before it.
    """
    wanted = {
        (app.id, row["targetUrl"])
        for app in _APPS.values()
        if (row := world.table("hubspot_settings").get(_key(app))) is not None
    }
    if not wanted and not world.subscribed:
        return
    known = {
        (int(each.events[0].partition(":")[2]), each.url): each.id
        for each in world.webhooks.subscriptions
        if each.scheme == SCHEME
    }
    for pair in known.keys() - wanted:
        world.webhooks.unsubscribe(known[pair])
    for app_id, url in sorted(wanted - known.keys()):
        world.webhooks.subscribe(url, [event_name(app_id)], _APPS[app_id].secret, SCHEME)


def event_name(app_id: int) -> str:
    """What the events for an app are called within the engine."""
    return f"app:{app_id}"


def _key(app: App) -> str:
    return f"webhooks:{app.id}"


def _app(call: Call) -> App:
    app = _APPS.get(call.path["appId"])
    if app is None:
        raise Refusal(404, f"There is no app {call.path['appId']} of this developer.")
    return app


def _settings(call: Call) -> dict[str, Any]:
    row = call.world.table("hubspot_settings").get(_key(_app(call)))
    if row is None:
        raise Refusal(404, "The app has no webhook settings.")
    return _answer(row)


def _answer(row: Row) -> dict[str, Any]:
    internal = {"app"} if "eventType" in row else {"app", "id"}
    return {
        name: value for name, value in row.items() if value is not None and name not in internal
    }


def _read(call: Call) -> Row:
    app, key = _app(call), call.path["subscriptionId"]
    row = call.world.table("hubspot_subscriptions").get(key)
    if row is None or row["app"] != app.id:
        raise _unknown(key)
    return row


def _unknown(key: str) -> Refusal:
    return Refusal(404, f"There is no subscription {key}.", context={"id": [key]})


def _switched(world: World, row: Row, active: bool) -> Row:
    changes = {"active": active, "updatedAt": Portal(world).stamp}
    return world.table("hubspot_subscriptions").update(row["id"], **changes)


def _type_id(world: World, prefix: str, given: str | None) -> str | None:
    """The kind of record that `object.*` is about; other event types name it themselves."""
    if prefix != "object":
        if prefix not in NAMED:
            raise invalid(f"There are no events of {prefix}.", "INVALID_SUBSCRIPTION")
        return None
    kind = None if given is None else find_kind(world, given)
    if kind is None:
        raise invalid("An event of an object needs its objectTypeId.", "INVALID_SUBSCRIPTION")
    return kind.type_id
