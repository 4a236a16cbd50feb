"""From the text of a statement to its syntax, by the grammar beside this file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path as File
from typing import Any, Final, Literal, TypeAlias, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from crossdock_mocks.dialects.salesforce.soql.errors import Place, SoqlError, malformed, unexpected
from crossdock_mocks.dialects.salesforce.soql.syntax import (
    Both,
    Children,
    Clause,
    Comparison,
    Condition,
    Function,
    Grouping,
    Includes,
    Not,
    Ordering,
    Path,
    Query,
    Search,
    Selected,
    Source,
    TypeOf,
    Value,
    Within,
)

LONGEST: Final = 100_000
"""Characters that a statement may have (SOQL and SOSL Limits)."""

_LARGEST: Final = 2**31 - 1
_Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
_ESCAPES: Final = {
    "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f",
    '"': '"', "'": "'", "\\": "\\",
}  # fmt: skip


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """The syntax of a statement.

    Raises:
        SoqlError: `MALFORMED_QUERY`, with the place.
    """
    if len(text) > LONGEST:
        raise malformed(f"SOQL statements can't be longer than {LONGEST:,} characters.")
    try:
        return cast(Query, _parser().parse(text, start="start"))
    except UnexpectedInput as error:
        raise _refusal(text, error) from None


@lru_cache(maxsize=128)
def parse_search(text: str) -> Search:
    """The syntax of a search.

    Raises:
        SoqlError: `MALFORMED_SEARCH`, with the place.
    """
    try:
        return cast(Search, _parser().parse(text, start="search"))
    except UnexpectedInput as error:
        refused = _refusal(text, error)
    except SoqlError as error:
        refused = error
    raise SoqlError("MALFORMED_SEARCH", refused.message, refused.place)


def _refusal(text: str, error: UnexpectedInput) -> SoqlError:
    """What is told of a text that does not follow the grammar."""
    if isinstance(error, UnexpectedCharacters):
        return _character(text, error)
    token = error.token if isinstance(error, UnexpectedToken) else Token("$END", "")
    if token.type == "$END":
        lines = text.split("\n")
        return unexpected("<EOF>", Place(len(lines), len(lines[-1]) + 1))
    if token.type == "COLON":
        return malformed("Bind variables only allowed in Apex code", _place(token))
    return unexpected(str(token), _place(token))


def unescaped(value: Value) -> str:
    """What a string means, its escapes resolved.

    Raises:
        SoqlError: A backslash stands before what cannot be escaped.
    """
    return "".join(text for text, _ in pieces(value))


def pieces(value: Value) -> list[tuple[str, bool]]:
    """The characters of a string, each with whether it was escaped.

    That matters to `LIKE` alone, where an escaped `%` or `_` stands for itself.

    Raises:
        SoqlError: A backslash stands before what cannot be escaped.
    """
    text, found, at = value.text, [], 0
    while at < len(text):
        if text[at] != "\\":
            found.append((text[at], False))
            at += 1
            continue
        letter = text[at + 1 : at + 2]
        if letter in ("u", "U") and _is_hex(text[at + 2 : at + 6]):
            found.append((chr(int(text[at + 2 : at + 6], 16)), True))
            at += 6
            continue
        if letter in ("%", "_"):
            found.append((letter, True))
        elif letter.lower() in _ESCAPES:
            found.append((_ESCAPES[letter.lower()], True))
        else:
            raise malformed(f"Invalid string escape sequence: \\{letter}", value.place)
        at += 2
    return found


def _is_hex(text: str) -> bool:
    digits = set("0123456789abcdefABCDEF")
    if len(text) != 4 or not set(text) <= digits:
        return False
    return not 0xD800 <= int(text, 16) <= 0xDFFF  # halves of pairs are no letters


def _character(text: str, error: UnexpectedCharacters) -> SoqlError:
    place = Place(error.line, error.column)
    rest = text.split("\n")[error.line - 1][error.column - 1 :]
    if rest.startswith("'"):
        end = error.column - 1 + len(rest)
        return malformed(
            f"line {error.line}:{end} mismatched character '<EOF>' expecting '''", place
        )
    if rest.startswith("*"):
        return unexpected("*", place)
    return malformed(
        f"line {error.line}:{error.column - 1} no viable alternative at character '{rest[:1]}'",
        place,
    )


def _place(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _first(items: list[Any], kind: type) -> Any:
    return next((each for each in items if isinstance(each, kind)), None)


def _words(items: list[Any]) -> set[str]:
    return {each.type for each in items if isinstance(each, Token)}


class _Build(Transformer[Token, Query]):
    """Makes syntax of what the parser recognised, from the leaves up."""

    def start(self, items: list[Any]) -> Query:
        return cast(Query, items[0])

    def query(self, items: list[Any]) -> Query:
        parts: dict[str, Any] = {"clauses": []}
        for each in items:
            if isinstance(each, Token):
                continue
            name, value = each
            if name == "clauses":
                parts["clauses"].append(value)
            elif name == "grouping":
                parts["grouping"], parts["having"] = value
            else:
                parts[name] = value
        parts["clauses"] = tuple(parts["clauses"])
        return Query(**parts)

    def search(self, items: list[Any]) -> Search:
        parts: dict[str, Any] = dict(each for each in items if isinstance(each, tuple))
        term = next(each for each in items if isinstance(each, Token) and each.type == "TERM")
        return Search(str(term)[1:-1], _place(term), **parts)

    def in_fields(self, items: list[Any]) -> tuple[str, Any]:
        return "fields", str(items[1]).upper()

    def returning(self, items: list[Any]) -> tuple[str, Any]:
        return "returning", tuple(each for each in items if isinstance(each, Query))

    def returned(self, items: list[Any]) -> Query:
        source = Source(Path([str(items[0])], _place(items[0])))
        parts = dict(items[1:])
        own = Selected(Path(["Id"], _place(items[0])))
        return Query(**{"selected": (own,), **parts, "sources": (source,)})

    # Clauses: the name of the query's attribute, and its value

    def items(self, items: list[Any]) -> tuple[str, Any]:
        return "selected", tuple(items)

    def sources(self, items: list[Any]) -> tuple[str, Any]:
        return "sources", tuple(items)

    def using(self, items: list[Any]) -> tuple[str, Any]:
        return "scope", str(items[-1])

    def where(self, items: list[Any]) -> tuple[str, Any]:
        return "where", items[1]

    def with_(self, items: list[Any]) -> tuple[str, Any]:
        return "clauses", Clause("WITH", _place(items[0]))

    def group(self, items: list[Any]) -> tuple[str, Any]:
        by = tuple(each for each in items if isinstance(each, (Path, Function)))
        having = next((each for each in items if isinstance(each, tuple)), (None, None))
        return "grouping", (Grouping(by), having[1])

    def having(self, items: list[Any]) -> tuple[str, Any]:
        return "having", items[1]

    def order(self, items: list[Any]) -> tuple[str, Any]:
        return "ordering", tuple(each for each in items if isinstance(each, Ordering))

    def limit(self, items: list[Any]) -> tuple[str, Any]:
        return "limit", _whole(items[1])

    def offset(self, items: list[Any]) -> tuple[str, Any]:
        return "offset", _whole(items[1])

    def tail(self, items: list[Any]) -> tuple[str, Any]:
        word = " ".join(str(each).upper() for each in items)
        return "clauses", Clause(word, _place(items[0]))

    # What is selected, and from where

    def selected(self, items: list[Any]) -> Selected:
        return Selected(items[0], _alias(items[1:]))

    def children(self, items: list[Any]) -> Children:
        return Children(items[0])

    def typeof(self, items: list[Any]) -> TypeOf:
        return TypeOf(_place(items[0]))

    def source(self, items: list[Any]) -> Source:
        return Source(items[0], _alias(items[1:]))

    def ordering(self, items: list[Any]) -> Ordering:
        words = _words(items)
        return Ordering(items[0], "DESC" in words, "LAST" in words)

    # Conditions

    def conjunction(self, items: list[Any]) -> Both:
        return Both("AND", _parts(items))

    def disjunction(self, items: list[Any]) -> Both:
        return Both("OR", _parts(items))

    def negation(self, items: list[Any]) -> Not:
        return Not(items[1], _place(items[0]))

    def comparison(self, items: list[Any]) -> Comparison:
        left, operator, value = items
        word = "!=" if operator == "<>" else str(operator)
        return Comparison(left, cast(_Operator, word), value, _place(operator))

    def like(self, items: list[Any]) -> Comparison:
        return Comparison(items[0], "LIKE", items[2], _place(items[1]))

    def within(self, items: list[Any]) -> Within:
        (word, *_) = [each for each in items if isinstance(each, Token)]
        query = _first(items, Query)
        values = query or tuple(each for each in items if isinstance(each, Value))
        return Within(items[0], "NOT" in _words(items), values, _place(word))

    def includes(self, items: list[Any]) -> Includes:
        return Includes(items[0], "EXCLUDES" in _words(items), tuple(items[2:]))

    # Leaves

    def path(self, items: list[Any]) -> Path:
        return Path([str(each) for each in items], _place(items[0]))

    def function(self, items: list[Any]) -> Function:
        return Function(str(items[0]), tuple(items[1:]), _place(items[0]))

    @v_args(inline=True)
    def literal(self, token: Token) -> Value:
        if token.type == "STRING":
            return Value("string", str(token)[1:-1], _place(token))
        return Value("number", str(token), _place(token))

    @v_args(inline=True)
    def string(self, token: Token) -> Value:
        return Value("string", str(token)[1:-1], _place(token))

    @v_args(inline=True)
    def number(self, token: Token) -> Value:
        return Value("number", str(token), _place(token))

    @v_args(inline=True)
    def date(self, token: Token) -> Value:
        return Value("date", str(token), _place(token))

    @v_args(inline=True)
    def datetime(self, token: Token) -> Value:
        return Value("datetime", str(token), _place(token))

    @v_args(inline=True)
    def time(self, token: Token) -> Value:
        return Value("time", str(token), _place(token))

    @v_args(inline=True)
    def name(self, token: Token, count: Token | None = None) -> Value:
        return Value("name", str(token), _place(token), None if count is None else _whole(count))


def _alias(items: list[Any]) -> str | None:
    return str(items[-1]) if items else None


def _parts(items: list[Any]) -> tuple[Condition, ...]:
    return tuple(each for each in items if not isinstance(each, Token))


def _whole(token: Token) -> int:
    if not (token.isascii() and token.isdecimal()):
        raise unexpected(str(token), _place(token))
    if int(token) > _LARGEST:
        raise malformed(f"numeric value out of range: {token}", _place(token))
    return int(token)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = File(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar, parser="lalr", lexer="contextual", start=["start", "search"], transformer=_Build()
    )
