"""Sales documents of a data set, with the amounts that the back office computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.backoffice.decimals import HUNDRED, ZERO, plain
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.parties import (
    of_customer,
)
from crossdock_mocks.dialects.business_central.records import Row, guid
from crossdock_mocks.dialects.business_central.sales_kinds import (
    CREDIT_MEMO,
    INVOICE,
    ORDER,
    Document,
)
from crossdock_mocks.dialects.business_central.seeding.entries import enter
from crossdock_mocks.dialects.business_central.seeding.setting import Seeding
from crossdock_mocks.dialects.business_central.totals import total

_STEP: Final = 10_000
_SHIPMENT: Final = Document("salesShipments", "salesShipmentLines", "Shipment", "", 0, "")


def add_orders(seeding: Seeding, orders: Iterable[Row]) -> None:
    """Orders that are not done: what is cancelled of their lines was never ordered here."""
    lines = seeding.source.table("sales_order_lines")
    for row in orders:
        kept = []
        for line in (lines.get(row["id"]) or {"lines": []})["lines"]:
            quantities = line["quantities"]
            ordered = Decimal(quantities["ordered"]) - Decimal(quantities["cancelled"])
            if ordered:
                kept.append((line, ordered, quantities))
        done = all(ordered == Decimal(q["invoiced"]) for _, ordered, q in kept)
        if not kept or done:
            continue
        ship = row["shipTo"]
        seeding.on(row["orderedOn"])
        order = seeding.add(
            ORDER.set, row["id"],
            {
                **_head(seeding, ORDER, row),
                "externalDocumentNumber": row["customerReference"] or "",
                "orderDate": row["orderedOn"],
                "postingDate": row["orderedOn"],
                "requestedDeliveryDate": row["requestedOn"] or "0001-01-01",
                "partialShipping": True,
                "shipToAddressLine1": ship["street"] or "",
                "shipToCity": ship["city"] or "",
                "shipToState": ship["region"] or "",
                "shipToPostCode": ship["postcode"] or "",
                "shipToCountry": ship["country"] or "",
                "status": "Draft" if row["status"] == "hold" else "Open",
                "fullyShipped": all(o == Decimal(q["shipped"]) for _, o, q in kept),
            },
        )  # fmt: skip
        for line, ordered, quantities in kept:
            shipped, invoiced = Decimal(quantities["shipped"]), Decimal(quantities["invoiced"])
            seeding.add(
                ORDER.lines, f"{row['id']}/{line['line']}",
                {
                    **_line(seeding, {**line, "quantity": plain(ordered)}),
                    "documentId": order["id"],
                    "shipmentDate": line.get("promisedOn") or row["orderedOn"],
                    "shippedQuantity": plain(shipped), "invoicedQuantity": plain(invoiced),
                    "shipQuantity": plain(ordered - shipped),
                    "invoiceQuantity": plain(ordered - invoiced),
                    "_shipped": bool(shipped),
                },
            )  # fmt: skip
        total(seeding.records, ORDER, order)


def add_shipments(seeding: Seeding, orders: Mapping[str, Row]) -> None:
    """Posted shipments, with the prices of their orders' lines.

    Args:
        seeding: The seeding.
        orders: All orders, by number.
    """
    lines = seeding.source.table("shipment_lines")
    priced = seeding.source.table("sales_order_lines")
    terms = {row["id"]: row["code"] for row in seeding.records.find("paymentTerms")}
    for row in seeding.source.table("shipments").find():
        customer = seeding.customers[row["customerId"]]
        order = orders.get(row["orderId"])
        bill_to = seeding.customers[order["billToId"]] if order else customer
        ship = row["shipTo"]
        seeding.on(row["shippedOn"])
        made = seeding.add(
            "salesShipments", row["id"],
            {
                **of_customer(seeding.records, _SHIPMENT, customer, bill_to),
                "number": row["id"],
                "externalDocumentNumber": (order or {}).get("customerReference") or "",
                "customerPurchaseOrderReference": (order or {}).get("customerReference") or "",
                "orderNumber": row["orderId"] or "",
                "invoiceDate": row["shippedOn"], "postingDate": row["shippedOn"],
                "dueDate": row["shippedOn"],
                "currencyCode": customer["currencyCode"],
                "paymentTermsCode": terms.get(customer["paymentTermsId"], ""),
                "shipToName": ship["name"] or customer["displayName"],
                "shipToAddressLine1": ship["street"] or "", "shipToCity": ship["city"] or "",
            },
        )  # fmt: skip
        kept = (priced.get(row["orderId"]) if row["orderId"] else None) or {"lines": []}
        prices = {line["line"]: line for line in kept["lines"]}
        of_order = (lines.get(row["id"]) or {"lines": []})["lines"]
        for line, sequence in zip(of_order, _sequences(of_order), strict=True):
            price = prices.get(line["orderLine"], {})
            item = seeding.items[line["itemId"]]
            seeding.add(
                "salesShipmentLines", f"{row['id']}/{line['line']}",
                {
                    "documentId": made["id"], "documentNo": made["number"],
                    "sequence": sequence, "lineType": "Item",
                    "lineObjectNumber": item["number"],
                    "description": (line["description"] or "")[:100],
                    "unitOfMeasureCode": item["baseUnitOfMeasureCode"],
                    "quantity": line["quantity"],
                    "unitPrice": plain(Decimal(price.get("unitPrice", "0"))),
                    "discountPercent": price.get("discountPercent", "0"),
                    "taxPercent": plain(Decimal(price.get("taxRate", "0")) * HUNDRED),
                    "shipmentDate": row["shippedOn"],
                },
            )  # fmt: skip


def add_invoices(seeding: Seeding, orders: Iterable[Row]) -> None:
    """Posted invoices; those of orders that are there name them by id, the others by number."""
    lines = seeding.source.table("invoice_lines")
    open_orders = {row["number"]: row["id"] for row in seeding.records.find(ORDER.set)}
    cancelled = {row["id"] for row in orders if row["status"] == "cancelled"}
    for row in seeding.source.table("invoices").find():
        seeding.on(row["postedOn"] or row["issuedOn"])
        invoice = seeding.add(
            INVOICE.set, row["id"],
            {
                **_head(seeding, INVOICE, row),
                "externalDocumentNumber": row["customerReference"] or "",
                "customerPurchaseOrderReference": (row["customerReference"] or "")[:35],
                "invoiceDate": row["issuedOn"],
                "postingDate": row["postedOn"] or row["issuedOn"],
                "dueDate": row["dueOn"] or row["issuedOn"],
                "orderId": open_orders.get(row["orderId"] or "", NO_GUID),
                "orderNumber": "" if row["orderId"] in cancelled else row["orderId"] or "",
                "remainingAmount": plain(Decimal(row["openAmount"])),
                "status": "Open" if row["open"] else "Paid",
                **_totals(row),
                "_posted": True,
            },
        )  # fmt: skip
        _add_lines(seeding, INVOICE, row, invoice, lines.get(row["id"]))
        enter(seeding, "Invoice", row, invoice["id"], Decimal(row["total"]),
                    Decimal(row["openAmount"]), invoice["postingDate"],
                    invoice["dueDate"])  # fmt: skip


def add_credit_memos(seeding: Seeding) -> None:
    """Posted credit memos."""
    lines = seeding.source.table("credit_note_lines")
    for row in seeding.source.table("credit_notes").find():
        invoice = row["invoiceId"]
        posted = row["postedOn"] or row["issuedOn"]
        seeding.on(posted)
        memo = seeding.add(
            CREDIT_MEMO.set, row["id"],
            {
                **_head(seeding, CREDIT_MEMO, row),
                "externalDocumentNumber": row["customerReference"] or "",
                "creditMemoDate": row["issuedOn"],
                "postingDate": posted,
                "dueDate": posted,
                "invoiceId": guid(INVOICE.set, invoice) if invoice else NO_GUID,
                "invoiceNumber": invoice or "",
                "status": "Open" if row["open"] else "Paid",
                **_totals(row),
                "_posted": True,
            },
        )  # fmt: skip
        _add_lines(seeding, CREDIT_MEMO, row, memo, lines.get(row["id"]))
        enter(seeding, "Credit Memo", row, memo["id"], -Decimal(row["total"]),
                    -Decimal(row["unappliedAmount"]), posted, posted)  # fmt: skip


def _add_lines(seeding: Seeding, kind: Document, row: Row, document: Row, kept: Row | None) -> None:
    lines = (kept or {"lines": []})["lines"]
    for line, sequence in zip(lines, _sequences(lines), strict=True):
        seeding.add(
            kind.lines, f"{row['id']}/{line['line']}",
            {**_line(seeding, line), **_amounts(line), "documentId": document["id"],
             "sequence": sequence, "shipmentDate": row["issuedOn"]},
        )  # fmt: skip


def _head(seeding: Seeding, kind: Document, row: Row) -> Row:
    customer = seeding.customers[row["customerId"]]
    bill_to = seeding.customers[row["billToId"]]
    values = of_customer(seeding.records, kind, customer, bill_to)
    values.update(
        number=row["id"],
        externalDocumentNumber=row["externalReference"] or "",
        currencyCode=row["currency"],
    )
    return values


def _line(seeding: Seeding, row: Row, **more: Any) -> Row:
    item = seeding.items[row["itemId"]]
    return {
        "sequence": row["line"] * _STEP,
        "itemId": item["id"],
        "lineType": "Item",
        "lineObjectNumber": item["number"],
        "description": (row["description"] or "")[:100],
        "unitOfMeasureId": item["baseUnitOfMeasureId"],
        "unitOfMeasureCode": item["baseUnitOfMeasureCode"],
        "unitPrice": plain(Decimal(row["unitPrice"])),
        "quantity": row["quantity"],
        "discountPercent": row["discountPercent"],
        "taxCode": row["taxCode"],
        "taxPercent": plain(Decimal(row["taxRate"]) * HUNDRED),
        "_taxRate": row["taxRate"],
        "_discountAmount": None,
        "_ownPrice": True,
        **more,
    }


def _amounts(row: Row) -> Row:
    """The amounts of a line that the back office has computed."""
    net, tax = Decimal(row["net"]), Decimal(row["tax"])
    gross = Decimal(row["quantity"]) * Decimal(row["unitPrice"])
    both = plain(net + tax)
    return {
        "discountAmount": plain(max(round(gross, 2) - net, ZERO)),
        "amountExcludingTax": plain(net), "totalTaxAmount": plain(tax),
        "amountIncludingTax": both, "netAmount": plain(net), "netTaxAmount": plain(tax),
        "netAmountIncludingTax": both,
    }  # fmt: skip


def _totals(row: Row) -> Row:
    return {
        "totalAmountExcludingTax": plain(Decimal(row["net"])),
        "totalTaxAmount": plain(Decimal(row["tax"])),
        "totalAmountIncludingTax": plain(Decimal(row["total"])),
    }


def _sequences(lines: Sequence[Row]) -> list[int]:
    """The numbers of a posted document's lines: those of the order's lines, as a posting keeps.

    Where a line is of no order's line, or two are of one, the document counts its own.
    """
    of_order = [line.get("orderLine") for line in lines]
    if None in of_order or len(set(of_order)) < len(of_order):
        of_order = [line["line"] for line in lines]
    return [int(number) * _STEP for number in of_order if number is not None]
