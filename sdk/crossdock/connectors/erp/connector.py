"""`ErpPort` over the reference ERP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Final, TypeVar

import httpx

from crossdock.connectors.credentials import ApiKey
from crossdock.connectors.erp import (
    billing,
    customers,
    fulfilment,
    items,
    order_changes,
    orders,
    pricing,
)
from crossdock.connectors.erp import operations as use
from crossdock.connectors.erp.masters import Masters
from crossdock.connectors.erp.paging import LIMIT, all_pages, one_page
from crossdock.connectors.erp.refusals import wording
from crossdock.connectors.exchange import Address
from crossdock.connectors.feeds import changes
from crossdock.connectors.http import Remote
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, each
from crossdock.connectors.settings import Settings
from crossdock.connectors.writing import number
from crossdock.errors import NotSupported, RemoteRefused
from crossdock.ports import Changes, ErpPort, Page
from crossdock.records import (
    Acknowledgement,
    Availability,
    Contract,
    CreditNote,
    CreditStatus,
    ExchangeRate,
    Invoice,
    Item,
    Order,
    OrderChange,
    Payment,
    PriceRequest,
    Pricing,
    PrintedInvoice,
    Quote,
    Return,
    Shipment,
    TradingAccount,
)

_T = TypeVar("_T")
_ENTITIES: Final = {
    "company": "company",
    "customer": "trading_account",
    "contact": "contact",
    "item": "item",
    "price_list": "price_list",
    "stock": "stock",
    "sales_order": "order",
    "shipment": "shipment",
    "invoice": "invoice",
    "credit_note": "credit_note",
    "payment": "payment",
    "return": "return",
    "contract": "contract",
}


class ErpConnector(Masters):
    """A reference ERP, as `crossdock.ports.ErpPort` describes it; safe in many threads.

    Attributes:
        document: the file name of the remote document.
        used_operations: the `operationId`s that it calls.
        capabilities: what it can do beyond the required.
    """

    document: Final = use.DOCUMENT
    used_operations: Final = use.USED

    def __init__(
        self,
        system: str,
        settings: Settings,
        *,
        transport: httpx.BaseTransport | None = None,
        deadline: Callable[[], float] | None = None,
    ) -> None:
        self.system = system
        able = {
            "approval",
            "contacts",
            "contracts",
            "customer_reference",
            "exchange_rates",
            "invoice_document",
            "invoice_sending",
            "payments",
            "price_lists",
            "price_simulation",
            "reservations",
            "returns",
            "shipments",
            "stock",
        }
        if settings.flag("idempotency", default=True):
            able.add("idempotency_key")
        self.capabilities = frozenset(able)
        self._tax_code = settings.text_or("tax_code", "")
        key = ApiKey("X-Api-Key", settings.secret("api_key"))
        self._remote = Remote(
            Address(kind="ERP", system=system, url=settings.url(), where=settings.where),
            credentials=lambda _: key,
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            transport=transport,
            deadline=deadline,
        )

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()

    def customer(self, customer_id: str) -> TradingAccount:
        """Read one customer."""
        return self._one(use.GET_CUSTOMER, "customerId", customer_id, customers.customer)

    def customers(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[TradingAccount]:
        """List customers; `search` matches names and numbers. At most 200."""
        return one_page(
            self._remote,
            use.LIST_CUSTOMERS,
            self._here(customers.customer),
            query={"search": search.strip() or None},
            after=after,
            limit=limit,
        )

    def item(self, item_id: str) -> Item:
        """Read one item."""
        return self._one(use.GET_ITEM, "itemId", item_id, items.item)

    def items(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page[Item]:
        """List active items; `search` matches codes and names. At most 200."""
        return one_page(
            self._remote,
            use.LIST_ITEMS,
            self._here(items.item),
            query={"search": search.strip() or None, "active": True},
            after=after,
            limit=limit,
        )

    def price(self, customer: TradingAccount, request: PriceRequest) -> Pricing:
        """Price a whole draft with tax, stock and credit outcome; nothing is stored.

        Raises:
            RemoteRefused: a currency was asked for that is not the customer's.
        """
        body = self._remote.written(
            use.SIMULATE, lambda: pricing.request_body(customer.id, request)
        )
        answer = self._remote.call(use.SIMULATE, body=body)
        priced = self._remote.read(answer, lambda row: pricing.pricing(row, self.system))
        if request.currency and request.currency != priced.currency:
            raise RemoteRefused(
                f"{self._remote.address.label} prices {customer.id} in {priced.currency}, "
                f"not in {request.currency}",
                system=self.system,
                code="currency_mismatch",
            )
        return priced

    def stock(self, item_id: str, quantity: Decimal = Decimal(1)) -> Availability:
        """Say how much of an item there is, and when `quantity` of it can be there."""
        answer = self._remote.call(
            use.GET_STOCK, {"itemId": item_id}, query={"quantity": number(quantity)}
        )
        return self._remote.read(answer, lambda row: items.availability(row, quantity))

    def credit(self, customer: TradingAccount) -> CreditStatus:
        """Say how much credit a customer has left."""
        return self._one(use.GET_CREDIT, "customerId", customer.id, customers.credit)

    def credit_list(self, *, after: str | None = None, limit: int = 50) -> Page[CreditStatus]:
        """List how much credit each customer has left, by number. At most 200."""
        return one_page(
            self._remote,
            use.LIST_CREDIT,
            self._here(customers.credit),
            query={},
            after=after,
            limit=limit,
        )

    def orders(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Order]:
        """List a customer's orders with their lines, newest first."""
        return tuple(
            self._documents(
                use.LIST_ORDERS, orders.order, customer, since=("orderedFrom", since), lines=True
            )
        )

    def order(self, order_id: str) -> Order:
        """Read one order with its lines."""
        return self._one(use.GET_ORDER, "orderId", order_id, orders.order)

    def orders_by_reference(self, reference: str) -> Sequence[Order]:
        """Find the orders that carry the caller's own reference; the ERP lets several have one."""
        return tuple(
            all_pages(
                self._remote,
                use.LIST_ORDERS,
                self._here(orders.order),
                query={"externalReference": reference, "include": "lines"},
            )
        )

    def place_order(
        self, customer: TradingAccount, order: Order, *, idempotency_key: str
    ) -> Acknowledgement:
        """Place an order, once for each `idempotency_key`. `order.reference` is stored with it.

        The key is not sent where the connector was told to do without.
        """
        if "idempotency_key" not in self.capabilities:
            idempotency_key = ""
        body = self._remote.written(use.CREATE_ORDER, lambda: orders.order_body(customer.id, order))
        answer = self._remote.call(
            use.CREATE_ORDER,
            body=body,
            headers={"Idempotency-Key": idempotency_key} if idempotency_key else {},
            repeatable=bool(idempotency_key),
        )
        placed = self._remote.read(answer, self._here(orders.order))
        return Acknowledgement(
            order=placed,
            reference=placed.reference,
            replayed=answer.headers.get("idempotency-replayed") == "true",
        )

    def change_order(self, order: Order, change: OrderChange) -> Order:
        """Change or cancel an order as it was read; `change.id` goes into its history.

        Raises:
            Conflict: the order changed since it was read.
            RemoteRefused: it cannot be changed so any more.
        """
        cancels = change.kind == "cancel"
        operation = use.CANCEL_ORDER if cancels else use.CHANGE_ORDER
        write = order_changes.cancel_body if cancels else order_changes.change_body
        answer = self._remote.call(
            operation,
            {"orderId": order.id},
            body=self._remote.written(operation, lambda: write(change, order.currency)),
            headers={"If-Match": f'"{order.version}"'},
        )
        return self._remote.read(answer, self._here(orders.order))

    def shipments(
        self, customer: TradingAccount, *, since: date | None = None
    ) -> Sequence[Shipment]:
        """List a customer's shipments with their lines, newest first."""
        return tuple(
            self._documents(
                use.LIST_SHIPMENTS,
                fulfilment.shipment,
                customer,
                since=("shippedFrom", since),
                lines=True,
            )
        )

    def shipment(self, shipment_id: str) -> Shipment:
        """Read one shipment."""
        return self._one(use.GET_SHIPMENT, "shipmentId", shipment_id, fulfilment.shipment)

    def invoices(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[Invoice]:
        """List a customer's invoices, newest first; heads and applications only unless `lines`."""
        return tuple(
            self._documents(
                use.LIST_INVOICES,
                partial(billing.invoice, lines=lines),
                customer,
                since=("issuedFrom", since),
                lines=lines,
            )
        )

    def invoice(self, invoice_id: str) -> Invoice:
        """Read one invoice with its lines."""
        return self._one(use.GET_INVOICE, "invoiceId", invoice_id, billing.invoice)

    def invoice_document(self, invoice_id: str) -> PrintedInvoice:
        """Give an invoice as the customer was sent it: a PDF file."""
        answer = self._remote.call(use.PRINT_INVOICE, {"invoiceId": invoice_id})
        return PrintedInvoice(
            invoice_id=invoice_id,
            system=self.system,
            name=f"{invoice_id}.pdf",
            media_type=use.PRINT_INVOICE.file,
            content=answer.body,
        )

    def send_invoice(self, invoice_id: str, *, to: str = "") -> None:
        """Let the ERP send an invoice to the customer once more."""
        body = {"to": to} if to else {}
        self._remote.call(use.SEND_INVOICE, {"invoiceId": invoice_id}, body=body)

    def credit_notes(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[CreditNote]:
        """List a customer's credit notes, newest first; heads and applications unless `lines`."""
        return tuple(
            self._documents(
                use.LIST_CREDIT_NOTES,
                partial(billing.credit_note, lines=lines),
                customer,
                since=("issuedFrom", since),
                lines=lines,
            )
        )

    def credit_note(self, credit_note_id: str) -> CreditNote:
        """Read one credit note with its lines."""
        return self._one(use.GET_CREDIT_NOTE, "creditNoteId", credit_note_id, billing.credit_note)

    def payments(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Payment]:
        """List a customer's payments with their applications, newest first."""
        return tuple(
            self._documents(
                use.LIST_PAYMENTS, billing.payment, customer, since=("receivedFrom", since)
            )
        )

    def payment(self, payment_id: str) -> Payment:
        """Read one payment."""
        return self._one(use.GET_PAYMENT, "paymentId", payment_id, billing.payment)

    def returns(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Return]:
        """List a customer's returns with their lines, newest first.

        The ERP cannot list them from a day on, so reading stops at the first older one.
        """
        found = self._documents(use.LIST_RETURNS, fulfilment.returned, customer)
        if since is None:
            return tuple(found)
        return tuple(takewhile(lambda each: each.received_on >= since, found))

    def goods_return(self, return_id: str) -> Return:
        """Read one return with its lines."""
        return self._one(use.GET_RETURN, "returnId", return_id, fulfilment.returned)

    def contracts(self, customer: TradingAccount) -> Sequence[Contract]:
        """List a customer's service contracts, by number."""
        return tuple(
            all_pages(
                self._remote,
                use.LIST_CONTRACTS,
                self._here(customers.contract),
                query={"customerId": customer.id},
            )
        )

    def quotes(self, customer: TradingAccount) -> Sequence[Quote]:  # noqa: ARG002 - the port's
        """Raise `NotSupported`: quotes are written in the CRM, and become orders here."""
        raise NotSupported(f"the reference ERP ({self.system}) keeps no quotes of its own")

    def exchange_rates(self, *, on: date | None = None) -> Sequence[ExchangeRate]:
        """List the exchange rates that hold on a day, today by default; one for each pair."""
        answer = self._remote.call(
            use.LIST_RATES, query={"on": None if on is None else on.isoformat()}
        )
        return self._remote.read(
            answer, lambda body: each(body, "items", self._here(customers.exchange_rate))
        )

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning."""
        limit = max(1, min(limit, LIMIT))
        answer = self._remote.call(
            use.LIST_CHANGES, query={"since": cursor or None, "limit": limit}
        )
        return self._remote.read(
            answer,
            lambda body: changes(
                body, system=self.system, asked=cursor or "", limit=limit, entities=_ENTITIES
            ),
        )

    def _here(self, parse: Callable[[Row, str], _T]) -> Callable[[Row], _T]:
        return lambda row: parse(row, self.system)

    def _one(
        self, operation: Operation, name: str, value: str, parse: Callable[[Row, str], _T]
    ) -> _T:
        return self._remote.read(self._remote.call(operation, {name: value}), self._here(parse))

    def _documents(
        self,
        operation: Operation,
        parse: Callable[[Row, str], _T],
        customer: TradingAccount,
        *,
        since: tuple[str, date | None] | None = None,
        lines: bool = False,
    ) -> Iterator[_T]:
        """Read a customer's documents, newest first, from a day on where one is given."""
        query: dict[str, str | int | bool | None] = {"customerId": customer.id, "sort": "-date"}
        if since and since[1] is not None:
            query[since[0]] = since[1].isoformat()
        if lines:
            query["include"] = "lines"
        return all_pages(self._remote, operation, self._here(parse), query=query)


if TYPE_CHECKING:
    _fits_the_port: type[ErpPort] = ErpConnector
