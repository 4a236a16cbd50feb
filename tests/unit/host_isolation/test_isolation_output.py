"""What a plugin prints goes to the log, and never more than the log can bear."""

from __future__ import annotations

import logging

import pytest

from crossdock.host.isolation.output import Output


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def output(clock, caplog):
    caplog.set_level(logging.INFO)
    return Output(logging.getLogger("crossdock.plugin.x"), logging.INFO, "stdout", 3, clock)


def said(caplog):
    return [record.getMessage() for record in caplog.records]


def test_lines_are_logged_as_they_end(output, caplog):
    output.take(b"first\nsec")
    assert said(caplog) == ["stdout: first"]
    output.take(b"ond\n\xff\n")
    assert said(caplog)[1:] == ["stdout: second", "stdout: \ufffd"]


def test_what_goes_beyond_the_rate_is_counted_and_told_once(output, caplog, clock):
    output.take(b"a\n" * 1000)
    assert said(caplog) == ["stdout: a"] * 3
    clock.now = 1.5
    output.take(b"b\n")
    assert said(caplog)[3:] == [
        "stdout: 997 more lines were dropped; at most 3 a second are logged",
        "stdout: b",
    ]


def test_a_line_without_end_is_cut(output, caplog):
    for _ in range(100):
        output.take(b"x" * 100_000)
    output.end()
    assert [len(each) for each in said(caplog)] == [2_008]


def test_the_last_line_needs_no_newline(output, caplog):
    output.take(b"last")
    output.end()
    assert said(caplog) == ["stdout: last"]
