"""Reading Business Central's sales documents: orders, shipments, invoices, credit memos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, TypeVar

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central import orders, shipping
from crossdock.connectors.business_central.billing import (
    INVOICE_LINES,
    MEMO_LINES,
    Bill,
    credit_note,
    invoice,
    invoice_bill,
    memo_bill,
)
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.odata import (
    AT_ONCE,
    Query,
    among,
    equal,
    every,
    since_day,
    unlike,
)
from crossdock.connectors.business_central.offers import LINES as QUOTE_LINES
from crossdock.connectors.business_central.orders import Sale
from crossdock.connectors.business_central.origin import document_number
from crossdock.connectors.business_central.quoting import quote
from crossdock.connectors.operations import Operation
from crossdock.connectors.pieces import in_pieces
from crossdock.connectors.reading import Row, optional_text, text
from crossdock.errors import NotFound
from crossdock.records import CreditNote, Invoice, Order, Quote, Shipment

_T = TypeVar("_T")
#: A draft demands nothing yet, and its number changes when it is posted.
POSTED: Final = every(unlike("status", "Draft"), unlike("status", "In Review"))
_OF_ORDERS: Final = every(POSTED, unlike("orderNumber", ""))


class Documents:
    """Reads documents of one company.

    Args:
        company: whose.
        system: the configured name.
    """

    def __init__(self, company: Company, system: str) -> None:
        self._company = company
        self._system = system

    # Invoices and credit memos.

    def invoices(self, number: str, *, since: date | None, lines: bool) -> tuple[Invoice, ...]:
        """List a customer's posted invoices, newest first."""
        query = Query(
            filter=every(equal("customerNumber", number), POSTED, since_day("invoiceDate", since)),
            order="invoiceDate desc",
            expand=INVOICE_LINES if lines else "",
        )
        found = self._company.every(use.INVOICES, query, invoice_bill)
        return tuple(invoice(each, self._system) for each in found)

    def invoice(self, number: str) -> Invoice:
        """Read one posted invoice with its lines."""
        condition = every(equal("number", number), POSTED)
        found = self._one(use.INVOICES, condition, INVOICE_LINES, invoice_bill, "invoice", number)
        return invoice(found, self._system)

    def address(self, number: str) -> tuple[str, str, str]:
        """Give a posted invoice's id, the address that stands on it, and its customer's number."""
        return self._one(
            use.INVOICES,
            every(equal("number", number), POSTED),
            "",
            lambda row: (text(row, "id"), optional_text(row, "email"), text(row, "customerNumber")),
            "invoice",
            number,
        )

    def credit_notes(
        self, number: str, *, since: date | None, lines: bool
    ) -> tuple[CreditNote, ...]:
        """List a customer's posted credit memos, newest first."""
        query = Query(
            filter=every(
                equal("customerNumber", number), POSTED, since_day("creditMemoDate", since)
            ),
            order="creditMemoDate desc",
            expand=MEMO_LINES if lines else "",
        )
        found = self._company.every(use.CREDIT_MEMOS, query, memo_bill)
        return tuple(credit_note(each, self._system) for each in found)

    def credit_note(self, number: str) -> CreditNote:
        """Read one posted credit memo with its lines."""
        condition = every(equal("number", number), POSTED)
        found = self._one(use.CREDIT_MEMOS, condition, MEMO_LINES, memo_bill, "credit memo", number)
        return credit_note(found, self._system)

    # Shipments.

    def shipments(self, number: str, *, since: date | None) -> tuple[Shipment, ...]:
        """List a customer's posted shipments, newest first."""
        query = Query(
            filter=every(equal("customerNumber", number), since_day("postingDate", since)),
            order="postingDate desc",
            expand=shipping.LINES,
        )
        return tuple(self._company.every(use.SHIPMENTS, query, self._shipment))

    def shipment(self, number: str) -> Shipment:
        """Read one posted shipment with its lines."""
        condition = equal("number", number)
        return self._one(
            use.SHIPMENTS, condition, shipping.LINES, self._shipment, "shipment", number
        )

    def _shipment(self, row: Row) -> Shipment:
        return shipping.shipment(row, self._system)

    # Quotes.

    def quotes(self, number: str) -> tuple[Quote, ...]:
        """List a customer's quotes, newest first, without those that are there for a moment."""
        query = Query(
            filter=equal("customerNumber", number), order="documentDate desc", expand=QUOTE_LINES
        )
        read = self._company.every(use.QUOTES, query, lambda row: quote(row, self._system))
        return tuple(found for found in read if found is not None)

    # Orders.

    def orders(self, number: str, *, since: date | None) -> tuple[Order, ...]:
        """List a customer's orders, those that are gone by their invoices, newest first."""
        mine = equal("customerNumber", number)
        there = list(self.sales(every(mine, since_day("orderDate", since))))
        # An order may be older than the day, and an invoice of it not.
        numbers = {each.number for each in (there if since is None else self._sales_heads(mine))}
        heads: dict[str, list[Bill]] = defaultdict(list)
        query = Query(filter=every(mine, _OF_ORDERS))
        for bill in self._company.every(use.INVOICES, query, invoice_bill):
            if bill.order_number not in numbers:
                heads[bill.order_number].append(bill)
        gone = [
            order
            for order, bills in heads.items()
            if since is None or orders.invoiced_since(bills) >= since
        ]
        found = [
            *self.as_orders(there),
            *(
                orders.order_of_invoices(bills, self._system)
                for bills in self._invoices_of(gone).values()
            ),
        ]
        return tuple(
            sorted(found, key=lambda each: (each.ordered_on or date.min, each.id), reverse=True)
        )

    def order(self, number: str) -> Order:
        """Read one order, by its posted invoices where it is gone.

        Raises:
            NotFound: there is neither.
        """
        there = list(self.sales(equal("number", number)))
        if there:
            return self.as_orders(there[:1])[0]
        bills = self._invoices_of([number])
        if number not in bills:
            raise self._missing("order", number)
        return orders.order_of_invoices(bills[number], self._system)

    def by_reference(self, reference: str) -> tuple[Order, ...]:
        """Find the orders that carry the caller's own reference, also those that are gone."""
        there = [each for each in self.sales_numbered(reference) if is_of(each, reference)]
        return self.as_orders(there) if there else self.gone_by_reference(reference)

    def sales_numbered(self, reference: str) -> list[Sale]:
        """Read the sales orders with a reference's number, whoever gave it to them."""
        return list(self.sales(_numbered(reference)))

    def gone_by_reference(self, reference: str) -> tuple[Order, ...]:
        """Find the orders that are gone and carried a reference, by their posted invoices."""
        query = Query(filter=every(_numbered(reference), _OF_ORDERS), expand=INVOICE_LINES)
        gone = {
            bill.order_number
            for bill in self._company.every(use.INVOICES, query, invoice_bill)
            if is_of(bill, reference)
        }
        bills = self._invoices_of(sorted(gone))
        return tuple(orders.order_of_invoices(each, self._system) for each in bills.values())

    def sale(self, number: str) -> Sale:
        """Read a sales order that is there.

        Raises:
            NotFound: it is not, or not any more.
        """
        for found in self.sales(equal("number", number)):
            return found
        raise self._missing("open order", number)

    def sales(self, condition: str) -> Iterable[Sale]:
        """Read the sales orders that meet a condition, with their lines, newest first."""
        query = Query(filter=condition, order="orderDate desc", expand=orders.LINES)
        return self._company.every(use.ORDERS, query, orders.sale)

    def as_orders(self, sales: Sequence[Sale]) -> tuple[Order, ...]:
        """Give sales orders as plugins know them."""
        done = [each.number for each in sales if _is_invoiced(each)]
        invoices = self._invoices_of(done)
        return tuple(
            orders.order_of_sale(each, self._system, invoices.get(each.number, ()))
            for each in sales
        )

    # How it is read.

    def _sales_heads(self, condition: str) -> Iterable[Sale]:
        query = Query(filter=condition, expand=f"{orders.LINES}($top=0)")
        return self._company.every(use.ORDERS, query, orders.sale)

    def _invoices_of(self, numbers: Iterable[str]) -> Mapping[str, list[Bill]]:
        """Read the posted invoices of orders, with their lines."""
        found: dict[str, list[Bill]] = defaultdict(list)
        for piece in in_pieces(numbers, AT_ONCE):
            query = Query(filter=every(among("orderNumber", piece), POSTED), expand=INVOICE_LINES)
            for bill in self._company.every(use.INVOICES, query, invoice_bill):
                found[bill.order_number].append(bill)
        return dict(found)

    def _one(
        self,
        operation: Operation,
        condition: str,
        expand: str,
        parse: Callable[[Row], _T],
        what: str,
        number: str,
    ) -> _T:
        query = Query(filter=condition, expand=expand)
        for found in self._company.every(operation, query, parse):
            return found
        raise self._missing(what, number)

    def _missing(self, what: str, number: str) -> NotFound:
        address = self._company.remote.address
        return NotFound(
            f"{address.label} has no {what} {number}", system=address.system, code="no_such_record"
        )


def is_of(found: Sale | Bill, reference: str) -> bool:
    """Whether a document says that it came from an order of the CRM."""
    return found.origin is not None and found.origin.reference == reference


def _numbered(reference: str) -> str:
    return equal("externalDocumentNumber", document_number(reference))


def _is_invoiced(found: Sale) -> bool:
    """Whether all of an order is invoiced, so that it may be paid."""
    return all(line.row["invoicedQuantity"] >= line.row["quantity"] for line in found.lines.sold)
