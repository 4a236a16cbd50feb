"""Secrets are taken out of everything that a remote system or a library wrote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

MASK: Final = "***"


def masked(text: str, secrets: Iterable[str]) -> str:
    """Give `text` with each of `secrets` replaced; the longest first, as one may hold another."""
    for secret in sorted({each for each in secrets if each}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
