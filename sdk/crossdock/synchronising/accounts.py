"""Accounts of the CRM and customers of the ERPs, kept the same."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from attrs import evolve

from crossdock.errors import NotFound
from crossdock.ports import CrmPort, ErpPort, ErpRouter
from crossdock.records import Account, SyncConflict, SyncPair, TradingAccount
from crossdock.rules.ownership import (
    EntityPolicy,
    Plan,
    account_side,
    customer_side,
    plan,
    with_values,
)
from crossdock.synchronising.keeping import kept_by, writable
from crossdock.synchronising.port import SyncPort
from crossdock.synchronising.settling import End, Settled, Settling, conflicts_of

SettledAccount = Settled[Account, TradingAccount]


class Accounts:
    """Brings accounts and customers in line, and makes the one that is missing.

    Needs the scopes `crm.accounts:read`, `crm.accounts:write`, `erp.customers:read`,
    `erp.customers:write`, `sync.state:read` and `sync.state:write`.
    """

    def __init__(
        self,
        policy: EntityPolicy,
        crm: CrmPort,
        erp: ErpRouter,
        sync: SyncPort,
        *,
        into: str = "",
    ) -> None:
        """Make it.

        Args:
            policy: of accounts.
            crm: the CRM.
            erp: the ERPs.
            sync: what was agreed on.
            into: the ERP that customers of new accounts are made in; by default the first.
        """
        self.policy: Final = policy
        self._crm = crm
        self._erp = erp
        self._sync = sync
        self._into: Final = into or erp.systems[0]

    def settle(
        self,
        account: Account | None,
        customer: TradingAccount | None,
        pair: SyncPair | None = None,
    ) -> SettledAccount:
        """Bring an account and a customer in line that are the same, or make the one missing.

        Args:
            account: the CRM's, as it was just read; `None` where the CRM has none.
            customer: the ERP's, as it was just read; `None` where the ERP has none.
            pair: which pair they are; it is looked up where it is left out.

        Raises:
            RemoteError: a system did not answer.
            LinkConflict: one of them is somebody else's already.
        """
        if pair is None and account is not None and customer is not None:
            pair = self._pair(account, customer)
        if pair is not None:
            erp = self._erp.using(pair.erp_system)
            return self._settling(erp).settle(pair, account, customer)
        if account is not None:
            return self._entered_in_crm(account)
        if customer is not None:
            return self._entered_in_erp(customer)
        raise ValueError("there is neither an account nor a customer")

    def _settling(self, erp: ErpPort) -> Settling[Account, TradingAccount]:
        return Settling(
            self.policy,
            self._sync,
            End(read=self._account, save=self._crm.save_account, side=self._account_side),
            End(read=erp.customer, save=partial(_save_customer, erp), side=self._customer_side),
        )

    def _account(self, account_id: str) -> Account:
        account = self._crm.account(account_id)
        if account.id != account_id:  # a CRM may answer with the one that it was merged into
            raise NotFound(f"{account_id} was merged into {account.id}", system=self._crm.system)
        return account

    def _account_side(self, account: Account) -> Any:
        return account_side(account, self._crm.system, kept_by(self._crm, "account"))

    def _customer_side(self, customer: TradingAccount) -> Any:
        erp = self._erp.using(customer.system)
        return customer_side(customer, kept_by(erp, "trading_account"))

    def _pair(self, account: Account, customer: TradingAccount) -> SyncPair:
        for pair in self._sync.pairs("account", self._crm.system, account.id):
            if (pair.erp_system, pair.erp_id) == (customer.system, customer.id):
                return pair
        return self._sync.join(self._new_pair(account, customer), why="they were named together")

    def _new_pair(self, account: Account, customer: TradingAccount) -> SyncPair:
        return SyncPair(
            entity="account",
            crm_system=self._crm.system,
            crm_id=account.id,
            erp_system=customer.system,
            erp_id=customer.id,
        )

    # New ones. Whoever enters a customer enters it once; whether it is there already is asked
    # before anything is made.

    def _entered_in_crm(self, account: Account) -> SettledAccount:
        side = self._account_side(account)
        made = plan(self.policy, side, None)
        if made.outcome != "create_in_erp":
            return Settled(outcome="ignored", plan=made, crm=account, text=made.reason)
        if made.refused:
            return self._refused(made, account, None)
        known = self._sync.customer_for(account, self._into)
        if known.decision == "review":
            return Settled(outcome="review", plan=made, crm=account, text=known.text)
        erp = self._erp.using(self._into)
        if known.decision == "automatic":
            customer = erp.customer(known.id)
            pair = self._sync.join(self._new_pair(account, customer), why=known.text)
            return self.settle(account, customer, pair)
        blank = TradingAccount(
            id="", system=self._into, name=account.name, currency=account.currency or ""
        )
        values = writable(made.to_erp, kept_by(erp, "trading_account"))
        customer = self._sync.create_customer(with_values(blank, values), account=account)
        text = f"{customer.system}: {customer.id} was made of account {account.id}"
        return self._met(made, account, customer, text)

    def _entered_in_erp(self, customer: TradingAccount) -> SettledAccount:
        side = self._customer_side(customer)
        made = plan(self.policy, None, side)
        if made.outcome != "create_in_crm":
            return Settled(outcome="ignored", plan=made, erp=customer, text=made.reason)
        if made.refused:
            return self._refused(made, None, customer)
        known = self._sync.account_for(customer)
        if known.decision == "review":
            return Settled(outcome="review", plan=made, erp=customer, text=known.text)
        if known.decision == "automatic":
            account = self._crm.account(known.id)
            pair = self._sync.join(self._new_pair(account, customer), why=known.text)
            return self.settle(account, customer, pair)
        blank = Account(
            id="",
            name=customer.name,
            kind=self.policy.kinds[0] if self.policy.kinds else "customer",
            currency=customer.currency or None,
            external_ids={customer.system: customer.id},
        )
        values = writable(made.to_crm, kept_by(self._crm, "account"))
        account = self._sync.create_account(with_values(blank, values), customer=customer)
        text = f"{self._crm.system}: {account.id} was made of customer {customer.ref}"
        return self._met(made, account, customer, text)

    def _met(
        self, made: Plan, account: Account, customer: TradingAccount, text: str
    ) -> SettledAccount:
        """Keep what a new pair agrees on, and go on with what changed meanwhile."""
        settled = self.settle(account, customer)
        return evolve(settled, outcome="created", done=(text, *settled.done), plan=made)

    def _refused(
        self, made: Plan, account: Account | None, customer: TradingAccount | None
    ) -> SettledAccount:
        """Keep for a person that a new record cannot be made as it is."""
        pair = SyncPair(
            entity="account",
            crm_system=self._crm.system,
            crm_id=account.id if account else "",
            erp_system=customer.system if customer else self._into,
            erp_id=customer.id if customer else "",
        )
        crm = None if account is None else self._account_side(account)
        erp = None if customer is None else self._customer_side(customer)
        conflicts: tuple[SyncConflict, ...] = conflicts_of(self.policy, made, pair, crm, erp)
        self._sync.keep(pair, conflicts=conflicts)
        return Settled(
            outcome="refused",
            plan=made,
            crm=account,
            erp=customer,
            text="; ".join(each.reason for each in made.refused),
        )


def _save_customer(erp: ErpPort, customer: TradingAccount) -> TradingAccount:
    return erp.save_customer(customer)
