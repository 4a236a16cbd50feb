"""The business stories, each told as figures in words; nothing here knows which system it is on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from attrs import frozen
from tests.parity.houses import House

from crossdock.errors import NotSupported
from crossdock.records import Money, Order, OrderLine, PriceRequest, PriceRequestLine
from crossdock.views import Drill, Table

D = Decimal
NOT_KEPT = "not kept"
Figures = Iterator[tuple[str, str]]


@frozen
class Story:
    """One story.

    Attributes:
        name: a heading of the page.
        text: what happens, in a sentence.
        tell: plays it, and gives its figures.
    """

    name: str
    text: str
    tell: Callable[[House], Figures]


def _amount(value: Money | None) -> str:
    return "unknown" if value is None else f"{value.rounded().amount:f}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _known(read: Callable[[], str]) -> str:
    """Give a figure, or say that the system does not keep it."""
    try:
        return read()
    except NotSupported:
        return NOT_KEPT


# What is chosen among the company's records, the same for every system.


def _contract(house: House) -> dict[str, Any]:
    """A customer's own price that holds from a quantity on, of goods."""
    goods = {row["id"] for row in house.data.rows("items") if row["kind"] == "goods"}
    return next(
        row
        for row in house.data.rows("prices")
        if row["customer_id"] and row["min_quantity"] > 1 and row["item_id"] in goods
    )


def _buyer(house: House) -> str:
    """A customer with credit and without a hold, a price level or a price list."""
    return next(
        str(row["id"])
        for row in house.data.rows("customers")
        if not (row["on_hold"] or row["price_level"] or row["price_list_id"])
        and (row["credit_limit"] or 0) > 5000
    )


def _unlisted(house: House) -> list[dict[str, Any]]:
    """Goods that the buyer has at their list price."""
    buyer = _buyer(house)
    priced = {
        row["item_id"]
        for row in house.data.rows("prices")
        if row["customer_id"] == buyer or row["promotion"]
    }
    return [
        row
        for row in house.data.rows("items")
        if row["kind"] == "goods" and row["active"] and row["id"] not in priced
    ]


def _breaks(house: House) -> Figures:
    row = _contract(house)
    item, least = str(row["item_id"]), row["min_quantity"]
    quote = house.quote(str(row["customer_id"]), (item, least), (item, least - 1))
    many, few = quote.lines
    yield "unit price from the break on", _amount(many.unit_price)
    yield "unit price just below it", _amount(few.unit_price)
    yield "net of both lines", _amount(quote.net)


def _discount(house: House) -> Figures:
    goods = _unlisted(house)
    plain = goods[0]
    half, percent = next(
        (row, D(percent))
        for percent in range(1, 50)
        for row in goods
        if (exact := row["list_price"] * (100 - percent)) % 1 == D("0.5") and exact // 1 % 2 == 0
    )
    quote = house.quote(
        _buyer(house),
        (str(plain["id"]), D(10), D(10)),
        (str(half["id"]), D(1), percent),
    )
    yield "ten at 10 % off", _amount(quote.lines[0].net)
    yield f"one at {percent} % off, which leaves half a cent", _amount(quote.lines[1].net)


def _taxes(house: House) -> Figures:
    codes = {row["id"]: row["rate"] for row in house.data.rows("tax_codes")}
    items: dict[str, str] = {}
    for row in _unlisted(house):
        items.setdefault(row["tax_code"], str(row["id"]))
    chosen = sorted(items, key=lambda code: codes[code], reverse=True)
    quote = house.quote(_buyer(house), *((items[code], D(3)) for code in chosen))
    for code, line in zip(chosen, quote.lines, strict=True):
        rate = _plain(codes[code] * 100)
        yield f"at {rate} %: rate", f"{_plain((line.tax_rate or D(0)) * 100)} %"
        yield f"at {rate} %: net and tax", f"{_amount(line.net)} + {_amount(line.tax)}"
    yield "total", _amount(quote.gross)


def _rounding(house: House) -> Figures:
    def fits(row: dict[str, Any]) -> bool:
        left_over = row["list_price"] * 20 % 1
        return row["tax_code"] == "STD" and 0 < left_over < D("0.5") <= left_over * 3

    item = next(str(row["id"]) for row in _unlisted(house) if fits(row))
    quote = house.quote(_buyer(house), *((item, D(1)) for _ in range(3)))
    yield "net of three equal lines", _amount(quote.net)
    yield "VAT of the document", _amount(quote.tax)
    yield "total", _amount(quote.gross)


