"""Conditions made at random, in SOQL and as a Python function side by side, find the same."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies as st

TEXTS = {
    "Name": ["Acme", "ac", "müller gmbh", "Zeta", "o'brien", "50% Off Ltd", "nobody", "A"],
    "City": ["Leeds", "YORK", "Rome"],
    "Industry": ["Energy", "retail"],
}
NUMBERS = {"Employees": [0, 13, 26, 50, 89], "Revenue": [0, 1234.56, 20000, -1]}
WAYS = ["", "Parent.", "Parent.Parent."]


def reach(way, field):
    def value(account):
        for part in [each for each in way.split(".") if each]:
            account = getattr(account, part)
        return getattr(account, field)

    return value


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fold(value):
    return value.casefold() if isinstance(value, str) else value


COMPARE = {
    "=": lambda one, other: one is not None and one == other,
    "!=": lambda one, other: one is None or one != other,
    "<": lambda one, other: one is not None and one < other,
    "<=": lambda one, other: one is not None and one <= other,
    ">": lambda one, other: one is not None and one > other,
    ">=": lambda one, other: one is not None and one >= other,
}


@st.composite
def comparisons(draw):
    kinds = TEXTS if draw(st.booleans()) else NUMBERS
    field = draw(st.sampled_from(sorted(kinds)))
    way = draw(st.sampled_from(WAYS))
    get = reach(way, field)
    listed = kinds[field]
    shape = draw(st.sampled_from(["compare", "compare", "null", "in", "like"]))
    words = quoted if kinds is TEXTS else str
    if shape == "null":
        empty = draw(st.booleans())
        return (
            f"{way}{field} {'=' if empty else '!='} null",
            lambda a: (get(a) is None) == empty,
        )
    if shape == "in":
        chosen = draw(st.lists(st.sampled_from(listed), min_size=1, max_size=4))
        inside = draw(st.booleans())
        return (
            f"{way}{field} {'' if inside else 'NOT '}IN ({', '.join(map(words, chosen))})",
            lambda a: (fold(get(a)) in [fold(each) for each in chosen]) == inside,
        )
    value = draw(st.sampled_from(listed))
    if shape == "like" and kinds is TEXTS:
        cut = draw(st.integers(0, len(value)))
        part = value[:cut]
        escaped = quoted(part)[1:-1].replace("%", "\\%").replace("_", "\\_")
        return (
            f"{way}{field} LIKE '{escaped}%'",
            lambda a: get(a) is not None and fold(get(a)).startswith(fold(part)),
        )
    operator = draw(st.sampled_from(sorted(COMPARE)))
    return (
        f"{way}{field} {operator} {words(value)}",
        lambda a: COMPARE[operator](fold(get(a)), fold(value)),
    )


def combined(inner):
    def join(word, parts):
        test = all if word == "AND" else any
        return (
            f"({f' {word} '.join(soql for soql, _ in parts)})",
            lambda a: test(holds(a) for _, holds in parts),
        )

    return st.one_of(
        st.builds(join, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3)),
        inner.map(lambda pair: (f"(NOT {pair[0]})", lambda a: not pair[1](a))),
    )


CONDITIONS = st.recursive(comparisons(), combined, max_leaves=6)


def check(org, examples, *, derandomize):
    tally = []

    @hypothesis.settings(
        max_examples=examples,
        derandomize=derandomize,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(CONDITIONS)
    def agree(pair):
        soql, holds = pair
        expected = [each.Id for each in org.objects.Account if holds(each)]
        assert org.ids(f"SELECT Id FROM Account WHERE {soql} ORDER BY Id") == expected
        tally.append(len(expected))

    agree()
    return tally


def test_random_conditions_find_what_plain_python_finds(org):
    tally = check(org, 150, derandomize=True)
    assert len(set(tally)) > 5


@pytest.mark.full
def test_very_many_random_conditions_find_what_plain_python_finds(org):
    check(org, 20_000, derandomize=False)
