"""What is left of words, of errors and of searches for somebody who may not see everything."""

from __future__ import annotations

import attrs
import pytest

from crossdock.errors import (
    AccessDenied,
    CrossdockError,
    FieldError,
    NotSupported,
    PluginFault,
    RemoteRefused,
    SetupError,
)
from crossdock.host.gateway.redaction import redact
from crossdock.host.gateway.searching import explained, is_search
from crossdock.host.gateway.wording import as_readable
from crossdock.ports import Page
from crossdock.records._fields import sensitive

COST = frozenset({"cost"})


@pytest.mark.parametrize(
    ("text", "hidden", "left"),
    [
        ("", {"cost"}, ""),
        ("the cost of 7.10 EUR rose", {"cost"}, "the cost of [hidden] rose"),
        ("over by 7.10 EUR", {"credit"}, "over by [hidden]"),
        ("over by 7.10 EUR", {"margin"}, "over by [hidden]"),
        ("over by 7.10 EUR", {"bank", "personal"}, "over by 7.10 EUR"),
        ("over by 7.10 EUR", set(), "over by 7.10 EUR"),
        ("ask kim@us.example, DE811569869", {"personal"}, "ask [hidden], [hidden]"),
        ("ask kim@us.example", {"bank"}, "ask kim@us.example"),
        ("call +49 170 5550199 by 2026-11-22", {"personal"}, "call [hidden] by 2026-11-22"),
        ("call +49 170 5550199", {"cost", "personal"}, "call [hidden]"),
        ("DE89 3704 0044 0532 0130 00 by 2026-11-22", {"bank"}, "[hidden] by 2026-11-22"),
        ("pay to 1234567890 now", {"bank"}, "pay to [hidden] now"),
        ("pay to 1234567890", {"cost"}, "pay to [hidden]"),
        ("7.10 EUR  of 9", {"cost"}, "[hidden]  of [hidden]"),
        ("3 days for SO-100001, line 2", {"cost"}, "3 days for SO-100001, line 2"),
    ],
)  # fmt: skip
def test_only_what_could_give_something_hidden_away_is_taken_out(text, hidden, left):
    assert redact(text, hidden) == left


def test_a_number_that_is_known_to_be_harmless_stays():
    assert redact("refused: 422 of 500", {"cost"}, keep=("422",)) == "refused: 422 of [hidden]"


def refused(code: str = "", status: int | None = 422, **more) -> RemoteRefused:
    return RemoteRefused("422: over 7.10 EUR", system="main", status=status, code=code, **more)


@pytest.mark.parametrize(
    ("raised", "hidden", "words"),
    [
        (refused(), {"cost"}, "422: over [hidden]"),
        (refused(status=None), {"cost"}, "[hidden]: over [hidden]"),
        (refused(), set(), "422: over 7.10 EUR"),
        # A code that names a sensitivity tells whose figure it is.
        (refused("credit.over_limit"), {"cost"}, "422: over 7.10 EUR"),
        (refused("CREDIT-LIMIT"), {"credit", "cost"}, "422: over [hidden]"),
        (refused("credit_limit"), {"cost", "bank"}, "422: over 7.10 EUR"),
        (refused("order_blocked"), {"cost"}, "422: over [hidden]"),
        # Without a status it is the host that cannot do it.
        (NotSupported("501 at 7.10 EUR"), {"cost"}, "501 at [hidden]"),
        # What Crossdock says itself holds no figure of a system.
        (AccessDenied("needs 7 scopes", scope="x"), {"cost"}, "needs 7 scopes"),
        (SetupError("port 8080"), {"cost"}, "port 8080"),
        (PluginFault("line 7.5", plugin_id="p", point="x"), {"cost"}, "line 7.5"),
        (ValueError("7.10 EUR"), {"cost"}, "7.10 EUR"),
    ],
)  # fmt: skip
def test_the_words_of_an_error_are_those_that_its_reader_may_see(raised, hidden, words):
    readable = as_readable(raised, frozenset(hidden))

    assert str(readable) == words
    assert type(readable) is type(raised)


