"""What the desk asks of the host: a narrow face, so that the pages can be tried without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from crossdock.host.approvals.approvals import Approvals
from crossdock.host.deliveries import Attempt, Backlog, Circuit, Delivery
from crossdock.host.deliveries.delivery import DeliveryState, FailureClass
from crossdock.host.erp_documents import ErpDocuments
from crossdock.host.exceptions_queue import ExceptionsQueue
from crossdock.host.invoice_copies import InvoiceCopies
from crossdock.host.linking.linking import Linking
from crossdock.host.order_changes.order_changes import OrderChanges
from crossdock.host.placements.placements import Placements
from crossdock.host.saving.promotion import Promotion, SavedQuote
from crossdock.host.saving.saved import SavedAccount, SavedContact, SavedOpportunity
from crossdock.host.screens.cards import CardHandle, RenderedCard
from crossdock.host.screens.scoring import Scored
from crossdock.host.screens.segments import OpenedSegment, SegmentList
from crossdock.host.screens.tabs import RenderedTab, TabHandle
from crossdock.host.store import AuditEntry, Store
from crossdock.host.synchronising.synchronising import Synchronising
from crossdock.ports import CrmPort, ErpPort
from crossdock.records import (
    Account,
    Contact,
    Opportunity,
    OrderChange,
    Quote,
    TradingAccount,
    User,
)

_Record = TypeVar("_Record")


class Systems(Protocol):
    """The configured ERPs."""

    @property
    def systems(self) -> tuple[str, ...]:
        """Their names."""

    def using(self, system: str) -> ErpPort:
        """Give the port of one of them."""


class DeskCircuits(Protocol):
    """The remote systems that are away."""

    def list(self) -> Sequence[Circuit]:
        """Give them."""


class DeskDeliveries(Protocol):
    """What became of events, as far as the desk shows it."""

    @property
    def circuits(self) -> DeskCircuits:
        """The remote systems that are away."""

    def list(
        self,
        *,
        states: Sequence[DeliveryState] = (),
        subject: str | None = None,
        failures: Sequence[FailureClass] = (),
        system: str | None = None,
        assignee: str | None = None,
        published_before: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Delivery]:
        """List deliveries, newest first."""

    def counts(self) -> Mapping[str, int]:
        """Count them by state."""

    def backlog(self) -> Backlog:
        """Say how much is not done yet, and whether that is more than usual."""

    def get(self, delivery_id: str) -> Delivery:
        """Read one."""

    def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        """List the attempts at one, oldest first."""

    def history(self, delivery_id: str) -> Sequence[AuditEntry]:
        """List what people did with one, oldest first."""


class DeskHost(Protocol):
    """The host, as far as the desk needs it."""

    @property
    def crm(self) -> CrmPort:
        """The CRM itself: the desk is its user interface."""

    @property
    def erp(self) -> Systems:
        """The ERPs, for searching items."""

    @property
    def deliveries(self) -> DeskDeliveries:
        """Events on their way to plugins."""

    @property
    def exceptions(self) -> ExceptionsQueue:
        """The same in the hands of people, by the rights of their roles."""

    def as_seen_by(self, user: User, record: _Record) -> _Record:
        """Give a record without what the user may not see."""

    def hidden_from(self, user: User) -> frozenset[str]:
        """Name the sensitivities that the user may not see."""

    @property
    def approvals(self) -> Approvals:
        """What guards want somebody to agree to."""

    @property
    def linking(self) -> Linking:
        """Which ERP customers an account has, and who may say so."""

    @property
    def synchronising(self) -> Synchronising:
        """Records that CRM and ERP both have, kept the same."""

    @property
    def documents(self) -> ErpDocuments:
        """Documents of ERPs, opened by who may read such."""

    @property
    def invoices(self) -> InvoiceCopies:
        """Copies of invoices, and who may send one again."""

    @property
    def placements(self) -> Placements:
        """Orders on their way into the ERPs."""

    @property
    def order_changes(self) -> OrderChanges:
        """Changes of orders that the ERP has."""

    @property
    def store(self) -> Store:
        """The audit trail."""

    @property
    def now(self) -> Callable[[], datetime]:
        """The host's clock, as figures as of now count by it."""

    def account_tabs(self, account_id: str, *, user: User) -> Sequence[TabHandle]:
        """Name the tabs that the user sees on an account."""

    def render_tab(
        self,
        address: str,
        account_id: str,
        *,
        user: User,
        params: Mapping[str, Any] | None = None,
        fresh: bool = False,
    ) -> RenderedTab:
        """Open a tab; `fresh` asks the ERPs whatever was read a moment ago."""

    def contact_tabs(self, contact_id: str, *, user: User) -> Sequence[TabHandle]:
        """Name the tabs that the user sees on a contact."""

    def render_contact_tab(
        self,
        address: str,
        contact_id: str,
        *,
        user: User,
        params: Mapping[str, Any] | None = None,
        fresh: bool = False,
    ) -> RenderedTab:
        """Open a tab of a contact."""

    def dashboard_cards(self, *, user: User) -> Sequence[CardHandle]:
        """Name the cards that the user sees."""

    def render_card(self, address: str, *, user: User) -> RenderedCard:
        """Open a card."""

    def segments(self, *, user: User) -> SegmentList:
        """Name the lists of accounts that the user may open."""

    def segment_accounts(self, address: str, *, user: User) -> OpenedSegment:
        """Open a list."""

    def score_opportunity(self, opportunity: Opportunity, *, user: User) -> Scored:
        """Ask how likely an opportunity is won."""

    def save_account(self, account: Account, *, user: User) -> SavedAccount:
        """Ask the guards, then save."""

    def save_contact(self, contact: Contact, *, user: User) -> SavedContact:
        """Ask the guards, then save."""

    def save_opportunity(self, opportunity: Opportunity, *, user: User) -> SavedOpportunity:
        """Ask the guards, then save."""

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        """Give the ERP customers behind an account, the default first."""

    def save_quote(self, quote: Quote, *, user: User) -> SavedQuote:
        """Ask the guards, then save."""

    def promote_quote(self, quote_id: str, *, user: User) -> Promotion:
        """Ask the guards, then make an order and publish it."""

    def change_order(self, order_id: str, change: OrderChange, *, user: User) -> OrderChange:
        """Ask for a change or cancellation of an order that the ERP has."""
