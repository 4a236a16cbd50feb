from datetime import date, datetime
from decimal import Decimal

import pytest

from crossdock import Money, Percent, Provenance
from crossdock.render.formats import Formats


def test_values_are_written_as_an_english_reader_expects_them(every_value):
    formats = Formats()

    assert [shown for _, shown in every_value] == [formats.text(value) for value, _ in every_value]


def test_values_are_written_as_a_german_reader_expects_them():
    formats = Formats("de-DE", "Europe/Berlin")

    assert formats.text(Money("1234.5", "EUR")) == "1.234,50\N{NO-BREAK SPACE}€"
    assert formats.text(Percent(Decimal("0.125"))) == "12,5\N{NO-BREAK SPACE}%"
    assert formats.text(date(2026, 11, 5)) == "05.11.2026"
    assert formats.language == "de-DE"


def test_an_instant_is_shown_in_the_readers_time_zone_which_is_named():
    instant = datetime.fromisoformat("2026-07-01T12:00:00Z")

    assert "13:00" in Formats("en_GB", "Europe/London").text(instant)
    assert "12:00 UTC" in Formats().text(instant)
    with pytest.raises(ValueError, match="time zone"):
        Formats().text(datetime(2026, 7, 1, 12))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(("locale", "zone"), [("xx_YY", "UTC"), ("?", "UTC"), ("en_GB", "Mars/X")])
def test_an_unknown_locale_or_time_zone_is_refused_in_words(locale, zone):
    with pytest.raises(ValueError, match="there is no"):
        Formats(locale, zone)


def test_what_a_view_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="float"):
        Formats().text(1.5)


def test_provenance_is_one_line_and_says_when_it_is_stale():
    stale = Provenance(
        source="main", trading_account="C-1", as_of=date(2026, 1, 31), stale=True, note="ERP away"
    )

    assert Formats().provenance(stale) == "main · C-1 · as of 31 Jan 2026 · out of date · ERP away"


@pytest.mark.parametrize(
    ("number", "narrow", "shown"),
    [
        (9_000, True, "9,000"),
        (12_000, False, "12,000"),
        (12_000, True, "12K"),
        (12_500, True, "12.5K"),
        (250_000, False, "250K"),
        (1_500_000, False, "1.5M"),
        (-20_000, True, "-20K"),
    ],
)
def test_axis_numbers_are_short_where_room_is(number, narrow, shown):
    assert shown == Formats().tick(Decimal(number), narrow=narrow)


def test_all_numbers_of_an_axis_are_written_alike():
    ticks = [Decimal(n) for n in (0, 5_000, 10_000, 15_000)]

    assert [Formats().tick(tick, narrow=True, largest=ticks[-1]) for tick in ticks] == [
        "0",
        "5K",
        "10K",
        "15K",
    ]
