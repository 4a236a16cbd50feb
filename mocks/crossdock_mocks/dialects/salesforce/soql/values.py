"""Values of conditions: checked against the field's type, and put as rows hold them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock_mocks.dialects.salesforce.soql.dates import days
from crossdock_mocks.dialects.salesforce.soql.errors import (
    malformed,
    unexpected,
    wrong_operator,
    wrong_value,
)
from crossdock_mocks.dialects.salesforce.soql.parsing import pieces, unescaped
from crossdock_mocks.dialects.salesforce.soql.schema import IDS, NUMBERS, TEXTS, Context, Field
from crossdock_mocks.dialects.salesforce.soql.syntax import Value

_WILD = {"%": "%", "_": "_"}


def plain(field: Field, value: Value, context: Context) -> Any:
    """A value to compare a field with, as rows hold it; text without case.

    Raises:
        SoqlError: It is not of the field's type.
    """
    if value.kind == "string":
        if field.kind in IDS:
            return identifier(value, context)
        if field.kind not in TEXTS:
            raise wrong_value(field.name, field.word, quoted=True)
        return unescaped(value).casefold()
    if field.kind in TEXTS or field.kind in IDS:
        _known(value, context)
        word = "string" if field.kind in TEXTS else field.word
        raise wrong_value(field.name, word, quoted=False)
    if field.kind == "boolean":
        word = value.text.upper()
        if value.kind != "name" or word not in ("TRUE", "FALSE"):
            raise wrong_value(field.name, "boolean", quoted=True)
        return int(word == "TRUE")
    if field.kind in NUMBERS:
        if value.kind != "number":
            _known(value, context)
            raise wrong_value(field.name, field.word, quoted=True)
        return number(value)
    return moment(field, value)


def identifier(value: Value, context: Context) -> str:
    """An id in its full length.

    Raises:
        SoqlError: It is none.
    """
    text = unescaped(value)
    found = context.read_id(text)
    if found is None:
        raise wrong_operator(f"invalid ID field: {text}")
    return found


def number(value: Value) -> int | float:
    """A number as SQLite compares it.

    Raises:
        SoqlError: It is too large to be one.
    """
    try:
        read = Decimal(value.text)
    except InvalidOperation:
        raise unexpected(value.text, value.place) from None
    if abs(read) >= Decimal(10) ** 18:
        raise malformed(f'For input string: "{value.text}"', value.place)
    return int(read) if read == int(read) else float(read)


def moment(field: Field, value: Value) -> str:
    """A date, an instant or a time as rows hold it.

    Raises:
        SoqlError: It is of another kind, or there is no such day.
    """
    if value.kind != field.kind:
        raise wrong_value(field.name, field.word, quoted=True)
    try:
        if field.kind == "date":
            return date.fromisoformat(value.text).isoformat()
        if field.kind == "datetime":
            return stored(datetime.fromisoformat(value.text))
    except (ValueError, OverflowError):
        raise malformed(f"invalid date: {value.text}", value.place) from None
    clock, _, fraction = value.text.removesuffix("Z").partition(".")
    return f"{clock}.{fraction[:3]:0<3}Z"


def span(field: Field, value: Value, context: Context) -> tuple[str, str] | None:
    """The beginning and the end (exclusive) of a date literal, or nothing where it is none.

    Raises:
        SoqlError: The word stands for no value at all.
    """
    if value.kind != "name" or field.kind not in ("date", "datetime"):
        return None
    word = value.text.upper()
    found = days(word, value.count, context.now.date(), context.fiscal_start)
    if found is None:
        _known(value, context)
        raise wrong_value(field.name, field.word, quoted=True)
    if field.kind == "date":
        return found[0].isoformat(), found[1].isoformat()
    first, after = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in found)
    return stored(first), stored(after)


def _known(value: Value, context: Context) -> None:
    """Refuse a word that is neither a value nor a date literal."""
    if value.kind != "name" or value.text.upper() in ("TRUE", "FALSE", "NULL"):
        return
    if days(value.text.upper(), value.count, context.now.date()) is None:
        shown = value.text if value.count is None else f"{value.text}:{value.count}"
        raise unexpected(shown, value.place)


def stored(at: datetime) -> str:
    """An instant as rows hold it: UTC, with milliseconds and `+0000`, so that text sorts."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def pattern(value: Value) -> tuple[str, str, bool]:
    r"""What `LIKE` looks for, without case.

    Returns:
        The text before the first wildcard, the pattern for SQLite's LIKE with `\` as its
        escape, and whether nothing but one `%` follows that text.
    """
    start: list[str] = []
    made: list[str] = []
    wild = 0
    listed = pieces(value)
    for letter, escaped in listed:
        if letter in _WILD and not escaped:
            wild += 1
            made.append(letter)
        else:
            folded = letter.casefold()
            if not wild:
                start.append(folded)
            made.append(f"\\{folded}" if letter in ("%", "_", "\\") else folded)
    only = wild == 1 and bool(listed) and listed[-1] == ("%", False)
    return "".join(start), "".join(made), only


def after(prefix: str) -> str | None:
    """The first text that sorts behind all that begin with a prefix."""
    for at in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[at]) + 1
        if code == 0xD800:
            code = 0xE000  # what lies between stands for no letters
        if code <= 0x10FFFF:
            return prefix[:at] + chr(code)
    return None


def combinations(values: Sequence[Value]) -> list[list[str]]:
    """What `INCLUDES` asks for: one of these, all of whose members are set."""
    return [
        [part.strip().casefold() for part in unescaped(each).split(";") if part.strip()]
        for each in values
    ]
