"""What is known of one order on its way into an ERP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from attrs import frozen

from crossdock.records._fields import told

PlacementState: TypeAlias = Literal[
    "intended", "sent", "acknowledged", "refused", "possibly_created"
]

DEFAULT_SETTLE: Final = timedelta(minutes=10)
"""How long an ERP without idempotency keys is given to show an order whose answer was lost."""


@frozen(kw_only=True)
class Evidence:
    """One thing that happened to a placement, in words."""

    at: datetime
    text: str = told("bank", "cost", "credit", "margin", "personal")


@frozen(kw_only=True)
class Placement:
    """One order of a CRM on its way into one ERP.

    Attributes:
        reference: the CRM order's id; the ERP stores it with its order.
        key: the idempotency key of the next or last sending.
        revision: how often a person said that nothing had been created.
        state: `intended` (nothing is under way, and nothing was created), `sent` (whether it was
            created is not known yet), `acknowledged`, `refused`, or `possibly_created` (a person
            must say).
        erp_order_id: the ERP's order, once it is known.
        evidence: what was tried and what came of it, oldest first.
        sent_at: when it was sent first since the state was last known.
    """

    crm_system: str
    reference: str
    erp_system: str
    customer_id: str
    key: str
    revision: int
    state: PlacementState
    erp_order_id: str
    evidence: tuple[Evidence, ...]
    intended_at: datetime
    sent_at: datetime | None
    changed_at: datetime
