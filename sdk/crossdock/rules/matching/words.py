"""How far two companies' names say the same, word by word.

A word has its counterpart where it is the same, written with a mistake, shortened, or written
together with its neighbour. What is left without one is what tells two companies apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from attrs import frozen
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

Words = tuple[str, ...]

# Who opens the letters, and what for: it stands in names, and is not a part of them.
_DESK: Final = frozenset({
    "abt", "abteilung", "account", "accounting", "accounts", "afdeling", "attn", "buchhaltung",
    "comptabilite", "department", "dept", "einkauf", "fao", "head", "hauptsitz", "headquarters",
    "hq", "inkoop", "invoices", "office", "payable", "purchasing", "rechnungen", "service", "siege",
    "verwaltung", "zentrale", "zhd",
})  # fmt: skip
_MISTAKES: Final = ((4, 1), (8, 2), (12, 3))  # from so many letters on, so many mistakes


@frozen
class Names:
    """What two names have in common and what not.

    Attributes:
        likeness: 0 to 100; 100 where every word is the same.
        first_only, second_only: the words that the other one has no counterpart of.
    """

    likeness: float
    first_only: Words
    second_only: Words


def name_words(words: Words) -> Words:
    """Leave out of a name what names a desk in the house; one of nothing else keeps all."""
    return tuple(word for word in words if word not in _DESK) or words


def compare_names(first: Words, second: Words) -> Names:
    """Find the counterpart of each word of two names."""
    if not first or not second:
        return Names(0.0, first, second)
    if "".join(first) == "".join(second):
        return Names(100.0, (), ())
    counted: list[float] = []
    left = list(second)
    alone: list[str] = []
    for word in first:  # what is the same first, so that nothing alike takes its place
        if word in left:
            left.remove(word)
            counted.append(1.0)
        else:
            alone.append(word)
    alone = _together(alone, left, counted)
    left = _together(left, alone, counted)
    alone = _as_initials(alone, left, counted)
    left = _as_initials(left, alone, counted)
    still: list[str] = []
    for word in alone:
        credit, best = max(((word_credit(word, each), each) for each in left), default=(0.0, ""))
        if credit > 0:
            left.remove(best)
            counted.append(credit)
        else:
            still.append(word)
    share = sum(counted) / max(len(first), len(second))
    if not still and not left:  # every word has its counterpart, however many were written together
        share = sum(counted) / len(counted)
    return Names(100.0 * share, tuple(still), tuple(left))


@lru_cache(maxsize=65_536)
def word_credit(one: str, other: str) -> float:
    """Say how far two words may be the same one, 0 to 1."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if one.isdigit() or other.isdigit():
        return 0.0  # numbers are the same or they are not
    mistakes = max((count for least, count in _MISTAKES if len(long) >= least), default=0)
    distance = OSA.distance(short, long, score_cutoff=mistakes)
    if distance <= mistakes:
        return 1.0 - distance / len(long)
    return 0.8 if _shortened(short, long) else 0.0


def _shortened(short: str, long: str) -> bool:
    """Whether a word is the beginning of another, or its first, some and its last letters."""
    if len(short) == 1 and len(long) >= 4:
        return long[0] == short
    if len(short) < 3:
        return False
    if long.startswith(short):
        return True
    if short[0] != long[0] or short[-1] != long[-1]:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _together(alone: Sequence[str], left: list[str], counted: list[float]) -> list[str]:
    """Take two neighbours away that are written as one word on the other side."""
    result: list[str] = []
    at = 0
    while at < len(alone):
        pair = "".join(alone[at : at + 2])
        if at + 1 < len(alone):
            found = next((each for each in left if _written_apart(pair, each)), None)
            if found is not None:
                left.remove(found)
                counted.append(word_credit(pair, found))
                at += 2
                continue
        result.append(alone[at])
        at += 1
    return result


def _written_apart(pair: str, word: str) -> bool:
    credit = word_credit(pair, word)
    # A short form in two parts, such as Masch.bau; not the other way round.
    return credit > 0.9 or (credit >= 0.8 and len(pair) <= len(word))


def _as_initials(alone: Sequence[str], left: list[str], counted: list[float]) -> list[str]:
    """Take words away that are the first letters of two to four neighbours on the other side."""
    result = []
    for word in alone:
        size = len(word)
        run = next(
            (
                at
                for at in range(len(left))
                if 2 <= size <= 4 and "".join(each[0] for each in left[at : at + size]) == word
            ),
            None,
        )
        if run is None:
            result.append(word)
        else:
            del left[run : run + size]
            counted.append(0.8)
    return result


def resemble(one: str, other: str) -> bool:
    """Whether two words may be the same, with more mistakes than `word_credit` takes."""
    if min(len(one), len(other)) >= 4 and one[:3] == other[:3]:
        return True
    return OSA.normalized_similarity(one, other) >= 0.6


def loose_likeness(one: str, other: str) -> float:
    """Say how alike two names are as they stand, 0 to 100.

    Words in another order, words written together and single letters count for little; a name that
    only begins like the other is less than the same.
    """
    if not one or not other:
        return 0.0
    return max(
        fuzz.token_sort_ratio(one, other),
        fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")),
        fuzz.token_set_ratio(one, other) * 0.88,
    )
