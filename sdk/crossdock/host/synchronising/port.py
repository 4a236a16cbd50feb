"""`ctx.sync`: what the host remembers of records that two systems have, and makes once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import evolve

from crossdock.host.store.links import Link
from crossdock.host.store.sync_conflicts import words_of
from crossdock.host.synchronising.creations import Creations, Making
from crossdock.host.synchronising.price_lists import made_of
from crossdock.host.systems import Router
from crossdock.ports import CrmPort
from crossdock.records import (
    Account,
    Contact,
    Counterpart,
    PriceList,
    SyncConflict,
    SyncPair,
    TradingAccount,
)

if TYPE_CHECKING:
    from crossdock.host.linking.before_creating import BeforeCreating
    from crossdock.host.store import Store

_KEYED = "idempotency_key"
_GONE: Mapping[str, str] = {"account": "crm", "customer": "erp"}


class HostSync:
    """The host's own `SyncPort`; plugins get it behind the gateway.

    Attributes:
        system: the CRM's configured name.
        creations: makes new records once.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        crm: CrmPort,
        erp: Router,
        *,
        creations: Creations,
        before_creating: BeforeCreating,
        policy: Callable[[], Mapping[str, Any]],
    ) -> None:
        """Make it.

        Args:
            store: gives where all of it is kept.
            crm: the CRM.
            erp: the ERPs.
            creations: makes new records once.
            before_creating: looks whether a record is there already.
            policy: gives the document of the policy in force.
        """
        self.system = crm.system
        self._store = store
        self._crm = crm
        self._erp = erp
        self.creations = creations
        self._before_creating = before_creating
        self._policy = policy

    @property
    def policy(self) -> Mapping[str, Any]:
        """The ownership policy in force, as it was written."""
        return self._policy()

    # What is remembered.

    def pairs(self, entity: str, system: str, record_id: str) -> Sequence[SyncPair]:
        """List the pairs that a record of either side is in; see `SyncPort.pairs`."""
        store = self._store()
        kept = store.sync_pairs.of(entity, system, record_id)
        if entity != "account":
            return tuple(self._with_words(pair) for pair in kept)
        if system == self.system:
            links: Sequence[Link] = store.links.of_account(system, record_id)
        else:
            link = store.links.of_customer(system, record_id)
            links = () if link is None else (link,)
        return tuple(self._linked(link, kept) for link in links)

    def unmet(self, *, limit: int = 100) -> Sequence[SyncPair]:
        """List links that were never brought in line; see `SyncPort.unmet`."""
        found = self._store().sync_pairs.unmet(self.system, limit=limit)
        return tuple(self._linked(link, ()) for link in found)

    def keep(
        self,
        pair: SyncPair,
        *,
        conflicts: Sequence[SyncConflict] = (),
        done: Sequence[str] = (),
        close: bool = True,
    ) -> SyncPair:
        """Keep what a pair agrees on, and what of it is for a person; see `SyncPort.keep`."""
        with self._store().writing() as connection:
            self.keep_within(connection, pair, conflicts=conflicts, done=done, close=close)
        return pair

    def keep_within(
        self,
        connection: sa.Connection,
        pair: SyncPair,
        *,
        conflicts: Sequence[SyncConflict],
        done: Sequence[str],
        close: bool = True,
    ) -> None:
        """Keep it as a part of the caller's transaction."""
        store = self._store()
        if pair.crm_id and pair.erp_id:
            store.sync_pairs.agree(pair, connection=connection)
        closed = store.sync_conflicts.keep(pair, conflicts, connection, close=close)
        if done:
            self.tell(connection, "sync.written", pair, {"what": list(done)})
        for each in closed:
            detail = {"conflict": each.number, "field": each.field, "was": each.state}
            self.tell(connection, "sync.conflict_closed", pair, detail)

    def join(self, pair: SyncPair, *, why: str) -> SyncPair:
        """Take note that two records are the same one; see `SyncPort.join`."""
        with self._store().writing() as connection:
            return self._join(pair, why, connection)

    def move(self, pair: SyncPair, *, crm_id: str = "", erp_id: str = "") -> SyncPair | None:
        """Let a pair lead to the record that goes on; see `SyncPort.move`."""
        goes_on = SyncPair(
            entity=pair.entity,
            crm_system=pair.crm_system,
            crm_id=crm_id or pair.crm_id,
            erp_system=pair.erp_system,
            erp_id=erp_id or pair.erp_id,
        )
        pairs = self._store().sync_pairs
        with self._store().writing() as connection:
            for system, record_id in ((pair.crm_system, crm_id), (pair.erp_system, erp_id)):
                known = pairs.of(pair.entity, system, record_id, connection=connection)
                if record_id and any(each.erp_system == pair.erp_system for each in known):
                    return None
            pairs.forget(pair, connection=connection)
            pairs.agree(goes_on, connection=connection)
            self._store().sync_conflicts.keep(pair, (), connection)
            self.tell(
                connection, "sync.moved", goes_on, {"from": pair.crm_id if crm_id else pair.erp_id}
            )
        return goes_on

    def _join(self, pair: SyncPair, why: str, connection: sa.Connection) -> SyncPair:
        store = self._store()
        if pair.entity != "account":
            store.sync_pairs.agree(pair, connection=connection)
        else:
            mine = store.links.of_account(pair.crm_system, pair.crm_id, connection=connection)
            if any((each.erp_system, each.customer_id) == (pair.erp_system, pair.erp_id)
                   for each in mine):  # fmt: skip
                return pair
            default = not any(each.default for each in mine)
            store.links.link(
                crm_system=pair.crm_system,
                account_id=pair.crm_id,
                erp_system=pair.erp_system,
                customer_id=pair.erp_id,
                default=default,
                evidence=why,
                connection=connection,
            )
            pair = evolve(pair, default=default)
        self.tell(connection, "sync.joined", pair, {"why": why})
        return pair

    def _linked(self, link: Link, kept: Sequence[SyncPair]) -> SyncPair:
        pair = SyncPair(
            entity="account",
            crm_system=link.crm_system,
            crm_id=link.account_id,
            erp_system=link.erp_system,
            erp_id=link.customer_id,
        )
        # What a customer agreed on with an account that was merged away says nothing of this one.
        known = next((each for each in kept if each.id == pair.id), pair)
        return evolve(self._with_words(known), default=link.default, lost=_GONE.get(link.lost, ""))

    def _with_words(self, pair: SyncPair) -> SyncPair:
        return with_words(pair, self._store().sync_conflicts.of(pair))

    def tell(
        self, connection: sa.Connection, action: str, pair: SyncPair, detail: Mapping[str, Any]
    ) -> None:
        """Add a line about a pair to the audit trail."""
        self._store().audit.append(
            actor="host",
            action=action,
            subject=pair.crm_id or pair.erp_id,
            detail={"entity": pair.entity, "erp": f"{pair.erp_system}:{pair.erp_id}", **detail},
            connection=connection,
        )

    # What is there already.

    def customer_for(self, account: Account, system: str) -> Counterpart:
        """Look whether an account is a customer of an ERP; see `SyncPort.customer_for`."""
        made = self.creations.found(self.customer_to_make(account, self._blank(account, system)))
        if made is not None:
            return Counterpart(
                decision="automatic", id=made.id, score=100, text="it was made of this account"
            )
        found = self._before_creating.customer_for(account, system)
        return Counterpart(decision=found.decision, id=found.id, score=found.score, text=found.text)

    def account_for(self, customer: TradingAccount) -> Counterpart:
        """Look whether a customer is an account of the CRM; see `SyncPort.account_for`."""
        if customer.reference and self._intended(customer):
            return Counterpart(
                decision="automatic",
                id=customer.reference,
                score=100,
                text=f"{customer.system} says that it was made of {customer.reference}",
            )
        made = self.creations.found(self.account_to_make(customer, Account(id="", name="")))
        if made is not None:
            return Counterpart(
                decision="automatic", id=made.id, score=100, text="it was made of this customer"
            )
        found = self._before_creating.account_for(customer)
        return Counterpart(decision=found.decision, id=found.id, score=found.score, text=found.text)

    def _intended(self, customer: TradingAccount) -> bool:
        """Whether a customer is one that this host meant to make, whatever came of the call."""
        known = self._store().sync_creations.find(
            "account", self.system, customer.reference, customer.system
        )
        return known is not None and known.state != "refused"

    # What is made once.

    def create_customer(self, customer: TradingAccount, *, account: Account) -> TradingAccount:
        """Make the customer of an account, once; see `SyncPort.create_customer`."""
        return self.creations.make(self.customer_to_make(account, customer))

    def create_account(self, account: Account, *, customer: TradingAccount) -> Account:
        """Make the account of a customer, once; see `SyncPort.create_account`."""
        return self.creations.make(self.account_to_make(customer, account))

    def create_erp_contact(self, contact: Contact, *, of: Contact) -> Contact:
        """Make the ERP's contact of one of the CRM's, once; see `SyncPort.create_erp_contact`."""
        erp = self._erp.using(contact.system)
        new = evolve(contact, reference=of.id)
        customer = TradingAccount(
            id=contact.account_id, system=contact.system, name="", currency=""
        )

        def look() -> list[Contact]:
            return [each for each in erp.contacts(customer) if each.reference == of.id]

        return self.creations.make(
            Making(
                entity="contact",
                from_system=self.system,
                from_id=of.id,
                to_system=erp.system,
                look=look,
                read=erp.contact,
                make=lambda key: erp.save_contact(new, idempotency_key=key),
                keyed=_KEYED in erp.capabilities,
                joined=lambda made, connection: self._join(
                    self._pair("contact", of.id, erp.system, made.id), "made of it", connection
                ),
            )
        )

    def create_crm_contact(self, contact: Contact, *, of: Contact) -> Contact:
        """Make the CRM's contact of one of an ERP's, once; see `SyncPort.create_crm_contact`."""
        new = evolve(contact, external_ids={**contact.external_ids, of.system: of.id})
        return self.creations.make(
            Making(
                entity="contact",
                from_system=of.system,
                from_id=of.id,
                to_system=self.system,
                look=partial(self._crm.contacts_by_external_id, of.system, of.id),
                read=self._crm.contact,
                make=lambda _key: self._crm.save_contact(new),
                keyed=False,
                joined=lambda made, connection: self._join(
                    self._pair("contact", made.id, of.system, of.id), "made of it", connection
                ),
            )
        )

    def create_price_list(self, price_list: PriceList, *, of: PriceList) -> PriceList:
        """Make the CRM's price list of one of an ERP's, once; see `SyncPort.create_price_list`."""
        making = made_of(of, price_list, crm=self._crm, store=self._store, joined=self._join)
        return self.creations.make(making)

    def _blank(self, account: Account, system: str) -> TradingAccount:
        return TradingAccount(id="", system=system, name=account.name, currency="")

    def customer_to_make(
        self, account: Account, customer: TradingAccount
    ) -> Making[TradingAccount]:
        """Say how the customer of an account is made, and found again."""
        erp = self._erp.using(customer.system)
        new = evolve(customer, id="", reference=account.id)
        return Making(
            entity="account",
            from_system=self.system,
            from_id=account.id,
            to_system=customer.system,
            look=partial(erp.customers_by_reference, account.id),
            read=erp.customer,
            make=lambda key: erp.save_customer(new, idempotency_key=key),
            keyed=_KEYED in erp.capabilities,
            joined=lambda made, connection: self._join(
                self._pair("account", account.id, made.system, made.id),
                "made of the account",
                connection,
            ),
        )

    def account_to_make(self, customer: TradingAccount, account: Account) -> Making[Account]:
        """Say how the account of a customer is made, and found again."""
        named = {**account.external_ids, customer.system: customer.id}
        new = evolve(account, id="", external_ids=named)
        return Making(
            entity="account",
            from_system=customer.system,
            from_id=customer.id,
            to_system=self.system,
            look=partial(self._crm.accounts_by_external_id, customer.system, customer.id),
            read=self._crm.account,
            make=lambda _key: self._crm.save_account(new),
            keyed=False,
            joined=lambda made, connection: self._join(
                self._pair("account", made.id, customer.system, customer.id),
                "made of the customer",
                connection,
            ),
        )

    def _pair(self, entity: str, crm_id: str, erp_system: str, erp_id: str) -> SyncPair:
        return SyncPair(
            entity=entity,
            crm_system=self.system,
            crm_id=crm_id,
            erp_system=erp_system,
            erp_id=erp_id,
        )


def with_words(pair: SyncPair, found: Sequence[SyncConflict]) -> SyncPair:
    """Give a pair with what people decided of it, and with what waits for them."""
    contested = tuple(each.field for each in found if not each.refused)
    return evolve(pair, words=words_of(found), contested=contested)
