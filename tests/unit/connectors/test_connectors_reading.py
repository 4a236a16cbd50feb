"""Strict reading and writing of wire values."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from crossdock.connectors import reading, writing
from crossdock.connectors.reading import Unreadable
from crossdock.connectors.writing import Unwritable
from crossdock.records import Money

INSTANT = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (reading.text, "x", "x"),
        (reading.text_or_none, None, None),
        (reading.text_or_empty, None, ""),
        (reading.whole, 3, 3),
        (reading.whole_or_none, None, None),
        (reading.truth, False, False),
        (reading.decimal, "-1234.50", Decimal("-1234.50")),
        (reading.decimal_or_none, None, None),
        (reading.currency, "EUR", "EUR"),
        (reading.day, "2026-02-28", date(2026, 2, 28)),
        (reading.day_or_none, None, None),
        (reading.instant, "2026-02-01T09:30:00Z", INSTANT),
        (reading.instant, "2026-02-01T10:30:00+01:00", INSTANT),
        (reading.instant_or_none, None, None),
        (reading.texts, {"main": "C-1"}, {"main": "C-1"}),
    ],
)
def test_a_value_that_fits_is_read(read, value, expected):
    assert expected == read({"f": value}, "f")


@pytest.mark.parametrize(
    ("read", "value", "problem"),
    [
        (reading.text, None, "expected a text, got null"),
        (reading.text, 7, "expected a text, got 7"),
        (reading.text_or_none, [], "expected a text or null, got a list"),
        (reading.whole, True, "expected a whole number, got True"),
        (reading.whole, 1.0, "expected a whole number, got 1.0"),
        (reading.truth, "true", "expected true or false, got 'true'"),
        (reading.decimal, 12.5, "expected a decimal string, got 12.5"),
        (reading.decimal, 12, "expected a decimal string, got 12"),
        (reading.decimal, "1_000", "expected a decimal string, got '1_000'"),
        (reading.decimal, "NaN", "expected a decimal string, got 'NaN'"),
        (reading.decimal, "1e3", "expected a decimal string, got '1e3'"),
        (reading.decimal, "1,5", "expected a decimal string, got '1,5'"),
        (reading.currency, "eur", "expected a currency code such as EUR, got 'eur'"),
        (reading.day, "2026-02-30", "expected a day such as 2026-11-21, got '2026-02-30'"),
        (reading.day, "20260228", "expected a day such as 2026-11-21, got '20260228'"),
        (
            reading.instant,
            "2026-02-01T09:30:00",
            "expected an instant such as 2026-11-21T09:30:00Z, got '2026-02-01T09:30:00'",
        ),
        (
            reading.instant,
            "2026-02-01T25:30:00Z",
            "expected an instant such as 2026-11-21T09:30:00Z, got '2026-02-01T25:30:00Z'",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_what_was_expected(read, value, problem):
    with pytest.raises(Unreadable) as caught:
        read({"f": value}, "f")
    assert ("/f", problem) == (caught.value.pointer, caught.value.problem)


def test_a_word_outside_the_closed_list_is_refused():
    with pytest.raises(Unreadable, match="expected one of open, paid, got 'void'"):
        reading.word({"status": "void"}, "status", frozenset({"open", "paid"}))


def test_a_missing_field_is_not_the_same_as_null():
    with pytest.raises(Unreadable, match="is missing"):
        reading.text_or_none({}, "email")


def test_an_optional_field_may_be_missing_or_null_but_not_of_another_type():
    assert (
        reading.optional_text({}, "f"),
        reading.optional_text({"f": None}, "f"),
        reading.optional_whole({}, "f"),
    ) == ("", "", None)
    with pytest.raises(Unreadable, match="expected a text or null, got 1"):
        reading.optional_text({"f": 1}, "f")


def test_a_fault_deep_inside_is_pointed_at():
    def line(row):
        return reading.part(row, "stock", lambda stock: reading.decimal(stock, "on/hand"))

    answer = {"lines": [{"stock": {"on/hand": "1"}}, {"stock": {"on/hand": 2}}]}
    with pytest.raises(Unreadable) as caught:
        reading.each(answer, "lines", line)
    assert caught.value.pointer == "/lines/1/stock/on~1hand"


def test_a_row_that_is_no_object_is_pointed_at():
    with pytest.raises(Unreadable) as caught:
        reading.each({"data": [None]}, "data", lambda row: reading.text(row, "id"))
    assert (
        caught.value.pointer,
        caught.value.problem,
    ) == ("/data/0", "expected an object, got null")


def test_a_long_value_is_cut_in_the_complaint():
    with pytest.raises(Unreadable) as caught:
        reading.decimal({"f": "x" * 500}, "f")
    assert len(caught.value.problem) < 80


@pytest.mark.parametrize(
    ("value", "expected"),
    [("3", "3"), ("3.000", "3"), ("0.20", "0.2"), ("0", "0"), ("1E+3", "1000"), ("100", "100")],
)
def test_a_number_is_written_in_plain_digits(value, expected):
    assert expected == writing.number(Decimal(value))


def test_an_amount_keeps_its_decimals():
    assert writing.amount(Money("1234.50", "EUR"), "EUR", "net") == "1234.50"


def test_an_amount_in_another_currency_than_the_document_is_refused():
    with pytest.raises(Unwritable, match="is in USD, the document in EUR"):
        writing.amount(Money(1, "USD"), "EUR", "lines.0.net")


def test_an_instant_is_written_in_utc():
    there = INSTANT.astimezone(timezone(timedelta(hours=5)))
    assert writing.instant(there, "at") == "2026-02-01T09:30:00Z"


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(Unwritable, match="without a time zone"):
        writing.instant(INSTANT.replace(tzinfo=None), "at")
