"""Frozen with v1 of the extension points: never change this file.

It implements every v1 point with every argument that the point had when it was frozen, and uses of
each context and each answer what a plugin of that day may rely on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve

from crossdock import (
    Action,
    Amend,
    Badge,
    Card,
    Context,
    EventContext,
    Fields,
    GuardAnswer,
    Job,
    Metric,
    Metrics,
    Notice,
    Param,
    Proceed,
    Provenance,
    RequireApproval,
    Score,
    Segment,
    Tab,
    Veto,
    View,
    Warn,
    hookimpl,
)
from crossdock.records import (
    Account,
    Activity,
    Change,
    Contact,
    Document,
    Opportunity,
    Order,
    OrderChange,
    OrderEvent,
    Quote,
)


@hookimpl
def account_tabs(ctx: Context, account: Account) -> Sequence[Tab]:
    since = Param(name="since", label="Since", kind="date", default="2026-01-01")
    return [Tab(id="credit", title=account.name, render=_credit, params=(since,), order=5)]


def _credit(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    (customer,) = ctx.trading_accounts(account)
    status = ctx.erp.credit(customer)
    return View(
        [
            Metrics(
                metrics=[Metric(label="Limit", value=status.limit, tone="info", help="v1")],
                title=customer.ref,
                provenance=Provenance(source=customer.system, as_of=ctx.now),
            ),
            Fields(
                items=[
                    ("Greeting", ctx.config["greeting"]),
                    ("For", ctx.user.name if ctx.user else None),
                    ("Since", params["since"]),
                    ("In time", ctx.deadline > 0),
                    ("Standing", Badge("held" if status.on_hold else "free", "good")),
                ]
            ),
        ]
    )


@hookimpl
def contact_tabs(ctx: Context, contact: Contact) -> Sequence[Tab]:
    return [Tab(id="person", title=contact.name, render=_person)]


def _person(ctx: Context, contact: Contact, params: Mapping[str, Any]) -> View:
    account = ctx.crm.account(contact.account_id)
    return View([Fields(items=[("Works at", account.name), ("E-mail", contact.email)])])


@hookimpl
def dashboard_cards(ctx: Context) -> Sequence[Card]:
    return [
        Card(id="hello", title="Hello", render=_hello),
        Card(id="books", title="Books", render=_hello, roles=("accounting",)),
    ]


def _hello(ctx: Context) -> View:
    link = Action(label="There", target="segment/frozen-v1/all", params={"a": "b"})
    return View([Notice(text=ctx.config["greeting"], tone="info", title="Hello"), link])


@hookimpl
def account_segments(ctx: Context) -> Sequence[Segment]:
    return [Segment(id="all", title="All", account_ids=_all, description="Everybody")]


def _all(ctx: Context) -> tuple[str, ...]:
    return tuple(account.id for account in ctx.crm.accounts(limit=3).items)


@hookimpl
def before_account_save(ctx: Context, account: Account, before: Account | None) -> GuardAnswer:
    if account.name == "forbidden":
        return Veto("Not this name.", code="name.forbidden", field="name")
    return Amend(evolve(account, industry="Judged"), reason="Every account is judged.")


@hookimpl
def before_contact_save(ctx: Context, contact: Contact, before: Contact | None) -> GuardAnswer:
    was = before.last_name if before else "nobody"
    return Warn(f"It was {was}.", code="contact.was", field="last_name")


@hookimpl
def before_opportunity_save(
    ctx: Context, opportunity: Opportunity, before: Opportunity | None
) -> GuardAnswer:
    if opportunity.amount.amount > 1000000:
        raise RuntimeError("too large to judge")
    return Proceed()


@hookimpl
def before_quote_save(ctx: Context, quote: Quote, before: Quote | None) -> GuardAnswer:
    judged = evolve(quote, price_source="v1")
    return [
        Amend(judged, reason="Seen by v1."),
        Warn("new" if before is None else f"was {before.status}", field="status"),
    ]


@hookimpl
def before_order_save(ctx: Context, order: Order, before: Order | None) -> GuardAnswer:
    if len(order.lines) > 1:
        return RequireApproval("manager", "More than one line.", code="lines", field="lines")
    return None


@hookimpl
def before_order_promote(ctx: Context, quote: Quote) -> GuardAnswer:
    return [] if quote.price_source == "v1" else Veto("Save it first.", code="unseen")


@hookimpl
def record_changed(ctx: EventContext, change: Change) -> None:
    text = f"{change.system} {change.entity} {change.action} {change.version}"
    ctx.step("note", _note, ctx, change.id, text)


@hookimpl
def quote_saved(ctx: EventContext, quote: Quote, before: Quote | None) -> None:
    text = f"quote {quote.id} was {before.status if before else 'new'}"
    ctx.step("note", _note, ctx, quote.account_id, text)


def _note(ctx: EventContext, account_id: str, text: str) -> str:
    note = Activity(id="", account_id=account_id, kind="note", subject=text)
    return ctx.crm.add_activity(note, key=f"{ctx.idempotency_key}:{text}").id


@hookimpl
def order_promoted(ctx: EventContext, order: Order) -> None:
    count = ctx.step("count", len, order.lines)
    ctx.step("tell", _tell, ctx, order.id, f"promoted with {count} lines")


@hookimpl
def order_change_requested(ctx: EventContext, order: Order, change: OrderChange) -> None:
    ctx.step("tell", _tell, ctx, order.id, f"{change.id}: {change.kind}, {change.reason}")


@hookimpl
def document_changed(ctx: EventContext, document: Document, before: Document | None) -> None:
    if isinstance(document, Order):
        seen = "known" if before else "new"
        ctx.step("tell", _tell, ctx, document.reference, f"{document.id} is {seen}")


def _tell(ctx: EventContext, order_id: str, title: str) -> None:
    entry = OrderEvent(key=f"v1:{title}", at=ctx.now, kind="note", title=title, actor="frozen-v1")
    ctx.crm.add_order_event(order_id, entry)


@hookimpl
def scheduled_jobs(ctx: Context) -> Sequence[Job]:
    return [Job(id="nightly", cron="30 2 * * *", run=_nightly)]


def _nightly(ctx: EventContext) -> None:
    first = ctx.step("first", lambda: ctx.crm.accounts(limit=1).items[0].id)
    ctx.step("note", _note, ctx, first, f"nightly at {ctx.now:%H:%M}")


@hookimpl
def score_opportunity(ctx: Context, opportunity: Opportunity) -> Score | None:
    if opportunity.name == "unknown":
        return None
    return Score(probability=Decimal("0.25"), evidence=(f"It is {opportunity.name}.",))
