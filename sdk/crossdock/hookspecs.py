"""Every extension point, one after the other.

A plugin implements a point by a plain function with the point's name, marked `@hookimpl`. It takes
only the arguments that it names, so a point can grow arguments without breaking anyone. Write
`tryfirst=True` or `trylast=True` on the mark, or `before` / `after` another plugin's id in
`plugin.toml`, to say where it stands among others.

Each point says of itself (`crossdock.points.POINTS`) what kind it is, what happens when a plugin or
a remote system fails, and how firm it is: a `v1` point is used by a reference plugin and frozen,
it may only grow arguments; a `provisional` one may change with a minor version.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crossdock.points import hookimpl as hookimpl
from crossdock.points import point

if TYPE_CHECKING:
    from crossdock.context import Context, EventContext
    from crossdock.decisions import GuardAnswer
    from crossdock.records import (
        Account,
        Change,
        Contact,
        Document,
        Opportunity,
        Order,
        OrderChange,
        Quote,
    )
    from crossdock.views import Card, Job, Score, Segment, Tab


@point("view", status="v1", since="0.1")
def account_tabs(ctx: Context, account: Account) -> Sequence[Tab]:
    """Name the tabs that an account has. Their `render` runs only when a tab is opened.

    View. When the plugin fails, its tab shows an error card and the others are untouched.
    """


@point("view", status="v1", since="0.1")
def contact_tabs(ctx: Context, contact: Contact) -> Sequence[Tab]:
    """Name the tabs that a contact has; as `account_tabs`."""


@point("view", status="v1", since="0.1")
def dashboard_cards(ctx: Context) -> Sequence[Card]:
    """Name the cards that the dashboard has.

    View. When the plugin fails, its card shows an error and the others are untouched.
    """


@point("view", status="v1", since="0.1")
def account_segments(ctx: Context) -> Sequence[Segment]:
    """Name lists of accounts, such as "over their credit limit".

    View. When the plugin fails, its lists are missing, with the reason, and the others are
    untouched.
    """


@point("guard", status="v1", since="0.1")
def before_account_save(ctx: Context, account: Account, before: Account | None) -> GuardAnswer:
    """Judge an account before it is saved; `before` is `None` for a new one.

    Guard. When the plugin fails, the save is refused, unless the host's policy opens it.
    """


@point("guard", status="v1", since="0.1")
def before_contact_save(ctx: Context, contact: Contact, before: Contact | None) -> GuardAnswer:
    """Judge a contact before it is saved; as `before_account_save`."""


@point("guard", status="v1", since="0.1", fails="open")
def before_opportunity_save(
    ctx: Context, opportunity: Opportunity, before: Opportunity | None
) -> GuardAnswer:
    """Judge an opportunity before it is saved.

    Guard. When the plugin fails, the save goes through with a warning, unless the host's policy
    closes it.
    """


@point("guard", status="v1", since="0.1", away="draft")
def before_quote_save(ctx: Context, quote: Quote, before: Quote | None) -> GuardAnswer:
    """Judge and price a quote before it is saved; `before` is `None` for a new one.

    Guard. When the plugin fails, the save is refused. When a remote system is away
    (`RemoteUnavailable`), a draft is kept as `unchecked` and only promotion waits.
    """


@point("guard", status="v1", since="0.1", away="draft")
def before_order_save(ctx: Context, order: Order, before: Order | None) -> GuardAnswer:
    """Judge and price an order that is entered without a quote; as `before_quote_save`.

    Guard. An order that is more than a draft goes to the ERP once it is saved (`order_promoted`).
    """


@point("guard", status="v1", since="0.1", away="closed")
def before_order_promote(ctx: Context, quote: Quote) -> GuardAnswer:
    """Judge a quote before it becomes an order.

    Guard. When the plugin fails or a remote system is away, the quote is not promoted.
    """


@point("event", status="v1", since="0.1")
def record_changed(ctx: EventContext, change: Change) -> None:
    """An account, contact, trading account, item or price changed on either side.

    Event: durable, delivered at least once, retried, then put into the exceptions queue.
    """


@point("event", status="v1", since="0.1")
def quote_saved(ctx: EventContext, quote: Quote, before: Quote | None) -> None:
    """A quote was saved. Event, as `record_changed`."""


@point("event", status="v1", since="0.1")
def order_promoted(ctx: EventContext, order: Order) -> None:
    """A quote became an order, or an order was entered. Event, as `record_changed`."""


@point("event", status="v1", since="0.1")
def order_change_requested(ctx: EventContext, order: Order, change: OrderChange) -> None:
    """Somebody wants an order changed or cancelled that the ERP has already.

    Event, as `record_changed`. `order` is the CRM's. Hand `change` to `ctx.erp.change_order`: it is
    made once, and its document says what the ERP answered. A refusal is such an answer, so a
    handler lets it rest; it is nothing to be tried again.
    """


@point("event", status="v1", since="0.1")
def document_changed(ctx: EventContext, document: Document, before: Document | None) -> None:
    """An ERP order, shipment, invoice, credit note, payment or return changed.

    Event, as `record_changed`. `document` is as the ERP had it when the event was delivered;
    `before` is `None` where the host has not seen the document yet.
    """


@point("job", status="v1", since="0.1")
def scheduled_jobs(ctx: Context) -> Sequence[Job]:
    """Name the jobs that run on a schedule.

    Job: each occurrence is a durable delivery, retried as an event is. Occurrences of one job never
    overlap, and of those that were missed the latest is done, once; see `crossdock.Job`. The host
    asks about twice a minute, so that the answer may depend on the plugin's settings.
    """


@point("provider", status="v1", since="0.1")
def score_opportunity(ctx: Context, opportunity: Opportunity) -> Score | None:
    """Say how likely an opportunity is won. Provider: the first answer that is not `None` wins.

    When the plugin fails, the next provider is asked.
    """
