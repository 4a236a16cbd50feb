"""Ids: three letters for the object, twelve for the record, three that tell capitals from small.

The last three make an id that compares without case as unambiguous as one that compares with it:
each stands for five letters, a bit for each capital.
"""

from __future__ import annotations

import string
from typing import Final

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECKS: Final = string.ascii_uppercase + "012345"
_POD: Final = "WV0"  # which instance made the record; every id of a mock says the same


def make(prefix: str, number: int) -> str:
    """The id of the nth record of an object, in its 18 characters.

    Args:
        prefix: Key prefix of the object.
        number: Number of the record.
    """
    digits = ""
    while number:
        number, last = divmod(number, len(_DIGITS))
        digits = _DIGITS[last] + digits
    return lengthen(f"{prefix}{_POD}{digits:0>9}")


def lengthen(short: str) -> str:
    """The 18 characters of an id of 15."""
    blocks = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(
        _CHECKS[sum(1 << place for place, letter in enumerate(block) if letter.isupper())]
        for block in blocks
    )


def read(text: str) -> str | None:
    """The 18 characters of an id that came with 15 or 18, or nothing where it is none.

    Of 18 characters the last three say which letters are capitals, whatever the others look like.
    """
    if not (text.isascii() and text.isalnum()):
        return None
    if len(text) == 15:
        return lengthen(text)
    if len(text) != 18:
        return None
    restored = ""
    for start, check in zip((0, 5, 10), text[15:].upper(), strict=True):
        if check not in _CHECKS:
            return None
        bits = _CHECKS.index(check)
        for place, letter in enumerate(text[start : start + 5]):
            capital = bits >> place & 1
            if capital and not letter.isalpha():
                return None
            restored += letter.upper() if capital else letter.lower()
    return lengthen(restored)


def prefix(text: str) -> str:
    """The key prefix of an id."""
    return text[:3]
