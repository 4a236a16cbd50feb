"""What may be linked to one account: looked for in all ERPs, now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from attrs import frozen

from crossdock.errors import NotFound, NotSupported, RemoteError
from crossdock.host.linking.candidates import Candidate, Customers
from crossdock.host.linking.reading import LinkedCustomers
from crossdock.host.store.proposals import Proposal
from crossdock.host.systems import Router
from crossdock.ports import CrmPort
from crossdock.records import Account, TradingAccount
from crossdock.rules.matching.comparing import Match, compare
from crossdock.rules.matching.normalizing import search_word

if TYPE_CHECKING:
    from crossdock.host.store import Store

_LOOKED_AT: Final = 50


@frozen(kw_only=True)
class Suggestion:
    """A customer that may be an account's, beside it.

    Attributes:
        taken_by: the account that it belongs to now; empty where it is free.
        proposal: what was asked of a person before, if it was.
    """

    customer: TradingAccount
    match: Match
    taken_by: str = ""
    proposal: Proposal | None = None

    @property
    def rejected(self) -> bool:
        """Whether a person said that it is not the account's."""
        return self.proposal is not None and self.proposal.state == "rejected"


@frozen(kw_only=True)
class Suggestions:
    """What may be linked to an account, the surest first.

    Attributes:
        away: a sentence for each ERP that could not be asked.
    """

    found: tuple[Suggestion, ...]
    away: tuple[str, ...] = ()


class Suggesting:
    """Looks for customers that may be an account's."""

    def __init__(
        self, store: Callable[[], Store], crm: CrmPort, erp: Router, linked: LinkedCustomers
    ) -> None:
        self._store = store
        self._crm = crm
        self._erp = erp
        self._linked = linked

    def suggestions(self, account: Account, search: str = "") -> Suggestions:
        """Look in all ERPs for customers that may be an account's.

        Args:
            account: whose.
            search: what to look for; by default what is telling in the account's name. With it,
                all that is found is given, however little speaks for it.
        """
        found: dict[str, TradingAccount] = {}
        away: list[str] = []
        for proposal in self._store().proposals.list(self._crm.system, account_id=account.id):
            if not search:
                self._read(proposal.erp_system, proposal.customer_id, found, away)
        for system in self._erp.systems:
            try:
                self._look_up(system, account, search, found)
            except NotSupported:
                away.append(f"{system} cannot be searched for customers")
            except RemoteError as error:
                away.append(str(error))
        candidates = (
            _all(account, found) if search else Customers(found.values()).candidates(account)
        )
        mine = {link.ref for link in self._linked.links(account)}
        return Suggestions(
            found=tuple(
                self._suggested(account, each)
                for each in candidates
                if each.customer.ref not in mine
            ),
            away=tuple(dict.fromkeys(away)),
        )

    def _look_up(
        self, system: str, account: Account, search: str, found: dict[str, TradingAccount]
    ) -> None:
        port = self._erp.using(system)
        wanted = search or search_word(account.name)
        if wanted:
            for customer in port.customers(wanted, limit=_LOOKED_AT).items:
                found[customer.ref] = customer
        named = account.external_ids.get(system)
        if named and not search:
            self._read(system, named, found, [])

    def _read(
        self, system: str, customer_id: str, found: dict[str, TradingAccount], away: list[str]
    ) -> None:
        if system not in self._erp.systems:
            return
        try:
            customer = self._erp.using(system).customer(customer_id)
        except NotFound:
            return
        except RemoteError as error:
            away.append(str(error))
        else:
            found[customer.ref] = customer

    def _suggested(self, account: Account, candidate: Candidate) -> Suggestion:
        store, customer = self._store(), candidate.customer
        taken = store.links.of_customer(customer.system, customer.id)
        return Suggestion(
            customer=customer,
            match=candidate.match,
            taken_by="" if taken is None else taken.account_id,
            proposal=store.proposals.get(
                self._crm.system, account.id, customer.system, customer.id
            ),
        )


def _all(account: Account, found: dict[str, TradingAccount]) -> list[Candidate]:
    candidates = [Candidate(customer=each, match=compare(account, each)) for each in found.values()]
    return sorted(candidates, key=lambda each: (-each.match.score, each.customer.ref))
