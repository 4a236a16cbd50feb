"""Webhooks: what changed, in the old form and in that of CloudEvents, by `intuit-signature`.

Subscribe with the scheme `intuit` for CloudEvents, or `intuit-legacy` for the form before them; the
secret is the verifier token.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from crossdock_mocks.dialects.quickbooks.authorization import REALM_ID
from crossdock_mocks.dialects.quickbooks.ledger import EVENTS
from crossdock_mocks.engine import encode
from crossdock_mocks.engine.webhooks import Event, EventSource, PlainHmac
from crossdock_mocks.engine.webhooks.signing import Sign

_WORDS: Final = {
    "Create": "created",
    "Update": "updated",
    "Delete": "deleted",
    "Void": "voided",
    "Emailed": "emailed",
}
_SIGNATURE: Final = PlainHmac("intuit-signature", encoding="base64")
_TOLD: Final = frozenset(
    [
        "Account",
        "Class",
        "CreditMemo",
        "Customer",
        "Department",
        "Estimate",
        "Invoice",
        "Item",
        "Payment",
        "PaymentMethod",
        "Preferences",
        "SalesReceipt",
        "TaxAgency",
        "Term",
    ]
)
"""Entities that webhooks tell of."""


def _name(_: str, row: dict[str, Any]) -> str | None:
    if row["entity"] not in _TOLD:
        return None
    return f"qbo.{row['entity'].lower()}.{_WORDS[row['operation']]}.v1"


SOURCE: Final = EventSource(EVENTS.name, _name)
"""Each change that the books noted is an event, named as CloudEvents name it."""


def in_cloud_events(event: Event) -> bytes:
    """A message of one CloudEvent."""
    row = event.data
    message = {
        "specversion": "1.0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, event.id)),
        "source": f"intuit.{hashlib.sha256(REALM_ID.encode()).hexdigest()[:32]}",
        "type": event.name,
        "datacontenttype": "application/json",
        "time": row["at"],
        "intuitentityid": row["entity_id"],
        "intuitaccountid": REALM_ID,
        "data": {},
    }
    return encode([message]).encode()


def in_notifications(event: Event) -> bytes:
    """A message of one change in the form before CloudEvents."""
    row = event.data
    told = {
        "name": row["entity"],
        "id": row["entity_id"],
        "operation": row["operation"],
        "lastUpdated": row["at"],
    }
    notification = {"realmId": REALM_ID, "dataChangeEvent": {"entities": [told]}}
    return encode({"eventNotifications": [notification]}).encode()


SIGNING: Final[Mapping[str, Sign]] = {"intuit": _SIGNATURE, "intuit-legacy": _SIGNATURE}
PAYLOADS: Final[Mapping[str, Callable[[Event], bytes]]] = {
    "intuit": in_cloud_events,
    "intuit-legacy": in_notifications,
}
