"""`ctx`, as the host makes it: for one plugin, one user and one call.

Guards are called for every keystroke's worth of saving, so a context is cheap: what is behind
`crm`, `erp` and `log` is made when it is first asked for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from crossdock.host.gateway import Passage, guarded_crm, guarded_erp, mask, rights_of
from crossdock.host.loading import Plugin
from crossdock.ports import CrmPort, ErpRouter
from crossdock.records import Account, TradingAccount, User

if TYPE_CHECKING:
    from crossdock.host.services import Services

_T = TypeVar("_T")
_TRADING_ACCOUNTS_SCOPE = "erp.customers:read"


class CallContext:
    """The context of a view or a guard; see `crossdock.Context`."""

    # Made for every plugin on every call, used by few: what is behind the ports is not even set to
    # `None` on the instance before it is asked for.
    _passage: Passage | None = None
    _crm: CrmPort | None = None
    _erp: ErpRouter | None = None

    def __init__(
        self, services: Services, plugin: Plugin, point: str, user: User | None, ends: float
    ) -> None:
        self._services = services
        self._plugin = plugin
        self._point = point
        self._ends = ends
        self.user = user

    @property
    def config(self) -> Mapping[str, Any]:
        """The plugin's own settings."""
        return self._plugin.config

    @property
    def log(self) -> logging.Logger:
        """A logger that carries the plugin's id."""
        return logging.getLogger(f"crossdock.plugin.{self._plugin.id}")

    @property
    def now(self) -> datetime:
        """The instant that the call counts as."""
        return self._services.now()

    @property
    def deadline(self) -> float:
        """Seconds that are left."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def crm(self) -> CrmPort:
        """The CRM behind the gateway."""
        if self._crm is None:
            self._crm = guarded_crm(self._services.crm, self._pass())
        return self._crm

    @property
    def erp(self) -> ErpRouter:
        """The ERPs behind the gateway."""
        if self._erp is None:
            self._erp = guarded_erp(self._services.erp.as_port(), self._pass())
        return self._erp

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        """Give the ERP customers behind a CRM account, the default first."""
        passage = self._pass()
        guarded = self.erp
        guarded.admit(_TRADING_ACCOUNTS_SCOPE)  # type: ignore[attr-defined]  # the gateway's own
        found = self._services.trading_accounts(
            account, identity=passage.identity, seconds=self.deadline
        )
        masked: Sequence[TradingAccount] = mask(found, passage.rights.hidden)
        return masked

    def close(self) -> None:
        """End the call: ports that the plugin kept stop working."""
        if self._passage is not None:
            self._passage.open = False

    def _pass(self) -> Passage:
        if self._passage is None:
            services = self._services
            plugin = self._plugin
            self._passage = Passage(
                rights=rights_of(plugin.manifest.scopes, self.user, services.roles),
                identity=f"{services.identity}; plugin {plugin.id}",
                ends=self._ends,
                clock=time.monotonic,
                refuse=self._refused,
            )
        return self._passage

    def _refused(self, scope: str) -> None:
        self._services.record_refusal(
            plugin_id=self._plugin.id,
            point=self._point,
            user_id=self.user.id if self.user else "",
            scope=scope,
        )


class EventCallContext(CallContext):
    """The context of an event handler; see `crossdock.EventContext`."""

    def __init__(
        self,
        services: Services,
        plugin: Plugin,
        point: str,
        ends: float,
        *,
        step: Callable[..., Any],
        idempotency_key: str,
    ) -> None:
        super().__init__(services, plugin, point, None, ends)
        self._step = step
        self.idempotency_key = idempotency_key

    def step(self, name: str, fn: Callable[..., _T], *args: Any) -> _T:
        """Do something once and remember the result."""
        result: _T = self._step(name, fn, *args)
        return result
