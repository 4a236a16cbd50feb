"""Documents numbered in the order of their days, as rows of the form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from crossdock_mocks.datasets.generator.documents import Billed
from crossdock_mocks.datasets.generator.people import Row
from crossdock_mocks.datasets.generator.receivables import Receivables
from crossdock_mocks.datasets.generator.trade import Trade

__all__ = ["number_orders", "rows_of_trade"]


def number_orders(trade: Trade) -> None:
    """Give the orders their numbers: quotes and other documents name them."""
    _number(trade.orders, "SO-", "ordered_on")


def _number(documents: list[Any], prefix: str, day: str) -> None:
    documents.sort(key=lambda one: (getattr(one, day), one.customer.id))
    for number, document in enumerate(documents):
        document.id = f"{prefix}{100001 + number}"


def rows_of_trade(trade: Trade, books: Receivables) -> dict[str, list[Row]]:
    """All ERP documents as rows, by record kind."""
    trade.shipments.sort(key=lambda one: (one.shipped_on, one.order.id))
    for number, shipment in enumerate(trade.shipments):
        shipment.id = f"SH-{100001 + number}"
    _number(trade.invoices, "IN-", "issued_on")
    _number(trade.credit_notes, "CN-", "issued_on")
    _number(trade.returns, "RT-", "received_on")
    _number(trade.contracts, "CT-", "starts_on")
    _number(books.payments, "PY-", "received_on")
    tables: dict[str, list[Row]] = {}
    _orders(trade, tables)
    _shipments(trade, tables)
    _billed(trade.invoices, "invoice", tables)
    _billed(trade.credit_notes, "credit_note", tables)
    _payments(books, tables)
    _returns_and_contracts(trade, tables)
    return tables


def _orders(trade: Trade, tables: dict[str, list[Row]]) -> None:
    tables["orders"] = [
        {
            "id": order.id,
            "customer_id": order.customer.id,
            "reference": order.quote_id or order.reference,
            "ordered_on": order.ordered_on,
            "requested_on": order.requested_on,
            "promised_on": max(line.promised_on for line in order.lines),
            "status": order.status,
            "currency": "EUR",
            **{f"ship_{key}": text for key, text in order.customer.address.items()},
            "carrier": order.carrier,
        }
        for order in trade.orders
    ]
    tables["order_lines"] = [
        {
            "order_id": order.id,
            "line": line.number,
            "item_id": line.item.id,
            "description": line.item.name,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "discount_percent": line.discount,
            "tax_code": line.item.tax_code,
            "cancelled_quantity": line.cancelled,
            "promised_on": line.promised_on,
        }
        for order in trade.orders
        for line in order.lines
    ]


def _shipments(trade: Trade, tables: dict[str, list[Row]]) -> None:
    tables["shipments"] = [
        {
            "id": shipment.id,
            "order_id": shipment.order.id,
            "customer_id": shipment.order.customer.id,
            "shipped_on": shipment.shipped_on,
            "carrier": shipment.order.carrier,
            "tracking": shipment.tracking,
            "ship_name": shipment.order.customer.name,
        }
        for shipment in trade.shipments
    ]
    tables["shipment_lines"] = [
        {
            "shipment_id": shipment.id,
            "line": number,
            "order_line": line.number,
            "item_id": line.item.id,
            "quantity": quantity,
        }
        for shipment in trade.shipments
        for number, (line, quantity) in enumerate(shipment.lines, 1)
    ]


def _billed(documents: Sequence[Billed], name: str, tables: dict[str, list[Row]]) -> None:
    heads: list[Row] = []
    lines: list[Row] = []
    for document in documents:
        head: dict[str, Any] = {
            "id": document.id,
            "customer_id": document.customer.id,
            "order_id": document.order.id if document.order else None,
            "issued_on": document.issued_on,
            "posted_on": document.issued_on,
            "due_on": document.due_on,
            "currency": "EUR",
            "reference": document.reference,
        }
        if name == "credit_note":
            head["invoice_id"] = document.credited.id if document.credited else None
            head["reason"] = document.reason
        heads.append(head)
        lines += [
            {
                f"{name}_id": document.id,
                "line": number,
                "order_line": line.order_line,
                "item_id": line.item.id,
                "description": line.item.name,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "discount_percent": line.discount,
                "tax_code": line.item.tax_code,
            }
            for number, line in enumerate(document.lines, 1)
        ]
    tables[f"{name}s"] = heads
    tables[f"{name}_lines"] = lines


def _payments(books: Receivables, tables: dict[str, list[Row]]) -> None:
    tables["payments"] = [
        {
            "id": payment.id,
            "customer_id": payment.customer.id,
            "received_on": payment.received_on,
            "currency": "EUR",
            "amount": payment.amount,
            "method": payment.method,
            "reference": payment.reference,
        }
        for payment in books.payments
    ]
    rows: list[tuple[date, str, str, Row]] = []
    for one in books.applications:
        payment_id = one.payment.id if one.payment else None
        credit_id = one.credit_note.id if one.credit_note else None
        row: Row = {
            "payment_id": payment_id,
            "credit_note_id": credit_id,
            "invoice_id": one.invoice.id,
            "applied_on": one.applied_on,
            "amount": one.amount,
        }
        rows.append((one.applied_on, payment_id or credit_id or "", one.invoice.id, row))
    rows.sort(key=lambda entry: entry[:3])
    tables["payment_applications"] = [entry[3] for entry in rows]


def _returns_and_contracts(trade: Trade, tables: dict[str, list[Row]]) -> None:
    tables["returns"] = [
        {
            "id": one.id,
            "customer_id": one.customer.id,
            "order_id": one.order.id if one.order else None,
            "received_on": one.received_on,
            "reason": one.reason,
        }
        for one in trade.returns
    ]
    tables["return_lines"] = [
        {"return_id": one.id, "line": number, "item_id": item.id, "quantity": quantity}
        for one in trade.returns
        for number, (item, quantity) in enumerate(one.lines, 1)
    ]
    tables["contracts"] = [
        {
            "id": one.id,
            "customer_id": one.customer.id,
            "kind": one.kind,
            "name": one.name,
            "starts_on": one.starts_on,
            "ends_on": one.ends_on,
            "annual_value": one.annual_value,
            "currency": "EUR",
            "annual_cost": one.annual_cost,
        }
        for one in trade.contracts
    ]
