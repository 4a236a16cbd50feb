"""Styles of parameters: how arrays and objects are written into one piece of text.

The forms are those of the OpenAPI specification 3.1.1 (section 4.8.12.6), which stand on RFC 6570.
Text is cut before it is percent-decoded, so an encoded delimiter is part of a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

Kind = Literal["array", "object", "primitive"]
"""What is written: a list of texts, texts by name, or one text."""

_DELIMITERS = {
    "spaceDelimited": ("%20", "+", " "),
    "pipeDelimited": ("%7C", "%7c", "|"),
}


class Malformed(ValueError):  # noqa: N818 - it names what it is
    """The text does not have the form of its style."""


def unpack(
    text: str, *, style: str, explode: bool, kind: Kind, name: str, decode: Callable[[str], str]
) -> Any:
    """Take the text of a parameter apart.

    Spread forms of a query (`a=1&a=2`, `R=100&G=200`) and `deepObject` do not come as one text;
    `brackets` and the operation gather these.

    Args:
        text: The text as sent, still percent-encoded.
        style: `simple`, `label`, `matrix`, `form`, `spaceDelimited` or `pipeDelimited`.
        explode: Whether each item and member stands for itself.
        kind: What is written.
        name: Name of the parameter, which `matrix` repeats.
        decode: Decodes each piece.

    Returns:
        A text, a list of texts, or a dictionary of texts.

    Raises:
        Malformed: The text does not have the form of its style; the message says which it has.
    """
    if style == "label":
        return _label(text, explode, kind, decode)
    if style == "matrix":
        return _matrix(text, explode, kind, name, decode)
    if kind == "primitive":
        return decode(text)
    delimiter = ","
    spellings = _DELIMITERS.get(style)
    if spellings is not None:
        delimiter = "\n"  # cannot be in a query
        for each in spellings:
            text = text.replace(each, delimiter)
    parts = text.split(delimiter)
    if style == "simple":
        parts = [part.strip(" \t") for part in parts]  # white space around a header's items
    if kind == "array":
        return [decode(part) for part in parts]
    return _members(parts, explode and style == "simple", decode)


def _label(text: str, explode: bool, kind: Kind, decode: Callable[[str], str]) -> Any:
    if not text.startswith("."):
        raise Malformed("starts with a full stop, like .blue")
    rest = text[1:]
    if kind == "primitive":
        return decode(rest)
    parts = rest.split("." if explode else ",")
    if kind == "array":
        return [decode(part) for part in parts]
    return _members(parts, explode, decode)


def _matrix(text: str, explode: bool, kind: Kind, name: str, decode: Callable[[str], str]) -> Any:
    if not text.startswith(";"):
        raise Malformed(f"starts with a semicolon, like ;{name}=blue")
    pieces = text[1:].split(";")
    if kind == "object" and explode:
        return _members(pieces, True, decode)
    values = []
    for piece in pieces:
        key, _, value = piece.partition("=")
        if decode(key) != name:
            raise Malformed(f"names its value, like ;{name}=blue")
        values.append(value)
    if kind == "array" and explode:
        return [decode(value) for value in values]
    if len(values) > 1:
        raise Malformed("is given once")
    if kind == "primitive":
        return decode(values[0])
    parts = values[0].split(",")
    if kind == "array":
        return [decode(part) for part in parts]
    return _members(parts, False, decode)


def _members(parts: list[str], explode: bool, decode: Callable[[str], str]) -> dict[str, str]:
    pairs: Iterable[tuple[str, str]]
    if explode:
        if not all("=" in part for part in parts):
            raise Malformed("is made of name=value")
        pairs = [(name, value) for name, _, value in (part.partition("=") for part in parts)]
    else:
        if len(parts) % 2:
            raise Malformed("is made of name,value, an even number")
        pairs = zip(parts[::2], parts[1::2], strict=True)
    made: dict[str, str] = {}
    for name, value in pairs:
        key = decode(name)
        if key in made:
            raise Malformed(f"has one value for {key}")
        made[key] = decode(value)
    return made


def brackets(name: str) -> list[str] | None:
    """The keys in a name with brackets: `filter[address][city]` is filter, address, city.

    An empty pair (`tags[]`) is an empty key, by which lists are written.

    Returns:
        The keys, or `None` when the brackets do not match.
    """
    first, bracket, rest = name.partition("[")
    if not bracket:
        return [first]
    if not first or not rest.endswith("]"):
        return None
    keys = rest[:-1].split("][")
    if any("[" in key or "]" in key for key in keys):
        return None
    return [first, *keys]


def put(into: dict[str, Any], keys: list[str], texts: list[str]) -> None:
    """Put the texts of one bracketed name into a tree of dictionaries.

    The leaves are lists of texts: whether several make a list or a mistake is decided by the
    schema (see `grown`).

    Raises:
        Malformed: A name has both a value and members.
    """
    *way, last = keys
    node = into
    for key in way:
        below = node.setdefault(key, {})
        if not isinstance(below, dict):
            raise Malformed(f"has a value and members under {key}")
        node = below
    known = node.setdefault(last, [])
    if isinstance(known, dict):
        raise Malformed(f"has a value and members under {last}")
    known.extend(texts)


def as_list(node: dict[str, Any]) -> list[Any] | None:
    """The items of a node written as a list: `[]=a&[]=b`, or `[0]=a&[1]=b`; else `None`."""
    if set(node) == {""}:
        inner = node[""]
        return list(inner) if isinstance(inner, list) else [inner]
    if node and all(key.isascii() and key.isdigit() for key in node):
        return [node[key] for key in sorted(node, key=int)]
    return None
