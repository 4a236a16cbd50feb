"""What kind of thing stands in a cell, which decides how it is set on a page."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.records import Money
from crossdock.views import Link, Percent, Value
from crossdock.views.values import plain

_LONGEST_WORD: Final = 24
_LONGEST_FIGURE: Final = 16


def is_figure(value: Value) -> bool:
    """Whether a value is a number, so that its digits should stand below each other."""
    figure = plain(value)
    return isinstance(figure, int | Decimal | Money | Percent) and not isinstance(figure, bool)


def is_word(value: Value) -> bool:
    """Whether a value is a single word, such as an item code, that should not be broken."""
    text = value.text if isinstance(value, Link) else value
    return isinstance(text, str) and len(text) <= _LONGEST_WORD and len(text.split()) == 1


def is_longer_text(value: Value) -> bool:
    """Whether a value is a text that a number's large type would have no room for."""
    return isinstance(value, str) and len(value) > _LONGEST_FIGURE


def kind_of(value: Value) -> str:
    """Give the class of a cell by what stands in it: digits align, words stay whole."""
    if is_figure(value):
        return " cd-figure"
    if is_word(value):
        return " cd-word"
    return " cd-text" if isinstance(value, str) and len(value) > _LONGEST_WORD else ""
