"""In which locale figures and days are written for a reader, by what his browser asks for."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

from crossdock.render.formats import Formats

_MOST_READ: Final = 10  # wishes of one header that are looked at


def speaking(accept_language: str, default: Formats) -> Formats:
    """Give the formats of the first language that a reader wants and that there is.

    A language that is the default's too stays in the default's form: many browsers ask for American
    English because nobody ever told them otherwise.

    Args:
        accept_language: the header (RFC 9110, section 12.5.4); empty for no preference.
        default: what is written without one.
    """
    for name in _wanted(accept_language[:500]):
        locale = _parsed(name)
        if locale is None:
            continue
        if locale.language == default.locale.language:
            return default
        return _formats(str(locale), str(default.timezone))
    return default


def _wanted(header: str) -> list[str]:
    wishes: list[tuple[float, str]] = []
    for wish in header.split(",")[:_MOST_READ]:
        name, _, parameter = wish.strip().partition(";")
        quality = parameter.strip().removeprefix("q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if name and weight > 0:
            wishes.append((weight, name.strip()))
    return [name for _, name in sorted(wishes, key=lambda wish: -wish[0])]


@lru_cache(maxsize=256)
def _parsed(name: str) -> Locale | None:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return None


@lru_cache(maxsize=32)
def _formats(locale: str, timezone: str) -> Formats:
    return Formats(locale, timezone)
