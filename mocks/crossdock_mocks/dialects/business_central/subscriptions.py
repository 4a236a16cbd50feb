"""Subscriptions to changes: a handshake, three days of life, notifications half a minute later.

Changes of one subscription wait for each other and are told together; more than a hundred become
one notification of the whole collection. Nothing is signed: what a subscriber knows a notification
by is its `clientState`. (Microsoft: Working with webhooks in Business Central.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

from crossdock_mocks.dialects.business_central.errors import (
    bad_request,
    dialog,
    key_taken,
    no_record,
    refusal,
)
from crossdock_mocks.dialects.business_central.model import entity
from crossdock_mocks.dialects.business_central.odata.reading import root
from crossdock_mocks.dialects.business_central.operations import (
    behaviour,
    check_etag,
    listed,
    options_of,
    told,
)
from crossdock_mocks.dialects.business_central.records import Records, Row, guid, stamp, taken
from crossdock_mocks.engine import Behaviour, Call, Reply, World, encode
from crossdock_mocks.engine.webhooks import Event, EventSource, Gathering, Subscription
from crossdock_mocks.engine.webhooks.events import Action

LIFE: Final = timedelta(days=3)
DELAY: Final = timedelta(seconds=30)
MOST: Final = 100
"""Changes that are told one by one; more of them are told as a collection."""

BACK_OFF: Final = tuple(
    timedelta(minutes=each) for each in (1, 5, 15, 30, 60, 120, 240, 480, 480, 720)
)
"""Waits after failed attempts: about 36 hours in all."""

_TOLD: Final = (
    "currencies", "customerPaymentJournals", "customers", "itemCategories", "items", "journals",
    "paymentMethods", "paymentTerms", "salesCreditMemos", "salesInvoices", "salesOrders",
    "salesQuotes", "shipmentMethods", "taxAreas", "taxGroups", "unitsOfMeasure",
)  # fmt: skip
_RESOURCE: Final = re.compile(r"(?:.*/)?companies\(([0-9A-Fa-f-]{36})\)/(\w+)\Z")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "here.test"})
_RETRIED: Final = frozenset({0, 408, 429})


# What is told


def _name(set_name: str) -> Any:
    def name(action: Action, row: Row) -> str | None:
        # A balance or an inventory that moves is no change of the record.
        return None if action == "updated" and row.get("_quiet") else f"{set_name}.{action}"

    return name


def _data(set_name: str) -> Any:
    def data(action: Action, row: Row) -> dict[str, Any]:
        return {
            "set": set_name,
            "id": row[entity(set_name).key],
            "action": action,
            "at": row.get("lastModifiedDateTime"),
        }

    return data


EVENTS: Final = [EventSource(each, _name(each), _data(each)) for each in _TOLD]
"""The changes that can be subscribed to."""


def _of(world: World, subscription: Subscription) -> Row | None:
    """The record of a subscription, if it is still there."""
    return world.table("subscriptions").first({"_engine": subscription.id})


def _write(world: World, to: Subscription, events: Sequence[Event]) -> bytes | None:
    """A notification; None where the subscription has ended."""
    row = _of(world, to)
    if row is None or row["expirationDateTime"] <= stamp(world.now):
        return None
    changes: dict[str, dict[str, Any]] = {}
    for event in events:
        data = event.data
        before = changes.get(data["id"])
        if before is not None and before["action"] == "created" and data["action"] == "updated":
            data = {**data, "action": "created"}
        changes[data["id"]] = {**data, "seen": stamp(event.at)}
    base = {
        "subscriptionId": row["subscriptionId"],
        "clientState": row["clientState"],
        "expirationDateTime": row["expirationDateTime"],
    }
    where = f"{row['_root']}/companies({row['_company']})/{row['_set']}"
    if len(changes) > MOST:
        since = min(each["at"] or each["seen"] for each in changes.values())
        value = [
            {
                **base,
                "resource": f"{where}?$filter=lastModifiedDateTime%20ge%20{since}",
                "changeType": "collection",
                "lastModifiedDateTime": max(each["seen"] for each in changes.values()),
            }
        ]
    else:
        value = [
            {
                **base,
                "resource": f"{where}({each['id']})",
                "changeType": each["action"],
                "lastModifiedDateTime": each["at"] or each["seen"],
            }
            for each in changes.values()
        ]
    return encode({"value": value}).encode()


def _answered(world: World, to: Subscription, status: int) -> None:
    """End a subscription whose subscriber refuses."""
    if status in _RETRIED or status >= 500 or 200 <= status <= 299:
        return
    row = _of(world, to)
    if row is not None:
        world.table("subscriptions").delete(row["subscriptionId"])
    world.webhooks.unsubscribe(to.id)


GATHERING: Final = Gathering(DELAY, _write, BACK_OFF, _answered)
"""How notifications are sent."""


# Operations


def _ended(records: Records, row: Row) -> bool:
    return bool(row["expirationDateTime"] <= records.now)


def _sweep(records: Records) -> None:
    """Forget subscriptions that have ended.

    Who sends is no part of the transaction, so nothing may be refused after this.
    """
    for row in records.find("subscriptions"):
        if _ended(records, row):
            _end(records, row)


def _end(records: Records, row: Row) -> None:
    records.delete("subscriptions", row)
    webhooks = records.world.webhooks
    if any(each.id == row["_engine"] for each in webhooks.subscriptions):
        webhooks.unsubscribe(row["_engine"])


def _shake(records: Records, url: str) -> None:
    """Ask the subscriber whether it is one: it has to answer with the token that it is sent.

    Raises:
        Problem: The URL cannot be used, or the token did not come back.
    """
    parts = urlsplit(url)
    local = parts.hostname in _LOOPBACK
    if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)):
        raise bad_request("notificationUrl must be an absolute https URL")
    number = records.world.sequence("subscriptions.handshakes")
    token = guid("handshake", records.world.name, number)
    joint = "&" if parts.query else "?"
    try:
        status, text = records.world.webhooks.ask(f"{url}{joint}validationToken={quote(token)}")
    except OSError as error:
        raise dialog(f"The notificationUrl could not be reached: {error}") from error
    if status != 200 or text.strip().strip('"') != token:
        raise dialog(
            "The notificationUrl did not answer the handshake: it has to respond with status 200 "
            f"and the validation token as text; it responded with status {status}"
        )


def _create(records: Records, call: Call) -> Reply:
    values = taken(entity("subscriptions"), call.body)
    for name in ("notificationUrl", "resource"):
        if not values.get(name):
            raise refusal(
                400, "BadRequest_RequiredParamNotProvided",
                f"Field '{name}' must not be blank or empty",
            )  # fmt: skip
    company, set_name = _resource(records, values["resource"])
    for row in records.find("subscriptions"):
        same = (row["_set"], row["notificationUrl"]) == (set_name, values["notificationUrl"])
        if same and not _ended(records, row):
            raise key_taken("Webhook Subscription", "Endpoint", values["resource"])
    _shake(records, values["notificationUrl"])
    _sweep(records)
    made = records.world.webhooks.subscribe(
        values["notificationUrl"], [f"{set_name}.*"], "", scheme="none"
    )
    number = records.world.sequence("subscriptions.made")
    row = records.insert(
        "subscriptions",
        {
            **values,
            "subscriptionId": guid("subscriptions", number).replace("-", ""),
            "userId": guid("users", str(call.principal)),
            "expirationDateTime": _expires(records),
            "systemCreatedAt": records.now,
            "systemModifiedAt": records.now,
            "_engine": made.id,
            "_set": set_name,
            "_company": company,
            "_root": root(call),
        },
    )
    return _told(call, records, row, 201)


def _resource(records: Records, resource: str) -> tuple[str, str]:
    found = _RESOURCE.fullmatch(resource)
    if found is None:
        raise bad_request(f"The resource '{resource}' is not one of a company's entity sets")
    if records.get("companies", found[1].lower()) is None:
        raise refusal(404, "Internal_CompanyNotFound", "Cannot find the company of the resource")
    if found[2] not in _TOLD:
        raise bad_request(f"The resource '{found[2]}' is not supported for webhooks")
    return found[1].lower(), found[2]


def _expires(records: Records) -> str:
    return stamp(datetime.fromisoformat(records.now) + LIFE)


def _told(call: Call, records: Records, row: Row, status: int = 200) -> Reply:
    reply = told(call, records, entity("subscriptions"), row, status)
    if status != 201:
        return reply
    where = f"{root(call)}/subscriptions('{row['subscriptionId']}')"
    return Reply(reply.status, reply.body, {**reply.headers, "location": where})


def _found(records: Records, call: Call) -> Row:
    row = records.get("subscriptions", call.path["subscriptionId"])
    if row is None or _ended(records, row):
        raise no_record("Webhook Subscription", call.path["subscriptionId"])
    return row


def _renew(records: Records, call: Call) -> Reply:
    row = _found(records, call)
    check_etag(call, row, needed=True)
    values = taken(entity("subscriptions"), call.body)
    if values.get("resource", row["resource"]) != row["resource"]:
        raise dialog("The resource of a subscription cannot be changed")
    url = str(values.get("notificationUrl", row["notificationUrl"]))
    _shake(records, url)
    if url != row["notificationUrl"]:
        records.world.webhooks.unsubscribe(row["_engine"])
        made = records.world.webhooks.subscribe(url, [f"{row['_set']}.*"], "", scheme="none")
        row["_engine"] = made.id
    row.update(values)
    row["expirationDateTime"], row["systemModifiedAt"] = _expires(records), records.now
    records.replace("subscriptions", row)
    return _told(call, records, row)


def _delete(records: Records, call: Call) -> Reply:
    row = _found(records, call)
    check_etag(call, row, needed=False)
    _end(records, row)
    return Reply(204)


def _list(records: Records, call: Call) -> Reply:
    options_of(call, entity("subscriptions"))
    _sweep(records)
    return listed(call, records, entity("subscriptions"), {})


BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "listSubscriptions": behaviour(_list),
    "createSubscription": behaviour(_create),
    "getSubscription": behaviour(lambda records, call: _told(call, records, _found(records, call))),
    "renewSubscription": behaviour(_renew),
    "deleteSubscription": behaviour(_delete),
}
"""Behaviour of each operation on subscriptions."""
