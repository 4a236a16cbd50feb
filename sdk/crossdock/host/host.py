"""The host: loads plugins, asks them, and delivers events to them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import evolve

from crossdock.connectors.calling import acting_for, calling_as
from crossdock.errors import ConfigError
from crossdock.host.config import HostConfig
from crossdock.host.context import CallContext
from crossdock.host.guards import ask_guards
from crossdock.host.handlers import point_of, run_handler
from crossdock.host.loading import Plugin, Quarantined, load_plugins
from crossdock.host.plan import Plan, make_plan
from crossdock.host.promotion import Promotion, SavedQuote, checks_of
from crossdock.host.services import Services, wall_clock
from crossdock.host.store import Store
from crossdock.host.systems import Router, connect_crm, connect_erps
from crossdock.host.tabs import RenderedTab, TabHandle, list_tabs, render
from crossdock.host.verdict import Verdict
from crossdock.ports import CrmPort
from crossdock.records import (
    Account,
    Event,
    OrderPromoted,
    Quote,
    QuoteSaved,
    TradingAccount,
    User,
)

if TYPE_CHECKING:
    from crossdock.host.deliveries import Deliveries

_USERS_STAY_KNOWN_SECONDS: Final = 30.0


class Host:
    """Everything that a CRM embeds to run plugins.

    Make one with `Host.open` and close it when done; it is safe to use from several threads.

    Attributes:
        config: what it was told.
        crm: the CRM's port, not behind the gateway: for the CRM's own program.
        erp: the ERPs' ports, not behind the gateway.
        store: cross-references, audit, watermarks.
        deliveries: events and what became of them.
        plugins: the plugins that were loaded.
        quarantined: those that could not be, each with its reason.
    """

    def __init__(
        self,
        config: HostConfig,
        *,
        crm: CrmPort,
        erp: Router,
        store: Store,
        deliveries: Deliveries,
        plugins: Sequence[Plugin],
        quarantined: Sequence[Quarantined],
        identity: str,
        now: Callable[[], datetime],
    ) -> None:
        self.config = config
        self.crm = crm
        self.erp = erp
        self.store = store
        self.deliveries = deliveries
        self.plugins = tuple(plugins)
        self.quarantined = tuple(quarantined)
        self.plan: Plan = make_plan(self.plugins)
        self.now = now
        self._services = Services(
            crm=crm, erp=erp, store=store, roles=config.roles, identity=identity, now=now
        )
        self._users: dict[str, tuple[float, User]] = {}

    @classmethod
    def open(cls, config: str | Path | HostConfig, *, role: str = "host") -> Self:
        """Open a host: connect the systems, migrate the store, load the plugins.

        A plugin that cannot be loaded is quarantined and the host comes up all the same.

        Args:
            config: a `crossdock.toml`, or what was read from one.
            role: what this process is, such as `desk` or `worker w-1`; the remote systems see it.

        Raises:
            ConfigError: the configuration cannot be used.
            SetupError: the store cannot be used.
        """
        from crossdock.host.deliveries import Deliveries

        if not isinstance(config, HostConfig):
            config = HostConfig.read(config)
        plugins, quarantined = load_plugins(config)
        now = wall_clock(config.clock_offset)
        with ExitStack() as opened:
            store = opened.enter_context(Store.open(config.store_url, clock=now))
            erp = opened.enter_context(closing(connect_erps(config.erps)))
            host = cls(
                config,
                crm=connect_crm(config.crm),
                erp=erp,
                store=store,
                deliveries=Deliveries.open(store),
                plugins=plugins,
                quarantined=quarantined,
                identity=f"{role}; pid {os.getpid()}",
                now=now,
            )
            opened.pop_all()  # the host closes them from now on
        return host

    def close(self) -> None:
        """Close connections and the store."""
        self.deliveries.close()
        self.store.close()
        self.erp.close()
        close_crm = getattr(self.crm, "close", None)
        if close_crm is not None:
            close_crm()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Who is asking, and about whom.

    def user(self, user_id: str) -> User:
        """Read a user of the CRM; one that was read is known for half a minute.

        Raises:
            NotFound: the CRM has no such user.
        """
        known = self._users.get(user_id)
        if known is not None and time.monotonic() - known[0] < _USERS_STAY_KNOWN_SECONDS:
            return known[1]
        user = self.crm.user(user_id)
        self._users[user_id] = (time.monotonic(), user)
        return user

    def _user(self, user: str | User) -> User:
        return user if isinstance(user, User) else self.user(user)

    @contextmanager
    def _acting_for(self, user: str | User) -> Iterator[None]:
        with calling_as(self._services.identity), acting_for(self._user(user).id):
            yield

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        """Give the ERP customers that an account is linked to, the default first."""
        return self._services.trading_accounts(
            account,
            identity=self._services.identity,
            seconds=self.config.deadlines.view,
        )

    # Views.

    def account_tabs(self, account_id: str, *, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of an account that a user may open.

        Raises:
            NotFound: the CRM has no such account or user.
        """
        person = self._user(user)
        account = self.crm.account(account_id)
        return self._tabs(account, person)

    def _tabs(self, account: Account, person: User) -> tuple[TabHandle, ...]:
        ends = time.monotonic() + self.config.deadlines.view
        return list_tabs(
            self.plan,
            "account_tabs",
            "account",
            account,
            person,
            lambda plugin: CallContext(self._services, plugin, "account_tabs", person, ends),
        )

    def render_tab(
        self,
        address: str,
        account_id: str,
        *,
        user: str | User,
        params: Mapping[str, Any] | None = None,
    ) -> RenderedTab:
        """Open one tab of an account.

        Args:
            address: plugin and tab, as in `erp-tabs/aging`.
            account_id: the CRM's id of the account.
            user: on whose behalf.
            params: the tab's parameters, parsed or as text.

        Raises:
            NotFound: the CRM has no such account or user.
            ConfigError: there is no such tab for this user, or a parameter cannot be read.
        """
        person = self._user(user)
        account = self.crm.account(account_id)
        handles = self._tabs(account, person)
        for handle in handles:
            if handle.address == address:
                ends = time.monotonic() + self.config.deadlines.view
                plugin = self._plugin(handle.plugin_id)
                ctx = CallContext(self._services, plugin, f"tab {address}", person, ends)
                return render(handle, account, ctx, params or {})
        for aside in self.quarantined:
            if aside.id == address.partition("/")[0]:
                raise ConfigError(f"the plugin {aside.id} is not loaded: {aside.reason}")
        known = ", ".join(handle.address for handle in handles) or "none"
        raise ConfigError(f"there is no tab {address!r} for {person.name}; there are: {known}")

    # Guards.

    def before_quote_save(
        self, quote: Quote, *, user: str | User, before: Quote | None = None
    ) -> Verdict:
        """Ask the guards about a quote that is about to be saved."""
        return self._guard("before_quote_save", "quote", {"quote": quote, "before": before}, user)

    def before_order_promote(self, quote: Quote, *, user: str | User) -> Verdict:
        """Ask the guards about a quote that is about to become an order."""
        return self._guard("before_order_promote", "quote", {"quote": quote}, user)

    def _guard(
        self, point: str, subject: str, arguments: Mapping[str, Any], user: str | User
    ) -> Verdict:
        person = user if isinstance(user, User) else self.user(user)
        services = self._services
        ends = time.monotonic() + self.config.deadlines.guard

        def context(plugin: Plugin) -> CallContext:
            return CallContext(services, plugin, point, person, ends)

        return ask_guards(self.plan, point, subject, arguments, context, self.config.policy)

    def save_quote(self, quote: Quote, *, user: str | User) -> SavedQuote:
        """Ask the guards, save the quote in the CRM as they amended it, and publish `quote_saved`.

        When a remote system was away a draft is saved as `unchecked`; other quotes are not saved.

        Raises:
            Conflict: somebody else saved the quote since it was read.
            RemoteError: the CRM did not take it.
        """
        before = self.crm.quote(quote.id) if quote.id else None
        verdict = self.before_quote_save(quote, user=user, before=before)
        if verdict.unchecked and quote.status != "draft":
            away = tuple(evolve(fault, closes=True) for fault in verdict.faults)
            verdict = evolve(verdict, faults=away)
        if not verdict.allowed:
            return SavedQuote(verdict=verdict)
        judged: Quote = verdict.record
        status = "unchecked" if verdict.unchecked else judged.pricing_status
        with self._acting_for(user):
            saved = self.crm.save_quote(
                evolve(judged, pricing_status=status, checks=checks_of(verdict))
            )
        event_id = self.publish(QuoteSaved(quote=saved, before=before))
        return SavedQuote(verdict=verdict, quote=saved, event_id=event_id)

    def promote_quote(self, quote_id: str, *, user: str | User) -> Promotion:
        """Ask the guards, make the CRM's order of the quote, and publish `order_promoted`.

        Asking again gives the same order and publishes nothing twice: the CRM makes one order of a
        quote, and the event's id comes from that order.

        Raises:
            NotFound: the CRM has no such quote.
            RemoteError: the CRM did not make the order.
        """
        quote = self.crm.quote(quote_id)
        if quote.status == "ordered" and quote.order_id:
            order = self.crm.order(quote.order_id)
            event_id = self.publish(OrderPromoted(order=order))
            return Promotion(
                verdict=Verdict(record=quote), order=order, event_id=event_id, repeated=True
            )
        verdict = self.before_order_promote(quote, user=user)
        if not verdict.allowed:
            return Promotion(verdict=verdict)
        with self._acting_for(user):
            order = self.crm.order_from_quote(quote_id)
        event_id = self.publish(OrderPromoted(order=order))
        return Promotion(verdict=verdict, order=order, event_id=event_id)

    # Events.

    def subscribers(self, event: Event) -> tuple[str, ...]:
        """Name the plugins that an event is delivered to."""
        return tuple(impl.plugin.id for impl in self.plan.of(point_of(event)))

    def publish(self, event: Event) -> str:
        """Store an event and one delivery for each subscribed plugin; durable on return.

        Publishing the same event again changes nothing.

        Returns:
            The event's id.
        """
        subscribers = [
            (name, self._plugin(name).manifest.version) for name in self.subscribers(event)
        ]
        return self.deliveries.publish(event, subscribers)

    def deliver(
        self,
        plugin_id: str,
        event: Event,
        *,
        step: Callable[..., Any],
        idempotency_key: str,
    ) -> None:
        """Run one plugin's handler for one event, once; called by a worker.

        Raises:
            PluginFault: the plugin is not loaded, or does not handle such events any more.
            Exception: whatever the handler raised.
        """
        run_handler(
            self.plan,
            self._services,
            plugin_id,
            event,
            step=step,
            idempotency_key=idempotency_key,
            seconds=self.config.deadlines.event,
            quarantined=self.quarantined,
        )

    # What is loaded.

    def _plugin(self, plugin_id: str) -> Plugin:
        for plugin in self.plugins:
            if plugin.id == plugin_id:
                return plugin
        raise ConfigError(f"no plugin {plugin_id!r} is loaded")

    def explain(self, point: str) -> tuple[str, ...]:
        """Name the plugins that a point calls, in order."""
        return tuple(impl.plugin.id for impl in self.plan.of(point))
