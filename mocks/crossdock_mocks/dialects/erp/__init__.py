"""The reference ERP on the wire: `specs/erp.openapi.yaml` over the back office."""

from __future__ import annotations

from crossdock.specifications import specification
from crossdock_mocks import backoffice
from crossdock_mocks.backoffice import kinds
from crossdock_mocks.dialects.erp import catalogue, contacts, customers, documents
from crossdock_mocks.dialects.erp.access import API_KEYS, authenticate
from crossdock_mocks.dialects.erp.idempotency import TABLE
from crossdock_mocks.dialects.erp.wire import say_no
from crossdock_mocks.engine import Dialect
from crossdock_mocks.engine.webhooks.events import EventSource

__all__ = ["API_KEYS", "dialect"]


def dialect() -> Dialect:
    """The reference ERP, ready for the engine."""
    return Dialect(
        name="erp",
        document=specification("erp.openapi.yaml"),
        behaviours={
            **customers.BEHAVIOURS,
            **contacts.BEHAVIOURS,
            **catalogue.BEHAVIOURS,
            **documents.BEHAVIOURS,
        },
        tables=(*backoffice.TABLES, TABLE),
        seed=backoffice.seed,
        authenticate=authenticate,
        problem_reply=say_no,
        events=[
            EventSource(kinds.CHANGES, lambda _, row: f"{row['entity']}.{row['action']}"),
        ],
    )
