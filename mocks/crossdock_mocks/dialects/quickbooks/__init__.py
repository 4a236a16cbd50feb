"""QuickBooks Online on the wire: `specs/quickbooks.openapi.yaml`, with books of its own."""

from __future__ import annotations

from crossdock.specifications import specification
from crossdock_mocks.dialects.quickbooks import webhooks
from crossdock_mocks.dialects.quickbooks.authorization import (
    CLIENT_ID,
    CLIENT_SECRET,
    REALM_ID,
    REFRESH_TOKEN,
    authenticate,
)
from crossdock_mocks.dialects.quickbooks.entities import ENTITIES
from crossdock_mocks.dialects.quickbooks.exchange_rates import RATES
from crossdock_mocks.dialects.quickbooks.ledger import DELETED, EVENTS, REQUESTS, SETTINGS
from crossdock_mocks.dialects.quickbooks.operations import BEHAVIOURS
from crossdock_mocks.dialects.quickbooks.refusals import say_no
from crossdock_mocks.dialects.quickbooks.seeding import seed
from crossdock_mocks.engine import Dialect
from crossdock_mocks.engine.oauth2 import tokens

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "REALM_ID", "REFRESH_TOKEN", "dialect"]


def dialect() -> Dialect:
    """QuickBooks Online, ready for the engine."""
    return Dialect(
        name="quickbooks",
        document=specification("quickbooks.openapi.yaml"),
        behaviours=BEHAVIOURS,
        tables=(
            *(each.spec for each in ENTITIES.values()),
            RATES, EVENTS, DELETED, REQUESTS, SETTINGS, *tokens.TABLES,
        ),
        seed=seed,
        authenticate=authenticate,
        refuse_at=say_no,
        events=[webhooks.SOURCE],
        signing=webhooks.SIGNING,
        payloads=webhooks.PAYLOADS,
    )  # fmt: skip
