"""How a worker says what it does."""

from __future__ import annotations

from typing import Any, Protocol


class Report(Protocol):
    """Takes one piece of news from a worker; may be called from any thread."""

    def __call__(self, kind: str, text: str, **detail: Any) -> None:
        """Take it.

        Args:
            kind: a stable word for programs: `ready`, `delivered`, `waiting`, `held`, `dead`,
                `took_over`, `feed_away`, `feed_back`, `feed_blocked`, `feed_none`, `published`,
                `stopping`, `stopped`, `trouble`.
            text: one line for a person.
            **detail: plain data for programs.
        """


def say_nothing(kind: str, text: str, **detail: Any) -> None:
    """Take no notice."""
