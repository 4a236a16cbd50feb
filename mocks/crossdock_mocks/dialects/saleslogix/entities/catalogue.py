"""Products, units of measure, and the locations of warehouses."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.saleslogix.entities.words import (
    KEPT,
    STAMPS,
    flag,
    memo,
    money,
    text,
)
from crossdock_mocks.sdata import Reference, Resource

CATALOGUE: Final = (
    Resource(
        "products", "Product", title="{Name}", letter="Y", stamps=STAMPS, provenance="source",
        properties=(
            text("Name", 128, required=True, indexed=True), text("ActualId", 64, indexed=True),
            text("Family"), text("ProductGroup"), memo("Description"), money("Price"),
            money("FixedCost"), money("CalculatedPrice"), money("ExtendedPrice"),
            text("CommodityType"), text("Status", default="Available"), text("Unit"),
            text("Vendor"), flag("Taxable", default=True), text("ErpExtId", 64, indexed=True),
            text("ErpLogicalId"), text("ErpStatus"), text("SyncStatus"),
            Reference("UnitOfMeasure", "unitsOfMeasure"), Reference("Owner", "owners"), *KEPT,
        ),
    ),
    Resource(
        "unitsOfMeasure", "UnitOfMeasure", plural="UnitsOfMeasure", title="{Name}", letter="m",
        stamps=STAMPS, provenance="source", properties=(
            text("Name", 64, required=True), text("Description"), text("ErpExtId"), *KEPT,
        ),
    ),
    Resource(
        "slxLocations", "SlxLocation", title="{Name}", letter="w", stamps=STAMPS,
        provenance="source", properties=(
            text("Name", 64, required=True), text("Description"), text("LocationType"),
            text("ErpExtId", 64, indexed=True), text("ErpLogicalId"), text("ErpStatus"),
            text("ErpAccountingEntityId"),
            Reference("Address", "addresses", nested=True, owned=True), *KEPT,
        ),
    ),
    Resource(
        "carriers", "Carrier", title="{CarrierName}", letter="x", stamps=STAMPS,
        provenance="source", properties=(
            text("CarrierName", 64, required=True), text("ErpExtId", 64, indexed=True), *KEPT,
        ),
    ),
)  # fmt: skip
