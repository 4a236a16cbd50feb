"""Pipelines and their stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.dialects.hubspot.kinds import DEAL, ORDER, TICKET
from crossdock_mocks.dialects.hubspot.portal import Row

SALES: Final = "default"
ORDERS: Final = "14a2e10e-5471-408a-906e-c51f3b04369e"
ORDER_STAGES: Final = {
    "Open": "4b27b500-f031-4927-9811-68a0b525cbae",
    "Processed": "937ea84d-0a4f-4dcf-9028-3f9c2aafbf03",
    "Shipped": "aa99e8d0-c1d5-4071-b915-d240bbb1aed9",
    "Delivered": "3c85a297-e9ce-400b-b42e-9f16853d69d6",
    "Cancelled": "3725360f-519b-4b18-a593-494d60a29c9f",
}
SUPPORT: Final = "0"
SUPPORT_STAGES: Final = ("New", "Waiting on contact", "Waiting on us", "Closed")
"""Their ids are their places, from `1` on."""
_STAGES: Final = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)


def beginning(at: str, stages: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The pipelines that a portal begins with.

    Args:
        at: When they were made.
        stages: The stages of the company's deals; without any, those that HubSpot starts with.
    """
    sales = [
        stage(
            row["id"], row["name"], place, at,
            {
                "isClosed": str(row["kind"] != "open").lower(),
                "probability": _chance(row),
            },
        )
        for place, row in enumerate(sorted(stages, key=lambda row: int(row["position"])))
    ] or [
        stage(key, label, place, at, {"isClosed": str(place > 4).lower(), "probability": chance})
        for place, (key, label, chance) in enumerate(_STAGES)
    ]  # fmt: skip
    orders = [
        stage(key, label, place, at, {"state": "CLOSED" if place > 2 else "OPEN"})
        for place, (label, key) in enumerate(ORDER_STAGES.items())
    ]
    tickets = [
        stage(
            str(place + 1), label, place, at,
            state_of_tickets("CLOSED" if label == "Closed" else "OPEN"),
        )
        for place, label in enumerate(SUPPORT_STAGES)
    ]  # fmt: skip
    return [
        pipeline(DEAL.type_id, SALES, "Sales Pipeline", 0, at, sales),
        pipeline(TICKET.type_id, SUPPORT, "Support Pipeline", 0, at, tickets),
        pipeline(ORDER.type_id, ORDERS, "Order Pipeline", 0, at, orders),
    ]


def state_of_tickets(state: str) -> dict[str, str]:
    """What a stage of tickets says of itself: tickets in it are open or closed."""
    return {"isClosed": str(state == "CLOSED").lower(), "ticketState": state}


def _chance(row: Mapping[str, Any]) -> str:
    if row["kind"] == "won":
        return "1.0"
    return "0.0" if row["kind"] == "lost" else format(Decimal(row["probability"] or 0), "f")


def pipeline(kind: str, key: str, label: str, place: int, at: str, stages: list[Row]) -> Row:
    """A pipeline as it is stored and, but for `objectType`, answered."""
    return {
        "objectType": kind, "id": key, "label": label, "displayOrder": place, "stages": stages,
        "archived": False, "createdAt": at, "updatedAt": at,
    }  # fmt: skip


def stage(key: str, label: str, place: int, at: str, metadata: Mapping[str, str]) -> Row:
    """A stage as it is stored and answered."""
    return {
        "id": key, "label": label, "displayOrder": place, "metadata": dict(metadata),
        "archived": False, "createdAt": at, "updatedAt": at,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }  # fmt: skip
