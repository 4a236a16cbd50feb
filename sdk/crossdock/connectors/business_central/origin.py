"""Where an order of Business Central came from, and what of it was cancelled: told by its lines.

The CRM order's id becomes the external document number, by which it is found again, also on what is
posted of it. A comment as the first line says all of it in words, so that a number which somebody
else gave is never taken for ours. Business Central keeps no cancelled quantities: where a part of a
line is cancelled, its second description says how much, and a line that is cancelled as a whole
becomes a comment.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from typing import Final
from urllib.parse import quote, unquote

from attrs import frozen

from crossdock.connectors.writing import Unwritable, number
from crossdock.records import OrderLine

LONGEST_NUMBER: Final = 35
LONGEST_TEXT: Final = 100
#: Line numbers of Business Central leave room between two lines.
STEP: Final = 10_000
#: Before all lines.
FIRST: Final = 1

_ORIGIN: Final = re.compile(
    r"Order (?P<order>\S+) of (?P<system>[^\s(]+)"
    r"(?: \((?:quote (?P<quote>[^\s,)]+))?(?:, )?(?:opportunity (?P<opportunity>[^\s,)]+))?\))?"
).fullmatch
_CANCELLED: Final = re.compile(r"Cancelled: (?P<count>\d+(?:\.\d+)?) x (?P<item>\S+)").fullmatch
_PART: Final = re.compile(r"(?P<count>\d+(?:\.\d+)?) cancelled").fullmatch


@frozen(kw_only=True)
class Origin:
    """What an order tells of the CRM's order that it came from.

    Attributes:
        reference: the caller's own key: the CRM order's id.
        system: the CRM's configured name; empty where it was not said.
    """

    reference: str
    system: str = ""
    quote_id: str = ""
    opportunity_id: str = ""

    def text(self) -> str:
        """Write it as a comment; what does not fit into one is left out from behind.

        Raises:
            Unwritable: not even the order itself fits.
        """
        head = f"Order {_coded(self.reference)} of {_coded(self.system) or '-'}"
        more = [
            f"{name} {_coded(value)}"
            for name, value in (("quote", self.quote_id), ("opportunity", self.opportunity_id))
            if value
        ]
        for kept in range(len(more), -1, -1):
            told = f"{head} ({', '.join(more[:kept])})" if kept else head
            if len(told) <= LONGEST_TEXT:
                return told
        raise Unwritable("reference", f"is too long for a line's description ({len(head)})")


def origin_of(comments: tuple[str, ...], external_number: str) -> Origin | None:
    """Read where a document came from; `None` where it was not made here.

    Args:
        comments: its comment lines.
        external_number: its external document number, which has to be that of the reference.
    """
    for comment in comments:
        found = _ORIGIN(comment)
        if found is None:
            continue
        reference = unquote(found["order"])
        if document_number(reference) == external_number:
            system = unquote(found["system"])
            return Origin(
                reference=reference,
                system="" if system == "-" else system,
                quote_id=unquote(found["quote"] or ""),
                opportunity_id=unquote(found["opportunity"] or ""),
            )
    return None


def document_number(reference: str) -> str:
    """Give the external document number of a reference.

    One that is too long is told by its digest; the comment has it in full.
    """
    if len(reference) <= LONGEST_NUMBER:
        return reference
    return "X" + hashlib.sha256(reference.encode()).hexdigest()[: LONGEST_NUMBER - 1]


def sequence_of(line_number: int) -> int:
    """Give Business Central's number of an order's line."""
    return line_number * STEP


def line_number(sequence: int) -> int:
    """Give the order's number of a line; one that was put between two others keeps its own."""
    whole, rest = divmod(sequence, STEP)
    return sequence if rest or not whole else whole


def cancelled_line(line: OrderLine) -> str:
    """Write the comment that takes the place of a line that is cancelled as a whole."""
    return f"Cancelled: {number(line.quantity)} x {_coded(line.item_id)}"[:LONGEST_TEXT]


def cancelled_part(quantity: Decimal) -> str:
    """Write what is cancelled of a line, for its second description."""
    return f"{number(quantity)} cancelled"


def read_cancelled_line(comment: str) -> tuple[Decimal, str] | None:
    """Read a comment that stands for a cancelled line: how much of which item."""
    found = _CANCELLED(comment)
    return (Decimal(found["count"]), unquote(found["item"])) if found else None


def read_cancelled_part(description: str) -> Decimal:
    """Read how much of a line is cancelled."""
    found = _PART(description.strip())
    return Decimal(found["count"]) if found else Decimal(0)


def _coded(value: str) -> str:
    return quote(value, safe="-_.:@+#")
