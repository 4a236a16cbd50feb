"""The query language: text to a statement, by a grammar; what the grammar has not is refused.

Keywords may be in capitals or not; `ORDERBY` is one word or two. Values stand in single quotes, in
which a backslash escapes a quote; numbers, `true` and `false` may stand without.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from crossdock_mocks.dialects.quickbooks.refusals import refused
from crossdock_mocks.engine import Problem

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

LONGEST: Final = 20_000
"""Characters that a query may have (assumed)."""

GRAMMAR: Final = r"""
statement: _SELECT wanted _FROM NAME where? order? first? most?
wanted: everything | count
everything: (STAR | path) ("," path)*
count: _COUNT "(" STAR ")"
where: _WHERE term (_AND term)*
?term: path COMPARISON value     -> compare
    | path LIKE value            -> compare
    | path IN "(" value ("," value)* ")" -> compare
order: (_ORDERBY | _ORDER _BY) key ("," key)*
key: path (ASC | DESC)?
first: _STARTPOSITION WHOLE
most: _MAXRESULTS WHOLE
path: NAME ("." NAME)*
value: TEXT | DECIMAL | WHOLE | TRUE | FALSE

STAR: "*"
COMPARISON: "<=" | ">=" | "=" | "<" | ">"
_SELECT.2: /select\b/i
_FROM.2: /from\b/i
_COUNT.2: /count\b(?=\s*\()/i
_WHERE.2: /where\b/i
_AND.2: /and\b/i
_ORDERBY.2: /orderby\b/i
_ORDER.2: /order\b/i
_BY.2: /by\b/i
_STARTPOSITION.2: /startposition\b/i
_MAXRESULTS.2: /maxresults\b/i
IN.2: /in\b/i
LIKE.2: /like\b/i
ASC.2: /asc\b/i
DESC.2: /desc\b/i
TRUE.2: /true\b/i
FALSE.2: /false\b/i
NAME: /[A-Za-z_][A-Za-z0-9_]*/
TEXT: /'(?:[^'\\]|\\.)*'/s
DECIMAL.1: /-?[0-9]+\.[0-9]+\b/ | /-[0-9]+\b/
WHOLE: /[0-9]+\b/
%ignore /[ \t\r\n]+/
"""


@attrs.frozen
class Value:
    """A value as it was written.

    Attributes:
        text: Its text, without quotes and escapes.
        quoted: Whether it stood in quotes.
    """

    text: str
    quoted: bool


@attrs.frozen
class Comparison:
    """One condition: a property, an operator (in small letters), and what it is compared with."""

    path: str
    operator: str
    values: tuple[Value, ...]


@attrs.frozen
class Statement:
    """A query.

    Attributes:
        entity: Name of the entity, as written.
        counts: Whether only the number is wanted.
        paths: Properties that were named instead of `*`.
        where: Conditions, all of which have to hold.
        order: Properties to sort by, each with whether it descends.
        first: Position of the first row wanted, from 1 on, if given.
        most: How many rows are wanted, if given.
    """

    entity: str
    counts: bool
    paths: tuple[str, ...]
    where: tuple[Comparison, ...]
    order: tuple[tuple[str, bool], ...]
    first: int | None
    most: int | None


def parse(text: str) -> Statement:
    """Read a query.

    Raises:
        Problem: 400 with code 4000, it is none.
    """
    from lark import Token, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput

    if not text.strip():
        raise _unreadable("The query provided was empty")
    if len(text) > LONGEST:
        raise _unreadable(f"It is longer than {LONGEST} characters")
    try:
        tree = _parser().parse(text)
    except UnexpectedCharacters as error:
        raise _unreadable(
            f"Invalid content. Lexical error at line {error.line}, column {error.column}. "
            f"Encountered: {error.char!r}"
        ) from error
    except UnexpectedEOF as error:
        raise _unreadable("Encountered <EOF> too early") from error
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        met = "<EOF>" if token is None or token.type == "$END" else f"{str(token)!r}"
        raise _unreadable(
            f"Encountered {met} at line {error.line}, column {error.column}"
        ) from error
    return _statement(tree, Tree, Token)


@cache
def _parser() -> Lark:
    # Imported when the first query comes: a mock that is only started needs no parser.
    from lark import Lark

    return Lark(GRAMMAR, start="statement", parser="lalr")


def _unreadable(detail: str) -> Problem:
    return refused(4000, f"QueryParserError: {detail}.")


def _statement(tree: Tree[Token], branch: type[Any], leaf: type[Any]) -> Statement:
    parts: dict[str, Any] = {}
    for child in tree.children:
        if isinstance(child, leaf):
            parts["entity"] = str(child)
        elif isinstance(child, branch):
            parts[str(child.data)] = child
    (wanted,) = parts["wanted"].children
    where, order = parts.get("where"), parts.get("order")
    return Statement(
        parts["entity"],
        wanted.data == "count",
        tuple(_path(each) for each in wanted.find_data("path")),
        () if where is None else tuple(_comparison(each) for each in where.children),
        () if order is None else tuple(_key(each) for each in order.children),
        _whole(parts.get("first")),
        _whole(parts.get("most")),
    )


def _path(tree: Any) -> str:
    return ".".join(str(each) for each in tree.children)


def _comparison(tree: Any) -> Comparison:
    path, operator, *values = tree.children
    return Comparison(
        _path(path), str(operator).lower(), tuple(_value(each.children[0]) for each in values)
    )


def _value(token: Any) -> Value:
    if token.type != "TEXT":
        return Value(str(token), quoted=False)
    inner = str(token)[1:-1]
    text = []
    escaped = False
    for letter in inner:
        escaped = letter == "\\" and not escaped
        if not escaped:
            text.append(letter)
    return Value("".join(text), quoted=True)


def _key(tree: Any) -> tuple[str, bool]:
    path, *direction = tree.children
    return _path(path), bool(direction) and direction[0].type == "DESC"


def _whole(tree: Any) -> int | None:
    if tree is None:
        return None
    return int(str(tree.children[0])[:18])
