"""Orders on their way into QuickBooks: placed once, and changed without writing over anybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from crossdock.connectors.operations import Operation
from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks import placing, pricing
from crossdock.connectors.quickbooks.altering import altered
from crossdock.connectors.quickbooks.company import Company
from crossdock.connectors.quickbooks.customers import Customer
from crossdock.connectors.quickbooks.directory import Directory
from crossdock.connectors.quickbooks.documents import Documents
from crossdock.connectors.quickbooks.orders import Placed
from crossdock.connectors.quickbooks.origin import document_number, is_noted
from crossdock.connectors.reading import Row, part, text
from crossdock.errors import Conflict, FieldError, RemoteRefused
from crossdock.records import Acknowledgement, Order, OrderChange, OrderLine

_DUPLICATE_NUMBER: Final = "6140"


class Ordering:
    """Places and changes the orders of one company.

    Args:
        company: which one.
        directory: what ids stand for.
        documents: reads what is there.
        system: the configured name.
        orders: what an order becomes.
    """

    def __init__(
        self,
        company: Company,
        directory: Directory,
        documents: Documents,
        system: str,
        orders: Placed,
    ) -> None:
        self._company = company
        self._directory = directory
        self._documents = documents
        self._system = system
        self._orders: Placed = orders
        self._write: Operation = use.WRITE_ESTIMATE if orders == "estimate" else use.WRITE_INVOICE

    def by_reference(self, reference: str) -> tuple[Order, ...]:
        """Find the orders that carry the caller's own reference."""
        found = self._documents.sales_numbered(document_number(reference))
        mine = [each for each in found if each.origin and each.origin.reference == reference]
        return self._documents.as_orders(mine)

    def place(self, customer: Customer, order: Order, key: str) -> Acknowledgement:
        """Place an order, once for each key.

        QuickBooks gives its first answer again for the same `requestid`. Should it have forgotten
        it, the document's number stops a second document, where the company has numbers kept
        unique, and the order that is there is taken.

        Raises:
            Conflict: the key was used for another order, or the number for another document.
            RemoteRefused: the customer buys in another currency.
        """
        if order.currency != customer.currency:
            raise RemoteRefused(
                f"{self._label} invoices {customer.number} in {customer.currency}, "
                f"not in {order.currency}",
                system=self._system,
                code="currency_mismatch",
            )
        sold = self._sold(order.lines, customer)
        body = self._company.remote.written(
            self._write,
            lambda: placing.body(self._orders, customer.id, order, sold, home=self._company.home),
        )
        try:
            row = self._written(body, key)
        except Conflict as conflict:
            if conflict.code != _DUPLICATE_NUMBER:
                raise
            there = [
                each
                for each in self.by_reference(order.reference)
                if each.customer_id == customer.number
            ]
            if len(there) != 1:
                raise
            return Acknowledgement(order=there[0], reference=order.reference, replayed=True)
        (placed,) = self._documents.as_orders([self._documents.sale_of(row)])
        if placed.reference != order.reference:
            raise Conflict(
                f"{self._label} has made {placed.reference or placed.id} under this key, "
                f"not {order.reference}",
                system=self._system,
                code="requestid_reused",
            )
        return Acknowledgement(order=placed, reference=placed.reference)

    def change(self, order: Order, change: OrderChange) -> Order:
        """Change or cancel an order that is an estimate, as it was read.

        A change whose id stands in the estimate's note was made already, and is not made again.

        Raises:
            Stale: the order changed since it was read; nothing was written over it.
            RemoteRefused: it cannot be changed so any more.
        """
        sale = self._documents.sale(order.id)
        if change.id and is_noted(sale.document.note, change.id):
            return self._documents.as_orders([sale])[0]
        added = (
            self._sold(change.added, self._directory.customer_by_id(sale.document.customer.id))
            if change.added
            else {}
        )
        body = self._company.remote.written(
            self._write,
            lambda: altered(sale, order, change, added, label=self._label, system=self._system),
        )
        return self._documents.order(text(self._written(body, ""), "Id"))

    @property
    def _label(self) -> str:
        return self._company.remote.address.label

    def _sold(self, lines: Iterable[OrderLine], customer: Customer) -> dict[int, placing.Sold]:
        several = list(lines)
        items = self._directory.products_by_code(line.item_id for line in several)
        found: dict[int, placing.Sold] = {}
        for index, line in enumerate(several):
            item = items.get(line.item_id)
            if item is None:
                problem = f"there is no item {line.item_id}"
                raise RemoteRefused(
                    f"{self._label} cannot take this: {problem}",
                    system=self._system,
                    code="no_such_item",
                    fields=[FieldError(f"lines.{index}.item_id", problem)],
                )
            found[line.number] = placing.Sold(
                product=item, tax_code=pricing.code_of(item, customer)
            )
        return found

    def _written(self, body: dict[str, Any], key: str) -> Row:
        answer = self._company.call(
            self._write,
            query={"requestid": placing.request_id(key) if key else None},
            body=body,
            # Which QuickBooks does not read: by it the evidence of an exchange names its key.
            headers={"Idempotency-Key": key} if key else {},
            repeatable=bool(key),
        )
        entity = self._orders.capitalize()
        return self._company.remote.read(answer, lambda told: part(told, entity, lambda row: row))
