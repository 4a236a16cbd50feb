"""The services of SalesLogix's Back Office Extension: its options read, and its results written.

Names of options and properties are those of Infor's own mobile client
(`src/Integrations/BOE/PricingAvailabilityService.js` of Infor CRM Mobile): `serviceName` says what
is wanted, and `Children[].Properties` of the result is merged into the lines on the screen. What is
told besides in `document`, `account` and `items` spares asking SalesLogix, which waits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from attrs import frozen

from crossdock.host.asking.verdict import Verdict
from crossdock.records import Account, Availability, Money, Quote, QuoteLine

Wanted = Literal["totals", "lines", "availability"]
VALIDATING: Final = "validateOrderTotal"
_WANTED: Final[Mapping[str, Wanted]] = {
    "OrderTotal": "totals", "QuoteOrderTotal": "totals",
    "OrderLineTotal": "lines", "QuoteOrderLineTotal": "lines",
    "AvailableToPromise": "availability", "QuoteAvailableToPromise": "availability",
}  # fmt: skip
_HUNDRED: Final = Decimal(100)


class BadOptions(Exception):  # noqa: N818 - it says what the options are
    """The options cannot be read; the text says what is wrong with them."""


@frozen(kw_only=True)
class Asked:
    """What SalesLogix asks.

    Attributes:
        quote: the document that it is about, with the lines that are asked for.
        keys: SalesLogix's own keys of the lines, in their order; empty for one that has none yet.
        account: whose it is.
        is_order: whether it is a sales order, and not a quote.
    """

    wanted: Wanted
    quote: Quote
    keys: tuple[str, ...]
    account: Account
    is_order: bool


def read(service: str, options: str, *, erp: str, currency: str) -> Asked:
    """Read the options of a service.

    Args:
        service: its name.
        options: JSON in a text.
        erp: the ERP whose customer number an account's `ErpExtId` is.
        currency: of a document that names none.

    Raises:
        BadOptions: they are no JSON object, or lack what is needed.
    """
    try:
        given = json.loads(options, parse_float=Decimal)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise BadOptions("the options are a JSON object, written in a text")
    wanted: Wanted | None = "totals"
    if service != VALIDATING:
        wanted = _WANTED.get(str(given.get("serviceName")))
    if wanted is None:
        raise BadOptions(f"serviceName is one of {', '.join(_WANTED)}")
    document, whose = _part(given, "document"), _part(given, "account")
    items = given.get("items")
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise BadOptions("items is a list of lines")
    number = _text(whose, "ErpExtId")
    account = Account(
        id=_text(whose, "$key"),
        name=_text(whose, "AccountName"),
        external_ids={erp: number} if number else {},
    )
    unit = _text(document, "CurrencyCode") or currency
    return Asked(
        wanted=wanted,
        quote=Quote(
            id=_text(document, "$key"),
            account_id=account.id,
            currency=unit,
            lines=tuple(_line(place, each, unit) for place, each in enumerate(items, start=1)),
        ),
        keys=tuple(_text(each, "$key") for each in items),
        account=account,
        is_order=str(given.get("entityName")) == "SalesOrder",
    )


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = given.get(name)
    if not isinstance(part, dict):
        raise BadOptions(f"{name} is an object")
    return part


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _line(place: int, item: Mapping[str, Any], unit: str) -> QuoteLine:
    code = _text(item, "ActualID")
    if not code:
        raise BadOptions(f"line {place} names no ActualID")
    price = _number(item, "Price")
    return QuoteLine(
        number=place,
        item_id=code,
        quantity=_number(item, "Quantity") or Decimal(1),
        unit=_text(item, "UnitOfMeasure"),
        unit_price=None if price is None else Money(price, unit),
        discount_percent=(_number(item, "Discount") or Decimal(0)) * _HUNDRED,
    )


def _number(item: Mapping[str, Any], name: str) -> Decimal | None:
    value = item.get(name)
    if value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or isinstance(value, bool):
        raise BadOptions(f"{name} is a number, not {value!r}")
    return found


def refused(messages: Sequence[str]) -> str:
    """Write the result of what could not be answered."""
    return json.dumps({"Status": "Error", "Message": " ".join(messages)}, ensure_ascii=False)


def priced(asked: Asked, verdict: Verdict, base_currency: str) -> str:
    """Write the result of prices or totals, with what plugins told beside each line.

    Amounts are those of the document's currency (`Doc...`); without that word they are in
    SalesLogix's base currency, and are left out where it is another one: SalesLogix converts them.
    """
    quote: Quote = verdict.record
    base = quote.currency == base_currency
    told = _told(verdict)
    if asked.wanted == "totals":
        total = "OrderTotal" if asked.is_order else "Total"
        amounts = {total: quote.net, "GrandTotal": quote.gross}
        properties: dict[str, Any] = {
            **_amounts(amounts, base=base),
            "TaxTotal": _plain(quote.tax),
            "messageText": " ".join(told.get("", [])) or None,
        }
        children = [{"EntityId": quote.id, "Properties": properties}]
        children += _lines(asked, quote, told, base=base)
    else:
        children = _lines(asked, quote, told, base=base)
    return _result(children)


def _lines(
    asked: Asked, quote: Quote, told: Mapping[str, Sequence[str]], *, base: bool
) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for place, (key, line) in enumerate(zip(asked.keys, quote.lines, strict=True)):
        calculated = None
        if line.unit_price is not None:
            kept = 1 - line.discount_percent / _HUNDRED
            calculated = Money(line.unit_price.amount * kept, quote.currency)
        gross = None if line.net is None or line.tax is None else line.net + line.tax
        properties = {
            "ActualID": line.item_id,
            "Price": _plain(line.unit_price) if base else None,
            "Discount": float(line.discount_percent / _HUNDRED),
            **_amounts({"CalculatedPrice": calculated, "ExtendedPrice": line.net}, base=base),
            "DocTotalAmount": _plain(gross),
            "ErpPromisedDate": line.promised_on.isoformat() if line.promised_on else None,
            "messageText": " ".join([line.price_rule, *told.get(str(place), [])]).strip() or None,
        }
        lines.append({"EntityId": key, "Properties": properties})
    return lines


def available(asked: Asked, verdict: Verdict, stock: Sequence[Availability]) -> str:
    """Write the result of what can be promised, and when.

    The day that plugins promised for a line counts before the one that the ERP tells of its stock.
    """
    quote: Quote = verdict.record
    told = _told(verdict)
    children = []
    for place, (key, line, found) in enumerate(zip(asked.keys, quote.lines, stock, strict=True)):
        promised = line.promised_on or found.promised_on
        properties = {
            "ProductCode": line.item_id,
            "AvailableQuantity": float(found.available),
            "ATPDate": promised.isoformat() if promised else None,
            "ErrorCode": None,
            "messageText": " ".join(told.get(str(place), [])) or None,
        }
        children.append({"EntityId": key, "Properties": properties})
    return _result(children)


def _told(verdict: Verdict) -> dict[str, list[str]]:
    """Give what plugins told, by the place of the line, or under nothing for the whole."""
    found: dict[str, list[str]] = {}
    for finding in (*verdict.objections, *verdict.warnings, *verdict.notes):
        parts = finding.field.split(".")
        of_line = len(parts) > 1 and parts[0] == "lines" and parts[1].isdigit()
        found.setdefault(parts[1] if of_line else "", []).append(finding.message)
    return found


def _amounts(amounts: Mapping[str, Money | None], *, base: bool) -> dict[str, Any]:
    document = {f"Doc{name}": _plain(amount) for name, amount in amounts.items()}
    own = {name: _plain(amount) for name, amount in amounts.items()} if base else {}
    return {**own, **document}


def _plain(amount: Money | None) -> float | None:
    return None if amount is None else float(amount.amount)


def _result(children: Sequence[Mapping[str, Any]]) -> str:
    filled = [
        {**each, "Properties": {k: v for k, v in each["Properties"].items() if v is not None}}
        for each in children
    ]
    return json.dumps({"Status": "Ok", "Children": filled}, ensure_ascii=False)
