"""HubSpot CRM on the wire: `specs/hubspot.openapi.yaml` over one generic engine of records."""

from __future__ import annotations

from crossdock.specifications import specification
from crossdock_mocks.dialects.hubspot import delivery, limits, subscriptions
from crossdock_mocks.dialects.hubspot.access import Principal, check_scopes, who
from crossdock_mocks.dialects.hubspot.errors import say_no
from crossdock_mocks.dialects.hubspot.operations import BEHAVIOURS
from crossdock_mocks.dialects.hubspot.seeding import seed
from crossdock_mocks.dialects.hubspot.tables import TABLES
from crossdock_mocks.engine import Call, Dialect

__all__ = ["dialect"]


def dialect() -> Dialect:
    """HubSpot CRM, ready for the engine."""
    return Dialect(
        name="hubspot",
        document=specification("hubspot.openapi.yaml"),
        behaviours={name: limits.told(each) for name, each in BEHAVIOURS.items()},
        tables=TABLES,
        seed=seed,
        authenticate=_authenticate,
        problem_reply=say_no,
        events=delivery.EVENTS,
        signing=delivery.SIGNING,
        payload=delivery.written_alone,
        gathering=delivery.GATHERING,
    )


def _authenticate(call: Call) -> Principal:
    """Who calls; whether they have not called too often; and whether they may.

    Raises:
        Refusal: 401, 429 or 403.
    """
    subscriptions.connect(call.world)
    principal = who(call)
    limits.spend(call, principal)
    check_scopes(call, principal)
    return principal
