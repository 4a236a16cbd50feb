"""Makers of small documents: only what a test is about needs to be written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock.records import (
    Application,
    CreditNote,
    Invoice,
    InvoiceLine,
    Item,
    Money,
    Order,
    OrderLine,
    Payment,
    PricedLine,
    Pricing,
    Quote,
    QuoteLine,
)


def euro(amount) -> Money:
    return Money(str(amount), "EUR")


def invoice(number, gross, posted_on, *, due_on=None, issued_on=None, applications=(), **more):
    currency = more.pop("currency", "EUR")
    gross = Money(str(gross), currency)
    return Invoice(
        id=number,
        system="main",
        customer_id="C-1",
        issued_on=issued_on or posted_on,
        posted_on=posted_on,
        due_on=due_on,
        currency=currency,
        net=more.pop("net", gross),
        tax=Money.zero(currency),
        gross=gross,
        open=Money(str(more.pop("open")), currency) if "open" in more else gross,
        applications=tuple(applications),
        **more,
    )


def credit_note(number, gross, posted_on, *, applications=(), **more):
    currency = more.pop("currency", "EUR")
    gross = Money(str(gross), currency)
    return CreditNote(
        id=number,
        system="main",
        customer_id="C-1",
        issued_on=posted_on,
        posted_on=posted_on,
        currency=currency,
        net=gross,
        tax=Money.zero(currency),
        gross=gross,
        open=more.pop("open", gross),
        applications=tuple(applications),
        **more,
    )


def payment(number, amount, received_on, *, applications=(), **more):
    amount = Money(str(amount), more.pop("currency", "EUR"))
    return Payment(
        id=number,
        system="main",
        customer_id="C-1",
        received_on=received_on,
        amount=amount,
        unapplied=more.pop("unapplied", amount),
        applications=tuple(applications),
        **more,
    )


def application(source_id, invoice_id, on, amount, currency="EUR"):
    return Application(
        source_id=source_id,
        invoice_id=invoice_id,
        applied_on=on,
        amount=Money(str(amount), currency),
    )


def billed(item_id, quantity, price, *, number=1, discount=0, currency="EUR", description=""):
    price = Money(str(price), currency)
    quantity, discount = Decimal(str(quantity)), Decimal(str(discount))
    return InvoiceLine(
        number=number,
        item_id=item_id,
        quantity=quantity,
        unit_price=price,
        discount_percent=discount,
        net=(price * quantity * (1 - discount / 100)).rounded(),
        description=description,
    )


def bill(number, on, *lines, maker=invoice):
    """An invoice of these lines, or with `credit_note` as its maker a credit note."""
    net = sum((line.net.amount for line in lines), start=Decimal(0))
    currency = lines[0].net.currency if lines else "EUR"
    return maker(number, net, on, lines=lines, line_count=len(lines), currency=currency)


def item(item_id, product_line="", *, list_price=None, cost=None, currency="EUR", **more):
    return Item(
        id=item_id,
        name=more.pop("name", f"Item {item_id}"),
        system="main",
        product_line=product_line,
        list_price=None if list_price is None else Money(str(list_price), currency),
        cost=None if cost is None else Money(str(cost), currency),
        **more,
    )


def order_line(number=1, quantity=10, **progress):
    promised_on = progress.pop("promised_on", None)
    net = progress.pop("net", None)
    return OrderLine(
        number=number,
        item_id=f"ITEM-{number}",
        quantity=Decimal(quantity),
        promised_on=promised_on,
        net=net,
        **{name: Decimal(value) for name, value in progress.items()},
    )


def order(number="SO-1", lines=(), ordered_on=date(2026, 1, 5), **more):
    return Order(
        id=number, system="main", currency="EUR", lines=tuple(lines), ordered_on=ordered_on, **more
    )


def quote(*lines, currency="EUR", **more):
    return Quote(id="Q-1", account_id="A-1", currency=currency, lines=lines, **more)


def quote_line(number=1, quantity=1, price=None, discount=0, tax_rate=None, **more):
    currency = more.pop("currency", "EUR")
    return QuoteLine(
        number=number,
        item_id=f"ITEM-{number}",
        quantity=Decimal(quantity),
        unit_price=None if price is None else Money(str(price), currency),
        discount_percent=Decimal(str(discount)),
        tax_rate=None if tax_rate is None else Decimal(str(tax_rate)),
        **more,
    )


def priced_line(number=1, quantity=1, price="10", discount=0, tax_rate="0.20", **more):
    price = euro(price)
    quantity = Decimal(quantity)
    discount = Decimal(str(discount))
    rate = Decimal(tax_rate)
    net = more.pop("net", (price * quantity * (1 - discount / 100)).rounded())
    return PricedLine(
        number=number,
        item_id=f"ITEM-{number}",
        quantity=quantity,
        list_price=price,
        unit_price=price,
        discount_percent=discount,
        net=net,
        tax_code="S",
        tax_rate=rate,
        tax=more.pop("tax", (net * rate).rounded()),
        rule=more.pop("rule", "list_price"),
        source=more.pop("source", ""),
        **more,
    )


def pricing(*lines, tax=None, rounding="line"):
    zero = euro(0)
    net = sum((line.net for line in lines), start=zero)
    tax_of_lines = sum((line.tax for line in lines), start=zero)
    tax = tax_of_lines if tax is None else tax
    return Pricing(
        customer_id="C-1",
        system="main",
        currency="EUR",
        on=date(2026, 11, 21),
        lines=lines,
        taxes=(),
        net=net,
        tax=tax,
        gross=net + tax,
        rounding=rounding,
        residue=tax - tax_of_lines,
    )


@pytest.fixture(scope="session")
def make():
    """Every maker, by its name."""
    return SimpleNamespace(
        euro=euro,
        invoice=invoice,
        credit_note=credit_note,
        payment=payment,
        application=application,
        bill=bill,
        billed=billed,
        item=item,
        order_line=order_line,
        order=order,
        quote=quote,
        quote_line=quote_line,
        priced_line=priced_line,
        pricing=pricing,
    )
