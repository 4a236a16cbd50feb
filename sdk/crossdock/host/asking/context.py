"""`ctx`, as the host makes it: for one plugin, one user and one call.

Guards are called for every keystroke's worth of saving, so a context is cheap: what is behind
`crm`, `erp` and `log` is made when it is first asked for.

A plugin holds its context, so the context shows only what `crossdock.Context` promises. What stands
behind it (the host's services, the raw ports) is sealed; the functions below read it for the host.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from crossdock.answers import Answer
from crossdock.errors import PluginFault
from crossdock.host.asking.call import Asking, Call
from crossdock.host.gateway import (
    Arguments,
    RecentAnswers,
    Rights,
    dated,
    guarded_crm,
    guarded_erp,
    guarded_sync,
    mask,
    visible,
)
from crossdock.host.gateway.sealing import sealed
from crossdock.host.gateway.wording import as_readable
from crossdock.host.loading.plugin import Plugin
from crossdock.ports import CrmPort, ErpRouter
from crossdock.records import Account, AccountLink, ExchangeRate, TradingAccount, User
from crossdock.records.plain import from_plain, to_plain

if TYPE_CHECKING:
    from crossdock.host.asking.services import Services
    from crossdock.synchronising.port import SyncPort
    from crossdock.views import View

_T = TypeVar("_T")


class CallContext:
    """The context of a view or a guard; see `crossdock.Context`."""

    # A guard mostly answers without asking anything, so a context is one slot: what it was made
    # of, or what stands behind it once something was asked.
    __slots__ = ("_state",)

    def __init__(
        self, services: Services, plugin: Plugin, point: str, user: User | None, ends: float
    ) -> None:
        _set_state(self, [Asking(services, point, user, ends), plugin])

    @property
    def user(self) -> User | None:
        """On whose behalf, as the plugin may see that user."""
        call = _behind(self)
        if call.user is None or not call.user.email:
            return call.user
        seen: User = mask(call.user, call.rights().hidden)
        return seen

    @property
    def config(self) -> Mapping[str, Any]:
        """The plugin's own settings."""
        config: Mapping[str, Any] = _behind(self).plugin.config
        return config

    @property
    def log(self) -> logging.Logger:
        """A logger that carries the plugin's id."""
        return logging.getLogger(f"crossdock.plugin.{_behind(self).plugin.id}")

    @property
    def now(self) -> datetime:
        """The instant that the call counts as."""
        instant: datetime = _behind(self).services.now()
        return instant

    @property
    def hidden(self) -> frozenset[str]:
        """The sensitivities that are masked in this call."""
        hidden: frozenset[str] = _behind(self).rights().hidden
        return hidden

    @property
    def deadline(self) -> float:
        """Seconds that are left."""
        left: float = _behind(self).left()
        return left

    @property
    def crm(self) -> CrmPort:
        """The CRM behind the gateway."""
        call = _behind(self)
        if call.crm is None:
            call.crm = guarded_crm(call.services.crm, call.way())
        return call.crm

    @property
    def erp(self) -> ErpRouter:
        """The ERPs behind the gateway."""
        call = _behind(self)
        if call.erp is None:
            call.erp = guarded_erp(call.services.erp.as_port(), call.way())
        return call.erp

    @property
    def sync(self) -> SyncPort:
        """What is remembered of records that two systems have, behind the gateway."""
        call = _behind(self)
        if call.sync is None:
            call.sync = guarded_sync(call.services.synchronising.port, call.way())
        return call.sync

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        """Give the ERP customers behind a CRM account, the default first."""
        found: Sequence[TradingAccount] = _asked(self, "trading_accounts", account)
        return found

    def trading_account(self, account: Account, ref: str = "") -> TradingAccount | None:
        """Give one ERP customer behind a CRM account; only its own ERP is asked."""
        found: TradingAccount | None = _asked(self, "trading_account", account, ref)
        return found

    def links(self, account: Account) -> Sequence[AccountLink]:
        """Name the ERP customers behind a CRM account, the default first; no ERP is asked."""
        found: Sequence[AccountLink] = _asked(self, "links", account)
        return found

    def exchange_rates(self, to: str, *, on: date | None = None) -> Sequence[ExchangeRate]:
        """Give the rates into a currency that hold on a day, today by default."""
        found: Sequence[ExchangeRate] = _asked(self, "exchange_rates", to, on)
        return found

    def account_ids(self, customers: Sequence[str]) -> Mapping[str, str]:
        """Give the CRM accounts behind ERP customers, by `system:customer`."""
        found: Mapping[str, str] = _asked(self, "account_ids", customers)
        return found

    def together(self, *asks: Callable[[], _T]) -> tuple[Answer[_T], ...]:
        """Ask several things of the ports side by side."""
        found: tuple[Answer[_T], ...] = _asked(self, "together", asks)
        return found

    def read_anew(self) -> None:
        """Ask the ERPs from now on, whatever was read a moment ago."""
        _behind(self).way().anew = True

    @property
    def rights(self) -> Rights:
        """What the plugin may do in this call."""
        rights: Rights = _behind(self).rights()
        return rights

    def refuse(self, scope: str, reason: str = "") -> None:
        """Record that the plugin was refused something in this call."""
        _behind(self).refuse(scope, reason)

    def close(self) -> None:
        """End the call: ports that the plugin kept stop working."""
        state = _state_of(self)
        if type(state) is list:
            state.append(_OVER)  # before anything was asked
            return
        state.open = False
        if state.passage is not None:
            state.passage.open = False


