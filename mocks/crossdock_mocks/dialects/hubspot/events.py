"""What the portal tells its apps: an event for each active subscription that a change is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.hubspot.apps import PORTAL
from crossdock_mocks.dialects.hubspot.instants import milliseconds
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row

NAMED: Final = ("contact", "company", "deal", "product", "line_item")
"""Kinds that have event types of their own, such as `contact.creation`."""


def created(portal: Portal, kind: Kind, row: Row) -> None:
    """A record was made."""
    _tell(portal, kind, "creation", {"objectId": row["number"], "changeFlag": "CREATED"})


def deleted(portal: Portal, kind: Kind, row: Row) -> None:
    """A record was archived."""
    _tell(portal, kind, "deletion", {"objectId": row["number"], "changeFlag": "DELETED"})


def merged(portal: Portal, kind: Kind, row: Row, other: str, moved: int) -> None:
    """A record took over another one."""
    _tell(
        portal, kind, "merge",
        {
            "objectId": row["number"], "primaryObjectId": row["number"],
            "mergedObjectIds": [int(other)], "newObjectId": row["number"],
            "numberOfPropertiesMoved": moved, "changeFlag": "MERGED",
        },
    )  # fmt: skip


def changed(portal: Portal, kind: Kind, row: Row, values: Mapping[str, str | None]) -> None:
    """Properties of a record were changed."""
    for name, value in sorted(values.items()):
        _tell(
            portal, kind, "propertyChange",
            {"objectId": row["number"], "propertyName": name, "propertyValue": value or ""},
        )  # fmt: skip


def associated(portal: Portal, type_: Row, key: str, other: str, *, removed: bool) -> None:
    """Two records were linked, or a link was ended."""
    _tell(
        portal, portal.kind(type_["from_type"]), "associationChange",
        {
            "fromObjectId": int(key), "toObjectId": int(other), "associationRemoved": removed,
            "associationType": type_["name"].upper(), "associationTypeId": type_["id"],
            "associationCategory": type_["category"],
            "isPrimaryAssociation": type_["label"] == "Primary",
        },
    )  # fmt: skip


def _tell(portal: Portal, kind: Kind, verb: str, told: Mapping[str, Any]) -> None:
    subscriptions = portal.table("subscriptions")
    if not len(subscriptions):
        return
    for each in subscriptions.find({"active": True}):
        prefix, _, wanted = each["eventType"].partition(".")
        if wanted != verb or (each["propertyName"] or told.get("propertyName")) != told.get(
            "propertyName"
        ):
            continue
        generic = prefix == "object" and each["objectTypeId"] == kind.type_id
        if not generic and prefix != kind.name:
            continue
        number = int(portal.world.sequence("hubspot_events"))
        event: dict[str, Any] = {
            "eventId": number, "subscriptionId": int(each["id"]), "portalId": PORTAL,
            "appId": each["app"], "occurredAt": milliseconds(portal.now),
            "subscriptionType": each["eventType"], "attemptNumber": 0,
            "changeSource": portal.source, "sourceId": portal.source_id, **told,
        }  # fmt: skip
        if generic:
            event["objectTypeId"] = kind.type_id
        portal.table("events").insert({"n": number, "app": each["app"], "event": event})
