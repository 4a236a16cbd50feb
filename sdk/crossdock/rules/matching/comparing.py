"""How sure it is that two records are the same company, and why.

Each thing that agrees or disagrees gives points, which stand in `POINTS`: set by hand so that an
exact key settles it, a name alone never does, and what contradicts counts more than what is merely
alike. They are no probabilities; a person confirms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from string import ascii_uppercase
from typing import Final, Literal

from attrs import frozen
from rapidfuzz.distance import OSA

from crossdock.records import Account, TradingAccount
from crossdock.rules.matching import normalizing
from crossdock.rules.matching.normalizing import is_legal_form
from crossdock.rules.matching.party import Form, Party, form_of
from crossdock.rules.matching.places import Nearness, nearness
from crossdock.rules.matching.words import (
    Names,
    Words,
    compare_names,
    loose_likeness,
    resemble,
    word_credit,
)

Sureness = Literal["certain", "likely", "possible", "unlikely"]

POINTS: Final[Mapping[str, int]] = {
    "external_id": 100,
    "tax_number": 90,
    "email": 45,
    "domain": 35,
    "phone": 40,
    "switchboard": 25,
    "name": 45,
    "address": 40,
    "town": 10,
    "near_tax_number": 30,
    "other_tax_number": -60,
    "other_country": -25,
    "other_name": -15,
    "other_words": -85,
    "garbled_words": -20,
    "other_place": -10,
    "branch": -150,
}
CERTAIN: Final = 90
LIKELY: Final = 70
POSSIBLE: Final = 40
_ALIKE: Final = 80.0  # of 100; a name below says nothing
_UNLIKE: Final = 45.0
_GLANCE: Final = 60.0
_TRUNK: Final = 8  # digits; a shorter number has no extension
_COMMON: Final = 2  # companies of one name, above which it tells less with each


@frozen(kw_only=True)
class Reason:
    """One thing that speaks for it or, with points below zero, against it.

    Attributes:
        kind: a key of `POINTS`.
        text: in words, without what only some may see.
    """

    kind: str
    points: int
    text: str


@frozen(kw_only=True)
class Match:
    """How far two records agree.

    Attributes:
        score: 0 to 100, the sum of all points within these bounds.
        reasons: what it is made of, the weightiest first.
    """

    score: int
    reasons: tuple[Reason, ...] = ()

    @property
    def points(self) -> int:
        """The sum of all points, without bounds: it ranks those that reach a hundred."""
        return sum(each.points for each in self.reasons)

    @property
    def kinds(self) -> frozenset[str]:
        """What it is made of, as keys of `POINTS`."""
        return frozenset(each.kind for each in self.reasons)

    @property
    def named(self) -> bool:
        """Whether one names the other by its key there, whatever else speaks against it."""
        return "external_id" in self.kinds

    @property
    def contradicted(self) -> bool:
        """Whether anything speaks against it."""
        return any(each.points < 0 for each in self.reasons)

    @property
    def sureness(self) -> Sureness:
        """The score in a word; only an exact key that nothing contradicts makes it certain."""
        keyed = bool(self.kinds & {"external_id", "tax_number"})
        if keyed and not self.contradicted and self.score >= CERTAIN:
            return "certain"
        if self.score >= LIKELY:
            return "likely"
        return "possible" if self.score >= POSSIBLE else "unlikely"


def compare(account: Account, customer: TradingAccount) -> Match:
    """Compare an account with a customer; what is unknown on a side speaks neither way."""
    return compare_forms(form_of(Party.of_account(account)), form_of(Party.of_customer(customer)))


def compare_forms(one: Form, other: Form, *, namesakes: int = 0) -> Match:
    """Compare two parties.

    Args:
        one: the one.
        other: the other.
        namesakes: how many are known of the same name; a name that many have tells less.
    """
    near = nearness(one, other)
    names = compare_names(one.words, other.words)
    likeness = max(names.likeness, loose_likeness(one.name, other.name))
    keys = tuple(_keys(one, other))
    reach = tuple(_reachability(one, other))
    kinds = {each.kind for each in (*keys, *reach)}
    reasons = (
        *keys,
        # What many are called tells less, but not beside a key that few have.
        *_name(names, likeness, 0 if kinds else namesakes, one, other),
        *reach,
        *_place(one, other, near),
        *_branch(one, other, near, kinds),
    )
    ranked = sorted(reasons, key=lambda each: -abs(each.points))
    total = sum(each.points for each in ranked)
    return Match(score=max(0, min(100, total)), reasons=tuple(ranked))


def most_points(one: Form, other: Form) -> int:
    """Give what two parties can reach at most, at a glance: most that share a key cannot."""
    kinds = []
    if one.tax and other.tax:
        if one.tax[-7:] == other.tax[-7:]:
            kinds.append("tax_number")
        elif _nearly(one.tax, other.tax):
            kinds.append("near_tax_number")
    if not one.emails.isdisjoint(other.emails):
        kinds.append("email")
    elif not one.domains.isdisjoint(other.domains):
        kinds.append("domain")
    if not one.phones.isdisjoint(other.phones):
        kinds.append("phone")
    elif _one_switchboard(one.phones, other.phones):
        kinds.append("switchboard")
    if other.ref in one.names or one.ref in other.names:
        kinds.append("external_id")
    if kinds or loose_likeness(one.name, other.name) >= _GLANCE:
        kinds.append("name")
    kinds.append("address" if len(one.places & other.places) > 1 else "town")
    return sum(POINTS[kind] for kind in kinds)


def name_likeness(one: str, other: str) -> float:
    """Say how alike two companies' names are, 0 to 100."""
    first, second = normalizing.company_words(one), normalizing.company_words(other)
    return max(
        compare_names(first, second).likeness, loose_likeness(" ".join(first), " ".join(second))
    )


