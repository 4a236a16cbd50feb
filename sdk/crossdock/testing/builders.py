"""Records that read like sentences, for tests.

    a_quote("A-1001", of(3, "BRG-1001", at="10.00", less="5"), of(1, "HYD-1003"))
    an_account("Kraft & Sohn", kind="prospect", customer="C-10001")
    an_invoice("IN-1", to="C-10001", over="119.00", due="2026-10-01", paid="50.00")

What is left out is the simplest that makes sense. Every further field of the record may be given by
its own name. Amounts are decimals, integers or texts, never floats; days are dates or ISO texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from crossdock.records import (
    Account,
    Application,
    Change,
    Contact,
    Invoice,
    Money,
    Opportunity,
    Order,
    OrderLine,
    Payment,
    Quote,
    QuoteLine,
    Shipment,
    ShipmentLine,
    TradingAccount,
    User,
)

Amount = Decimal | int | str | Money
Day = date | str

EUR: Final = "EUR"
MAIN: Final = "main"
_DAY: Final = date(2026, 11, 20)


@frozen
class Goods:
    """So many of an item, at a price or at none: a line of whatever it is put into."""

    quantity: Decimal
    item_id: str
    at: Amount | None = None
    less: Decimal = Decimal(0)
    more: Mapping[str, Any] = {}


def of(
    quantity: Decimal | int | str,
    item_id: str,
    *,
    at: Amount | None = None,
    less: Decimal | int | str = 0,
    **fields: Any,
) -> Goods:
    """So many of an item.

    Args:
        quantity: in the item's unit.
        item_id: the item's code.
        at: the price of one; unpriced unless given.
        less: discount in percent.
        **fields: of the line that is made of it.
    """
    return Goods(Decimal(quantity), item_id, at, Decimal(less), fields)


def money(amount: Amount, currency: str = EUR) -> Money:
    """Give an amount of money; one that says its currency (`"10.00 GBP"`) keeps it."""
    if isinstance(amount, Money):
        return amount
    if isinstance(amount, str) and " " in amount.strip():
        number, _, currency = amount.strip().partition(" ")
        return Money(number.replace(",", ""), currency.strip())
    return Money(Decimal(amount), currency)


def a_user(name: str, *roles: str, **fields: Any) -> User:
    """Give a user of the CRM with roles; without any, nothing is allowed."""
    return User(**{"id": f"U-{name}", "name": name.capitalize(), "roles": roles, **fields})


def an_account(name: str, *, customer: str = "", **fields: Any) -> Account:
    """Give an account that was never saved; with `customer`, the ERP knows it by that number."""
    known = {MAIN: customer} if customer else {}
    return Account(**{"id": "", "name": name, "external_ids": known, **fields})


def a_contact(name: str, *, at: str, **fields: Any) -> Contact:
    """Give a contact that was never saved, at an account."""
    first, _, last = name.rpartition(" ")
    return Contact(**{"id": "", "account_id": at, "first_name": first, "last_name": last, **fields})


def a_customer(customer_id: str, *, system: str = MAIN, **fields: Any) -> TradingAccount:
    """Give a customer of an ERP."""
    values = {"id": customer_id, "system": system, "name": customer_id, "currency": EUR}
    return TradingAccount(**{**values, **fields})


def an_opportunity(
    name: str, *, account: str, worth: Amount = 1000, stage: str = "prospecting", **fields: Any
) -> Opportunity:
    """Give an opportunity that was never saved."""
    values = {"id": "", "name": name, "account_id": account, "stage_id": stage}
    return Opportunity(**{**values, "amount": money(worth), **fields})


def a_quote(account: str, *goods: Goods, currency: str = EUR, **fields: Any) -> Quote:
    """Give a draft that was never saved, with one line for each of the goods."""
    lines = tuple(_quote_line(number, each, currency) for number, each in enumerate(goods, 1))
    values = {"id": "", "account_id": account, "currency": currency, "lines": lines}
    return Quote(**{**values, **fields})


def an_order(
    account: str, *goods: Goods, currency: str = EUR, reference: str = "PO-1", **fields: Any
) -> Order:
    """Give an order that was entered in the CRM without a quote, and never saved."""
    lines = tuple(_order_line(number, each, currency) for number, each in enumerate(goods, 1))
    values = {"id": "", "system": "crm", "account_id": account, "currency": currency}
    return Order(**{**values, "lines": lines, "reference": reference, **fields})


def an_invoice(
    invoice_id: str,
    *,
    to: str,
    over: Amount,
    due: Day | None = None,
    issued: Day = _DAY,
    paid: Amount = 0,
    tax: Amount = 0,
    system: str = MAIN,
    **fields: Any,
) -> Invoice:
    """Give an ERP's invoice.

    Args:
        invoice_id: its number.
        to: the customer's number.
        over: what it comes to, tax included.
        due: the day when it is to be paid; thirty days after it was issued unless given.
        issued: the day on which it was issued and posted.
        paid: what was paid of it, on the day of issue.
        tax: the tax in it.
        system: the ERP's configured name.
        **fields: further fields of the record.
    """
    gross, issued_on = money(over), _day(issued)
    settled, taxes = money(paid, gross.currency), money(tax, gross.currency)
    applied = (
        (
            Application(
                source_id="PY-1", invoice_id=invoice_id, applied_on=issued_on, amount=settled
            ),
        )
        if settled
        else ()
    )
    values = {
        "id": invoice_id,
        "system": system,
        "customer_id": to,
        "issued_on": issued_on,
        "posted_on": issued_on,
        "due_on": issued_on + timedelta(days=30) if due is None else _day(due),
        "currency": gross.currency,
        "net": gross - taxes,
        "tax": taxes,
        "gross": gross,
        "open": gross - settled,
        "applications": applied,
    }
    return Invoice(**{**values, **fields})


def a_payment(
    payment_id: str, *, by: str, of_: Amount, on: Day = _DAY, system: str = MAIN, **fields: Any
) -> Payment:
    """Give money that an ERP received from a customer, applied to nothing."""
    amount = money(of_)
    values = {"id": payment_id, "system": system, "customer_id": by, "received_on": _day(on)}
    return Payment(**{**values, "amount": amount, "unapplied": amount, **fields})


def a_shipment(
    shipment_id: str,
    *goods: Goods,
    to: str,
    order: str = "",
    on: Day = _DAY,
    system: str = MAIN,
    **fields: Any,
) -> Shipment:
    """Give what an ERP shipped to a customer, of the lines of an order in their order."""
    lines = tuple(
        ShipmentLine(
            **{
                "number": number,
                "item_id": each.item_id,
                "quantity": each.quantity,
                "order_line": number,
                **each.more,
            }
        )
        for number, each in enumerate(goods, 1)
    )
    values = {"id": shipment_id, "system": system, "customer_id": to, "shipped_on": _day(on)}
    return Shipment(**{**values, "order_id": order, "lines": lines, **fields})


def a_change(
    entity: str, record_id: str, *, system: str = MAIN, action: str = "updated", **fields: Any
) -> Change:
    """Give an entry of a system's change feed, for an event that a test makes itself."""
    values = {"cursor": "1", "system": system, "entity": entity, "id": record_id}
    at = datetime.combine(_DAY, datetime.min.time(), UTC)
    return Change(**{**values, "action": action, "at": at, **fields})


def _day(given: Day) -> date:
    return given if isinstance(given, date) else date.fromisoformat(given)


def _quote_line(number: int, goods: Goods, currency: str) -> QuoteLine:
    line = QuoteLine(
        number=number,
        item_id=goods.item_id,
        quantity=goods.quantity,
        discount_percent=goods.less,
        unit_price=None if goods.at is None else money(goods.at, currency),
    )
    return evolve(line, **goods.more)


def _order_line(number: int, goods: Goods, currency: str) -> OrderLine:
    line = OrderLine(
        number=number,
        item_id=goods.item_id,
        quantity=goods.quantity,
        discount_percent=goods.less,
        unit_price=None if goods.at is None else money(goods.at, currency),
    )
    return evolve(line, **goods.more)
