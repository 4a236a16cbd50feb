"""A draft priced by the ERP, onto its wire and from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, Literal

from crossdock.connectors.reading import (
    Row,
    currency,
    day,
    day_or_none,
    decimal,
    each,
    money,
    money_or_none,
    part,
    text,
    whole,
    word,
)
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.connectors.writing import number
from crossdock.records import (
    Availability,
    CreditOutcome,
    Money,
    PricedLine,
    PriceRequest,
    Pricing,
    TaxAmount,
)

_RULES: Final = {
    "promotion": "promotion",
    "contract": "customer contract",
    "price_list": "price list",
    "price_level": "price level",
    "list_price": "list price",
    "agreed": "agreed price",
    "imported": "imported price",
}
_RULE_WORDS: Final = frozenset(_RULES)
_BASES: Final = frozenset({"stock", "incoming", "lead_time", "not_stocked", "unknown"})
_ROUNDING: Final = frozenset({"line", "document"})
_OUTCOMES: Final = frozenset({"passed", "hold", "refuse"})
_REASONS: Final = frozenset({"credit_limit_exceeded", "customer_on_hold", "past_due"})


def request_body(customer_id: str, request: PriceRequest) -> dict[str, Any]:
    """Write what is to be priced; a discount that nobody asked for is left to the ERP's rules."""
    body: dict[str, Any] = {
        "customerId": customer_id,
        "lines": [
            {
                "line": line.number,
                "itemId": line.item_id,
                "quantity": number(line.quantity),
                **(
                    {}
                    if line.discount_percent is None
                    else {"discountPercent": number(line.discount_percent)}
                ),
            }
            for line in request.lines
        ],
    }
    if request.on is not None:
        body["priceOn"] = day_text(request.on)
    return body


def pricing(row: Row, system: str) -> Pricing:
    """Read the draft as the ERP would invoice it."""
    unit = currency(row)
    rounding, residue = part(
        row,
        "rounding",
        lambda told: (word(told, "mode", _ROUNDING), money(told, "residue", unit)),
    )
    return Pricing(
        customer_id=text(row, "customerId"),
        system=system,
        currency=unit,
        on=day(row, "priceOn"),
        lines=each(row, "lines", lambda line: _line(line, unit)),
        taxes=each(row, "taxes", lambda total: _tax(total, unit)),
        net=money(row, "net", unit),
        tax=money(row, "tax", unit),
        gross=money(row, "total", unit),
        rounding=rounding,
        residue=residue,
        credit=part(row, "credit", _credit),
    )


def _line(row: Row, unit: str) -> PricedLine:
    item_id, quantity = text(row, "itemId"), decimal(row, "quantity")
    return PricedLine(
        number=whole(row, "line"),
        item_id=item_id,
        quantity=quantity,
        unit=text(row, "unit"),
        description=text(row, "description"),
        list_price=money_or_none(row, "listPrice", unit),
        unit_price=money(row, "unitPrice", unit),
        discount_percent=decimal(row, "discountPercent"),
        net=money(row, "net", unit),
        tax_code=text(row, "taxCode"),
        tax_rate=decimal(row, "taxRate"),
        tax=money(row, "tax", unit),
        rule=_RULES[word(row, "priceRule", _RULE_WORDS)],
        source=part(row, "priceSource", lambda source: text(source, "name")),
        unit_cost=money_or_none(row, "unitCost", unit),
        availability=part(row, "stock", lambda stock: _availability(stock, item_id, quantity)),
    )


def _availability(row: Row, item_id: str, asked: Decimal) -> Availability | None:
    if word(row, "basis", _BASES) == "not_stocked":
        return None
    return Availability(
        item_id=item_id,
        asked=asked,
        on_hand=decimal(row, "onHand"),
        reserved=decimal(row, "reserved"),
        available=decimal(row, "available"),
        promised_on=day_or_none(row, "promisedOn"),
    )


def _tax(row: Row, unit: str) -> TaxAmount:
    return TaxAmount(
        code=text(row, "taxCode"),
        rate=decimal(row, "taxRate"),
        base=money(row, "base", unit),
        tax=money(row, "tax", unit),
    )


def _credit(row: Row) -> CreditOutcome:
    """Read the credit check's answer, in the bill-to customer's currency.

    Whether the ERP would hold the order or refuse it is its policy; our word is what is wrong:
    passing the limit, or else what keeps the customer from buying (on hold, past due).
    """
    unit = currency(row)
    outcome = word(row, "outcome", _OUTCOMES)
    reasons = each(
        row, "reasons", lambda told: (word(told, "code", _REASONS), text(told, "message"))
    )
    codes = {code for code, _ in reasons}
    result: Literal["ok", "over_limit", "on_hold"] = "on_hold"
    if outcome == "passed":
        result = "ok"
    elif "credit_limit_exceeded" in codes and "customer_on_hold" not in codes:
        result = "over_limit"
    left = money_or_none(row, "availableAfter", unit)
    return CreditOutcome(
        result=result,
        exposure_after=money(row, "exposureAfter", unit),
        limit=money_or_none(row, "creditLimit", unit),
        over_by=-left if left is not None and left < Money.zero(unit) else None,
        reason=" ".join(message for _, message in reasons),
    )
