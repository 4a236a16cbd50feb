"""Every extension point, one after the other.

A plugin implements a point by a plain function with the point's name, marked `@hookimpl`. It takes
only the arguments that it names, so a point can grow arguments without breaking anyone. Write
`tryfirst=True` or `trylast=True` on the mark, or `before` / `after` another plugin's id in
`plugin.toml`, to say where it stands among others.

This version of the host asks the points in `ASKED`. The others are declared so that their names
and arguments can settle; a plugin may implement them, and `crossdock plugins list` says that they
are not asked yet.

Status: provisional points may change with a minor version; a point becomes v1 once a reference
plugin uses it and is then frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    from crossdock.context import Context, EventContext
    from crossdock.decisions import GuardAnswer
    from crossdock.records import Account, Change, Contact, Document, Opportunity, Order, Quote
    from crossdock.views import Card, Job, Score, Segment, Tab

hookspec = HookspecMarker("crossdock")
hookimpl = HookimplMarker("crossdock")

ASKED = frozenset(
    {
        "account_tabs",
        "before_order_promote",
        "before_quote_save",
        "document_changed",
        "order_promoted",
        "quote_saved",
        "record_changed",
    }
)
"""The extension points that this version of the host calls."""


@hookspec
def account_tabs(ctx: Context, account: Account) -> Sequence[Tab]:
    """Name the tabs that an account has. Their `render` runs only when a tab is opened.

    View. When the plugin fails, its tab shows an error card and the others are untouched.
    """


@hookspec
def contact_tabs(ctx: Context, contact: Contact) -> Sequence[Tab]:
    """Name the tabs that a contact has; as `account_tabs`."""


@hookspec
def dashboard_cards(ctx: Context) -> Sequence[Card]:
    """Name the cards that the dashboard has.

    View. When the plugin fails, its card shows an error and the others are untouched.
    """


@hookspec
def account_segments(ctx: Context) -> Sequence[Segment]:
    """Name lists of accounts, such as "over their credit limit".

    View. When the plugin fails, its lists are missing, with the reason, and the others are
    untouched.
    """


@hookspec
def before_account_save(ctx: Context, account: Account, before: Account | None) -> GuardAnswer:
    """Judge an account before it is saved; `before` is `None` for a new one.

    Guard. When the plugin fails, the save is refused, unless the host's policy opens it.
    """


@hookspec
def before_contact_save(ctx: Context, contact: Contact, before: Contact | None) -> GuardAnswer:
    """Judge a contact before it is saved; as `before_account_save`."""


@hookspec
def before_opportunity_save(
    ctx: Context, opportunity: Opportunity, before: Opportunity | None
) -> GuardAnswer:
    """Judge an opportunity before it is saved.

    Guard. When the plugin fails, the save goes through with a warning, unless the host's policy
    closes it.
    """


@hookspec
def before_quote_save(ctx: Context, quote: Quote, before: Quote | None) -> GuardAnswer:
    """Judge and price a quote before it is saved; `before` is `None` for a new one.

    Guard. When the plugin fails, the save is refused. When a remote system is away
    (`RemoteUnavailable`), a draft is kept as `unchecked` and only promotion waits.
    """


@hookspec
def before_order_save(ctx: Context, order: Order, before: Order | None) -> GuardAnswer:
    """Judge an order that is entered without a quote; as `before_quote_save`."""


@hookspec
def before_order_promote(ctx: Context, quote: Quote) -> GuardAnswer:
    """Judge a quote before it becomes an order.

    Guard. When the plugin fails or a remote system is away, the quote is not promoted.
    """


@hookspec
def record_changed(ctx: EventContext, change: Change) -> None:
    """An account, contact, trading account, item or price changed on either side.

    Event: durable, delivered at least once, retried, then put into the exceptions queue.
    """


@hookspec
def quote_saved(ctx: EventContext, quote: Quote, before: Quote | None) -> None:
    """A quote was saved. Event, as `record_changed`."""


@hookspec
def order_promoted(ctx: EventContext, order: Order) -> None:
    """A quote became an order, or an order was entered. Event, as `record_changed`."""


@hookspec
def document_changed(ctx: EventContext, document: Document, before: Document | None) -> None:
    """An ERP order, shipment, invoice, credit note, payment or return changed.

    Event, as `record_changed`. `document` is as the ERP had it when the event was delivered;
    `before` is `None` where the host has not seen the document yet.
    """


@hookspec
def scheduled_jobs(ctx: Context) -> Sequence[Job]:
    """Name the jobs that run on a schedule. Job: retried as events are."""


@hookspec(firstresult=True)
def score_opportunity(ctx: Context, opportunity: Opportunity) -> Score | None:
    """Say how likely an opportunity is won. Provider: the first answer that is not `None` wins.

    When the plugin fails, the next provider is asked.
    """
