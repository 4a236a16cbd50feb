"""The Back Office Extension: what a CRM shows of its back office.

Crossdock stands behind it and fills these records; the mock begins without any, as SalesLogix does
before a back office is connected.
"""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.saleslogix.entities.words import (
    KEPT,
    OURS,
    STAMPS,
    account,
    day,
    flag,
    integer,
    money,
    number,
    text,
)
from crossdock_mocks.sdata import Collection, Property, Reference, Resource

_OF_ERP: Final[tuple[Property, ...]] = (
    text("ErpExtId", 64, required=True, indexed=True), text("ErpLogicalId"),
    text("ErpAccountingEntityId"), text("ErpStatus"), day("ErpStatusDate"), text("SyncStatus"),
)  # fmt: skip
_DOCUMENT: Final[tuple[Property, ...]] = (
    *_OF_ERP, day("ErpDocumentDate"), text("CurrencyCode", 3), text("BaseCurrencyCode", 3),
    account(), Reference("ErpBillTo", "erpBillTos"), Reference("ErpShipTo", "erpShipTos"),
    Reference("SalesOrder", "salesOrders"), Reference("Owner", "owners"),
)  # fmt: skip
_PLACE: Final[tuple[Property, ...]] = (
    text("Name", 128, required=True), text("MainPhone", 32), text("Fax", 32), text("Email", 128),
    *_OF_ERP, text("CustomerType"), text("ErpCustomerType"), text("PaymentTermId"),
    text("ErpPaymentMethod"), flag("IsDefault"), text("CurrencyCode", 3), account(),
    Reference("Address", "addresses", nested=True, owned=True), Reference("Owner", "owners"),
    Reference("BuyerContact", "contacts"),
)  # fmt: skip
_LINE: Final[tuple[Property, ...]] = (
    integer("ErpLineNumber"), text("ProductName", 128), text("ActualID", 64),
    text("Description", 255), Reference("Product", "products"),
    Reference("SalesOrder", "salesOrders"),
)  # fmt: skip

BACK_OFFICE: Final = (
    Resource(
        "erpInvoices", "ErpInvoice", title="{InvoiceNumber}", letter="n", stamps=STAMPS,
        provenance="source", properties=(
            text("InvoiceNumber", 64, required=True, indexed=True), text("Description", 255),
            money("ErpTotalBaseAmount"), money("GrandTotal"), money("ErpExtendedBaseAmount"),
            money("ErpExtendedAmount"), text("ErpPaymentTermId"), day("DueDate"), *_DOCUMENT,
            Collection("ErpInvoiceItems", "erpInvoiceItems", "ErpInvoice", owned=True,
                       provenance="source"),
            Collection("ErpReceivables", "erpReceivables", "ErpInvoice"), *OURS, *KEPT,
        ),
    ),
    Resource(
        "erpInvoiceItems", "ErpInvoiceItem", title="{ProductName}", letter="j", stamps=STAMPS,
        provenance="source", properties=(
            number("Quantity"), money("Price"), money("ExtendedPrice"), money("BaseUnitPrice"),
            money("ErpLineTotalAmount"), text("SalesOrderLineReference"), *_LINE,
            Reference("UnitOfMeasure", "unitsOfMeasure"),
            Reference("ErpInvoice", "erpInvoices", required=True), *KEPT,
        ),
    ),
    Resource(
        "erpShipments", "ErpShipment", title="{ErpExtId}", letter="k", stamps=STAMPS,
        provenance="source", properties=(
            day("DatePromised"), day("ErpActualShipDate"), day("ErpActualDeliveryDate"),
            text("ErpCarrierParty"), text("TrackingNumber"), flag("ErpPartialShipAllowed"),
            number("ErpGrossWeight"), text("ErpGrossWeightUnit"), money("ErpDeclaredValue"),
            money("ShipmentTotalAmount"), money("ShipmentTotalBaseAmount"), text("ErpIncoTerm"),
            *_DOCUMENT, Reference("SlxLocation", "slxLocations"),
            Collection("ErpShipmentItems", "erpShipmentItems", "ErpShipment", owned=True,
                       provenance="source"), *OURS, *KEPT,
        ),
    ),
    Resource(
        "erpShipmentItems", "ErpShipmentItem", title="{ProductName}", letter="l", stamps=STAMPS,
        provenance="source", properties=(
            number("ErpShippedQuantity"), number("ErpOrderQuantity"),
            number("ErpBackOrderedQuantity"), text("ErpShippedUOM"), text("ErpOrderUOM"), *_LINE,
            Reference("ErpShipment", "erpShipments", required=True), *KEPT,
        ),
    ),
    Resource(
        "erpReceivables", "ErpReceivable", title="{ErpExtId}", letter="r", stamps=STAMPS,
        provenance="source", properties=(
            money("ReceivableAmount"), money("ReceivedAmount"), money("ReceivableBaseAmount"),
            money("ReceivedBaseAmount"), text("ErpInvoiceNumber"), text("ErpPaymentTermId"),
            day("DueDate"), *_DOCUMENT, Reference("ErpInvoice", "erpInvoices"),
            Reference("ErpPayFrom", "erpPayFroms"), *OURS, *KEPT,
        ),
    ),
    Resource(
        "erpBillTos", "ErpBillTo", title="{Name}", letter="b", stamps=STAMPS,
        provenance="source", properties=(*_PLACE, *OURS, *KEPT),
    ),
    Resource(
        "erpShipTos", "ErpShipTo", title="{Name}", letter="z", stamps=STAMPS,
        provenance="source", properties=(*_PLACE, *OURS, *KEPT),
    ),
    Resource(
        "erpPayFroms", "ErpPayFrom", title="{Name}", letter="y", stamps=STAMPS,
        provenance="source", properties=(*_PLACE, *KEPT),
    ),
    Resource(
        "erpSalesOrders", "ErpSalesOrder", title="{ErpExtId}", letter="s", stamps=STAMPS,
        provenance="source", properties=(
            text("ErpExtId", 64, required=True, indexed=True), text("ErpLogicalId"),
            text("ERPStatus"), day("ErpStatusDate"), *KEPT,
        ),
    ),
)  # fmt: skip
