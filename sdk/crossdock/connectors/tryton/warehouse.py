"""What is in Tryton's warehouses, what left them and what came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import wire
from crossdock.connectors.tryton.database import Database, in_pieces
from crossdock.connectors.tryton.directory import Directory
from crossdock.connectors.tryton.order_book import domain_of
from crossdock.connectors.tryton.products import Product, availability
from crossdock.connectors.tryton.refusals import nothing
from crossdock.records import Address, Availability, Receipt, Return, Shipment, ShipmentLine

_FIELDS: Final = ("number", "customer.code", "effective_date", "delivery_address")
_RETURN_FIELDS: Final = ("number", "customer.code", "effective_date")
_MOVE_FIELDS: Final = (
    "quantity", "state", "origin", "product", "shipment",
    "from_location.type", "to_location.type", "planned_date",
)  # fmt: skip
_LINE_FIELDS: Final = ("sale.number", "sequence")
_NEWEST: Final = [("effective_date", "DESC"), ("id", "DESC")]
_DONE: Final = ("state", "=", "done")
_OPEN: Final = ("state", "in", ["draft", "assigned"])
_LINE: Final = "sale.line,"


class Warehouse:
    """Reads stock, shipments and returns."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory

    # Stock.

    def availability(self, wanted: Sequence[tuple[Product, Decimal]]) -> dict[int, Availability]:
        """Say how much there is of products, by their ids; of services nothing is said."""
        goods = [(product, asked) for product, asked in wanted if product.kind == "goods"]
        if not goods:
            return {}
        today = self._database.today()
        ids = sorted({product.id for product, _ in goods})
        on_hand = self._on_hand(ids, today)
        going, coming = self._moving(ids)
        return {
            product.id: availability(
                product,
                asked,
                on_hand=on_hand.get(product.id, Decimal(0)),
                going=going.get(product.id, Decimal(0)),
                coming=coming.get(product.id, ()),
                today=today,
            )
            for product, asked in goods
        }

    def _on_hand(self, ids: Sequence[int], today: date) -> dict[int, Decimal]:
        # The whole of each warehouse: what was picked is still in it.
        around = {
            "locations": list(self._directory.warehouses()),
            "stock_skip_warehouse": True,
            "stock_date_end": today,
            "active_test": False,
        }
        return dict(
            self._database.search(
                use.SEARCH_PRODUCTS,
                [("id", "in", list(ids))],
                ("quantity",),
                lambda row: (wire.key(row), wire.quantity(row, "quantity")),
                context=around,
            )
        )

    def _moving(
        self, ids: Sequence[int]
    ) -> tuple[Mapping[int, Decimal], Mapping[int, Sequence[Receipt]]]:
        going: dict[int, Decimal] = defaultdict(Decimal)
        coming: dict[int, list[Receipt]] = defaultdict(list)
        rows = self._database.search(
            use.SEARCH_MOVES,
            [
                ("company", "=", self._database.company.id),
                ("product", "in", list(ids)),
                _OPEN,
                ["OR", ("to_location.type", "=", "customer"),
                 ("from_location.type", "=", "supplier")],
            ],
            _MOVE_FIELDS,
            lambda row: row,
        )  # fmt: skip
        for row in rows:
            product, quantity = wire.key(row, "product"), wire.quantity(row, "quantity")
            if wire.inside(row, "to_location").get("type") == "customer":
                going[product] += quantity
            elif (due := wire.day_or_none(row, "planned_date")) is not None:
                coming[product].append(Receipt(due_on=due, quantity=quantity))
        for each in coming.values():
            each.sort(key=lambda receipt: receipt.due_on)
        return going, coming

    # Shipments and returns.

    def shipments(self, party: int, since: date | None) -> tuple[Shipment, ...]:
        """List what was sent to a customer, newest first."""
        return self._shipments([("customer", "=", party), *_from(since)])

    def shipment(self, name: str) -> Shipment:
        """Read one shipment that left the house."""
        found = self._shipments(domain_of(name))
        if not found:
            raise nothing(self._database.label, self._database.system, f"shipment {name}")
        return found[0]

    def returns(self, party: int, since: date | None) -> tuple[Return, ...]:
        """List what came back from a customer, newest first."""
        return self._returns([("customer", "=", party), *_from(since)])

    def goods_return(self, name: str) -> Return:
        """Read one return."""
        found = self._returns(domain_of(name))
        if not found:
            raise nothing(self._database.label, self._database.system, f"return {name}")
        return found[0]

    def _shipments(self, domain: Sequence[Any]) -> tuple[Shipment, ...]:
        rows = self._documents(use.SEARCH_SHIPMENTS, domain, _FIELDS)
        addresses = self._directory.addresses(
            at for row in rows if (at := wire.key_or_none(row, "delivery_address")) is not None
        )
        lines = self._moved("stock.shipment.out", rows, "to_location")
        return tuple(
            Shipment(
                id=_name(row),
                system=self._database.system,
                customer_id=wire.label(wire.inside(row, "customer"), "code"),
                shipped_on=wire.day(row, "effective_date"),
                order_id=lines[wire.key(row)][0],
                ship_to=addresses.get(wire.key_or_none(row, "delivery_address") or 0, Address()),
                lines=lines[wire.key(row)][1],
            )
            for row in rows
        )

    def _returns(self, domain: Sequence[Any]) -> tuple[Return, ...]:
        rows = self._documents(use.SEARCH_RETURNS, domain, _RETURN_FIELDS)
        lines = self._moved("stock.shipment.out.return", rows, "from_location")
        return tuple(
            Return(
                id=_name(row),
                system=self._database.system,
                customer_id=wire.label(wire.inside(row, "customer"), "code"),
                received_on=wire.day(row, "effective_date"),
                order_id=lines[wire.key(row)][0],
                lines=lines[wire.key(row)][1],
            )
            for row in rows
        )

    def _documents(
        self, operation: Operation, domain: Sequence[Any], fields: Sequence[str]
    ) -> list[Row]:
        mine = [("company", "=", self._database.company.id), _DONE, *domain]
        return self._database.search(operation, mine, fields, lambda row: row, order=_NEWEST)

    def _moved(
        self, model: str, rows: Sequence[Row], end: str
    ) -> dict[int, tuple[str, tuple[ShipmentLine, ...]]]:
        """Read what went from or to the customer: the order behind each document, and its lines."""
        moves: dict[int, list[Row]] = {wire.key(row): [] for row in rows}
        for piece in in_pieces([f"{model},{wire.key(row)}" for row in rows]):
            for row in self._database.search(
                use.SEARCH_MOVES,
                [("shipment", "in", list(piece)), (f"{end}.type", "=", "customer"), _DONE],
                _MOVE_FIELDS,
                lambda row: row,
            ):
                moves[int(wire.label(row, "shipment").rpartition(",")[2])].append(row)
        every = [row for mine in moves.values() for row in mine]
        codes = self._directory.product_codes(wire.key(row, "product") for row in every)
        orders = self._order_lines(every)
        return {
            document: (
                next((orders[each][0] for row in mine if (each := _line_of(row)) in orders), ""),
                tuple(
                    ShipmentLine(
                        number=place,
                        item_id=codes[wire.key(row, "product")],
                        quantity=wire.quantity(row, "quantity"),
                        order_line=orders.get(_line_of(row), ("", None))[1],
                    )
                    for place, row in enumerate(mine, start=1)
                ),
            )
            for document, mine in moves.items()
        }

    def _order_lines(self, rows: Sequence[Row]) -> dict[int, tuple[str, int | None]]:
        """Give the order and the number of each sale's line that moves came from."""
        wanted = sorted({each for row in rows if (each := _line_of(row))})
        found: dict[int, tuple[str, int | None]] = {}
        for piece in in_pieces(wanted):
            found |= dict(
                self._database.search(
                    use.SEARCH_SALE_LINES,
                    [("id", "in", list(piece))],
                    _LINE_FIELDS,
                    lambda row: (
                        wire.key(row),
                        (wire.label(wire.inside(row, "sale"), "number"), row.get("sequence")),
                    ),
                )
            )
        return found


def _line_of(row: Row) -> int:
    origin = wire.label(row, "origin")
    return int(origin.removeprefix(_LINE)) if origin.startswith(_LINE) else 0


def _name(row: Row) -> str:
    return wire.label(row, "number") or f"#{wire.key(row)}"


def _from(since: date | None) -> list[Any]:
    return [] if since is None else [("effective_date", ">=", since)]
