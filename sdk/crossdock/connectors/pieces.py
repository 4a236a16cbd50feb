"""Long lists in pieces: one condition of a query holds only so many values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def in_pieces(values: Iterable[str], most: int) -> Iterator[list[str]]:
    """Give distinct values, in their order, at most so many at a time."""
    distinct = list(dict.fromkeys(values))
    for at in range(0, len(distinct), most):
        yield distinct[at : at + most]
