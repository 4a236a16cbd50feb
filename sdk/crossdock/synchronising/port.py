"""What the host lends to who keeps records the same in two systems: `ctx.sync`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from crossdock.ports import needs
from crossdock.records import (
    Account,
    Contact,
    Counterpart,
    PriceList,
    SyncConflict,
    SyncPair,
    TradingAccount,
)


@runtime_checkable
class SyncPort(Protocol):
    """What is remembered of records that are the same in the CRM and in an ERP.

    Attributes:
        system: the CRM's configured name.
        policy: the ownership policy in force, as `crossdock.rules.ownership.policy_from` takes it.
    """

    system: str

    @property
    def policy(self) -> Mapping[str, Any]:
        """The ownership policy in force, as it was written."""

    @needs("sync.state:read")
    def pairs(self, entity: str, system: str, record_id: str) -> Sequence[SyncPair]:
        """List the pairs that a record of either side is in, with what both agreed on.

        Those of an account are the links of the cross-reference, the default first.
        """

    @needs("sync.state:read")
    def unmet(self, *, limit: int = 100) -> Sequence[SyncPair]:
        """List accounts and customers that were linked and have never been brought in line."""

    @needs("sync.state:write")
    def keep(
        self,
        pair: SyncPair,
        *,
        conflicts: Sequence[SyncConflict] = (),
        done: Sequence[str] = (),
        close: bool = True,
    ) -> SyncPair:
        """Keep what a pair agrees on now, and what of it is for a person; all or nothing.

        Args:
            pair: with the values that both have now, and their versions.
            conflicts: what a person has to decide.
            done: what was written where, a sentence each, for the audit trail.
            close: whether what was for a person before and is not among `conflicts` is over.
        """

    @needs("sync.state:write")
    def join(self, pair: SyncPair, *, why: str) -> SyncPair:
        """Take note that two records are the same one.

        Raises `LinkConflict` where one of them is somebody else's already.
        """

    @needs("sync.state:write")
    def move(self, pair: SyncPair, *, crm_id: str = "", erp_id: str = "") -> SyncPair | None:
        """Let a pair lead to the record that goes on for one that was merged into it.

        What was agreed on says nothing of that one. Of accounts the links lead there by themselves.

        Returns:
            The pair as it is now; `None` where the record that goes on has one of its own.
        """

    @needs("erp.customers:read")
    def customer_for(self, account: Account, system: str) -> Counterpart:
        """Look whether an account that has no customer in an ERP is one there already."""

    @needs("crm.accounts:read")
    def account_for(self, customer: TradingAccount) -> Counterpart:
        """Look whether a customer that has no account is one in the CRM already."""

    @needs("erp.customers:write")
    def create_customer(self, customer: TradingAccount, *, account: Account) -> TradingAccount:
        """Make the customer of an account, once, and link both; asked again, the same is given.

        Raises `OutcomeUnknown` where the ERP did not answer and has to be looked at again, and
        `PossiblyCreated` where a person has to look.
        """

    @needs("crm.accounts:write")
    def create_account(self, account: Account, *, customer: TradingAccount) -> Account:
        """Make the account of a customer, once, and link both; as `create_customer`."""

    @needs("erp.contacts:write")
    def create_erp_contact(self, contact: Contact, *, of: Contact) -> Contact:
        """Make the ERP's contact of one of the CRM's, once, and join both."""

    @needs("crm.contacts:write")
    def create_crm_contact(self, contact: Contact, *, of: Contact) -> Contact:
        """Make the CRM's contact of one of an ERP's, once, and join both."""

    @needs("crm.prices:write")
    def create_price_list(self, price_list: PriceList, *, of: PriceList) -> PriceList:
        """Make the CRM's price list of one of an ERP's, once, and join both.

        One of that name which belongs to no list of the ERP is taken instead.
        """
