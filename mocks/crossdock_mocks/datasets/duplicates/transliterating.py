# ruff: noqa: RUF001 - letters of other alphabets are what the tables are about
"""Names in the letters of another keyboard: what clerks make of umlauts, Cyrillic and Greek."""

from __future__ import annotations

import unicodedata
from random import Random

__all__ = ["transliterate"]

_TWO_LETTERS = {
    "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "oe",
    "Ø": "Oe", "æ": "ae", "Æ": "Ae", "å": "aa", "Å": "Aa", "ł": "l", "Ł": "L",
}  # fmt: skip
_ONE_LETTER = {"ß": "ss", "ø": "o", "Ø": "O", "æ": "a", "Æ": "A", "ł": "l", "Ł": "L"}
# Streamlined system of Bulgaria (Transliteration Act, 2009).
_STREAMLINED = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht",
    "ъ": "a", "ь": "y", "ю": "yu", "я": "ya",
}  # fmt: skip
# ELOT 743 as it stands in passports, the pairs of letters first.
_ELOT = {
    "ου": "ou", "αυ": "av", "ευ": "ev", "γγ": "ng", "γκ": "gk", "μπ": "b", "α": "a", "β": "v",
    "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t",
    "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip


def transliterate(text: str, system: str, rng: Random) -> str:
    """Write a text in plain Latin letters, one way or another."""
    if system == "streamlined":
        return _replaced(text, _STREAMLINED)
    if system == "elot":
        return _replaced(_plain(text), _ELOT)
    pairs = _TWO_LETTERS if rng.random() < 0.6 else _ONE_LETTER
    return _plain("".join(pairs.get(letter, letter) for letter in text))


def _plain(text: str) -> str:
    taken_apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in taken_apart if not unicodedata.combining(letter))


def _replaced(text: str, table: dict[str, str]) -> str:
    result, at = [], 0
    while at < len(text):
        for length in (2, 1):
            piece = text[at : at + length]
            known = table.get(piece.lower())
            if known is not None and len(piece) == length:
                result.append(known.capitalize() if piece[0].isupper() else known)
                at += length
                break
        else:
            result.append(text[at])
            at += 1
    return "".join(result)
