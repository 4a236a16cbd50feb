"""A draft as the ERP would invoice it: prices with their rules, tax per rate, credit outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from attrs import frozen

from crossdock.records._fields import sensitive, told
from crossdock.records.item import Availability
from crossdock.records.money import Money
from crossdock.records.sales import Order, OrderLine, Quote, QuoteLine


@frozen(kw_only=True)
class PriceRequestLine:
    """What to price. `discount_percent` is what the salesperson asks for, 5 means 5 %."""

    number: int
    item_id: str
    quantity: Decimal
    discount_percent: Decimal | None = None


@frozen(kw_only=True)
class PriceRequest:
    """A whole draft to be priced for one customer on one day."""

    lines: tuple[PriceRequestLine, ...]
    on: date | None = None
    currency: str | None = None


def price_request(document: Quote | Order, *, on: date) -> PriceRequest:
    """Ask what a quote or order would cost on a day.

    A line without a discount asks for none, which leaves the choice to the ERP's own rules.
    """
    lines: Sequence[QuoteLine | OrderLine] = document.lines
    return PriceRequest(
        lines=tuple(
            PriceRequestLine(
                number=line.number,
                item_id=line.item_id,
                quantity=line.quantity,
                discount_percent=line.discount_percent or None,
            )
            for line in lines
        ),
        on=on,
        currency=document.currency,
    )


@frozen(kw_only=True)
class PricedLine:
    """A line as the ERP prices it, with the rule and the source of the figure.

    Attributes:
        list_price: `None` where the item has none in the document's currency.
        availability: `None` for what is not kept in stock (a service, a charge).
    """

    number: int
    item_id: str
    quantity: Decimal
    list_price: Money | None
    unit_price: Money
    discount_percent: Decimal
    net: Money
    tax_code: str
    tax_rate: Decimal
    tax: Money
    rule: str
    source: str
    description: str = ""
    unit: str = ""
    unit_cost: Money | None = sensitive("cost")
    availability: Availability | None = None


@frozen(kw_only=True)
class TaxAmount:
    """Tax of one rate over the document; `rate` is a fraction."""

    code: str
    rate: Decimal
    base: Money
    tax: Money


@frozen(kw_only=True)
class CreditOutcome:
    """What this draft would do to the customer's credit.

    Attributes:
        result: `ok`, `over_limit`, or `on_hold`.
        exposure_after: exposure with the draft's gross added.
        over_by: how far above the limit; `None` when it is not.
    """

    result: Literal["ok", "over_limit", "on_hold"]
    exposure_after: Money | None = sensitive("credit")
    limit: Money | None = sensitive("credit")
    over_by: Money | None = sensitive("credit")
    reason: str = told("credit", default="")


@frozen(kw_only=True)
class Pricing:
    """The ERP's answer to a `PriceRequest`.

    Attributes:
        rounding: whether tax is rounded by `line` or by `document`.
        residue: what document rounding adds to the sum of the lines' taxes.
        tax_known: whether the ERP could say the tax; where it finds it only when it makes the
            document, `gross` is without what is missing.
    """

    customer_id: str
    system: str
    currency: str
    on: date
    lines: tuple[PricedLine, ...]
    taxes: tuple[TaxAmount, ...]
    net: Money
    tax: Money
    gross: Money
    rounding: Literal["line", "document"]
    residue: Money
    credit: CreditOutcome | None = None
    tax_known: bool = True
