"""A feed in trouble says so once, is waited for longer each time, and says when it is back."""

from __future__ import annotations

import threading

import pytest

from crossdock.errors import (
    NotSupported,
    RemoteMisbehaved,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.host.deliveries.polling import Poller

_NEVER = threading.Event()


class Scripted(Poller):
    """A feed whose pages are what a test says: whether there is more, or what is raised."""

    def __init__(self, system="main"):
        super().__init__(
            system, lambda kind, text, **detail: self.news.append((kind, text, detail))
        )
        self.news = []
        self.pages = []

    def read_page(self):
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page

    def reads(self, *pages, stop=_NEVER):
        """Read these pages; gives the seconds to wait, to a tenth."""
        self.pages = list(pages)
        seconds = self.read(stop)
        return seconds if seconds is None else round(seconds, 1)

    def told(self):
        news, self.news[:] = list(self.news), []
        return news


@pytest.fixture
def feed():
    return Scripted()


def _away(said="main does not answer", **more):
    return RemoteUnavailable(said, system="main", **more)


def test_a_feed_is_read_to_its_end_or_to_the_page_after_which_it_is_asked_to_stop(feed):
    assert feed.reads(True, True, False, True) is None
    assert feed.pages == [True]
    stop = threading.Event()
    stop.set()
    assert feed.reads(True, True, stop=stop) is None
    assert feed.pages == [True]
    assert feed.told() == []


def test_a_system_that_is_away_is_told_of_once_and_waited_for_longer_each_time(feed):
    waits = [feed.reads(_away()) for _ in range(4)]

    # The jitter is the system's own, so that ERPs do not come back together.
    assert waits == [0.9, 1.8, 4.7, 7.1]
    assert [Scripted(name).reads(_away()) for name in ("crm", "uk")] == [1.0, 0.9]
    assert feed.told() == [
        (
            "feed_away",
            "feed main is away, trying on: main does not answer",
            {
                "system": "main", "failure": "transient", "cause": "main does not answer",
                "expected": True, "traceback": "",
            },
        )
    ]  # fmt: skip
    assert feed.reads(_away("main is restarting")) > waits[-1]
    assert [text for _, text, _ in feed.told()] == [
        "feed main is away, trying on: main is restarting"
    ]


def test_a_system_that_asks_for_more_patience_is_given_it(feed):
    assert feed.reads(_away(retry_after=120.0)) == 120.0


def test_one_that_answers_again_is_told_of_once_and_has_its_next_trouble_counted_afresh(feed):
    first = feed.reads(_away())
    feed.reads(_away())
    feed.told()

    assert feed.reads(True, False) is None
    assert feed.reads(False) is None

    assert feed.told() == [("feed_back", "feed main answers again", {"system": "main"})]
    assert feed.reads(_away()) == first
    assert [kind for kind, _, _ in feed.told()] == ["feed_away"]


@pytest.mark.parametrize(
    ("error", "failure", "expected"),
    [
        (RemoteUnauthorized("the key is refused", system="main"), "authorization", True),
        (RemoteMisbehaved("no currency", system="main"), "bug", True),
        (ZeroDivisionError("by nought"), "bug", False),
    ],
)  # fmt: skip
def test_a_feed_that_cannot_be_read_is_told_with_whose_matter_it_is(feed, error, failure, expected):
    assert feed.reads(error) > 0

    ((kind, text, detail),) = feed.told()
    assert kind == "feed_blocked"
    assert text == f"feed main cannot be read, trying on: {detail['cause']}"
    assert str(error) in detail["cause"]
    assert (detail["system"], detail["failure"], detail["expected"]) == ("main", failure, expected)
    assert ("Traceback" in detail["traceback"]) == (failure == "bug")


def test_a_system_that_tells_no_changes_is_asked_again_in_an_hour(feed):
    assert feed.reads(NotSupported("it keeps no log")) == 3600.0

    assert feed.told() == [
        (
            "feed_none",
            "feed main: there is none, so changes in it are seen only by who looks: it keeps no "
            "log",
            {"system": "main", "cause": "it keeps no log", "expected": True},
        )
    ]
    assert feed.reads(NotSupported("it keeps no log")) == 3600.0
    assert feed.told() == []
    assert feed.reads(False) is None
    assert [kind for kind, _, _ in feed.told()] == ["feed_back"]
