"""Where an order of QuickBooks came from: kept in the document, as QuickBooks has no field for it.

The CRM order's id becomes the document's number, which is what QuickBooks can be searched by, and
which it can be told to keep unique. The note for staff holds all of it in words, so that a number
which somebody else gave is never taken for ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from attrs import field, frozen

from crossdock.connectors.writing import Unwritable

LONGEST_NUMBER: Final = 21
LONGEST_NOTE: Final = 4000
_MARK: Final = re.compile(r"^\[crossdock((?: [a-z]+=[^ \]]*)+)\]$", re.MULTILINE)


@frozen(kw_only=True)
class Origin:
    """What a document tells of the order that it came from.

    Attributes:
        reference: the caller's own key: the CRM order's id.
        system, order_id, quote_id, opportunity_id: of the CRM; empty where it said none.
        lines: the order's line numbers by QuickBooks' ids of lines, where they are not the same.
    """

    reference: str
    system: str = ""
    order_id: str = ""
    quote_id: str = ""
    opportunity_id: str = ""
    lines: Mapping[int, int] = field(factory=dict)

    def note(self, words: str) -> str:
        """Write it as a note for staff, below what is said in words.

        Raises:
            Unwritable: it is longer than a note may be.
        """
        fields = {
            "reference": self.reference,
            "system": self.system,
            "order": self.order_id,
            "quote": self.quote_id,
            "opportunity": self.opportunity_id,
            "lines": ",".join(f"{line}:{number}" for line, number in self.lines.items()),
        }
        told = " ".join(
            f"{name}={quote(value, safe='')}" for name, value in fields.items() if value
        )
        note = f"{words}\n[crossdock {told}]"
        if len(note) > LONGEST_NOTE:
            raise Unwritable("lines", f"are too many for the note of one document ({len(note)})")
        return note


def origin_of(note: str) -> Origin | None:
    """Read where a document came from; `None` where its note says nothing of it."""
    found = _MARK.search(note)
    if found is None:
        return None
    fields = {
        name: unquote(value)
        for name, _, value in (each.partition("=") for each in found[1].split())
    }
    pairs = [each.partition(":") for each in fields.get("lines", "").split(",")]
    return Origin(
        reference=fields.get("reference", ""),
        system=fields.get("system", ""),
        order_id=fields.get("order", ""),
        quote_id=fields.get("quote", ""),
        opportunity_id=fields.get("opportunity", ""),
        lines={
            int(line): int(number)
            for line, _, number in pairs
            if line.isdigit() and number.isdigit()
        },
    )


def with_line(note: str, said: str, origin: Origin | None) -> str:
    """Give a note with one more line in words, and with what it says of the origin as it is now.

    Raises:
        Unwritable: it is longer than a note may be.
    """
    words = without_origin(note)
    words = f"{words}\n{said}" if words else said
    if origin is not None:
        return origin.note(words)
    if len(words) > LONGEST_NOTE:
        raise Unwritable("reason", "is too long for the note that has the changes before it")
    return words


def without_origin(note: str) -> str:
    """Give what a note says in words."""
    return _MARK.sub("", note).strip()


def is_noted(note: str, said: str) -> bool:
    """Whether a note has a line that begins so."""
    return any(line == said or line.startswith(f"{said}:") for line in note.splitlines())


def document_number(reference: str) -> str:
    """Give the number of the document made of a reference.

    One that is too long is told by its digest; the note has it in full.
    """
    if len(reference) <= LONGEST_NUMBER:
        return reference
    return "X" + hashlib.sha256(reference.encode()).hexdigest()[: LONGEST_NUMBER - 1]
