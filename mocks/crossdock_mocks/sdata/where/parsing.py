"""From the text of a condition to its syntax, by the grammar beside this file."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path as File
from typing import Any, Final, Literal, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from crossdock_mocks.sdata.values import stored
from crossdock_mocks.sdata.where.syntax import (
    Between,
    Binary,
    Call,
    Constant,
    Joint,
    Node,
    Path,
    Unary,
    WhereError,
    Within,
)

LONGEST: Final = 8_000
"""Characters that a condition may have; a URL with a longer one is taken by few servers."""

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?)?\Z")
_LARGEST: Final = Decimal(10) ** 15


@lru_cache(maxsize=512)
def parse(text: str) -> Node:
    """The syntax of a condition.

    Raises:
        WhereError: It does not follow the grammar.
    """
    if len(text) > LONGEST:
        raise WhereError(f"a condition may have {LONGEST} characters, not {len(text)}")
    try:
        return cast(Node, _parser().parse(text))
    except UnexpectedCharacters as error:
        rest = text[error.pos_in_stream :]
        if rest[:1] in ("'", '"', "@"):
            raise WhereError(f"{rest[:1]} at position {_at(error)} is not closed") from None
        raise WhereError(f"unexpected character {rest[:1]!r} at position {_at(error)}") from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise WhereError("it ends where more is expected") from None
        raise WhereError(f"unexpected '{error.token}' at position {_at(error)}") from None


def _at(error: UnexpectedInput) -> int:
    return int(getattr(error, "pos_in_stream", None) or 0) + 1


def _operands(items: list[Any]) -> list[Any]:
    return [each for each in items if not isinstance(each, Token)]


def _words(items: list[Any]) -> list[str]:
    return [str(each).lower() for each in items if isinstance(each, Token)]


class _Build(Transformer[Token, Node]):
    """Makes syntax of what the parser recognised, from the leaves up."""

    def start(self, items: list[Any]) -> Node:
        return cast(Node, items[0])

    def disjunction(self, items: list[Any]) -> Joint:
        return Joint("or", tuple(_operands(items)))

    def conjunction(self, items: list[Any]) -> Joint:
        return Joint("and", tuple(_operands(items)))

    def comparison(self, items: list[Any]) -> Binary:
        return Binary(_words(items)[0], *_operands(items))

    like = sum = product = comparison

    def between(self, items: list[Any]) -> Between:
        return Between(*_operands(items))

    def within(self, items: list[Any]) -> Within:
        operand, *values = _operands(items)
        return Within(operand, tuple(values))

    def unary(self, items: list[Any]) -> Unary:
        word = cast(Literal["-", "not"], _words(items)[0])
        return Unary(word, items[1])

    def call(self, items: list[Any]) -> Call:
        return Call(str(items[0]), tuple(items[1:]))

    def path(self, items: list[Any]) -> Path:
        return Path([str(each) for each in items])

    def literal(self, items: list[Any]) -> Constant:
        (token,) = items
        text = str(token)
        if token.type == "STRING":
            quote = text[0]
            return Constant("string", text[1:-1].replace(quote * 2, quote))
        if token.type == "NUMBER":
            return Constant("number", number(text))
        if token.type == "DATE":
            return Constant("datetime", _instant(text[1:-1]))
        if token.type == "NULL":
            return Constant("null", None)
        return Constant("boolean", token.type == "TRUE")


def number(text: str) -> int | float:
    """The number that a text writes.

    Raises:
        WhereError: It is too large.
    """
    read = Decimal(text)
    if abs(read) >= _LARGEST:
        raise WhereError(f"the number {text} is too large")
    return int(read) if "." not in text else float(read)


def _instant(text: str) -> str:
    """A day, or an instant; without a zone it is the server's, which is UTC here."""
    try:
        if _INSTANT.match(text):
            return stored(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass  # of that form, but no day of the calendar
    raise WhereError(f"@{text}@ is no date; write @2024-01-31@ or @2024-01-31T10:00:00@")


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = File(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_Build())
