"""Text that matches a regular expression, of the kind that documents use."""

from __future__ import annotations

import random
import re
import string
from typing import final

_CLASSES = {
    "d": string.digits,
    "w": string.ascii_letters + string.digits + "_",
    "s": " ",
    "D": string.ascii_lowercase,
    "W": "-",
    "S": string.ascii_lowercase + string.digits,
}
_ANY = string.ascii_lowercase + string.digits
_PRINTABLE = string.ascii_letters + string.digits + " -_.,:/"
_MOST = 6


class NotUnderstood(ValueError):  # noqa: N818 - says what happened
    """The expression uses what is not known here."""


def matching(pattern: str, rng: random.Random) -> str | None:
    """A text that the expression is found in, or `None` where none could be made."""
    try:
        text = _Reader(pattern, rng).alternatives()
        # JSON Schema patterns are ECMA-262; where Python reads one otherwise, none is made.
        return text if re.search(pattern.replace("\\Z", "$"), text) else None
    except (NotUnderstood, re.error, IndexError):
        return None


@final
class _Reader:
    """Reads an expression from left to right and writes a text for it."""

    def __init__(self, pattern: str, rng: random.Random) -> None:
        self._pattern = pattern
        self._at = 0
        self._rng = rng

    def _peek(self) -> str:
        return self._pattern[self._at] if self._at < len(self._pattern) else ""

    def _take(self) -> str:
        taken = self._pattern[self._at]
        self._at += 1
        return taken

    def alternatives(self) -> str:
        made = [self._sequence()]
        while self._peek() == "|":
            self._take()
            made.append(self._sequence())
        return made[self._rng.randrange(len(made))]

    def _sequence(self) -> str:
        made: list[str] = []
        while self._peek() not in ("", "|", ")"):
            start = self._at
            piece = self._atom()
            low, high = self._times()
            count = low if high <= low else self._rng.randint(low, high)
            end = self._at
            if count == 0:
                continue
            made.append(piece)
            for _ in range(count - 1):
                self._at = start
                made.append(self._atom())
            self._at = end
        return "".join(made)

    def _times(self) -> tuple[int, int]:
        mark = self._peek()
        low = high = 1
        if mark == "?":
            self._take()
            low, high = 0, 1
        elif mark in ("*", "+") and mark:
            self._take()
            low, high = int(mark == "+"), _MOST
        elif mark == "{":
            end = self._pattern.index("}", self._at)
            first, comma, last = self._pattern[self._at + 1 : end].partition(",")
            self._at = end + 1
            low = int(first or 0)
            high = int(last) if last else (low + 3 if comma else low)
        if self._peek() in ("?", "+") and mark in ("?", "*", "+", "{"):
            self._take()
        return low, min(high, max(low, 1) + _MOST)

    def _atom(self) -> str:
        taken = self._take()
        if taken in "^$":
            return ""
        if taken == ".":
            return self._rng.choice(_ANY)
        if taken == "[":
            return self._rng.choice(self._set())
        if taken == "(":
            return self._group()
        if taken == "\\":
            return self._escape()
        return taken

    def _group(self) -> str:
        if self._peek() == "?":
            self._take()
            mark = self._take()
            if mark == "P" or (mark == "<" and self._peek() not in "=!"):
                self._at = self._pattern.index(">", self._at) + 1
            elif mark != ":":
                raise NotUnderstood(self._pattern)
        made = self.alternatives()
        if self._take() != ")":
            raise NotUnderstood(self._pattern)
        return made

    def _escape(self) -> str:
        taken = self._take()
        if taken in "bBAZz":
            return ""
        if taken in _CLASSES:
            return self._rng.choice(_CLASSES[taken])
        if taken in "pPuxk0123456789":
            raise NotUnderstood(self._pattern)
        return {"n": "\n", "t": "\t", "r": "\r"}.get(taken, taken)

    def _set(self) -> str:
        barred = self._peek() == "^"
        if barred:
            self._take()
        members: list[str] = []
        first = True
        while first or self._peek() != "]":
            first = False
            taken = self._take()
            if taken == "\\":
                taken = self._take()
                if taken in _CLASSES:
                    members.extend(_CLASSES[taken])
                    continue
            if self._peek() == "-" and self._pattern[self._at + 1] != "]":
                self._take()
                last = self._take()
                if last == "\\":
                    last = self._take()
                members.extend(chr(code) for code in range(ord(taken), min(ord(last), 0x17F) + 1))
            else:
                members.append(taken)
        self._take()
        chosen = [each for each in _PRINTABLE if each not in members] if barred else members
        if not chosen:
            raise NotUnderstood(self._pattern)
        return "".join(chosen)
