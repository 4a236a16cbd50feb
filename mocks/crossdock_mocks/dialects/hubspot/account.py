"""What the portal is."""

from __future__ import annotations

from crossdock_mocks.dialects.hubspot.apps import PORTAL
from crossdock_mocks.engine import Call, Reply


def get_details(call: Call) -> Reply:
    """The portal: its id, its currency, its time zone."""
    row = call.world.table("hubspot_settings").get("account") or {}
    body = {
        "portalId": PORTAL, "accountType": "STANDARD", "timeZone": "UTC",
        "companyCurrency": row["currency"], "additionalCurrencies": [], "utcOffset": "+00:00",
        "utcOffsetMilliseconds": 0, "uiDomain": "app.hubspot.com", "dataHostingLocation": "eu1",
    }  # fmt: skip
    return Reply(200, body)
