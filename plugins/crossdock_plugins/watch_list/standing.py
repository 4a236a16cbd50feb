"""The credit standing of every customer of every ERP, read by the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from attrs import frozen

from crossdock import Context
from crossdock.records import CreditStatus
from crossdock.rules import assess, days_overdue, days_quiet

_PAGE: Final = 200


@frozen
class Standing:
    """One customer's.

    Attributes:
        ref: `system:customer`, as `ctx.account_ids` names it.
        over_limit: whether its exposure has passed its limit; `False` also where it is not visible.
        overdue: for how many days it owes; 0 where nothing is past due or it is not visible.
        quiet: how many days ago it was invoiced; `None` where it never was.
    """

    status: CreditStatus
    ref: str
    over_limit: bool
    overdue: int
    quiet: int | None


Test = Callable[[Standing], bool]


def standings(ctx: Context) -> Iterator[Standing]:
    """Read everybody's; a page of each ERP at a time."""
    today = ctx.now.date()
    for system in ctx.erp.systems:
        port = ctx.erp.using(system)
        after: str | None = None
        while True:
            page = port.credit_list(after=after, limit=_PAGE)
            for status in page.items:
                left = assess(status).headroom
                yield Standing(
                    status=status,
                    ref=f"{system}:{status.customer_id}",
                    over_limit=left is not None and left.amount < 0,
                    overdue=days_overdue(status, today) or 0,
                    quiet=days_quiet(status, today),
                )
            after = page.next
            if after is None:
                break


def is_over_limit(standing: Standing) -> bool:
    """Whether a customer is over its limit."""
    return standing.over_limit


def is_overdue(standing: Standing, *, days: int) -> bool:
    """Whether a customer owes for longer than it should."""
    return standing.overdue >= days


def is_on_hold(standing: Standing) -> bool:
    """Whether a customer's orders are held."""
    return standing.status.on_hold


def is_dormant(standing: Standing, *, days: int) -> bool:
    """Whether a customer that once bought does so no more."""
    return standing.quiet is not None and standing.quiet >= days


def tests(ctx: Context) -> dict[str, tuple[str, str, Test]]:
    """Give the lists that the reader may see: title, description and test, by id.

    Whether an account is over its limit or owes is a credit figure as well: who may not see those
    has no such list, as an empty one would be a lie.
    """
    overdue, dormant = ctx.config["overdue_days"], ctx.config["dormant_days"]
    found: dict[str, tuple[str, str, Test]] = {}
    if "credit" not in ctx.hidden:
        found["over-limit"] = (
            "Over their credit limit",
            "Exposure is more than the limit.",
            is_over_limit,
        )
        found["overdue"] = (
            f"Overdue for {overdue} days",
            f"Something was due {overdue} days ago and is not paid.",
            partial(is_overdue, days=overdue),
        )
    found["on-hold"] = ("On hold", "The ERP holds their orders.", is_on_hold)
    found["dormant"] = (
        "Dormant",
        f"Not invoiced for {dormant} days or more.",
        partial(is_dormant, days=dormant),
    )
    return found
