"""Opportunities, quotes and orders, as the CRM keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from crossdock.records._fields import sensitive, told
from crossdock.records.money import Money
from crossdock.records.party import Address


@frozen(kw_only=True)
class Stage:
    """A stage of the sales process. `probability` is a fraction: 0.2 is 20 %."""

    id: str
    name: str
    position: int
    kind: Literal["open", "won", "lost"]
    probability: Decimal
    forecast_category: str = ""


@frozen(kw_only=True)
class Opportunity:
    """A deal that may be won. Probability and category are those in force, overrides included."""

    id: str
    account_id: str
    name: str
    stage_id: str
    amount: Money
    probability: Decimal | None = None
    forecast_category: str = ""
    close_on: date | None = None
    contract_starts_on: date | None = None
    owner_id: str | None = None
    campaign_id: str | None = None
    created_at: datetime | None = None
    closed_at: datetime | None = None
    version: str | None = None


@frozen(kw_only=True)
class QuoteLine:
    """One line of a quote.

    Attributes:
        number: the line's number, from 1; it stays with the line through order, shipment, invoice.
        discount_percent: 5 means 5 %.
        net, tax: what the line comes to, as priced; `None` while unpriced.
        tax_rate: a fraction, 0.20 is 20 %.
        price_rule: which rule made the price, in words (`customer contract`, `list price`).
        price_source: the document or list behind the rule.
    """

    number: int
    item_id: str
    quantity: Decimal
    unit: str = ""
    description: str = ""
    list_price: Money | None = None
    unit_price: Money | None = None
    discount_percent: Decimal = Decimal(0)
    net: Money | None = None
    tax_rate: Decimal | None = None
    tax: Money | None = None
    price_rule: str = ""
    price_source: str = ""
    unit_cost: Money | None = sensitive("cost")
    promised_on: date | None = None


@frozen(kw_only=True)
class Check:
    """An answer of a guard that is kept on the quote, so that the next reader sees it too.

    Attributes:
        code: its first word says what the message is about. Where that is a sensitivity
            (`credit.over_limit`), or where there is none, who may not see such figures reads the
            message without them.
    """

    level: Literal["info", "warning", "error"]
    message: str = told("cost", "credit", "margin", subject="code")
    code: str = ""
    field: str = ""


QuoteStatus = Literal["draft", "sent", "accepted", "declined", "ordered"]
PricingStatus = Literal["unpriced", "priced", "unchecked"]


@frozen(kw_only=True)
class Quote:
    """An offer to an account.

    Attributes:
        id: empty for a quote that was never saved.
        trading_account: `system:customer` that the order would go to; empty means the default.
        pricing_status: `unchecked` when the ERP was away while a draft was saved (C7).
    """

    id: str
    account_id: str
    currency: str
    lines: tuple[QuoteLine, ...] = ()
    status: QuoteStatus = "draft"
    opportunity_id: str | None = None
    contact_id: str | None = None
    owner_id: str | None = None
    trading_account: str = ""
    valid_until: date | None = None
    net: Money | None = None
    tax: Money | None = None
    gross: Money | None = None
    pricing_status: PricingStatus = "unpriced"
    priced_at: datetime | None = None
    price_source: str = ""
    checks: tuple[Check, ...] = ()
    order_id: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    version: str | None = None


@frozen(kw_only=True)
class OrderLine:
    """One line of an order, with how far it has come; quantities in the item's unit.

    `quantity = cancelled + shipped + open` and `open = reserved + back_ordered`; `returned` never
    exceeds `shipped`.
    """

    number: int
    item_id: str
    quantity: Decimal
    unit: str = ""
    description: str = ""
    unit_price: Money | None = None
    discount_percent: Decimal = Decimal(0)
    net: Money | None = None
    reserved: Decimal = Decimal(0)
    back_ordered: Decimal = Decimal(0)
    shipped: Decimal = Decimal(0)
    invoiced: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    cancelled: Decimal = Decimal(0)
    promised_on: date | None = None
    quote_line: int | None = None


@frozen(kw_only=True)
class OrderStep:
    """One step of an order's life, as the system that owns the order recorded it.

    Attributes:
        event: what happened, in the system's own word (entered, approved, shipped, paid, ...).
        status: the order's status after it.
        document_id: the shipment, invoice, payment, ... behind it.
    """

    at: datetime
    event: str
    status: str
    actor: str = ""
    document_id: str = ""
    note: str = told("credit", default="")


@frozen(kw_only=True)
class Order:
    """An order: the CRM's, or the ERP's sales order.

    Attributes:
        system: the configured system that it was read from.
        reference: the caller's own key; in the ERP, the CRM order that it came from.
        customer_id: the ERP's customer number; empty on a CRM order that was not acknowledged.
        erp_system, erp_order_id: the ERP's order behind a CRM order, once it is acknowledged.
        status: draft, submitted, awaiting_approval, accepted, on_hold, rejected, possibly_created,
            confirmed, partly_shipped, shipped, partly_invoiced, invoiced, paid, cancelled,
            returned.
        pricing_status, priced_at, price_source, checks: as on a quote; a CRM's order only.
        history: what happened to it, oldest first; empty where it was read in a list, or where the
            system keeps none (a CRM's is its timeline, `CrmPort.order_events`).
    """

    id: str
    system: str
    currency: str
    account_id: str = ""
    customer_id: str = ""
    trading_account: str = ""
    reference: str = ""
    lines: tuple[OrderLine, ...] = ()
    status: str = "submitted"
    hold_reason: str = told("credit", default="")
    ordered_on: date | None = None
    requested_on: date | None = None
    promised_on: date | None = None
    ship_to: Address = field(factory=Address)
    net: Money | None = None
    tax: Money | None = None
    gross: Money | None = None
    pricing_status: PricingStatus = "unpriced"
    priced_at: datetime | None = None
    price_source: str = ""
    checks: tuple[Check, ...] = ()
    quote_id: str | None = None
    opportunity_id: str | None = None
    owner_id: str | None = None
    erp_system: str = ""
    erp_order_id: str = ""
    external_ids: Mapping[str, str] = field(factory=dict)
    history: tuple[OrderStep, ...] = ()
    created_at: datetime | None = None
    version: str | None = None


@frozen(kw_only=True)
class OrderEvent:
    """An entry of an order's timeline in the CRM.

    Attributes:
        key: unique on the order; adding the same key again changes nothing.
        kind: acknowledged, on_hold, released, shipped, invoiced, credited, paid, returned,
            cancelled, failed, note.
    """

    key: str
    at: datetime
    kind: str
    title: str
    text: str = told("credit", default="")
    document_id: str = ""
    actor: str = ""
