"""The words of a filter: those of odata-query, held to what OData 4.0 and Business Central write.

odata-query takes keywords in any case, wants a comma behind the only value of a list, and knows no
day before the year 1000; Business Central writes 0001-01-01 for no day at all.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, Final

_WORD = re.compile(r"\s*(\w+)")
_EARLY = re.compile(
    r"0\d{3}-\d\d-\d\d"
    r"(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?(?![\w-])"
)
_KEYWORDS: Final = frozenset(
    [
        *("ADD", "SUB", "MUL", "DIV", "MOD", "AND", "OR", "NOT", "IN", "ANY", "ALL"),
        *("EQ", "NE", "LT", "LE", "GT", "GE", "BOOLEAN", "NULL"),
    ]
)


class Misspelt(ValueError):  # noqa: N818 - it names what it is
    """A keyword is not written as it is to be.

    Attributes:
        index: Where it stands.
    """

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def tokens(text: str) -> list[Any]:
    """The tokens of a filter.

    Raises:
        Misspelt: A keyword is not in lower case.
    """
    return _listed(list(_read(text)))


def _read(text: str) -> Iterator[Any]:
    from odata_query import ast
    from odata_query.grammar import ODataLexer

    behind = 0
    for token in ODataLexer().tokenize(text):
        if token.index < behind:
            continue
        if token.type in _KEYWORDS:
            word = _WORD.match(text, token.index)
            if word is None or not word[1].islower():
                raise Misspelt(token.index)
        elif token.type in ("INTEGER", "DECIMAL"):
            early = _EARLY.match(text, token.index)
            if early is not None:
                behind = early.end()
                timed = early[1] is not None
                token.type = "DATETIME" if timed else "DATE"
                token.value = ast.DateTime(early[0]) if timed else ast.Date(early[0])
        yield token


def _listed(found: list[Any]) -> list[Any]:
    """Put a comma behind the only value of a list."""
    made: list[Any] = []
    opened = -1  # depth of the list's bracket, where one is read
    depth, commas, values = 0, 0, 0
    after_in = False
    for token in found:
        if token.type == "(":
            depth += 1
            if after_in:
                opened, commas, values = depth, 0, 0
        elif token.type == ")":
            if depth == opened:
                if made[-1].type == ",":
                    raise Misspelt(token.index)
                if values and not commas:
                    made.append(_comma(token))
                opened = -1
            depth -= 1
        elif depth == opened and token.type == ",":
            commas += 1
        elif opened >= 0 and token.type != "WS":
            values += 1
        after_in = token.type == "IN" or (after_in and token.type == "WS")
        made.append(token)
    return made


def _comma(before: Any) -> Any:
    made = copy.copy(before)
    made.type = made.value = ","
    return made
