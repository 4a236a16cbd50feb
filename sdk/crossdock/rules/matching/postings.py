"""Which records have a key: a hundred thousand records with two dozen keys each, in little room.

A key is kept as 40 bits of its hash and a record as a number of 24 bits, both in one 64-bit number
of a sorted array: 8 bytes for each key of each record. Two keys whose hashes are the same only
cost a comparison that comes to nothing. What was added last waits in small dicts; they are sorted
in, shard by shard, when they are full.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

MOST_RECORDS: Final = 1 << 24
_SHARDS: Final = 64
_WAITING: Final = 4_096


class Postings:
    """Records by key."""

    def __init__(self) -> None:
        self._sorted = [array("Q") for _ in range(_SHARDS)]
        self._waiting: list[dict[int, list[int]]] = [{} for _ in range(_SHARDS)]
        self._count = [0] * _SHARDS

    def add(self, key: str, place: int) -> None:
        """Note that a record has a key."""
        code = _code(key)
        shard = code % _SHARDS
        self._waiting[shard].setdefault(code, []).append(place)
        self._count[shard] += 1
        if self._count[shard] >= _WAITING:
            self._sort_in(shard)

    def places(self, key: str, most: int) -> list[int] | None:
        """Give the records that have a key; `None` where more than `most` have it."""
        ordered, span, waiting = self._of(key)
        if len(span) + len(waiting) > most:
            return None
        return [ordered[at] % MOST_RECORDS for at in span] + list(waiting)

    def count(self, key: str) -> int:
        """Count the records that have a key."""
        _, span, waiting = self._of(key)
        return len(span) + len(waiting)

    def _of(self, key: str) -> tuple[array[int], range, Sequence[int]]:
        """Give where a key stands in which sorted array, and which of its records wait."""
        code = _code(key)
        shard = code % _SHARDS
        ordered = self._sorted[shard]
        first = bisect_left(ordered, code << 24)
        last = bisect_left(ordered, (code + 1) << 24, first)
        return ordered, range(first, last), self._waiting[shard].get(code, ())

    def _sort_in(self, shard: int) -> None:
        fresh = [
            code << 24 | place for code, places in self._waiting[shard].items() for place in places
        ]
        self._sorted[shard] = array("Q", sorted([*self._sorted[shard], *fresh]))
        self._waiting[shard] = {}
        self._count[shard] = 0


def _code(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=5).digest(), "big")
