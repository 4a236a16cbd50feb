"""The fields of our own that an organization must have, in one place.

Salesforce has no place for an ERP's customer number, for where a line's price came from or for how
far an order has come, and nothing of its own that is unique on a quote. So its objects get custom
fields for these; `provisioning` says which are missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from attrs import frozen

KEY: Final = "Crossdock_Key__c"
EXTERNAL_IDS: Final = "Crossdock_External_Ids__c"
Kind = Literal["text", "number", "date", "datetime", "checkbox", "long"]


@frozen(kw_only=True)
class Field:
    """A custom field of ours.

    Attributes:
        length: characters of a text.
        unique: no two records may have the same; it is an external id then.
    """

    name: str
    label: str
    kind: Kind = "text"
    length: int = 255
    unique: bool = False


def own_name(name: str) -> str:
    """Give our custom field for a name: `back_ordered` is in `Crossdock_Back_Ordered__c`."""
    return f"Crossdock_{name.title()}__c"


def _of(type_: Kind, /, **labels: str) -> tuple[Field, ...]:
    return tuple(
        Field(name=own_name(name), label=label, kind=type_) for name, label in labels.items()
    )


_KEY = Field(name=KEY, label="Crossdock key", unique=True)
_EXTERNAL = Field(name=EXTERNAL_IDS, label="Ids in other systems", kind="long")
_PRICED: Final = (
    *_of(
        "text", pricing_status="Pricing", price_source="Priced by",
        trading_account="ERP customer of this document",
    ),
    *_of("datetime", priced_at="Priced at"),
    *_of("long", checks="What the checks said"),
    *_of("number", net="Net by the ERP", tax="Tax by the ERP", gross="Total by the ERP"),
)  # fmt: skip
_LINE: Final = (
    *_of("text", unit="Unit"),
    *_of("number", line="Line", unit_price="Unit price by the ERP", net="Net by the ERP"),
    *_of("date", promised_on="Promised on"),
)
_ACTIVITY: Final = (
    _KEY,
    *_of(
        "text", kind="What it is about", document_id="ERP document", actor="Who did it",
        order="Order of this timeline entry",
    ),
    *_of("datetime", at="Happened at", due_at="Due at", completed_at="Completed at"),
)  # fmt: skip

OWN: Final[Mapping[str, Sequence[Field]]] = {
    "Account": (
        _KEY,
        *_of("text", email="E-mail", tax_number="Tax number", currency="Currency"),
        _EXTERNAL,
    ),
    "Contact": (_KEY, _EXTERNAL),
    "Opportunity": (
        _KEY,
        *_of("date", contract_starts_on="Contract starts on"),
        *_of("checkbox", for_quote="Only holds a quote"),
    ),
    "Quote": (
        _KEY,
        *_PRICED,
        *_of("text", guard="Checked by Crossdock"),
        *_of("long", guard_reasons="Why it is held"),
    ),
    "QuoteLineItem": (
        *_LINE,
        *_of("text", price_rule="Price rule", price_source="Price from"),
        *_of("number", list_price="List price", tax_rate="Tax rate", tax="Tax by the ERP"),
    ),
    "Order": (
        _KEY,
        Field(name=own_name("erp_order"), label="Order in the ERP", unique=True),
        *_PRICED,
        *_of("text", status="Status", reference="Reference", ship_to_name="Ship to"),
        *_of("long", status_reason="Why it is held"),
        *_of("date", requested_on="Requested on", promised_on="Promised on"),
        _EXTERNAL,
    ),
    "OrderItem": (
        *_LINE,
        *_of("text", line_status="Status"),
        *_of(
            "number", discount="Discount", quote_line="Line of the quote", reserved="Reserved",
            back_ordered="Back-ordered", shipped="Shipped", invoiced="Invoiced",
            returned="Returned", cancelled="Cancelled",
        ),
    ),
    "Task": _ACTIVITY,
    "Event": _ACTIVITY,
}  # fmt: skip
"""Our fields by object, besides those of accounts that hold the numbers of ERP customers."""


def own(kind: str) -> tuple[str, ...]:
    """Name our fields of an object."""
    return tuple(each.name for each in OWN[kind])


def wanted(customer_numbers: Sequence[str]) -> dict[str, Sequence[Field]]:
    """Give all fields that an organization must have, by object.

    Args:
        customer_numbers: the fields of accounts that hold ERPs' customer numbers.
    """
    numbers = [
        Field(name=name, label="Customer number in the ERP", unique=True)
        for name in customer_numbers
    ]
    return {**OWN, "Account": (*numbers, *OWN["Account"])}
