"""Queries of SData against plain Python, over records and conditions that nobody chose.

Conditions are trees that write themselves as SData and evaluate themselves in Python, with three
truths: what is empty compares with nothing, and `not` leaves that so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock_mocks.engine import App, World

_NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_WORDS = ["", "Acme", "acme", "O'Brien", 'Say "Hi"', "50% Off", "under_score", "Müller", "[a]", "*"]


def _rows(size: int = 60) -> list[dict[str, Any]]:
    return [
        {
            "Name": f"{_WORDS[n % len(_WORDS)]} {n * 7 % 13}".strip(),
            "City": None if n % 5 == 0 else _WORDS[n * 3 % len(_WORDS)] or None,
            "Size": None if n % 7 == 0 else n % 9 - 4,
            "Worth": None if n % 4 == 0 else n * 1.25,
            "Active": n % 3 != 0,
            "Since": None if n % 6 == 0 else _NOW - timedelta(days=n * 11, hours=n),
        }
        for n in range(size)
    ]


@pytest.fixture(scope="module")
def firms(app: App) -> World:
    return app.open_world(_rows(), now=_NOW)


@pytest.fixture(scope="module")
def ask(firms: World, client_of: Callable[[World], httpx.Client]) -> Callable[..., dict[str, Any]]:
    client = client_of(firms)

    def get(**params: Any) -> dict[str, Any]:
        answer = client.get("/firms", params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return get


# Conditions as trees


@attrs.frozen
class Condition:
    """A condition: what SData writes, and what it comes to for a row (`None`: not known)."""

    text: str
    holds: Callable[[dict[str, Any]], bool | None]


def _quoted(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime):
        return f"@{value.isoformat()}@"
    return str(value).lower() if isinstance(value, bool) else str(value)


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
}  # fmt: skip


def _compared(name: str, operator: str, value: Any) -> Condition:
    test = _TESTS[operator]
    return Condition(
        f"{name} {operator} {_quoted(value)}",
        lambda row: None if row[name] is None else test(row[name], value),
    )


def _empty(name: str, word: str) -> Condition:
    return Condition(f"{name} {word} null", lambda row: (row[name] is None) == (word == "eq"))


def _among(name: str, values: list[Any]) -> Condition:
    listed = ", ".join(_quoted(each) for each in values)
    return Condition(
        f"{name} in ({listed})", lambda row: None if row[name] is None else row[name] in values
    )


def _between(name: str, low: Any, high: Any) -> Condition:
    return Condition(
        f"{name} between {_quoted(low)} and {_quoted(high)}",
        lambda row: None if row[name] is None else low <= row[name] <= high,
    )


def _like(name: str, start: str) -> Condition:
    return Condition(
        f"{name} like {_quoted(start + '%')}",
        lambda row: None if row[name] is None else row[name].startswith(start),
    )


def _sum(name: str, added: int, operator: str, value: int) -> Condition:
    test = _TESTS[operator]
    return Condition(
        f"{name} + {added} {operator} {value} mul 2",
        lambda row: None if row[name] is None else test(row[name] + added, value * 2),
    )


def _negated(given_one: Condition) -> Condition:
    def holds(row: dict[str, Any]) -> bool | None:
        found = given_one.holds(row)
        return None if found is None else not found

    return Condition(f"not ({given_one.text})", holds)


def _both(parts: list[Condition], word: str) -> Condition:
    def holds(row: dict[str, Any]) -> bool | None:
        found = [each.holds(row) for each in parts]
        decided = word == "or"
        if decided in found:
            return decided
        return None if None in found else not decided

    return Condition("(" + f" {word} ".join(each.text for each in parts) + ")", holds)


_operators = st.sampled_from(list(_TESTS))
_texts = st.sampled_from([each for each in _WORDS if each]) | st.text("aMü'\"%_ 5", min_size=1)
_starts = st.sampled_from(["A", "a", "O'", "50", "M", "Say", "["])
_numbers = st.integers(-6, 6)
_amounts = st.sampled_from([0, 1.25, 10, 12.5, 40])
_days = st.integers(0, 700).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n))
_leaves = st.one_of(
    st.builds(_compared, st.sampled_from(["Name", "City"]), _operators, _texts),
    st.builds(_compared, st.just("Size"), _operators, _numbers.filter(lambda n: n >= 0)),
    st.builds(_compared, st.just("Worth"), _operators, _amounts),
    st.builds(_compared, st.just("Since"), _operators, _days),
    st.builds(_compared, st.just("Active"), st.sampled_from(["eq", "ne"]), st.booleans()),
    st.builds(_empty, st.sampled_from(["City", "Size", "Worth", "Since"]),
              st.sampled_from(["eq", "ne"])),
    st.builds(_among, st.sampled_from(["Name", "City"]), st.lists(_texts, min_size=1, max_size=4)),
    st.builds(_between, st.just("Since"), _days, _days),
    st.builds(_like, st.sampled_from(["Name", "City"]), _starts),
    st.builds(_sum, st.sampled_from(["Size", "Worth"]), st.integers(0, 9), _operators,
              st.integers(0, 20)),
)  # fmt: skip
_conditions = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(_negated, inner),
        st.builds(_both, st.lists(inner, min_size=2, max_size=3), st.sampled_from(["and", "or"])),
    ),
    max_leaves=6,
)


def _plain(firms: World) -> list[dict[str, Any]]:
    rows = firms.table("sdata_firms").find()
    for row in rows:
        row["Since"] = row["Since"] and datetime.fromisoformat(row["Since"])
    return rows


def _check(firms: World, ask: Callable[..., dict[str, Any]], condition: Condition) -> None:
    rows = _plain(firms)
    found = ask(where=condition.text, count=50, select="Name")
    keys = [each["$key"] for each in found["$resources"]]
    if "$next" in found:
        rest = ask(where=condition.text, count=50, startIndex=51, select="Name")
        keys += [each["$key"] for each in rest["$resources"]]
    assert keys == [row["key"] for row in rows if condition.holds(row) is True]
    assert found["$totalResults"] == len(keys)


@settings(max_examples=70, deadline=None)
@given(condition=_conditions)
def test_any_condition_finds_what_plain_python_finds(
    firms: World, ask: Callable[..., dict[str, Any]], condition: Condition
) -> None:
    _check(firms, ask, condition)


@pytest.mark.full
@settings(max_examples=2000, deadline=None)
@given(condition=_conditions)
def test_any_of_many_more_conditions_finds_what_plain_python_finds(
    firms: World, ask: Callable[..., dict[str, Any]], condition: Condition
) -> None:
    _check(firms, ask, condition)


@settings(max_examples=40, deadline=None)
@given(
    text=st.text("AName eq'\"@()%,.-+*12 notandorlike_$\x00ü", max_size=40)
    | st.lists(
        st.sampled_from(["Name", "eq", "'a'", "(", ")", "and", "not", "Size", "1", "in", ",",
                         "between", "left", "@2026-01-01@", "Parent.Name", "null", "-", "like"]),
        max_size=9,
    ).map(" ".join)
)  # fmt: skip
def test_no_text_is_answered_with_anything_but_rows_or_a_diagnosis(
    firms: World, client_of: Callable[[World], httpx.Client], text: str
) -> None:
    answer = client_of(firms).get("/firms", params={"where": text})
    if answer.status_code != 200:
        assert answer.status_code == 400, answer.text
        assert [each["sdataCode"] for each in answer.json()] == ["BadWhereSyntax"]
    # What is not understood is never answered with everything.
    elif answer.json()["$totalResults"] == 60:
        assert not text.strip() or any(word in text for word in ("eq", "not", "in", "like"))


def test_a_condition_that_is_too_much_is_refused_and_never_breaks_the_mock(
    firms: World, client_of: Callable[[World], httpx.Client]
) -> None:
    client = client_of(firms)
    for where, status in (
        ("(" * 3900 + "1 eq 1" + ")" * 3900, 200),
        ("Id in (" + ",".join(["'x'"] * 1500) + ")", 200),
        ("1" + "+1" * 3900 + " eq 2", 400), ("-" * 3000 + "1 eq 1", 400),
        ("1 eq 1" + " or 1 eq 1" * 150, 200), ("1 eq 1" + " or 1 eq 1" * 700, 400),
        ("not " * 1500 + "Active", 400), ("a" * 8001, 400), ("pow(10, 400) gt 1", 200),
        ("char(-5) eq 'x'", 200), ("dateAdd(@2020-01-01@, 99999999999999) gt Since", 200),
        ("'" + "a" * 100 + "' like '" + "%a" * 100 + "'", 200),
    ):  # fmt: skip
        assert client.get("/firms", params={"where": where}).status_code == status, where[:40]


@settings(max_examples=15, deadline=None)
@given(
    size=st.integers(1, 60),
    order=st.lists(
        st.tuples(st.sampled_from(["Name", "City", "Size", "Worth", "Active", "Since"]),
                  st.booleans()),
        max_size=3, unique_by=lambda each: each[0],
    ),
)  # fmt: skip
def test_pages_cover_each_entry_once_in_the_order_asked_for(
    firms: World, client_of: Callable[[World], httpx.Client], size: int,
    order: list[tuple[str, bool]],
) -> None:  # fmt: skip
    client = client_of(firms)
    rows = _plain(firms)
    # A later key first, as Python's sort keeps what was before, in reverse, too.
    for name, descending in reversed(order):
        rows.sort(key=lambda row: (row[name] is not None, _sortable(row[name])), reverse=descending)
    words = ", ".join(f"{name} {'desc' if descending else 'asc'}" for name, descending in order)
    url = "/firms"
    params: dict[str, Any] | None = {"count": size, "select": "Name", "orderby": words}
    keys: list[str] = []
    pages = 0
    while url:
        page = client.get(url, params=params).json()
        keys += [each["$key"] for each in page["$resources"]]
        assert page["$totalResults"] == 60
        assert page["$itemsPerPage"] == min(size, 50)
        assert page["$startIndex"] == pages * min(size, 50) + 1
        pages += 1
        url, params = page.get("$next", ""), None
        assert ("$previous" in page) == (pages > 1)
        client.params = httpx.QueryParams()
    assert keys == [row["key"] for row in rows]


@settings(max_examples=15, deadline=None)
@given(
    names=st.lists(
        st.sampled_from(["Name", "city", "SIZE", "Worth", "Active", "Parent", "Deals", "Made"]),
        min_size=1, max_size=5,
    ),
    include=st.sampled_from(["", "Parent", "$children"]),
)  # fmt: skip
def test_what_is_selected_is_shown_and_nothing_else(
    ask: Callable[..., dict[str, Any]], names: list[str], include: str
) -> None:
    wanted = {each.title() for each in names}
    page = ask(select=",".join(names), include=include, count=3, orderby="Name desc")
    whole = ask(count=3, orderby="Name desc")
    for entry, full in zip(page["$resources"], whole["$resources"], strict=True):
        shown = {name: value for name, value in entry.items() if not name.startswith("$")}
        assert shown == {name: full[name] for name in wanted}
        assert {"$key", "$url", "$etag", "$descriptor", "$updated"} <= set(entry)


def _sortable(value: Any) -> Any:
    if value is None:
        return 0
    return value.timestamp() if isinstance(value, datetime) else value


def test_the_specification_s_own_examples_of_priorities(
    ask: Callable[..., dict[str, Any]],
) -> None:
    """Sage, SData 2.0, 2.12 Query Language: operators, functions on John Doe."""
    for where, holds in (
        ("2 mul 5 + 3 mul 2 eq 16", True),
        ("2 mul (5 + 3) mul 2 eq 32", True),
        ("1 eq 1 or 1 eq 2 and 1 eq 3", True),
        ("(1 eq 1 or 1 eq 2) and 1 eq 3", False),
        ("concat('John', ' ', 'Doe') eq 'John Doe'", True),
        ("left('John', 1) eq 'J' and right('John', 3) eq 'ohn'", True),
        ("substring('John', 3, 2) eq 'hn' and locate('oh', 'John') eq 2", True),
        ("lower('John') eq 'john' and upper('John') eq 'JOHN'", True),
        ("replace('John', 'oh', 'ea') eq 'Jean' and length('John') eq 4", True),
        ("lpad('John', 6, '*') eq '**John' and rpad('John', 6, '*') eq 'John**'", True),
        ("trim('  hello  world  ') eq 'hello  world'", True),
        ("ascii('John') eq 74 and char(74) eq 'J'", True),
        ("abs(-3) eq 3 and sign(-3) eq -1", True),
        ("round(2.576, 2) eq 2.58 and trunc(2.576, 2) eq 2.57", True),
        ("floor(2.576) eq 2 and ceil(2.576) eq 3 and pow(5, 3) eq 125", True),
        ("floor(-2.5) eq -3 and ceil(-2.5) eq -2 and trunc(-2.5) eq -2", True),
        ("left('John', 9) eq 'John' and right('John', 9) eq 'John'", True),
        ("year(@2008-05-21@) eq 2008 and tzHour(@2008-05-21@) eq 0", True),
        ("dateAdd(@2008-05-21@, 5) eq @2008-05-26@", True),
        ("dateSub(@2008-03-01@, 1) eq @2008-02-29@", True),
        ("timestampAdd(@2008-05-21T00:00:00Z@, 5000) eq @2008-05-21T00:00:05Z@", True),
        ("millisecond(@2008-05-21T00:00:00.125Z@) eq 125", True),
        ("currentDate() eq @2026-11-20@ and currentTimestamp() gt currentDate()", True),
        ("5 mod 3 eq 2 and -5 mod 3 eq -2 and 5.5 mod 2 eq 1.5", True),
        ("7 div 2 eq 3.5", True),
    ):
        assert ask(where=where)["$totalResults"] == (60 if holds else 0), where


def test_parameters_that_cannot_be_are_refused_and_unknown_ones_passed_over(
    firms: World, client_of: Callable[[World], httpx.Client]
) -> None:
    client = client_of(firms)
    for params in (
        {"count": -1}, {"count": "many"}, {"startIndex": 0}, {"precedence": -1},
        {"orderby": "Nam"}, {"orderby": "Name up"}, {"orderby": "Name asc desc"},
        {"orderby": "Deals"}, {"select": "Nam"}, {"select": "Name/First"}, {"select": "a//b"},
        {"include": "Name"}, {"include": "Nobody"},
    ):  # fmt: skip
        answer = client.get("/firms", params=params)
        assert answer.status_code == 400, (params, answer.text)
        assert {each["sdataCode"] for each in answer.json()} == {"BadQueryParameter"}
    fine = client.get("/firms", params={
        "language": "en-GB", "_t": "1", "count": 1, "include": "$permissions",
    })  # fmt: skip
    assert fine.status_code == 200
    empty = client.get("/firms", params={"count": 0}).json()
    assert (empty["$totalResults"], empty["$resources"], "$next" in empty) == (60, [], False)
    most = client.get("/firms", params={"count": 999}).json()
    assert (most["$itemsPerPage"], len(most["$resources"])) == (50, 50)
    beyond = client.get("/firms", params={"startIndex": 999}).json()
    assert (beyond["$resources"], "$next" in beyond) == ([], False)
