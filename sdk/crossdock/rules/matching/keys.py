"""By what a company is looked for among many: keys that survive what people do to names.

No one of them has to be right, as each finds candidates only; that one of many survives is what
counts. A key that too many share is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, islice
from typing import Final

from crossdock.rules.matching.party import Form

_MOST_WORDS: Final = 5


def exact_keys(form: Form) -> Iterator[str]:
    """Give the keys of which one is enough."""
    yield f"r{form.ref}"
    for each in form.names:
        yield f"r{each}"
    if form.tax:  # with and without the country in front, as systems differ in that
        yield f"t{form.tax[2:] if form.tax[:2].isalpha() else form.tax}"
    for each in form.emails:
        yield f"e{each}"
    for each in form.phones:
        yield f"p{each}"
    for each in form.domains:
        yield f"d{each}"


def name_key(form: Form) -> str:
    """Give the key of all that have the same name."""
    return f"n{''.join(sorted(form.words))}"


def loose_keys(form: Form) -> Iterator[str]:
    """Give the keys that a name and an address keep through mistakes and short forms."""
    words = form.words[:_MOST_WORDS]
    yield name_key(form)
    yield f"j{''.join(words)}"
    yield f"s{skeleton(''.join(words))}"
    skeletons = [skeleton(word) for word in words]
    for each in words:
        yield f"w{each}"
    for each in set(skeletons):
        yield f"k{each}"
    for one, other in combinations(sorted(set(skeletons)), 2):
        yield f"2{one} {other}"
    for one, other in combinations(sorted({word[:4] for word in words}), 2):
        yield f"4{one} {other}"
    numbers = sorted(word for word in form.places if word[0].isdigit())
    others = sorted(word for word in form.places if not word[0].isdigit())
    for number in numbers:
        for each in skeletons:
            yield f"a{number} {each[:3]}"
        for other in islice(others, 4):
            yield f"b{number} {skeleton(other)}"
    for town in form.town:
        if not town[0].isdigit():
            for each in skeletons:
                yield f"c{skeleton(town)} {each[:3]}"


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """Give what a mistake in the vowels, or a doubled letter, leaves of a word."""
    plain = word.replace("ph", "f").replace("th", "t").replace("ck", "k").replace("sch", "s")
    plain = plain.replace("w", "v").replace("c", "k").replace("z", "s")
    bare = word[:1] + re.sub(r"[aeiouyhj]", "", plain[1:])
    return re.sub(r"(.)\1+", r"\1", bare)[:7]
