"""Canonical records: what every connector speaks and every plugin sees.

All are attrs classes, frozen, slotted and keyword-only; amounts are `Money`, quantities and rates
`Decimal`, days `date`, instants aware UTC `datetime`. A sensitive field is `None` for those who may
not see it.
"""

from crossdock.records._fields import SENSITIVITIES, Sensitivity, sensitive, sensitivity
from crossdock.records.change import (
    Acknowledgement,
    Change,
    Document,
    DocumentChanged,
    Event,
    JobDue,
    OrderPromoted,
    Party,
    QuoteApproved,
    QuoteSaved,
    QuoteWritten,
    RecordChanged,
)
from crossdock.records.exchange import ExchangeRate
from crossdock.records.finance import (
    Application,
    CreditNote,
    CreditStatus,
    Invoice,
    InvoiceLine,
    Payment,
    PrintedInvoice,
)
from crossdock.records.fulfilment import Contract, Return, Shipment, ShipmentLine
from crossdock.records.item import Availability, Item, ListPrice, PriceList, Receipt
from crossdock.records.money import Money, minor_units
from crossdock.records.order_change import (
    LineChange,
    OrderChange,
    OrderChangeRequested,
    OrderChangeState,
)
from crossdock.records.party import (
    Account,
    AccountLink,
    Activity,
    Address,
    Case,
    Contact,
    TradingAccount,
    User,
)
from crossdock.records.pricing import (
    CreditOutcome,
    PricedLine,
    PriceRequest,
    PriceRequestLine,
    Pricing,
    TaxAmount,
    price_request,
)
from crossdock.records.sales import (
    Check,
    Opportunity,
    Order,
    OrderEvent,
    OrderLine,
    OrderStep,
    Quote,
    QuoteLine,
    Stage,
)
from crossdock.records.synchronising import Counterpart, SyncConflict, SyncPair, SyncWord

__all__ = [
    "SENSITIVITIES",
    "Account",
    "AccountLink",
    "Acknowledgement",
    "Activity",
    "Address",
    "Application",
    "Availability",
    "Case",
    "Change",
    "Check",
    "Contact",
    "Contract",
    "Counterpart",
    "CreditNote",
    "CreditOutcome",
    "CreditStatus",
    "Document",
    "DocumentChanged",
    "Event",
    "ExchangeRate",
    "Invoice",
    "InvoiceLine",
    "Item",
    "JobDue",
    "LineChange",
    "ListPrice",
    "Money",
    "Opportunity",
    "Order",
    "OrderChange",
    "OrderChangeRequested",
    "OrderChangeState",
    "OrderEvent",
    "OrderLine",
    "OrderPromoted",
    "OrderStep",
    "Party",
    "Payment",
    "PriceList",
    "PriceRequest",
    "PriceRequestLine",
    "PricedLine",
    "Pricing",
    "PrintedInvoice",
    "Quote",
    "QuoteApproved",
    "QuoteLine",
    "QuoteSaved",
    "QuoteWritten",
    "Receipt",
    "RecordChanged",
    "Return",
    "Sensitivity",
    "Shipment",
    "ShipmentLine",
    "Stage",
    "SyncConflict",
    "SyncPair",
    "SyncWord",
    "TaxAmount",
    "TradingAccount",
    "User",
    "minor_units",
    "price_request",
    "sensitive",
    "sensitivity",
]
