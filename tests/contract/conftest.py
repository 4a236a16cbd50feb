"""What people enter in any CRM, and how far an order of theirs has come.

The CRM is the test's own: fixtures `port`, `account` (an id) and `kim` (a user's id) are its.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import Address, Check, Money, Order, OrderLine, Quote, QuoteLine

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def eur(amount):
    return Money(amount, "EUR")


@pytest.fixture
def draft(account, kim):
    """A quote with everything that a record can say of one."""
    return Quote(
        id="",
        account_id=account,
        currency="EUR",
        owner_id=kim,
        trading_account="main:C-10002",
        valid_until=date(2026, 12, 31),
        lines=(
            QuoteLine(
                number=1, item_id="BRG-1001", quantity=Decimal(3), unit="each",
                description="Bearing", list_price=eur("12.50"), unit_price=eur("11.00"),
                discount_percent=Decimal(5), net=eur("31.35"), tax_rate=Decimal("0.2"),
                tax=eur("6.27"), price_rule="customer contract", price_source="Contract 2026",
                promised_on=date(2026, 11, 24),
            ),
            QuoteLine(
                number=4, item_id="SEA-1001", quantity=Decimal("2.5"), unit="m",
                description="Seal", unit_price=eur("4.00"), net=eur("10.00"),
                tax_rate=Decimal("0.2"), tax=eur("2.00"),
            ),
        ),
        net=eur("41.35"),
        tax=eur("8.27"),
        gross=eur("49.62"),
        pricing_status="priced",
        priced_at=NOON,
        price_source="main",
        checks=(Check(level="warning", message="Short", code="stock.short", field="lines.0"),),
    )  # fmt: skip


@pytest.fixture
def order(port, draft):
    """An order that was just made of a quote."""
    return port.order_from_quote(port.save_quote(draft).id)


@pytest.fixture
def entered(draft):
    """An order as somebody enters it without a quote."""
    first = draft.lines[0]
    line = OrderLine(
        number=1, item_id=first.item_id, quantity=first.quantity, description="Bearing",
        unit_price=first.unit_price, discount_percent=first.discount_percent, net=first.net,
    )  # fmt: skip
    return Order(
        id="",
        system="crm",
        currency="EUR",
        account_id=draft.account_id,
        reference="desk-1",
        trading_account=draft.trading_account,
        requested_on=date(2026, 12, 1),
        ship_to=Address(street="Hafen 1", city="Kiel"),
        lines=(line,),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        pricing_status="priced",
        priced_at=NOON,
        price_source="main",
        checks=draft.checks,
        external_ids={"crossdock": "desk-1"},
    )


@pytest.fixture
def progress():
    """Say of an order that a part of it was shipped."""

    def said(order):
        line = evolve(
            order.lines[0],
            shipped=Decimal(1),
            reserved=Decimal(1),
            back_ordered=Decimal(1),
            promised_on=date(2026, 12, 1),
        )
        return evolve(
            order,
            status="partly_shipped",
            erp_system="main",
            erp_order_id="SO-900001",
            promised_on=date(2026, 12, 1),
            lines=(line, *order.lines[1:]),
        )

    return said


@pytest.fixture
def drained():
    """Read a feed to its end."""

    def read(port, cursor=None, limit=200):
        found = []
        while True:
            piece = port.changes(cursor, limit=limit)
            found += piece.changes
            cursor = piece.cursor
            if not piece.more:
                return found, cursor

    return read
