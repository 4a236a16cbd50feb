"""The hash chain over the audit trail: each line's hash covers the line and the hash before it.

A line that was changed, deleted, inserted or moved breaks the chain at that line. A trail that was
cut off at its end is whole in itself, so the last line's number and hash are kept beside it as the
*head*; who can write to the database can rewrite that too, which shows to anybody who kept an
older head elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, TypeAlias

from attrs import define, field, frozen

#: What stands before the first line.
GENESIS: Final = "0" * 64
#: The action of the line that began the chain over a trail which was older than it.
BEGAN: Final = "audit.chain_began"

BreakKind: TypeAlias = Literal[
    "changed", "deleted", "inserted", "reordered", "truncated", "rewritten"
]


@frozen
class Line:
    """One line as it stands in the database, every column as text."""

    sequence: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    previous_hash: str | None = None
    hash: str | None = None


@frozen
class Head:
    """Number and hash of the last line; number 0 and `GENESIS` where there is none."""

    sequence: int
    hash: str


@frozen(kw_only=True)
class Break:
    """The first place where the trail is not what it was.

    Attributes:
        line: its number.
        text: what happened to it, in a sentence.
    """

    kind: BreakKind
    line: int
    text: str


@frozen(kw_only=True)
class Verification:
    """What came of checking the trail.

    Attributes:
        lines: how many lines were good, up to the first break.
        unchained: how many of them were written before there was a chain; they are covered as a
            whole, from when the chain began.
        head: of the good lines.
        broken: the first break; `None` where the trail is whole.
    """

    lines: int
    unchained: int
    head: Head
    broken: Break | None = None


def hash_of(line: Line, previous: str, *, sequence: int | None = None) -> str:
    """Give the hash of a line that follows a hash: SHA-256 over a JSON array of all columns.

    Args:
        line: the line.
        previous: the hash of the line before.
        sequence: in place of the line's own number.
    """
    canonical = [
        line.sequence if sequence is None else sequence,
        line.at,
        line.actor,
        line.action,
        line.subject,
        line.detail,
        previous,
    ]
    text = json.dumps(canonical, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@define
class Digest:
    """One hash over all lines that were written before there was a chain."""

    lines: int = 0
    _hash: str = field(default=GENESIS, alias="hash")

    def add(self, line: Line) -> None:
        """Take the next line in."""
        self.lines += 1
        self._hash = hash_of(line, self._hash)

    def detail(self) -> str:
        """Write it as the detail of the line that begins the chain."""
        return json.dumps({"digest": self._hash, "lines_before": self.lines}, sort_keys=True)


#: Says whether some line other than the given one claims to follow a hash.
Follows = Callable[[str, int], bool]


def verify(
    lines: Iterable[Line], head: Head | None, *, follows: Follows, kept: str | None = None
) -> Verification:
    """Check a trail.

    Args:
        lines: all lines in the order of their numbers.
        head: what the store keeps as the head; `None` where that record is gone.
        follows: asks the trail for another line that follows a hash.
        kept: the hash of a head that somebody kept elsewhere.
    """
    checker = _Checker(head, follows, kept)
    return checker.verify(iter(lines))


@define
class _Checker:
    _head: Head | None
    _follows: Follows
    _kept: str | None
    _before: Digest = field(factory=Digest)
    _good: int = 0
    _last: Head = field(factory=lambda: Head(0, GENESIS))
    _last_but_one: str | None = None
    _seen_kept: bool = False

    def verify(self, lines: Iterator[Line]) -> Verification:
        broken: Break | None = None
        for line in lines:
            if line.hash is None and self._last.hash == GENESIS:
                self._before.add(line)
                continue
            broken = self._look_at(line)
            if broken is not None:
                break
            assert line.hash is not None
            self._last_but_one = self._last.hash
            self._last = Head(line.sequence, line.hash)
            self._good += 1
            self._seen_kept |= line.hash == self._kept
        broken = broken or self._look_at_the_end()
        return Verification(
            lines=self._good + self._before.lines,
            unchained=self._before.lines,
            head=self._last,
            broken=broken,
        )

    def _look_at(self, line: Line) -> Break | None:
        number = line.sequence
        if line.hash is None:
            text = f"line {number} has no hash: it was put in past the host"
            return Break(kind="inserted", line=number, text=text)
        previous = self._last.hash
        if line.previous_hash == previous and line.hash == hash_of(line, previous):
            if self._last.hash == GENESIS:
                return self._look_at_the_first(line)
            if self._head is not None and number > self._head.sequence:
                text = f"line {number} stands after the head (line {self._head.sequence})"
                return Break(kind="inserted", line=number, text=f"{text}: it was put in")
            return None
        return self._diagnose(line)

    def _look_at_the_first(self, line: Line) -> Break | None:
        if line.action == BEGAN:
            if line.detail == self._before.detail():
                return None
            count = json.loads(line.detail)["lines_before"]
            return Break(
                kind="changed",
                line=1,
                text=f"one of the {count} lines before line {line.sequence} was changed, deleted "
                "or put in since the chain began there; they have no hashes of their own, so "
                "which one cannot be told",
            )
        if self._before.lines:
            text = f"line {line.sequence} begins the chain, and lines without hashes stand before"
            return Break(kind="inserted", line=1, text=text)
        return None if line.sequence == 1 else self._missing(1, line.sequence - 1)

    def _diagnose(self, line: Line) -> Break:
        number, last = line.sequence, self._last
        written_as = number if line.hash == hash_of(line, line.previous_hash or "") else None
        written_as = written_as or self._written_as(line)
        if written_as is None:
            text = f"line {number} was changed: what it says does not fit its hash"
            return Break(kind="changed", line=number, text=text)
        if self._last_but_one is not None and line.previous_hash == self._last_but_one:
            text = f"line {last.sequence} was put in: line {number} follows the line before it"
            return Break(kind="inserted", line=last.sequence, text=text)
        if written_as != number:
            text = f"line {number} holds what was written as line {written_as}"
            return Break(kind="reordered", line=number, text=text)
        if number > last.sequence + 1:
            return self._missing(last.sequence + 1, number - 1)
        if self._follows(last.hash, number):
            text = f"line {number} was put in: it does not follow the line before it"
            return Break(kind="inserted", line=number, text=text)
        text = f"line {number} was written anew: it does not follow the line before it"
        return Break(kind="rewritten", line=number, text=text)

    def _written_as(self, line: Line) -> int | None:
        """Find the number under which a line fits its hash."""
        most = max(self._head.sequence if self._head else 0, line.sequence) + 1
        previous = line.previous_hash or ""
        return next(
            (n for n in range(1, most) if hash_of(line, previous, sequence=n) == line.hash), None
        )

    def _missing(self, first: int, last: int) -> Break:
        which = f"line {first} is" if first == last else f"lines {first} to {last} are"
        return Break(kind="deleted", line=first, text=f"{which} missing")

    def _look_at_the_end(self) -> Break | None:
        head, last = self._head, self._last
        if head is None:
            return Break(
                kind="rewritten",
                line=last.sequence,
                text="the record of the head is gone, so whether the end is missing is not known",
            )
        if last.hash == GENESIS and head.hash != GENESIS and self._before.lines:
            text = f"the chain is gone: its head was line {head.sequence}"
            return Break(kind="truncated", line=head.sequence, text=text)
        if last.hash != GENESIS or head.hash != GENESIS:
            if last.sequence < head.sequence:
                first = last.sequence + 1
                which = (
                    f"line {first} is"
                    if first == head.sequence
                    else f"lines {first} to {head.sequence} are"
                )
                text = f"the end was cut off: {which} missing"
                return Break(kind="truncated", line=first, text=text)
            if last.hash != head.hash:
                text = f"line {last.sequence} is not what the record of the head says"
                return Break(kind="rewritten", line=last.sequence, text=text)
        if self._kept is not None and not self._seen_kept:
            return Break(
                kind="rewritten",
                line=last.sequence,
                text="no line has the hash that you kept: the trail was written anew, or cut off "
                "before that line",
            )
        return None