class EventCallContext(CallContext):
    """The context of an event handler; see `crossdock.EventContext`."""

    __slots__ = ("_step", "idempotency_key")

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
        call = _behind(self)
        # What a dry run did must not count as done when the event is delivered for good.
        _set_step(self, _Rehearsed(plugin.id, point) if call.dry_run else step)
        self.idempotency_key = idempotency_key

    def step(self, name: str, fn: Callable[..., _T], *args: Any) -> _T:
        """Do something once and remember the result."""
        result: _T = _step_of(self)(name, fn, *args)
        return result


class _Rehearsed:
    """Steps of a dry run: done each time, and remembered by nobody."""

    def __init__(self, plugin_id: str, point: str) -> None:
        self._plugin_id = plugin_id
        self._point = point
        self._done: set[str] = set()

    def __call__(self, name: str, fn: Callable[..., Any], *args: Any) -> Any:
        if name in self._done:
            raise PluginFault(
                f"two steps are called {name!r}: a step is remembered by its name, so each needs "
                "one of its own (put the record's id into it)",
                plugin_id=self._plugin_id,
                point=self._point,
            )
        self._done.add(name)
        # As a recorded step's result comes back, so that a handler meets the same value.
        return from_plain(json.loads(json.dumps(to_plain(fn(*args)))))


_state_of, _set_state = sealed(CallContext, "_state")
_OVER = object()
_step_of, _set_step = sealed(EventCallContext, "_step")


def _behind(ctx: CallContext) -> Call:
    state = _state_of(ctx)
    if type(state) is not Call:
        asking, plugin, *over = state
        state = Call(asking, plugin, over=bool(over))
        _set_state(ctx, state)
    found: Call = state
    return found


def _asked(ctx: CallContext, name: str, *args: Any) -> Any:
    """Ask what stands behind a context; an error is given on without what it carries."""
    call = _behind(ctx)
    try:
        return getattr(call, name)(*args)
    except Exception as raised:  # noqa: BLE001 - raised again below, readable and without frames
        readable = as_readable(raised, call.rights().hidden)
    raise readable


class Contexts:
    """Makes the contexts of one call, for one plugin after another."""

    __slots__ = ("_asking",)

    def __init__(
        self,
        services: Services,
        point: str,
        user: User | None,
        ends: float,
        *,
        recent: RecentAnswers | None = None,
        anew: bool = False,
    ) -> None:
        self._asking = Asking(services, point, user, ends)
        self._asking.recent = recent
        self._asking.anew = anew

    def __call__(self, plugin: Plugin) -> CallContext:
        """Give the context of one plugin."""
        ctx = _make(CallContext)
        _set_state(ctx, [self._asking, plugin])
        return ctx

    def given(self, ctx: CallContext, plugin: Plugin, arguments: Arguments) -> dict[str, Any]:
        """Give what `given_to` gives; for a call that asks many plugins about the same."""
        asking = self._asking
        asking.arguments = arguments
        scopes = plugin.manifest.scopes
        seen = arguments.seen.get(scopes)
        if seen is None:
            seen = arguments.see(scopes, asking.services.rights.of(scopes, asking.user).hidden)
        seen["ctx"] = ctx
        return seen


_make: Final = CallContext.__new__


def given_to(ctx: CallContext, arguments: Arguments) -> dict[str, Any]:
    """Give the arguments of a call as its plugin may see them, with `ctx` among them.

    The host keeps the whole ones behind the context, to put back what was hidden when the plugin
    hands one of them back.
    """
    state = _state_of(ctx)
    if type(state) is list:  # by place, as a slice of it would cost more than the rest
        asking, scopes = state[0], state[1].manifest.scopes
    else:
        asking, scopes = state.asking, state.plugin.manifest.scopes
    asking.arguments = arguments
    seen: dict[str, Any] | None = arguments.seen.get(scopes)
    if seen is None:
        hidden = asking.services.rights.of(scopes, asking.user).hidden
        seen = arguments.see(scopes, hidden)
    seen["ctx"] = ctx
    return seen


def seen(ctx: CallContext, record: _T) -> _T:
    """Give a record as the plugin of a call may see it."""
    masked: _T = given_to(ctx, Arguments({"record": record}))["record"]
    return masked


def shown(ctx: CallContext, view: View) -> View:
    """Give what a plugin rendered as the user of the call may see it."""
    call = _behind(ctx)
    if call.passage is not None:
        view = dated(view, call.passage.read_when)
    if call.user is None:
        return view
    return visible(view, call.user, call.services.rights.hidden_from(call.user))


def amended_by(ctx: CallContext, name: str, record: _T) -> _T:
    """Give an argument that a plugin amended, with what was hidden from the plugin put back.

    Args:
        ctx: of the call; it may be over.
        name: of the argument.
        record: as the plugin would have it.

    Raises:
        AccessDenied: it sets a field that is hidden from it; the refusal is written down.
    """
    call = _behind(ctx)
    whole = call.asking.arguments.whole[name] if call.asking.arguments is not None else None
    return call.way().restored(whole, record, call.point)
