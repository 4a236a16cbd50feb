"""The custom fields that an administrator deploys for Crossdock, as an organization has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock_mocks.dialects.salesforce.model import FieldType, area, checkbox, number, text

_PRICED: Final = {
    "text": "Pricing_Status Price_Source Trading_Account",
    "datetime": "Priced_At",
    "area": "Checks",
    "number": "Net Tax Gross",
}
_LINE: Final = {"text": "Unit", "number": "Line Unit_Price Net", "date": "Promised_On"}
_ACTIVITY: Final = {
    "unique": "Key",
    "text": "Kind Document_Id Actor Order",
    "datetime": "At Due_At Completed_At",
}
# By object: one part after the other, each with names by what they hold.
_DEPLOYED: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "Account": ({"unique": "Key", "text": "Email Tax_Number Currency", "area": "External_Ids"},),
    "Contact": ({"unique": "Key", "area": "External_Ids"},),
    "Opportunity": ({"unique": "Key", "date": "Contract_Starts_On", "checkbox": "For_Quote"},),
    "Quote": ({"unique": "Key", "text": "Guard", "area": "Guard_Reasons"}, _PRICED),
    "QuoteLineItem": (
        _LINE,
        {"text": "Price_Rule Price_Source", "number": "List_Price Tax_Rate Tax"},
    ),
    "Order": (
        {
            "unique": "Key Erp_Order",
            "text": "Status Reference Ship_To_Name",
            "area": "Status_Reason External_Ids",
            "date": "Requested_On Promised_On",
        },
        _PRICED,
    ),
    "OrderItem": (
        _LINE,
        {
            "text": "Line_Status",
            "number": "Discount Quote_Line Reserved Back_Ordered Shipped Invoiced Returned "
            "Cancelled",
        },
    ),
    "Task": (_ACTIVITY,),
    "Event": (_ACTIVITY,),
}


def deployed() -> Iterator[tuple[str, FieldType]]:
    """The fields, each with the object that it is of."""
    for owner, parts in _DEPLOYED.items():
        for part in parts:
            for kind, names in part.items():
                for name in names.split():
                    yield owner, _field(f"Crossdock_{name}__c", kind)


def _field(name: str, kind: str) -> FieldType:
    label = name.removesuffix("__c").replace("_", " ")
    match kind:
        case "unique":
            return text(name, label=label, unique=True, external=True)
        case "text":
            return text(name, label=label)
        case "area":
            return area(name, 131_072, label=label)
        case "number":
            return number(name, scale=6, label=label)
        case "checkbox":
            return checkbox(name, label=label)
        case "date":
            return FieldType(name, "date", label=label)
    return FieldType(name, "datetime", label=label)
