"""Sales as Tryton keeps them: heads, lines, the moves of their goods.

How far a line has come is told by its moves and its invoices' lines:

- shipped: what moves to the customer are done; returned: what moves back are;
- reserved: what is assigned of the moves to the output zone, or was picked;
- cancelled: moves that were given up (`moves_ignored`), and all of a cancelled sale;
- invoiced: what posted and paid invoices hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import wire

FIELDS: Final = (
    "number", "reference", "state", "party", "party.code", "currency.code", "sale_date",
    "quotation_date", "quotation_expire", "shipping_date", "shipment_address",
    "untaxed_amount", "tax_amount", "total_amount", "lines", "invoices", "shipments",
    "invoice_method", "create_date", "_timestamp",
)  # fmt: skip
LINE_FIELDS: Final = (
    "sale", "type", "sequence", "product", "quantity", "unit.symbol", "unit_price", "amount",
    "summary", "product.name", "moves", "moves_ignored", "invoice_lines", "shipping_date",
    "_timestamp",
)  # fmt: skip
DISCOUNT_FIELDS: Final = ("base_price", "discount_rate")
MOVE_FIELDS: Final = (
    "quantity", "state", "origin", "from_location.type", "to_location.type", "shipment",
    "product", "planned_date", "effective_date",
)  # fmt: skip
INVOICE_FIELDS: Final = ("state", "number", "total_amount", "type")
INVOICE_LINE_FIELDS: Final = ("quantity", "invoice")

#: Between the CRM's name and its order's id in `reference`.
MARK: Final = ":"
_ZERO: Final = Decimal(0)
AN_OFFER: Final = frozenset({"draft", "quotation"})
_SENT: Final = frozenset({"done"})
_HELD: Final = frozenset({"assigned", "done"})


@frozen(kw_only=True)
class Move:
    """A move of stock."""

    id: int
    quantity: Decimal
    state: str
    origin: str
    leaves: bool
    returns: bool

    @property
    def alive(self) -> bool:
        """Whether it was, or may still be, done."""
        return self.state != "cancelled"


@frozen(kw_only=True)
class Line:
    """A line of a sale, with its moves and what its invoices hold.

    Attributes:
        base: the price before a discount; `None` where it is not kept.
        rate: the discount, as a fraction.
        picking: the moves of its goods inside the warehouse.
    """

    id: int
    number: int
    product: int | None
    quantity: Decimal
    unit: str
    price: Decimal
    base: Decimal | None
    rate: Decimal
    amount: Decimal
    words: str
    row: Row
    moves: tuple[Move, ...] = ()
    picking: tuple[Move, ...] = ()
    invoiced: Decimal = _ZERO

    @property
    def shipped(self) -> Decimal:
        """How much left the house."""
        return _sum(each for each in self.moves if each.leaves and each.state in _SENT)

    @property
    def returned(self) -> Decimal:
        """How much came back."""
        return _sum(each for each in self.moves if each.returns and each.state in _SENT)

    @property
    def given_up(self) -> Decimal:
        """How much will not be delivered."""
        ignored = set(wire.keys(self.row, "moves_ignored"))
        return _sum(each for each in self.moves if each.id in ignored)

    @property
    def reserved(self) -> Decimal:
        """How much of what is open lies ready for it."""
        waiting = {
            f"stock.move,{each.id}"
            for each in self.moves
            if each.leaves and each.alive and each.state not in _SENT
        }
        inside = _sum(
            each for each in self.picking if each.origin in waiting and each.state in _HELD
        )
        direct = _sum(each for each in self.moves if each.leaves and each.state == "assigned")
        return max(inside, direct)


@frozen(kw_only=True)
class Sale:
    """A sale with its lines; `payable` are its invoices in the books, and whether each is paid."""

    id: int
    number: str
    state: str
    reference: str
    row: Row
    lines: tuple[Line, ...] = ()
    payable: Mapping[int, bool] = field(factory=dict)

    @property
    def name(self) -> str:
        """What people call it; before it is quoted it has no number."""
        return self.number or f"#{self.id}"

    @property
    def crm(self) -> tuple[str, str]:
        """The CRM and its order that it came from; empty where it came from none."""
        system, mark, order = self.reference.partition(MARK)
        return (system, order) if mark and system and order else ("", "")

    @property
    def is_order(self) -> bool:
        """Whether it is more than an offer."""
        return self.state not in AN_OFFER or self.crm != ("", "")

    @property
    def version(self) -> str:
        """Tells two states of the sale and its lines apart."""
        stamps = [
            str(self.row["_timestamp"]),
            *(str(line.row["_timestamp"]) for line in self.lines),
        ]
        return f"{self.row['_timestamp']}/{max(stamps)}"

    def stamps(self) -> dict[str, str]:
        """Give what a write is to be refused by, where it changed since it was read."""
        return {f"sale.sale,{self.id}": str(self.row["_timestamp"])} | {
            f"sale.line,{line.id}": str(line.row["_timestamp"]) for line in self.lines
        }


def sale(row: Row) -> Sale:
    """Read the head of a sale."""
    return Sale(
        id=wire.key(row),
        number=wire.label(row, "number"),
        state=wire.label(row, "state"),
        reference=wire.label(row, "reference"),
        row=row,
    )


def line(row: Row, place: int) -> Line:
    """Read a line; `place` is its number where it has none of its own."""
    sequence = row.get("sequence")
    return Line(
        id=wire.key(row),
        number=sequence if type(sequence) is int and sequence > 0 else place,
        product=wire.key_or_none(row, "product"),
        quantity=wire.quantity(row, "quantity"),
        unit=wire.label(wire.inside(row, "unit"), "symbol"),
        price=wire.amount(row, "unit_price"),
        base=wire.amount_or_none(row, "base_price"),
        rate=wire.amount(row, "discount_rate"),
        amount=wire.amount(row, "amount"),
        words=wire.label(row, "summary") or wire.label(wire.inside(row, "product"), "name"),
        row=row,
    )


def move(row: Row) -> Move:
    """Read a move of stock."""
    comes = wire.label(wire.inside(row, "from_location"), "type")
    goes = wire.label(wire.inside(row, "to_location"), "type")
    return Move(
        id=wire.key(row),
        quantity=wire.quantity(row, "quantity"),
        state=wire.label(row, "state"),
        origin=wire.label(row, "origin"),
        leaves=goes == "customer",
        returns=comes == "customer",
    )


def _sum(moves: Iterable[Move]) -> Decimal:
    return sum((each.quantity for each in moves), _ZERO)
