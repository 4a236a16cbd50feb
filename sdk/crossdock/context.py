"""What a plugin gets with each call: `ctx`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from crossdock.answers import Answer
    from crossdock.ports import CrmPort, ErpRouter
    from crossdock.records import Account, AccountLink, ExchangeRate, TradingAccount, User
    from crossdock.synchronising.port import SyncPort

_T = TypeVar("_T")


class Context(Protocol):
    """A plugin's view of the world, made for this plugin, this user and this call.

    Attributes:
        crm: the CRM, behind the gateway: only what the plugin's scopes and the user's rights allow.
        erp: the ERPs, behind the same gateway; routed by the trading account that is handed in.
        sync: what the host remembers of records that two systems have, behind the same gateway.
        user: on whose behalf; `None` in events and jobs, which act for the plugin itself.
        config: the plugin's own settings from `crossdock.toml`, checked against its schema.
        log: a logger that carries the plugin's id.
        now: the instant that the call counts as, aware UTC; the host's clock, so tests can set it.
        deadline: seconds of this call that are left; port calls never wait longer.
    """

    crm: CrmPort
    erp: ErpRouter
    sync: SyncPort
    user: User | None
    config: Mapping[str, Any]
    log: logging.Logger

    @property
    def now(self) -> datetime:
        """The instant that the call counts as, aware UTC."""

    @property
    def deadline(self) -> float:
        """Seconds of this call that are left."""

    @property
    def hidden(self) -> frozenset[str]:
        """The sensitivities (`cost`, `personal`, ...) that are masked in this call.

        A field of one of them is `None` whether or not it has a value, so that what is missing
        cannot be told from what is hidden.
        """

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        """Give the ERP customers behind a CRM account, the default first.

        Needs the scope `erp.customers:read`. An account without any gives an empty sequence. Each
        ERP is asked, and one that is away raises; a customer that its ERP has no longer is left
        out, and `links` tells of it.
        """

    def trading_account(self, account: Account, ref: str = "") -> TradingAccount | None:
        """Give one ERP customer behind a CRM account; only its own ERP is asked.

        Needs the scope `erp.customers:read`.

        Args:
            account: whose.
            ref: `system:customer`, as a quote names it; empty for the default one.

        Returns:
            `None` where the account has none, not this one, or its ERP has it no longer.
        """

    def links(self, account: Account) -> Sequence[AccountLink]:
        """Name the ERP customers behind a CRM account, the default first; no ERP is asked.

        Needs the scope `erp.customers:read`.
        """

    def exchange_rates(self, to: str, *, on: date | None = None) -> Sequence[ExchangeRate]:
        """Give the rates into a currency that hold on a day, today by default.

        Those of the ERPs that keep rates; for a currency that none of them has, those of
        `crossdock.toml`. Where nobody tells one, there is none: nothing is guessed. Needs the scope
        `erp.rates:read`.
        """

    def together(self, *asks: Callable[[], _T]) -> tuple[Answer[_T], ...]:
        """Ask several things of the ports side by side, within the deadline of the call.

        Args:
            *asks: methods of `crm` and `erp` with their arguments:
                `ctx.together(partial(ctx.erp.invoices, customer), ctx.crm.stages)`.

        Returns:
            What came of each, in order. `answer.value` gives it, or raises what asking raised, so
            one system that is away leaves the others.

        Raises:
            TypeError: one of them is no method of a port.
        """

    def read_anew(self) -> None:
        """Ask the ERPs from now on in this call, whatever was read a moment ago.

        A view may be given an answer that another one was given some seconds before; its sections
        say when it was read. Guards, events and jobs always ask.
        """

    def account_ids(self, customers: Sequence[str]) -> Mapping[str, str]:
        """Give the ids of the CRM accounts behind ERP customers, each named as `system:customer`.

        Needs the scope `crm.accounts:read`. A customer that no account has is left out. For many
        customers this is one pass over the CRM's accounts at most, never a call for each.
        """


class EventContext(Context, Protocol):
    """What an event handler or a job gets besides.

    Attributes:
        idempotency_key: the same on every retry of this delivery; hand it to the remote system.
    """

    idempotency_key: str

    def step(self, name: str, fn: Callable[..., _T], *args: Any) -> _T:
        """Do something once and remember the result.

        After a crash the handler runs again from its beginning; a step that was recorded is not
        done again, its result is handed back. A step that was under way when the process died is
        done again, so what it calls must be idempotent. Steps must come with the same names in
        the same order each time.

        Args:
            name: unique within the handler.
            fn: what to do; its result must be a record, or plain data.
            *args: handed to `fn`.
        """
