"""What stands behind a plugin's context: whose call it is, its rights, and its way to the ports."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from crossdock.answers import Answer
from crossdock.host.gateway import (
    Arguments,
    Passage,
    RecentAnswers,
    Refusal,
    Rehearsal,
    Rights,
    Write,
    rehearsing,
)
from crossdock.host.gateway.port import GuardedMethod
from crossdock.host.loading.plugin import Plugin
from crossdock.ports import CrmPort, ErpRouter
from crossdock.records import Account, AccountLink, ExchangeRate, TradingAccount, User

if TYPE_CHECKING:
    from crossdock.host.asking.services import Services
    from crossdock.synchronising.port import SyncPort

_TRADING_ACCOUNTS_SCOPE: Final = "erp.customers:read"
_ACCOUNTS_SCOPE: Final = "crm.accounts:read"
_RATES_SCOPE: Final = "erp.rates:read"


class Asking:
    """What the contexts of one call share, however many plugins it asks."""

    __slots__ = (
        "anew", "arguments", "ends", "point", "recent", "rehearsed", "services", "user",
    )  # fmt: skip

    arguments: Arguments | None
    recent: RecentAnswers | None
    anew: bool

    def __init__(self, services: Services, point: str, user: User | None, ends: float) -> None:
        self.services = services
        self.point = point
        self.user = user
        self.ends = ends
        self.rehearsed = rehearsing()
        self.arguments = None
        self.recent = None
        self.anew = False


class Call:
    """What stands behind a context; made when something of it is first needed."""

    def __init__(self, asking: Asking, plugin: Plugin, *, over: bool) -> None:
        self.asking = asking
        self.services = asking.services
        self.point = asking.point
        self.user = asking.user
        self.ends = asking.ends
        self.plugin = plugin
        self.dry_run = asking.rehearsed or plugin.dry_run
        self.open = not over
        self.passage: Passage | None = None
        self.crm: CrmPort | None = None
        self.erp: ErpRouter | None = None
        self.sync: SyncPort | None = None

    def rights(self) -> Rights:
        """Give what the plugin may do in this call."""
        return self.services.rights.of(self.plugin.manifest.scopes, self.user)

    def hidden(self) -> frozenset[str]:
        """Name what is hidden from the plugin in this call."""
        return self.rights().hidden

    def refuse(self, scope: str, reason: str) -> None:
        """Write down a refusal."""
        self.services.refusals.record(
            Refusal(self.plugin.id, self.point, self.user.id if self.user else "", scope, reason)
        )

    def record(self, write: Write) -> None:
        """Keep what a dry run would have written."""
        self.services.store.rehearsed.add(
            plugin_id=self.plugin.id,
            point=self.point,
            user_id=self.user.id if self.user else "",
            write=write,
        )

    def way(self) -> Passage:
        """Give the way to the ports, made when it is first needed."""
        if self.passage is None:
            services = self.services
            self.passage = Passage(
                plugin_id=self.plugin.id,
                rights=self.rights(),
                identity=f"{services.identity}; plugin {self.plugin.id}",
                ends=self.ends,
                clock=time.monotonic,
                refuse=self.refuse,
                given=self.asking.arguments.whole if self.asking.arguments is not None else {},
                rehearsal=Rehearsal(self.record) if self.dry_run else None,
                observe=services.telemetry.port,
                open=self.open,
                recent=self.asking.recent,
                anew=self.asking.anew,
            )
            if self.asking.recent is not None:
                self.asking.recent.catch_up()
        return self.passage

    def together(self, asks: Sequence[Callable[[], Any]]) -> tuple[Answer[Any], ...]:
        """Ask several things of the ports side by side."""
        for ask in asks:
            if not isinstance(ask.func if isinstance(ask, partial) else ask, GuardedMethod):
                raise TypeError(
                    "together takes methods of ctx.erp and ctx.crm with their arguments, such as "
                    f"partial(ctx.erp.invoices, customer), not {type(ask).__name__}"
                )
        return self.services.threads.ask(asks)

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        """Give the ERP customers behind an account as the plugin may see them."""
        passage = self.way()
        passage.admit(_TRADING_ACCOUNTS_SCOPE)
        return passage.show(
            self.services.trading_accounts(
                account,
                identity=passage.identity,
                seconds=self.left(),
                remember=not self.dry_run,
            )
        )

    def trading_account(self, account: Account, ref: str) -> TradingAccount | None:
        """Give one ERP customer behind an account as the plugin may see it."""
        passage = self.way()
        passage.admit(_TRADING_ACCOUNTS_SCOPE)
        return passage.show(
            self.services.linking.linked.one(
                account,
                ref,
                identity=passage.identity,
                seconds=self.left(),
                remember=not self.dry_run,
            )
        )

    def links(self, account: Account) -> Sequence[AccountLink]:
        """Name the ERP customers behind an account without asking an ERP."""
        self.way().admit(_TRADING_ACCOUNTS_SCOPE)
        return self.services.links(account, remember=not self.dry_run)

    def exchange_rates(self, to: str, on: date | None) -> Sequence[ExchangeRate]:
        """Give the rates into a currency."""
        passage = self.way()
        passage.admit(_RATES_SCOPE)
        return self.services.rates.into(to, on=on, identity=passage.identity, seconds=self.left())

    def left(self) -> float:
        """Give the seconds that are left."""
        return max(0.0, self.ends - time.monotonic())

    def account_ids(self, customers: Sequence[str]) -> Mapping[str, str]:
        """Give the CRM accounts behind ERP customers."""
        passage = self.way()
        passage.admit(_ACCOUNTS_SCOPE)
        return self.services.account_ids(
            customers,
            identity=passage.identity,
            seconds=self.left(),
        )
