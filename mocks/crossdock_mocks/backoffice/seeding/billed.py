"""Seeding of invoices and credit notes: streamed, however many lines there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from crossdock_mocks.backoffice.books import Row
from crossdock_mocks.backoffice.decimals import ZERO, amount_text, minor_units, plain
from crossdock_mocks.backoffice.kinds import CREDIT_NOTE, INVOICE, Kind
from crossdock_mocks.backoffice.orders import NO_SOURCE
from crossdock_mocks.backoffice.receivables import settle_invoice, settle_means
from crossdock_mocks.backoffice.seeding.amounts import AmountBook
from crossdock_mocks.backoffice.seeding.order_lines import OrderLines
from crossdock_mocks.backoffice.seeding.source import Source, begun, day
from crossdock_mocks.backoffice.tax import RoundingMode, net_amount
from crossdock_mocks.backoffice.valuation import Money, write_amounts
from crossdock_mocks.engine import World

Fields = Callable[[dict[str, Any], Row], dict[str, Any]]
"""Gives the further fields of a line, from its row and its document's header."""


class Billing:
    """Seeds invoices and credit notes of one data set.

    Args:
        world: The world.
        source: The data set.
        order_lines: Its order lines, which learn what was invoiced and credited.
        billers: The bill-to customer of each customer that has one.
    """

    def __init__(
        self, world: World, source: Source, order_lines: OrderLines, billers: dict[str, str]
    ) -> None:
        self._world = world
        self._source = source
        self._order_lines = order_lines
        self._billers = billers
        self._mode: RoundingMode = "document" if source.rounding == "document" else "line"
        self._rates = {row["id"]: row["rate"] for row in source.rows("tax_codes")}
        self._books: dict[str, AmountBook] = {}
        self._zeros: dict[str, str] = {}
        self._items: dict[tuple[str, str | None], dict[str, str]] = {}
        self._named = {
            row["id"]: (row["description"] or row["name"], row["unit"])
            for row in source.rows("items")
        }
        self._settled: dict[str, list[Row]] = defaultdict(list)
        self._used: dict[str, list[Row]] = defaultdict(list)
        self._credited: dict[str, dict[str, Decimal]] = {}

    def read_applications(self, places: Callable[[str], int]) -> None:
        """Read which payments and credit notes settle which invoices.

        Args:
            places: Decimal places of the currency of a payment or credit note, by its id.
        """
        for row in self._source.rows("payment_applications"):
            means = row["payment_id"] or row["credit_note_id"]
            what = {
                "appliedOn": row["applied_on"].isoformat(),
                "amount": amount_text(row["amount"], places(means)),
            }
            name = "creditNoteId" if row["payment_id"] is None else "paymentId"
            self._settled[row["invoice_id"]].append({name: means, **what})
            self._used[means].append({"invoiceId": row["invoice_id"], **what})
        for applications in (*self._settled.values(), *self._used.values()):
            applications.sort(key=itemgetter("appliedOn"))

    def applications_of(self, means_id: str) -> list[Row]:
        """The applications of a payment or credit note."""
        return self._used.pop(means_id, [])

    def seed_invoices(self) -> None:
        """Invoices with their lines, settled by their applications.

        Raises:
            ValueError: More is applied to an invoice than it comes to.
        """
        self._read_credited()
        headers = {row["id"]: self._invoice(row) for row in self._source.rows("invoices")}
        rows = self._source.rows("invoice_lines")
        self._seed_lines(INVOICE, "invoice_id", headers, rows, self._invoice_fields)
        for header in headers.values():
            settle_invoice(header, minor_units(header["currency"]))
            _must_not_exceed(header, "openAmount", "total", "applied to invoice")
            self._order_lines.note_settled(header)
        self._world.table(INVOICE.table).insert_many(headers.values())

    def seed_credit_notes(self) -> None:
        """Credit notes with their lines, and what of them is applied.

        Raises:
            ValueError: More of a credit note is applied than it comes to.
        """
        headers = {row["id"]: self._credit_note(row) for row in self._source.rows("credit_notes")}
        rows = self._source.rows("credit_note_lines")
        self._seed_lines(CREDIT_NOTE, "credit_note_id", headers, rows, self._credit_fields)
        for header in headers.values():
            settle_means(header, "total", minor_units(header["currency"]))
            _must_not_exceed(header, "unappliedAmount", "total", "applied of credit note")
        self._world.table(CREDIT_NOTE.table).insert_many(headers.values())

    def _read_credited(self) -> None:
        """Quantities credited by invoice and item, so that nothing is credited twice later."""
        invoices = {
            row["id"]: row["invoice_id"]
            for row in self._source.rows("credit_notes")
            if row["invoice_id"] is not None
        }
        if not invoices:
            return
        for row in self._source.rows("credit_note_lines"):
            invoice = invoices.get(row["credit_note_id"])
            if invoice is not None:
                items = self._credited.setdefault(invoice, {})
                items[row["item_id"]] = items.get(row["item_id"], ZERO) + row["quantity"]

    # Headers

    def _head(self, row: dict[str, Any]) -> Row:
        return {
            "id": row["id"],
            "customerId": row["customer_id"],
            "billToId": self._billers.get(row["customer_id"], row["customer_id"]),
            "orderId": row["order_id"],
            "externalReference": None,
            "customerReference": row["reference"],
            "currency": row["currency"],
            "issuedOn": day(row["issued_on"]),
            "postedOn": day(row["posted_on"]),
            "lineCount": 0,
            "createdAt": begun(row["issued_on"]),
            "version": 1,
        }

    def _invoice(self, row: dict[str, Any]) -> Row:
        return {
            **self._head(row),
            "dueOn": day(row["due_on"]),
            "source": NO_SOURCE,
            "applications": self._settled.pop(row["id"], []),
        }

    def _credit_note(self, row: dict[str, Any]) -> Row:
        return {
            **self._head(row),
            "invoiceId": row["invoice_id"],
            "returnId": None,
            "reason": row["reason"],
            "applications": self.applications_of(row["id"]),
        }

    # Lines

    def _invoice_fields(self, row: dict[str, Any], header: Row) -> dict[str, Any]:
        order_id = header["orderId"]
        credited = self._share_of_credit(header["id"], row) if self._credited else ZERO
        if credited:
            places = minor_units(header["currency"])
            net = net_amount(credited, row["unit_price"], row["discount_percent"], places)
            quantity_text, net_text = plain(credited), amount_text(net, places)
        else:
            quantity_text, net_text = "0", self._zero(header["currency"])
        return {
            "orderId": order_id,
            "orderLine": self._order_lines.note("invoiced", order_id, row) if order_id else None,
            "shipmentId": None,
            "shipmentLine": None,
            "creditedQuantity": quantity_text,
            "creditedNet": net_text,
        }

    def _zero(self, currency: str) -> str:
        found = self._zeros.get(currency)
        if found is None:
            found = self._zeros[currency] = amount_text(ZERO, minor_units(currency))
        return found

    def _share_of_credit(self, invoice_id: str, row: dict[str, Any]) -> Decimal:
        items = self._credited.get(invoice_id)
        if items is None:
            return ZERO
        share: Decimal = min(items.get(row["item_id"], ZERO), row["quantity"])
        if share:
            items[row["item_id"]] -= share
        return share

    def _credit_fields(self, row: dict[str, Any], header: Row) -> dict[str, Any]:
        number = self._order_lines.note("credited", header["orderId"], row)
        return {
            "orderId": header["orderId"],
            "orderLine": number,
            "invoiceId": header["invoiceId"],
            "invoiceLine": None,
        }

    def _seed_lines(
        self,
        kind: Kind,
        head: str,
        headers: dict[str, Row],
        rows: Iterable[dict[str, Any]],
        more: Fields,
    ) -> None:
        """Write lines document by document, as they come, and totals into the headers."""
        assert kind.lines_table is not None
        table = self._world.table(kind.lines_table)
        late: dict[str, list[Row]] = {}
        table.insert_many(self._documents(head, headers, rows, more, late))
        for key, lines in late.items():
            kept = table.get(key)
            lines = sorted([*(kept["lines"] if kept else ()), *lines], key=itemgetter("line"))
            header = headers[key]
            money = Money(minor_units(header["currency"]), self._mode)
            write_amounts(header, lines, [Decimal(line["quantity"]) for line in lines], money)
            header["lineCount"] = len(lines)
            table.replace({"id": key, "lines": lines})

    def _documents(
        self,
        head: str,
        headers: dict[str, Row],
        rows: Iterable[dict[str, Any]],
        more: Fields,
        late: dict[str, list[Row]],
    ) -> Iterator[Row]:
        """Documents whose lines stand together; lines that come later are put aside."""
        for key, group in groupby(rows, itemgetter(head)):
            header = headers[key]
            lines, summed = self._lines(header, group, more)
            if header["lineCount"]:
                late.setdefault(key, []).extend(lines)
                continue
            header["lineCount"] = len(lines)
            if self._mode == "document":
                money = Money(minor_units(header["currency"]), self._mode)
                write_amounts(header, lines, [Decimal(line["quantity"]) for line in lines], money)
            else:
                header.update(self._totals(summed, minor_units(header["currency"])))
            yield {"id": key, "lines": lines}

    def _lines(
        self, header: Row, rows: Iterable[dict[str, Any]], more: Fields
    ) -> tuple[list[Row], dict[str, list[Decimal]]]:
        """The lines of a document, and net and tax summed by tax code."""
        book = self._book(header["currency"])
        lines: list[Row] = []
        summed: dict[str, list[Decimal]] = {}
        for row in rows:
            amounts = book.of(row)
            lines.append(
                {
                    "line": row["line"],
                    **self._item(row["item_id"], row["description"]),
                    **amounts.fields,
                    **more(row, header),
                }
            )
            both = summed.get(row["tax_code"])
            if both is None:
                summed[row["tax_code"]] = [amounts.net, amounts.tax]
            else:
                both[0] += amounts.net
                both[1] += amounts.tax
        return lines, summed

    def _book(self, currency: str) -> AmountBook:
        found = self._books.get(currency)
        if found is None:
            found = self._books[currency] = AmountBook(self._rates, minor_units(currency))
        return found

    def _item(self, item_id: str, description: str | None) -> dict[str, str]:
        found = self._items.get((item_id, description))
        if found is None:
            named, unit = self._named[item_id]
            found = {"itemId": item_id, "description": description or named, "unit": unit}
            self._items[item_id, description] = found
        return found

    def _totals(self, summed: dict[str, list[Decimal]], places: int) -> Row:
        net = sum((both[0] for both in summed.values()), ZERO)
        tax = sum((both[1] for both in summed.values()), ZERO)
        zero = amount_text(ZERO, places)
        return {
            "net": amount_text(net, places),
            "tax": amount_text(tax, places),
            "total": amount_text(net + tax, places),
            "taxes": [
                {
                    "taxCode": code,
                    "taxRate": plain(self._rates[code]),
                    "base": amount_text(both[0], places),
                    "tax": amount_text(both[1], places),
                }
                for code, both in summed.items()
            ],
            "rounding": {"mode": "line", "residue": zero, "residueLine": None, "residues": []},
        }


def _must_not_exceed(header: Row, left: str, whole: str, told: str) -> None:
    if Decimal(header[left]) < ZERO:
        raise ValueError(
            f"data set: more is {told} {header['id']} than its {whole} of {header[whole]}"
        )
