"""HubSpot CRM on the wire: `specs/hubspot.openapi.yaml` over one generic engine of records."""

from __future__ import annotations

from crossdock.specifications import specification
from crossdock_mocks.dialects.hubspot.access import authenticate
from crossdock_mocks.dialects.hubspot.errors import say_no
from crossdock_mocks.dialects.hubspot.operations import BEHAVIOURS
from crossdock_mocks.dialects.hubspot.seeding import seed
from crossdock_mocks.dialects.hubspot.tables import TABLES
from crossdock_mocks.engine import Dialect

__all__ = ["dialect"]


def dialect() -> Dialect:
    """HubSpot CRM, ready for the engine."""
    return Dialect(
        name="hubspot",
        document=specification("hubspot.openapi.yaml"),
        behaviours=BEHAVIOURS,
        tables=TABLES,
        seed=seed,
        authenticate=authenticate,
        problem_reply=say_no,
    )
