"""Bars made of block characters, for places where nothing can be drawn."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


def bar(length: Decimal) -> str:
    """Give a bar of so many characters, to an eighth of one."""
    eighths = int((length * 8).to_integral_value())
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
