"""Searches that find nothing by what the reader may not see.

A remote system searches what it likes: names, but also e-mail addresses and tax numbers. Whether
`+49 170 1` has a hit tells a digit of somebody's number to who sees neither. So where personal data
is hidden, a hit counts only if what may be seen of it explains it, and how many hits there were in
all is not told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from crossdock.host.gateway.masking import mask
from crossdock.ports import Page

_PAGES: Final = 10  # of the remote's, read for one page of explained hits
_LARGEST: Final = 200


def is_search(arguments: Mapping[str, Any]) -> bool:
    """Whether a call looks for words."""
    return bool(str(arguments.get("search", "")).strip())


def explained(
    read: Callable[..., Page[Any]], arguments: Mapping[str, Any], hidden: frozenset[str]
) -> Page[Any]:
    """Search, and give only the hits that a reader without what is hidden can understand.

    All of them come on one page: a cursor would tell that there were more.

    Args:
        read: the raw port's method.
        arguments: of the call, by name; `after` is not used.
        hidden: the sensitivities that are hidden.
    """
    limit = max(1, min(int(arguments.get("limit", 50)), _LARGEST))
    words = _folded(str(arguments["search"])).split()
    found: list[Any] = []
    after: str | None = None
    for _ in range(_PAGES):
        page = read(arguments["search"], after=after, limit=_LARGEST)
        found += (hit for hit in page.items if _explains(mask(hit, hidden), words))
        after = page.next
        if after is None or len(found) >= limit:
            break
    return Page(items=tuple(found[:limit]))


def _explains(seen: Any, words: list[str]) -> bool:
    texts = [_folded(text) for text in _texts(seen)]
    return all(any(word in text for text in texts) for word in words)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif attrs.has(type(value)):
        for attribute in attrs.fields(type(value)):
            yield from _texts(getattr(value, attribute.name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()
