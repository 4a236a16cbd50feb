"""Reading from several ERPs so that one that fails leaves the others: said, and never zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, Literal, TypeVar

from attrs import evolve

from crossdock import Context, Money, Notice, Provenance, Unknown
from crossdock.errors import AccessDenied, CrossdockError, NotSupported, RemoteError
from crossdock.records import Account, TradingAccount

ALL: Final = "all"
NOT_VISIBLE: Final = Unknown("not visible to you")
NO_SHIPMENTS: Final = Unknown("the ERP records no shipments")
NO_STOCK: Final = Unknown("the ERP promises no stock")
_T = TypeVar("_T")


class Reader:
    """Reads for one tab, and keeps what has to be said of what could not be read.

    Args:
        ctx: the call's.
        account: whose tab it is.
        params: the tab's; `trading_account` chooses one.
        needs_erp: whether the tab has nothing to show when no ERP can be reached; then that error
            is the tab's own.

    Attributes:
        trading_accounts: the ERP customers that the tab is about, the default first.
        notices: one for each thing that failed.
    """

    def __init__(
        self,
        ctx: Context,
        account: Account,
        params: Mapping[str, Any],
        *,
        needs_erp: bool = True,
    ) -> None:
        self.ctx = ctx
        self._needs_erp = needs_erp
        self.today: date = ctx.now.date()
        self.notices: list[Notice] = []
        self._failed: set[str] = set()
        found = self._trading_accounts(account)
        wanted = params.get("trading_account") or ALL
        self.trading_accounts = tuple(each for each in found if wanted in (ALL, each.ref, each.id))
        if found and not self.trading_accounts:
            known = ", ".join(each.ref for each in found)
            self.notices.append(
                Notice(
                    text=f"{account.name} has no trading account {wanted}; it has {known}.",
                    tone="warning",
                )
            )
        if not found and not self.notices:
            self.notices.append(
                Notice(
                    title="No trading account",
                    text=f"{account.name} is not linked to a customer of an ERP yet, so there is "
                    "nothing to show here.",
                )
            )

    @property
    def several(self) -> bool:
        """Whether figures need to say whose they are."""
        return len(self.trading_accounts) > 1

    def knows(self, trading_account: TradingAccount, capability: str) -> bool:
        """Whether the ERP of a trading account can do something beyond the required."""
        return capability in self.ctx.erp.using(trading_account.system).capabilities

    def read(
        self, what: str, trading_account: TradingAccount, call: Callable[[], _T]
    ) -> _T | Unknown:
        """Read something; where that fails, note it and give the reason in its place."""
        return self._attempt(what, trading_account.ref, call)

    def read_crm(self, what: str, call: Callable[[], _T]) -> _T | Unknown:
        """Read something from the CRM, in the same way."""
        return self._attempt(what, self.ctx.crm.system, call)

    def in_order(self, currencies: Iterable[str]) -> list[str]:
        """Sort currencies: those of the trading accounts first, the default's on top."""
        known = [each.currency for each in self.trading_accounts]
        return sorted(
            set(currencies), key=lambda each: (known.index(each) if each in known else 999, each)
        )

    def provenance(
        self,
        trading_accounts: Iterable[TradingAccount] | None = None,
        *,
        as_of: date | None = None,
        note: str = "",
    ) -> Provenance:
        """Say that figures were read now, or count as of a day, and whose they are."""
        given = tuple(self.trading_accounts if trading_accounts is None else trading_accounts)
        return Provenance(
            source=", ".join(dict.fromkeys(each.system for each in given)) or "no ERP",
            trading_account=", ".join(each.id for each in given),
            as_of=self.ctx.now if as_of is None else as_of,
            note=note,
        )

    def crm_provenance(self) -> Provenance:
        """Say that figures were read from the CRM now."""
        return Provenance(source=self.ctx.crm.system, as_of=self.ctx.now)

    def _attempt(self, what: str, where: str, call: Callable[[], _T]) -> _T | Unknown:
        try:
            return call()
        except NotSupported as refused:
            self._note("info", f"{where} cannot tell {what}", str(refused))
            return Unknown("the ERP cannot tell")
        except AccessDenied as refused:
            self._note("info", f"You may not see {what} of {where}", str(refused))
            return NOT_VISIBLE
        except RemoteError as failed:
            self._note("bad", f"{_capital(what)} of {where} could not be read", str(failed))
            self.ctx.log.warning("%s of %s could not be read: %s", what, where, failed)
            return Unknown("could not be read")

    def _note(self, tone: Literal["info", "bad"], title: str, text: str) -> None:
        if title not in self._failed:
            self._failed.add(title)
            self.notices.append(Notice(tone=tone, title=title, text=text))

    def _trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        try:
            return self.ctx.trading_accounts(account)
        except CrossdockError as failed:
            # One ERP that is away must not hide the customers that live in the others.
            self.ctx.log.warning("trading accounts of %s: %s", account.id, failed)
            found = self._one_by_one(account) if len(self.ctx.erp.systems) > 1 else []
            if not found:
                if self._needs_erp:
                    raise
                self.notices.clear()
                self._note("bad", "The ERP could not be read", str(failed))
            return found

    def _one_by_one(self, account: Account) -> list[TradingAccount]:
        found: list[TradingAccount] = []
        for system, customer_id in account.external_ids.items():
            if system in self.ctx.erp.systems:
                port = self.ctx.erp.using(system)
                customer = self._attempt(
                    "the customer", f"{system}:{customer_id}", partial(port.customer, customer_id)
                )
                if not isinstance(customer, Unknown):
                    found.append(evolve(customer, default=not found))
        return found


def in_words(money: Money) -> str:
    """Write an amount into a sentence."""
    rounded = money.rounded()
    return f"{rounded.amount:,f} {rounded.currency}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
