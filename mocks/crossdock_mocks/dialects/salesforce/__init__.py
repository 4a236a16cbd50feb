"""Salesforce: `specs/salesforce.openapi.yaml` over the records of one organization."""

from __future__ import annotations

from typing import Any

from crossdock.specifications import specification
from crossdock_mocks.dialects.salesforce import outbound
from crossdock_mocks.dialects.salesforce.errors import say_no, say_no_to
from crossdock_mocks.dialects.salesforce.limits import allow
from crossdock_mocks.dialects.salesforce.login import CLIENT, LOGIN_TABLES, SECRET, authenticate
from crossdock_mocks.dialects.salesforce.operations import BEHAVIOURS
from crossdock_mocks.dialects.salesforce.organization import (
    TABLES,
    define_field,
    define_object,
)
from crossdock_mocks.dialects.salesforce.seeding import seed
from crossdock_mocks.engine import Dialect, World

__all__ = ["CLIENT", "SECRET", "allow", "define_field", "define_object", "dialect"]


def dialect() -> Dialect:
    """Salesforce, ready for the engine."""
    return Dialect(
        name="salesforce",
        document=specification("salesforce.openapi.yaml"),
        behaviours=BEHAVIOURS,
        tables=(*TABLES, *LOGIN_TABLES),
        seed=_seed,
        authenticate=authenticate,
        problem_reply=say_no,
        refuse=say_no_to,
        max_body=6_000_000,
        events=outbound.EVENTS,
        signing={outbound.SCHEME: outbound.headers},
        payloads={outbound.SCHEME: outbound.envelope},
        posts={outbound.SCHEME: outbound.post},
    )


def _seed(world: World, dataset: Any) -> None:
    seed(world, dataset)
