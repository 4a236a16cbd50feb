"""Values as a reader of some language expects them: money, numbers, days, instants."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_symbol,
)

from crossdock.records import Money
from crossdock.views import (
    Action,
    Arrangement,
    Badge,
    Drill,
    Link,
    Percent,
    Provenance,
    Unknown,
    Value,
)

DEFAULT_LOCALE: Final = "en_GB"
_COMPACT_FROM: Final = 10_000


class Formats:
    """How values are written for one locale and time zone.

    Args:
        locale: a CLDR name such as `en_GB`, `de_DE` or `fr-CA`.
        timezone: an IANA name; instants are shown in it, and it is named beside them.

    Raises:
        ValueError: there is no such locale or time zone.
    """

    def __init__(self, locale: str = DEFAULT_LOCALE, timezone: str = "UTC") -> None:
        try:
            self.locale = Locale.parse(locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            raise ValueError(f"there is no locale {locale!r}; write one such as en_GB") from None
        try:
            self.timezone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {timezone!r}; write one such as UTC") from None
        # Tables repeat amounts and days, and Babel takes its time over each.
        self.money = lru_cache(maxsize=4096)(self._money)
        self.day = lru_cache(maxsize=4096)(self._day)

    @cached_property
    def language(self) -> str:
        """The locale as HTML names it: `en-GB`."""
        return str(self.locale).replace("_", "-")

    def _money(self, money: Money) -> str:
        # A unit price may have more digits than the currency has; they are shown, not lost.
        whole = money == money.rounded()
        return format_currency(
            money.amount, money.currency, locale=self.locale, decimal_quantization=whole
        )

    def _day(self, day: date) -> str:
        return format_date(day, "medium", locale=self.locale)

    def number(self, number: Decimal | int) -> str:
        """Write a number with all its digits and thousands separators; trailing zeros go."""
        return format_decimal(number, locale=self.locale, decimal_quantization=False)

    def percent(self, percent: Percent) -> str:
        """Write a fraction as a percentage, rounded to its places."""
        shown = round(percent.fraction, percent.places + 2)
        digits = "0" * percent.places
        pattern = f"#,##0.{digits}%" if digits else "#,##0%"
        if self.locale.percent_formats[None].pattern.endswith("\N{NO-BREAK SPACE}%"):
            pattern = pattern.replace("%", "\N{NO-BREAK SPACE}%")
        return format_percent(shown, format=pattern, locale=self.locale)

    def instant(self, instant: datetime) -> str:
        """Write an instant in the reader's time zone, which is named."""
        if instant.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be shown: make it aware")
        return format_datetime(
            instant, "d MMM y, HH:mm zzz", tzinfo=self.timezone, locale=self.locale
        )

    def tick(self, number: Decimal, *, narrow: bool, largest: Decimal | None = None) -> str:
        """Write a number at an axis: in full where there is room, else as 12K or 1.5M.

        Args:
            number: what to write.
            narrow: whether there is little room.
            largest: the largest number at the same axis, so that all are written alike.
        """
        size = abs(number if largest is None else largest)
        if number and size >= (_COMPACT_FROM if narrow else 10 * _COMPACT_FROM):
            return format_compact_decimal(number, fraction_digits=1, locale=self.locale)
        return format_decimal(number, locale=self.locale)

    def amount(self, amount: Decimal, currency: str | None) -> str:
        """Write a chart's value: money where it has a currency, else a number."""
        return self.number(amount) if currency is None else self.money(Money(amount, currency))

    def currency(self, currency: str) -> str:
        """Name a currency by its code and, where the locale has one, its symbol: `GBP (£)`."""
        symbol = get_currency_symbol(currency, locale=self.locale)
        return currency if symbol == currency else f"{currency} ({symbol})"

    def text(self, value: Value) -> str:
        """Write any value as plain text."""
        match value:
            case None:
                return ""
            case bool():
                return "Yes" if value else "No"
            case str():
                return value
            case Money():
                return self.money(value)
            case int() | Decimal():
                return self.number(value)
            case datetime():
                return self.instant(value)
            case date():
                return self.day(value)
            case Percent():
                return self.percent(value)
            case Badge() | Link():
                return value.text
            case Drill():
                return self.text(value.value)
            case Action():
                return value.label
            case Unknown():
                return value.reason
        raise TypeError(f"a view cannot hold a {type(value).__name__}")

    def extent(self, now: Arrangement) -> str:
        """Say which rows of an arranged table are shown; nothing where it is all of them."""
        rows, of = self.number(now.rows), self.number(now.of)
        found = f"{rows} of {of} rows" if now.rows != now.of else f"{rows} rows"
        if now.pages == 1:
            return f"{found} found" if now.rows != now.of else ""
        return f"Page {self.number(now.page)} of {self.number(now.pages)}, {found}"

    def provenance(self, provenance: Provenance) -> str:
        """Say in a line where figures came from and as of when."""
        parts = [provenance.source]
        if provenance.trading_account:
            parts.append(provenance.trading_account)
        when = provenance.as_of
        if isinstance(when, datetime):
            parts.append(f"read {self.instant(when)}")
        else:
            parts.append(f"as of {self.day(when)}")
        if provenance.stale:
            parts.append("out of date")
        if provenance.note:
            parts.append(provenance.note)
        return " · ".join(parts)


def choice_in_words(choice: str) -> str:
    """Write one of a parameter's choices for a form: `overdue` as `Overdue`, names as they are."""
    if choice.islower() and ":" not in choice:
        return choice.replace("_", " ").capitalize()
    return choice


@cache
def default_formats() -> Formats:
    """Give British English and UTC, the same each time, as what it wrote is remembered."""
    return Formats()
