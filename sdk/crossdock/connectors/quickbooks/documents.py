"""Reading QuickBooks' sales documents, with what other documents tell of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Final, TypeVar

from crossdock.connectors.operations import Operation
from crossdock.connectors.quickbooks import billing
from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks.billing import Bill, Received
from crossdock.connectors.quickbooks.company import Company
from crossdock.connectors.quickbooks.directory import Directory
from crossdock.connectors.quickbooks.orders import Placed, Sale, estimate_sale, order
from crossdock.connectors.quickbooks.query import Query, among, equal
from crossdock.connectors.quickbooks.quoting import quote
from crossdock.connectors.reading import Row
from crossdock.errors import NotFound
from crossdock.records import (
    Application,
    CreditNote,
    Invoice,
    Order,
    Payment,
    PrintedInvoice,
    Quote,
)

_T = TypeVar("_T")
_NEWEST: Final = "TxnDate DESC"


class Documents:
    """Reads documents of one company.

    Args:
        company: whose.
        directory: what ids stand for.
        system: the configured name.
        orders: what an order is here.
    """

    def __init__(self, company: Company, directory: Directory, system: str, orders: Placed) -> None:
        self._company = company
        self._directory = directory
        self._system = system
        self._orders: Placed = orders

    # Invoices and credit memos.

    def invoices(self, customer_id: str, *, since: date | None, lines: bool) -> tuple[Invoice, ...]:
        """List a customer's invoices, newest first."""
        bills = self._bills("Invoice", customer_id, since)
        applied = self._applied(self._payments(customer_id)) if bills else ()
        bills += self._of_customer("SalesReceipt", customer_id, since, self._receipt)
        bills.sort(key=lambda each: each.dated, reverse=True)
        return tuple(self._as_invoices(bills, applied, lines=lines))

    def invoice(self, invoice_id: str) -> Invoice:
        """Read one invoice, or sales receipt, with its lines; documents share their ids."""
        try:
            bill = self._one(use.READ_INVOICE, "Invoice", invoice_id)
        except NotFound as missing:
            try:
                bill = self._company.one(
                    use.READ_SALES_RECEIPT, "SalesReceipt", invoice_id, self._receipt
                )
            except NotFound:
                raise missing from None
        (invoice,) = self._as_invoices([bill], self._applied_to(bill), lines=True)
        return invoice

    def printed(self, invoice_id: str) -> PrintedInvoice:
        """Give an invoice, or sales receipt, as a PDF file."""
        try:
            answer = self._company.call(use.PRINT_INVOICE, entity_id=invoice_id)
        except NotFound as missing:
            try:
                answer = self._company.call(use.PRINT_RECEIPT, entity_id=invoice_id)
            except NotFound:
                raise missing from None
        return PrintedInvoice(
            invoice_id=invoice_id,
            system=self._system,
            name=f"{invoice_id}.pdf",
            media_type=answer.operation.file,
            content=answer.body,
        )

    def credit_notes(
        self, customer_id: str, *, since: date | None, lines: bool
    ) -> tuple[CreditNote, ...]:
        """List a customer's credit memos, newest first."""
        bills = self._bills("CreditMemo", customer_id, since)
        applied = self._applied(self._payments(customer_id)) if bills else ()
        return tuple(self._as_credit_notes(bills, applied, lines=lines))

    def credit_note(self, credit_note_id: str) -> CreditNote:
        """Read one credit memo with its lines."""
        bill = self._one(use.READ_CREDIT_MEMO, "CreditMemo", credit_note_id)
        (note,) = self._as_credit_notes([bill], self._applied_to(bill), lines=True)
        return note

    def past_due(self, customer_ids: Sequence[str], today: date) -> list[Bill]:
        """List the invoices that are open and were due before a day; of all, if none is named."""
        conditions = ["Balance > '0'", f"DueDate < '{today.isoformat()}'"]
        if customer_ids:
            conditions.insert(0, among("CustomerRef", customer_ids))
        return self._company.every(Query("Invoice", tuple(conditions)), self._bill)

    # Payments.

    def payments(self, customer_id: str, *, since: date | None) -> tuple[Payment, ...]:
        """List the money that a customer paid, newest first."""
        found = self._payments(customer_id, since)
        return tuple(
            billing.payment(each, self._system, self._directory.number_of(each.customer))
            for each in found
            if each.is_money
        )

    def payment(self, payment_id: str) -> Payment:
        """Read one payment."""
        found = self._company.one(use.READ_PAYMENT, "Payment", payment_id, self._received)
        return billing.payment(found, self._system, self._directory.number_of(found.customer))

    # Orders.

    def orders(self, customer_id: str, *, since: date | None) -> tuple[Order, ...]:
        """List a customer's orders with their lines, newest first."""
        if self._orders == "invoice":
            bills = self._bills("Invoice", customer_id, since)
            return self.as_orders(self._invoice_sale(each) for each in bills)
        estimates = self._bills("Estimate", customer_id, since)
        linked = any(link.kind == "Invoice" for each in estimates for link in each.links)
        # What an estimate became is dated later than the estimate.
        invoices = self._bills("Invoice", customer_id, since) if linked else []
        by_id = {each.id: each for each in invoices}
        missing = {
            link.id
            for each in estimates
            for link in each.links
            if link.kind == "Invoice" and link.id not in by_id
        }
        by_id |= {each.id: each for each in self._company.by_ids("Invoice", missing, self._bill)}
        sales = [estimate_sale(each, by_id) for each in estimates]
        return self.as_orders(sale for sale in sales if sale.is_order)

    def order(self, order_id: str) -> Order:
        """Read one order with its lines.

        Raises:
            NotFound: there is no such document, or it is an offer that nobody accepted.
        """
        sale = self.sale(order_id)
        if not sale.is_order:
            raise NotFound(
                f"{self._company.remote.address.label} has estimate {order_id} as an offer that "
                "is not accepted, which is no order",
                system=self._system,
                code="not_an_order",
            )
        return self.as_orders([sale])[0]

    def sale(self, order_id: str) -> Sale:
        """Read the document that stands for an order, and what is linked to it."""
        if self._orders == "invoice":
            return self._invoice_sale(self._one(use.READ_INVOICE, "Invoice", order_id))
        return self._estimate_sale(self._one(use.READ_ESTIMATE, "Estimate", order_id))

    def sales_numbered(self, number: str) -> list[Sale]:
        """Find the documents that stand for orders and have a number."""
        entity = self._orders.capitalize()
        found = self._company.every(Query(entity, (equal("DocNumber", number),)), self._bill)
        made = self._invoice_sale if self._orders == "invoice" else self._estimate_sale
        return [made(each) for each in found]

    def sale_of(self, row: Row) -> Sale:
        """Read the document that stands for an order, as an answer has it."""
        bill = self._bill(row)
        return self._invoice_sale(bill) if self._orders == "invoice" else self._estimate_sale(bill)

    def as_orders(self, sales: Iterable[Sale]) -> tuple[Order, ...]:
        """Give documents as orders."""
        several = list(sales)
        codes = self._directory.codes(billing.item_ids([each.document for each in several]))
        return tuple(
            order(each, self._system, self._directory.number_of(each.document.customer), codes)
            for each in several
        )

    def quotes(self, customer_id: str) -> tuple[Quote, ...]:
        """List a customer's estimates that are no orders, newest first."""
        sales = [estimate_sale(each, {}) for each in self._bills("Estimate", customer_id, None)]
        offers = [sale for sale in sales if self._orders == "invoice" or not sale.is_order]
        codes = self._directory.codes(billing.item_ids([each.document for each in offers]))
        number = self._directory.number_of
        return tuple(
            quote(each, self._system, number(each.document.customer), codes) for each in offers
        )

    # How it is read.

    def _bill(self, row: Row) -> Bill:
        return billing.bill(row, self._company.home)

    def _receipt(self, row: Row) -> Bill:
        return billing.bill(row, self._company.home, at_once=True)

    def _received(self, row: Row) -> Received:
        return billing.received(row, self._company.home)

    def _one(self, operation: Operation, entity: str, entity_id: str) -> Bill:
        return self._company.one(operation, entity, entity_id, self._bill)

    def _bills(self, entity: str, customer_id: str, since: date | None) -> list[Bill]:
        return self._of_customer(entity, customer_id, since, self._bill)

    def _payments(self, customer_id: str, since: date | None = None) -> list[Received]:
        return self._of_customer("Payment", customer_id, since, self._received)

    def _of_customer(
        self, entity: str, customer_id: str, since: date | None, parse: Callable[[Row], _T]
    ) -> list[_T]:
        conditions = [equal("CustomerRef", customer_id)]
        if since is not None:
            conditions.append(f"TxnDate >= '{since.isoformat()}'")
        return self._company.every(Query(entity, tuple(conditions), _NEWEST), parse)

    def _estimate_sale(self, estimate: Bill) -> Sale:
        linked = [each.id for each in estimate.links if each.kind == "Invoice"]
        found = self._company.by_ids("Invoice", linked, self._bill)
        return estimate_sale(estimate, {each.id: each for each in found})

    def _invoice_sale(self, invoice: Bill) -> Sale:
        return Sale(kind="invoice", document=invoice, invoices=(invoice,))

    def _applied(self, payments: Iterable[Received]) -> tuple[Application, ...]:
        return tuple(one for each in payments for one in each.applications())

    def _applied_to(self, bill: Bill) -> tuple[Application, ...]:
        linked = [each.id for each in bill.links if each.kind == "Payment"]
        return self._applied(self._company.by_ids("Payment", linked, self._received))

    def _as_invoices(
        self, bills: Sequence[Bill], applied: Sequence[Application], *, lines: bool
    ) -> Iterator[Invoice]:
        codes = self._directory.codes(billing.item_ids(bills)) if lines else None
        for each in bills:
            estimate = next((link.id for link in each.links if link.kind == "Estimate"), "")
            yield billing.invoice(
                each,
                self._system,
                self._directory.number_of(each.customer),
                order_id=(each.id if self._orders == "invoice" and not each.at_once else estimate),
                applied=applied,
                codes=codes,
            )

    def _as_credit_notes(
        self, bills: Sequence[Bill], applied: Sequence[Application], *, lines: bool
    ) -> Iterator[CreditNote]:
        codes = self._directory.codes(billing.item_ids(bills)) if lines else None
        for each in bills:
            yield billing.credit_note(
                each,
                self._system,
                self._directory.number_of(each.customer),
                applied=applied,
                codes=codes,
            )
