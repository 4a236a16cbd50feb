"""Reads sales with all that tells how far they have come, in a fixed number of calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import offers, orders, pricing, sales, wire
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton.database import Database, in_pieces
from crossdock.connectors.tryton.directory import Directory
from crossdock.connectors.tryton.refusals import nothing
from crossdock.connectors.tryton.sales import Line, Move, Sale
from crossdock.records import Address, Order, Quote

_NEWEST: Final = [("sale_date", "DESC NULLS FIRST"), ("id", "DESC")]
#: What stands for anything in a LIKE, and what makes it stand for itself.
_WILD: Final = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


class OrderBook:
    """Reads the sales of one database."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory
        self._discounts: bool | None = None

    @property
    def keeps_discounts(self) -> bool:
        """Whether lines keep a price before discount (module `sale_discount`); asked once."""
        if self._discounts is None:
            names = self._database.call(use.SALE_LINE_FIELDS, [["base_price"]])
            self._discounts = "base_price" in names
        return self._discounts

    # Sales.

    def named(self, name: str) -> Sale:
        """Read a sale by its number, or by `#` and its id; raises `NotFound`."""
        domain = domain_of(name)
        found = self.find(domain, limit=2)
        if not found:
            raise nothing(self._database.label, self._database.system, f"sale {name}")
        return found[0]

    def order(self, name: str) -> Order:
        """Read one order; raises `NotFound` where there is none, or it is an offer."""
        found = self.named(name)
        if not found.is_order:
            what = f"order {name}: it is an offer that nobody ordered"
            raise nothing(self._database.label, self._database.system, what)
        return self.orders([found])[0]

    def by_reference(self, reference: str) -> list[Sale]:
        """Read the sales that came from a CRM's order of this id, given up ones too."""
        ends = f"%{sales.MARK}{reference.translate(_WILD)}"
        found = self.find([("reference", "like", ends)])
        return [each for each in found if each.crm[1] == reference]

    def find(
        self,
        domain: Sequence[Any],
        *,
        order: Sequence[tuple[str, str]] | None = None,
        limit: int | None = None,
    ) -> list[Sale]:
        """Read the sales that fit a domain, with lines, moves and invoices."""
        mine = [("company", "=", self._database.company.id), *domain]
        heads = self._database.search(
            use.SEARCH_SALES, mine, sales.FIELDS, sales.sale, order=order, limit=limit
        )
        return self._whole(heads) if heads else []

    def orders_of(self, party: int, domain: Sequence[Any]) -> tuple[Order, ...]:
        """Read the orders of a party, newest first."""
        found = self.find([("party", "=", party), *domain], order=_NEWEST)
        return self.orders([each for each in found if each.is_order])

    def quotes_of(self, party: int) -> tuple[Quote, ...]:
        """Read what people offered a party in Tryton, newest first."""
        domain = [("party", "=", party), ("state", "in", sorted(sales.AN_OFFER))]
        found = [each for each in self.find(domain, order=[("id", "DESC")]) if not each.is_order]
        codes = self._directory.product_codes(
            line.product for each in found for line in each.lines if line.product is not None
        )
        return tuple(offers.quote(each, self._database.system, codes) for each in found)

    def orders(self, found: Sequence[Sale]) -> tuple[Order, ...]:
        """Give sales as plugins know them."""
        places = {each.id: wire.key_or_none(each.row, "shipment_address") for each in found}
        addresses = self._directory.addresses(at for at in places.values() if at is not None)
        codes = self._directory.product_codes(
            line.product for each in found for line in each.lines if line.product is not None
        )
        return tuple(
            orders.order(
                each,
                self._database.system,
                codes=codes,
                ship_to=addresses.get(places[each.id] or 0, Address()),
                held=self._held(each),
            )
            for each in found
        )

    def _held(self, found: Sale) -> str:
        """Say why Tryton does not confirm a sale that came from a CRM and was quoted."""
        if found.state != "quotation" or not found.is_order:
            return ""
        (customer,) = self._directory.parties([("id", "=", wire.key(found.row, "party"))])
        told = pricing.outcome(
            customer, wire.amount(found.row, "untaxed_amount"), self._database.company.currency
        )
        return told.reason if told else ""

    # How it is read.

    def _whole(self, heads: Sequence[Sale]) -> list[Sale]:
        lines = self._lines(heads)
        invoices = self._payable(heads)
        return [
            evolve(
                head,
                lines=tuple(lines.get(head.id, ())),
                payable={
                    each: invoices[each]
                    for each in wire.keys(head.row, "invoices")
                    if each in invoices
                },
            )
            for head in heads
        ]

    def _lines(self, heads: Sequence[Sale]) -> dict[int, list[Line]]:
        fields = [*sales.LINE_FIELDS, *(sales.DISCOUNT_FIELDS if self.keeps_discounts else ())]
        rows: list[Row] = []
        for piece in in_pieces([head.id for head in heads]):
            rows += self._database.search(
                use.SEARCH_SALE_LINES,
                [("sale", "in", list(piece)), ("type", "=", "line")],
                fields,
                lambda row: row,
                order=[("sale", "ASC"), ("sequence", "ASC NULLS LAST"), ("id", "ASC")],
            )
        moves = self._moves(each for row in rows for each in wire.keys(row, "moves"))
        picking = self._picking(moves.values())
        invoiced = self._invoiced(each for row in rows for each in wire.keys(row, "invoice_lines"))
        found: dict[int, list[Line]] = defaultdict(list)
        for row in rows:
            mine = found[wire.key(row, "sale")]
            own = tuple(moves[each] for each in wire.keys(row, "moves") if each in moves)
            mine.append(
                evolve(
                    sales.line(row, len(mine) + 1),
                    moves=own,
                    picking=tuple(
                        inside
                        for each in own
                        for inside in picking.get(f"stock.move,{each.id}", ())
                    ),
                    invoiced=sum(
                        (
                            invoiced.get(each, Decimal(0))
                            for each in wire.keys(row, "invoice_lines")
                        ),
                        Decimal(0),
                    ),
                )
            )
        return found

    def _moves(self, ids: Iterable[int]) -> dict[int, Move]:
        found: dict[int, Move] = {}
        for piece in in_pieces(sorted(set(ids))):
            rows = self._database.search(
                use.SEARCH_MOVES, [("id", "in", list(piece))], sales.MOVE_FIELDS, sales.move
            )
            found |= {each.id: each for each in rows}
        return found

    def _picking(self, moves: Iterable[Move]) -> Mapping[str, list[Move]]:
        """Read the moves inside the warehouse that bring goods to those that leave it."""
        waiting = [
            f"stock.move,{each.id}"
            for each in moves
            if each.leaves and each.state in ("draft", "assigned")
        ]
        found: dict[str, list[Move]] = defaultdict(list)
        for piece in in_pieces(waiting):
            for each in self._database.search(
                use.SEARCH_MOVES, [("origin", "in", list(piece))], sales.MOVE_FIELDS, sales.move
            ):
                found[each.origin].append(each)
        return found

    def _invoiced(self, ids: Iterable[int]) -> dict[int, Decimal]:
        """Say how much each invoice's line holds, of invoices that are in the books."""
        found: dict[int, Decimal] = {}
        for piece in in_pieces(sorted(set(ids))):
            found |= dict(
                self._database.search(
                    use.SEARCH_INVOICE_LINES,
                    [("id", "in", list(piece)), ("invoice.state", "in", ["posted", "paid"])],
                    sales.INVOICE_LINE_FIELDS,
                    lambda row: (wire.key(row), wire.quantity(row, "quantity")),
                )
            )
        return found

    def _payable(self, heads: Sequence[Sale]) -> dict[int, bool]:
        wanted = sorted({each for head in heads for each in wire.keys(head.row, "invoices")})
        found: dict[int, bool] = {}
        for piece in in_pieces(wanted):
            found |= dict(
                self._database.search(
                    use.SEARCH_INVOICES,
                    [("id", "in", list(piece)), ("state", "in", ["posted", "paid"])],
                    sales.INVOICE_FIELDS,
                    lambda row: (wire.key(row), wire.label(row, "state") == "paid"),
                )
            )
        return found


def domain_of(name: str) -> list[tuple[str, str, Any]]:
    """Ask for the document that people call so: by number, or by `#` and its id."""
    if name[:1] == "#" and name[1:].isascii() and name[1:].isdigit():
        return [("id", "=", int(name[1:]))]
    return [("number", "=", name)]
