"""Functions of the query language, each with its arguments' types and its SQL.

All that the specification lists, but for `currentTime`: no property holds a time of day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import attrs

from crossdock_mocks.sdata.values import stored
from crossdock_mocks.sdata.where.syntax import WhereError
from crossdock_mocks.sdata.where.terms import WORDS, Term, Type, constant, term

Make: TypeAlias = Callable[[Sequence[Term], datetime], Term]

_LONGEST: Final = 4_000


@attrs.frozen
class Function:
    """A function.

    Attributes:
        name: Its name.
        types: Types of its arguments.
        optional: How many of the last ones may be left out.
        many: Whether the last one may come any number of times.
        make: Makes its SQL.
    """

    name: str
    types: tuple[Type, ...]
    make: Make
    optional: int = 0
    many: bool = False

    def check(self, arguments: Sequence[Term]) -> None:
        """See that it is called as it can be.

        Raises:
            WhereError: It is not.
        """
        least, most = len(self.types) - self.optional, len(self.types)
        if len(arguments) < least or (len(arguments) > most and not self.many):
            wanted = f"{least} or more" if self.many else " or ".join(
                str(each) for each in range(least, most + 1)
            )  # fmt: skip
            raise WhereError(f"{self.name} takes {wanted} arguments, not {len(arguments)}")
        for number, each in enumerate(arguments):
            wanted_type = self.types[min(number, most - 1)]
            if each.condition or each.type not in (wanted_type, "null"):
                raise WhereError(
                    f"{self.name} takes {WORDS[wanted_type]} as argument {number + 1}, "
                    f"not {each.word}"
                )


def _written(pattern: str, type_: Type) -> Make:
    """A function whose SQL is a pattern; `{0}` stands for the first argument.

    Each argument may stand there several times: its values come as often.
    """
    order = [int(piece[0]) for piece in pattern.split("{")[1:]]

    def make(arguments: Sequence[Term], now: datetime) -> Term:
        del now
        sql = pattern.format(*(each.sql for each in arguments))
        return term(sql, type_, *(arguments[each] for each in order))

    return make


def _concat(arguments: Sequence[Term], now: datetime) -> Term:
    del now
    return term(f"({' || '.join(each.sql for each in arguments)})", "string", *arguments)


def _padded(left: bool) -> Make:
    def make(arguments: Sequence[Term], now: datetime) -> Term:
        del now
        text, length = arguments[0], arguments[1]
        pad = arguments[2] if len(arguments) > 2 else constant(" ", "string")
        if not isinstance(length.constant, int) or not 0 <= length.constant <= _LONGEST:
            raise WhereError(f"the length to pad to is a whole number of 0 to {_LONGEST}")
        size = length.constant
        # A text of zeros as long as what is missing, each of them replaced by the padding.
        missing = f"max(0, {size} - length({text.sql}))"
        filling = f"substr(replace(hex(zeroblob({missing})), '00', {pad.sql}), 1, {missing})"
        kept = f"substr({text.sql}, 1, {size})"
        if left:
            return term(f"({filling} || {kept})", "string", text, pad, text, text)
        return term(f"({kept} || {filling})", "string", text, text, pad, text)

    return make


def _rounded(arguments: Sequence[Term], now: datetime) -> Term:
    del now
    return term(f"round({', '.join(each.sql for each in arguments)})", "number", *arguments)


def _truncated(arguments: Sequence[Term], now: datetime) -> Term:
    del now
    number = arguments[0]
    if len(arguments) == 1:
        return term(f"CAST({number.sql} AS INTEGER)", "number", number)
    digits = arguments[1].constant
    if not isinstance(digits, int) or not 0 <= digits <= 9:
        raise WhereError("trunc takes 0 to 9 decimals")
    scale = 10**digits
    return term(f"(CAST({number.sql} * {scale} AS INTEGER) / {scale}.0)", "number", number)


def _power(arguments: Sequence[Term], now: datetime) -> Term:
    del now
    return term(f"power({arguments[0].sql}, {arguments[1].sql})", "number", *arguments)


def _today(_: Sequence[Term], now: datetime) -> Term:
    return constant(stored(now.date()), "datetime")


def _now(_: Sequence[Term], now: datetime) -> Term:
    return constant(stored(now), "datetime")


def _part(name: str, form: str) -> Function:
    return Function(
        name, ("datetime",), _written(f"CAST(strftime('{form}', {{0}}) AS INTEGER)", "number")
    )


_MOVED: Final = "strftime('%Y-%m-%dT%H:%M:%fZ', {{0}}, printf('%+.3f seconds', {sign}{{1}}{by}))"


def _moved(name: str, sign: str, by: str) -> Function:
    pattern = _MOVED.format(sign=sign, by=by)
    return Function(name, ("datetime", "number"), _written(pattern, "datetime"))


_FLOOR: Final = "(CAST({0} AS INTEGER) - ({0} < CAST({0} AS INTEGER)))"
_CEIL: Final = "(CAST({0} AS INTEGER) + ({0} > CAST({0} AS INTEGER)))"
_LEFT: Final = "substr({0}, 1, max(0, {1}))"
_RIGHT: Final = "substr({0}, max(1, length({0}) - max(0, {1}) + 1))"
_SIGN: Final = "(({0} > 0) - ({0} < 0))"
_EMPTY: Final = "CASE WHEN {0} = '' THEN NULL ELSE unicode({0}) END"

_ALL: Final = (
    Function("concat", ("string", "string"), _concat, many=True),
    Function("left", ("string", "number"), _written(_LEFT, "string")),
    Function("right", ("string", "number"), _written(_RIGHT, "string")),
    Function(
        "substring", ("string", "number", "number"),
        _written("substr({0}, max(1, {1}), max(0, {2}))", "string"),
    ),
    Function("lower", ("string",), _written("lowered({0})", "string")),
    Function("upper", ("string",), _written("raised({0})", "string")),
    Function(
        "replace", ("string", "string", "string"), _written("replace({0}, {1}, {2})", "string")
    ),
    Function("length", ("string",), _written("length({0})", "number")),
    Function("locate", ("string", "string"), _written("instr({1}, {0})", "number")),
    Function("lpad", ("string", "number", "string"), _padded(left=True), optional=1),
    Function("rpad", ("string", "number", "string"), _padded(left=False), optional=1),
    Function("trim", ("string",), _written("trim({0})", "string")),
    Function("ascii", ("string",), _written(_EMPTY, "number")),
    Function("char", ("number",), _written("char({0})", "string")),
    Function("abs", ("number",), _written("abs({0})", "number")),
    Function("sign", ("number",), _written(_SIGN, "number")),
    Function("round", ("number", "number"), _rounded, optional=1),
    Function("trunc", ("number", "number"), _truncated, optional=1),
    Function("floor", ("number",), _written(_FLOOR, "number")),
    Function("ceil", ("number",), _written(_CEIL, "number")),
    Function("pow", ("number", "number"), _power),
    Function("currentDate", (), _today),
    Function("currentTimestamp", (), _now),
    _part("year", "%Y"),
    _part("month", "%m"),
    _part("day", "%d"),
    _part("hour", "%H"),
    _part("minute", "%M"),
    _part("second", "%S"),
    Function(
        "millisecond", ("datetime",), _written("CAST(substr({0}, 21, 3) AS INTEGER)", "number")
    ),
    # All instants are told in UTC.
    Function("tzHour", ("datetime",), _written("({0} IS NULL) * 0", "number")),
    Function("tzMinute", ("datetime",), _written("({0} IS NULL) * 0", "number")),
    _moved("dateAdd", "", " * 86400.0"),
    _moved("dateSub", "-", " * 86400.0"),
    _moved("timestampAdd", "", " / 1000.0"),
    _moved("timestampSub", "-", " / 1000.0"),
)  # fmt: skip

FUNCTIONS: Final = {each.name.lower(): each for each in _ALL}
