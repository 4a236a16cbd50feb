"""The records that a plugin is asked about: ordinary ones, empty ones, huge ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final, TypeVar

from attrs import evolve, frozen

from crossdock.errors import CrossdockError, NotSupported
from crossdock.records import (
    Account,
    Contact,
    Document,
    DocumentChanged,
    Event,
    JobDue,
    Opportunity,
    Order,
    OrderChange,
    OrderChangeRequested,
    OrderPromoted,
    Quote,
    QuoteSaved,
    RecordChanged,
    TradingAccount,
)
from crossdock.testing.builders import (
    a_change,
    a_contact,
    a_quote,
    an_account,
    an_opportunity,
    an_order,
    of,
)
from crossdock.testing.dock import Dock
from crossdock.testing.rule import Skipped

_MANY: Final = 300
_Record = TypeVar("_Record")


@frozen(kw_only=True)
class Cast:
    """One record of each kind that guards, tabs and scores are asked about."""

    account: Account
    contact: Contact
    opportunity: Opportunity
    quote: Quote
    order: Order
    customer: TradingAccount | None
    documents: tuple[Document, ...] = ()

    def of(self, subject: str) -> Any:
        """Give the record that a point's argument is called for."""
        return getattr(self, subject)


def ordinary(dock: Dock) -> Cast:
    """Give records as the systems have them, of an account that buys.

    Raises:
        Skipped: the systems have no account that is a customer.
    """
    crm = dock.host.crm
    account, customer = _customer(dock)
    item = dock.host.erp.using(customer.system).items(limit=1).items[0].id
    order = an_order(account.id, of(2, item), reference="certify-1", owner_id=account.owner_id)
    quotes = [quote for quote in _some(crm.quotes, account.id) if quote.lines]
    return Cast(
        account=account,
        contact=_first(_some(crm.contacts, account.id), a_contact("Ada Wolf", at=account.id)),
        opportunity=_first(
            _some(crm.opportunities, account.id), _deal(dock, account.id, "Conveyors")
        ),
        quote=_first(quotes, a_quote(account.id, of(2, item), owner_id=account.owner_id)),
        order=order,
        customer=customer,
        documents=tuple(_documents(dock, customer)),
    )


def empty(dock: Dock) -> Cast:
    """Give records with nothing in them, of a prospect that no ERP knows."""
    account = dock.host.crm.save_account(an_account("Nobody yet", kind="prospect"))
    return Cast(
        account=account,
        contact=a_contact("Wolf", at=account.id),
        opportunity=_deal(dock, account.id, "-", worth=0),
        quote=a_quote(account.id),
        order=an_order(account.id, reference="certify-2"),
        customer=None,
    )


def huge(dock: Dock, lines: int = _MANY) -> Cast:
    """Give a quote and an order with very many lines, of an account that buys."""
    usual = ordinary(dock)
    item = usual.order.lines[0].item_id
    goods = [of(1, item) for _ in range(lines)]
    account = usual.account
    long = account.name + " & Sons" * 20
    return evolve(
        usual,
        quote=a_quote(account.id, *goods, owner_id=account.owner_id),
        order=an_order(account.id, *goods, reference="certify-3", owner_id=account.owner_id),
        account=evolve(account, name=long[:200]),
    )


def events(dock: Dock, cast: Cast, points: Sequence[str]) -> Iterator[tuple[str, Event]]:
    """Give what a plugin with some points is told of, each with the point's name."""
    now = dock.clock.now
    for point in points:
        match point:
            case "quote_saved":
                yield point, QuoteSaved(quote=_saved(dock, cast.quote))
            case "order_promoted":
                yield point, OrderPromoted(order=_promoted(dock, cast))
            case "order_change_requested":
                order = _promoted(dock, cast)
                change = OrderChange(id="CO-1", order_id=order.id, kind="cancel", requested_at=now)
                yield point, OrderChangeRequested(order=order, change=change)
            case "document_changed":
                for document in cast.documents:
                    entity = type(document).__name__.lower().replace("creditnote", "credit_note")
                    told = a_change(entity, document.id, system=document.system, at=now)
                    yield point, DocumentChanged(change=told, document=document)
            case "record_changed":
                changed = a_change("account", cast.account.id, system=dock.host.crm.system, at=now)
                yield point, RecordChanged(change=changed)
                if cast.customer is not None:
                    where = cast.customer.system
                    changed = a_change("trading_account", cast.customer.id, system=where, at=now)
                    yield point, RecordChanged(change=changed)
            case "scheduled_jobs":
                for handle in dock.host.jobs().jobs:
                    due = JobDue(plugin_id=handle.plugin_id, job_id=handle.job.id, due_at=now)
                    yield f"job {handle.job.id}", due


def shipped_order(dock: Dock, cast: Cast, points: Sequence[str]) -> list[DocumentChanged]:
    """Let a plugin place an order, ship it, and tell of it as it was before, and as it is now.

    Nothing where the plugin places no orders, or hears of no documents.
    """
    if not {"order_promoted", "document_changed"} <= set(points):
        return []
    promoted = _promoted(dock, cast)
    with suppress(CrossdockError):
        dock.deliver(OrderPromoted(order=promoted), key="certify-placed")
    placed = _some(dock.host.erp.orders_by_reference, promoted.id)
    if not placed:
        return []
    order_id, read = placed[0].id, dock.host.erp.using(placed[0].system).order
    before = read(order_id)
    dock.play("ship", order_id)
    return [
        DocumentChanged(
            change=a_change("order", order_id, system=each.system, version=each.version or ""),
            document=each,
        )
        for each in (before, read(order_id))
    ]


def _customer(dock: Dock) -> tuple[Account, TradingAccount]:
    for account in dock.host.crm.accounts(limit=50).items:
        known = dock.host.trading_accounts(account)
        if known:
            return account, known[0]
    raise Skipped("no account of the mock CRM is a customer of the mock ERP")


def _deal(dock: Dock, account: str, name: str, worth: int = 12_000) -> Opportunity:
    stages = [stage for stage in _some(dock.host.crm.stages) if stage.kind == "open"]
    stage = stages[0].id if stages else "open"
    return an_opportunity(
        name, account=account, worth=worth, stage=stage, probability=Decimal("0.1")
    )


def _documents(dock: Dock, customer: TradingAccount) -> Iterator[Document]:
    port = dock.host.erp.using(customer.system)
    reads: Sequence[Callable[..., Sequence[Document]]] = (
        port.orders,
        port.shipments,
        port.invoices,
        port.payments,
    )
    for read in reads:
        yield from list(_some(read, customer))[:1]


def _saved(dock: Dock, quote: Quote) -> Quote:
    return quote if quote.id else dock.host.crm.save_quote(quote)


def _promoted(dock: Dock, cast: Cast) -> Order:
    """Give an order that the CRM has and no ERP."""
    with suppress(CrossdockError):
        return dock.host.crm.save_order(cast.order)
    with suppress(CrossdockError):
        return dock.host.crm.order_from_quote(_saved(dock, cast.quote).id)
    return evolve(cast.order, id="certify-0")  # one that is gone by now


def _some(read: Callable[..., Sequence[_Record]], *asked: Any) -> Sequence[_Record]:
    try:
        return read(*asked)
    except NotSupported:
        return ()


def _first(found: Sequence[_Record], otherwise: _Record) -> _Record:
    return found[0] if found else otherwise
