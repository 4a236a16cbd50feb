"""Numbers of customers that are made of the caller's own key."""

from __future__ import annotations

import hashlib
from typing import Final

_PLAIN: Final = "X-"
_DIGEST: Final = "XD"
_LONGEST: Final = 20


def number_of(reference: str) -> str:
    """Give the number of the customer that is made for a key of the caller's.

    Numbers have capitals only and twenty characters; a key that does not go into one unchanged is
    told by its digest.
    """
    plain = f"{_PLAIN}{reference}"
    if len(plain) <= _LONGEST and plain == plain.upper() and plain.isascii():
        return plain
    digest = hashlib.sha256(reference.encode()).hexdigest().upper()
    return f"{_DIGEST}{digest[: _LONGEST - len(_DIGEST)]}"


def reference_of(number: str) -> str:
    """Give the key that a number was made of, where it can be told."""
    return number[len(_PLAIN) :] if number.startswith(_PLAIN) else ""
