"""The host: loads plugins, asks them, and delivers events to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from crossdock.errors import ConfigError
from crossdock.host.after_save.after_save import AfterSave
from crossdock.host.approvals.approvals import Approvals
from crossdock.host.asking.calls import Calls
from crossdock.host.asking.jobs import JobList
from crossdock.host.asking.services import Services, wall_clock
from crossdock.host.asking.verdict import Verdict
from crossdock.host.exceptions_queue import ExceptionsQueue
from crossdock.host.gateway import mask, rehearsal
from crossdock.host.loading.plan import Plan
from crossdock.host.loading.plugin import Plugin, Quarantined
from crossdock.host.loading.registry import Change, Registry
from crossdock.host.order_changes.order_changes import OrderChanges
from crossdock.host.placements.placement import Placement
from crossdock.host.placements.placements import Placements
from crossdock.host.placements.port import once_only
from crossdock.host.saving.events import Events
from crossdock.host.saving.promotion import Promotion, SavedQuote, told
from crossdock.host.saving.saved import SavedAccount, SavedContact, SavedOpportunity, SavedOrder
from crossdock.host.saving.saving import Saving
from crossdock.host.screens.cards import CardHandle, RenderedCard
from crossdock.host.screens.scoring import Scored, score_opportunity
from crossdock.host.screens.screens import Screens
from crossdock.host.screens.segments import OpenedSegment, SegmentList
from crossdock.host.screens.tabs import RenderedTab, TabHandle
from crossdock.host.settings.config import HostConfig
from crossdock.host.store import Store
from crossdock.host.store.rehearsed import RehearsedWrites
from crossdock.host.synchronising.policy_file import POLICY_FILE
from crossdock.host.systems import Router, connect_crm, connect_erps
from crossdock.host.watching.slow import remember_slow
from crossdock.host.watching.spans import watched
from crossdock.host.watching.telemetry import SLOW_CALLS, SLOW_SHARE, Telemetry
from crossdock.ports import CrmPort
from crossdock.records import (
    Account,
    Contact,
    Event,
    Opportunity,
    Order,
    OrderChange,
    Quote,
    QuoteApproved,
    QuoteWritten,
    TradingAccount,
    User,
)
from crossdock.records import Change as SystemChange

if TYPE_CHECKING:
    from crossdock.host.deliveries import Deliveries

_Record = TypeVar("_Record")


class Host:
    """Everything that a CRM embeds to run plugins.

    Make one with `Host.open` and close it when done; it is safe to use from several threads.

    Attributes:
        config: what it was told.
        crm: the CRM's port, not behind the gateway: for the CRM's own program.
        erp: the ERPs' ports, not behind the gateway.
        store: cross-references, audit, watermarks.
        deliveries: events and what became of them.
        now: the host's clock, aware UTC.
        placements: the CRM's orders on their way into the ERPs.
        order_changes: changes of orders that were placed already.
        linking: which ERP customers an account has, and who may say so.
        synchronising: records that CRM and ERP both have, kept the same.
        documents: documents of ERPs, opened by who may read such.
        invoices: copies of invoices, and who may send one again.
        approvals: what guards want somebody to agree to.
        exceptions: the deliveries in the hands of people, by the rights of their roles.
        telemetry: how often each plugin was called, how it went, and how long it took.
    """

    def __init__(
        self,
        config: HostConfig,
        *,
        crm: CrmPort,
        erp: Router,
        store: Store,
        deliveries: Deliveries,
        identity: str,
        now: Callable[[], datetime],
    ) -> None:
        self.config = config
        self.crm = crm
        self.erp = erp
        self.store = store
        self.deliveries = deliveries
        self.now = now
        self.telemetry = Telemetry(
            slow_share=config.telemetry.get("slow_share", SLOW_SHARE),
            slow_calls=config.telemetry.get("slow_calls", SLOW_CALLS),
            report=lambda *noticed: remember_slow(store, identity, now(), *noticed),
        )
        self._registry = Registry(
            config, watch=lambda plan: watched(plan, self.telemetry, config.deadlines)
        )
        self.placements = Placements(store, crm.system, settle=config.settle)
        self.order_changes = OrderChanges(
            store, lambda within, event: self._events.publish_within(within, event)
        )
        services = Services(
            crm=crm,
            erp=once_only(erp, self.placements, self.order_changes),
            store=store,
            roles=config.roles,
            identity=identity,
            now=now,
            telemetry=self.telemetry,
            rate_table=config.exchange_rates,
            keep_seconds=config.keep_seconds,
            settle=config.settle,
            policy_file=self._policy_file,
        )
        self.linking = services.linking
        self.synchronising = services.synchronising
        self.documents = services.documents
        self.invoices = services.invoices
        self._calls = Calls(config, services, self._registry)
        self._events = events = Events(self._calls, deliveries)
        self.synchronising.publish = events.publish_within
        self.approvals = Approvals(store, events.publish_within, config.approvals)
        self._screens = Screens(self._calls)
        self._after_save = AfterSave(self._calls, events.publish)
        self._saving = Saving(self._calls, events.publish, self.approvals, self._after_save)
        events.own[QuoteApproved] = self._saving.go_on
        events.own[QuoteWritten] = self._after_save.judge
        self.exceptions = ExceptionsQueue(
            deliveries,
            self,
            rights=services.rights,
            refusals=services.refusals,
            user=self._calls.user,
        )

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
        from crossdock.host.deliveries import Deliveries, DeliverySettings

        if not isinstance(config, HostConfig):
            config = HostConfig.read(config)
        now = wall_clock(config.clock_offset)
        with ExitStack() as opened:
            store = opened.enter_context(Store.open(config.store_url, clock=now))
            erp = opened.enter_context(closing(connect_erps(config.erps, lambda: store)))
            host = cls(
                config,
                crm=connect_crm(config.crm, lambda: store),
                erp=erp,
                store=store,
                deliveries=Deliveries.open(
                    store,
                    settings=DeliverySettings.of(
                        config.deliveries, config.limits, config.keep_days
                    ),
                ),
                identity=f"{role}; pid {os.getpid()}",
                now=now,
            )
            opened.pop_all()  # the host closes them from now on
            store.watermarks.began(config.crm.name, now())
        return host

    def close(self) -> None:
        """Close plugins, connections and the store."""
        self._calls.services.refusals.flush()
        self._calls.services.threads.close()
        self._registry.close()
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

    # What is loaded.

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """The plugins that are loaded."""
        return self._registry.snapshot.plugins

    @property
    def quarantined(self) -> tuple[Quarantined, ...]:
        """The plugins that could not be loaded, each with its reason."""
        return self._registry.snapshot.quarantined

    @property
    def plan(self) -> Plan:
        """Who is called for each extension point, in order."""
        return self._registry.snapshot.plan

    def explain(self, point: str) -> tuple[str, ...]:
        """Name the plugins that a point calls, in order."""
        return tuple(impl.plugin.id for impl in self.plan.of(point))

    # Changes of what is loaded, in this process and until it ends; crossdock.toml stays as it is.
    # Calls that are under way finish on the code that they began with.

    def install(self, path: str | Path) -> Plugin:
        """Take in a plugin in a folder or a file, and enable it, behind all others.

        Raises:
            ManifestError: its manifest cannot be used.
            PluginNotLoaded: it cannot be loaded.
            ConfigError: there is a plugin of that id already.
        """
        return self._registry.install(Path(path))

    def replace(self, plugin_id: str, path: str | Path | None = None) -> Plugin:
        """Exchange a plugin's code and manifest, from where it is or from another place.

        When this returns, every call that begins is on the new code. Any error leaves the old
        plugin running.

        Raises:
            ManifestError: the new manifest cannot be used.
            PluginNotLoaded: the new one cannot be loaded, or another plugin needs the old one.
            ConfigError: there is no such plugin, or the path holds another one.
        """
        return self._registry.replace(plugin_id, None if path is None else Path(path))

    def enable(self, plugin_id: str) -> Plugin:
        """Load a plugin that was disabled, or try once more to load one.

        Raises:
            PluginNotLoaded: it cannot be loaded.
            ConfigError: there is no such plugin.
        """
        return self._registry.enable(plugin_id)

    def disable(self, plugin_id: str) -> None:
        """Ask a plugin no more; `enable` brings it back to its old place.

        Raises:
            PluginNotLoaded: another plugin needs it.
            ConfigError: there is no such plugin.
        """
        self._registry.disable(plugin_id)

    def unload(self, plugin_id: str) -> None:
        """Forget a plugin, as if it had never been found.

        Raises:
            PluginNotLoaded: another plugin needs it.
            ConfigError: there is no such plugin.
        """
        self._registry.unload(plugin_id)

    def reload(self) -> Change:
        """Bring the plugins to what crossdock.toml says of them now, all of them or none.

        Only `[plugins]` counts; systems, roles and deadlines are as they were when the host was
        opened. What was changed at run time is forgotten.

        Raises:
            ConfigError: the file cannot be used, or the host was not opened from one.
            PluginNotLoaded: a plugin that runs now, and shall go on, cannot be loaded as it is now.
        """
        if self.config.source is None:
            raise ConfigError("this host was not opened from a crossdock.toml")
        return self._registry.reload(HostConfig.read(self.config.source))

    # Who is asking, and about whom.

    def user(self, user_id: str) -> User:
        """Read a user of the CRM; one that was read is known for half a minute.

        Raises:
            NotFound: the CRM has no such user.
        """
        return self._calls.user(user_id)

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        """Give the ERP customers that an account is linked to, the default first."""
        services = self._calls.services
        return services.trading_accounts(
            account, identity=services.identity, seconds=self.config.deadlines.view
        )

    def hidden_from(self, user: User) -> frozenset[str]:
        """Name the sensitivities that a user may not see, whoever shows them."""
        return self._calls.services.rights.hidden_from(user)

    def as_seen_by(self, user: User, record: _Record) -> _Record:
        """Give a record, or several, as a user may see them.

        What the ports of a host give is the CRM's and the ERPs' own. Whoever hands it on to a
        person takes out with this what that person's roles hide.
        """
        seen: _Record = mask(record, self.hidden_from(user))
        return seen

    # Views.

    def account_tabs(self, account_id: str, *, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of an account that a user may open.

        Raises:
            NotFound: the CRM has no such account or user.
        """
        return self._screens.tabs("account", account_id, user)

    def render_tab(
        self,
        address: str,
        account_id: str,
        *,
        user: str | User,
        params: Mapping[str, Any] | None = None,
        fresh: bool = False,
    ) -> RenderedTab:
        """Open one tab of an account.

        Args:
            address: plugin and tab, as in `erp-tabs/aging`.
            account_id: the CRM's id of the account.
            user: on whose behalf.
            params: the tab's parameters, parsed or as text.
            fresh: whether every figure is to be read now, and none of a moment ago will do.

        Raises:
            NotFound: the CRM has no such account or user.
            ConfigError: there is no such tab for this user, or a parameter cannot be read.
        """
        return self._screens.render_tab(
            "account", address, account_id, user, params or {}, fresh=fresh
        )

    def contact_tabs(self, contact_id: str, *, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of a contact that a user may open.

        Raises:
            NotFound: the CRM has no such contact or user.
        """
        return self._screens.tabs("contact", contact_id, user)

    def render_contact_tab(
        self,
        address: str,
        contact_id: str,
        *,
        user: str | User,
        params: Mapping[str, Any] | None = None,
        fresh: bool = False,
    ) -> RenderedTab:
        """Open one tab of a contact; as `render_tab`.

        Raises:
            NotFound: the CRM has no such contact or user.
            ConfigError: there is no such tab for this user, or a parameter cannot be read.
        """
        return self._screens.render_tab(
            "contact", address, contact_id, user, params or {}, fresh=fresh
        )

    def dashboard_cards(self, *, user: str | User) -> tuple[CardHandle, ...]:
        """Name the cards of the dashboard that a user may see.

        Raises:
            NotFound: the CRM has no such user.
        """
        return self._screens.cards(user)

    def render_card(self, address: str, *, user: str | User) -> RenderedCard:
        """Open one card, such as `watch-list/receivables`.

        Raises:
            NotFound: the CRM has no such user.
            ConfigError: there is no such card for this user.
        """
        return self._screens.render_card(address, user)

    def segments(self, *, user: str | User) -> SegmentList:
        """Name the lists of accounts that a user may open, and the plugins that could not tell.

        Raises:
            NotFound: the CRM has no such user.
        """
        return self._screens.segments(user)

    def segment_accounts(self, address: str, *, user: str | User) -> OpenedSegment:
        """Open one list of accounts, such as `watch-list/overdue`.

        Raises:
            NotFound: the CRM has no such user.
            ConfigError: there is no such list for this user.
        """
        return self._screens.open_segment(address, user)

    def score_opportunity(self, opportunity: Opportunity, *, user: str | User) -> Scored:
        """Ask how likely an opportunity is won; the first provider that has an answer counts.

        Raises:
            NotFound: the CRM has no such user.
        """
        return score_opportunity(self._calls, opportunity, user)

    # Guards.

    def ask(self, point: str, record: Any, *, user: str | User, before: Any = None) -> Verdict:
        """Ask the guards of a point, for a CRM that saves by itself.

        Args:
            point: such as `before_account_save`.
            record: as it would be saved.
            user: on whose behalf.
            before: as it is now; `None` for a new one.

        Raises:
            ConfigError: no guards are asked at such a point.
            NotFound: the CRM has no such user.
        """
        return self._saving.ask(point, record, user, before)

    def before_quote_save(
        self, quote: Quote, *, user: str | User, before: Quote | None = None
    ) -> Verdict:
        """Ask the guards about a quote that is about to be saved."""
        return self._saving.before_quote_save(quote, user, before)

    def before_order_promote(self, quote: Quote, *, user: str | User) -> Verdict:
        """Ask the guards about a quote that is about to become an order."""
        return self._saving.before_order_promote(quote, user)

    def save_quote(self, quote: Quote, *, user: str | User) -> SavedQuote:
        """Ask the guards, save the quote in the CRM as they amended it, and publish `quote_saved`.

        When a remote system was away a draft is saved as `unchecked`; other quotes are not saved.

        Raises:
            Conflict: somebody else saved the quote since it was read.
            RemoteError: the CRM did not take it.
        """
        return self._saving.save_quote(quote, user)

    def promote_quote(self, quote_id: str, *, user: str | User) -> Promotion:
        """Ask the guards, make the CRM's order of the quote, and publish `order_promoted`.

        Asking again gives the same order and publishes nothing twice: the CRM makes one order of a
        quote, and the event's id comes from that order. Where more waits than usual, the verdict
        warns that it takes longer (`deliveries.backlog`).

        Raises:
            NotFound: the CRM has no such quote.
            RemoteError: the CRM did not make the order.
        """
        promotion = self._saving.promote_quote(quote_id, user)
        return promotion if promotion.order is None else told(promotion, self.deliveries.backlog())

    def save_account(self, account: Account, *, user: str | User) -> SavedAccount:
        """Ask the guards, save the account in the CRM as amended, and publish `record_changed`.

        Raises:
            NotFound: the CRM has no account of that id.
            Conflict: somebody else saved it since it was read.
            RemoteError: the CRM did not take it.
        """
        return self._saving.save_account(account, user)

    def save_contact(self, contact: Contact, *, user: str | User) -> SavedContact:
        """Ask the guards, save the contact in the CRM as amended, and publish `record_changed`.

        Raises:
            NotFound: the CRM has no contact of that id.
            Conflict: somebody else saved it since it was read.
            RemoteError: the CRM did not take it.
        """
        return self._saving.save_contact(contact, user)

    def save_opportunity(self, opportunity: Opportunity, *, user: str | User) -> SavedOpportunity:
        """Ask the guards, and save the opportunity in the CRM as they amended it.

        Raises:
            NotFound: the CRM has no opportunity of that id.
            Conflict: somebody else saved it since it was read.
            RemoteError: the CRM did not take it.
        """
        return self._saving.save_opportunity(opportunity, user)

    def save_order(self, order: Order, *, user: str | User) -> SavedOrder:
        """Ask the guards, enter the order in the CRM, and publish `order_promoted`.

        For orders without a quote. The same order under the same `reference` again gives the order
        that was entered and publishes nothing twice. A draft is kept in the CRM and published once
        it is saved as `submitted`; when a remote system was away it is kept as `unchecked`, while
        another order is not saved.

        Raises:
            ValueError: it has a quote, or no `reference`.
            NotSupported: the CRM keeps no drafts, or has given the order on already.
            Conflict: somebody else saved it since it was read, or another order has its reference.
            RemoteError: the CRM did not take it.
        """
        return self._saving.save_order(order, user)

    def change_order(self, order_id: str, change: OrderChange, *, user: str | User) -> OrderChange:
        """Ask for a change or cancellation of an order that the ERP has already.

        Durable on return; a plugin carries it out, and `order_changes.of_order` tells the answer.

        Raises:
            NotFound: the CRM has no such order or user.
            PlacementConflict: the ERP does not have it yet, or the change says nothing.
        """
        return self.order_changes.request(self.crm.order(order_id), change, self._calls.user(user))

    # Dry runs.

    @staticmethod
    def rehearsal() -> AbstractContextManager[None]:
        """Let every call inside be a dry run: reads go through, and nothing is written anywhere.

        What plugins would have written is kept in `rehearsed`; what the host would have saved or
        published after the guards is not. `[plugins] dry_run` does the same for a plugin at all
        times, and leaves the host's own saving as it is.
        """
        return rehearsal()

    @property
    def rehearsed(self) -> RehearsedWrites:
        """What plugins would have written in dry runs."""
        return self.store.rehearsed

    # Events.

    def quote_written(self, change: SystemChange) -> Event | None:
        """Give the event that a change of a quote is, where the CRM asks nobody before it saves."""
        return self._after_save.event_of(change)

    def order_seen(self, order: Order) -> None:
        """Take note of an ERP's order that a change feed told of.

        Where it settles that a possibly created order was created, its delivery goes on by itself.
        """
        if self.placements.seen(order):
            self._go_on_placing(order.reference, "host")

    def record_seen(self, change: SystemChange) -> None:
        """Take note of a change that a feed told of: links follow what was merged or is gone.

        Raises:
            RemoteError: a system that must be asked does not answer; the change can be told again.
        """
        self.linking.following.notice(change, follow=self.synchronising.follows_merges)

    def _policy_file(self) -> Path | None:
        """Give the ownership policy: the configured one, or the one that a plugin ships."""
        if self.config.sync_policy is not None:
            return self.config.sync_policy
        shipped = (
            plugin.manifest.folder / POLICY_FILE
            for plugin in self.plugins
            if "sync.state:write" in plugin.manifest.scopes
        )
        return next((path for path in shipped if path.is_file()), None)

    def confirm_placement(self, reference: str, erp_order_id: str, *, actor: str) -> Placement:
        """Take a person's word that the ERP has a possibly created order, after reading it there.

        Its delivery goes on by itself.

        Args:
            reference: the CRM order's id.
            erp_order_id: the order that was found in the ERP.
            actor: who says so, such as `user:U-kim`.

        Raises:
            PlacementConflict: nothing is in question, or that order belongs to something else.
            NotFound: the ERP has no such order.
        """
        placement = self.placements.get(reference)
        system = placement.erp_system if placement else self.erp.systems[0]
        own = self.erp.using(system)
        decided = self.placements.confirm(reference, erp_order_id, own, actor=actor)
        self._go_on_placing(reference, actor)
        return decided

    def deny_placement(self, reference: str, *, actor: str, reason: str) -> Placement:
        """Take a person's word that the ERP does not have a possibly created order: it is sent.

        Raises:
            PlacementConflict: nothing is in question, or no reason is given.
        """
        decided = self.placements.deny(reference, actor=actor, reason=reason)
        self._go_on_placing(reference, actor)
        return decided

    def _go_on_placing(self, reference: str, actor: str) -> None:
        for delivery in self.deliveries.list(states=["dead"], subject=reference):
            if delivery.event_type == "order_promoted":
                self.deliveries.retry(delivery.id, actor=actor)

    def subscribers(self, event: Event) -> tuple[str, ...]:
        """Name the plugins that an event is delivered to."""
        return self._events.subscribers(event)

    def subscriptions(self, event: Event) -> list[tuple[str, str]]:
        """Name the plugins that an event is delivered to, each with the version that is loaded."""
        return self._events.subscriptions(event)

    def publish(self, event: Event) -> str:
        """Store an event and one delivery for each subscribed plugin; durable on return.

        Publishing the same event again changes nothing.

        Returns:
            The event's id.
        """
        return self._events.publish(event)

    def jobs(self) -> JobList:
        """Name the jobs of all plugins that run on a schedule, and what keeps others from running.

        A worker asks this now and then and publishes each occurrence that is due.
        """
        return self._events.jobs()

    def deliver(
        self,
        plugin_id: str,
        event: Event,
        *,
        step: Callable[..., Any],
        idempotency_key: str,
    ) -> bool:
        """Run one plugin's handler for one event, once; called by a worker.

        Returns:
            Whether the plugin ran dry, so that nothing was written.

        Raises:
            PluginFault: the plugin is not loaded, or does not handle such events any more.
            Exception: whatever the handler raised.
        """
        return self._events.deliver(plugin_id, event, step=step, idempotency_key=idempotency_key)
