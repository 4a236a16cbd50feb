"""The properties of our own that a portal must have, and those that are read.

HubSpot has no place for an ERP's customer number, for where a line's price came from or for how far
an order has come, and nothing of its own that is unique on an order. So a portal gets properties
for these, in a group "Crossdock" on each kind of object; `provisioning` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from attrs import frozen

from crossdock.connectors.hubspot.objects import KEY
from crossdock.connectors.vendor_crm.documents import ORDER_STATUSES, PRICING

GROUP: Final = "crossdock"
_FIELDS: Final = {
    "string": "text", "number": "number", "date": "date", "datetime": "date",
    "enumeration": "select", "long": "textarea",
}  # fmt: skip


@frozen(kw_only=True)
class Property:
    """A property of ours.

    Attributes:
        options: the words of an enumeration.
    """

    name: str
    label: str
    type: Literal["string", "number", "date", "datetime", "enumeration", "long"] = "string"
    unique: bool = False
    options: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """Write it as the portal is asked to make it."""
        body: dict[str, Any] = {
            "name": self.name,
            "label": self.label,
            "type": "string" if self.type == "long" else self.type,
            "fieldType": _FIELDS[self.type],
            "groupName": GROUP,
            "hasUniqueValue": self.unique,
        }
        if self.options:
            body["options"] = [
                {
                    "label": option.replace("_", " ").capitalize(),
                    "value": option,
                    "displayOrder": number,
                    "hidden": False,
                }
                for number, option in enumerate(self.options)
            ]
        return body


ACCOUNT_KINDS: Final = ("prospect", "customer", "partner", "former")
QUOTE_STATUSES: Final = ("draft", "sent", "accepted", "declined")

_key = Property(name=KEY, label="Crossdock key", unique=True)
_external = Property(name="crossdock_external_ids", label="Ids in other systems", type="long")
_pricing = (
    Property(name="crossdock_pricing_status", label="Pricing", type="enumeration", options=PRICING),
    Property(name="crossdock_priced_at", label="Priced at", type="datetime"),
    Property(name="crossdock_price_source", label="Priced by"),
    Property(name="crossdock_checks", label="What the checks said", type="long"),
    Property(name="crossdock_trading_account", label="ERP customer of this document"),
)


def _amounts(**labels: str) -> tuple[Property, ...]:
    return tuple(
        Property(name=f"crossdock_{name}", label=label, type="number")
        for name, label in labels.items()
    )


_ACTIVITY: Final = (
    _key,
    Property(name="crossdock_kind", label="What it is about"),
    Property(name="crossdock_title", label="Title"),
    Property(name="crossdock_document_id", label="ERP document"),
    Property(name="crossdock_actor", label="Who did it"),
)

OWN: Final[Mapping[str, Sequence[Property]]] = {
    "companies": (
        _key,
        Property(
            name="crossdock_kind", label="Kind of company", type="enumeration",
            options=ACCOUNT_KINDS,
        ),
        Property(name="crossdock_email", label="E-mail"),
        Property(name="crossdock_tax_number", label="Tax number"),
        Property(name="crossdock_currency", label="Currency"),
        _external,
    ),
    "contacts": (_key, _external),
    "products": (_key,),
    "deals": (
        _key,
        Property(name="crossdock_contract_starts_on", label="Contract starts on", type="date"),
        Property(name="crossdock_probability", label="Probability by hand", type="number"),
    ),
    "quotes": (
        _key,
        Property(
            name="crossdock_status", label="Answer of the customer", type="enumeration",
            options=QUOTE_STATUSES,
        ),
        *_pricing,
        *_amounts(net="Net by the ERP", tax="Tax by the ERP", gross="Total by the ERP"),
        Property(name="crossdock_order", label="Order that was made of it"),
        Property(
            name="crossdock_guard", label="Checked by Crossdock", type="enumeration",
            options=("clean", "held", "unchecked"),
        ),
        Property(name="crossdock_guard_reasons", label="Why it is held", type="long"),
    ),
    "line_items": (
        _key,
        Property(name="crossdock_unit", label="Unit"),
        Property(name="crossdock_price_rule", label="Price rule"),
        Property(name="crossdock_price_source", label="Price from"),
        Property(name="crossdock_promised_on", label="Promised on", type="date"),
        Property(name="crossdock_line_status", label="Status"),
        *_amounts(
            line="Line", quote_line="Line of the quote", list_price="List price",
            net="Net by the ERP", tax="Tax by the ERP", tax_rate="Tax rate", reserved="Reserved",
            back_ordered="Back-ordered", shipped="Shipped", invoiced="Invoiced",
            returned="Returned", cancelled="Cancelled",
        ),
    ),
    "orders": (
        _key,
        Property(name="crossdock_erp_order", label="Order in the ERP", unique=True),
        Property(
            name="crossdock_status", label="Status", type="enumeration", options=ORDER_STATUSES
        ),
        Property(name="crossdock_status_reason", label="Why it is held", type="long"),
        Property(name="crossdock_reference", label="Reference"),
        Property(name="crossdock_quote", label="Quote"),
        Property(name="crossdock_requested_on", label="Requested on", type="date"),
        Property(name="crossdock_promised_on", label="Promised on", type="date"),
        _external,
        *_pricing,
    ),
    "notes": _ACTIVITY,
    "tasks": _ACTIVITY,
    "calls": _ACTIVITY,
    "emails": _ACTIVITY,
    "meetings": _ACTIVITY,
}  # fmt: skip
"""Our properties by kind of object, besides those that hold the numbers of ERP customers."""


def own(kind: str) -> tuple[str, ...]:
    """Name our properties of a kind of object."""
    return tuple(each.name for each in OWN[kind])
