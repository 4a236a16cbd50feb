"""What changed, and the events that the host delivers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from attrs import frozen

from crossdock.records.finance import CreditNote, Invoice, Payment
from crossdock.records.fulfilment import Return, Shipment
from crossdock.records.item import Item
from crossdock.records.order_change import OrderChangeRequested
from crossdock.records.party import Account, Contact, TradingAccount
from crossdock.records.sales import Order, Quote

Document = Order | Shipment | Invoice | CreditNote | Payment | Return
Party = Account | Contact | TradingAccount | Item


@frozen(kw_only=True)
class Change:
    """One entry of a system's change feed.

    Attributes:
        cursor: where the feed stands after this entry; opaque, of the system's own making.
        entity: account, contact, trading_account, item, price, order, shipment, invoice,
            credit_note, payment, return, quote, ...
        successor: the id of the record that goes on in its place, where the system says that this
            one was merged into another or has got another number.
        by: who made it, as the system calls him; empty where its feed does not tell.
    """

    cursor: str
    system: str
    entity: str
    id: str
    action: Literal["created", "updated", "deleted"]
    at: datetime
    version: str = ""
    successor: str = ""
    by: str = ""


@frozen(kw_only=True)
class Acknowledgement:
    """The ERP's word that it has an order.

    Attributes:
        reference: the caller's own key as the ERP stored it; the host compares it, so that an
            answer to another call is never taken for this one.
        replayed: whether the ERP had the order already.
    """

    order: Order
    reference: str
    replayed: bool = False


@frozen(kw_only=True)
class QuoteSaved:
    """A quote was saved in the CRM."""

    quote: Quote
    before: Quote | None = None


@frozen(kw_only=True)
class OrderPromoted:
    """A quote became an order, or an order was entered."""

    order: Order


@frozen(kw_only=True)
class QuoteWritten:
    """A quote was saved in a CRM that asks nobody before, so the host judges it now.

    For the host itself; no plugin is told.
    """

    change: Change


@frozen(kw_only=True)
class QuoteApproved:
    """Everything that a promotion waited for was agreed to, so the host goes on with it.

    For the host itself; no plugin is told.

    Attributes:
        approval_id: the last answer, such as `AP-7`.
        requested_by: on whose behalf the quote is ordered.
    """

    quote_id: str
    account_id: str
    approval_id: str
    fingerprint: str
    requested_by: str


@frozen(kw_only=True)
class DocumentChanged:
    """An ERP document changed; `change` says which and how."""

    change: Change
    document: Document
    before: Document | None = None


@frozen(kw_only=True)
class RecordChanged:
    """An account, contact, trading account, item or price changed on either side."""

    change: Change


@frozen(kw_only=True)
class JobDue:
    """One occurrence of a plugin's job; no other plugin is told of it.

    Attributes:
        due_at: the instant of the cron line.
    """

    plugin_id: str
    job_id: str
    due_at: datetime


Event = (
    QuoteSaved
    | QuoteWritten
    | QuoteApproved
    | OrderPromoted
    | OrderChangeRequested
    | DocumentChanged
    | RecordChanged
    | JobDue
)
