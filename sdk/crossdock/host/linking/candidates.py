"""Among many customers, those that may be an account's: by exact keys first, then by likeness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen
from rapidfuzz import fuzz, process

from crossdock.records import Account, TradingAccount
from crossdock.rules.matching import normalizing
from crossdock.rules.matching.comparing import POSSIBLE, Match, compare

_ALIKE_AT_MOST: Final = 12
_ALIKE_AT_LEAST: Final = 72.0


@frozen(kw_only=True)
class Candidate:
    """A customer that may be an account's."""

    customer: TradingAccount
    match: Match


class Customers:
    """Customers of any ERPs, found again by what may be the same on an account.

    Comparing each account with each customer would be a hundred million comparisons for ten
    thousand of both. Exact keys are looked up, and names are gone through in one native call.
    """

    def __init__(self, customers: Iterable[TradingAccount]) -> None:
        self._all = tuple(customers)
        self._by_key: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, customer in enumerate(self._all):
            for key in _keys_of_customer(customer):
                self._by_key[key].append(place)
        self._names = [normalizing.company_name(each.name) for each in self._all]

    def __len__(self) -> int:
        return len(self._all)

    def candidates(
        self, account: Account, *, least: int = POSSIBLE, most: int = 5, thorough: bool = True
    ) -> tuple[Candidate, ...]:
        """Give the customers that may be an account's, the surest first.

        Args:
            account: whose customer is looked for.
            least: the lowest score that is worth a look.
            most: how many at most.
            thorough: whether names are gone through even where a key settles it already.
        """
        places = {place for key in _keys_of_account(account) for place in self._by_key.get(key, ())}
        matches = {place: compare(account, self._all[place]) for place in places}
        if thorough or not any(match.sureness == "certain" for match in matches.values()):
            for place in self._alike(account.name):
                matches.setdefault(place, compare(account, self._all[place]))
        worth = [
            Candidate(customer=self._all[place], match=match)
            for place, match in matches.items()
            if match.score >= least
        ]
        return tuple(sorted(worth, key=lambda each: (-each.match.score, each.customer.ref))[:most])

    def _alike(self, name: str) -> Iterator[int]:
        """Give the places of the customers whose names are most alike."""
        wanted = normalizing.company_name(name)
        if not wanted:
            return
        for scorer in (fuzz.token_sort_ratio, fuzz.token_set_ratio):
            found = process.extract(
                wanted,
                self._names,
                scorer=scorer,
                limit=_ALIKE_AT_MOST,
                score_cutoff=_ALIKE_AT_LEAST,
            )
            yield from (place for _, _, place in found)


def _keys_of_customer(customer: TradingAccount) -> Iterator[tuple[str, str]]:
    yield "ref", customer.ref
    yield from _shared_keys(customer.tax_number, customer.email, customer.phone, "")
    yield "name", "".join(normalizing.company_words(customer.name))


def _keys_of_account(account: Account) -> Iterator[tuple[str, str]]:
    for system, customer_id in account.external_ids.items():
        yield "ref", f"{system}:{customer_id}"
    yield from _shared_keys(account.tax_number, account.email, account.phone, account.website)
    yield "name", "".join(normalizing.company_words(account.name))


def _shared_keys(
    tax_number: str, email: str | None, phone: str | None, website: str
) -> Iterator[tuple[str, str]]:
    # With and without the country in front, as systems differ in that.
    number = normalizing.tax_number(tax_number)
    if number:
        yield "tax", number[2:] if number[:2].isalpha() else number
    for domain in {normalizing.mail_domain(email), normalizing.web_domain(website)} - {""}:
        yield "domain", domain
    if digits := normalizing.phone(phone):
        yield "phone", digits
