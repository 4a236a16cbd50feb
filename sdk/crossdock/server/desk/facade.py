"""What the desk asks of the host: a narrow face, so that the pages can be tried without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from crossdock.host.deliveries import Delivery
from crossdock.host.deliveries.delivery import DeliveryState
from crossdock.host.promotion import Promotion, SavedQuote
from crossdock.host.tabs import RenderedTab, TabHandle
from crossdock.ports import CrmPort, ErpPort
from crossdock.records import Account, Quote, TradingAccount, User


class Systems(Protocol):
    """The configured ERPs."""

    @property
    def systems(self) -> tuple[str, ...]:
        """Their names."""

    def using(self, system: str) -> ErpPort:
        """Give the port of one of them."""


class DeskDeliveries(Protocol):
    """What became of events, as far as the desk shows it."""

    def list(
        self, *, states: Sequence[DeliveryState] = (), subject: str | None = None, limit: int = 100
    ) -> Sequence[Delivery]:
        """List deliveries, newest first."""

    def counts(self) -> Mapping[str, int]:
        """Count them by state."""

    def retry(self, delivery_id: str, *, actor: str) -> Delivery:
        """Try a dead one again; `actor` is for the audit trail."""


class DeskHost(Protocol):
    """The host, as far as the desk needs it."""

    @property
    def crm(self) -> CrmPort:
        """The CRM itself: the desk is its user interface."""

    @property
    def erp(self) -> Systems:
        """The ERPs, for searching items and opening documents."""

    @property
    def deliveries(self) -> DeskDeliveries:
        """Events on their way to plugins."""

    @property
    def now(self) -> Callable[[], datetime]:
        """The host's clock, as figures as of now count by it."""

    def account_tabs(self, account_id: str, *, user: User) -> Sequence[TabHandle]:
        """Name the tabs that the user sees on an account."""

    def render_tab(
        self, address: str, account_id: str, *, user: User, params: Mapping[str, Any] | None = None
    ) -> RenderedTab:
        """Open a tab."""

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        """Give the ERP customers behind an account, the default first."""

    def save_quote(self, quote: Quote, *, user: User) -> SavedQuote:
        """Ask the guards, then save."""

    def promote_quote(self, quote_id: str, *, user: User) -> Promotion:
        """Ask the guards, then make an order and publish it."""
