"""Order lines while a data set is read: they learn what was shipped, invoiced, credited, returned.

Data sets keep orders and what became of them apart; a document's line names its order line, or only
its item. Then it is the first line with that item which has not had that much yet.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any, Final

from attrs import define, field

from crossdock_mocks.backoffice.books import Row
from crossdock_mocks.backoffice.decimals import ZERO
from crossdock_mocks.backoffice.seeding.source import Source

WHAT: Final = ("shipped", "invoiced", "credited", "returned")


@define(eq=False)
class Progress:
    """What became of one order line.

    Attributes:
        row: The line in the data set.
    """

    row: dict[str, Any]
    shipped: Decimal = ZERO
    invoiced: Decimal = ZERO
    credited: Decimal = ZERO
    returned: Decimal = ZERO


@define
class Settled:
    """How much of an order's invoices is settled, and how many there are."""

    invoices: int = 0
    total: Decimal = ZERO
    open: Decimal = ZERO


@define(eq=False)
class OrderLines:
    """All order lines of a data set.

    Attributes:
        lines: By order, by line number.
        settled: By order.
    """

    lines: dict[str, dict[int, Progress]] = field(factory=dict)
    settled: dict[str, Settled] = field(factory=lambda: defaultdict(Settled))

    @classmethod
    def read(cls, source: Source) -> OrderLines:
        """Read them."""
        found = cls()
        for row in source.rows("order_lines"):
            found.lines.setdefault(row["order_id"], {})[row["line"]] = Progress(row)
        return found

    def note(self, what: str, order_id: str | None, row: dict[str, Any]) -> int | None:
        """Write down that a quantity of an order line was shipped, invoiced, credited or returned.

        Args:
            what: shipped, invoiced, credited or returned.
            order_id: The order; None if the document has none.
            row: The document's line.

        Returns:
            The number of the order line, or None if there is none for it.
        """
        if order_id is None:
            return None
        lines = self.lines.get(order_id)
        if lines is None:
            return None
        number = row.get("order_line")
        if number is None:
            number = self._by_item(lines, what, row)
        if number is None or number not in lines:
            return None
        line = lines[number]
        setattr(line, what, getattr(line, what) + row["quantity"])
        return int(number)

    @staticmethod
    def _by_item(lines: dict[int, Progress], what: str, row: dict[str, Any]) -> int | None:
        same = [number for number, each in lines.items() if each.row["item_id"] == row["item_id"]]
        for number in same:
            if getattr(lines[number], what) + row["quantity"] <= lines[number].row["quantity"]:
                return number
        return same[0] if same else None

    def note_settled(self, invoice: Row) -> None:
        """Write down how far an order's invoice is settled."""
        order_id = invoice["orderId"]
        if order_id is not None:
            settled = self.settled[order_id]
            settled.invoices += 1
            settled.total += Decimal(invoice["total"])
            settled.open += Decimal(invoice["openAmount"])
