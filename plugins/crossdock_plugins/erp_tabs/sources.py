"""Reading from several ERPs so that one that fails leaves the others: said, and never zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, Literal, TypeAlias, TypeVar

from attrs import evolve

from crossdock import Answer, Context, Link, Money, Notice, Provenance, Unknown
from crossdock.errors import (
    AccessDenied,
    CrossdockError,
    NotSupported,
    RemoteError,
    RemoteUnavailable,
)
from crossdock.records import Account, AccountLink, TradingAccount

ALL: Final = "all"
NOT_VISIBLE: Final = Unknown("not visible to you")
NO_SHIPMENTS: Final = Unknown("the ERP records no shipments")
NO_RESERVATIONS: Final = Unknown("the ERP does not tell what is reserved")
NO_PAYMENTS: Final = Unknown("the ERP does not tell payments")
_UNREAD: Final = Unknown("could not be read")
_T = TypeVar("_T")
Ask: TypeAlias = tuple[str, str, Callable[[], object]]
"""What is asked for, of whom, and the port's method with its arguments."""


class Reader:
    """Reads for one tab, and keeps what has to be said of what could not be read.

    Args:
        ctx: the call's.
        account: whose tab it is.
        params: the tab's; `trading_account` chooses one.
        needs_erp: whether the tab has nothing to show when no ERP can be reached; then that error
            is the tab's own.

    Attributes:
        trading_accounts: the ERP customers that the tab is about, the default first. One whose ERP
            is away is among them as it was last read, so that rows can say that nobody knows.
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
        self.account = account
        self._needs_erp = needs_erp
        self.today: date = ctx.now.date()
        self.notices: list[Notice] = []
        self._failed: set[str] = set()
        self._away: set[str] = set()
        self._answers: dict[tuple[str, str], Answer[Any]] = {}
        self.trading_accounts = self._found(params.get("trading_account") or ALL)

    @property
    def several(self) -> bool:
        """Whether figures need to say whose they are."""
        return len(self.trading_accounts) > 1

    def whose(self, trading_account: TradingAccount) -> str:
        """Give the end of a title that says whose figures they are; nothing where it is clear."""
        return f" of {trading_account.ref}" if self.several else ""

    def table_id(self, name: str, trading_account: TradingAccount | None = None) -> str:
        """Name a table, the same each time, so that deep links go on meaning it."""
        if trading_account is None or not self.several:
            return name
        kept = "".join(
            char if char.isascii() and char.isalnum() else "-" for char in trading_account.ref
        )
        return f"{name}-{kept}"[:80]

    def answers(self, trading_account: TradingAccount) -> bool:
        """Whether the ERP of a trading account is there."""
        return trading_account.system not in self._away

    def knows(self, trading_account: TradingAccount, capability: str) -> bool:
        """Whether the ERP of a trading account can do something beyond the required."""
        return capability in self.ctx.erp.using(trading_account.system).capabilities

    def ahead(self, *asks: Ask) -> None:
        """Ask side by side for what `read` and `read_crm` are going to want, under the same words.

        What fails is not told here, but where it is read.
        """
        wanted = {(what, where): call for what, where, call in asks}
        fresh = {place: call for place, call in wanted.items() if place not in self._answers}
        self._answers.update(zip(fresh, self.ctx.together(*fresh.values()), strict=True))

    def of_each(self, what: str, method: Callable[..., object], **options: Any) -> Iterator[Ask]:
        """Name the same question to the ERP of each trading account, for `ahead`."""
        for each in self.trading_accounts:
            if self.answers(each):
                yield (what, each.ref, partial(method, each, **options))

    def read(
        self, what: str, trading_account: TradingAccount, call: Callable[[], _T]
    ) -> _T | Unknown:
        """Read something; where that fails, note it and give the reason in its place."""
        if not self.answers(trading_account):  # it was said already, and asking takes its time
            return _UNREAD
        return self._attempt(what, trading_account.ref, call)

    def read_crm(self, what: str, call: Callable[[], _T], *, noted: bool = True) -> _T | Unknown:
        """Read something from the CRM, in the same way.

        Args:
            what: is read.
            call: reads it.
            noted: whether it is also said above the tab where the CRM cannot know such a thing.
        """
        return self._attempt(what, self.ctx.crm.system, call, noted=noted)

    def note(self, tone: Literal["info", "warning", "bad"], title: str, text: str) -> None:
        """Say something above the tab, once."""
        if title not in self._failed:
            self._failed.add(title)
            self.notices.append(Notice(tone=tone, title=title, text=text))

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

    def _attempt(
        self, what: str, where: str, call: Callable[[], _T], *, noted: bool = True
    ) -> _T | Unknown:
        known: Answer[_T] | None = self._answers.get((what, where))
        try:
            return call() if known is None else known.value
        except NotSupported as refused:
            if noted:
                self.note("info", f"{where} cannot tell {what}", str(refused))
            return Unknown(
                "the CRM cannot tell" if where == self.ctx.crm.system else "the ERP cannot tell"
            )
        except AccessDenied as refused:
            self.note("info", f"You may not see {what} of {where}", str(refused))
            return NOT_VISIBLE
        except RemoteError as failed:
            self._unread(what, where, failed)
            return _UNREAD

    def _unread(self, what: str, where: str, failed: RemoteError) -> None:
        system = where.partition(":")[0]
        text = str(failed)
        if isinstance(failed, RemoteUnavailable):  # the log has the words of the machines
            text = f"{system} does not answer just now. What it knows is missing here, not zero."
        self.note("bad", f"{_capital(what)} of {where} could not be read", text)
        self.ctx.log.warning("%s of %s could not be read: %s", what, where, failed)

    def _found(self, wanted: str) -> tuple[TradingAccount, ...]:
        try:
            links = self.ctx.links(self.account)
        except CrossdockError as failed:
            if self._needs_erp:
                raise
            self.note("bad", "Nobody could say which customers these are", str(failed))
            return ()
        chosen = [link for link in links if wanted in (ALL, link.ref, link.customer_id)]
        if not links:
            self.note(
                "info",
                "No trading account",
                f"{self.account.name} is not linked to a customer of an ERP yet, so there is "
                "nothing to show here.",
            )
        elif not chosen:
            known = ", ".join(link.ref for link in links)
            self.note(
                "warning",
                "No such trading account",
                f"{self.account.name} has no trading account {wanted}; it has {known}.",
            )
        return self._customers(chosen)

    def _customers(self, links: Sequence[AccountLink]) -> tuple[TradingAccount, ...]:
        """Read each customer from its own ERP: one that is away must not hide the others."""
        found: list[TradingAccount] = []
        failures: list[CrossdockError] = []
        known = 0
        there = [link for link in links if not link.lost and link.system in self.ctx.erp.systems]
        for link in links:
            if link not in there:
                self.note("warning", f"{link.ref} is gone", _gone(link))
        erp = self.ctx.erp
        asks = [partial(erp.using(link.system).customer, link.customer_id) for link in there]
        for link, answer in zip(there, self.ctx.together(*asks), strict=True):
            try:
                found.append(evolve(answer.value, default=link.default))
                known += 1
            except RemoteError as failed:
                failures.append(failed)
                self._away.add(link.system)
                self._unread("the customer", link.ref, failed)
                if link.currency:
                    found.append(_as_last_read(link))
        if failures and not known and self._needs_erp:
            raise failures[0]
        return tuple(found)


def document(kind: str, document_id: str, system: str, text: str = "") -> Link:
    """Lead to a document of an ERP; two ERPs may have one of the same number."""
    return Link(text or document_id, f"{kind}/{document_id}", {"system": system})


def in_words(money: Money) -> str:
    """Write an amount into a sentence."""
    rounded = money.rounded()
    return f"{rounded.amount:,f} {rounded.currency}"


def _gone(link: AccountLink) -> str:
    if link.lost:
        return f"The ERP {link.system} has no customer {link.customer_id} any more."
    return f"No ERP is called {link.system} here, so nothing of {link.customer_id} is shown."


def _as_last_read(link: AccountLink) -> TradingAccount:
    return TradingAccount(
        id=link.customer_id,
        system=link.system,
        name=link.name,
        currency=link.currency,
        default=link.default,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
