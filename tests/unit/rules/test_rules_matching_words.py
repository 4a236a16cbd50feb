"""How far two names say the same, word by word."""

from __future__ import annotations

import pytest

from crossdock.rules.matching.words import (
    Names,
    compare_names,
    loose_likeness,
    name_words,
    resemble,
    word_credit,
)


@pytest.mark.parametrize(
    ("one", "other", "credit"),
    [
        ("kohler", "kohler", 100),
        # A mistake in four letters, two in eight, three in twelve.
        ("nord", "nard", 75),
        ("kohler", "mohler", 83),
        ("kohler", "mohlre", 0),
        ("nordsued", "nardsuid", 75),
        ("nordhaf", "nurdhuf", 0),
        ("maschinenbauer", "maschimembauar", 79),
        ("bau", "gau", 0),
        ("1234", "1235", 0),
        ("1234", "12345", 0),
        # Short forms: the beginning, or the first, some and the last letters.
        ("masch", "maschinenbau", 80),
        ("mbu", "maschinenbau", 80),
        ("msb", "maschinenbau", 0),
        ("xau", "maschinenbau", 0),
        ("mxu", "maschinenbau", 0),
        ("ma", "maschinenbau", 0),
        ("bau", "bauen", 80),
        ("m", "mann", 80),
        ("m", "mar", 0),
        ("x", "mann", 0),
    ],
)
def test_words_may_be_the_same_with_mistakes_or_shortened(one, other, credit):
    assert round(100 * word_credit(one, other)) == credit
    assert word_credit(other, one) == word_credit(one, other)


@pytest.mark.parametrize(
    ("one", "other", "likeness", "only"),
    [
        ("hafen nord", "nord hafen", 100, ("", "")),
        ("nord hafen", "nordhafen", 100, ("", "")),
        ("a b c", "abc", 100, ("", "")),
        ("", "nord", 0, ("", "nord")),
        ("huber huber", "huber", 50, ("huber", "")),
        ("mohler kohler", "kohler", 50, ("mohler", "")),
        ("huber schlosser", "schlossar huber", 94, ("", "")),
        # Two neighbours that are one word on the other side.
        ("masch bau nord", "nord maschinenbau", 90, ("", "")),
        ("nord hafen gold berg west", "nordhafen goldberg west", 100, ("", "")),
        ("nord hafen x", "nordhafen", 33, ("x", "")),
        ("kurt nord hafen", "nordhaven", 30, ("kurt", "")),
        ("sued kurt nord hafen west", "nordhafen", 20, ("sued kurt west", "")),
        ("nordsued hafen", "nordsuedhafn", 92, ("", "")),
        ("nord hafem", "nordhafen", 89, ("", "")),
        ("nord hafena", "nordhafen", 40, ("hafena", "")),
        ("west nord", "northwest", 0, ("west nord", "northwest")),
        ("masch bauer", "maschinenbaue", 40, ("bauer", "")),
        # The first letters of two to four neighbours.
        ("bmw", "bayerische motoren werke", 80, ("", "")),
        ("ab nord", "alpha beta nord", 90, ("", "")),
        ("gold ab", "gold alpha beta silber", 45, ("", "silber")),
        ("abcd", "alpha beta carbon delta", 80, ("", "")),
        ("abcde", "alpha beta carbon delta eos", 0, ("abcde", "alpha beta carbon delta eos")),
        ("gold xab", "gold alpha beta silber", 25, ("xab", "alpha beta silber")),
    ],
)
def test_each_word_has_its_counterpart_or_tells_two_companies_apart(one, other, likeness, only):
    first, second = tuple(one.split()), tuple(other.split())
    ones, others = (tuple(each.split()) for each in only)

    names = compare_names(first, second)
    assert (round(names.likeness), names.first_only, names.second_only) == (likeness, ones, others)
    assert round(compare_names(second, first).likeness) == likeness


def test_of_two_words_that_may_be_it_the_one_that_is_more_alike_is_taken():
    names = compare_names(("brenner",), ("brennereibetrieb", "brenners"))

    assert (names.likeness, names.second_only) == (43.75, ("brennereibetrieb",))


def test_names_that_have_nothing_to_compare_are_not_alike():
    assert compare_names((), ()) == Names(0.0, (), ())
    assert compare_names(("nord",), ()) == Names(0.0, ("nord",), ())
    assert loose_likeness("", "") == loose_likeness("nord", "") == loose_likeness("", "nord") == 0


def test_a_desk_in_the_house_is_no_part_of_a_name_unless_it_is_all_of_it():
    assert name_words(("nordhafen", "abt", "einkauf")) == ("nordhafen",)
    assert name_words(("service", "office")) == ("service", "office")


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        ("schlosserei", "schrainerei", True),
        ("baumarkt", "baumaschinen", True),
        ("abcd", "abcxyzq", True),
        ("abc", "abcxyzq", False),
        ("kohlerei", "mohlerin", True),
        ("huber", "nubel", True),
        ("huber", "nudel", False),
        ("logistik", "stahlbau", False),
    ],
)
def test_words_with_more_mistakes_may_still_be_the_same(one, other, may_be):
    assert resemble(one, other) is resemble(other, one) is may_be


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("nord hafen", "hafen nord", 100),
        ("nord hafen", "nordhafen", 100),
        ("nord", "nord hafen gold", 88),
        ("kohler", "mohler", 83),
    ],
)
def test_names_are_alike_in_another_order_and_less_where_one_says_more(one, other, likeness):
    assert round(loose_likeness(one, other)) == likeness