def _credit(house: House) -> Figures:
    customer = house.port.customer(_buyer(house))
    row = next(row for row in house.data.rows("customers") if row["id"] == customer.id)
    dear = max(_unlisted(house), key=lambda each: each["list_price"])
    item, price = str(dear["id"]), dear["list_price"]
    count = D(int(row["credit_limit"] * 2 / price))
    line = PriceRequestLine(number=1, item_id=item, quantity=count)
    priced = house.port.price(customer, PriceRequest(lines=(line,), currency="EUR"))
    yield "limit", _amount(house.port.customer(customer.id).credit_limit)
    yield (
        "what a draft of twice the limit is told",
        priced.credit.result if priced.credit else NOT_KEPT,
    )
    order = Order(
        id="R-over",
        system="crm",
        currency="EUR",
        reference="R-over",
        lines=(OrderLine(number=1, item_id=item, quantity=count, unit_price=Money(price, "EUR")),),
    )
    placed = house.host.erp.using("main").place_order(customer, order, idempotency_key="over")
    yield "and the order, placed all the same", placed.order.status


def _to_cash(house: House) -> Figures:
    customer = _buyer(house)
    goods = [row["item_id"] for row in house.data.rows("stock") if row["on_hand"] >= 40]
    first = str(goods[0])
    second = str(next(item for item in goods if item != first))
    quote = house.quote(customer, (first, D(10)), (second, D(4)))
    order = house.promote(quote)
    found = house.port.orders_by_reference(order.id)
    yield "orders of this quote", str(len(found))
    yield "status", order.status
    yield "total as ordered, against the quote", _same(order.gross, quote.gross)
    yield "ship a part", (house.play("ship_part", order) and NOT_KEPT) or _shipped(house, order)
    yield "status then", house.host.crm.order(order.id).status
    house.play("ship", order)
    yield "ship the rest", _shipped(house, order)
    house.play("invoice", order)
    invoices = house.port.invoices(house.port.customer(customer))
    yield "status when all is invoiced", house.host.crm.order(order.id).status
    total = sum((each.gross for each in invoices), Money.zero("EUR"))
    yield "invoiced, against the quote", _same(total, quote.gross)
    yield (
        "due after",
        ", ".join(
            sorted(
                {f"{(each.due_on - each.issued_on).days} days" for each in invoices if each.due_on}
            )
        ),
    )
    yield "open", _same(sum((each.open for each in invoices), Money.zero("EUR")), quote.gross)
    last = max(each.due_on for each in invoices if each.due_on)
    for label, days in (("not due yet", 0), ("10 days late", 10), ("100 days late", 100)):
        yield f"aging, {label}", _aging(house, customer, last + timedelta(days=days), quote.gross)
    house.play("pay", order)
    yield "status when it is paid", house.host.crm.order(order.id).status
    invoices = house.port.invoices(house.port.customer(customer))
    yield "open then", _amount(sum((each.open for each in invoices), Money.zero("EUR")))
    yield "payments", _known(lambda: _paid(house, customer, quote.gross))
    yield "balance", _amount(house.port.credit(house.port.customer(customer)).balance)


def _same(value: Money | None, expected: Money | None) -> str:
    return "the same" if value == expected else f"{_amount(value)}, not {_amount(expected)}"


def _shipped(house: House, order: Order) -> str:
    now = house.host.crm.order(order.id)
    return ", ".join(f"{_plain(line.shipped)} of {_plain(line.quantity)}" for line in now.lines)


def _paid(house: House, customer: str, gross: Money | None) -> str:
    found = house.port.payments(house.port.customer(customer))
    return _same(sum((each.amount for each in found), Money.zero("EUR")), gross)


def _aging(house: House, customer: str, as_of: Any, gross: Money | None) -> str:
    shown = house.host.render_tab(
        "erp-tabs/aging", house.account_of(customer), user="kim", params={"as_of": as_of}
    )
    assert shown.fault is None, shown.fault
    table = next(
        each
        for each in shown.view.components
        if isinstance(each, Table) and each.title.startswith("Aging")
    )
    (row,) = table.rows
    buckets = ("current", "1-30", "31-60", "61-90", "over 90")
    filled = [f"{name}: {_same(_shown(row[name]), gross)}" for name in buckets if _shown(row[name])]
    return ", ".join(filled) or "nothing"


def _shown(value: Any) -> Any:
    """Give the figure of a cell, which may lead to the documents behind it."""
    return value.value if isinstance(value, Drill) else value


STORIES = (
    Story("Price with a break", "A customer's own price holds from a quantity on.", _breaks),
    Story("Discount", "A salesperson gives 10 % on one line and 2 % on another.", _discount),
    Story("VAT by rate", "Three of an item of each tax code.", _taxes),
    Story("Rounding of VAT", "Three equal lines whose VAT has parts of a cent.", _rounding),
    Story("Quote to cash", "Ordered, shipped in two parts, invoiced, aged and paid.", _to_cash),
    Story("Credit", "An order of twice what the customer may owe.", _credit),
)
