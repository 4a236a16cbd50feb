"""What seeding reads: a data set, by the few things that it needs of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Protocol


class Rule(Protocol):
    """How something that the source did not have was filled in."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def applies_to(self) -> str:
        """The record kind or column."""

    @property
    def text(self) -> str:
        """The rule in a sentence."""


class Source(Protocol):
    """A data set (see `crossdock_mocks.datasets`)."""

    @property
    def company(self) -> str:
        """Name of the company that sells."""

    @property
    def country(self) -> str:
        """Its country, or blank."""

    @property
    def currency(self) -> str:
        """Its currency."""

    @property
    def as_of(self) -> date:
        """The day on which the data stand."""

    @property
    def rounding(self) -> str:
        """Tax by line or by document."""

    @property
    def rules(self) -> Sequence[Rule]:
        """How missing things were filled in."""

    def rows(self, kind: str) -> Iterator[dict[str, Any]]:
        """The rows of a record kind, each with all columns, typed; none where there is no file."""


def day(value: date | None) -> str | None:
    """A date as it is kept."""
    return None if value is None else value.isoformat()


def begun(value: date) -> str:
    """The instant at which a document of a day came to be, as far as the data set tells."""
    return f"{value.isoformat()}T00:00:00Z"
