"""Orders shipped and invoiced: a shipment and a posted invoice appear, and the order goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.dialects.business_central.errors import dialog
from crossdock_mocks.dialects.business_central.model import entity
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.parties import (
    check_blocked,
    due_date,
)
from crossdock_mocks.dialects.business_central.posting import (
    book_invoice,
    check_content,
    item_lines,
    move_stock,
    parties_of,
    posted_number,
)
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.sales_kinds import (
    INVOICE,
    ORDER,
    SHIPMENT_SERIES,
    Document,
    copy_lines,
    headers,
    lines_of,
)
from crossdock_mocks.dialects.business_central.totals import spread

_NOTHING: Final = (
    "There is nothing to post because the document does not contain a quantity or amount"
)


def ship_and_invoice(records: Records, order: Row) -> Row | None:
    """Ship and invoice what an order's lines say is next.

    The order goes when all of it is invoiced; a shipment and a posted invoice appear.

    Returns:
        The posted invoice; None where there was nothing to invoice.

    Raises:
        Problem: There is nothing to post, a customer is blocked, or more is to be invoiced than
            is shipped.
    """
    lines = check_content(records, ORDER, order)
    parts = item_lines(lines)
    to_ship = {line["id"]: Decimal(line["shipQuantity"]) for line in parts}
    to_invoice = {line["id"]: Decimal(line["invoiceQuantity"]) for line in parts}
    if not any(to_ship.values()) and not any(to_invoice.values()):
        raise dialog(_NOTHING)
    for party in parties_of(records, order):
        check_blocked(party, ORDER, shipping=any(to_ship.values()), posting=True)
    for line in parts:
        shipped = Decimal(line["shippedQuantity"]) + to_ship[line["id"]]
        if Decimal(line["invoicedQuantity"]) + to_invoice[line["id"]] > shipped:
            raise dialog(
                f"You cannot invoice order line {line['sequence']} for more than is shipped"
            )
    if not order["partialShipping"] and any(
        Decimal(line["shippedQuantity"]) + to_ship[line["id"]] < Decimal(line["quantity"])
        for line in parts
    ):
        raise dialog(
            f"This order must be a complete shipment: Sales Order {order['number']} is not to be "
            "shipped in part"
        )
    if any(to_ship.values()):
        _ship(records, order, lines, to_ship)
    invoice = _invoice(records, order, lines, to_invoice) if any(to_invoice.values()) else None
    _settle_order(records, order, parts, to_ship, to_invoice)
    return invoice


def _ship(
    records: Records, order: Row, lines: Sequence[Row], to_ship: Mapping[str, Decimal]
) -> None:
    shipment = records.insert(
        "salesShipments",
        {
            **headers(order, _SHIPMENT, {}),
            "number": records.next_number(*SHIPMENT_SERIES, "salesShipments"),
            "orderNumber": order["number"],
            "invoiceDate": records.today,
            "postingDate": records.today,
            "dueDate": due_date(records, order["paymentTermsId"], records.today),
            "paymentTermsCode": _code(records, "paymentTerms", order["paymentTermsId"]),
            "shipmentMethodCode": _code(records, "shipmentMethods", order["shipmentMethodId"]),
        },
    )
    for line in lines:
        quantity = to_ship.get(line["id"], ZERO)
        if line["lineType"] != "Comment" and not quantity:
            continue
        records.insert(
            "salesShipmentLines",
            {
                **{n: line[n] for n in entity("salesShipmentLines").properties if n in line},
                "id": NO_GUID,
                "documentId": shipment["id"],
                "documentNo": shipment["number"],
                "lineType": "Item" if line["lineType"] == "Item" else "_x0020_",
                "quantity": plain(quantity),
                "shipmentDate": records.today,
                "_orderLine": line["id"],
            },
        )
        move_stock(records, line, -quantity)


_SHIPMENT: Final = Document("salesShipments", "salesShipmentLines", "Shipment", "", 0, "")


def _code(records: Records, set_name: str, key: str) -> str:
    found = records.get(set_name, key)
    return "" if found is None else str(found["code"])


def _invoice(
    records: Records, order: Row, lines: Sequence[Row], to_invoice: Mapping[str, Decimal]
) -> Row:
    """A posted invoice of so much of an order's lines."""
    invoice = records.insert(
        INVOICE.set,
        {
            **headers(order, INVOICE, {}),
            "number": posted_number(records, INVOICE),
            "invoiceDate": records.today,
            "postingDate": records.today,
            "dueDate": due_date(records, order["paymentTermsId"], records.today),
            "orderId": order["id"],
            "orderNumber": order["number"],
            "discountAmount": plain(_share_of_discount(records, order, lines, to_invoice)),
            "status": "Open",
            "_posted": True,
        },
    )
    for line in lines:
        quantity = to_invoice.get(line["id"], ZERO)
        if line["lineType"] != "Comment" and not quantity:
            continue
        part = dict(line)
        fixed = line.get("_discountAmount")
        if fixed is not None:
            places = records.places(order["currencyCode"])
            part["_discountAmount"] = plain(
                _share(Decimal(fixed), quantity, Decimal(line["quantity"]), places)
            )
        copy_lines(records, [part], INVOICE, invoice, quantity=plain(quantity),
                   shipmentDate=records.today)  # fmt: skip
    return book_invoice(records, invoice)


def _share(amount: Decimal, part: Decimal, whole: Decimal, places: int) -> Decimal:
    return spread(amount, [part, whole - part], places)[0] if whole else ZERO


def _share_of_discount(
    records: Records, order: Row, lines: Sequence[Row], to_invoice: Mapping[str, Decimal]
) -> Decimal:
    """How much of an order's discount belongs to what is invoiced of it now."""
    places = records.places(order["currencyCode"])
    return sum(
        (
            _share(
                Decimal(line["invoiceDiscountAllocation"]), to_invoice[line["id"]],
                Decimal(line["quantity"]), places,
            )
            for line in item_lines(lines)
        ),
        ZERO,
    )  # fmt: skip


def _settle_order(
    records: Records,
    order: Row,
    parts: Sequence[Row],
    shipped: Mapping[str, Decimal],
    invoiced: Mapping[str, Decimal],
) -> None:
    """Note what was shipped and invoiced of an order; one that is all invoiced goes."""
    for line in parts:
        ordered = Decimal(line["quantity"])
        done_ship = Decimal(line["shippedQuantity"]) + shipped[line["id"]]
        done_bill = Decimal(line["invoicedQuantity"]) + invoiced[line["id"]]
        line.update(
            shippedQuantity=plain(done_ship), invoicedQuantity=plain(done_bill),
            shipQuantity=plain(ordered - done_ship), invoiceQuantity=plain(ordered - done_bill),
            _shipped=bool(done_ship),
        )  # fmt: skip
    if all(line["quantity"] == line["invoicedQuantity"] for line in parts):
        for line in lines_of(records, ORDER, order):
            records.delete(ORDER.lines, line)
        records.delete(ORDER.set, order)
        return
    for line in parts:
        records.replace(ORDER.lines, line)
    order["status"] = "Open"
    order["fullyShipped"] = all(line["quantity"] == line["shippedQuantity"] for line in parts)
    records.replace(ORDER.set, order)
