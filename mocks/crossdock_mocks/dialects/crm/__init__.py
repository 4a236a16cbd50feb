"""The reference CRM on the wire: `specs/crm.openapi.yaml` over the front office."""

from __future__ import annotations

from typing import Any

from crossdock.specifications import specification
from crossdock_mocks import frontoffice
from crossdock_mocks.dialects.crm.authorization import (
    AUTHORIZATION_TABLES,
    add_clients,
    authenticate,
)
from crossdock_mocks.dialects.crm.errors import say_no
from crossdock_mocks.dialects.crm.operations import BEHAVIOURS
from crossdock_mocks.engine import Dialect, World
from crossdock_mocks.engine.webhooks.events import EventSource

__all__ = ["dialect"]


def dialect() -> Dialect:
    """The reference CRM, ready for the engine."""
    return Dialect(
        name="crm",
        document=specification("crm.openapi.yaml"),
        behaviours=BEHAVIOURS,
        tables=(*frontoffice.TABLES, *AUTHORIZATION_TABLES),
        seed=_seed,
        authenticate=authenticate,
        problem_reply=say_no,
        events=[EventSource("crm_changes", lambda _, row: f"{row['entity']}.{row['action']}")],
    )


def _seed(world: World, dataset: Any) -> None:
    """Register the clients, and fill the CRM if there is a data set to fill it from."""
    add_clients(world)
    if dataset is not None:
        frontoffice.seed(world, dataset)
