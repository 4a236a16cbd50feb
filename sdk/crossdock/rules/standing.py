"""Since when a customer owes, and since when it is quiet, from its credit standing."""

from __future__ import annotations

from datetime import date

from crossdock.records import CreditStatus


def days_overdue(status: CreditStatus, as_of: date) -> int | None:
    """Say for how many days the oldest unpaid invoice has been due; 0 where nothing is past due.

    `None` where the figures are not visible.
    """
    if status.past_due is None:
        return None
    if status.past_due_since is None:
        return 0
    return max(0, (as_of - status.past_due_since).days)


def days_quiet(status: CreditStatus, as_of: date) -> int | None:
    """Say how many days ago a customer was invoiced last; `None` where it never was."""
    if status.last_invoiced_on is None:
        return None
    return max(0, (as_of - status.last_invoiced_on).days)


def pays_itself(status: CreditStatus) -> bool:
    """Whether the figures are the customer's own, so that they may be added up with others'."""
    return status.bill_to_id in ("", status.customer_id)
