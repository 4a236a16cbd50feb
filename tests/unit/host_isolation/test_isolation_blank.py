"""A process that was started ahead serves the next plugin that is started, whichever it is."""

from __future__ import annotations

import logging
import threading

import pytest
from attrs import evolve

from crossdock.host.isolation.blank import Blank, one_ahead, take_blank
from crossdock.host.isolation.settings import IsolationSettings

SETTINGS = IsolationSettings()
LOG = logging.getLogger("crossdock.plugin.x")


@pytest.fixture
def closed():
    """Blanks that the test opened."""
    opened: list[Blank] = []
    yield opened.append
    for each in opened:
        each.close()
        assert each.spawned.over.wait(10)


def test_what_waits_is_taken_once_and_only_by_who_would_start_the_same(closed):
    with one_ahead(SETTINGS) as prepare:
        first = take_blank(SETTINGS)
        closed(first)
        second = take_blank(SETTINGS)
        closed(second)
        assert first.spawned.pid != second.spawned.pid
        prepare()
        other = take_blank(evolve(SETTINGS, frame_mb=1))
        closed(other)
        assert not other.fits(SETTINGS)
        prepare()
        prepare()  # the one before is let go
        left = take_blank(SETTINGS)
        closed(left)
        assert left.fits(SETTINGS)
        prepare()


def test_who_takes_one_that_died_hears_of_it_and_nobody_gets_it_who_asks_later(closed):
    with one_ahead(SETTINGS):
        blank = take_blank(SETTINGS)
        closed(blank)
        blank.spawned.kill()
        assert blank.spawned.over.wait(10)
        assert not blank.fits(SETTINGS)
        heard = threading.Event()
        blank.belongs_to(LOG, heard.set)
        assert heard.wait(10)
