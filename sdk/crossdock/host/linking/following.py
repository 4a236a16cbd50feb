"""What becomes of links when either side changes: merged, renamed, made anew, deleted.

A link leads from id to id, so a new name changes nothing but what is remembered. Where a system
says which record goes on in place of another, the link follows. Where a record is only gone, the
link is kept and marked, what is alike is looked for, and a person is asked: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from crossdock.errors import LinkConflict, NotFound
from crossdock.host.linking.facts import as_account, remembered_customer
from crossdock.host.linking.reading import LinkedCustomers
from crossdock.host.linking.unmerging import Unmerging
from crossdock.host.store.links import Link
from crossdock.host.store.proposals import Proposal
from crossdock.host.systems import Router
from crossdock.ports import CrmPort
from crossdock.records import Account, Change, TradingAccount
from crossdock.rules.matching.comparing import POSSIBLE, Match, compare
from crossdock.rules.matching.normalizing import search_word

if TYPE_CHECKING:
    from crossdock.host.store import Store

_LOOKED_AT: Final = 25


class Following:
    """Lets links follow the records that they lead to."""

    def __init__(
        self, store: Callable[[], Store], crm: CrmPort, erp: Router, linked: LinkedCustomers
    ) -> None:
        self._store = store
        self._crm = crm
        self._erp = erp
        self._linked = linked
        self.unmerging: Final = Unmerging(store, crm)

    def notice(self, change: Change, *, follow: bool = True) -> None:
        """Take note of a change that a feed told of.

        Args:
            change: what was told.
            follow: whether links follow a merge; otherwise a person is asked.

        Raises:
            RemoteError: a system that must be asked does not answer; the change can be told again.
        """
        if change.system == self._crm.system and change.entity == "account":
            mine = self._store().links.of_account(change.system, change.id)
            for link in mine:
                if change.action == "deleted":
                    self.account_gone(link, change.successor, follow=follow)
                elif link.lost == "account":
                    self._store().links.remember(link, {"lost": ""})
            if not mine and change.action != "deleted":
                self.unmerging.account_back(change.id)
        elif change.entity == "trading_account" and change.system in self._erp.systems:
            known = self._store().links.of_customer(change.system, change.id)
            if known is not None and change.action == "deleted":
                self.customer_gone(known, change.successor if follow else "")
            elif known is not None:
                self.read_again(known)

    def read_again(self, link: Link) -> bool:
        """Read the customer of a link, and say whether it is there."""
        try:
            customer = self._erp.using(link.erp_system).customer(link.customer_id)
        except NotFound:
            self.customer_gone(link)
            return False
        self._linked.recall(link, customer)
        return True

    def account_gone(self, link: Link, successor: str = "", *, follow: bool = True) -> None:
        """Let a link go over to the account that goes on, or ask which that is."""
        store = self._store()
        successor = successor or self._answers_for(link.account_id)
        if successor and follow:
            mine = store.links.of_account(link.crm_system, link.account_id)
            with store.writing() as connection:
                moved = store.links.move(
                    link.crm_system, link.account_id, successor, connection=connection
                )
                if moved:  # of several links the first has taken the others along
                    self.unmerging.remember(link.account_id, successor, mine, connection)
                    store.audit.append(
                        actor="host",
                        action="link.moved",
                        subject=link.ref,
                        detail={
                            "account": successor,
                            "from": link.account_id,
                            "why": "the CRM merged the accounts",
                        },
                        connection=connection,
                    )
            return
        self._linked.lose(link, "account")
        customer = remembered_customer(link)
        if successor:
            self._propose(link, customer, successor)
            return
        found = self._crm.accounts(search_word(customer.name), limit=_LOOKED_AT).items
        self._ask(
            (account, customer, compare(account, customer))
            for account in found
            if account.id != link.account_id
        )

    def _propose(self, link: Link, customer: TradingAccount, successor: str) -> None:
        """Ask whether the account that an other one was merged into gets its customer."""
        try:
            account = self._crm.account(successor)
        except NotFound:
            return  # it went away, too, and that is told next
        why = f"the CRM says that it goes on for {link.account_id}"
        self._store().proposals.ask(
            Proposal(
                crm_system=link.crm_system,
                account_id=account.id,
                account_name=account.name,
                erp_system=customer.system,
                customer_id=customer.id,
                customer_name=customer.name,
                instead_of_account=link.account_id,
                score=100,
                reasons=((why, 100),),
            )
        )

    def _answers_for(self, account_id: str) -> str:
        """Name the account that the CRM gives when it is asked for one that was merged into it."""
        try:
            given = self._crm.account(account_id).id
        except NotFound:
            return ""
        return given if given != account_id else ""

    def customer_gone(self, link: Link, successor: str = "") -> None:
        """Let a link go over to the customer that goes on, or ask which that is."""
        if successor and self._renamed(link, successor):
            return
        self._linked.lose(link, "customer")
        try:
            account = self._crm.account(link.account_id)
        except NotFound:
            return  # both are gone; there is nobody to ask about
        was = remembered_customer(link)
        port = self._erp.using(link.erp_system)
        found = port.customers(search_word(was.name or account.name), limit=_LOOKED_AT).items
        like_it = as_account(was)
        self._ask(
            (
                (account, customer, max(
                    compare(like_it, customer), compare(account, customer), key=_score
                ))
                for customer in found
                if customer.id != link.customer_id
            ),
            instead_of_customer=link.customer_id,
        )  # fmt: skip

    def _renamed(self, link: Link, successor: str) -> bool:
        store = self._store()
        try:
            with store.writing() as connection:
                store.links.rename(
                    link,
                    successor,
                    evidence=f"{link.erp_system} says that it goes on for {link.customer_id}",
                    connection=connection,
                )
                store.audit.append(
                    actor="host",
                    action="link.moved",
                    subject=f"{link.erp_system}:{successor}",
                    detail={
                        "account": link.account_id,
                        "from": link.ref,
                        "why": "the ERP merged or renumbered the customer",
                    },
                    connection=connection,
                )
        except LinkConflict:
            return self._merged_into_linked(link, successor)
        return True

    def _merged_into_linked(self, link: Link, successor: str) -> bool:
        """Drop a link whose customer went up in another one of the same account."""
        store = self._store()
        other = store.links.of_customer(link.erp_system, successor)
        if other is None or other.account_id != link.account_id:
            return False  # it is another account's: a person has to say whose it is
        with store.writing() as connection:
            store.links.unlink(
                crm_system=link.crm_system,
                erp_system=link.erp_system,
                customer_id=link.customer_id,
                connection=connection,
            )
            if link.default:
                store.links.link(
                    crm_system=link.crm_system,
                    account_id=link.account_id,
                    erp_system=link.erp_system,
                    customer_id=successor,
                    default=True,
                    evidence=other.evidence,
                    connection=connection,
                )
            store.audit.append(
                actor="host",
                action="link.removed",
                subject=link.ref,
                detail={"account": link.account_id, "why": f"merged into {other.ref}"},
                connection=connection,
            )
        return True

    def _ask(
        self,
        pairs: Iterable[tuple[Account, TradingAccount, Match]],
        *,
        instead_of_customer: str = "",
    ) -> None:
        store = self._store()
        for account, customer, match in pairs:
            if match.score < POSSIBLE:
                continue
            taken = store.links.of_customer(customer.system, customer.id)
            if taken is not None and taken.account_id == account.id:
                continue
            store.proposals.ask(
                proposal_of(
                    self._crm.system,
                    account,
                    customer,
                    match,
                    instead_of_account="" if taken is None else taken.account_id,
                    instead_of_customer=instead_of_customer,
                )
            )


def proposal_of(
    crm_system: str,
    account: Account,
    customer: TradingAccount,
    match: Match,
    *,
    instead_of_account: str = "",
    instead_of_customer: str = "",
) -> Proposal:
    """Put a match into the form in which a person is asked."""
    return Proposal(
        crm_system=crm_system,
        account_id=account.id,
        account_name=account.name,
        erp_system=customer.system,
        customer_id=customer.id,
        customer_name=customer.name,
        instead_of_account=instead_of_account,
        instead_of_customer=instead_of_customer,
        score=match.score,
        reasons=tuple((each.text, each.points) for each in match.reasons),
    )


def _score(match: Match) -> int:
    return match.score
