"""Words in paths and properties: singular and plural, and one spelling for all the ways to join."""

from __future__ import annotations

import re
from functools import lru_cache

_JOINTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_ID = ("id", "uuid", "guid", "key", "number", "code", "sid", "slug", "name", "ref")


@lru_cache(maxsize=8192)
def parts(name: str) -> tuple[str, ...]:
    """The lower-case words of a name: `lineItemId`, `line_item_id` and `LineItemID` agree."""
    return tuple(each.lower() for each in _JOINTS.split(name) if each)


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """A name in one spelling, words joined by `_`."""
    return "_".join(parts(name))


@lru_cache(maxsize=8192)
def singular(name: str) -> str:
    """A name in one spelling, its last word in the singular."""
    words = list(parts(name))
    if not words:
        return ""
    last = words[-1]
    if last.endswith("ies") and len(last) > 4:
        last = f"{last[:-3]}y"
    elif re.search(r"(ss|x|ch|sh|z)es$", last):
        last = last[:-2]
    elif last.endswith("s") and not last.endswith(("ss", "us", "is")):
        last = last[:-1]
    return "_".join([*words[:-1], last])


def stem(name: str) -> tuple[str, str]:
    """What a name refers to and by which property: `customer_id` is (`customer`, `id`).

    A name without such an ending is (itself in the singular, nothing).
    """
    words = parts(name)
    last = singular(words[-1]) if words else ""
    if len(words) > 1 and last in _ID:
        return "_".join(words[:-1]), last
    return singular(name), ""
