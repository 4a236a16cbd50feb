"""Whose customers an account's are: the cross-reference, and what accounts themselves name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve

from crossdock.connectors.calling import calling_as, deadline_in
from crossdock.connectors.trading_accounts import KeepsTradingAccounts
from crossdock.errors import LinkConflict, NotFound
from crossdock.host.linking.facts import as_read
from crossdock.host.store.links import Link
from crossdock.host.store.proposals import Proposal
from crossdock.host.systems import Router
from crossdock.ports import CrmPort
from crossdock.records import Account, AccountLink, TradingAccount

if TYPE_CHECKING:
    from crossdock.host.store import Store

BY_EXTERNAL_ID: Final = "external id on the account"
_ACCOUNTS_AT_ONCE: Final = 200


class LinkedCustomers:
    """The ERP customers behind CRM accounts.

    The cross-reference says which they are. An account that names a customer in its external ids
    and has none in that ERP yet is linked by it, unless a person said that it is not that customer.
    """

    def __init__(self, store: Callable[[], Store], crm: CrmPort, erp: Router) -> None:
        self._store = store
        self._crm = crm
        self._erp = erp

    def links(self, account: Account, *, remember: bool = True) -> tuple[Link, ...]:
        """Give an account's links, the default first.

        Args:
            account: whose.
            remember: whether what the account names itself is written into the cross-reference.
        """
        crm = self._crm.system
        links = self._store().links.of_account(crm, account.id)
        named = self._named(account, {link.erp_system for link in links})
        if not named:
            return links
        found = list(links)
        for system, customer_id in named:
            default = not any(link.default for link in found)
            link = self._by_name(account, system, customer_id, default, remember)
            if link is not None:
                found.append(link)
        if remember:  # an account that is gone may have left more than the one that was named
            return self._store().links.of_account(crm, account.id)
        return tuple(sorted(found, key=lambda link: not link.default))

    def _named(self, account: Account, linked: Collection[str]) -> list[tuple[str, str]]:
        """Give the customers that an account names in ERPs where it has none yet, in their order.

        A CRM that keeps trading accounts itself is asked for all of them, as external ids name one
        in each ERP only; its default one comes first.
        """
        free = [system for system in self._erp.systems if system not in linked]
        named = [
            (system, customer_id)
            for system in free
            if (customer_id := account.external_ids.get(system))
        ]
        if not named or not isinstance(self._crm, KeepsTradingAccounts):
            return named
        told = [
            (link.system, link.customer_id)
            for link in self._crm.account_links(account.id)
            if link.system in free
        ]
        return list(dict.fromkeys([*told, *named]))

    def told(self, account: Account, *, remember: bool = True) -> tuple[AccountLink, ...]:
        """Give the same as plugins see it; no ERP is asked."""
        return tuple(
            AccountLink(
                system=link.erp_system,
                customer_id=link.customer_id,
                default=link.default,
                name=link.customer_name,
                currency=link.currency,
                lost=link.lost == "customer",
            )
            for link in self.links(account, remember=remember)
        )

    def read(
        self, account: Account, *, identity: str, seconds: float, remember: bool = True
    ) -> Sequence[TradingAccount]:
        """Read the customers of an account from their ERPs, the default first.

        One that its ERP does not have any more is left out, and its link says so.
        """
        with calling_as(identity), deadline_in(seconds):
            found = [
                self._customer(link, remember) for link in self.links(account, remember=remember)
            ]
        return [each for each in found if each is not None]

    def one(
        self, account: Account, ref: str, *, identity: str, seconds: float, remember: bool = True
    ) -> TradingAccount | None:
        """Read one customer of an account; the default one where `ref` is empty.

        Where none is the default, the first is.
        """
        with calling_as(identity), deadline_in(seconds):
            links = self.links(account, remember=remember)
            wanted = [link for link in links if ref in ("", link.ref)]
            return self._customer(wanted[0], remember) if wanted else None

    def _customer(self, link: Link, remember: bool) -> TradingAccount | None:
        try:
            customer = self._erp.using(link.erp_system).customer(link.customer_id)
        except NotFound:
            if remember:
                self.lose(link, "customer")
            return None
        if remember:
            self.recall(link, customer)
        return evolve(customer, default=link.default)

    def recall(self, link: Link, customer: TradingAccount) -> None:
        """Keep with a link what was just read of its customer, which is there then."""
        if link.lost == "customer":
            self._told(link, "link.found", {"side": "customer"})
        self._store().links.remember(link, {"lost": "", **as_read(customer)})

    def lose(self, link: Link, side: str) -> None:
        """Note that one side of a link is gone; it is told once."""
        if link.lost == side:
            return
        self._store().links.remember(link, {"lost": side})
        self._told(link, "link.lost", {"side": side})

    def account_ids(
        self, customers: Sequence[str], *, identity: str, seconds: float
    ) -> Mapping[str, str]:
        """Give the CRM accounts behind ERP customers, by `system:customer`.

        The cross-reference counts, and the external ids of an account that was never linked. One
        pass over the CRM's accounts finds the latter; none is linked by it.
        """
        wanted = set(customers)
        links = {link.ref: link.account_id for link in self._store().links.of_crm(self._crm.system)}
        found = {ref: links[ref] for ref in wanted & links.keys()}
        linked = set(links.values())
        after: str | None = None
        with calling_as(identity), deadline_in(seconds):
            while len(found) < len(wanted):
                page = self._crm.accounts(after=after, limit=_ACCOUNTS_AT_ONCE)
                for account in page.items:
                    for system, customer_id in account.external_ids.items():
                        ref = f"{system}:{customer_id}"
                        if ref in wanted and ref not in links and account.id not in linked:
                            found.setdefault(ref, account.id)
                after = page.next
                if after is None:
                    break
        return found

    def _by_name(
        self, account: Account, system: str, customer_id: str, default: bool, remember: bool
    ) -> Link | None:
        """Link an account to the customer that it names itself, if nothing stands against it."""
        store, crm = self._store(), self._crm.system
        said = store.proposals.get(crm, account.id, system, customer_id)
        if said is not None and said.state in ("rejected", "open"):
            return None
        link = Link(
            crm_system=crm,
            account_id=account.id,
            erp_system=system,
            customer_id=customer_id,
            default=default,
            evidence=BY_EXTERNAL_ID,
        )
        if not remember:
            return link
        try:
            return store.links.link(
                crm_system=crm,
                account_id=account.id,
                erp_system=system,
                customer_id=customer_id,
                default=default,
                evidence=BY_EXTERNAL_ID,
            )
        except LinkConflict:
            return self._claimed_by_two(account, link)

    def _claimed_by_two(self, account: Account, link: Link) -> Link | None:
        """Settle that two accounts name one customer: one that is gone gives it to the other."""
        store = self._store()
        other = store.links.of_customer(link.erp_system, link.customer_id)
        if other is None:
            return None  # given free in this moment; the next look will find it so
        try:
            there: Account | None = self._crm.account(other.account_id)
        except NotFound:
            there = None
        # A CRM may answer for an account that was merged with the one that goes on.
        if there is None or there.id == account.id:
            detail = {"from": other.account_id, "why": "that account is gone"}
            with store.writing() as connection:
                store.links.move(
                    link.crm_system, other.account_id, account.id, connection=connection
                )
                store.audit.append(
                    actor="host",
                    action="link.moved",
                    subject=link.ref,
                    detail={"account": account.id, **detail},
                    connection=connection,
                )
            return store.links.of_customer(link.erp_system, link.customer_id)
        store.proposals.ask(
            Proposal(
                crm_system=link.crm_system,
                account_id=account.id,
                account_name=account.name,
                erp_system=link.erp_system,
                customer_id=link.customer_id,
                customer_name=other.customer_name,
                instead_of_account=other.account_id,
                score=100,
                reasons=(
                    (f"the account names the customer {link.customer_id} itself", 100),
                    (f"but it belongs to {there.name} ({there.id})", 0),
                ),
            )
        )
        return None

    def _told(self, link: Link, action: str, detail: Mapping[str, str]) -> None:
        self._store().audit.append(
            actor="host",
            action=action,
            subject=link.ref,
            detail={"account": link.account_id, **detail},
        )
