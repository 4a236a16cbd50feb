"""Characters that must not reach a screen as they are.

Texts of a view come from plugins and from remote systems. A control character can drive a terminal
(ESC begins a command), is an error in HTML, and half a surrogate pair cannot be encoded at all; a
bidirectional override (CVE-2021-42574, "Trojan Source") shows the words around it in an order in
which nobody wrote them. What is taken out leaves a mark, except those overrides: without them the
text stands in the order in which it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve, fields, has

from crossdock.views import View

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_PICTURES: Final = 0x2400  # U+2400 to U+241F are pictures of the control characters 0 to 31
_DELETE: Final = 0x7F
_DELETE_PICTURE: Final = "\N{SYMBOL FOR DELETE}"
_LAST_C0: Final = 0x1F
_SURROGATES: Final = "\ud800-\udfff"
_BIDI: Final = "\u202a-\u202e\u2066-\u2069"
# Unicode sets these aside for ever; the HTML standard calls each of them an error in a document.
_NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    chr((plane << 16) + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)

_surrogate: Final = re.compile(f"[{_SURROGATES}]")
_unwanted: Final = re.compile(
    f"\r\n?|[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}{_SURROGATES}{_NONCHARACTERS}]"
)
_breaks: Final = re.compile("[\t\n\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}]+")
_bidi: Final = re.compile(f"[{_BIDI}]")
_VIEWS: Final = f"{View.__module__.rpartition('.')[0]}."  # the room that a view's classes live in
_known_fields: Final[dict[type, tuple[str, ...]]] = {}


def encodable(text: str) -> str:
    """Replace halves of surrogate pairs, which a remote system's JSON may hold and UTF-8 cannot."""
    return _surrogate.sub(_REPLACEMENT, text) if _surrogate.search(text) else text


def legible(text: str) -> str:
    """Give a text as a page may show it: tabs and line feeds stay, other controls do not."""
    return _unwanted.sub(_mark, text) if _unwanted.search(text) else text


def one_line(text: str) -> str:
    """Give a text as a terminal may show it on one line."""
    return _breaks.sub(" ", legible(text))


def cleaned(view: View, clean: Callable[[str], str] = legible) -> View:
    """Give a view with every text in it cleaned, whatever components and fields it has."""
    shown: View = _walked(view, clean)
    return shown


def _mark(found: re.Match[str]) -> str:
    character = found.group()
    if character[0] == "\r":
        return "\n"
    if _bidi.match(character):
        return ""
    code = ord(character)
    if code <= _LAST_C0:
        return chr(_PICTURES + code)
    return _DELETE_PICTURE if code == _DELETE else _REPLACEMENT


def _walked(value: Any, clean: Callable[[str], str]) -> Any:
    """Give the same thing where nothing had to be cleaned, so that long tables are not copied."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        parts = [_walked(part, clean) for part in value]
        same = all(one is other for one, other in zip(parts, value, strict=True))
        return value if same else tuple(parts)
    if isinstance(value, Mapping):
        pairs = [(_walked(key, clean), _walked(each, clean)) for key, each in value.items()]
        same = all(
            key is old and each is was
            for (key, each), (old, was) in zip(pairs, value.items(), strict=True)
        )
        return value if same else dict(pairs)
    if names := _fields_of(type(value)):
        changed: dict[str, Any] = {}
        for name in names:
            before = getattr(value, name)
            after = _walked(before, clean)
            if after is not before:
                changed[name] = after
        return evolve(value, **changed) if changed else value
    return value


def _fields_of(kind: type) -> tuple[str, ...]:
    """Name the fields of a class of views; money and the like hold no free text."""
    if kind not in _known_fields:
        own = f"{kind.__module__}.".startswith(_VIEWS) and has(kind)
        _known_fields[kind] = tuple(each.name for each in fields(kind)) if own else ()
    return _known_fields[kind]
