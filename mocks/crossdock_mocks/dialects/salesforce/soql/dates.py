"""Date literals: which days `LAST_WEEK` or `NEXT_N_QUARTERS:2` mean on a given day.

Weeks begin on Sunday, as in the locale en_US; a fiscal year is twelve months from the month in
which it begins. (SOQL and SOSL Reference, "Date Formats and Date Literals in WHERE".)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, TypeAlias

Days: TypeAlias = tuple[date, date]
"""The first day, and the day after the last."""

_DAY: Final = timedelta(days=1)
_UNITS: Final = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")
_MOST: Final = 9_999


def days(word: str, count: int | None, today: date, fiscal_start: int = 1) -> Days | None:
    """The days that a literal means, or nothing where there is no such literal.

    Args:
        word: The literal, in capitals, without its number.
        count: Its number, if it has one.
        today: The day it is read on.
        fiscal_start: Month in which the fiscal year begins.
    """
    if (count is None) == ("_N_" in word or word.startswith("N_")):
        return None
    if count is not None and count > _MOST:
        return None
    start = _Starts(today, fiscal_start)
    try:
        return start.fixed(word) if count is None else start.counted(word, count)
    except (OverflowError, ValueError):
        return None  # beyond the years that there are


def month_later(first: date, months: int) -> date:
    """The first of the month so many months later."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


class _Starts:
    """Periods around a day: the current one, and those before and after it."""

    def __init__(self, today: date, fiscal_start: int) -> None:
        self._today = today
        first = today.replace(day=1)
        in_fiscal_year = (today.month - fiscal_start) % 12
        self._months: dict[str, tuple[date, int]] = {
            "MONTH": (first, 1),
            "QUARTER": (month_later(first, -((today.month - 1) % 3)), 3),
            "YEAR": (today.replace(month=1, day=1), 12),
            "FISCAL_QUARTER": (month_later(first, -(in_fiscal_year % 3)), 3),
            "FISCAL_YEAR": (month_later(first, -in_fiscal_year), 12),
        }

    def _start(self, unit: str, away: int) -> date:
        """The first day of the period that lies so many periods away."""
        if unit == "DAY":
            return self._today + away * _DAY
        if unit == "WEEK":
            sunday = self._today - ((self._today.weekday() + 1) % 7) * _DAY
            return sunday + 7 * away * _DAY
        first, length = self._months[unit]
        return month_later(first, length * away)

    def _periods(self, unit: str, first: int, after: int) -> Days:
        return self._start(unit, first), self._start(unit, after)

    def fixed(self, word: str) -> Days | None:
        named: dict[str, Callable[[], Days]] = {
            "YESTERDAY": lambda: self._periods("DAY", -1, 0),
            "TODAY": lambda: self._periods("DAY", 0, 1),
            "TOMORROW": lambda: self._periods("DAY", 1, 2),
            "LAST_90_DAYS": lambda: self._periods("DAY", -90, 1),
            "NEXT_90_DAYS": lambda: self._periods("DAY", 1, 91),
        }
        if word in named:
            return named[word]()
        which, _, unit = word.partition("_")
        if unit not in _UNITS[1:] or which not in ("LAST", "THIS", "NEXT"):
            return None
        away = {"LAST": -1, "THIS": 0, "NEXT": 1}[which]
        return self._periods(unit, away, away + 1)

    def counted(self, word: str, count: int) -> Days | None:
        for unit in _UNITS:
            if word == f"N_{unit}S_AGO":
                return self._periods(unit, -count, 1 - count)
            if word == f"NEXT_N_{unit}S":
                return self._periods(unit, 1, count + 1)
            if word == f"LAST_N_{unit}S":
                # Days alone reach up to now: today is among them.
                return self._periods(unit, -count, 1 if unit == "DAY" else 0)
        return None
