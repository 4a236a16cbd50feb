"""How the desk writes figures, days and states for people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import format_timedelta

from crossdock.records import Money
from crossdock.render.formats import DEFAULT_LOCALE, Formats

_ENGLISH: Final = Locale.parse("en_GB")
NOTHING: Final = "\N{EM DASH}"

Tone = str
_STATES: Final[dict[str, tuple[str, Tone]]] = {
    # quotes
    "draft": ("Draft", "neutral"),
    "sent": ("Sent", "info"),
    "accepted": ("Accepted", "good"),
    "declined": ("Declined", "neutral"),
    "ordered": ("Ordered", "good"),
    # how a quote was priced
    "unpriced": ("Not priced yet", "neutral"),
    "priced": ("Priced by the ERP", "good"),
    "unchecked": ("Unchecked draft", "warning"),
    # orders
    "submitted": ("On its way to the ERP", "info"),
    "awaiting_approval": ("Awaits approval", "warning"),
    "on_hold": ("On hold", "warning"),
    "rejected": ("Rejected", "bad"),
    "possibly_created": ("Possibly created", "bad"),
    "confirmed": ("Confirmed", "info"),
    "partly_shipped": ("Partly shipped", "info"),
    "shipped": ("Shipped", "info"),
    "partly_invoiced": ("Partly invoiced", "info"),
    "invoiced": ("Invoiced", "info"),
    "paid": ("Paid", "good"),
    "cancelled": ("Cancelled", "neutral"),
    "returned": ("Returned", "neutral"),
    # accounts
    "prospect": ("Prospect", "info"),
    "customer": ("Customer", "good"),
    "partner": ("Partner", "neutral"),
    "former": ("Former", "neutral"),
}
_EVENT_TONES: Final[dict[str, Tone]] = {
    "acknowledged": "info",
    "on_hold": "warning",
    "released": "info",
    "shipped": "info",
    "invoiced": "info",
    "paid": "good",
    "failed": "bad",
    "cancelled": "warning",
    "returned": "warning",
}


class Wording:
    """Writes figures and days for one locale, as views do, so that a page speaks one language.

    Args:
        locale: a CLDR name such as `en_GB` or `de_DE`; the desk's sentences stay English.

    Raises:
        ValueError: there is no such locale.
    """

    def __init__(self, locale: str = DEFAULT_LOCALE) -> None:
        self.formats = Formats(locale)

    def money(self, value: Money | None) -> str:
        """Write an amount, such as `€1,234.50`; prices keep the places that they have."""
        return NOTHING if value is None else self.formats.money(value)

    def number(self, value: Decimal | int | None) -> str:
        """Write a quantity without needless zeros: `3`, `1.5`, `12,000`."""
        return NOTHING if value is None else self.formats.number(value)

    def percent(self, fraction: Decimal | None) -> str:
        """Write a fraction as a percentage: 0.2 is `20%`."""
        return NOTHING if fraction is None else f"{self.number((fraction * 100).normalize())}%"

    def day(self, value: date | None) -> str:
        """Write a day, such as `31 Oct 2026`."""
        return NOTHING if value is None else self.formats.day(value)

    def instant(self, value: datetime | date | None) -> str:
        """Write an instant in UTC, such as `31 Oct 2026, 14:05`; a day stays a day."""
        if not isinstance(value, datetime):
            return self.day(value)
        clock = value.astimezone(UTC)
        return f"{self.day(clock.date())}, {clock:%H:%M}"


def typed(value: Decimal | None) -> str:
    """Write a number as a person would type it into a field: `3`, `1.5`."""
    return "" if value is None else f"{value.normalize():f}"


def ago(seconds: float) -> str:
    """Write how long ago something was, such as `3 minutes ago`."""
    past = timedelta(seconds=-max(1, seconds))
    return format_timedelta(past, locale=_ENGLISH, threshold=1.5, add_direction=True)


def country(code: str) -> str:
    """Write a country's name for its ISO code; anything else stays as it is."""
    return _territories().get(code.upper(), code) if code else ""


@cache
def _territories() -> dict[str, str]:
    return dict(_ENGLISH.territories)


def state(name: str) -> str:
    """Write a status in words."""
    return _STATES[name][0] if name in _STATES else name.replace("_", " ").capitalize()


def tone(name: str) -> Tone:
    """Give the tone of a status; the word always stands beside it."""
    return _STATES[name][1] if name in _STATES else "neutral"


def event_tone(kind: str) -> Tone:
    """Give the tone of an entry of an order's timeline."""
    return _EVENT_TONES.get(kind, "neutral")
