"""Words: how a text is cut into them, and what it means that a text contains some.

The vendor documents tokens and the wildcard `*` but not where its texts are cut; here a word is a
run of letters and digits.
"""

from __future__ import annotations

import re
from fnmatch import translate

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(text.lower())


def contains_token(text: str, wanted: str) -> bool:
    """Whether a text has each of the words that are wanted.

    A word with `*` may stand for any word, or for a whole piece between blanks, such as
    `*@example.com`.
    """
    known = words(text)
    pieces = [*known, *text.lower().split()]
    return all(_has(term, known, pieces) for term in wanted.lower().split())


def _has(term: str, known: list[str], pieces: list[str]) -> bool:
    if "*" in term:
        # Only the star is special; brackets and question marks are themselves.
        plain = re.sub(r"[\[?]", lambda found: f"[{found[0]}]", term)
        pattern = re.compile(translate(plain), re.DOTALL)
        return any(pattern.match(each) for each in pieces)
    wanted = words(term)
    return bool(wanted) and all(each in known for each in wanted)


def matches_query(texts: list[str], query: str) -> bool:
    """Whether each word of a query begins some word of some of the texts."""
    known = [word for text in texts for word in words(text)]
    wanted = words(query)
    return bool(wanted) and all(any(w.startswith(each) for w in known) for each in wanted)
