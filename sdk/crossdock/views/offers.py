"""What a plugin offers to be opened: tabs, cards, lists of accounts, jobs; and scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

from attrs import frozen

from crossdock.views.components import View


@frozen(kw_only=True)
class Param:
    """A parameter that a tab understands; hosts pass it, and deep links carry it.

    Attributes:
        default: used where the host gives none; `None` leaves the choice to the tab.
        choices: the only values, for a `choice`.
        shown: whether hosts offer it in a form; one that is not comes by links only, such as where
            a list goes on.
    """

    name: str
    label: str
    kind: Literal["date", "choice", "text", "number"] = "text"
    default: str | None = None
    choices: tuple[str, ...] = ()
    shown: bool = True


@frozen(kw_only=True)
class Tab:
    """A tab on a record.

    Attributes:
        id: unique within the plugin; hosts address it as `<plugin>/<id>`.
        render: called only when the tab is opened, with `(ctx, record, params)`; `params` holds
            each declared parameter, parsed (`date`, `str`, `Decimal`) or `None`.
        roles: who sees the tab; empty means everybody.
        order: where it stands, small numbers first.
    """

    id: str
    title: str
    render: Callable[[Any, Any, Mapping[str, Any]], View]
    params: tuple[Param, ...] = ()
    roles: tuple[str, ...] = ()
    order: int = 100


@frozen(kw_only=True)
class Card:
    """A card on a dashboard.

    Attributes:
        id: unique within the plugin; hosts address it as `<plugin>/<id>`.
        render: called with `(ctx,)` when the dashboard is opened.
        roles: who sees the card; empty means everybody.
        order: where it stands, small numbers first.
    """

    id: str
    title: str
    render: Callable[[Any], View]
    roles: tuple[str, ...] = ()
    order: int = 100


@frozen(kw_only=True)
class Segment:
    """A named list of accounts.

    Attributes:
        id: unique within the plugin; hosts address it as `<plugin>/<id>`.
        account_ids: called with `(ctx,)` when the list is opened; gives the CRM's ids of accounts,
            in the order in which they are shown.
        roles: who sees the list; empty means everybody.
    """

    id: str
    title: str
    account_ids: Callable[[Any], tuple[str, ...]]
    description: str = ""
    roles: tuple[str, ...] = ()


@frozen(kw_only=True)
class Job:
    """Work on a schedule.

    Each occurrence is a durable delivery, done once however many workers there are, and retried as
    an event is. Occurrences of one job never overlap: one that comes due while another is under way
    or waits to be tried again is left out, and the latest is done when the way is free. Those that
    nobody was there to do are not made up for one by one either: the latest is done, once. A job
    that the host sees for the first time, or with another cron line, waits for its next occurrence.

    Attributes:
        id: unique within the plugin.
        cron: five fields, in UTC: minute, hour, day of month, month, day of week.
        run: called with `(ctx,)`, an `EventContext`: `ctx.step` is at hand, and
            `ctx.idempotency_key` is the occurrence's own.
    """

    id: str
    cron: str
    run: Callable[[Any], None]


@frozen(kw_only=True)
class Score:
    """How likely an opportunity is won, with the evidence for it.

    Attributes:
        probability: a fraction from 0 to 1.
        evidence: one sentence for each reason.
    """

    probability: Decimal
    evidence: tuple[str, ...] = ()
