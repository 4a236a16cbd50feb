"""Custom fields that every world of this mock begins with."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.salesforce.model import FieldType, money, picklist, text

CUSTOMER_NUMBER: Final = "ERP_Customer_Number__c"
ORDER_NUMBER: Final = "ERP_Order_Number__c"
EXTERNAL_KEY: Final = "External_Key__c"

FIELDS: Final[tuple[tuple[str, FieldType], ...]] = (
    ("Account", text(CUSTOMER_NUMBER, 40, external=True, unique=True,
                     label="ERP Customer Number")),
    ("Account", text("Tax_Number__c", 40, label="Tax Number")),
    ("Opportunity", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Opportunity", FieldType("Contract_Starts_On__c", "date", label="Contract Starts On")),
    ("Quote", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Order", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Order", text(ORDER_NUMBER, 40, external=True, unique=True, label="ERP Order Number")),
    ("Order", picklist("ERP_Status__c", ["open", "hold", "partly_shipped", "shipped", "invoiced",
                                         "closed", "cancelled"], label="ERP Status")),
    ("Order", money("ERP_Total__c", label="ERP Total")),
    ("Task", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Contact", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Lead", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Campaign", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("OrderItem", text("ERP_Line__c", 20, label="ERP Line")),
)  # fmt: skip
"""Custom fields that every world of this mock begins with."""
