"""Orders of a vendor's CRM: made once of a quote, entered once, and told how far they have come."""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import Generic, TypeVar

from attrs import evolve

from crossdock.connectors.vendor_crm.records import VendorRecords
from crossdock.errors import Conflict, NotSupported, RemoteRefused
from crossdock.records import Order, Quote
from crossdock.records.ordering import order_of

_Kept = TypeVar("_Kept")


class OrderBook(ABC, Generic[_Kept]):
    """The methods of `CrmPort` that write orders, on what a vendor's connector does for them.

    `_Kept` is an order with its lines as the vendor's wire has it.

    Args:
        records: reads and writes records of the CRM.
    """

    def __init__(self, records: VendorRecords) -> None:
        self._book = records

    # What the vendor's connector does.

    @abstractmethod
    def kept(self, order_id: str) -> _Kept:
        """Read one order with its lines, or raise `NotFound`."""

    @abstractmethod
    def as_record(self, kept: _Kept) -> Order:
        """Read an order of what the wire has."""

    @abstractmethod
    def quoted(self, quote_id: str) -> Quote:
        """Read the quote that is to be ordered."""

    @abstractmethod
    def made(self, wanted: Order, *key: str) -> tuple[Order, bool]:
        """Make an order under a unique key, given in parts, or give the one that is there.

        Returns:
            The order, and whether this made it.
        """

    @abstractmethod
    def brought_to(self, kept: _Kept, order: Order, *, merge: bool = False) -> Order:
        """Write what differs; nothing where nothing does.

        Args:
            kept: the order as it is.
            order: as it should be.
            merge: only how far it has come; what its CRM alone knows stays.
        """

    def ordered(self, order_id: str) -> Order:
        """Give the order that was made of a quote before."""
        return self.order(order_id)

    def linked(self, quote: Quote, order: Order) -> Order:  # noqa: ARG002 - for those that must
        """Name the order on its quote, where making it has not; gives the order."""
        return order

    # What comes of it.

    def order(self, order_id: str) -> Order:
        """Read one CRM order with its lines."""
        return self.as_record(self.kept(order_id))

    def save_order(self, order: Order) -> Order:
        """Enter an order (empty `id`) or change a draft; raises `Conflict` if it was changed.

        The same order under the same `reference` again gives the one that was entered.
        """
        if order.id:
            return self._save_draft(order)
        entered = evolve(order, status="draft" if order.status == "draft" else "submitted")
        there, made = self.made(entered, "reference", order.reference)
        if not made and not is_same(there, order):
            raise self._book.conflict(
                "duplicate_reference",
                f"has another order ({there.id}) that has the reference {order.reference!r}",
            )
        return there

    def _save_draft(self, order: Order) -> Order:
        kept = self.kept(order.id)
        now = self.as_record(kept)
        if now.status != "draft":
            raise NotSupported(
                f"{self._book.remote.address.label} has given the order {order.id} on already "
                f"({now.status}); change it in the ERP, or cancel it and enter another one"
            )
        self._book.check_version("order", order.id, order.version, now.version)
        if not has_lines_of(now, order):
            raise self._book.remote.rejected(
                self._book.changes_by,
                "lines",
                "a draft keeps the lines that it was entered with; cancel it and enter another one",
            )
        return self.brought_to(kept, order)

    def order_from_quote(self, quote_id: str) -> Order:
        """Make the order of a quote. Asking again gives the same order.

        Its key is made of the quote's id and is unique in the CRM, whoever asks at the same time.
        """
        quote = self.quoted(quote_id)
        if quote.order_id:
            return self.ordered(quote.order_id)
        if not quote.lines:
            raise RemoteRefused(
                f"The quote {quote_id} has no lines, so nothing can be ordered by it",
                system=self._book.system,
                code="quote_without_lines",
            )
        order, _ = self.made(order_of(quote, self._book.system), "quote", quote_id)
        return self.linked(quote, order)

    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts.

        It is read and compared first, so that the same again changes nothing.
        """
        kept = self.kept(order.id)
        now = self.as_record(kept)
        if now.status == "draft" and (order.status != "draft" or order.erp_order_id):
            raise self._book.conflict(
                "order_is_draft", f"has the order {order.id} as a draft: submit it first"
            )
        return self.progressed(kept, order)

    def progressed(self, kept: _Kept, order: Order) -> Order:
        """Write how far an order has come."""
        return self.brought_to(kept, order, merge=True)

    def erp_order_taken(self, erp_order: object, taken: Conflict) -> Conflict:
        """Say that another order of the CRM has the ERP's order already."""
        return self._book.conflict(
            "erp_order_taken", f"has another order for {erp_order} already", taken.status
        )


def carried_on(order: Order, now: Order) -> Order:
    """Give an order as it should be, with what it does not say as it is: ids and who has it."""
    return evolve(
        order,
        external_ids={**now.external_ids, **order.external_ids},
        trading_account=order.trading_account or now.trading_account,
        erp_system=order.erp_system or now.erp_system,
        erp_order_id=order.erp_order_id or now.erp_order_id,
    )


def is_same(there: Order, wanted: Order) -> bool:
    """Whether an order that is there is what somebody wants to enter."""
    return there.account_id == wanted.account_id and has_lines_of(there, wanted)


def has_lines_of(there: Order, wanted: Order) -> bool:
    """Whether an order has the items of another one in the same quantities, line by line."""

    def of(order: Order) -> list[tuple[int, str, Decimal]]:
        return [(line.number, line.item_id, line.quantity) for line in order.lines]

    return of(there) == of(wanted)
