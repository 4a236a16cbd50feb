"""Sage CRM on the wire: `specs/sage-crm.openapi.yaml` over the SData engine."""

from __future__ import annotations

from crossdock.specifications import specification
from crossdock_mocks import sdata
from crossdock_mocks.dialects.sage_crm.access import (
    PASSWORD,
    READER,
    READER_PASSWORD,
    USER,
    authenticate,
)
from crossdock_mocks.dialects.sage_crm.contract import CONTRACT
from crossdock_mocks.dialects.sage_crm.seeding import seed
from crossdock_mocks.engine import Dialect

__all__ = ["CONTRACT", "PASSWORD", "READER", "READER_PASSWORD", "USER", "dialect"]


def dialect() -> Dialect:
    """Sage CRM, ready for the engine."""
    return sdata.dialect(
        CONTRACT,
        document=specification("sage-crm.openapi.yaml"),
        seed=seed,
        authenticate=authenticate,
    )
