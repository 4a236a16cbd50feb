"""What stands against a customer, each thing apart: over the limit, on hold, overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from attrs import frozen

from crossdock_plugins.credit_policy.standing import Standing, Unknown


@frozen
class Objection:
    """One thing that stands against it; `about` names the setting that decides what follows."""

    about: Literal["over_limit", "on_hold", "overdue"]
    text: str


def judge(standing: Standing, *, overdue_days: int, today: date) -> Iterator[Objection]:
    """Name what stands against a customer.

    A customer may be within the limit and late, or on hold and owe nothing: each is a test of its
    own.

    Args:
        standing: where the customer stands.
        overdue_days: how many days past due the oldest invoice must be.
        today: the day that counts.
    """
    if standing.held:
        yield Objection("on_hold", standing.held)
    if isinstance(standing.limit, Unknown):  # what cannot be judged is treated as if it were passed
        yield Objection("over_limit", standing.limit.why)
    elif standing.limit:
        yield Objection("over_limit", standing.limit)
    if standing.past_due is None:
        return
    since = standing.past_due_since
    if since is None:
        yield Objection("overdue", f"{standing.past_due} is past due.")
    elif (late := (today - since).days) > overdue_days:
        yield Objection(
            "overdue", f"{standing.past_due} is past due, the oldest of it for {late} days."
        )
