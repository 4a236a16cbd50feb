"""Which form of an answer a client wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence


def best_of(accept: str, offered: Sequence[str]) -> str | None:
    """Give the offered media type that a client likes best; the first offered among equals.

    Args:
        accept: the `Accept` header; empty for no preference.
        offered: media types, in the server's own order.
    """
    wishes = [_wish(each) for each in accept.split(",") if each.strip()]
    if not wishes:
        return offered[0]
    best, most = None, 0.0
    for media in offered:
        fitting = [(depth, quality) for wish, quality in wishes if (depth := _fit(wish, media))]
        quality = max(fitting)[1] if fitting else 0.0  # the most exact wish counts
        if quality > most:
            best, most = media, quality
    return best


def _wish(text: str) -> tuple[str, float]:
    media, *parameters = (part.strip() for part in text.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return media.lower(), min(1.0, max(0.0, float(value)))
            except ValueError:
                return media.lower(), 0.0
    return media.lower(), 1.0


def _fit(wish: str, media: str) -> int:
    """Say how exactly a wish names a media type; 0 where it does not."""
    if wish == media:
        return 3
    if wish == media.partition("/")[0] + "/*":
        return 2
    return 1 if wish == "*/*" else 0
