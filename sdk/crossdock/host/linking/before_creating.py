"""Whether a record is there already, before another one is made: the live systems are asked.

What a person said before counts first: a pair that was rejected is not found again. What is beyond
doubt is given as `automatic`; what may be the same goes to the proposals, where a person decides,
and nothing is made until then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from attrs import frozen

from crossdock.errors import NotFound, NotSupported
from crossdock.host.linking.following import proposal_of
from crossdock.host.store.proposals import Proposal, ProposalState
from crossdock.host.systems import Router
from crossdock.ports import CrmPort, ErpPort
from crossdock.records import Account, TradingAccount
from crossdock.rules.matching import Decision, Found, Outcome, Party, Pool, match
from crossdock.rules.matching.normalizing import mail_domain, search_words

if TYPE_CHECKING:
    from crossdock.host.store import Store

_LOOKED_AT: Final = 50
_WORDS_ASKED: Final = 2
_SAID: Final[tuple[ProposalState, ...]] = ("confirmed", "rejected")
_ALL: Final = 10_000


@frozen(kw_only=True)
class Before:
    """What was found before a record was made.

    Attributes:
        decision: `automatic`: it is there, link it; `review`: a person is asked; `new`: make it.
        ref: `system:id` of what was found; empty for `new`.
        score: how sure it is, 0 to 100.
        text: why, in words.
        reasons: the same, one by one.
    """

    decision: Decision
    ref: str = ""
    score: int = 0
    text: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id in its own system."""
        return self.ref.partition(":")[2]


class BeforeCreating:
    """Looks for a record in the system where it would be made."""

    def __init__(self, store: Callable[[], Store], crm: CrmPort, erp: Router) -> None:
        self._store = store
        self._crm = crm
        self._erp = erp

    def customer_for(self, account: Account, system: str) -> Before:
        """Look whether an account is a customer of an ERP already.

        Raises:
            RemoteError: the ERP does not answer; nothing should be made then.
        """
        erp = self._erp.using(system)
        found = {each.ref: each for each in self._customers_like(account, erp)}
        said = self._store().proposals.list(
            self._crm.system, states=_SAID, account_id=account.id, limit=_ALL
        )
        yes = next((e for e in said if e.state == "confirmed" and e.ref in found), None)
        if yes is not None:
            return _confirmed(yes.ref)
        outcome = match(
            Pool(map(Party.of_customer, found.values())),
            Party.of_account(account, self._crm.system),
            without={each.ref for each in said},
        )
        pairs = [(account, found[each.ref], each) for each in outcome.found]
        return self._judged(outcome, pairs)

    def account_for(self, customer: TradingAccount) -> Before:
        """Look whether a customer is an account of the CRM already.

        Raises:
            RemoteError: the CRM does not answer; nothing should be made then.
        """
        crm = self._crm.system
        found = {f"{crm}:{each.id}": each for each in self._accounts_like(customer)}
        said = [
            each
            for account in found.values()
            if (each := self._store().proposals.get(crm, account.id, customer.system, customer.id))
            and each.state in _SAID
        ]
        yes = next((each for each in said if each.state == "confirmed"), None)
        if yes is not None:
            return _confirmed(f"{crm}:{yes.account_id}")
        outcome = match(
            Pool(Party.of_account(each, crm) for each in found.values()),
            Party.of_customer(customer),
            without={f"{crm}:{each.account_id}" for each in said},
        )
        pairs = [(found[each.ref], customer, each) for each in outcome.found]
        return self._judged(outcome, pairs)

    def _customers_like(self, account: Account, erp: ErpPort) -> Iterator[TradingAccount]:
        named = account.external_ids.get(erp.system)
        if named:
            with suppress(NotFound):  # it may have got another number
                yield erp.customer(named)
        if account.id:
            with suppress(NotSupported):  # it keeps no reference of ours; names find it
                yield from erp.customers_by_reference(account.id)
        for word in _words(account.name, account.email, account.tax_number):
            yield from erp.customers(word, limit=_LOOKED_AT).items

    def _accounts_like(self, customer: TradingAccount) -> Iterator[Account]:
        with suppress(NotSupported):
            yield from self._crm.accounts_by_external_id(customer.system, customer.id)
        for word in _words(customer.name, customer.email, customer.tax_number):
            yield from self._crm.accounts(word, limit=_LOOKED_AT).items

    def _judged(
        self, outcome: Outcome, pairs: Iterable[tuple[Account, TradingAccount, Found]]
    ) -> Before:
        """Ask a person of each pair that needs one: a customer that is taken does."""
        decision, text = outcome.decision, outcome.text
        for account, customer, found in pairs:
            link = self._store().links.of_customer(customer.system, customer.id)
            taken = "" if link is None or link.account_id == account.id else link.account_id
            if taken and decision == "automatic":
                decision, text = "review", f"it belongs to account {taken} already: {text}"
            if decision == "review":
                self._ask(account, customer, found, taken)
        if not outcome.found:
            return Before(decision=decision, text=text)
        best = outcome.found[0]
        return Before(
            decision=decision,
            ref=best.ref,
            score=best.match.score,
            text=text,
            reasons=tuple(each.text for each in best.match.reasons),
        )

    def _ask(self, account: Account, customer: TradingAccount, found: Found, taken: str) -> None:
        if account.id:  # one that the CRM does not have yet cannot be asked about
            asked: Proposal = proposal_of(
                self._crm.system, account, customer, found.match, instead_of_account=taken
            )
            self._store().proposals.ask(asked)


def _words(name: str, email: str | None, tax_number: str) -> Iterator[str]:
    """Give what a system is searched for: it finds what has one of them written the same."""
    words = [*islice(search_words(name), _WORDS_ASKED), mail_domain(email).partition(".")[0]]
    return iter(dict.fromkeys(each for each in (*words, tax_number) if each))


def _confirmed(ref: str) -> Before:
    return Before(decision="automatic", ref=ref, score=100, text="a person said that it is")
