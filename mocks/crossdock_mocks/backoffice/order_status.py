"""Where an order stands, derived from its lines' quantities; pure computation.

Always: ordered = cancelled + shipped + open; open = reserved + backordered; picked <= reserved;
returned <= shipped; invoiced <= shipped; credited <= invoiced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import define, fields

from crossdock_mocks.backoffice.decimals import ZERO, plain

Progress: TypeAlias = Literal["none", "partly", "fully"]

_WIRE = {"returns_credited": "returnsCredited"}


@define(kw_only=True)
class Quantities:
    """The quantities of one order line. Only those that are facts are kept; the rest follows.

    Attributes:
        ordered: As ordered, after changes.
        cancelled: Will not be delivered.
        reserved: Open and covered by stock.
        picked: The part of reserved that is picked.
        shipped: Has left.
        returned: Came back of what was shipped.
        invoiced: Billed of what was shipped.
        credited: Credited of what was invoiced.
        returns_credited: The part of credited that credits returned goods.
    """

    ordered: Decimal
    cancelled: Decimal = ZERO
    reserved: Decimal = ZERO
    picked: Decimal = ZERO
    shipped: Decimal = ZERO
    returned: Decimal = ZERO
    invoiced: Decimal = ZERO
    credited: Decimal = ZERO
    returns_credited: Decimal = ZERO

    @classmethod
    def read(cls, kept: Mapping[str, str]) -> Quantities:
        """The quantities as they are kept in a document."""
        return cls(**{each.name: Decimal(kept[_WIRE.get(each.name, each.name)]) for each in _KEPT})

    def written(self) -> dict[str, str]:
        """The quantities as they are kept in a document, those that follow included."""
        texts = {_WIRE.get(each.name, each.name): plain(getattr(self, each.name)) for each in _KEPT}
        return {
            **texts,
            "open": plain(self.open),
            "backordered": plain(self.backordered),
            "toInvoice": plain(self.to_invoice),
        }

    @property
    def open(self) -> Decimal:
        """Still to be shipped."""
        return self.ordered - self.cancelled - self.shipped

    @property
    def backordered(self) -> Decimal:
        """Open and not covered by stock."""
        return self.open - self.reserved

    @property
    def wanted(self) -> Decimal:
        """Ordered and not cancelled: what the line's amounts are about."""
        return self.ordered - self.cancelled

    @property
    def to_invoice(self) -> Decimal:
        """Shipped, kept by the customer, and not invoiced."""
        return max(ZERO, self.shipped - self.returned - self.invoiced + self.returns_credited)

    @property
    def to_credit(self) -> Decimal:
        """Came back after it was invoiced, and is not credited."""
        owed = self.invoiced - self.returns_credited - (self.shipped - self.returned)
        return max(ZERO, min(owed, self.invoiced - self.credited))

    def broken(self) -> str | None:
        """The first rule that the quantities break, in words; None if they are sound."""
        rules = (
            (self.open >= ZERO, f"shipped {self.shipped} and cancelled {self.cancelled}"
             f" of {self.ordered} ordered"),
            (ZERO <= self.reserved <= max(ZERO, self.open), f"reserved {self.reserved}"
             f" of {self.open} open"),
            (ZERO <= self.picked <= self.reserved, f"picked {self.picked}"
             f" of {self.reserved} reserved"),
            (ZERO <= self.returned <= self.shipped, f"returned {self.returned}"
             f" of {self.shipped} shipped"),
            (ZERO <= self.invoiced <= self.shipped, f"invoiced {self.invoiced}"
             f" of {self.shipped} shipped"),
            (ZERO <= self.credited <= self.invoiced, f"credited {self.credited}"
             f" of {self.invoiced} invoiced"),
        )  # fmt: skip
        return next((told for holds, told in rules if not holds), None)


_KEPT = fields(Quantities)


def progress(done: Decimal, whole: Decimal) -> Progress:
    """How far something has come."""
    if done <= ZERO:
        return "none"
    return "fully" if done >= whole else "partly"


def shipping_progress(lines: Iterable[Quantities]) -> Progress:
    """How much of what is wanted has been shipped."""
    each = list(lines)
    shipped = sum((line.shipped for line in each), ZERO)
    if shipped <= ZERO:
        return "none"
    return "partly" if any(line.open > ZERO for line in each) else "fully"


def invoicing_progress(lines: Iterable[Quantities]) -> Progress:
    """How much of what was shipped, or is still to be, has been invoiced."""
    each = list(lines)
    if sum((line.invoiced for line in each), ZERO) <= ZERO:
        return "none"
    waiting = any(line.open > ZERO or line.to_invoice > ZERO for line in each)
    return "partly" if waiting else "fully"


def order_status(
    lines: Iterable[Quantities],
    *,
    rejected: bool,
    held: bool,
    payment: Progress,
) -> str:
    """One word for where an order stands (see `OrderStatus` in the ERP's document).

    Args:
        lines: The quantities of its lines.
        rejected: Approval was refused.
        held: Something keeps it from being shipped.
        payment: How much of what is invoiced is settled.
    """
    each = list(lines)
    still_open = any(line.open > ZERO for line in each)
    shipped = sum((line.shipped for line in each), ZERO)
    if rejected and not shipped:
        return "rejected"
    if not still_open and not shipped:
        return "cancelled"
    if still_open:
        if held:
            return "on_hold"
        return "partly_shipped" if shipped else "confirmed"
    if all(line.returned == line.shipped for line in each):
        return "returned"
    invoiced = invoicing_progress(each)
    if invoiced == "fully":
        return "paid" if payment == "fully" else "invoiced"
    return "shipped" if invoiced == "none" else "partly_invoiced"
