"""Among many customers, those that may be an account's."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from crossdock.records import Account, TradingAccount
from crossdock.rules.matching import POSSIBLE, Match, Party, Pool


@frozen(kw_only=True)
class Candidate:
    """A customer that may be an account's."""

    customer: TradingAccount
    match: Match


class Customers:
    """Customers of any ERPs, found again by what may be the same on an account."""

    def __init__(self, customers: Iterable[TradingAccount]) -> None:
        self._by_ref = {each.ref: each for each in customers}
        self._pool = Pool(map(Party.of_customer, self._by_ref.values()))

    def __len__(self) -> int:
        return len(self._by_ref)

    def candidates(
        self, account: Account, *, least: int = POSSIBLE, most: int = 5
    ) -> tuple[Candidate, ...]:
        """Give the customers that may be an account's, the surest first.

        Args:
            account: whose customer is looked for.
            least: the lowest score that is worth a look.
            most: how many at most.
        """
        found = self._pool.find(Party.of_account(account), least=least, most=most)
        return tuple(Candidate(customer=self._by_ref[each.ref], match=each.match) for each in found)
