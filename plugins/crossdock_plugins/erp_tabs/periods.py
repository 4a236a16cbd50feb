"""A period that a figure leads to: a month of the sales history, and what happened in it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from attrs import frozen

from crossdock import Param

PERIOD: Final = (
    Param(name="since", label="Since", kind="date"),
    Param(name="until", label="Until", kind="date"),
)
"""The parameters of a tab that shows what happened in a period."""


@frozen
class Period:
    """From a day to a day, both included; without one of them it has no such end."""

    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Period:
        """Read the period that a tab was asked for."""
        return cls(params.get("since"), params.get("until"))

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """Give a month."""
        return cls(date(year, month, 1), date(year, month, monthrange(year, month)[1]))

    def __bool__(self) -> bool:
        """Whether it has an end at all."""
        return bool(self.since or self.until)

    @property
    def params(self) -> dict[str, str]:
        """The period as parameters of a tab."""
        days = {"since": self.since, "until": self.until}
        return {name: day.isoformat() for name, day in days.items() if day is not None}

    @property
    def text(self) -> str:
        """The end of a title that names it; nothing for all time."""
        parts = [f"since {self.since}"] if self.since else []
        parts += [f"until {self.until}"] if self.until else []
        return f", {' '.join(parts)}" if parts else ""

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it; no day lies in none but all time."""
        if day is None:
            return not self
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )
