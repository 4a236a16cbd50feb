"""What Salesforce's values mean, what they are refused for, and how they are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock.connectors.reading import Unreadable
from crossdock.connectors.salesforce import soql, values
from crossdock.connectors.writing import Unwritable
from crossdock.records import Money

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
D = Decimal


@pytest.mark.parametrize("text", ["2026-11-20T09:30:00.000+0000", "2026-11-20T10:30:00+01:00"])
def test_an_instant_is_the_same_in_any_zone(text):
    assert values.instant({"at": text}, "at") == AT
    assert values.as_instant(values.instant({"at": text}, "at")) == "2026-11-20T09:30:00.000Z"


@pytest.mark.parametrize("unset", [{}, {"a": None}, {"a": ""}])
def test_what_is_not_set_is_nothing(unset):
    row = {"a": None} if unset.get("a") == "" else unset
    assert values.text(unset, "a") == ""
    assert values.decimal({**row, "a": None}, "a", 7) == D(7)
    assert values.day_or_none(unset, "a") is None
    assert values.instant_or_none(unset, "a") is None
    assert values.truth(row, "a") is False
    assert values.parent(row, "a") == {}
    assert values.object_or_empty(unset, "a") == {}
    assert values.rows_or_empty(unset, "a") == []
    assert values.word(unset, "a", frozenset({"x"}), "x") == "x"


@pytest.mark.parametrize(
    ("read", "value", "wanted"),
    [
        (values.text, 7, "a text or null"),
        (values.whole_or_none, D("1.5"), "a whole number"),
        (values.truth, "true", "true or false"),
        (values.instant_or_none, "tomorrow", "an instant"),
        (values.instant_or_none, "2026-11-20T09:30:00", "an instant with a time zone"),
        (values.instant, None, "an instant"),
        (values.day_or_none, "20.11.2026", "a day"),
        (lambda row, name: values.word(row, name, frozenset({"b", "a"}), ""), "c", "one of a, b"),
        (values.object_or_empty, '{"a": 1}', "an object of texts"),
        (values.object_or_empty, "{", "JSON"),
        (values.rows_or_empty, '["a"]', "a list of objects"),
        (values.parent, "001", "an object or null"),
    ],
)
def test_what_is_none_of_its_kind_is_told(read, value, wanted):
    with pytest.raises(Unreadable) as caught:
        read({"field": value}, "field")
    assert caught.value.pointer == "/field"
    assert wanted in str(caught.value)


def test_numbers_lose_zeros_and_never_digits():
    assert str(values.plain(D("3.0"))) == "3"
    assert str(values.plain(D("3.10"))) == "3.1"
    assert values.money_or_none({"a": D("1.5")}, "a", "EUR") == Money("1.50", "EUR")
    assert str(values.money(D("1.2345"), "EUR").amount) == "1.2345"
    assert values.as_number(D("0.1234"), "price") == 0.1234
    assert values.as_cents(D("0.125"), "price") == 0.13
    assert values.as_number(None, "price") is None
    assert values.as_amount(None, "EUR", "net") is None


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda: values.as_number(D("0.1234567"), "price"), "more than 6 digits behind the point"),
        (lambda: values.as_number(D("12345678901234567.1"), "price"), "more digits than a JSON"),
        (lambda: values.as_amount(Money("1", "USD"), "EUR", "net"), "is in USD, the document in"),
    ],
)
def test_what_would_be_rounded_off_without_a_word_is_not_written(write, says):
    with pytest.raises(Unwritable, match=says):
        write()


@pytest.mark.parametrize(
    ("wanted", "now", "same"),
    [
        (None, "", True),
        (None, None, True),
        (True, True, True),
        (True, None, False),
        (False, 0, False),
        ("a ", "a", True),
        ("2026-11-20T09:30:00.000Z", "2026-11-20T10:30:00.000+0100", True),
        ("2026-11-20T09:30:00", "2026-11-20T10:30:00.000+0100", False),
        ("The T", "That", False),
        ("a", "b", False),
        ("7", D(7), False),
        (7.5, D("7.50"), True),
    ],
)
def test_only_what_means_something_else_is_sent(wanted, now, same):
    assert values.differing({"f": wanted}, {"f": now}) == ({} if same else {"f": wanted})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('O\'Hara \\ "x"\n', "'O\\'Hara \\\\ \\\"x\\\"\\n'"),
        (AT, "2026-11-20T09:30:00.000Z"),
    ],
)
def test_no_value_becomes_a_part_of_a_statement(value, written):
    assert soql.equal("Name", value) == f"Name = {written}"


def test_an_instant_without_a_zone_is_no_value():
    with pytest.raises(ValueError, match="needs a time zone"):
        soql.literal(AT.replace(tzinfo=None))


def test_a_statement_names_each_field_once():
    assert soql.select(["Id", "Name", "Id"], "Account", limit=0) == (
        "SELECT Id, Name FROM Account LIMIT 0"
    )
    assert soql.contains("Name", "50%_'") == "Name LIKE '%50\\%\\_\\'%'"
    day = values.as_day(date(2026, 11, 20))
    assert (day, values.as_day(None), values.as_instant(None)) == ("2026-11-20", None, None)
