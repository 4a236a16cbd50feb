"""People at accounts, kept the same in the CRM and the ERP that their account is a customer of."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from attrs import evolve

from crossdock.errors import LinkConflict
from crossdock.ports import CrmPort, ErpRouter
from crossdock.records import Contact, SyncPair, TradingAccount
from crossdock.rules.ownership import (
    EntityPolicy,
    Plan,
    contact_side,
    normal,
    plan,
    with_values,
)
from crossdock.synchronising.keeping import kept_by, writable
from crossdock.synchronising.port import SyncPort
from crossdock.synchronising.settling import End, Settled, Settling

SettledContact = Settled[Contact, Contact]
_NO_ACCOUNT: Final = "its account is in one system only"


class Contacts:
    """Brings contacts in line, and makes the one that is missing.

    Needs the scopes `crm.contacts:read`, `crm.contacts:write`, `erp.contacts:read`,
    `erp.contacts:write`, `sync.state:read` and `sync.state:write`.
    """

    def __init__(self, policy: EntityPolicy, crm: CrmPort, erp: ErpRouter, sync: SyncPort) -> None:
        """Make it; the arguments are as those of `Accounts`."""
        self.policy: Final = policy
        self._crm = crm
        self._erp = erp
        self._sync = sync

    def of_account(self, account: SyncPair) -> list[SettledContact]:
        """Bring all contacts of an account in line.

        Args:
            account: the account and its customer.
        """
        customer = _customer(account)
        erp = self._erp.using(account.erp_system)
        if not kept_by(erp, "contact"):
            return []
        settled = [self.in_crm(each, account) for each in self._crm.contacts(account.crm_id)]
        settled += [self.in_erp(each, account) for each in erp.contacts(customer)]
        return settled

    def in_crm(self, contact: Contact, account: SyncPair | None = None) -> SettledContact:
        """Bring a contact of the CRM in line, or make it in the ERP.

        Args:
            contact: as it was just read.
            account: its account and customer; looked up where they are left out.
        """
        known = self._sync.pairs("contact", self._crm.system, contact.id)
        if known:
            return self._settling(known[0].erp_system).settle(known[0], contact)
        made = plan(self.policy, self._crm_side(contact), None)
        account = account or self._account(self._crm.system, contact.account_id)
        if made.outcome != "create_in_erp" or account is None:
            text = made.reason if account is not None else _NO_ACCOUNT
            return Settled(outcome="ignored", plan=made, crm=contact, text=text)
        erp = self._erp.using(account.erp_system)
        kept = kept_by(erp, "contact")
        if not kept:
            text = f"{erp.system} keeps no contacts"
            return Settled(outcome="ignored", plan=made, crm=contact, text=text)
        for other in erp.contacts(_customer(account)):
            if _alike(contact, other) and not self._sync.pairs("contact", erp.system, other.id):
                return self._joined(contact, other)
        blank = Contact(
            id="",
            system=erp.system,
            account_id=account.erp_id,
            first_name=contact.first_name,
            last_name=contact.last_name,
        )
        new = with_values(blank, writable(made.to_erp, kept))
        there = self._sync.create_erp_contact(new, of=contact)
        return self._met(made, contact, there, f"{erp.system}: contact {there.id} was made")

    def in_erp(self, contact: Contact, account: SyncPair | None = None) -> SettledContact:
        """Bring a contact of an ERP in line, or make it in the CRM; as `in_crm`."""
        known = self._sync.pairs("contact", contact.system, contact.id)
        if known:
            return self._settling(contact.system).settle(known[0], None, contact)
        made = plan(self.policy, None, self._erp_side(contact))
        account = account or self._account(contact.system, contact.account_id)
        if made.outcome != "create_in_crm" or account is None:
            text = made.reason if account is not None else _NO_ACCOUNT
            return Settled(outcome="ignored", plan=made, erp=contact, text=text)
        for other in self._crm.contacts(account.crm_id):
            if _alike(other, contact) and not self._sync.pairs(
                "contact", self._crm.system, other.id
            ):
                return self._joined(other, contact)
        blank = Contact(
            id="",
            account_id=account.crm_id,
            first_name=contact.first_name,
            last_name=contact.last_name,
        )
        new = with_values(blank, writable(made.to_crm, kept_by(self._crm, "contact")))
        here = self._sync.create_crm_contact(new, of=contact)
        return self._met(made, here, contact, f"{self._crm.system}: contact {here.id} was made")

    def gone(self, pair: SyncPair) -> SettledContact:
        """Bring a pair in line of which one side may be gone."""
        return self._settling(pair.erp_system).settle(pair)

    def _account(self, system: str, record_id: str) -> SyncPair | None:
        found = self._sync.pairs("account", system, record_id)
        return next((each for each in found if each.default and not each.lost), None)

    def _joined(self, here: Contact, there: Contact) -> SettledContact:
        pair = SyncPair(
            entity="contact",
            crm_system=self._crm.system,
            crm_id=here.id,
            erp_system=there.system,
            erp_id=there.id,
        )
        try:
            pair = self._sync.join(pair, why="they are the same person at the same customer")
        except LinkConflict:  # somebody else joined one of them in this moment
            known = self._sync.pairs("contact", self._crm.system, here.id)
            if not known:
                raise
            pair = known[0]
        return self._settling(there.system).settle(pair, here, there)

    def _met(self, made: Plan, here: Contact, there: Contact, text: str) -> SettledContact:
        known = self._sync.pairs("contact", self._crm.system, here.id)
        settled = self._settling(there.system).settle(known[0], here, there)
        return evolve(settled, outcome="created", done=(text, *settled.done), plan=made)

    def _settling(self, system: str) -> Settling[Contact, Contact]:
        erp = self._erp.using(system)
        return Settling(
            self.policy,
            self._sync,
            End(read=self._crm.contact, save=self._crm.save_contact, side=self._crm_side),
            End(read=erp.contact, save=partial(_save, erp), side=self._erp_side),
        )

    def _crm_side(self, contact: Contact) -> Any:
        return contact_side(contact, self._crm.system, kept_by(self._crm, "contact"))

    def _erp_side(self, contact: Contact) -> Any:
        erp = self._erp.using(contact.system)
        return contact_side(contact, contact.system, kept_by(erp, "contact"))


def _save(erp: Any, contact: Contact) -> Contact:
    saved: Contact = erp.save_contact(contact)
    return saved


def _customer(account: SyncPair) -> TradingAccount:
    return TradingAccount(id=account.erp_id, system=account.erp_system, name="", currency="")


def _alike(one: Contact, other: Contact) -> bool:
    """Whether two contacts of one company are one person: by e-mail address, or else by name."""
    if one.email and other.email:
        return normal("email", one.email) == normal("email", other.email)
    return normal("title", one.name) == normal("title", other.name)
