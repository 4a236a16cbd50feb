"""What a search looks for, and whether a record has it.

Words are found as words, whatever their case: `*` stands for any letters within one, `?` for one.
Words beside each other all have to be there; a phrase has to be there as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path as File
from typing import Any, Final, TypeAlias, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from crossdock_mocks.dialects.salesforce.soql.errors import SoqlError
from crossdock_mocks.dialects.salesforce.soql.syntax import Search

Words: TypeAlias = list[list[str]]
"""The words of a record, field by field."""
Matches: TypeAlias = Callable[[Words], bool]

_SHORTEST: Final = 2


def looking_for(search: Search) -> Matches:
    """What tells whether a record has what a search looks for.

    Raises:
        SoqlError: `MALFORMED_SEARCH`, it looks for nothing, or for a single letter.
    """
    plain = search.term.strip()
    if len(plain) < _SHORTEST:
        raise SoqlError(
            "MALFORMED_SEARCH",
            f"search term must be longer than one character: {plain}",
            search.place,
        )
    try:
        return cast(Matches, _parser().parse(plain))
    except UnexpectedInput:
        raise SoqlError(
            "MALFORMED_SEARCH", f"the search term cannot be read: {plain}", search.place
        ) from None


def words(text: str, wild: str = "") -> list[str]:
    """The words of a text, without case: runs of letters and digits.

    Args:
        text: The text.
        wild: Other characters that belong to words.
    """
    found, word = [], ""
    for letter in text.casefold():
        if letter.isalnum() or letter in wild:
            word += letter
        elif word:
            found.append(word)
            word = ""
    return [*found, word] if word else found


def _unescaped(text: str) -> str:
    made, escaped = "", False
    for letter in text:
        if letter == "\\" and not escaped:
            escaped = True
            continue
        # What was escaped is a letter like any other: no wildcard, and no part of a word.
        made += " " if escaped and letter in "*?" else letter
        escaped = False
    return made


def _phrase(wanted: list[str]) -> Matches:
    def matches(fields: Words) -> bool:
        return any(
            all(fnmatchcase(word, like) for word, like in zip(run, wanted, strict=True))
            for field in fields
            for run in _runs(field, len(wanted))
        )

    return matches


def _runs(field: list[str], length: int) -> Iterable[list[str]]:
    return (field[at : at + length] for at in range(len(field) - length + 1)) if length else ()


class _Build(Transformer[Token, Matches]):
    """Makes a function of what the parser recognised."""

    def start(self, items: list[Any]) -> Matches:
        made: Matches = items[0]
        return made

    def word(self, items: list[Any]) -> Matches:
        return _phrase(words(_unescaped(str(items[0])), "*?"))

    def phrase(self, items: list[Any]) -> Matches:
        return _phrase(words(_unescaped(str(items[0])[1:-1])))

    def must(self, items: list[Any]) -> Matches:
        made: Matches = items[-1]
        return made

    def never(self, items: list[Any]) -> Matches:
        inner: Matches = items[-1]
        return lambda fields: not inner(fields)

    def every(self, items: list[Any]) -> Matches:
        return lambda fields: all(each(fields) for each in items)

    def either(self, items: list[Any]) -> Matches:
        parts = [each for each in items if not isinstance(each, Token)]
        return lambda fields: any(each(fields) for each in parts)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = File(__file__).with_name("words.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_Build())
