"""Credit: what a customer's exposure is made of, what is left, and how to say it.

Whether something is overdue is a test of its own: a customer may be within the limit and late.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from crossdock.records import CreditStatus, Money

CreditState = Literal[
    "on_hold", "over_limit", "near_limit", "within", "unlimited", "not_told", "not_visible"
]
NEAR: Final = Decimal("0.9")
"""The share of the limit from which on a customer is near it."""


@frozen(kw_only=True)
class CreditAssessment:
    """Where a customer stands.

    Attributes:
        state: the most serious of what holds; `not_visible` where the reader may not see the
            figures, `not_told` where the system keeps no limit.
        headroom: what is left of the limit; negative when it is passed; `None` when there is no
            limit or it is not visible.
        used: exposure as a fraction of the limit; `None` without a limit or with a limit of zero.
        past_due: whether something is past due; `None` where it is not visible.
    """

    state: CreditState
    headroom: Money | None
    used: Decimal | None
    past_due: bool | None


def exposure(
    balance: Money,
    *,
    shipped_not_invoiced: Money,
    open_orders: Money,
    delta: Money | None = None,
    returns_received: Money | None = None,
    prepayments: Money | None = None,
) -> Money:
    """Add up what a customer owes and will owe, tax included, in the bill-to's currency.

    Args:
        balance: of the ledger.
        shipped_not_invoiced: what will be invoiced without further ado.
        open_orders: what is ordered and not shipped; must not contain what is shipped.
        delta: what the document in hand adds: its whole value when new, the difference when edited.
        returns_received: goods that came back and are not credited yet.
        prepayments: received for what is not invoiced, and not in the balance.
    """
    total = balance + shipped_not_invoiced + open_orders
    if delta is not None:
        total += delta
    for less in (returns_received, prepayments):
        if less is not None:
            total -= less
    return total


def headroom(status: CreditStatus, delta: Money | None = None) -> Money | None:
    """Say what would be left of the limit after a further `delta`; negative when it is passed.

    `None` when there is no limit, or when the figures are not visible. A limit of zero is a limit:
    nothing may be owed.
    """
    if status.unlimited or status.limit is None or status.exposure is None:
        return None
    left = status.limit - status.exposure
    return left if delta is None else left - delta


def assess(status: CreditStatus) -> CreditAssessment:
    """Say where a customer stands."""
    left = headroom(status)
    used: Decimal | None = None
    if left is not None and status.limit and status.exposure is not None:
        used = status.exposure.amount / status.limit.amount
    return CreditAssessment(
        state=_state(status, left, used),
        headroom=left,
        used=used,
        past_due=None if status.past_due is None else status.past_due.amount > 0,
    )


def credit_in_words(status: CreditStatus) -> str:
    """Say where a customer stands, in one or two sentences."""
    found = assess(status)
    late = " Part of the balance is past due." if found.past_due else ""
    if found.state == "on_hold":
        reason = f": {status.hold_reason}" if status.hold_reason else ""
        return f"{status.customer_id} is on hold{reason}. New orders wait until it is released."
    if found.state == "unlimited":
        return f"{status.customer_id} has no credit limit.{late}"
    if found.state == "not_told":
        return f"The ERP keeps no credit limit for {status.customer_id}.{late}"
    if found.state == "not_visible" or found.headroom is None:
        return f"The credit figures of {status.customer_id} are not visible to you."
    if found.state == "over_limit":
        return f"{status.customer_id} is over its credit limit.{late}"
    if found.state == "near_limit":
        return f"{status.customer_id} has used nearly all of its credit limit.{late}"
    return f"{status.customer_id} is within its credit limit.{late}"


def _state(status: CreditStatus, left: Money | None, used: Decimal | None) -> CreditState:
    if status.on_hold:
        return "on_hold"
    if status.unlimited:
        return "unlimited"
    if left is None:
        # Who may not see figures sees none of them; a system without limits tells the balance.
        return "not_visible" if status.balance is None else "not_told"
    if left.amount < 0:
        return "over_limit"
    return "near_limit" if used is None or used >= NEAR else "within"
