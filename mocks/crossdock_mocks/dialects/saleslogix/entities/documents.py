"""Quotes and sales orders with their lines.

Amounts come twice: in the currency of the company, and (`Doc...`) in that of the document.
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
    memo,
    money,
    number,
    picklist,
    text,
)
from crossdock_mocks.sdata import Collection, Field, Property, Reference, Resource

DRAFT: Final = "Draft"
ORDERED: Final = "Ordered"
QUOTE_STATUSES: Final = (DRAFT, "Sent", "Accepted", "Declined", "Rejected", "Expired", ORDERED)


def _sum(name: str) -> Field:
    return Field(name, "decimal", read_only=True, default=0.0)


_HEAD: Final[tuple[Property, ...]] = (
    text("CurrencyCode", 3), Field("BaseCurrencyCode", length=3, read_only=True),
    number("ExchangeRate", default=1), money("Tax"), money("Freight"),
    text("ErpExtId", 64, indexed=True), text("ErpLogicalId"), text("ErpAccountingEntityId"),
    text("ErpStatus"), day("ErpStatusDate"), text("ErpSyncStatus"), text("SyncStatus"),
    text("ErpLocation"), memo("Comments"), Reference("Location", "slxLocations"),
    Reference("Carrier", "carriers"),
)  # fmt: skip

_LINE: Final[tuple[Property, ...]] = (
    integer("LineNumber"), integer("ErpLineNumber"), text("ProductName", 128),
    text("ActualID", 64), text("Description", 255), text("Family"),
    number("Quantity", default=1), money("Price"), number("Discount", 6, default=0),
    money("CalculatedPrice"), money("DocCalculatedPrice"), money("ExtendedPrice"),
    money("DocExtendedPrice"), money("DocTotalAmount"), text("ErpStatus"), day("ErpStatusDate"),
    text("ErpExtId", 64), money("ErpLineTotalAmount"), money("ErpUnitPrice"), flag("DropShip"),
    Reference("Product", "products"), Reference("UnitOfMeasure", "unitsOfMeasure"),
    Reference("SlxLocation", "slxLocations"),
)  # fmt: skip

DOCUMENTS: Final = (
    Resource(
        "quotes", "Quote", title="{QuoteNumber}", letter="q", stamps=STAMPS, provenance="source",
        properties=(
            Field("QuoteNumber", length=32, read_only=True), picklist(
                "Status", QUOTE_STATUSES, default=DRAFT),
            text("Type"), day("StatusDate"), day("StartDate"), day("EndDate"),
            day("DocumentDate"), day("ExpectedDeliveryDate"), text("CustomerRFQNumber"),
            _sum("Total"), _sum("DocTotal"), _sum("GrandTotal"), _sum("DocGrandTotal"),
            flag("DropShip"), flag("ShipEarly"), flag("PartialShip"), *_HEAD,
            account(), Reference("Opportunity", "opportunities"),
            Reference("SalesOrder", "salesOrders"), Reference("RequestedBy", "contacts"),
            Reference("BillTo", "erpBillTos"), Reference("ShipTo", "erpShipTos"),
            Reference("PayFrom", "erpPayFroms"),
            Reference("BillingContact", "contacts"), Reference("ShippingContact", "contacts"),
            Reference("AccountManager", "users"), Reference("Warehouse", "slxLocations"),
            Collection("QuoteItems", "quoteItems", "Quote", owned=True, provenance="source"),
            *OURS, *KEPT,
        ),
    ),
    Resource(
        "quoteItems", "QuoteItem", title="{ProductName}", letter="i", stamps=STAMPS,
        provenance="source",
        properties=(
            *_LINE, text("Status"), number("OpenQuantity"), flag("FixedPrice"), flag("RushRequest"),
            Reference("Quote", "quotes", required=True), *OURS, *KEPT,
        ),
    ),
    Resource(
        "salesOrders", "SalesOrder", title="{SalesOrderNumber}", letter="S", stamps=STAMPS,
        provenance="client", writes="client", properties=(
            Field("SalesOrderNumber", length=32, read_only=True),
            text("Status", default="Open Order"), text("OrderType", default="Sales Order"),
            day("StatusDate"), day("OrderDate"), day("DueDate"), day("DatePromised"),
            day("ErpDocumentDate"), flag("IsQuote"), text("CustomerPurchaseOrderNumber"),
            _sum("OrderTotal"), _sum("DocOrderTotal"), _sum("GrandTotal"), _sum("DocGrandTotal"),
            text("ErpPaymentTermId"), text("ErpPaymentMethod"), flag("ErpBackOrdered"),
            flag("ErpDropShip"), flag("ErpShipEarly"), flag("ErpPartialShipAllowed"),
            flag("ErpTaxExempt"), flag("ErpInvoiceImmediately"), *_HEAD,
            account(), Reference("Opportunity", "opportunities"), Reference("Quote", "quotes"),
            Reference("RequestedBy", "contacts"), Reference("ErpBillTo", "erpBillTos"),
            Reference("ErpShipTo", "erpShipTos"), Reference("ErpPayFrom", "erpPayFroms"),
            Reference("ErpSalesOrder", "erpSalesOrders"), Reference("AccountManager", "users"),
            Reference("Owner", "owners"), Reference("WarehouseLocation", "slxLocations"),
            Collection("SalesOrderItems", "salesOrderItems", "SalesOrder", owned=True,
                       provenance="client"),
            Collection("ErpInvoices", "erpInvoices", "SalesOrder"),
            Collection("ErpShipments", "erpShipments", "SalesOrder"),
            *OURS, *KEPT,
        ),
    ),
    Resource(
        "salesOrderItems", "SalesOrderItem", title="{ProductName}", letter="I", stamps=STAMPS,
        provenance="source", properties=(
            *_LINE, number("ErpOpenQuantity"), number("ErpShippedQuantity"),
            flag("ErpBackOrdered"), flag("ErpDropShip"), flag("ErpPartialShipAllowed"),
            flag("ErpFixedPriceItem"), flag("ErpRushRequest"), flag("ErpSubstituteItem"),
            day("DatePromised"),
            Reference("SalesOrder", "salesOrders", required=True), *OURS, *KEPT,
        ),
    ),
)  # fmt: skip
