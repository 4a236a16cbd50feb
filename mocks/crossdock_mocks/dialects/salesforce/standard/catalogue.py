"""Products, price books, and what a product costs in one."""

from typing import Final

from crossdock_mocks.dialects.salesforce.model import (
    FieldType,
    ObjectType,
    checkbox,
    lookup,
    money,
    picklist,
    read_only,
    text,
)

CATALOGUE: Final = (
    ObjectType(
        "Product2", "01t", label="Product",
        fields=(
            text("Name", 255, required=True, naming=True, label="Product Name"),
            text("ProductCode", 255, indexed=True),
            FieldType("Description", "textarea", length=4000),
            checkbox("IsActive", label="Active"),
            picklist("Family", ["None"]),
            text("StockKeepingUnit", 180, label="Product SKU", indexed=True),
            picklist("QuantityUnitOfMeasure", ["Each"]),
            FieldType("DisplayUrl", "url", length=1000),
        ),
    ),
    ObjectType(
        "Pricebook2", "01s", label="Price Book",
        fields=(
            text("Name", 255, required=True, naming=True, label="Price Book Name"),
            checkbox("IsActive", label="Active"),
            text("Description", 255),
            read_only(checkbox("IsStandard", label="Is Standard Price Book")),
        ),
    ),
    ObjectType(
        "PricebookEntry", "01u", label="Price Book Entry", plural="Price Book Entries",
        fields=(
            lookup("Pricebook2Id", "Pricebook2", children="PricebookEntries", cascade=True,
                   required=True, update=False),
            lookup("Product2Id", "Product2", children="PricebookEntries", cascade=True,
                   required=True, update=False),
            money("UnitPrice", required=True, label="List Price"),
            checkbox("IsActive", label="Active"),
            checkbox("UseStandardPrice"),
            read_only(text("Name", 255, label="Product Name", naming=True)),
            read_only(text("ProductCode", 255, indexed=True)),
        ),
    ),
)  # fmt: skip