def test_what_an_error_says_of_fields_is_read_as_its_words_are():
    raised = refused("", fields=(FieldError("lines.0", "below 7.10 EUR"),))
    raised.extra = ("costs 7.10 EUR", 7)

    readable = as_readable(raised, COST)

    assert readable.fields == (FieldError("lines.0", "below [hidden]"),)
    assert readable.extra == ("costs [hidden]", 7)
    assert (readable.system, readable.status, readable.code) == ("main", 422, "")
    assert raised.fields[0].message == "below 7.10 EUR"  # that which is logged on this side
    assert str(raised) == "422: over 7.10 EUR"


def test_whatever_else_an_error_was_made_with_is_not_given_on():
    readable = as_readable(CrossdockError("over 7.10 EUR", "limit 9.00"), COST)

    assert "9.00" not in repr(readable)


def test_an_error_leads_nowhere():
    try:
        try:
            raise KeyError("behind")
        except KeyError as behind:
            raise refused() from behind
    except RemoteRefused as caught:
        readable = as_readable(caught, COST)

    assert (readable.__traceback__, readable.__cause__, readable.__context__) == (None, None, None)


@attrs.frozen
class Person:
    name: str
    phone: str = sensitive("personal", masked="")
    address: dict[str, str] = attrs.field(factory=dict)
    tags: tuple[str, ...] = ()
    number: int = 0


PERSONAL = frozenset({"personal"})


class Remote:
    """Searches what it likes: whatever it is asked, it gives all that it has."""

    def __init__(self, *pages: tuple[Person, ...]) -> None:
        self.pages = pages
        self.asked: list[tuple[str, str | None, int]] = []

    def __call__(self, search, *, after, limit):
        self.asked.append((search, after, limit))
        index = int(after or 0)
        following = str(index + 1) if index + 1 < len(self.pages) else None
        return Page(items=self.pages[index], next=following)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("Müller", ["Müller"]),
        ("muller ULM", ["Müller"]),
        ("bolts", ["Müller"]),
        ("mul xyz", []),
        ("170", []),
        ("ad", ["Adler"]),
        ("l", ["Müller", "Adler"]),
    ],
)
def test_a_hit_counts_if_what_may_be_seen_explains_every_word(search, found):
    remote = Remote(
        (
            Person("Müller", "+49 170", {"city": "Ulm"}, ("bolts",), 170),
            Person("Adler", "+49 170"),
        )
    )

    page = explained(remote, {"search": search}, PERSONAL)

    assert [person.name for person in page.items] == found
    assert page.next is None
    assert remote.asked == [(search, None, 200)]


def test_pages_are_read_until_enough_is_found_or_there_is_no_more():
    pages = tuple((Person(f"Adler {number}"), Person("x")) for number in range(12))

    few, some = Remote(*pages), Remote(*pages[:3])

    assert len(explained(few, {"search": "adler", "limit": 2}, PERSONAL).items) == 2
    assert [after for _, after, _ in few.asked] == [None, "1"]
    assert len(explained(some, {"search": "adler", "limit": "50"}, PERSONAL).items) == 3
    assert [after for _, after, _ in some.asked] == [None, "1", "2"]


@pytest.mark.parametrize(
    ("limit", "given"), [({}, 50), ({"limit": 0}, 1), ({"limit": 1}, 1), ({"limit": 1000}, 200)]
)
def test_a_page_of_hits_is_as_long_as_was_asked_for_within_reason(limit, given):
    remote = Remote(tuple(Person("Adler") for _ in range(201)))

    assert len(explained(remote, {"search": "adler", **limit}, PERSONAL).items) == given


def test_a_search_that_finds_too_little_ends_after_ten_pages():
    remote = Remote(*((Person("x"),) for _ in range(12)))

    assert explained(remote, {"search": "adler"}, PERSONAL).items == ()
    assert len(remote.asked) == 10


@pytest.mark.parametrize(
    ("arguments", "searches"),
    [({}, False), ({"search": ""}, False), ({"search": " "}, False), ({"search": "x"}, True)],
)
def test_a_call_without_words_is_no_search(arguments, searches):
    assert is_search(arguments) is searches
