"""Look through all accounts and customers for what may be linked, and for links that lost a side.

Every list is read once, page by page, whatever the number of links. A record that a list leaves out
is asked for by itself before it counts as gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from attrs import define, frozen

from crossdock.errors import NotFound
from crossdock.host.linking.candidates import Customers
from crossdock.host.linking.following import Following, proposal_of
from crossdock.host.linking.reading import LinkedCustomers
from crossdock.host.systems import Router
from crossdock.ports import CrmPort, Page
from crossdock.records import Account, TradingAccount
from crossdock.rules.matching.comparing import POSSIBLE

if TYPE_CHECKING:
    from crossdock.host.store import Store

_Record = TypeVar("_Record", Account, TradingAccount)
_AT_ONCE: Final = 200


class _Listing(Protocol[_Record]):
    def __call__(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[_Record]:
        """Give a page."""


@define(kw_only=True)
class Looked:
    """What a look through everything came to.

    Attributes:
        accounts, customers: how many were read.
        linked: how many customers have their account.
        proposed: how many pairs wait for a person now that were found by this.
        lost: how many links were found to lead to nobody.
        away: a sentence for each ERP whose customers could not be read.
    """

    accounts: int = 0
    customers: int = 0
    linked: int = 0
    proposed: int = 0
    lost: int = 0
    away: tuple[str, ...] = ()


@frozen(kw_only=True)
class Step:
    """How far a look has come, for who waits for it: such as `accounts`, 400."""

    what: str
    count: int


class Proposing:
    """Finds what may be linked, over all."""

    def __init__(
        self,
        store: Callable[[], Store],
        crm: CrmPort,
        erp: Router,
        linked: LinkedCustomers,
        following: Following,
    ) -> None:
        self._store = store
        self._crm = crm
        self._erp = erp
        self._linked = linked
        self._following = following

    def look(
        self, *, least: int = POSSIBLE, tell: Callable[[Step], object] = lambda _step: None
    ) -> Looked:
        """Look through everything.

        What a person rejected is not asked again, and what is linked is left as it is.

        Args:
            least: the lowest score that is proposed.
            tell: told how far it has come.

        Raises:
            RemoteError: a system did not answer; what was proposed until then stays.
        """
        looked = Looked()
        store, crm = self._store(), self._crm.system
        customers: list[TradingAccount] = []
        for system in self._erp.systems:
            for each in _pages(self._erp.using(system).customers):
                customers += each
                tell(Step(what=f"customers of {system}", count=len(customers)))
        accounts: list[Account] = []
        for page in _pages(self._crm.accounts):
            accounts += page
            tell(Step(what="accounts", count=len(accounts)))
        looked.customers, looked.accounts = len(customers), len(accounts)
        for account in accounts:  # what they name themselves is linked by that
            if account.external_ids:
                self._linked.links(account)
        looked.lost = self._check(accounts, customers)
        links = store.links.of_crm(crm)
        taken = {link.ref for link in links}
        looked.linked = len(taken)
        free = [
            Customers(each for each in customers if each.system == system and each.ref not in taken)
            for system in self._erp.systems
        ]
        has = {(link.account_id, link.erp_system) for link in links if not link.lost}
        for number, account in enumerate(accounts, 1):
            if number % _AT_ONCE == 0:
                tell(Step(what="accounts compared", count=number))
            found = (each.candidates(account, least=least) for each in free)
            for candidate in chain.from_iterable(found):
                # An account with a customer in that ERP may have another one, but only a key
                # of its own makes that worth a question.
                if (account.id, candidate.customer.system) in has and (
                    candidate.match.sureness != "certain"
                ):
                    continue
                asked = proposal_of(crm, account, candidate.customer, candidate.match)
                looked.proposed += store.proposals.ask(asked)
        return looked

    def _check(self, accounts: list[Account], customers: list[TradingAccount]) -> int:
        """Bring links up to date with what was read; gives how many lead to nobody."""
        known = {each.ref: each for each in customers}
        there = {each.id for each in accounts}
        lost = 0
        for link in self._store().links.of_crm(self._crm.system):
            customer = known.get(link.ref)
            if customer is not None:
                self._linked.recall(link, customer)
            elif link.erp_system in self._erp.systems and not self._following.read_again(link):
                lost += 1
            if link.account_id not in there and self._account_is_gone(link.account_id):
                self._following.account_gone(link)
                lost += 1
        return lost

    def _account_is_gone(self, account_id: str) -> bool:
        try:
            return self._crm.account(account_id).id != account_id
        except NotFound:
            return True


def _pages(listing: _Listing[_Record]) -> Iterator[tuple[_Record, ...]]:
    after: str | None = None
    while True:
        page = listing(after=after, limit=_AT_ONCE)
        yield page.items
        after = page.next
        if after is None:
            return
