"""What the operations of the side-car share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from crossdock.host.approvals.approvals import Approvals
from crossdock.host.asking.verdict import Verdict
from crossdock.host.deliveries import Deliveries
from crossdock.host.exceptions_queue import ExceptionsQueue
from crossdock.host.invoice_copies import InvoiceCopies
from crossdock.host.linking.linking import Linking
from crossdock.host.loading.roster import Quarantined
from crossdock.host.order_changes.order_changes import OrderChanges
from crossdock.host.placements.placements import Placements
from crossdock.host.saving.promotion import Promotion, SavedQuote
from crossdock.host.saving.saved import SavedAccount, SavedContact, SavedOpportunity, SavedOrder
from crossdock.host.screens.cards import CardHandle, RenderedCard
from crossdock.host.screens.segments import OpenedSegment, SegmentList
from crossdock.host.screens.tabs import RenderedTab, TabHandle
from crossdock.host.store import Store
from crossdock.host.store.answers import Answers
from crossdock.host.systems import Router
from crossdock.host.watching.telemetry import Telemetry
from crossdock.ports import CrmPort
from crossdock.records import (
    Account,
    Contact,
    Event,
    Opportunity,
    Order,
    OrderChange,
    Quote,
    User,
)
from crossdock.server.api.callers import GUESSES, Callers
from crossdock.server.api.contract import Contract
from crossdock.server.api.metrics import Figures
from crossdock.server.api.pool import Pool
from crossdock.server.api.rates import Buckets
from crossdock.server.api.settings import ApiSettings
from crossdock.server.api.tokens import Tokens

if TYPE_CHECKING:
    from crossdock.host.loading.plugin import Plugin
    from crossdock.server.embed.settings import EmbedSettings

_Record = TypeVar("_Record")


class ApiHost(Protocol):
    """The host, as far as the side-car needs it."""

    store: Store
    deliveries: Deliveries
    crm: CrmPort
    erp: Router
    telemetry: Telemetry
    approvals: Approvals
    linking: Linking
    invoices: InvoiceCopies
    order_changes: OrderChanges
    placements: Placements
    exceptions: ExceptionsQueue

    @property
    def plugins(self) -> Sequence[Plugin]:
        """The plugins that were loaded."""

    @property
    def quarantined(self) -> Sequence[Quarantined]:
        """Those that could not be."""

    @property
    def now(self) -> Callable[[], datetime]:
        """The host's clock."""

    def enable(self, plugin_id: str) -> Plugin:
        """Load a plugin that was disabled."""

    def disable(self, plugin_id: str) -> None:
        """Ask a plugin no more."""

    def replace(self, plugin_id: str) -> Plugin:
        """Take a plugin anew from where it lies."""

    def explain(self, point: str) -> tuple[str, ...]:
        """Name the plugins that a point calls, in order."""

    def user(self, user_id: str) -> User:
        """Read a user of the CRM."""

    def account_tabs(self, account_id: str, *, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of an account."""

    def render_tab(
        self,
        address: str,
        account_id: str,
        *,
        user: str | User,
        params: Mapping[str, Any] | None = None,
    ) -> RenderedTab:
        """Open a tab."""

    def contact_tabs(self, contact_id: str, *, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of a contact."""

    def render_contact_tab(
        self,
        address: str,
        contact_id: str,
        *,
        user: str | User,
        params: Mapping[str, Any] | None = None,
    ) -> RenderedTab:
        """Open a tab of a contact."""

    def ask(self, point: str, record: Any, *, user: str | User, before: Any = None) -> Verdict:
        """Ask the guards of a point."""

    def save_quote(self, quote: Quote, *, user: str | User) -> SavedQuote:
        """Ask the guards, then save."""

    def promote_quote(self, quote_id: str, *, user: str | User) -> Promotion:
        """Ask the guards, then make an order."""

    def save_account(self, account: Account, *, user: str | User) -> SavedAccount:
        """Ask the guards, then save."""

    def save_contact(self, contact: Contact, *, user: str | User) -> SavedContact:
        """Ask the guards, then save."""

    def save_opportunity(self, opportunity: Opportunity, *, user: str | User) -> SavedOpportunity:
        """Ask the guards, then save."""

    def save_order(self, order: Order, *, user: str | User) -> SavedOrder:
        """Ask the guards, then enter an order without a quote."""

    def dashboard_cards(self, *, user: str | User) -> tuple[CardHandle, ...]:
        """Name the cards of the dashboard."""

    def render_card(self, address: str, *, user: str | User) -> RenderedCard:
        """Open a card."""

    def segments(self, *, user: str | User) -> SegmentList:
        """Name the lists of accounts."""

    def segment_accounts(self, address: str, *, user: str | User) -> OpenedSegment:
        """Open a list of accounts."""

    def change_order(self, order_id: str, change: OrderChange, *, user: str | User) -> OrderChange:
        """Ask for a change of an order that the ERP has."""

    def hidden_from(self, user: User) -> frozenset[str]:
        """Name the sensitivities that a user may not see."""

    def as_seen_by(self, user: User, record: _Record) -> _Record:
        """Give a record without what a user may not see."""

    def publish(self, event: Event) -> str:
        """Store an event and its deliveries."""


class Api:
    """What the operations share.

    Attributes:
        pool: threads for operations that wait for other systems.
        service: threads for health and metrics, which must answer while the others are all busy.
        judging: threads for bearer tokens, as the issuer may have to be asked for its keys.
        embed: who may hold tabs in frames; `None` where nobody may.
        guesses: how often an address sent credentials that nobody knows.
        figures: what is counted.
    """

    def __init__(
        self,
        host: ApiHost,
        settings: ApiSettings,
        *,
        tokens: Tokens | None = None,
        embed: EmbedSettings | None = None,
    ) -> None:
        self.host: Final = host
        self.embed: Final = embed
        self.settings: Final = settings
        self.contract: Final = Contract.load()
        if tokens is None and settings.tokens is not None:
            tokens = Tokens(settings.tokens)
        self.callers: Final = Callers(settings, tokens)
        self.buckets: Final = Buckets()
        self.pool: Final = Pool("api", threads=settings.threads, queue=settings.queue)
        self.service: Final = Pool("api-service", threads=2, queue=16)
        self.judging: Final = Pool("api-tokens", threads=2, queue=settings.threads + settings.queue)
        self.figures: Final = Figures(self)

    @cached_property
    def answers(self) -> Answers:
        """Answers that were given under idempotency keys."""
        return Answers(self.host.store)

    def close(self) -> None:
        """Let what is at work finish."""
        self.pool.close()
        self.service.close()
        self.judging.close()

    def guess(self, address: str, *, tokens: float) -> bool:
        """Say whether an address may still guess; takes from its allowance where `tokens` is 1."""
        return self.buckets.take(f"address:{address}", GUESSES, tokens=tokens).granted
