"""How far two addresses are the same place, wherever their parts stand."""

from __future__ import annotations

from typing import Final, Literal

from attrs import frozen

from crossdock.rules.matching.party import Form
from crossdock.rules.matching.words import word_credit

Nearness = Literal["same", "town", "elsewhere", "unknown"]

_SAME: Final = 0.78  # three of four: street, house, town, postcode, one of them written wrong
_TOWN_ALIKE: Final = 0.8
_HALF: Final = 0.6  # more than half of a town's words
_BESIDE: Final = frozenset({
    "am", "an", "bad", "bei", "den", "der", "im", "la", "le", "les", "on", "ob", "saint", "san",
    "sankt", "st", "sur", "the", "under", "upon", "van",
})  # fmt: skip


def nearness(one: Form, other: Form) -> Nearness:
    """Say whether two parties are at the same address, in the same town, or elsewhere."""
    if not one.places or not other.places:
        return "unknown"
    short, long = sorted((one.places, other.places), key=len)
    common = short & long
    rest = short - common
    found = float(len(common))
    for word in rest:
        if not word.isdigit():
            found += max(word_credit(word, each) for each in long - common)
    numbers = {word for word in short if word[0].isdigit()}
    if (
        found / len(short) >= _SAME
        and len(short) > (1 if numbers else 2)
        and short - one.town - other.town
    ):
        return "same"
    return _towns(one, other)


def _towns(one: Form, other: Form) -> Nearness:
    """Compare the towns, which may stand in the street's field on either side."""
    if not one.town and not other.town:
        return "unknown"
    if not one.town or not other.town:
        return "town" if (one.town or other.town) & one.places & other.places else "elsewhere"
    first, second = _parted(one.town), _parted(other.town)
    if first.numbers and first.numbers == second.numbers:
        return "town"
    common = len(first.words & second.words)
    if common and common / min(len(first.words), len(second.words)) >= _HALF:
        return "town"
    if first.numbers and second.numbers:
        return "elsewhere"
    alike = any(
        word_credit(mine, word) > _TOWN_ALIKE for mine in first.words for word in second.words
    )
    return "town" if alike else "elsewhere"


@frozen
class _Parted:
    numbers: frozenset[str]
    words: frozenset[str]


def _parted(town: frozenset[str]) -> _Parted:
    """Part a town's postcode from its name, without what many towns are called beside it."""
    numbers = frozenset(each for each in town if any(letter.isdigit() for letter in each))
    return _Parted(numbers, town - numbers - _BESIDE or town - numbers)
