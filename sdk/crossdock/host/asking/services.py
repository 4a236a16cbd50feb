"""What every call of a plugin needs of the host: systems, rights, clock, cross-reference, audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field

from crossdock.host.asking.side_by_side import SideBySide
from crossdock.host.erp_documents import ErpDocuments
from crossdock.host.gateway import RecentAnswers, Refusals, RightsByRole
from crossdock.host.invoice_copies import InvoiceCopies
from crossdock.host.linking.linking import Linking
from crossdock.host.placements.placement import DEFAULT_SETTLE
from crossdock.host.rates import Rates
from crossdock.host.settings.config import RoleConfig
from crossdock.host.synchronising.creations import Creations
from crossdock.host.synchronising.synchronising import Synchronising
from crossdock.host.systems import Router
from crossdock.host.watching.telemetry import Telemetry
from crossdock.ports import CrmPort
from crossdock.records import Account, AccountLink, ExchangeRate, TradingAccount

if TYPE_CHECKING:
    from crossdock.host.store import Store


def wall_clock(offset: float) -> Callable[[], datetime]:
    """Give a clock that reads the wall clock, `offset` seconds on."""
    shift = timedelta(seconds=offset)
    return lambda: datetime.now(UTC) + shift


@define(kw_only=True)
class Services:
    """What the host lends to each call.

    Attributes:
        identity: names this process to the remote systems.
        now: the host's clock.
        telemetry: counts and times what plugins do.
        rights: of plugins on behalf of users.
        rate_table: exchange rates for what no ERP tells.
        refusals: writes down what was refused.
        synchronising: records that two systems have, kept the same.
        linking: which ERP customers an account has, and who may say so.
        documents: documents of ERPs, for people.
        invoices: copies of invoices, for people.
        rates: what one currency is in another.
        settle: how long a system is given to show a record that it may have made.
        policy_file: gives the file of the ownership policy in force; `None` where there is none.
        keep_seconds: for how long views may be given an answer of an ERP again.
        recent: those answers; `None` where each question is asked.
        threads: ask several things side by side.
    """

    crm: CrmPort
    erp: Router
    store: Store
    roles: Mapping[str, RoleConfig]
    identity: str
    now: Callable[[], datetime]
    telemetry: Telemetry = field(factory=Telemetry)
    rate_table: Sequence[ExchangeRate] = ()
    keep_seconds: float = 0.0
    settle: timedelta = DEFAULT_SETTLE
    policy_file: Callable[[], Path | None] = lambda: None
    rights: RightsByRole = field(init=False)
    refusals: Refusals = field(init=False)
    linking: Linking = field(init=False)
    synchronising: Synchronising = field(init=False)
    documents: ErpDocuments = field(init=False)
    invoices: InvoiceCopies = field(init=False)
    rates: Rates = field(init=False)
    recent: RecentAnswers | None = field(init=False, default=None)
    threads: SideBySide = field(init=False, factory=SideBySide)

    def __attrs_post_init__(self) -> None:
        self.rights = RightsByRole(self.roles)
        self.refusals = Refusals(lambda: self.store.audit, self.now)
        self.linking = Linking(
            lambda: self.store, self.crm, self.erp, rights=self.rights, refusals=self.refusals
        )
        self.synchronising = Synchronising(
            lambda: self.store,
            self.crm,
            self.erp,
            before_creating=self.linking.before_creating,
            rights=self.rights,
            refusals=self.refusals,
            creations=Creations(lambda: self.store, settle=self.settle),
            policy_file=lambda: self.policy_file(),
        )
        self.documents = ErpDocuments(
            self.erp, identity=self.identity, rights=self.rights, refusals=self.refusals
        )
        self.invoices = InvoiceCopies(
            lambda: self.store,
            self.erp,
            identity=self.identity,
            now=lambda: self.now(),
            rights=self.rights,
            refusals=self.refusals,
        )
        self.rates = Rates(self.erp, self.rate_table, lambda: self.now().date())
        if self.keep_seconds > 0:
            self.recent = RecentAnswers(
                self.keep_seconds,
                news=lambda since: self.store.news.since(since),
                now=lambda: self.now(),
                store_clock=lambda: self.store.clock(),
            )

    def trading_accounts(
        self, account: Account, *, identity: str, seconds: float, remember: bool = True
    ) -> Sequence[TradingAccount]:
        """Give the ERP customers that an account is linked to, the default first.

        An account that was never linked, but carries an ERP's customer number in its external ids,
        is linked by it, and the cross-reference remembers how it was found, unless it is not to
        be written (`remember`).
        """
        return self.linking.linked.read(
            account, identity=identity, seconds=seconds, remember=remember
        )

    def links(self, account: Account, *, remember: bool = True) -> Sequence[AccountLink]:
        """Name the same without asking an ERP."""
        return self.linking.linked.told(account, remember=remember)

    def account_ids(
        self, customers: Sequence[str], *, identity: str, seconds: float
    ) -> Mapping[str, str]:
        """Give the CRM accounts behind ERP customers, by `system:customer`."""
        return self.linking.linked.account_ids(customers, identity=identity, seconds=seconds)
