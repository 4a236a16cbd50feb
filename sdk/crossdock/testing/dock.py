"""A host on mock systems, with the plugins under test: what most tests of a plugin begin with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crossdock.errors import NotFound, PluginNotLoaded
from crossdock.host import Host
from crossdock.host.store import Store
from crossdock.host.systems import Router, connect
from crossdock.records import Account, Contact, Opportunity, Order, Quote, User
from crossdock.testing.deliveries import InProcessDeliveries
from crossdock.testing.mock import Mock, Shelf
from crossdock.testing.setting import Setting, id_of

if TYPE_CHECKING:
    from crossdock.host import RenderedTab, Verdict
    from crossdock.host.deliveries.delivery import Delivery
    from crossdock.records import Event
    from crossdock_mocks.engine import Clock

_POINTS: Final[Mapping[type, str]] = {
    Account: "before_account_save",
    Contact: "before_contact_save",
    Opportunity: "before_opportunity_save",
    Order: "before_order_save",
    Quote: "before_quote_save",
}


class Dock:
    """A host in process, on mock systems that are reached without a socket.

    Close it when done, or let the fixture do so.

    Attributes:
        setting: what it was made of.
        host: the host, as any program embeds it.
        crm: the mock CRM.
        erps: the mock ERPs, by the names that the host gives them.
        clock: the one clock of host and mocks; it stands still until it is moved.
        deliveries: events on their way to the plugins; `run` delivers them.
        story: accounts, quotes and users that the data set has for a demonstration.
    """

    def __init__(self, setting: Setting, shelf: Shelf, folder: Path) -> None:
        """Open it.

        Args:
            setting: what it is made of.
            shelf: where mocks come from.
            folder: for the host's database.

        Raises:
            PluginNotLoaded: a plugin under test cannot be loaded; the message says why.
            ConfigError: the setting makes no sense.
        """
        self.setting = setting
        data = setting.data or shelf.company()
        self.story: Mapping[str, str] = data.story
        self.crm = shelf.open(setting.crm, data, now=setting.now)
        self.erps = {
            name: shelf.open(system, setting.companies.get(name, data), now=setting.now)
            for name, system in setting.erps.items()
        }
        self.clock: Clock = self.crm.world.clock
        for mock in self.erps.values():
            mock.world.clock = self.clock
        self._numbers = itertools.count(1)
        with ExitStack() as opened:
            self.host = self._open_host(shelf.new_store(folder), opened)
            self.deliveries.attach(self.host, self.clock)
            for aside in self.host.quarantined:
                raise PluginNotLoaded(f"{aside.id}: {aside.reason}", detail=aside.detail)
            if any(
                map(self.host.explain, ("document_changed", "record_changed", "scheduled_jobs"))
            ):
                self.deliveries.begin()
            self._opened = opened.pop_all()
        self.forget_calls()

    def __enter__(self) -> Dock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the host and let go of the worlds."""
        self._opened.close()

    def _open_host(self, address: str, opened: ExitStack) -> Host:
        ids = {plugin: id_of(plugin) for plugin in self.setting.plugins}
        config = self.setting.host_config(self.crm, self.erps, ids)
        # Calls that fail are tried again as in earnest, but nobody waits for it.
        opened.enter_context(nobody_waits())
        store = Store.open(address, clock=lambda: self.clock.now)
        self.deliveries = InProcessDeliveries.open(store)
        mocks = {system.name: self.erps[system.name] for system in config.erps}
        host = Host(
            config,
            crm=connect(config.crm, lambda: store, self.crm.transport()),
            erp=Router(
                {
                    system.name: connect(system, lambda: store, mocks[system.name].transport())
                    for system in config.erps
                }
            ),
            store=store,
            deliveries=self.deliveries,
            identity="crossdock.testing",
            now=lambda: self.clock.now,
        )
        opened.callback(host.close)
        store.watermarks.began(config.crm.name, self.clock.now)
        return host

    # Who and what there is.

    @property
    def erp(self) -> Mock:
        """The mock ERP; of several, the first."""
        return next(iter(self.erps.values()))

    @property
    def plugin_id(self) -> str:
        """The id of the plugin under test; of several, the first."""
        return id_of(self.setting.plugins[0])

    def user(self, who: str | User) -> User:
        """Give a user by role (`sales`), id or login name.

        A role that nobody in the CRM has is given to a visitor.
        """
        if isinstance(who, User):
            return who
        people = self.host.crm.users()
        for person in people:
            if who in person.roles:
                return person
        try:
            return self.host.crm.user(who)
        except NotFound:
            return User(id=f"U-{who}", name=who.capitalize(), roles=(who,))

    def forget_calls(self) -> None:
        """Empty the journals of all mocks."""
        for mock in (self.crm, *self.erps.values()):
            mock.forget_calls()

    def pass_time(self, **span: float) -> None:
        """Put the clock forward, in the words of `timedelta`: `pass_time(days=3)`."""
        self.clock.advance(timedelta(**span))

    # What is asked of plugins.

    def judge(
        self, record: Any, *, by: str | User = "sales", before: Any = None, point: str = ""
    ) -> Verdict:
        """Ask the guards about a record as it would be saved; nothing is saved.

        Args:
            record: an account, contact, opportunity, quote or order.
            by: on whose behalf: a role, a user's name, or a user.
            before: the record as it is now; `None` for a new one.
            point: where it is not the one before a save, such as `before_order_promote`.
        """
        asked = point or _POINTS[type(record)]
        return self.host.ask(asked, record, user=self.user(by), before=before)

    def save(self, record: Any, *, by: str | User = "sales") -> Any:
        """Save a record as a CRM's own program does: guards first, then the CRM, then the event.

        Gives what `Host.save_quote` and its like give, with the verdict.
        """
        saving: dict[type, Callable[..., Any]] = {
            Account: self.host.save_account,
            Contact: self.host.save_contact,
            Opportunity: self.host.save_opportunity,
            Order: self.host.save_order,
            Quote: self.host.save_quote,
        }
        return saving[type(record)](record, user=self.user(by))

    def open_tab(
        self, tab: str, account_id: str, *, by: str | User = "sales", **params: Any
    ) -> RenderedTab:
        """Open a tab of an account.

        Args:
            tab: its id, or the whole address (`erp-tabs/aging`) where it is another plugin's.
            account_id: the account.
            by: on whose behalf.
            **params: the tab's own parameters.
        """
        address = tab if "/" in tab else f"{self.plugin_id}/{tab}"
        return self.host.render_tab(address, account_id, user=self.user(by), params=params)

    def publish(self, event: Event) -> tuple[Delivery, ...]:
        """Publish an event and deliver it, and whatever comes of it."""
        self.host.publish(event)
        return self.deliveries.run()

    def deliver(self, event: Event, *, to: str = "", key: str = "key-1") -> None:
        """Hand an event to a plugin right here, once; nothing is recorded, and nothing retried.

        Args:
            event: what happened.
            to: the plugin; of several, the first under test unless given.
            key: its idempotency key.

        Raises:
            Exception: whatever the handler raised.
        """
        self.host.deliver(
            to or self.plugin_id,
            event,
            step=lambda _name, fn, *args: fn(*args),
            idempotency_key=key,
        )

    def play(self, act: str, order_id: str, *, system: str = "") -> str:
        """Let the people behind an ERP do something, by its own documented operations.

        Args:
            act: `approve`, `receive`, `ship`, `ship_part`, `invoice` or `pay`; not every ERP has
                people for each.
            order_id: the ERP's own order.
            system: which ERP; of several, the first unless given.

        Raises:
            AssertionError: the ERP refused it; the message says why.
        """
        from crossdock.server.desk.back_office import BackOffice

        name = system or next(iter(self.erps))
        own = [each for each in self.host.config.erps if each.name == name]
        office = BackOffice(own, self.erps[name].transport())
        try:
            said = office.play(
                act, name, order_id, key=f"kit-{next(self._numbers)}", actor="crossdock.testing"
            )
        finally:
            office.close()
        assert said.done, f"{act} {order_id}: {said.text}"
        return said.text


_open_docks = itertools.count()
_waiting: list[int] = []


@contextmanager
def nobody_waits() -> Iterator[None]:
    """Let retries follow at once while any dock is open, in whatever order docks are closed."""
    import stamina

    mine = next(_open_docks)
    _waiting.append(mine)
    stamina.set_testing(True, attempts=3, cap=True)
    try:
        yield
    finally:
        _waiting.remove(mine)
        if not _waiting:
            stamina.set_testing(False)