def _keys(one: Form, other: Form) -> Iterator[Reason]:
    for names, named in ((one.names, other.ref), (other.names, one.ref)):
        if named in names:
            whose = named.partition(":")[2]
            yield _reason("external_id", f"one record names the other, {whose}, itself")
            break
    same = normalizing.same_plain_tax_number(one.tax, other.tax)
    if same:
        yield _reason("tax_number", "the same tax number")
    elif same is False and _nearly(one.tax, other.tax):
        yield _reason("near_tax_number", "tax numbers that differ in one place")
    elif same is False:
        yield _reason("other_tax_number", "other tax numbers")


def _name(
    names: Names, likeness: float, namesakes: int, one: Form, other: Form
) -> Iterator[Reason]:
    first = _telling(names.first_only, one, other)
    second = _telling(names.second_only, other, one)
    if likeness >= 100:
        points = POINTS["name"]
        text = "the same name"
        if namesakes > _COMMON:
            points = max(10, round(points - 9 * math.log2(namesakes / _COMMON)))
            text += f", as {namesakes:,} have it"
        yield Reason(kind="name", points=points, text=text)
    elif likeness >= _ALIKE:
        points = round(POINTS["name"] * (likeness - 60) / 40)
        text = f"names that are alike ({likeness:.0f} of 100)"
        yield Reason(kind="name", points=points, text=text)
    elif likeness < _UNLIKE:
        yield _reason("other_name", "names that have little in common")
        return
    if not first and not second:
        return
    if len(first) == len(second) and all(map(resemble, first, second)):
        text = f"{_listed(first)} and {_listed(second)} may be the same, written wrong"
        yield _reason("garbled_words", text)
    else:
        yield _reason("other_words", f"only one of the names says {_listed(first + second)}")


def _reachability(one: Form, other: Form) -> Iterator[Reason]:
    if one.emails & other.emails:
        yield _reason("email", "the same e-mail address")
    elif shared := sorted(one.domains & other.domains):
        yield _reason("domain", f"e-mail or website at the same domain {shared[0]}")
    if one.phones & other.phones:
        yield _reason("phone", "the same telephone number")
    elif _one_switchboard(one.phones, other.phones):
        yield _reason("switchboard", "telephone numbers that differ in the extension only")


def _one_switchboard(some: frozenset[str], others: frozenset[str]) -> bool:
    return any(
        len(mine) == len(theirs) >= _TRUNK and mine[:-2] == theirs[:-2]
        for mine in some
        for theirs in others
    )


def _place(one: Form, other: Form, near: Nearness) -> Iterator[Reason]:
    if one.country and other.country and one.country != other.country:
        yield _reason("other_country", f"other countries, {one.country} and {other.country}")
    elif near == "same":
        yield _reason("address", "the same address")
    elif near == "town":
        yield _reason("town", "in the same town")
    elif near == "elsewhere":
        yield _reason("other_place", "in other towns")


def _branch(one: Form, other: Form, near: Nearness, kinds: set[str]) -> Iterator[Reason]:
    """A taxpayer has its number everywhere: another place that is named, or told apart, is one."""
    if near in ("same", "unknown") or not kinds & {"tax_number", "domain"}:
        return
    # Where one telephone or mailbox is for both, the company moved.
    if kinds & {"phone", "email"}:
        return
    named = near == "elsewhere" and one.place_words != other.place_words
    told_apart = (
        "tax_number" in kinds and bool(one.phones and other.phones) and "switchboard" not in kinds
    )
    if named or told_apart:
        yield _reason("branch", "another place of the same company: a branch of its own")


def _nearly(one: str, other: str) -> bool:
    first, second = one.lstrip(ascii_uppercase), other.lstrip(ascii_uppercase)
    return len(first) >= 7 and OSA.distance(first, second, score_cutoff=1) <= 1


def _telling(words: Words, mine: Form, other: Form) -> Words:
    """Leave out what is a legal form, a letter, or stands in the other's address."""
    return tuple(
        word
        for word in words
        if len(word) > 1
        and not is_legal_form(word, last=word == mine.words[-1])
        and not _stands_in(word, other.places)
    )


def _stands_in(word: str, places: frozenset[str]) -> bool:
    """Whether a word of one's name stands in the other's address, as where a field was short."""
    return word in places or any(word_credit(word, each) > 0 for each in places)


def _listed(words: Words) -> str:
    return " and ".join(words[:3])


def _reason(kind: str, text: str) -> Reason:
    return Reason(kind=kind, points=POINTS[kind], text=text)
