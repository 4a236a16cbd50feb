"""Lines of invoices and credit notes, with the order or the invoice that each came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import billing, wire
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton.billing import Bill, Line
from crossdock.connectors.tryton.database import Database, in_pieces
from crossdock.connectors.tryton.directory import Directory

_SALE_LINE: Final = "sale.line,"
_BILL_LINE: Final = "account.invoice.line,"


class BilledLines:
    """Reads the lines of bills of one company."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory

    def sale_names(self, ids: Iterable[int]) -> dict[int, str]:
        """Give the numbers of sales by their ids."""
        found: dict[int, str] = {}
        for piece in in_pieces(sorted(set(ids))):
            found |= dict(
                self._database.search(
                    use.SEARCH_SALES,
                    [("id", "in", list(piece))],
                    ("number",),
                    lambda row: (wire.key(row), wire.label(row, "number")),
                )
            )
        return found

    def of(self, bills: Sequence[Bill]) -> dict[int, list[Line]]:
        """Read the lines of some bills, with what they came from, by the bills' ids."""
        rows: list[Row] = []
        for piece in in_pieces([each.id for each in bills]):
            rows += self._database.search(
                use.SEARCH_INVOICE_LINES,
                [("invoice", "in", list(piece)), ("type", "=", "line")],
                billing.LINE_FIELDS,
                lambda row: row,
                order=[("invoice", "ASC"), ("sequence", "ASC NULLS LAST"), ("id", "ASC")],
            )
        codes = self._directory.product_codes(
            product for row in rows if (product := wire.key_or_none(row, "product")) is not None
        )
        orders = self._origins(rows, _SALE_LINE)
        credited = self._origins(rows, _BILL_LINE)
        taxes = self._directory.taxes()
        found: dict[int, list[Line]] = defaultdict(list)
        for row in rows:
            rates = [taxes[each].rate for each in wire.keys(row, "taxes") if each in taxes]
            origin = wire.label(row, "origin")
            found[wire.key(row, "invoice")].append(
                Line(
                    row=row,
                    item=codes.get(wire.key_or_none(row, "product") or 0, ""),
                    rate=sum((rate for rate in rates if rate is not None), Decimal(0)),
                    order=orders.get(origin, ("", None)),
                    bill=credited.get(origin, ("", None)),
                )
            )
        return found

    def _origins(self, rows: Sequence[Row], kind: str) -> dict[str, tuple[str, int | None]]:
        """Give document and line number of what lines came from."""
        operation, document = (
            (use.SEARCH_SALE_LINES, "sale")
            if kind == _SALE_LINE
            else (use.SEARCH_INVOICE_LINES, "invoice")
        )
        origins = {wire.label(row, "origin") for row in rows}
        wanted = sorted(int(each.removeprefix(kind)) for each in origins if each.startswith(kind))
        found: dict[str, tuple[str, int | None]] = {}
        for piece in in_pieces(wanted):
            for line_id, name, number in self._database.search(
                operation,
                [("id", "in", list(piece))],
                (f"{document}.number", "sequence"),
                lambda row: (
                    wire.key(row),
                    wire.label(wire.inside(row, document), "number"),
                    row.get("sequence"),
                ),
            ):
                found[f"{kind}{line_id}"] = (name, number)
        return found
