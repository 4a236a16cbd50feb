"""Companies of one list, found again among all of them before another one is made.

Comparing each with each would be ten thousand million comparisons for a hundred thousand on both
sides. Only those are compared that share a key, and of them the ones that share the most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from attrs import frozen

from crossdock.rules.matching.comparing import Match, compare_forms, most_points
from crossdock.rules.matching.keys import exact_keys, loose_keys, name_key
from crossdock.rules.matching.party import Form, Party, form_of
from crossdock.rules.matching.postings import MOST_RECORDS, Postings

_MOST_OF_EXACT: Final = 60  # more records with one key, and it tells nothing
_MOST_OF_LOOSE: Final = 60
_MOST_COMPARED: Final = 24
_WEIGHT_OF_EXACT: Final = 4


@frozen(kw_only=True)
class Found:
    """A company of the list that may be the one that is looked for."""

    ref: str
    match: Match


class Pool:
    """A list of companies that grows while it is looked through.

    It keeps about half a kilobyte of each: what is compared, and hashes of what it is found by.
    """

    def __init__(self, parties: Iterable[Party] = ()) -> None:
        self._packed: list[bytes] = []
        self._postings = Postings()
        self._last: tuple[Form, set[str], set[str]] | None = None
        for party in parties:
            self.add(party)

    def __len__(self) -> int:
        return len(self._packed)

    def add(self, party: Party | Form) -> None:
        """Add a company.

        Raises:
            OverflowError: there are more than 16 million.
        """
        form = form_of(party) if isinstance(party, Party) else party
        place = len(self._packed)
        if place >= MOST_RECORDS:
            raise OverflowError(f"no more than {MOST_RECORDS:,} companies can be compared at once")
        self._packed.append(form.packed())
        exact, loose = self._keys(form)
        for key in exact | loose:
            self._postings.add(key, place)

    def find(
        self, party: Party | Form, *, least: int, most: int = 5, without: Collection[str] = ()
    ) -> tuple[Found, ...]:
        """Give the companies that may be the same: one that names the other, then the surest.

        Args:
            party: which is looked for.
            least: the lowest score that is worth a look; one that names the other always is.
            most: how many at most.
            without: the refs of those that are none of it.
        """
        form = form_of(party) if isinstance(party, Party) else party
        namesakes = self._postings.count(name_key(form))
        found = []
        for place in self._candidates(form):
            other = Form.unpacked(self._packed[place])
            if other.ref == form.ref or other.ref in without:
                continue
            if most_points(form, other) < least:
                continue
            match = compare_forms(form, other, namesakes=namesakes)
            if match.score >= least or match.named:
                found.append(Found(ref=other.ref, match=match))
        found.sort(key=lambda each: (not each.match.named, -each.match.points, each.ref))
        return tuple(found[:most])

    def _keys(self, form: Form) -> tuple[set[str], set[str]]:
        """Give its keys; who is looked for in vain is added next."""
        if self._last is None or self._last[0] is not form:
            self._last = (form, set(exact_keys(form)), set(loose_keys(form)))
        return self._last[1:]

    def _candidates(self, form: Form) -> list[int]:
        """Give the places of those that share keys, the most and the exact ones first."""
        shared: Counter[int] = Counter()
        exact, loose = self._keys(form)
        for key in exact:
            for place in self._postings.places(key, _MOST_OF_EXACT) or ():
                shared[place] += _WEIGHT_OF_EXACT
        for key in loose:
            for place in self._postings.places(key, _MOST_OF_LOOSE) or ():
                shared[place] += 1
        ranked = sorted(shared.items(), key=lambda each: (-each[1], each[0]))
        return [place for place, _ in ranked[:_MOST_COMPARED]]
